#pragma once

/// \file
/// Writing the text exposition format 0.0.4, byte for byte as the original writes it.
///
/// Names beyond the legacy set are quoted, and a metric's then stands inside the braces: what a reader wants who asked
/// for `escaping=allow-utf-8`. For others, names are escaped before they come here. One difference: a label name with a
/// colon is quoted too, since no reader takes it otherwise.

#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include <pushgateway/base/names.hpp>
#include <pushgateway/base/number.hpp>
#include <pushgateway/format/text/metric_type_name.hpp>
#include <pushgateway/format/text/scan.hpp>
#include <pushgateway/model/metric_family.hpp>

namespace pushgateway::format::text {

namespace detail {

/// Appends `text` with a backslash before every backslash, line feed (as `n`) and, in quotes, quote.
inline void append_escaped(std::string& out, std::string_view text, bool in_quotes) {
    char const* p = text.data();
    char const* const end = p + text.size();
    while (true) {
        char const* const special = scan::string_part(p, end);
        out.append(p, special);
        if (special == end) return;
        if (*special != '"' || in_quotes) out += '\\';
        out += *special == '\n' ? 'n' : *special;
        p = special + 1;
    }
}

inline void append_quoted(std::string& out, std::string_view text) {
    out += '"';
    append_escaped(out, text, true);
    out += '"';
}

inline void append_metric_name(std::string& out, std::string_view name) {
    if (is_legacy_metric_name(name)) {
        out += name;
    } else {
        append_quoted(out, name);
    }
}

/// Writes the lines of one metric.
class sample_writer {
public:
    sample_writer(std::string& out, std::string_view family, model::metric const& metric)
        : out_(out), family_(family), metric_(metric), bare_name_(is_legacy_metric_name(family)) {}

    void line(std::string_view suffix, double value) {
        if (begin(suffix)) out_ += '}';
        end(value);
    }

    /// A line with one label more, whose value is a number.
    void line(std::string_view suffix, std::string_view label, double bound, double value) {
        out_ += begin(suffix) ? ',' : '{';
        out_ += label;
        out_ += "=\"";
        append_float(out_, bound);
        out_ += "\"}";
        end(value);
    }

    /// True if the name of some label had to be quoted.
    [[nodiscard]] bool quoted_label() const noexcept { return quoted_label_; }

private:
    /// Writes the name and the metric's own labels. True if that opened braces, which are still open.
    [[nodiscard]] bool begin(std::string_view suffix) {
        if (bare_name_) {
            out_ += family_;
            out_ += suffix;
        } else {
            out_ += "{\"";
            append_escaped(out_, family_, true);
            out_ += suffix;
            out_ += '"';
        }
        if (labels_at_ != std::string::npos) {
            out_.append(out_, labels_at_, labels_size_);
        } else {
            labels_at_ = out_.size();
            append_labels();
            labels_size_ = out_.size() - labels_at_;
        }
        return !bare_name_ || labels_size_ != 0;
    }

    void append_labels() {
        char separator = bare_name_ ? '{' : ',';
        for (auto const& l : metric_.labels) {
            out_ += separator;
            if (is_legacy_label_name(l.name)) {
                out_ += l.name;
            } else {
                append_quoted(out_, l.name);
                quoted_label_ = true;
            }
            out_ += '=';
            append_quoted(out_, l.value);
            separator = ',';
        }
    }

    void end(double value) {
        out_ += ' ';
        append_float(out_, value);
        if (metric_.timestamp_ms) {
            std::array<char, 20> digits;  // of the longest int64, with its sign
            auto const stop = std::to_chars(digits.data(), digits.data() + digits.size(), *metric_.timestamp_ms).ptr;
            out_ += ' ';
            out_.append(digits.data(), stop);
        }
        out_ += '\n';
    }

    std::string& out_;
    std::string_view family_;
    model::metric const& metric_;
    bool bare_name_;
    bool quoted_label_ = false;
    std::size_t labels_at_ = std::string::npos;  ///< where the labels have been written, once they have
    std::size_t labels_size_ = 0;
};

inline void write_value(sample_writer& out, model::counter const& c) { out.line({}, c.value); }
inline void write_value(sample_writer& out, model::gauge const& g) { out.line({}, g.value); }
inline void write_value(sample_writer& out, model::untyped const& u) { out.line({}, u.value); }

inline void write_value(sample_writer& out, model::summary const& s) {
    for (auto const& q : s.quantiles) out.line({}, model::quantile_label, q.rank, q.value);
    out.line("_sum", s.sum);
    out.line("_count", static_cast<double>(s.count));
}

template <class Count>
void write_value(sample_writer& out, model::basic_histogram<Count> const& h) {
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

/// Appends a metric's name, in quotes if it must be.
inline void append_name(std::string& out, std::string_view name) { detail::append_metric_name(out, name); }

/// Appends `text` with backslashes and line feeds escaped, and quotes as well.
inline void append_quotable(std::string& out, std::string_view text) { detail::append_escaped(out, text, true); }

/// Appends the HELP line, if there is a help, and the TYPE line of a family.
inline void append_header(std::string& out, std::string_view name, std::optional<std::string_view> help,
                          model::metric_type type) {
    if (help) {
        out += "# HELP ";
        detail::append_metric_name(out, name);
        out += ' ';
        detail::append_escaped(out, *help, false);
        out += '\n';
    }
    out += "# TYPE ";
    detail::append_metric_name(out, name);
    out += ' ';
    out += type_name(type);
    out += '\n';
}

/// Appends the lines of one metric: quantiles or buckets in their order, with a bucket `+Inf` added if there is none,
/// then sum and count. The value decides how; it must fit the type of the family. True if the name of some label had to
/// be quoted.
inline bool append_metric(std::string& out, std::string_view family_name, model::metric_type,
                          model::metric const& metric) {
    detail::sample_writer lines(out, family_name, metric);
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
