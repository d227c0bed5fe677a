#include "store.hpp"

template class pushgateway::store::basic_store<>;
template class pushgateway::store::basic_store<pushgateway::test::steered_policies>;
