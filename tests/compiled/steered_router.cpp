#include "router.hpp"

template class pushgateway::http::router<pushgateway::test::steered_gateway, pushgateway::test::recording_logger>;
