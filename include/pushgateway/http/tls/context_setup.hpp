#pragma once

/// \file
/// The settings of a TLS server, one after the other, in OpenSSL's terms.

#include <string>
#include <string_view>

#include <pushgateway/base/error.hpp>
#include <pushgateway/http/tls/names.hpp>
#include <pushgateway/http/tls/openssl.hpp>
#include <pushgateway/http/tls/pem.hpp>
#include <pushgateway/http/tls/settings.hpp>

namespace pushgateway::http::detail {

[[nodiscard]] inline int protocol_number(tls_version version) noexcept {
    switch (version) {
        case tls_version::tls10: return TLS1_VERSION;
        case tls_version::tls11: return TLS1_1_VERSION;
        case tls_version::tls12: return TLS1_2_VERSION;
        case tls_version::tls13: break;
    }
    return TLS1_3_VERSION;
}

[[nodiscard]] inline std::unexpected<error> openssl_refuses(std::string_view what) {
    return fail(errc::invalid, std::string(what) + ": " + openssl_reason("refused by OpenSSL"));
}

/// What can be wrong with settings before any file is read.
[[nodiscard]] inline result<> check(tls_settings const& settings) {
    auto const wrong = [](char const* why) { return fail(errc::invalid, why); };
    if (settings.certificate.empty() && settings.certificate_file.empty()) {
        return wrong("missing one of cert or cert_file");
    }
    if (settings.key.empty() && settings.key_file.empty()) return wrong("missing one of key or key_file");
    if (settings.lowest > settings.highest) return wrong("min_version is above max_version");
    bool const has_ca = !settings.client_ca.empty() || !settings.client_ca_file.empty();
    if (has_ca && settings.client_auth == client_auth::none) {
        return wrong("client CA's have been configured without a Client Auth Policy");
    }
    return {};
}

/// Versions, cipher suites, curves, and what is no matter of settings.
[[nodiscard]] inline result<> set_protocol(SSL_CTX* ssl, tls_settings const& settings) {
    auto const suites = cipher_list(settings.cipher_suites);
    if (!suites) return std::unexpected(suites.error());
    auto const curves = curve_list(settings.curves);
    if (!curves) return std::unexpected(curves.error());

    auto lowest = settings.lowest;
    if (suites->empty()) {
        if (settings.highest != tls_version::tls13) {
            return fail(errc::invalid, "cipher_suites has none for the versions up to max_version");
        }
        lowest = tls_version::tls13;
    }
    // OpenSSL's levels above forbid what Go permits: RSA keys of 1024 bits, and all of TLS 1.0 and 1.1.
    SSL_CTX_set_security_level(ssl, lowest < tls_version::tls12 ? 0 : 1);
    if (SSL_CTX_set_min_proto_version(ssl, protocol_number(lowest)) != 1) return openssl_refuses("min_version");
    if (SSL_CTX_set_max_proto_version(ssl, protocol_number(settings.highest)) != 1) {
        return openssl_refuses("max_version");
    }
    if (!suites->empty() && SSL_CTX_set_cipher_list(ssl, suites->c_str()) != 1) return openssl_refuses("cipher_suites");
    if (!curves->empty()) {
        if (SSL_CTX_set1_groups_list(ssl, curves->c_str()) != 1) return openssl_refuses("curve_preferences");
    } else if (SSL_CTX_set1_groups_list(ssl, "X25519MLKEM768:X25519:P-256:P-384:P-521") != 1 &&
               // OpenSSL has the first one since 3.5.
               SSL_CTX_set1_groups_list(ssl, "X25519:P-256:P-384:P-521") != 1) {
        return openssl_refuses("the default curves");
    }
    // A client that just hangs up is met in the framing of HTTP, which knows whether something is missing.
    SSL_CTX_set_options(ssl, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_IGNORE_UNEXPECTED_EOF);
    if (settings.prefer_server_cipher_suites) {
        SSL_CTX_set_options(ssl, SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
    }
    SSL_CTX_set_mode(ssl, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                              // An idle connection holds no buffers.
                              SSL_MODE_RELEASE_BUFFERS);
    // One call of the system for a record instead of two.
    SSL_CTX_set_read_ahead(ssl, 1);
    return {};
}

/// The certificate with its chain, and its key.
[[nodiscard]] inline result<> set_certificate(SSL_CTX* ssl, tls_settings const& settings) {
    auto const certificate = read_pem("cert", settings.certificate, settings.certificate_file);
    if (!certificate) return std::unexpected(certificate.error());
    auto const key_text = read_pem("key", settings.key, settings.key_file);
    if (!key_text) return std::unexpected(key_text.error());
    auto const chain = certificates_of(*certificate);
    if (!chain) return std::unexpected(chain.error());
    auto const key = key_of(*key_text);
    if (!key) return std::unexpected(key.error());

    if (X509_check_private_key(chain->front().get(), key->get()) != 1) {
        ERR_clear_error();
        return fail(errc::invalid, "the private key of " + key_text->name +
                                       " does not match the first certificate of " + certificate->name);
    }
    if (SSL_CTX_use_certificate(ssl, chain->front().get()) != 1) return openssl_refuses(certificate->name);
    if (SSL_CTX_use_PrivateKey(ssl, key->get()) != 1) return openssl_refuses(key_text->name);
    for (auto next = chain->begin() + 1; next != chain->end(); ++next) {
        if (SSL_CTX_add1_chain_cert(ssl, next->get()) != 1) return openssl_refuses(certificate->name);
    }
    return {};
}

/// Who may have issued a client's certificate: the system's authorities if nobody is named, as in Go.
[[nodiscard]] inline result<> set_client_authorities(SSL_CTX* ssl, tls_settings const& settings) {
    if (settings.client_auth == client_auth::none) return {};
    if (settings.client_ca.empty() && settings.client_ca_file.empty()) {
        if (SSL_CTX_set_default_verify_paths(ssl) != 1) return openssl_refuses("the system's certificate authorities");
        return {};
    }
    auto const from = read_pem("client_ca", settings.client_ca, settings.client_ca_file);
    if (!from) return std::unexpected(from.error());
    auto const authorities = certificates_of(*from);
    if (!authorities) return std::unexpected(authorities.error());
    auto* const store = SSL_CTX_get_cert_store(ssl);
    // Whoever is named is trusted, also if somebody else vouches for them.
    X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN);
    for (auto const& authority : *authorities) {
        if (X509_STORE_add_cert(store, authority.get()) != 1 || SSL_CTX_add_client_CA(ssl, authority.get()) != 1) {
            return openssl_refuses(from->name);
        }
    }
    return {};
}

}  // namespace pushgateway::http::detail
