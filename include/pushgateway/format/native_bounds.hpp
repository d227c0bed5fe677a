#pragma once

/// \file
/// Between which bounds a native bucket counts.

#include <cmath>
#include <cstdint>
#include <limits>

namespace pushgateway::format {

/// The upper bound of the positive bucket at `index`: 2^(index / 2^schema). That of the last bucket for finite numbers
/// is the largest of these; behind it comes the one for infinity. `schema` is one that is known.
[[nodiscard]] inline double native_bound(std::int64_t index, std::int32_t schema) noexcept {
    auto const steps = schema < 0 ? 1 : std::int64_t{1} << schema;
    auto const power = schema < 0 ? index * (std::int64_t{1} << -schema) : index >> schema;
    auto const step = schema < 0 ? 0 : index & (steps - 1);
    constexpr std::int64_t most = 1024;
    if (power == most && step == 0) return std::numeric_limits<double>::max();
    // In more digits than a double has, so that the bound is the nearest double to the true one.
    auto const fraction = std::exp2(static_cast<long double>(step) / static_cast<long double>(steps));
    auto const bounded = power > most ? most : power < -2 * most ? -2 * most : power;
    return static_cast<double>(std::ldexp(fraction, static_cast<int>(bounded)));
}

}  // namespace pushgateway::format
