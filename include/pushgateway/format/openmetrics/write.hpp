#pragma once

/// \file
/// Writing OpenMetrics 1.0.
///
/// LESS than the standard: no exemplars of native buckets. What a reader that goes by the standard refuses is left out:
/// exemplars whose labels are longer than 128 characters, invalid or there twice, those whose value is above their
/// bucket, and a unit that does not end the name.
///
/// DIFFERENT from it: the bounds of buckets and quantiles are spelled as in the text format, `le="1"` and not
/// `le="1.0"`, so that a series has the same labels whichever format it is scraped in. Those of gauge histograms, which
/// that format does not know, are spelled as Prometheus stores them from protobuf, `le="1.0"`. Values are written as
/// they were pushed, also where the standard knows no such: counters that are negative, histograms whose buckets are
/// not in order.

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include <pushgateway/format/openmetrics/exemplar_line.hpp>
#include <pushgateway/format/seconds.hpp>
#include <pushgateway/format/text/sample_writer.hpp>
#include <pushgateway/format/unit.hpp>
#include <pushgateway/model/metric.hpp>
#include <pushgateway/model/metric_family.hpp>

namespace pushgateway::format::openmetrics {

using format::counter_suffix;

/// What ends the names of an info's samples, but not that of the info.
inline constexpr std::string_view info_suffix = "_info";

/// What ends the names of samples that say since when a metric counts.
inline constexpr std::string_view created_suffix = "_created";

/// The last line of every exposition.
inline constexpr std::string_view end = "# EOF\n";

/// True for a family that is described as a counter: only those are whose name ends in `_total`, behind something.
[[nodiscard]] constexpr bool is_counter(model::metric_type type, std::string_view name) noexcept {
    return type == model::metric_type::counter && name.ends_with(counter_suffix) && name.size() > counter_suffix.size();
}

/// The kind of gauges that a family is described as: only those are infos whose name ends in `_info`, behind something.
[[nodiscard]] constexpr model::gauge_kind described_kind(model::metric_type type, model::gauge_kind kind,
                                                         std::string_view name) noexcept {
    bool const named_so = name.ends_with(info_suffix) && name.size() > info_suffix.size();
    bool const other = type != model::metric_type::gauge || (kind == model::gauge_kind::info && !named_so);
    return other ? model::gauge_kind::plain : kind;
}

/// The name under which a family is described.
[[nodiscard]] constexpr std::string_view described_name(std::string_view name, model::metric_type type,
                                                        model::gauge_kind kind = model::gauge_kind::plain) noexcept {
    if (is_counter(type, name)) name.remove_suffix(counter_suffix.size());
    if (described_kind(type, kind, name) == model::gauge_kind::info) name.remove_suffix(info_suffix.size());
    return name;
}

/// The name of a type.
[[nodiscard]] constexpr std::string_view type_name(model::metric_type type, std::string_view name,
                                                   model::gauge_kind kind = model::gauge_kind::plain) noexcept {
    if (type == model::metric_type::counter && !is_counter(type, name)) type = model::metric_type::untyped;
    return model::names_of(type, described_kind(type, kind, name)).openmetrics;
}

/// Appends the HELP line, if there is a help, the TYPE line of a family, and the UNIT line, if it has a unit that may
/// be shown.
inline void append_header(std::string& out, std::string_view name, std::optional<std::string_view> help,
                          model::metric_type type, std::string_view unit = {},
                          model::gauge_kind kind = model::gauge_kind::plain) {
    auto const described = described_name(name, type, kind);
    if (help) {
        out += "# HELP ";
        text::append_name(out, described);
        out += ' ';
        text::append_escaped(out, *help, true);
        out += '\n';
    }
    out += "# TYPE ";
    text::append_name(out, described);
    out += ' ';
    out += type_name(type, name, kind);
    out += '\n';
    if (described_kind(type, kind, name) != model::gauge_kind::plain) return;
    auto const shown = shown_unit(name, type, unit);
    if (shown.empty()) return;
    out += "# UNIT ";
    text::append_name(out, described);
    out += ' ';
    out += shown;
    out += '\n';
}

/// True if the lines of a metric are the same as in the text format.
[[nodiscard]] inline bool same_as_text(model::metric_type type, model::metric const& metric) noexcept {
    return metric.details == nullptr && !metric.timestamp_ms && type != model::metric_type::gauge_histogram;
}

namespace detail {

/// Writes the lines of one metric.
class metric_lines {
public:
    metric_lines(std::string& out, std::string_view name, model::metric_type type, model::metric const& metric,
                 bool created)
        : samples_(out, described_name(name, type), metric), type_(type), is_counter_(is_counter(type, name)) {
        if (metric.details == nullptr) return;
        exemplars_ = metric.details->exemplars;
        if (created && metric.details->created && is_moment(*metric.details->created)) {
            created_ = metric.details->created;
        }
    }

    void write(model::gauge const& g) { line({}, g.value); }
    void write(model::untyped const& u) { line({}, u.value); }

    void write(model::counter const& c) {
        if (!is_counter_) return line({}, c.value);
        samples_.sample(counter_suffix, c.value);
        end(exemplars_.empty() ? nullptr : exemplars_.data());
        write_created();
    }

    void write(model::summary const& s) {
        for (auto const& [rank, value] : s.quantiles) {
            samples_.sample({}, model::quantile_label, rank, value);
            end();
        }
        line("_sum", s.sum);
        line("_count", static_cast<double>(s.count));
        write_created();
    }

    template <class Count>
    void write(model::basic_histogram<Count> const& h) {
        constexpr auto infinity = std::numeric_limits<double>::infinity();
        exemplars_of_buckets exemplars(exemplars_);
        bool const of_gauges = type_ == model::metric_type::gauge_histogram;
        bool complete = false;
        for (std::size_t i = 0; i != h.buckets.size(); ++i) {
            auto const& [bound, count] = h.buckets[i];
            samples_.sample("_bucket", model::bucket_label, bound, static_cast<double>(count), of_gauges);
            auto const* const exemplar = exemplars.of(static_cast<std::uint32_t>(i));
            end(exemplar != nullptr && exemplar->value <= bound ? exemplar : nullptr);
            complete = complete || bound == infinity;
        }
        if (!complete) {
            samples_.sample("_bucket", model::bucket_label, infinity, static_cast<double>(h.count));
            end();
        }
        line(of_gauges ? "_gsum" : "_sum", h.sum);
        line(of_gauges ? "_gcount" : "_count", static_cast<double>(h.count));
        if (!of_gauges) write_created();
    }

    /// True if the name of some label had to be quoted.
    [[nodiscard]] bool quoted_label() const noexcept { return quoted_label_ || samples_.quoted_label(); }

private:
    void line(std::string_view suffix, double value) {
        samples_.sample(suffix, value);
        end();
    }

    void end(model::exemplar const* exemplar = nullptr) {
        auto& out = samples_.out();
        if (auto const& timestamp = samples_.metric().timestamp_ms) {
            out += ' ';
            append_milliseconds(out, *timestamp);
        }
        if (exemplar != nullptr && may_label_an_exemplar(exemplar->labels)) {
            quoted_label_ = append_exemplar(out, *exemplar) || quoted_label_;
        }
        out += '\n';
    }

    void write_created() {
        if (!created_) return;
        samples_.begin_sample(created_suffix);
        append_instant(samples_.out(), *created_);
        end();
    }

    text::sample_writer samples_;
    model::metric_type type_;
    bool is_counter_;
    std::span<model::exemplar const> exemplars_;
    std::optional<model::instant> created_;
    bool quoted_label_ = false;
};

}  // namespace detail

/// Appends the lines of one metric, as text::append_metric does, with its exemplars and, if `created` is true, the line
/// that says since when it counts. `type` is the one under which the family is described: an untyped family may have
/// counters. True if the name of some label had to be quoted.
inline bool append_metric(std::string& out, std::string_view name, model::metric_type type, model::metric const& metric,
                          bool created = true) {
    detail::metric_lines lines(out, name, type, metric, created);
    std::visit([&lines](auto const& value) { lines.write(value); }, metric.value);
    return lines.quoted_label();
}

/// Appends a family, header and metrics. One without metrics is nothing.
inline void append_family(std::string& out, model::metric_family const& family) {
    if (family.metrics.empty()) return;
    append_header(out, family.name, family.help, family.type, family.unit, family.kind);
    for (auto const& metric : family.metrics) append_metric(out, family.name, family.type, metric);
}

}  // namespace pushgateway::format::openmetrics
