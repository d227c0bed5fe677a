#pragma once

/// \file
/// The key `access` of the web configuration file: roles, jobs, tokens, and what needs no credentials.

#include <algorithm>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <pushgateway/base/error.hpp>
#include <pushgateway/base/quote.hpp>
#include <pushgateway/http/auth/bcrypt_hash.hpp>
#include <pushgateway/http/auth/digest.hpp>
#include <pushgateway/http/auth/rules.hpp>
#include <pushgateway/http/path.hpp>
#include <pushgateway/server/yaml.hpp>
#include <pushgateway/server/yaml_fields.hpp>

namespace pushgateway::server::detail {

/// A bcrypt hash.
inline yaml_reader password_hash(std::string& into) {
    return [&into](yaml_node const& node, std::string const& path) -> result<> {
        if (auto done = yaml_text(into)(node, path); !done) return done;
        if (auto fine = http::bcrypt::check(into); !fine) return wrong_value(node, path, fine.error().message);
        return {};
    };
}

/// A name that basic authentication can carry.
inline result<> check_user_name(yaml_node const& key, std::string const& path) {
    auto const cannot_be = [](char c) { return c == ':' || static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
    if (std::ranges::none_of(key.text, cannot_be)) return {};
    return wrong_value(key, path, "has a user whose name holds a colon or a control character");
}

inline yaml_reader roles_from(http::permissions& into) {
    return [&into](yaml_node const& node, std::string const& path) -> result<> {
        return read_list(node, path, [&into](yaml_node const& item, std::string const& name) -> result<> {
            std::string word;
            if (auto done = yaml_text(word)(item, name); !done) return done;
            if (word == "push") {
                into.push = true;
            } else if (word == "read") {
                into.read = true;
            } else if (word == "admin") {
                into.admin = true;
            } else {
                return wrong_value(item, name,
                                   "is an unknown role: " + in_quotes(word) + "; known are push, read, admin");
            }
            return {};
        });
    };
}

/// What a user or a token may do: collects `roles` and `jobs`, then checks them together.
class permissions_reader {
public:
    std::vector<yaml_key> keys() {
        return {{"roles", roles_from(may_)}, {"jobs", [this](yaml_node const& node, std::string const& path) {
                                                  jobs_ = &node;
                                                  return yaml_texts(patterns_)(node, path);
                                              }}};
    }

    result<http::permissions> finish(yaml_node const& node, std::string const& path) {
        if (!may_.has(http::role::any)) {
            return wrong_value(node, path, "has no roles: a list of push, read, admin is expected");
        }
        if (jobs_ != nullptr) {
            auto const name = joined(path, "jobs");
            if (patterns_.empty()) return wrong_value(*jobs_, name, "is empty: leave it out for all jobs");
            if (!may_.push) return wrong_value(*jobs_, name, "says nothing without the role push");
            may_.jobs = std::move(patterns_);
        }
        return std::move(may_);
    }

private:
    http::permissions may_;
    std::vector<std::string> patterns_;
    yaml_node const* jobs_ = nullptr;
};

/// A user as `access` describes it. Without a password it is one of `basic_auth_users`.
struct access_user {
    std::string hash;
    http::permissions may;
    std::size_t line = 0;
    std::size_t column = 0;
};

struct access_settings {
    bool given = false;
    std::size_t line = 0;
    std::size_t column = 0;
    std::map<std::string, access_user> users;
    std::vector<http::token_rule> tokens;
    http::permissions anonymous;
    http::exemptions exempt;
};

inline yaml_reader access_users(access_settings& into) {
    return [&into](yaml_node const& node, std::string const& path) {
        return read_entries(node, path, [&](auto const& key, auto const& value, std::string const& name) -> result<> {
            if (auto fine = check_user_name(key, path); !fine) return fine;
            access_user user;
            user.line = key.line;
            user.column = key.column;
            permissions_reader may;
            auto keys = may.keys();
            keys.push_back({"password", password_hash(user.hash)});
            if (auto done = read_mapping(value, name, keys); !done) return done;
            auto permitted = may.finish(key, name);
            if (!permitted) return std::unexpected(std::move(permitted.error()));
            user.may = *std::move(permitted);
            into.users.emplace(key.text, std::move(user));
            return {};
        });
    };
}

inline yaml_reader access_tokens(access_settings& into) {
    return [&into](yaml_node const& node, std::string const& path) {
        return read_entries(node, path, [&](auto const& key, auto const& value, std::string const& name) -> result<> {
            http::token_rule token;
            token.name = key.text;
            bool given = false;
            auto const read_digest = [&](yaml_node const& text, std::string const& where) -> result<> {
                auto const parsed = text.is_text() ? http::parse_digest(text.text) : std::nullopt;
                if (!parsed)
                    return wrong_value(text, where, "must be the SHA-256 of the token in 64 hexadecimal digits");
                given = true;
                token.sha256 = *parsed;
                return {};
            };
            permissions_reader may;
            auto keys = may.keys();
            keys.push_back({"sha256", read_digest});
            if (auto done = read_mapping(value, name, keys); !done) return done;
            if (!given) return wrong_value(key, name, "has no sha256");
            auto permitted = may.finish(key, name);
            if (!permitted) return std::unexpected(std::move(permitted.error()));
            token.may = *std::move(permitted);
            for (auto const& other : into.tokens) {
                if (other.sha256 == token.sha256) {
                    return wrong_value(key, name, "is the same token as " + in_quotes(other.name));
                }
            }
            into.tokens.push_back(std::move(token));
            return {};
        });
    };
}

inline yaml_reader exemptions_from(http::exemptions& into) {
    return [&into](yaml_node const& node, std::string const& path) -> result<> {
        return read_list(node, path, [&into](yaml_node const& item, std::string const& name) -> result<> {
            std::string word;
            if (auto done = yaml_text(word)(item, name); !done) return done;
            if (word == "probes") {
                into.probes = true;
            } else if (word == "scrape") {
                into.scrape = true;
            } else if (word == "preflight") {
                into.preflight = true;
            } else {
                bool const folder = word.ends_with("/*");
                if (folder) word.pop_back();
                if (!http::is_clean_path(word) || word.find_first_of("*%?") != std::string::npos) {
                    return wrong_value(item, name,
                                       "must be probes, scrape, preflight, a path such as /status, or what "
                                       "is below one, such as /static/*");
                }
                (folder ? into.folders : into.paths).push_back(std::move(word));
            }
            return {};
        });
    };
}

inline yaml_reader access_from(access_settings& into) {
    return [&into](yaml_node const& node, std::string const& path) -> result<> {
        into.given = true;
        into.line = node.line;
        into.column = node.column;
        return read_mapping(node, path,
                            {{"users", access_users(into)},
                             {"tokens", access_tokens(into)},
                             {"anonymous", roles_from(into.anonymous)},
                             {"exempt", exemptions_from(into.exempt)}});
    };
}

/// Joins what `access` says to the users of `basic_auth_users`, who have all roles without it.
inline result<> apply(access_settings& access, http::access_rules& rules) {
    for (auto& [name, user] : access.users) {
        auto const known = rules.users.find(name);
        auto const wrong = [&user, path = "access.users." + name](std::string_view what) {
            return std::unexpected(yaml_error(user.line, user.column, path, what));
        };
        if (known == rules.users.end()) {
            if (user.hash.empty()) return wrong("has no password, here or in basic_auth_users");
            rules.users.emplace(name, http::user_rule{std::move(user.hash), std::move(user.may)});
        } else {
            if (!user.hash.empty()) return wrong("has a password in basic_auth_users, too");
            known->second.may = std::move(user.may);
        }
    }
    rules.tokens = std::move(access.tokens);
    rules.anonymous = std::move(access.anonymous);
    rules.exempt = std::move(access.exempt);
    if (access.given && rules.open()) {
        return std::unexpected(
            yaml_error(access.line, access.column, "access",
                       "lets nobody in: there are no users, no tokens and nothing for the anonymous"));
    }
    return {};
}

}  // namespace pushgateway::server::detail
