#include "gateway.hpp"

template class pushgateway::basic_gateway<>;
template class pushgateway::basic_gateway<pushgateway::test::steered_policies>;
