#pragma once

/// \file
/// Series, groups and types in words, for error messages. What comes from outside is cut to a bearable length and is
/// valid UTF-8 afterwards.

#include <cstddef>
#include <string>
#include <string_view>

#include <pushgateway/base/names.hpp>
#include <pushgateway/base/utf8.hpp>
#include <pushgateway/model/grouping_key.hpp>
#include <pushgateway/model/label.hpp>
#include <pushgateway/model/metric_family.hpp>

namespace pushgateway::store {

namespace detail {

inline constexpr std::size_t longest_text = 128;
inline constexpr std::size_t longest_label_list = 1024;

/// `text` in double quotes, escaped as in the text format; bytes that are no UTF-8 as `\xNN`.
inline void append_quoted(std::string& out, std::string_view text) {
    static constexpr char digits[] = "0123456789abcdef";
    out += '"';
    std::size_t i = 0;
    while (i < text.size() && i < longest_text) {
        auto const byte = static_cast<unsigned char>(text[i]);
        std::size_t const length = utf8_length(text.substr(i));
        if (length == 0) {
            out += {'\\', 'x', digits[byte / 16], digits[byte % 16]};
        } else if (byte == '\\' || byte == '"') {
            out += {'\\', text[i]};
        } else if (byte == '\n') {
            out += "\\n";
        } else {
            out += text.substr(i, length);
        }
        i += length == 0 ? 1 : length;
    }
    out += i < text.size() ? "…\"" : "\"";
}

inline void append_name(std::string& out, std::string_view name) {
    if (is_legacy_metric_name(name) && name.size() <= longest_text) {
        out += name;
    } else {
        append_quoted(out, name);
    }
}

inline void append_labels(std::string& out, model::labels labels) {
    auto const begin = out.size();
    out += '{';
    for (std::size_t i = 0; i != labels.size(); ++i) {
        if (i != 0) out += ',';
        if (out.size() - begin > longest_label_list) {
            out += "…";
            break;
        }
        append_name(out, labels[i].name);
        out += '=';
        append_quoted(out, labels[i].value);
    }
    out += '}';
}

}  // namespace detail

/// The name of a family or label as a message shows it: quoted only if it must be.
[[nodiscard]] inline std::string describe_name(std::string_view name) {
    std::string out;
    detail::append_name(out, name);
    return out;
}

/// A series as the text format writes it: `name{a="1",b="2"}`.
[[nodiscard]] inline std::string describe_series(std::string_view name, model::labels labels) {
    std::string out;
    detail::append_name(out, name);
    detail::append_labels(out, labels);
    return out;
}

/// `group {job="a",instance="b"}`: `job` first, the other pairs by name.
[[nodiscard]] inline std::string describe_group(model::labels pairs) {
    std::string out = "group {";
    bool first = true;
    auto const put = [&](model::label const& pair) {
        if (!first) out += ',';
        first = false;
        detail::append_name(out, pair.name);
        out += '=';
        detail::append_quoted(out, pair.value);
    };
    for (auto const& pair : pairs) {
        if (pair.name == model::job_label) put(pair);
    }
    for (auto const& pair : pairs) {
        if (pair.name != model::job_label) put(pair);
    }
    return out + '}';
}

/// Why a group cannot be there beside this one.
[[nodiscard]] inline std::string describe_same_group(model::labels other) {
    return "to Prometheus the group is the same as " + describe_group(other) +
           ", since a label without a value is none";
}

/// The type as the text format spells it.
[[nodiscard]] constexpr std::string_view describe_type(model::metric_type type) noexcept {
    return model::names_of(type).described;
}

}  // namespace pushgateway::store
