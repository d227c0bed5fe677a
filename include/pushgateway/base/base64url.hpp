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

inline constexpr std::string_view base64url_alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

inline constexpr auto base64url_values = [] {
    constexpr std::string_view alphabet = base64url_alphabet;
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

/// Encodes as base64url without padding, but no bytes as a lone `=`: a path has no empty component.
[[nodiscard]] inline std::string encode_base64url(std::string_view bytes) {
    if (bytes.empty()) return "=";
    std::string out;
    out.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        auto const rest = bytes.substr(i, 3);
        std::uint32_t bits = 0;
        for (std::size_t k = 0; k != 3; ++k) {
            bits = bits << 8 | (k < rest.size() ? static_cast<unsigned char>(rest[k]) : 0U);
        }
        for (std::size_t k = 0; k <= rest.size(); ++k) out += detail::base64url_alphabet[bits >> (18 - 6 * k) & 63];
    }
    return out;
}

}  // namespace pushgateway
