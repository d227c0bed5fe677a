#pragma once

/// \file
/// Values that are what their type calls for. Others are stored and shown in the text format as they were pushed;
/// formats whose readers would give up the whole exposition for one of them show their series one by one.

#include <cmath>
#include <limits>
#include <span>
#include <type_traits>
#include <variant>

#include <pushgateway/model/metric.hpp>

namespace pushgateway::format {

/// True if Prometheus can make custom buckets of the classic ones that it reads in a protobuf message: if they ascend,
/// their counts do not go down, and the last one says as much as the count. For others it drops the whole scrape.
template <class Count>
[[nodiscard]] bool converts(model::basic_histogram<Count> const& h) noexcept {
    auto before = -std::numeric_limits<double>::infinity();
    Count counted{};
    bool first = true;
    for (auto const& [bound, count] : h.buckets) {
        if (!(bound > before) && !(first && bound == before)) return false;
        if (!(count >= counted)) return false;
        before = bound;
        counted = count;
        first = false;
    }
    return before == std::numeric_limits<double>::infinity() ? h.count == counted : h.count >= counted;
}

namespace detail {

[[nodiscard]] inline bool is_whole(double value) noexcept { return std::trunc(value) == value && std::isfinite(value); }

}  // namespace detail

/// True if a value is what OpenMetrics demands of its type, so that strict readers take it: no counter, sum or count is
/// negative or no number, counts are whole, quantiles are from 0 to 1 with values that are not negative, buckets
/// ascend, are cumulative, and not below zero where there is a sum.
[[nodiscard]] inline bool is_regular(model::summary const& summary) noexcept {
    for (auto const& [rank, value] : summary.quantiles) {
        if (!(rank >= 0 && rank <= 1) || value < 0) return false;
    }
    return summary.sum >= 0;
}
template <class Count>
[[nodiscard]] bool is_regular(model::basic_histogram<Count> const& h) noexcept {
    if (!(h.sum >= 0) || !converts(h)) return false;
    if (!h.buckets.empty() && h.buckets.front().upper_bound < 0) return false;
    if constexpr (std::is_floating_point_v<Count>) {
        for (auto const& bucket : h.buckets) {
            if (!detail::is_whole(bucket.count)) return false;
        }
        return detail::is_whole(h.count);
    }
    return true;
}
[[nodiscard]] inline bool is_regular(model::metric_value const& value) noexcept {
    // Most values are plain: these cost a comparison.
    if (std::holds_alternative<model::gauge>(value)) return true;
    if (auto const* counter = std::get_if<model::counter>(&value)) return counter->value >= 0;
    if (auto const* summary = std::get_if<model::summary>(&value)) return is_regular(*summary);
    if (auto const* h = std::get_if<model::histogram>(&value)) return is_regular(*h);
    if (auto const* h = std::get_if<model::float_histogram>(&value)) return is_regular(*h);
    return true;
}

}  // namespace pushgateway::format
