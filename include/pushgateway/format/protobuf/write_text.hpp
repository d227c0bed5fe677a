#pragma once

/// \file
/// Writing metric families as the text form of protobuf messages: for people to read.

#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <pushgateway/base/number.hpp>
#include <pushgateway/base/utf8.hpp>
#include <pushgateway/format/protobuf/detail/put.hpp>
#include <pushgateway/format/protobuf/fields.hpp>
#include <pushgateway/model/metric.hpp>
#include <pushgateway/model/metric_family.hpp>

namespace pushgateway::format::protobuf {

/// How the fields of a message stand.
enum class text_layout : std::uint8_t {
    lines,    ///< one to a line, those of inner messages further in
    compact,  ///< all in one line
};

namespace detail {

/// Appends `text` in double quotes: `"`, `\`, line feed, carriage return and tab behind a backslash, other control
/// characters and bytes that are no UTF-8 as `\xHH`.
inline void append_quoted(std::string& out, std::string_view text) {
    static constexpr char digits[] = "0123456789abcdef";
    out += '"';
    for (std::size_t i = 0; i < text.size();) {
        auto const byte = static_cast<unsigned char>(text[i]);
        auto const length = utf8_length(text.substr(i));
        switch (byte) {
            case '"': out += "\\\""; break;
            case '\\': out += "\\\\"; break;
            case '\n': out += "\\n"; break;
            case '\r': out += "\\r"; break;
            case '\t': out += "\\t"; break;
            default:
                if (length == 0 || byte < 0x20 || byte == 0x7f) {
                    out += {'\\', 'x', digits[byte / 16], digits[byte % 16]};
                } else {
                    out += text.substr(i, length);
                }
        }
        i += length == 0 ? 1 : length;
    }
    out += '"';
}

/// Writes fields by their names.
class text_sink {
public:
    text_sink(std::string& out, text_layout layout, std::size_t depth = 0, bool first = true) noexcept
        : out_(out), layout_(layout), depth_(depth), first_(first) {}

    template <class Field>
    void text(Field field, std::string_view value) {
        begin(field);
        append_quoted(out_, value);
        end();
    }
    template <class Field>
    void number(Field field, double value) {
        begin(field);
        if (std::isnan(value)) {
            out_ += "nan";
        } else if (std::isinf(value)) {
            out_ += value < 0 ? "-inf" : "inf";
        } else {
            append_go_value(out_, value);
        }
        end();
    }
    template <class Field, class Integer>
    void whole(Field field, Integer value) {
        begin(field);
        out_ += std::to_string(value);
        end();
    }
    template <class Field>
    void zigzag(Field field, std::int64_t value) {
        whole(field, value);
    }
    template <class Field>
    void type(Field field, model::metric_type value) {
        begin(field);
        out_ += upper_case_name(value);
        end();
    }
    template <class Field, class Fill>
    void message(Field field, Fill&& fill) {
        begin(field);
        out_ += '{';
        if (layout_ == text_layout::lines) out_ += '\n';
        text_sink inner(out_, layout_, depth_ + 1);
        fill(inner);
        if (layout_ == text_layout::lines) out_.append(depth_ * 2, ' ');
        out_ += '}';
        end();
    }

private:
    template <class Field>
    void begin(Field field) {
        if (layout_ == text_layout::lines) {
            out_.append(depth_ * 2, ' ');
        } else if (!first_) {
            out_ += ' ';
        }
        first_ = false;
        out_ += name_of(field);
        out_ += layout_ == text_layout::lines ? ": " : ":";
    }

    void end() {
        if (layout_ == text_layout::lines) out_ += '\n';
    }

    std::string& out_;
    text_layout layout_;
    std::size_t depth_;
    bool first_;
};

}  // namespace detail

/// Appends one metric, as a field of the message of its family, behind the header or another metric.
inline void append_metric(std::string& out, text_layout layout, model::metric const& metric) {
    detail::text_sink sink(out, layout, 0, false);
    detail::put_metric(sink, metric);
}

/// Appends what the message of a family has before its metrics.
inline void append_header(std::string& out, text_layout layout, std::string_view name,
                          std::optional<std::string_view> help, model::metric_type type, std::string_view unit = {}) {
    detail::text_sink sink(out, layout);
    detail::put_header(sink, name, help, type, unit);
}

/// Appends a family as one message, and a line feed.
inline void append_family(std::string& out, text_layout layout, model::metric_family const& family) {
    append_header(out, layout, family.name, family.help, family.type, family.unit);
    for (auto const& metric : family.metrics) append_metric(out, layout, metric);
    out += '\n';
}

}  // namespace pushgateway::format::protobuf
