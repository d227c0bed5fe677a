#pragma once

/// \file
/// Stores that many tests use, compiled once for all of them.

#include <pushgateway/store/store.hpp>

#include "support/steered_policies.hpp"

extern template class pushgateway::store::basic_store<>;
extern template class pushgateway::store::basic_store<pushgateway::test::steered_policies>;
