#pragma once

/// \file
/// Which units of families are shown.

#include <algorithm>
#include <string_view>

#include <pushgateway/base/names.hpp>
#include <pushgateway/model/metric_family.hpp>

namespace pushgateway::format {

/// What ends the names of a counter's samples, but not that of the counter in OpenMetrics.
inline constexpr std::string_view counter_suffix = "_total";

/// True if the name of a family ends in this unit, behind an underscore.
[[nodiscard]] constexpr bool ends_in_unit(std::string_view name, std::string_view unit) noexcept {
    return name.size() > unit.size() && name.ends_with(unit) && name[name.size() - unit.size() - 1] == '_';
}

/// The unit that a scraper is shown for a family of this name; empty if none is. Prometheus refuses a whole scrape for
/// a unit that does not end the name, of a counter the name without its `_total`.
[[nodiscard]] constexpr std::string_view shown_unit(std::string_view name, model::metric_type type,
                                                    std::string_view unit) noexcept {
    if (unit.empty() || !std::ranges::all_of(unit, continues_metric_name)) return {};
    if (type == model::metric_type::counter && name.ends_with(counter_suffix)) {
        name.remove_suffix(counter_suffix.size());
    }
    return ends_in_unit(name, unit) ? unit : std::string_view();
}

}  // namespace pushgateway::format
