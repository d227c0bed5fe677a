#pragma once

/// \file
/// What a value and what comes with it must fulfil, whatever else is stored.

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include <pushgateway/base/limits.hpp>
#include <pushgateway/base/names.hpp>
#include <pushgateway/base/number.hpp>
#include <pushgateway/base/utf8.hpp>
#include <pushgateway/model/metric.hpp>
#include <pushgateway/model/native_rules.hpp>
#include <pushgateway/model/points.hpp>
#include <pushgateway/store/describe.hpp>

namespace pushgateway::store {

namespace detail {

template <class Point>
[[nodiscard]] std::optional<std::string> fault_of_points(std::span<Point const> points, std::string_view what,
                                                         std::string_view label) {
    auto const twice = model::repeated_bound(points);
    if (!twice) return std::nullopt;
    std::string out("has two ");
    out += what;
    out += " of the same bound: ";
    out += label;
    out += "=\"";
    append_float(out, *twice);
    return out + '"';
}

/// Why an exemplar cannot be shown: labels of it that are no UTF-8.
[[nodiscard]] inline std::optional<std::string> fault_of_exemplar(model::exemplar const& exemplar) {
    for (auto const& [name, value] : exemplar.labels) {
        auto const wrong = [&](std::string_view what) {
            return "has an exemplar with the label " + describe_name(name) + std::string(what);
        };
        if (!is_utf8_name(name)) return wrong(", whose name is empty, has a NUL or is not valid UTF-8");
        if (!valid_utf8(value)) return wrong(", whose value is not valid UTF-8");
        if (name.size() > longest_name || value.size() > longest_label_value) return wrong(", which is too long");
    }
    return std::nullopt;
}

}  // namespace detail

/// Why the points of a value cannot be told apart, as the rest of a sentence that begins with the series; or nothing.
[[nodiscard]] inline std::optional<std::string> fault_of_points(model::metric_value const& value) {
    return std::visit(
        []<class Value>(Value const& v) -> std::optional<std::string> {
            if constexpr (requires { v.quantiles; }) {
                return detail::fault_of_points(v.quantiles, "quantiles", model::quantile_label);
            } else if constexpr (requires { v.buckets; }) {
                return detail::fault_of_points(v.buckets, "buckets", model::bucket_label);
            } else {
                return std::nullopt;
            }
        },
        value);
}

/// Why a metric cannot even be stored, in the same words: Prometheus would drop the whole scrape that shows it.
[[nodiscard]] inline std::optional<std::string> fault_of_metric(model::metric const& metric) {
    if (metric.timestamp_ms && *metric.timestamp_ms < 0) {
        return "carries a timestamp before 1970, which the text format cannot show";
    }
    if (metric.details != nullptr) {
        for (auto const& exemplar : metric.details->exemplars) {
            if (auto fault = detail::fault_of_exemplar(exemplar)) return fault;
        }
    }
    if (auto const* h = std::get_if<model::histogram>(&metric.value)) return model::fault_of_native(*h);
    if (auto const* h = std::get_if<model::float_histogram>(&metric.value)) return model::fault_of_native(*h);
    return std::nullopt;
}

}  // namespace pushgateway::store
