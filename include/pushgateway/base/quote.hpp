#pragma once

/// \file
/// Any bytes as one line of readable text in double quotes.

#include <cstddef>
#include <string>
#include <string_view>

#include <pushgateway/base/utf8.hpp>

namespace pushgateway {

/// As much of a text from outside, in bytes, as a message or a line of the log quotes.
inline constexpr std::size_t longest_quoted = 160;

/// As much of it, in bytes, as a field of the log that is nothing else.
inline constexpr std::size_t longest_field = 512;

/// Appends `text` in double quotes: `\"`, `\\`, `\n`, `\r`, `\t` escaped, other control characters and bytes that are
/// no UTF-8 as `\xHH`, Unicode's line separators and C1 controls as
/// `\uHHHH`; other characters stay. What is appended holds no control
/// character, is valid UTF-8, and tells `text` byte for byte.
inline void append_quoted(std::string& out, std::string_view text) {
    static constexpr char digits[] = "0123456789abcdef";
    auto const hex = [&out](unsigned char byte) { out += {'\\', 'x', digits[byte / 16], digits[byte % 16]}; };
    out += '"';
    for (std::size_t i = 0; i < text.size();) {
        auto const byte = static_cast<unsigned char>(text[i]);
        if (byte < 0x80) {
            switch (byte) {
                case '"': out += "\\\""; break;
                case '\\': out += "\\\\"; break;
                case '\n': out += "\\n"; break;
                case '\r': out += "\\r"; break;
                case '\t': out += "\\t"; break;
                default:
                    if (byte < 0x20 || byte == 0x7f) {
                        hex(byte);
                    } else {
                        out += text[i];
                    }
            }
            ++i;
            continue;
        }
        auto const length =
            detail::sequence_length(reinterpret_cast<unsigned char const*>(text.data()) + i, text.size() - i);
        auto const sequence = text.substr(i, length);
        if (length == 0) {
            hex(byte);
            ++i;
        } else if (sequence == "\u2028" || sequence == "\u2029") {
            out += sequence == "\u2028" ? "\\u2028" : "\\u2029";
            i += length;
        } else if (length == 2 && byte == 0xc2 && static_cast<unsigned char>(text[i + 1]) < 0xa0) {
            out += "\\u00";
            auto const second = static_cast<unsigned char>(text[i + 1]);
            out += {digits[second / 16], digits[second % 16]};
            i += length;
        } else {
            out += sequence;
            i += length;
        }
    }
    out += '"';
}

/// `text` as `append_quoted` writes it.
[[nodiscard]] inline std::string in_quotes(std::string_view text) {
    std::string out;
    append_quoted(out, text);
    return out;
}

/// The beginning of `text`, of at most `most` bytes, that cuts no character of UTF-8.
[[nodiscard]] constexpr std::string_view cut(std::string_view text, std::size_t most) noexcept {
    if (text.size() <= most) return text;
    constexpr std::size_t longest_character = 4;
    auto end = most;
    while (end != 0 && most - end < longest_character && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
    return text.substr(0, end);
}

/// For a field of the log: of a longer text only the first `most` bytes, and `...`.
[[nodiscard]] inline std::string shortened(std::string_view text, std::size_t most = longest_field) {
    std::string out(cut(text, most));
    if (out.size() < text.size()) out += "...";
    return out;
}

/// `in_quotes` for messages that name what a client sent: of a longer text only the first `most` bytes, and `...`
/// behind the closing quote.
[[nodiscard]] inline std::string in_short_quotes(std::string_view text, std::size_t most = longest_quoted) {
    auto const shown = cut(text, most);
    return in_quotes(shown) + (shown.size() < text.size() ? "..." : "");
}

}  // namespace pushgateway
