#pragma once

/// \file
/// What the TLS connections of a server have in common: the context to use, and a voice for their failures.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <pushgateway/base/occasional.hpp>
#include <pushgateway/http/event_loop.hpp>
#include <pushgateway/http/tls/context_cache.hpp>

namespace pushgateway::http::detail {

/// Safe to use from several threads.
class tls_keeper {
public:
    explicit tls_keeper(tls_context_cache::source settings) : cache_(std::move(settings)) {}

    /// As `tls_context_cache::current`.
    [[nodiscard]] tls_context_cache::context current() { return cache_.current(); }

    /// Says that nobody can be served at the moment.
    void tell_broken(service const& to, std::string_view why) noexcept {
        tell(to, broken_, "TLS connections are refused", why);
    }

    /// Says that a handshake failed; `remote` is the peer.
    void tell_failed(service const& to, std::string_view remote, std::string_view why) noexcept {
        try {
            tell(to, failed_, "TLS handshake with " + std::string(remote) + " failed", why);
        } catch (...) {
        }
    }

private:
    static void tell(service const& to, occasional& often, std::string_view what, std::string_view why) noexcept {
        try {
            auto const held_back = often.admit();
            if (!held_back) return;
            std::string text(what);
            text += ": ";
            text += why;
            if (*held_back != 0) text += " (and " + std::to_string(*held_back) + " before that were not told)";
            to.warn(text);
        } catch (...) {
        }
    }

    tls_context_cache cache_;
    occasional broken_{std::chrono::seconds(10)};
    occasional failed_{std::chrono::seconds(10)};
};

}  // namespace pushgateway::http::detail
