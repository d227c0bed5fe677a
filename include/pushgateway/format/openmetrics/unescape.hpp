#pragma once

/// \file
/// Undoing the escapes of OpenMetrics.

#include <cstring>
#include <string_view>

#include <pushgateway/format/metric_set_builder.hpp>

namespace pushgateway::format {

/// The backslash in `spelled` that begins no escape of OpenMetrics: the last character.
[[nodiscard]] inline char const* bad_escape_in(std::string_view spelled, metric_set_builder const&) noexcept {
    return spelled.data() + spelled.size() - 1;
}

}  // namespace pushgateway::format

namespace pushgateway::format::openmetrics {

/// `text` with `\\`, `\"` and `\n` undone; a backslash before any other character stands for itself. False if it ends
/// in a lone backslash. Without a backslash the text stays what it is: a view of the body.
[[nodiscard]] inline bool unescape(std::string_view& text, metric_set_builder& builder) {
    if (text.empty() || std::memchr(text.data(), '\\', text.size()) == nullptr) return true;
    char* const begin = builder.room(text.size());
    char* out = begin;
    for (std::size_t i = 0; i != text.size(); ++i) {
        if (text[i] == '\\') {
            if (i + 1 == text.size()) return false;
            char const next = text[i + 1];
            if (next == '\\' || next == '"' || next == 'n') {
                *out++ = next == 'n' ? '\n' : next;
                ++i;
                continue;
            }
        }
        *out++ = text[i];
    }
    text = {begin, out};
    builder.keep(text.size());
    return true;
}

}  // namespace pushgateway::format::openmetrics
