#pragma once

/// \file
/// A metric family: all metrics of one name, with their type and help.

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include <pushgateway/model/metric.hpp>

namespace pushgateway::model {

/// The types of a family; the numbers are those of `io.prometheus.client.MetricType`.
enum class metric_type : std::uint8_t {
    counter = 0,
    gauge = 1,
    summary = 2,
    untyped = 3,
    histogram = 4,
    gauge_histogram = 5,
};

/// The name as JSON and protobuf spell it: `COUNTER`, `GAUGE_HISTOGRAM`, …
[[nodiscard]] constexpr std::string_view upper_case_name(metric_type t) noexcept {
    switch (t) {
        case metric_type::counter: return "COUNTER";
        case metric_type::gauge: return "GAUGE";
        case metric_type::summary: return "SUMMARY";
        case metric_type::untyped: return "UNTYPED";
        case metric_type::histogram: return "HISTOGRAM";
        case metric_type::gauge_histogram: return "GAUGE_HISTOGRAM";
    }
    return "UNTYPED";
}

/// True for the two types whose metrics have buckets.
[[nodiscard]] constexpr bool has_buckets(metric_type t) noexcept {
    return t == metric_type::histogram || t == metric_type::gauge_histogram;
}

/// What a family of gauges is in OpenMetrics, which has types of their own for some. Elsewhere they are gauges.
enum class gauge_kind : std::uint8_t {
    plain,
    info,       ///< a text in labels; the value is 1 and the name ends in `_info`
    state_set,  ///< 1 for a state that holds, 0 for others; the label that is called like the family names the state
};

/// A family and its metrics. A view, see metric.hpp.
struct metric_family {
    std::string_view name;
    std::optional<std::string_view> help;  ///< no help is not the same as an empty one
    metric_type type = metric_type::untyped;
    std::span<metric const> metrics;
    std::string_view unit = {};           ///< such as `seconds`; empty: none is known
    gauge_kind kind = gauge_kind::plain;  ///< of gauges
};

[[nodiscard]] inline bool operator==(metric_family const& a, metric_family const& b) noexcept {
    return a.name == b.name && a.help == b.help && a.type == b.type && std::ranges::equal(a.metrics, b.metrics) &&
           a.unit == b.unit && a.kind == b.kind;
}

}  // namespace pushgateway::model
