#pragma once

/// \file
/// What native buckets mean: between which bounds each of them counts, and how much.

#include <cmath>
#include <cstdint>
#include <limits>
#include <type_traits>

#include <pushgateway/model/native_buckets.hpp>

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

/// Calls `visit(std::int64_t index, count)` for each bucket of one side, from zero outwards. `Count` is an integer or a
/// double. The buckets fit their spans.
template <class Count, class Number, class Visit>
void for_each_native_bucket(model::native_side<Number> const& side, Visit&& visit) {
    std::int64_t index = 0;
    std::int64_t sum = 0;
    auto number = side.buckets.begin();
    for (auto const& [offset, length] : side.spans) {
        index += offset;
        for (std::uint32_t i = 0; i != length && number != side.buckets.end(); ++i, ++index, ++number) {
            if constexpr (std::is_floating_point_v<Number>) {
                visit(index, static_cast<Count>(*number));
            } else {
                sum += *number;
                visit(index, static_cast<Count>(sum));
            }
        }
    }
}

}  // namespace pushgateway::format
