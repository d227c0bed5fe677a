#pragma once

/// \file
/// base64 as HTTP credentials carry it: RFC 4648 section 4, with padding.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pushgateway {

/// Decodes base64; nothing for what is no base64: a character of another alphabet, a blank, missing or superfluous
/// padding. Bits left over in the last character are ignored, as Go ignores them.
[[nodiscard]] inline std::optional<std::string> decode_base64(std::string_view text) {
    constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    if (text.size() % 4 != 0) return std::nullopt;
    auto const digits = text.substr(0, text.find_last_not_of('=') + 1);
    if (text.size() - digits.size() > 2) return std::nullopt;
    std::string out;
    out.reserve(text.size() / 4 * 3);
    std::uint32_t bits = 0;
    std::size_t held = 0;
    for (char const c : digits) {
        auto const value = alphabet.find(c);
        if (value == std::string_view::npos) return std::nullopt;
        bits = bits << 6 | static_cast<std::uint32_t>(value);
        held += 6;
        if (held < 8) continue;
        held -= 8;
        out += static_cast<char>(bits >> held & 0xff);
    }
    return out;
}

}  // namespace pushgateway
