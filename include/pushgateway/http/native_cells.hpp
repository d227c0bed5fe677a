#pragma once

/// \file
/// The native buckets of a histogram as JSON.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <pushgateway/base/number.hpp>

namespace pushgateway::http::detail {

struct native_cell {
    double low;
    double high;
    double count;
};

/// The upper bound of the bucket at a place: 2^(place / 2^schema).
[[nodiscard]] inline double native_bound(std::int32_t schema, std::int64_t place) noexcept {
    return std::exp2(std::ldexp(static_cast<double>(place), -schema));
}

/// The buckets of one side that hold something, away from zero. `Side` has spans, each with the places left out before
/// it and its length, and buckets: counts, or, if they are integers, what each has more than the one before.
template <class Side>
[[nodiscard]] std::vector<native_cell> cells_of(Side const& side, std::int32_t schema) {
    std::vector<native_cell> out;
    std::int64_t place = 0;
    std::size_t next = 0;
    double count = 0;
    for (auto const& span : side.spans) {
        place += span.offset;
        for (std::uint32_t i = 0; i != span.length && next != side.buckets.size(); ++i, ++place) {
            auto const number = side.buckets[next++];
            count = static_cast<double>(number) + (std::is_integral_v<decltype(number)> ? count : 0);
            if (count == 0) continue;
            out.push_back({native_bound(schema, place - 1), native_bound(schema, place), count});
        }
    }
    return out;
}

/// Appends `,"cells":[["low","high","count"],…]`: every native bucket that holds something, from low to high. `Native`
/// has schema, zero_threshold, zero_count, negative and positive, named as in the protobuf message.
template <class Native>
void append_native_cells(std::string& out, Native const& native) {
    auto cells = cells_of(native.negative, native.schema);
    std::ranges::reverse(cells);
    for (auto& cell : cells) cell = {-cell.high, -cell.low, cell.count};
    if (native.zero_count != 0) {
        cells.push_back({-native.zero_threshold, native.zero_threshold, static_cast<double>(native.zero_count)});
    }
    std::ranges::copy(cells_of(native.positive, native.schema), std::back_inserter(cells));
    out += R"(,"cells":[)";
    bool begun = false;
    for (auto const& [low, high, count] : cells) {
        out += std::exchange(begun, true) ? ",[\"" : "[\"";
        append_go_value(out, low);
        out += "\",\"";
        append_go_value(out, high);
        out += "\",\"";
        append_go_value(out, count);
        out += "\"]";
    }
    out += ']';
}

}  // namespace pushgateway::http::detail
