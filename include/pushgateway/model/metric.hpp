#pragma once

/// \file
/// A metric: a label set and the value of one of the types of the Prometheus data model.
///
/// All types here are views: whoever produces a metric (a parser, the store, an embedder's own arrays) owns its bytes
/// and says how long they live.

#include <algorithm>
#include <bit>
#include <cstdint>
#include <optional>
#include <span>
#include <variant>

#include <pushgateway/model/exemplar.hpp>
#include <pushgateway/model/label.hpp>
#include <pushgateway/model/native_buckets.hpp>

namespace pushgateway::model {

namespace detail {
// Equality of stored values is equality of bits: NaN equals itself, and a round trip can be tested.
inline bool same(double a, double b) noexcept {
    return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b);
}
inline bool same(std::uint64_t a, std::uint64_t b) noexcept { return a == b; }
}  // namespace detail

struct counter {
    double value = 0;
    friend bool operator==(counter const& a, counter const& b) noexcept { return detail::same(a.value, b.value); }
};

struct gauge {
    double value = 0;
    friend bool operator==(gauge const& a, gauge const& b) noexcept { return detail::same(a.value, b.value); }
};

struct untyped {
    double value = 0;
    friend bool operator==(untyped const& a, untyped const& b) noexcept { return detail::same(a.value, b.value); }
};

/// One quantile of a summary: `rank` in [0, 1] by convention, though any float is stored.
struct quantile {
    double rank = 0;
    double value = 0;
    friend bool operator==(quantile const& a, quantile const& b) noexcept {
        return detail::same(a.rank, b.rank) && detail::same(a.value, b.value);
    }
};

struct summary {
    std::uint64_t count = 0;
    double sum = 0;
    std::span<quantile const> quantiles;  ///< in the order pushed
    friend bool operator==(summary const& a, summary const& b) noexcept {
        return a.count == b.count && detail::same(a.sum, b.sum) && std::ranges::equal(a.quantiles, b.quantiles);
    }
};

/// One bucket: how many observations were at most `upper_bound`. `Count` is an integer or, in a float histogram, a
/// double.
template <class Count>
struct basic_bucket {
    double upper_bound = 0;
    Count count = 0;
    friend bool operator==(basic_bucket const& a, basic_bucket const& b) noexcept {
        return detail::same(a.upper_bound, b.upper_bound) && detail::same(a.count, b.count);
    }
};

/// A histogram, classic, native or both; also the value of a gauge histogram.
template <class Count>
struct basic_histogram {
    Count count = 0;
    double sum = 0;
    std::span<basic_bucket<Count> const> buckets;         ///< cumulative, in the order pushed; `+Inf` may be missing
    basic_native_buckets<Count> const* native = nullptr;  ///< null: a classic histogram
    friend bool operator==(basic_histogram const& a, basic_histogram const& b) noexcept {
        return detail::same(a.count, b.count) && detail::same(a.sum, b.sum) &&
               std::ranges::equal(a.buckets, b.buckets) && (a.native == nullptr) == (b.native == nullptr) &&
               (a.native == nullptr || *a.native == *b.native);
    }
};

using native_buckets = basic_native_buckets<std::uint64_t>;
using float_native_buckets = basic_native_buckets<double>;

using bucket = basic_bucket<std::uint64_t>;
using float_bucket = basic_bucket<double>;
using histogram = basic_histogram<std::uint64_t>;
/// A histogram with at least one count that is not a whole number: then all its counts are doubles.
using float_histogram = basic_histogram<double>;

/// The value of a metric. Its alternative must fit the type of the family that holds it.
using metric_value = std::variant<counter, gauge, untyped, summary, histogram, float_histogram>;

/// One metric of a family: for a summary or histogram all its series together.
struct metric {
    model::labels labels;  ///< without `quantile` and `le`
    metric_value value;
    std::optional<std::int64_t> timestamp_ms = std::nullopt;  ///< as pushed; a push that carries one is refused
    metric_details const* details = nullptr;                  ///< null: none
};

/// Same labels in the same order, same value bit for bit, same timestamp, same details.
[[nodiscard]] inline bool operator==(metric const& a, metric const& b) noexcept {
    return std::ranges::equal(a.labels, b.labels) && a.value == b.value && a.timestamp_ms == b.timestamp_ms &&
           (a.details == nullptr) == (b.details == nullptr) && (a.details == nullptr || *a.details == *b.details);
}

}  // namespace pushgateway::model
