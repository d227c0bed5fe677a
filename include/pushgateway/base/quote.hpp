#pragma once

/// \file
/// Any bytes as one line of readable text in double quotes.

#include <cstddef>
#include <string>
#include <string_view>

#include <pushgateway/base/utf8.hpp>

namespace pushgateway {

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

}  // namespace pushgateway
