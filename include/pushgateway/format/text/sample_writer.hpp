#pragma once

/// \file
/// What sample lines look like up to their value: the same in the text format 0.0.4 and in OpenMetrics.

#include <cstddef>
#include <string>
#include <string_view>

#include <pushgateway/base/names.hpp>
#include <pushgateway/base/number.hpp>
#include <pushgateway/format/text/scan.hpp>
#include <pushgateway/model/metric.hpp>

namespace pushgateway::format::text {

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

/// The same in quotes.
inline void append_quoted(std::string& out, std::string_view text) {
    out += '"';
    append_escaped(out, text, true);
    out += '"';
}

/// Appends a metric's name, in quotes if it must be.
inline void append_name(std::string& out, std::string_view name) {
    if (is_legacy_metric_name(name)) {
        out += name;
    } else {
        append_quoted(out, name);
    }
}

/// Writes the samples of one metric, each up to its value.
class sample_writer {
public:
    sample_writer(std::string& out, std::string_view family, model::metric const& metric)
        : out_(out), family_(family), metric_(metric), bare_name_(is_legacy_metric_name(family)) {}

    /// Begins a line: name, labels, a blank.
    void begin_sample(std::string_view suffix) {
        if (begin(suffix)) out_ += '}';
        out_ += ' ';
    }

    /// Begins a line: name, labels, value.
    void sample(std::string_view suffix, double value) {
        begin_sample(suffix);
        append_float(out_, value);
    }

    /// The same with one label more, whose value is a number. `with_point`: a whole one is spelled like `1.0`.
    void sample(std::string_view suffix, std::string_view label, double bound, double value, bool with_point = false) {
        out_ += begin(suffix) ? ',' : '{';
        out_ += label;
        out_ += "=\"";
        auto const digits = out_.size();
        append_float(out_, bound);
        if (with_point && out_.find_first_not_of("-0123456789", digits) == std::string::npos) out_ += ".0";
        out_ += "\"} ";
        append_float(out_, value);
    }

    [[nodiscard]] std::string& out() const noexcept { return out_; }
    [[nodiscard]] model::metric const& metric() const noexcept { return metric_; }

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

    std::string& out_;
    std::string_view family_;
    model::metric const& metric_;
    bool bare_name_;
    bool quoted_label_ = false;
    std::size_t labels_at_ = std::string::npos;  ///< where the labels have been written, once they have
    std::size_t labels_size_ = 0;
};

}  // namespace pushgateway::format::text
