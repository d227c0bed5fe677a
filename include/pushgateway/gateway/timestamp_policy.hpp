#pragma once

/// \file
/// What becomes of timestamps in pushes.

#include <cstdint>

namespace pushgateway {

/// What becomes of a push whose series carry timestamps.
enum class timestamp_policy : std::uint8_t {
    reject,  ///< it is inconsistent
    drop,    ///< it counts as if they had none
    keep,    ///< they are kept and shown
};

}  // namespace pushgateway
