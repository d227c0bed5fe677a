#pragma once

/// \file
/// The key `tls_server_config` of the web configuration file.

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <pushgateway/base/error.hpp>
#include <pushgateway/http/tls/names.hpp>
#include <pushgateway/http/tls/settings.hpp>
#include <pushgateway/server/yaml.hpp>
#include <pushgateway/server/yaml_fields.hpp>

namespace pushgateway::server::detail {

/// A list of words that are known.
inline yaml_reader yaml_words(std::vector<std::string>& into, std::string_view what,
                              bool (*known)(std::string_view) noexcept) {
    return [&into, what, known](yaml_node const& node, std::string const& path) -> result<> {
        into.clear();
        return read_list(node, path, [&](yaml_node const& item, std::string const& name) -> result<> {
            std::string word;
            if (auto done = yaml_text(word)(item, name); !done) return done;
            if (!known(word)) {
                return wrong_value(item, name, "is an unknown " + std::string(what) + ": " + word);
            }
            into.push_back(std::move(word));
            return {};
        });
    };
}

inline yaml_reader tls_version_from(http::tls_version& into) {
    return [&into](yaml_node const& node, std::string const& path) -> result<> {
        static constexpr std::pair<std::string_view, http::tls_version> known[] = {{"TLS10", http::tls_version::tls10},
                                                                                   {"TLS11", http::tls_version::tls11},
                                                                                   {"TLS12", http::tls_version::tls12},
                                                                                   {"TLS13", http::tls_version::tls13}};
        std::string word;
        if (auto done = yaml_text(word)(node, path); !done) return done;
        for (auto const& [name, version] : known) {
            if (word != name) continue;
            into = version;
            return {};
        }
        return wrong_value(node, path, "is an unknown TLS version: " + word);
    };
}

inline yaml_reader client_auth_from(http::client_auth& into, bool& given) {
    return [&into, &given](yaml_node const& node, std::string const& path) -> result<> {
        static constexpr std::pair<std::string_view, http::client_auth> known[] = {
            {"NoClientCert", http::client_auth::none},
            {"RequestClientCert", http::client_auth::request},
            {"RequireAnyClientCert", http::client_auth::require_any},
            {"RequireClientCert", http::client_auth::require_any},
            {"VerifyClientCertIfGiven", http::client_auth::verify_if_given},
            {"RequireAndVerifyClientCert", http::client_auth::require_and_verify}};
        std::string word;
        if (auto done = yaml_text(word)(node, path); !done) return done;
        given = !word.empty();
        if (!given) return {};
        for (auto const& [name, policy] : known) {
            if (word != name) continue;
            into = policy;
            return {};
        }
        return wrong_value(node, path, "is an invalid ClientAuth: " + word);
    };
}

/// A path, joined to the folder of the configuration file if it is relative.
inline yaml_reader path_below(std::string const& directory, std::string& into) {
    return [&directory, &into](yaml_node const& node, std::string const& path) -> result<> {
        if (auto done = yaml_text(into)(node, path); !done) return done;
        if (into.empty() || into.starts_with('/')) return {};
        into = (std::filesystem::path(directory) / into).lexically_normal().string();
        return {};
    };
}

/// Reads the settings; `on` tells whether there are any that turn TLS on.
inline yaml_reader tls_settings_from(http::tls_settings& into, bool& on, std::string const& directory) {
    return [&into, &on, &directory](yaml_node const& node, std::string const& path) -> result<> {
        bool policy_given = false;
        yaml_node const* sans = nullptr;
        auto const read_sans = [&](yaml_node const& value, std::string const& name) {
            sans = &value;
            return yaml_texts(into.allowed_sans)(value, name);
        };
        auto done = read_mapping(node, path,
                                 {{"cert", yaml_text(into.certificate)},
                                  {"key", yaml_text(into.key)},
                                  {"client_ca", yaml_text(into.client_ca)},
                                  {"cert_file", path_below(directory, into.certificate_file)},
                                  {"key_file", path_below(directory, into.key_file)},
                                  {"client_auth_type", client_auth_from(into.client_auth, policy_given)},
                                  {"client_ca_file", path_below(directory, into.client_ca_file)},
                                  {"client_allowed_sans", read_sans},
                                  {"min_version", tls_version_from(into.lowest)},
                                  {"max_version", tls_version_from(into.highest)},
                                  {"cipher_suites", yaml_words(into.cipher_suites, "cipher", http::is_cipher_suite)},
                                  {"curve_preferences", yaml_words(into.curves, "curve", http::is_curve)},
                                  {"prefer_server_cipher_suites", yaml_boolean(into.prefer_server_cipher_suites)}});
        if (!done) return done;
        if (sans != nullptr && into.allowed_sans.empty()) {
            return wrong_value(*sans, joined(path, "client_allowed_sans"), "is empty: no client could connect");
        }
        if (into.lowest > into.highest) {
            return wrong_value(node, joined(path, "min_version"), "is above max_version");
        }
        bool const certificate = !into.certificate.empty() || !into.certificate_file.empty();
        bool const key = !into.key.empty() || !into.key_file.empty();
        bool const authorities = !into.client_ca.empty() || !into.client_ca_file.empty();
        on = certificate || key || authorities || policy_given;
        if (!on) return {};
        if (!certificate) return wrong_value(node, path, "is missing one of cert or cert_file");
        if (!key) return wrong_value(node, path, "is missing one of key or key_file");
        if (authorities && into.client_auth == http::client_auth::none) {
            return wrong_value(node, path, "is wrong: client CA's have been configured without a Client Auth Policy");
        }
        return {};
    };
}

}  // namespace pushgateway::server::detail
