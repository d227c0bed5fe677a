#pragma once

/// \file
/// What one series must fulfil by itself, whatever else is stored.

#include <cassert>
#include <cmath>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include <pushgateway/base/limits.hpp>
#include <pushgateway/base/names.hpp>
#include <pushgateway/base/utf8.hpp>
#include <pushgateway/model/grouping_key.hpp>
#include <pushgateway/model/metric.hpp>
#include <pushgateway/model/metric_family.hpp>
#include <pushgateway/store/describe.hpp>

namespace pushgateway::store {

namespace detail {

[[nodiscard]] constexpr bool is_reserved(std::string_view name) noexcept {
    return name.size() > 1 && name[0] == '_' && name[1] == '_';
}

/// True for a label like most, which has none of the faults below. `legacy`: whether its name is in the legacy set.
[[nodiscard]] inline bool is_plain(std::string_view name, std::string_view value, bool legacy) noexcept {
    return legacy && !is_reserved(name) && name.size() <= longest_name && value.size() <= longest_label_value &&
           valid_utf8(value);
}

[[nodiscard]] inline std::optional<std::string> fault_of_label(std::string_view name, std::string_view value) {
    if (name.empty()) return "has a label without a name";
    if (is_reserved(name)) return "has the label " + describe_name(name) + ": names that begin with __ are reserved";
    auto const wrong = [name](std::string_view what) {
        return "has the label " + describe_name(name) + std::string(what);
    };
    if (!valid_utf8(name)) return wrong(", whose name is not valid UTF-8");
    if (name.contains('\0')) return wrong(", whose name has a NUL");
    if (!valid_utf8(value)) return wrong(", whose value is not valid UTF-8");
    if (name.size() > longest_name) return wrong(", whose name is longer than Prometheus can hold");
    if (value.size() > longest_label_value) return wrong(", whose value is longer than Prometheus can hold");
    return std::nullopt;
}

}  // namespace detail

/// The label that tells the quantiles or the buckets of a metric apart; empty for types that have none. No such metric
/// may have it by itself.
[[nodiscard]] constexpr std::string_view point_label(model::metric_type type) noexcept {
    if (type == model::metric_type::summary) return model::quantile_label;
    return model::has_buckets(type) ? model::bucket_label : std::string_view();
}

/// Why no scrape may show a series with these labels, as the rest of a sentence that begins with the series; or
/// nothing. `labels` is sorted by name. `known_legacy`: their names are known to be legacy names. `beyond_legacy`
/// becomes true if one is none.
[[nodiscard]] inline std::optional<std::string> fault_of_labels(model::labels labels, model::metric_type type,
                                                                bool known_legacy, bool& beyond_legacy) {
    auto const point = point_label(type);
    for (std::size_t i = 0; i != labels.size(); ++i) {
        auto const& [name, value] = labels[i];
        assert(!known_legacy || is_legacy_label_name(name));
        bool const legacy = known_legacy || is_legacy_label_name(name);
        beyond_legacy = beyond_legacy || !legacy;
        if (!detail::is_plain(name, value, legacy)) {
            if (auto fault = detail::fault_of_label(name, value)) return fault;
        }
        if (i != 0 && name == labels[i - 1].name) return "has the label " + describe_name(name) + " twice";
        if (name == point) {
            return type == model::metric_type::summary
                       ? "is a summary and has the label quantile, which names its quantiles"
                       : "is a histogram and has the label le, which names its buckets";
        }
    }
    return std::nullopt;
}

[[nodiscard]] inline std::optional<std::string> fault_of_labels(model::labels labels, model::metric_type type) {
    bool ignored = false;
    return fault_of_labels(labels, type, false, ignored);
}

/// As above, for the labels of a grouping key.
[[nodiscard]] inline std::optional<std::string> fault_of_key(model::grouping_key const& key) {
    for (auto const& [name, value] : key.pairs()) {
        if (detail::is_plain(name, value, is_legacy_label_name(name))) continue;
        if (auto fault = detail::fault_of_label(name, value)) return fault;
    }
    return std::nullopt;
}

/// True if the alternative of `value` is one that a family of type `type` holds.
[[nodiscard]] constexpr bool value_fits(model::metric_value const& value, model::metric_type type) noexcept {
    switch (type) {
        case model::metric_type::counter: return std::holds_alternative<model::counter>(value);
        case model::metric_type::gauge: return std::holds_alternative<model::gauge>(value);
        case model::metric_type::untyped: return std::holds_alternative<model::untyped>(value);
        case model::metric_type::summary: return std::holds_alternative<model::summary>(value);
        case model::metric_type::histogram:
        case model::metric_type::gauge_histogram:
            return std::holds_alternative<model::histogram>(value) ||
                   std::holds_alternative<model::float_histogram>(value);
    }
    return false;
}

/// The number of series that Prometheus makes of a metric: lines in the text format.
[[nodiscard]] constexpr std::size_t series_of(model::metric_value const& value) noexcept {
    return std::visit(
        []<class Value>(Value const& v) -> std::size_t {
            if constexpr (requires { v.quantiles; }) {
                return v.quantiles.size() + 2;
            } else if constexpr (requires { v.buckets; }) {
                bool infinite = false;
                for (auto const& bucket : v.buckets)
                    infinite = infinite || (std::isinf(bucket.upper_bound) && bucket.upper_bound > 0);
                return v.buckets.size() + (infinite ? 2 : 3);
            } else {
                return 1;
            }
        },
        value);
}

}  // namespace pushgateway::store
