#pragma once

/// \file
/// The types of metric families, and the one table of what each format calls them.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

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

/// What a family of gauges is in OpenMetrics, which has types of their own for some. Elsewhere they are gauges.
enum class gauge_kind : std::uint8_t {
    plain,
    info,       ///< a text in labels; the value is 1 and the name ends in `_info`
    state_set,  ///< 1 for a state that holds, 0 for others; the label that is called like the family names the state
};

/// What a type is called.
struct type_names {
    metric_type type{};
    gauge_kind kind{};
    std::string_view text;         ///< on a TYPE line of the text format, which has no gauge histograms
    std::string_view openmetrics;  ///< on a TYPE line of OpenMetrics
    std::string_view upper_case;   ///< in protobuf and the JSON of all metrics
    std::string_view word;         ///< in files; the text format reads it, too
    std::string_view described;    ///< in messages
};

/// Every type by its number; behind them what OpenMetrics knows besides.
inline constexpr std::array<type_names, 8> all_type_names{{
    {metric_type::counter, gauge_kind::plain, "counter", "counter", "COUNTER", "counter", "counter"},
    {metric_type::gauge, gauge_kind::plain, "gauge", "gauge", "GAUGE", "gauge", "gauge"},
    {metric_type::summary, gauge_kind::plain, "summary", "summary", "SUMMARY", "summary", "summary"},
    {metric_type::untyped, gauge_kind::plain, "untyped", "unknown", "UNTYPED", "untyped", "untyped"},
    {metric_type::histogram, gauge_kind::plain, "histogram", "histogram", "HISTOGRAM", "histogram", "histogram"},
    {metric_type::gauge_histogram, gauge_kind::plain, "histogram", "gaugehistogram", "GAUGE_HISTOGRAM",
     "gauge_histogram", "gauge histogram"},
    {metric_type::gauge, gauge_kind::info, "gauge", "info", "GAUGE", "gauge", "gauge"},
    {metric_type::gauge, gauge_kind::state_set, "gauge", "stateset", "GAUGE", "gauge", "gauge"},
}};

/// How many types there are, which come first in the table.
inline constexpr std::size_t metric_types = 6;

/// What a type is called; for what is none, what untyped metrics are.
[[nodiscard]] constexpr type_names const& names_of(metric_type type, gauge_kind kind = gauge_kind::plain) noexcept {
    auto row = static_cast<std::size_t>(type);
    if (row >= metric_types) row = static_cast<std::size_t>(metric_type::untyped);
    if (type == metric_type::gauge && kind != gauge_kind::plain)
        row = metric_types - 1 + static_cast<std::size_t>(kind);
    return all_type_names[row];
}

/// The name as JSON and protobuf spell it: `COUNTER`, `GAUGE_HISTOGRAM`, …
[[nodiscard]] constexpr std::string_view upper_case_name(metric_type t) noexcept { return names_of(t).upper_case; }

/// True for the two types whose metrics have buckets.
[[nodiscard]] constexpr bool has_buckets(metric_type t) noexcept {
    return t == metric_type::histogram || t == metric_type::gauge_histogram;
}

}  // namespace pushgateway::model
