#pragma once

/// \file
/// The gate that asks who someone is and what they may do.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include <pushgateway/base/quote.hpp>
#include <pushgateway/http/answers.hpp>
#include <pushgateway/http/auth/bcrypt_hash.hpp>
#include <pushgateway/http/auth/credentials.hpp>
#include <pushgateway/http/auth/rate_limiter.hpp>
#include <pushgateway/http/auth/request_classifier.hpp>
#include <pushgateway/http/auth/rules.hpp>
#include <pushgateway/http/auth/success_cache.hpp>
#include <pushgateway/http/gate.hpp>

namespace pushgateway::http {

/// Options of `access_gate`.
struct access_gate_options {
    known_paths paths;
    /// Asked before anything else; null: requests come as fast as they like.
    std::shared_ptr<rate_limiter> limiter;
    /// How many requests may wait for their password to be tried. Exceeded: 503.
    std::size_t most_waiting = 128;
    /// How many right passwords are remembered.
    std::size_t remembered = 4096;
    /// Requests that need no credentials beside those that the rules exempt; may be empty. Called from several threads.
    std::function<bool(request const&)> exempt;
    /// Told of every refusal: the request, the answer, and the name of the user or token that was shown, if any.
    /// Called from several threads at once.
    std::function<void(request const&, response const&, std::string_view)> on_refusal;
};

/// Admits requests by the rules of a source. The answers: 500 if the rules are not known, 429 beyond the rate, 401
/// without valid credentials, 403 for what their owner may not do, 503 when too many passwords wait to be tried.
///
/// A password is tried in `judge` alone, once as long as it is remembered. A request with an unknown user costs one
/// try as well, on a hash of the cost of one of the known users.
class access_gate final : public gate {
public:
    /// Tries a password on a hash: `bcrypt_matches`.
    using password_check = std::function<bool(std::string_view password, std::string_view hash)>;

    access_gate(std::shared_ptr<rules_source> source, password_check check, access_gate_options options = {})
        : source_(std::move(source)),
          check_(std::move(check)),
          options_(std::move(options)),
          classify_(options_.paths),
          remembered_(options_.remembered) {}

    [[nodiscard]] std::optional<verdict> glance(request const& head) override {
        auto const rules = source_->current();
        if (!rules) return refuse(head, nullptr, error_answer(500, "Internal Server Error"));
        if (options_.limiter && !options_.limiter->allow()) {
            return refuse(head, rules.get(), error_answer(429, "Too Many Requests"));
        }
        auto said = decide(head, *rules, false);
        if (said) return said;
        if (waiting_.fetch_add(1) < options_.most_waiting) return std::nullopt;
        waiting_.fetch_sub(1);
        auto busy = error_answer(503, "too many passwords wait to be checked");
        busy.set("Retry-After", "1");
        return refuse(head, rules.get(), std::move(busy));
    }

    [[nodiscard]] verdict judge(request const& head) override {
        struct leave {
            std::atomic<std::size_t>& waiting;
            ~leave() { waiting.fetch_sub(1); }
        } const at_the_end{waiting_};
        auto const rules = source_->current();
        if (!rules) return refuse(head, nullptr, error_answer(500, "Internal Server Error"));
        return *decide(head, *rules, true);
    }

    /// What the sender of an admitted request may do at all, for a page that offers only that. Nothing if the password
    /// is not remembered any more.
    [[nodiscard]] permissions permissions_of(request const& head) {
        auto const rules = source_->current();
        if (!rules) return {};
        if (rules->open()) return permissions::all();
        auto const shown = read_credentials(head);
        if (auto const* token = std::get_if<bearer_token>(&shown)) {
            auto const* const found = find_token(*rules, token->text);
            return found != nullptr ? found->may : permissions{};
        }
        auto const* basic = std::get_if<basic_credentials>(&shown);
        if (basic == nullptr) return rules->anonymous;
        auto const user = rules->users.find(basic->user());
        if (user == rules->users.end()) return {};
        auto const key = remembered_.key_of(user->first, user->second.hash, basic->password());
        return remembered_.contains(key) ? user->second.may : permissions{};
    }

    /// How many requests wait for their password to be tried, or have it tried.
    [[nodiscard]] std::size_t waiting() const noexcept { return waiting_; }

private:
    /// Whose credentials a request carries.
    struct identity {
        char const* kind;
        std::string_view name;
        permissions const& may;
    };

    /// Nothing only if a password has to be tried and `thoroughly` is false.
    std::optional<verdict> decide(request const& head, access_rules const& rules, bool thoroughly) {
        if (rules.open() || (options_.exempt && options_.exempt(head))) return admit(rules);
        auto const needs = classify_(head, rules.exempt);
        if (needs.exempt || allows(rules.anonymous, needs)) return admit(rules);
        auto const shown = read_credentials(head);
        if (auto const* token = std::get_if<bearer_token>(&shown)) return by_token(head, rules, needs, token->text);
        if (auto const* basic = std::get_if<basic_credentials>(&shown); basic != nullptr && !rules.users.empty()) {
            return by_password(head, rules, needs, *basic, thoroughly);
        }
        return unauthorized(head, rules);
    }

    std::optional<verdict> by_password(request const& head, access_rules const& rules, request_needs const& needs,
                                       basic_credentials const& shown, bool thoroughly) {
        auto const user = rules.users.find(shown.user());
        bool const known = user != rules.users.end();
        success_cache::key key{};
        if (known) {
            key = remembered_.key_of(user->first, user->second.hash, shown.password());
            if (remembered_.contains(key)) return permit(head, rules, needs, {"user", user->first, user->second.may});
        }
        if (!thoroughly) return std::nullopt;
        // Tried in any case: the time must not tell whether there is such a user.
        bool const right = check_(shown.password(), known ? user->second.hash : dummy_hash(rules, shown.user()));
        if (!known || !right) return unauthorized(head, rules, shown.user());
        remembered_.insert(key);
        return permit(head, rules, needs, {"user", user->first, user->second.may});
    }

    verdict by_token(request const& head, access_rules const& rules, request_needs const& needs,
                     std::string_view text) const {
        auto const* const found = find_token(rules, text);
        if (found == nullptr) return unauthorized(head, rules, {}, true);
        return permit(head, rules, needs, {"token", found->name, found->may});
    }

    static token_rule const* find_token(access_rules const& rules, std::string_view text) {
        auto const shown = sha256(text);
        token_rule const* found = nullptr;
        // To the end, whichever it is.
        for (auto const& token : rules.tokens) {
            if (same_digest(token.sha256, shown)) found = &token;
        }
        return found;
    }

    /// Every unknown name has the cost of one of the known users, and always the same.
    std::string dummy_hash(access_rules const& rules, std::string_view name) const {
        auto const secret = choice_({name});
        std::uint32_t number = 0;
        std::memcpy(&number, secret.data(), sizeof number);
        auto const like = std::next(rules.users.begin(), number % static_cast<std::ptrdiff_t>(rules.users.size()));
        return bcrypt::dummy_hash(bcrypt::cost_of(like->second.hash));
    }

    static bool allows(permissions const& may, request_needs const& needs) noexcept {
        if (!may.has(needs.role)) return false;
        return needs.role != role::push || !may.jobs || (needs.job && may.has_job(*needs.job));
    }

    verdict permit(request const& head, access_rules const& rules, request_needs const& needs,
                   identity const& who) const {
        if (allows(who.may, needs)) return admit(rules);
        auto const subject = std::string("the ") + who.kind + ' ' + in_quotes(who.name);
        std::string why;
        if (!who.may.has(needs.role)) {
            why = subject + " does not have the role " + in_quotes(name_of(needs.role));
        } else if (!needs.job) {
            why = subject + " may push to certain jobs only, and the job in the path cannot be read";
        } else {
            why = subject + " may not push to or delete the job " + in_quotes(needs.job->substr(0, shown_of_a_job));
        }
        auto out = error_answer(403, why);
        if (std::string_view(who.kind) == "token") {
            out.set("WWW-Authenticate", std::string(bearer_challenge) + R"(, error="insufficient_scope")");
        }
        return refuse(head, &rules, std::move(out), who.name);
    }

    verdict unauthorized(request const& head, access_rules const& rules, std::string_view name = {},
                         bool token_shown = false) const {
        auto out = error_answer(401, "Unauthorized");
        if (!rules.users.empty() || rules.tokens.empty()) out.set("WWW-Authenticate", "Basic");
        if (!rules.tokens.empty()) {
            out.set("WWW-Authenticate",
                    std::string(bearer_challenge) + (token_shown ? R"(, error="invalid_token")" : ""));
        }
        return refuse(head, &rules, std::move(out), name);
    }

    static verdict admit(access_rules const& rules) {
        verdict out;
        out.fields = rules.fields;
        return out;
    }

    verdict refuse(request const& head, access_rules const* rules, response answer, std::string_view name = {}) const {
        if (options_.on_refusal) options_.on_refusal(head, answer, name);
        verdict out(std::move(answer));
        if (rules != nullptr) out.fields = rules->fields;
        return out;
    }

    static constexpr std::string_view bearer_challenge = R"(Bearer realm="pushgateway")";
    static constexpr std::size_t shown_of_a_job = 200;

    std::shared_ptr<rules_source> source_;
    password_check check_;
    access_gate_options options_;
    request_classifier classify_;
    success_cache remembered_;
    keyed_digest choice_;
    std::atomic<std::size_t> waiting_ = 0;
};

}  // namespace pushgateway::http
