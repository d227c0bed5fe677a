#pragma once

/// \file
/// What a test wants to steer: the time, the check, and what is logged.

#include <pushgateway/base/clock.hpp>
#include <pushgateway/store/policies.hpp>

#include "support/recording_logger.hpp"

namespace pushgateway::test {

/// Policies of stores and gateways under test.
struct steered_policies : default_policies {
    using clock = manual_clock;
    using consistency = selectable;
    using logger = recording_logger;
};

}  // namespace pushgateway::test
