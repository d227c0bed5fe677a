#pragma once

/// \file
/// Who may do what: plain values, wherever they come from.

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <pushgateway/http/auth/digest.hpp>
#include <pushgateway/http/auth/pattern.hpp>
#include <pushgateway/http/message.hpp>

namespace pushgateway::http {

/// What a request needs.
enum class role : std::uint8_t {
    push,   ///< to push to a group or delete it
    read,   ///< to see what is stored: exposition, page, API
    admin,  ///< to wipe everything or stop the server
    any,    ///< nothing in particular: whoever may do anything at all
};

[[nodiscard]] constexpr std::string_view name_of(role r) noexcept {
    switch (r) {
        case role::push: return "push";
        case role::read: return "read";
        case role::admin: return "admin";
        case role::any: break;
    }
    return "any";
}

/// What someone may do.
struct permissions {
    bool push = false;
    bool read = false;
    bool admin = false;
    /// The jobs that may be pushed to and deleted, as patterns; nothing: all.
    std::optional<std::vector<std::string>> jobs;

    [[nodiscard]] static permissions all() { return {true, true, true, {}}; }

    [[nodiscard]] bool has(role r) const noexcept {
        switch (r) {
            case role::push: return push;
            case role::read: return read;
            case role::admin: return admin;
            case role::any: break;
        }
        return push || read || admin;
    }

    [[nodiscard]] bool has_job(std::string_view job) const noexcept {
        return !jobs || std::ranges::any_of(*jobs, [job](auto const& p) { return matches_pattern(p, job); });
    }
};

/// Someone who has a password.
struct user_rule {
    std::string hash;  ///< of the password, a bcrypt hash that `bcrypt::check` accepts
    permissions may = permissions::all();
};

/// Someone who has a bearer token.
struct token_rule {
    std::string name;  ///< for people
    digest sha256{};   ///< of the token
    permissions may;
};

/// Requests that need no credentials.
struct exemptions {
    bool probes = false;               ///< GET `/-/healthy` and `/-/ready`
    bool scrape = false;               ///< GET the exposition, also that of the gateway's own metrics
    bool preflight = false;            ///< OPTIONS, which a browser sends without credentials
    std::vector<std::string> paths;    ///< GET these paths, below the route prefix
    std::vector<std::string> folders;  ///< GET what is below these paths, which end in a slash
};

/// All rules. Without a user, a token and anything for the anonymous everything is open.
struct access_rules {
    std::map<std::string, user_rule, std::less<>> users;
    std::vector<token_rule> tokens;
    permissions anonymous;
    exemptions exempt;
    /// Added to every response; may be null.
    std::shared_ptr<std::vector<field> const> fields;

    [[nodiscard]] bool open() const noexcept { return users.empty() && tokens.empty() && !anonymous.has(role::any); }
};

/// Where the rules come from. Functions are called from several threads at once.
class rules_source {
public:
    virtual ~rules_source() = default;

    /// The rules that hold for a request which has just arrived; null if they cannot be known, whereupon nobody comes
    /// in. Takes a microsecond, unless the rules have changed.
    [[nodiscard]] virtual std::shared_ptr<access_rules const> current() = 0;
};

/// Rules that stay.
class fixed_rules final : public rules_source {
public:
    explicit fixed_rules(access_rules rules) : rules_(std::make_shared<access_rules const>(std::move(rules))) {}
    [[nodiscard]] std::shared_ptr<access_rules const> current() override { return rules_; }

private:
    std::shared_ptr<access_rules const> rules_;
};

}  // namespace pushgateway::http
