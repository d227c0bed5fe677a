#include "router.hpp"

template class pushgateway::http::router<pushgateway::gateway>;
