#pragma once

/// \file
/// Gateways that many tests use, compiled once for all of them.

#include <pushgateway/gateway/gateway.hpp>

#include "compiled/store.hpp"
#include "support/steered_policies.hpp"

namespace pushgateway::test {

using steered_gateway = basic_gateway<steered_policies>;

}  // namespace pushgateway::test

extern template class pushgateway::basic_gateway<>;
extern template class pushgateway::basic_gateway<pushgateway::test::steered_policies>;
