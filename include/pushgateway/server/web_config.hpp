#pragma once

/// \file
/// The web configuration file: that of Prometheus' exporter-toolkit, and the key `access` of our own.

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <pushgateway/base/duration.hpp>
#include <pushgateway/base/error.hpp>
#include <pushgateway/base/quote.hpp>
#include <pushgateway/http/auth/bcrypt_hash.hpp>
#include <pushgateway/http/auth/rules.hpp>
#include <pushgateway/http/message.hpp>
#include <pushgateway/http/tls/settings.hpp>
#include <pushgateway/server/web_config_access.hpp>
#include <pushgateway/server/web_config_tls.hpp>
#include <pushgateway/server/yaml.hpp>
#include <pushgateway/server/yaml_fields.hpp>

namespace pushgateway::server {

/// How many requests are let through: one in each interval, and so many at once.
struct rate_limit_settings {
    std::chrono::nanoseconds interval{0};  ///< 0: as many as come
    std::uint32_t burst = 0;               ///< at least 1 if there is an interval

    friend bool operator==(rate_limit_settings const&, rate_limit_settings const&) = default;
};

/// What the file says.
struct web_config {
    std::optional<http::tls_settings> tls;  ///< nothing: no TLS
    bool http2 = true;                      ///< read and checked only: HTTP/1.1 is spoken here
    rate_limit_settings rate_limit;
    http::access_rules rules;  ///< users, tokens, and the fields of responses
};

namespace detail {

/// The fields that may be added to responses, each with the values it may have; none: any.
inline std::vector<std::string_view> const* allowed_field_values(std::string_view name) {
    static std::map<std::string_view, std::vector<std::string_view>> const known{
        {"Content-Security-Policy", {}},
        {"Strict-Transport-Security", {}},
        {"X-Content-Type-Options", {"nosniff"}},
        {"X-Frame-Options", {"deny", "sameorigin"}},
        {"X-XSS-Protection", {}}};
    auto const found = known.find(name);
    return found == known.end() ? nullptr : &found->second;
}

inline result<> read_response_field(yaml_node const& key, yaml_node const& node, std::string const& path,
                                    std::vector<http::field>& into) {
    auto const* const allowed = allowed_field_values(key.text);
    if (allowed == nullptr) {
        return std::unexpected(
            yaml_error(key.line, key.column, {}, "HTTP header " + in_quotes(key.text) + " can not be configured"));
    }
    std::string value;
    if (!node.is_null()) {
        if (auto done = yaml_text(value)(node, path); !done) return done;
    }
    if (!allowed->empty() && std::ranges::find(*allowed, value) == allowed->end()) {
        std::string expected;
        for (auto const v : *allowed) expected += (expected.empty() ? "" : " ") + in_quotes(v);
        return wrong_value(
            node, {},
            "invalid value for " + key.text + ". Expected one of: [" + expected + "], but got: " + in_quotes(value));
    }
    // A text block ends in a newline, and a long policy is written in several lines.
    std::ranges::replace_if(value, [](char c) { return c == '\n' || c == '\r' || c == '\t'; }, ' ');
    if (std::ranges::any_of(value, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; })) {
        return wrong_value(node, path, "has a control character");
    }
    value.erase(value.find_last_not_of(' ') + 1);
    value.erase(0, value.find_first_not_of(' '));
    if (!value.empty()) into.push_back({key.text, std::move(value)});
    return {};
}

inline yaml_reader http_settings(web_config& into) {
    return [&into](yaml_node const& node, std::string const& path) -> result<> {
        auto fields = std::make_shared<std::vector<http::field>>();
        auto const read_fields = [&](yaml_node const& value, std::string const& name) {
            return read_entries(value, name, [&](auto const& key, auto const& text, std::string const& where) {
                return read_response_field(key, text, where, *fields);
            });
        };
        auto done = read_mapping(node, path, {{"http2", yaml_boolean(into.http2)}, {"headers", read_fields}});
        if (done && !fields->empty()) into.rules.fields = std::move(fields);
        return done;
    };
}

inline yaml_reader basic_users(web_config& into) {
    return [&into](yaml_node const& node, std::string const& path) {
        return read_entries(node, path, [&](auto const& key, auto const& value, std::string const& name) -> result<> {
            if (auto fine = check_user_name(key, path); !fine) return fine;
            http::user_rule rule;
            if (auto done = password_hash(rule.hash)(value, name); !done) return done;
            into.rules.users.emplace(key.text, std::move(rule));
            return {};
        });
    };
}

inline yaml_reader rate_limit(rate_limit_settings& into) {
    return [&into](yaml_node const& node, std::string const& path) -> result<> {
        yaml_node const* burst = nullptr;
        auto const read_interval = [&](yaml_node const& value, std::string const& name) -> result<> {
            std::string text;
            if (auto done = yaml_text(text)(value, name); !done) return done;
            auto const interval = parse_duration(text);
            if (!interval) return wrong_value(value, name, "is no duration: " + interval.error().message);
            if (interval->count() < 0) return wrong_value(value, name, "is negative");
            into.interval = *interval;
            return {};
        };
        auto const read_burst = [&](yaml_node const& value, std::string const& name) {
            burst = &value;
            return yaml_number(into.burst, 0, std::numeric_limits<std::int32_t>::max())(value, name);
        };
        auto done = read_mapping(node, path, {{"interval", read_interval}, {"burst", read_burst}});
        if (done && into.interval.count() != 0 && into.burst == 0) {
            return wrong_value(burst == nullptr ? node : *burst, joined(path, "burst"),
                               "must be at least 1: otherwise every request is refused");
        }
        return done;
    };
}

}  // namespace detail

/// Reads the text of a web configuration file. Paths in it are relative to `directory`, the folder of the file. An
/// empty file is a legal one that asks for nothing. Fails with the place (line and column) and what is wrong there: an
/// unknown key, one that is there twice, a value of a wrong type or that is not acceptable. No message repeats a
/// secret.
[[nodiscard]] inline result<web_config> parse_web_config(std::string_view text, std::string const& directory) {
    auto const tree = parse_yaml(text);
    if (!tree) return std::unexpected(tree.error());
    web_config out;
    http::tls_settings tls;
    bool tls_is_on = false;
    detail::access_settings access;
    auto done = read_mapping(*tree, {},
                             {{"tls_server_config", detail::tls_settings_from(tls, tls_is_on, directory)},
                              {"http_server_config", detail::http_settings(out)},
                              {"basic_auth_users", detail::basic_users(out)},
                              {"rate_limit", detail::rate_limit(out.rate_limit)},
                              {"access", detail::access_from(access)}});
    if (done) done = detail::apply(access, out.rules);
    if (!done) return std::unexpected(std::move(done.error()));
    if (tls_is_on) out.tls = std::move(tls);
    return out;
}

}  // namespace pushgateway::server
