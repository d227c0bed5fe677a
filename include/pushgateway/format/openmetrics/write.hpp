#pragma once

/// \file
/// Writing OpenMetrics 1.0 where it differs from the text format 0.0.4: in the lines that describe a family, and at the
/// end. Sample lines are the same in both, as long as they have no timestamps.
///
/// LESS than the standard: no exemplars, no `_created`, no `# UNIT`, no info and state sets. DIFFERENT from it: the
/// bounds of buckets and quantiles are spelled as in the text format, `le="1"` and not `le="1.0"`, so that a series has
/// the same labels whichever format it is scraped in; a gauge histogram has `_sum` and `_count`.

#include <optional>
#include <string>
#include <string_view>

#include <pushgateway/format/text/write.hpp>
#include <pushgateway/model/metric_family.hpp>

namespace pushgateway::format::openmetrics {

/// What ends the names of a counter's samples, but not that of the counter.
inline constexpr std::string_view counter_suffix = "_total";

/// The last line of every exposition.
inline constexpr std::string_view end = "# EOF\n";

/// The name of a type. A counter whose name does not end in `_total` is no counter here.
[[nodiscard]] constexpr std::string_view type_name(model::metric_type type, std::string_view name) noexcept {
    switch (type) {
        case model::metric_type::counter: return name.ends_with(counter_suffix) ? "counter" : "unknown";
        case model::metric_type::gauge: return "gauge";
        case model::metric_type::summary: return "summary";
        case model::metric_type::untyped: return "unknown";
        case model::metric_type::histogram: return "histogram";
        case model::metric_type::gauge_histogram: return "gaugehistogram";
    }
    return "unknown";
}

/// Appends the HELP line, if there is a help, and the TYPE line of a family.
inline void append_header(std::string& out, std::string_view name, std::optional<std::string_view> help,
                          model::metric_type type) {
    auto const word = type_name(type, name);
    if (word == "counter") name.remove_suffix(counter_suffix.size());
    if (help) {
        out += "# HELP ";
        text::append_name(out, name);
        out += ' ';
        text::append_quotable(out, *help);
        out += '\n';
    }
    out += "# TYPE ";
    text::append_name(out, name);
    out += ' ';
    out += word;
    out += '\n';
}

}  // namespace pushgateway::format::openmetrics
