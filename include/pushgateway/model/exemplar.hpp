#pragma once

/// \file
/// What a metric may carry beside its value: exemplars, and the moment since which it counts.

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include <pushgateway/model/label.hpp>

namespace pushgateway::model {

/// A moment: seconds since the epoch, and nanoseconds on top, from 0 to 999,999,999.
struct instant {
    std::int64_t seconds = 0;
    std::int32_t nanos = 0;
    friend bool operator==(instant const&, instant const&) = default;
};

/// The most characters that the labels of an exemplar may have together in OpenMetrics, names and values.
inline constexpr std::size_t longest_exemplar = 128;

/// One observation that stands for many. A view, see metric.hpp.
struct exemplar {
    /// Belongs to no bucket, but to a counter or to the native buckets of a histogram.
    static constexpr std::uint32_t no_bucket = UINT32_MAX;

    std::uint32_t bucket = no_bucket;  ///< the position of its bucket in a classic histogram
    model::labels labels;
    double value = 0;
    std::optional<instant> time;

    friend bool operator==(exemplar const& a, exemplar const& b) noexcept {
        return a.bucket == b.bucket && std::ranges::equal(a.labels, b.labels) && a.time == b.time &&
               std::bit_cast<std::uint64_t>(a.value) == std::bit_cast<std::uint64_t>(b.value);
    }
};

/// The rest of a metric, which few have. A view, see metric.hpp.
struct metric_details {
    std::optional<instant> created;       ///< of a counter, summary or histogram
    std::span<exemplar const> exemplars;  ///< of a counter (at most one) or histogram

    friend bool operator==(metric_details const& a, metric_details const& b) noexcept {
        return a.created == b.created && std::ranges::equal(a.exemplars, b.exemplars);
    }
};

}  // namespace pushgateway::model
