#pragma once

/// \file
/// What a TLS server is told: certificates, versions, and what it asks of its clients. The values are those of
/// `tls_server_config` in the web configuration file of Prometheus' exporter-toolkit, with Go's names.

#include <cstdint>
#include <string>
#include <vector>

namespace pushgateway::http {

/// Versions of TLS.
enum class tls_version : std::uint8_t { tls10, tls11, tls12, tls13 };

/// What is asked of a client's certificate.
enum class client_auth : std::uint8_t {
    none,                ///< no certificate is asked for
    request,             ///< one is asked for, and may be missing or anything
    require_any,         ///< one must be there, and may be anything
    verify_if_given,     ///< if there is one, a client CA must have issued it
    require_and_verify,  ///< one must be there, issued by a client CA
};

/// The settings. Of each pair of text and file one is used, the file first.
struct tls_settings {
    std::string certificate;  ///< PEM, with its chain
    std::string certificate_file;
    std::string key;  ///< PEM
    std::string key_file;
    std::string client_ca;  ///< PEM
    std::string client_ca_file;
    http::client_auth client_auth = http::client_auth::none;
    std::vector<std::string> allowed_sans;  ///< if not empty, one of the client's alternative names must be among them
    tls_version lowest = tls_version::tls12;
    tls_version highest = tls_version::tls13;
    std::vector<std::string> cipher_suites;  ///< up to TLS 1.2, by Go's names; empty: the default ones
    std::vector<std::string> curves;         ///< by Go's names, the most preferred first; empty: the default ones
    bool prefer_server_cipher_suites = true;

    friend bool operator==(tls_settings const&, tls_settings const&) = default;
};

}  // namespace pushgateway::http
