#pragma once

/// \file
/// Percent-encoding of URL paths, RFC 3986 section 2.1.

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

#include <pushgateway/base/error.hpp>
#include <pushgateway/base/quote.hpp>

namespace pushgateway {

namespace detail {

constexpr int hex_digit(char c) noexcept {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

}  // namespace detail

/// Replaces every `%HH` by its byte; `+` stays `+`. A `%` without two hexadecimal digits is an error.
[[nodiscard]] inline result<std::string> decode_percent(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            out += text[i];
            continue;
        }
        int const high = i + 2 < text.size() ? detail::hex_digit(text[i + 1]) : -1;
        int const low = i + 2 < text.size() ? detail::hex_digit(text[i + 2]) : -1;
        if (high < 0 || low < 0) {
            return fail(errc::invalid, "invalid percent-encoding " + in_quotes(text.substr(i, 3)) +
                                           " in the path: a \"%\" is written %25");
        }
        out += static_cast<char>(high * 16 + low);
        i += 2;
    }
    return out;
}

/// Like `decode_percent`, for a component of a query: `+` is a blank.
[[nodiscard]] inline result<std::string> decode_query_component(std::string_view text) {
    std::string spaced(text);
    std::ranges::replace(spaced, '+', ' ');
    return decode_percent(spaced);
}

namespace detail {

inline void append_path_encoded(std::string& out, std::string_view path, std::string_view also_allowed) {
    static constexpr char digits[] = "0123456789ABCDEF";
    static constexpr std::string_view allowed = "-._~$&+,/:;=@!'()*";
    for (char const c : path) {
        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
            allowed.find(c) != std::string_view::npos || also_allowed.find(c) != std::string_view::npos) {
            out += c;
        } else {
            auto const byte = static_cast<unsigned char>(c);
            out += {'%', digits[byte / 16], digits[byte % 16]};
        }
    }
}

}  // namespace detail

/// Encodes a path so that it decodes to `path` again: all but what RFC 3986 lets stand in a path (slashes included).
[[nodiscard]] inline std::string encode_path(std::string_view path) {
    std::string out;
    detail::append_path_encoded(out, path, "");
    return out;
}

/// Like `encode_path`, for the path or query of a request target as it came: what is encoded already stays as it is.
[[nodiscard]] inline std::string encode_unsafe(std::string_view encoded) {
    std::string out;
    detail::append_path_encoded(out, encoded, "%?[]");
    return out;
}

}  // namespace pushgateway
