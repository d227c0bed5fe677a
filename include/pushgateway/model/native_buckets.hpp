#pragma once

/// \file
/// The native buckets of a histogram: exponential ones, of which only those around observations are there.

#include <algorithm>
#include <bit>
#include <cstdint>
#include <span>
#include <type_traits>

namespace pushgateway::model {

/// The lowest and the highest resolution: a power of two has 2^schema buckets.
inline constexpr std::int32_t lowest_schema = -4;
inline constexpr std::int32_t highest_schema = 8;

/// A run of neighbouring buckets.
struct bucket_span {
    std::int32_t offset = 0;   ///< how many buckets are left out since the run before; of the first one, its place
    std::uint32_t length = 0;  ///< how many buckets there are
    friend bool operator==(bucket_span const&, bucket_span const&) = default;
};

/// What one side of a histogram, negative or positive, has observed. `Number` is what a bucket holds: in a histogram of
/// integers the difference to the bucket before, in one of floats its count.
template <class Number>
struct native_side {
    std::span<bucket_span const> spans;
    std::span<Number const> buckets;  ///< as many as the spans have together

    friend bool operator==(native_side const& a, native_side const& b) noexcept {
        return std::ranges::equal(a.spans, b.spans) && std::ranges::equal(a.buckets, b.buckets, [](Number x, Number y) {
                   return std::bit_cast<std::uint64_t>(x) == std::bit_cast<std::uint64_t>(y);
               });
    }
};

/// All native buckets of a histogram. A view, see metric.hpp.
template <class Count>
struct basic_native_buckets {
    using number = std::conditional_t<std::is_floating_point_v<Count>, double, std::int64_t>;

    std::int32_t schema = 0;
    double zero_threshold = 0;  ///< what is at most so far from zero is in the zero bucket
    Count zero_count = 0;
    native_side<number> negative;
    native_side<number> positive;

    friend bool operator==(basic_native_buckets const& a, basic_native_buckets const& b) noexcept {
        return a.schema == b.schema &&
               std::bit_cast<std::uint64_t>(a.zero_threshold) == std::bit_cast<std::uint64_t>(b.zero_threshold) &&
               std::bit_cast<std::uint64_t>(a.zero_count) == std::bit_cast<std::uint64_t>(b.zero_count) &&
               a.negative == b.negative && a.positive == b.positive;
    }
};

}  // namespace pushgateway::model
