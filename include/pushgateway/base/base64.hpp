#pragma once

/// \file
/// base64 as HTTP credentials carry it: RFC 4648 section 4, with padding.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pushgateway {

namespace detail {

inline constexpr auto base64_values = [] {
    constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::array<std::uint8_t, 256> values{};
    values.fill(0xff);
    for (std::size_t i = 0; i != alphabet.size(); ++i) {
        values[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint8_t>(i);
    }
    return values;
}();

}  // namespace detail

/// Decodes base64; nothing for what is no base64: a character of another alphabet, a blank, missing or superfluous
/// padding. Bits left over in the last character are ignored, as Go ignores them.
[[nodiscard]] inline std::optional<std::string> decode_base64(std::string_view text) {
    if (text.size() % 4 != 0) return std::nullopt;
    auto const digits = text.substr(0, text.find_last_not_of('=') + 1);
    if (text.size() - digits.size() > 2) return std::nullopt;
    std::string out;
    out.reserve(text.size() / 4 * 3);
    std::uint32_t bits = 0;
    std::size_t held = 0;
    for (char const c : digits) {
        auto const value = detail::base64_values[static_cast<unsigned char>(c)];
        if (value > 63) return std::nullopt;
        bits = bits << 6 | value;
        held += 6;
        if (held < 8) continue;
        held -= 8;
        out += static_cast<char>(bits >> held & 0xff);
    }
    return out;
}

}  // namespace pushgateway
