#pragma once

/// \file
/// A metric family: all metrics of one name, with their type and help.

#include <algorithm>
#include <optional>
#include <span>
#include <string_view>

#include <pushgateway/model/metric.hpp>
#include <pushgateway/model/metric_type.hpp>

namespace pushgateway::model {

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
