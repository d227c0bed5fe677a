#pragma once

/// \file
/// base64url as push paths carry it: RFC 4648 section 5, padding optional.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <pushgateway/base/error.hpp>

namespace pushgateway {

namespace detail {

inline constexpr std::uint8_t not_base64 = 0xff;

inline constexpr auto base64url_values = [] {
    constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    std::array<std::uint8_t, 256> values{};
    values.fill(not_base64);
    for (std::size_t i = 0; i != alphabet.size(); ++i) {
        values[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint8_t>(i);
    }
    return values;
}();

}  // namespace detail

/// Decodes base64url. Any number of `=` at the end is padding, so a lone `=` is the empty value; line breaks are
/// skipped; bits left over in the last character are ignored. The alphabet of section 4 (`+`, `/`) is an error, as is
/// a length that no bytes encode to.
[[nodiscard]] inline result<std::string> decode_base64url(std::string_view text) {
    text = text.substr(0, text.find_last_not_of('=') + 1);
    std::string out;
    out.reserve(text.size() / 4 * 3 + 2);
    std::uint32_t bits = 0;
    std::size_t digits = 0;
    for (std::size_t i = 0; i != text.size(); ++i) {
        char const c = text[i];
        if (c == '\r' || c == '\n') continue;
        auto const value = detail::base64url_values[static_cast<unsigned char>(c)];
        if (value == detail::not_base64) {
            return fail(errc::invalid, "illegal base64 data at input byte " + std::to_string(i));
        }
        bits = bits << 6 | value;
        switch (++digits % 4) {
            case 2: out += static_cast<char>(bits >> 4 & 0xff); break;
            case 3: out += static_cast<char>(bits >> 2 & 0xff); break;
            case 0: out += static_cast<char>(bits & 0xff); break;
            default: break;
        }
    }
    if (digits % 4 == 1) {
        return fail(errc::invalid, "illegal base64 data at input byte " + std::to_string(text.size() - 1));
    }
    return out;
}

}  // namespace pushgateway
