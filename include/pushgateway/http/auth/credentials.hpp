#pragma once

/// \file
/// What a client shows to say who it is: the field `Authorization` (RFC 9110 section 11) with the schemes Basic
/// (RFC 7617) and Bearer (RFC 6750).

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include <openssl/crypto.h>

#include <pushgateway/base/base64.hpp>
#include <pushgateway/http/message.hpp>

namespace pushgateway::http {

/// A user's name and password. The memory of the password is wiped at the end.
class basic_credentials {
public:
    /// `text` is `user:password`; the first colon separates them.
    explicit basic_credentials(std::string text) : text_(std::move(text)), colon_(text_.find(':')) {}
    basic_credentials(basic_credentials const&) = delete;
    basic_credentials& operator=(basic_credentials const&) = delete;
    basic_credentials(basic_credentials&& other) noexcept
        : text_(std::move(other.text_)), colon_(std::exchange(other.colon_, std::string::npos)) {
        wipe(other.text_);
    }
    basic_credentials& operator=(basic_credentials&&) = delete;
    ~basic_credentials() { wipe(text_); }

    /// False if there is no colon.
    [[nodiscard]] bool complete() const noexcept { return colon_ != std::string::npos; }
    [[nodiscard]] std::string_view user() const noexcept { return std::string_view(text_).substr(0, colon_); }
    [[nodiscard]] std::string_view password() const noexcept { return std::string_view(text_).substr(colon_ + 1); }

private:
    static void wipe(std::string& s) noexcept { OPENSSL_cleanse(s.data(), s.size()); }

    std::string text_;
    std::string::size_type colon_;
};

/// A bearer token, a view into the request.
struct bearer_token {
    std::string_view text;
};

/// No credentials; some that cannot be read, or of another scheme; or those of a user or a token.
struct no_credentials {};
struct unusable_credentials {};
using credentials = std::variant<no_credentials, unusable_credentials, basic_credentials, bearer_token>;

namespace detail {

/// `b64token` of RFC 6750.
constexpr bool is_bearer_token(std::string_view text) noexcept {
    constexpr auto allowed = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
               c == '_' || c == '~' || c == '+' || c == '/';
    };
    auto const body = text.substr(0, text.find_last_not_of('=') + 1);
    return !body.empty() && std::ranges::all_of(body, allowed);
}

}  // namespace detail

/// Reads the credentials of a request. Two fields `Authorization` are unusable: whoever forwarded them may have meant
/// either.
[[nodiscard]] inline credentials read_credentials(request const& head) {
    field const* found = nullptr;
    for (auto const& f : head.fields) {
        if (!equal_ignoring_case(f.name, "Authorization")) continue;
        if (found != nullptr) return unusable_credentials{};
        found = &f;
    }
    if (found == nullptr) return no_credentials{};
    std::string_view rest = found->value;
    auto const scheme = rest.substr(0, rest.find(' '));
    rest.remove_prefix(scheme.size());
    rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
    if (equal_ignoring_case(scheme, "Basic")) {
        auto text = decode_base64(rest);
        if (!text) return unusable_credentials{};
        basic_credentials out(*std::move(text));
        if (!out.complete()) return unusable_credentials{};
        return out;
    }
    if (equal_ignoring_case(scheme, "Bearer") && detail::is_bearer_token(rest)) return bearer_token{rest};
    return unusable_credentials{};
}

}  // namespace pushgateway::http
