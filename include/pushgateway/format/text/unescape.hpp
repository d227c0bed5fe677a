#pragma once

/// \file
/// Undoing the escapes of the text format.

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <string_view>

#include <pushgateway/format/exposition_builder.hpp>

namespace pushgateway::format {

/// The backslash in `spelled` that begins no escape of the text format. There is one.
[[nodiscard]] inline char const* bad_escape_in(std::string_view spelled, exposition_builder const&) noexcept {
    std::size_t at = spelled.find('\\');
    while (at + 1 < spelled.size()) {
        char const next = spelled[at + 1];
        if (next != '\\' && next != '"' && next != 'n') break;
        at = std::min(spelled.find('\\', at + 2), spelled.size());
    }
    return spelled.data() + std::min(at, spelled.size());
}

}  // namespace pushgateway::format

namespace pushgateway::format::text {

/// Copies `spelled` to `out`, which has room for as many bytes, with `\\`, `\"` and `\n` undone; returns the end, or
/// nullptr if there is any other escape. Nothing grows by this.
[[nodiscard]] inline char* unescape_to(char* out, std::string_view spelled) noexcept {
    for (std::size_t i = 0; i < spelled.size(); ++i) {
        char c = spelled[i];
        if (c == '\\') {
            if (++i == spelled.size()) return nullptr;
            c = spelled[i];
            if (c == 'n') {
                c = '\n';
            } else if (c != '\\' && c != '"') {
                return nullptr;
            }
        }
        *out++ = c;
    }
    return out;
}

/// `text` with its escapes undone; false if one is bad. Without any it stays what it is: a view of the body.
[[nodiscard]] inline bool unescape(std::string_view& text, exposition_builder& builder) {
    if (text.empty() || std::memchr(text.data(), '\\', text.size()) == nullptr) return true;
    char* const begin = builder.room(text.size());
    char const* const end = unescape_to(begin, text);
    if (end == nullptr) return false;
    text = {begin, end};
    builder.keep(text.size());
    return true;
}

/// What a name with quotes in its spelling names: `"a.b"` is a.b, and `a"b"` is ab. False if an escape is bad.
[[nodiscard]] inline bool unquote(std::string_view& text, exposition_builder& builder) {
    auto const opening = text.find('"');
    auto const bare = text.substr(0, opening);
    text = text.substr(opening + 1, text.size() - opening - 2);
    if (bare.empty()) return unescape(text, builder);
    char* const begin = builder.room(bare.size() + text.size());
    std::memcpy(begin, bare.data(), bare.size());
    char const* const end = unescape_to(begin + bare.size(), text);
    if (end == nullptr) return false;
    text = {begin, end};
    builder.keep(text.size());
    return true;
}

}  // namespace pushgateway::format::text
