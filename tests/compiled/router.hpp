#pragma once

/// \file
/// Routers over the gateways of gateway.hpp, compiled once for all tests.

#include <pushgateway/http/router.hpp>

#include "compiled/gateway.hpp"
#include "support/recording_logger.hpp"

extern template class pushgateway::http::router<pushgateway::gateway>;
extern template class pushgateway::http::router<pushgateway::test::steered_gateway,
                                                pushgateway::test::recording_logger>;
