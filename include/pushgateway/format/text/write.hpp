#pragma once

/// \file
/// Writing the text exposition format 0.0.4, byte for byte as the original writes it.
///
/// Names beyond the legacy set are quoted, and a metric's then stands inside the braces: what a reader wants who asked
/// for `escaping=allow-utf-8`. For others, names are escaped before they come here. One difference: a label name with a
/// colon is quoted too, since no reader takes it otherwise.

#include <array>
#include <charconv>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include <pushgateway/format/text/metric_type_name.hpp>
#include <pushgateway/format/text/sample_writer.hpp>
#include <pushgateway/model/metric_family.hpp>

namespace pushgateway::format::text {

namespace detail {

/// Writes the lines of one metric.
class metric_lines {
public:
    metric_lines(std::string& out, std::string_view family, model::metric const& metric)
        : samples_(out, family, metric) {}

    void line(std::string_view suffix, double value) {
        samples_.sample(suffix, value);
        end();
    }

    /// A line with one label more, whose value is a number.
    void line(std::string_view suffix, std::string_view label, double bound, double value) {
        samples_.sample(suffix, label, bound, value);
        end();
    }

    /// True if the name of some label had to be quoted.
    [[nodiscard]] bool quoted_label() const noexcept { return samples_.quoted_label(); }

private:
    void end() {
        if (auto const& timestamp = samples_.metric().timestamp_ms) {
            std::array<char, 20> digits;  // of the longest int64, with its sign
            auto const stop = std::to_chars(digits.data(), digits.data() + digits.size(), *timestamp).ptr;
            samples_.out() += ' ';
            samples_.out().append(digits.data(), stop);
        }
        samples_.out() += '\n';
    }

    sample_writer samples_;
};

inline void write_value(metric_lines& out, model::counter const& c) { out.line({}, c.value); }
inline void write_value(metric_lines& out, model::gauge const& g) { out.line({}, g.value); }
inline void write_value(metric_lines& out, model::untyped const& u) { out.line({}, u.value); }

inline void write_value(metric_lines& out, model::summary const& s) {
    for (auto const& q : s.quantiles) out.line({}, model::quantile_label, q.rank, q.value);
    out.line("_sum", s.sum);
    out.line("_count", static_cast<double>(s.count));
}

template <class Count>
void write_value(metric_lines& out, model::basic_histogram<Count> const& h) {
    constexpr auto infinity = std::numeric_limits<double>::infinity();
    bool complete = false;
    for (auto const& b : h.buckets) {
        out.line("_bucket", model::bucket_label, b.upper_bound, static_cast<double>(b.count));
        complete |= b.upper_bound == infinity;
    }
    if (!complete) out.line("_bucket", model::bucket_label, infinity, static_cast<double>(h.count));
    out.line("_sum", h.sum);
    out.line("_count", static_cast<double>(h.count));
}

}  // namespace detail

/// Appends the HELP line, if there is a help, and the TYPE line of a family.
inline void append_header(std::string& out, std::string_view name, std::optional<std::string_view> help,
                          model::metric_type type) {
    if (help) {
        out += "# HELP ";
        append_name(out, name);
        out += ' ';
        append_escaped(out, *help, false);
        out += '\n';
    }
    out += "# TYPE ";
    append_name(out, name);
    out += ' ';
    out += type_name(type);
    out += '\n';
}

/// Appends the lines of one metric: quantiles or buckets in their order, with a bucket `+Inf` added if there is none,
/// then sum and count. The value decides how; it must fit the type of the family. True if the name of some label had to
/// be quoted.
inline bool append_metric(std::string& out, std::string_view family_name, model::metric_type,
                          model::metric const& metric) {
    detail::metric_lines lines(out, family_name, metric);
    std::visit([&lines](auto const& value) { detail::write_value(lines, value); }, metric.value);
    return lines.quoted_label();
}

/// Appends a family, header and metrics. One without metrics is nothing.
inline void append_family(std::string& out, model::metric_family const& family) {
    if (family.metrics.empty()) return;
    append_header(out, family.name, family.help, family.type);
    for (auto const& metric : family.metrics) append_metric(out, family.name, family.type, metric);
}

}  // namespace pushgateway::format::text
