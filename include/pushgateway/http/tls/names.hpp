#pragma once

/// \file
/// Cipher suites and curves: from Go's names, which the web configuration file uses, to OpenSSL's.

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include <pushgateway/base/error.hpp>

namespace pushgateway::http {

namespace detail {

struct name_pair {
    std::string_view go;
    char const* openssl;
};

/// The suites that Go takes to be secure, in its order of preference: up to TLS 1.2.
inline constexpr std::array<name_pair, 10> cipher_suites{{
    {"TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", "ECDHE-ECDSA-AES128-GCM-SHA256"},
    {"TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "ECDHE-RSA-AES128-GCM-SHA256"},
    {"TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", "ECDHE-ECDSA-AES256-GCM-SHA384"},
    {"TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", "ECDHE-RSA-AES256-GCM-SHA384"},
    {"TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", "ECDHE-ECDSA-CHACHA20-POLY1305"},
    {"TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", "ECDHE-RSA-CHACHA20-POLY1305"},
    {"TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA", "ECDHE-ECDSA-AES128-SHA"},
    {"TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", "ECDHE-RSA-AES128-SHA"},
    {"TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA", "ECDHE-ECDSA-AES256-SHA"},
    {"TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA", "ECDHE-RSA-AES256-SHA"},
}};

/// Those of TLS 1.3. They may be named, and change nothing: as in Go, TLS 1.3 always has all of them.
inline constexpr std::array<std::string_view, 3> cipher_suites_13{"TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384",
                                                                  "TLS_CHACHA20_POLY1305_SHA256"};

inline constexpr std::array<name_pair, 4> curves{{
    {"CurveP256", "P-256"},
    {"CurveP384", "P-384"},
    {"CurveP521", "P-521"},
    {"X25519", "X25519"},
}};

/// OpenSSL's list of these suites, in this order; empty if all of them are TLS 1.3's. All of them if none is named.
/// Fails with errc::invalid for a name that Go does not know, or does not take to be secure.
[[nodiscard]] inline result<std::string> cipher_list(std::vector<std::string> const& names) {
    std::string out;
    auto const add = [&out](char const* name) {
        if (!out.empty()) out += ':';
        out += name;
    };
    if (names.empty()) {
        for (auto const& suite : cipher_suites) add(suite.openssl);
    }
    for (auto const& name : names) {
        if (auto const* const found = std::ranges::find(cipher_suites, name, &name_pair::go);
            found != cipher_suites.end()) {
            add(found->openssl);
        } else if (std::ranges::find(cipher_suites_13, name) == cipher_suites_13.end()) {
            return fail(errc::invalid, "unknown cipher: " + name);
        }
    }
    return out;
}

/// OpenSSL's list of these curves, in this order. Fails with errc::invalid for an unknown one.
[[nodiscard]] inline result<std::string> curve_list(std::vector<std::string> const& names) {
    std::string out;
    for (auto const& name : names) {
        auto const* const found = std::ranges::find(curves, name, &name_pair::go);
        if (found == curves.end()) return fail(errc::invalid, "unknown curve: " + name);
        if (!out.empty()) out += ':';
        out += found->openssl;
    }
    return out;
}

}  // namespace detail

/// True for a cipher suite that `tls_settings` may name.
[[nodiscard]] constexpr bool is_cipher_suite(std::string_view name) noexcept {
    return std::ranges::find(detail::cipher_suites, name, &detail::name_pair::go) != detail::cipher_suites.end() ||
           std::ranges::find(detail::cipher_suites_13, name) != detail::cipher_suites_13.end();
}

/// True for a curve that `tls_settings` may name.
[[nodiscard]] constexpr bool is_curve(std::string_view name) noexcept {
    return std::ranges::find(detail::curves, name, &detail::name_pair::go) != detail::curves.end();
}

}  // namespace pushgateway::http
