#pragma once

/// \file
/// Values of the field `Authorization` as clients make them.

#include <cstddef>
#include <string>
#include <string_view>

namespace pushgateway::test {

/// base64 with padding, RFC 4648 section 4.
inline std::string encode_base64(std::string_view bytes) {
    static constexpr char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        unsigned bits = 0;
        for (std::size_t k = i; k != i + 3; ++k) {
            bits = bits << 8 | (k < bytes.size() ? static_cast<unsigned char>(bytes[k]) : 0U);
        }
        for (std::size_t k = 0; k != 4; ++k) out += i + k <= bytes.size() ? alphabet[bits >> (18 - 6 * k) & 63] : '=';
    }
    return out;
}

inline std::string basic(std::string_view user, std::string_view password) {
    return "Basic " + encode_base64(std::string(user) + ':' + std::string(password));
}

inline std::string bearer(std::string_view token) { return "Bearer " + std::string(token); }

}  // namespace pushgateway::test
