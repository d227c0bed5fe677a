#pragma once

/// \file
/// How the lines of one family look in an exposition.

#include <optional>
#include <string>
#include <string_view>

#include <pushgateway/format/line_format.hpp>
#include <pushgateway/format/openmetrics/write.hpp>
#include <pushgateway/format/plain_series.hpp>
#include <pushgateway/format/text/write.hpp>
#include <pushgateway/model/metric.hpp>
#include <pushgateway/model/metric_family.hpp>

namespace pushgateway {

/// The format, and what of it the other families leave.
struct line_style {
    line_format format = line_format::text;
    model::metric_type type = model::metric_type::untyped;  ///< as which the family is described
    bool created = false;  ///< with the lines that say since when a metric counts, in OpenMetrics
    model::gauge_kind kind = model::gauge_kind::plain;  ///< of gauges, in OpenMetrics
    /// Of a summary or histogram in OpenMetrics, if it has values that strict readers refuse there: as series of
    /// unknown type.
    format::series_part part = format::series_part::whole;

    /// The HELP line, if there is a help, the TYPE line, and in OpenMetrics the UNIT line.
    void append_header(std::string& out, std::string_view name, std::optional<std::string_view> help,
                       std::string_view unit = {}) const {
        if (format == line_format::text) return format::text::append_header(out, name, help, type);
        if (part == format::series_part::whole) {
            return format::openmetrics::append_header(out, name, help, type, unit, kind);
        }
        format::openmetrics::append_header(out, name_of_part(name), help, model::metric_type::untyped);
    }

    /// The lines of a metric.
    void append_metric(std::string& out, std::string_view name, model::metric const& metric) const {
        if (format == line_format::text) {
            format::text::append_metric(out, name, type, metric);
        } else if (part == format::series_part::whole) {
            format::openmetrics::append_metric(out, name, type, metric, created);
        } else {
            auto const shown = name_of_part(name);
            format::plain_series().for_each(metric, part, [&](model::metric const& series) {
                format::openmetrics::append_metric(out, shown, model::metric_type::untyped, series, false);
            });
        }
    }

    [[nodiscard]] std::string name_of_part(std::string_view name) const {
        return std::string(name).append(format::suffix_of(part, type));
    }

    /// True if the lines of metrics of a type are those that the format has by itself.
    [[nodiscard]] bool is_plain(model::metric_type of) const noexcept {
        return type == of && !created && part == format::series_part::whole;
    }
};

/// The style of a family. In OpenMetrics a counter is described without its `_total`, and with `created` it has samples
/// that end in `_created`, as have summaries and histograms: where `is_family(name)` says that another family is called
/// so, the counter is one of an unknown type, and without these samples. An info is described without its `_info`, or
/// is a gauge where that is the name of another family. Gauge histograms are histograms where another family is called
/// like their sum or count. With an `irregular` value a counter, summary or histogram is of an unknown type.
template <class IsFamily>
[[nodiscard]] line_style style_of(line_format format, std::string_view name, model::metric_type type,
                                  model::gauge_kind kind, bool created, bool irregular, IsFamily&& is_family) {
    using enum model::metric_type;
    line_style style{format, type};
    if (format == line_format::text) return style;
    auto const described = format::openmetrics::described_name(name, type, kind);
    auto const taken = [&](std::string_view suffix) {
        std::string other(described);
        other += suffix;
        return is_family(std::string_view(other));
    };
    if (type == gauge) {
        bool const clashes = described != name && (is_family(described) || taken(format::counter_suffix));
        if (!clashes) style.kind = kind;
        return style;
    }
    if (described != name && (irregular || is_family(described))) style.type = untyped;
    if (irregular && format::has_parts(type)) {
        style.part = format::series_part::points;
        return style;
    }
    if (type == gauge_histogram && (taken("_gsum") || taken("_gcount"))) style.type = histogram;
    if (!created || (type != counter && type != summary && type != histogram)) return style;
    style.created = !taken(format::openmetrics::created_suffix);
    return style;
}

}  // namespace pushgateway
