#pragma once

/// \file
/// What all TLS connections of the same settings share: certificate, key, and what is demanded of a client.

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <pushgateway/base/error.hpp>
#include <pushgateway/http/tls/client_names.hpp>
#include <pushgateway/http/tls/context_setup.hpp>
#include <pushgateway/http/tls/openssl.hpp>
#include <pushgateway/http/tls/settings.hpp>

namespace pushgateway::http {

/// A server's side of TLS, made from settings. Constant, and used by any number of threads; must outlive the
/// connections that are made from it.
///
/// ALPN: `http/1.1`, or `http/1.0` for who offers only that; who offers neither is refused, as by Go. Renegotiation and
/// compression are off. Sessions are resumed by tickets, none are kept here; but where a client's certificate is asked
/// for, every connection has to show it anew.
class tls_context {
    struct only_here {};

public:
    /// Reads the files and checks everything that can be checked before a client is there. Fails with errc::invalid, or
    /// errc::unavailable for a file that cannot be read; the message names the setting and the file.
    static result<std::shared_ptr<tls_context const>> make(tls_settings const& settings) {
        ERR_clear_error();
        detail::ssl_context_ptr made(SSL_CTX_new(TLS_server_method()));
        if (!made) return fail(errc::unavailable, "cannot prepare TLS: " + detail::openssl_reason("no memory"));
        auto* const ssl = made.get();
        auto done = detail::check(settings);
        if (done) done = detail::set_protocol(ssl, settings);
        if (done) done = detail::set_certificate(ssl, settings);
        if (done) done = detail::set_client_authorities(ssl, settings);
        if (!done) return std::unexpected(std::move(done.error()));
        return std::make_shared<tls_context const>(only_here{}, settings, std::move(made));
    }

    tls_context(only_here, tls_settings const& settings, detail::ssl_context_ptr ssl)
        : ssl_(std::move(ssl)), verifies_(settings.client_auth >= client_auth::verify_if_given) {
        SSL_CTX_set_alpn_select_cb(ssl_.get(), select_protocol, nullptr);
        // Nothing is resumed that was not agreed on under these settings.
        static constexpr std::string_view name = "pushgateway";
        SSL_CTX_set_session_id_context(ssl_.get(), reinterpret_cast<unsigned char const*>(name.data()), name.size());
        SSL_CTX_set_session_cache_mode(ssl_.get(), SSL_SESS_CACHE_OFF);
        if (settings.client_auth == client_auth::none) {
            SSL_CTX_set_num_tickets(ssl_.get(), 1);
            return;
        }
        SSL_CTX_set_options(ssl_.get(), SSL_OP_NO_TICKET);
        SSL_CTX_set_num_tickets(ssl_.get(), 0);
        allowed_ = settings.allowed_sans;
        int mode = SSL_VERIFY_PEER;
        // Without a certificate there is no allowed name either.
        bool const required = settings.client_auth == client_auth::require_any ||
                              settings.client_auth == client_auth::require_and_verify || !allowed_.empty();
        if (required) mode |= SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
        SSL_CTX_set_verify(ssl_.get(), mode, nullptr);
        SSL_CTX_set_cert_verify_callback(ssl_.get(), verify, this);
    }
    tls_context(tls_context const&) = delete;
    tls_context& operator=(tls_context const&) = delete;
    ~tls_context() = default;

    [[nodiscard]] SSL_CTX* native() const noexcept { return ssl_.get(); }

private:
    /// Judges a client's certificate; 1 if it is good.
    static int verify(X509_STORE_CTX* presented, void* self) noexcept {
        auto const& context = *static_cast<tls_context const*>(self);
        if (context.verifies_) {
            // What TLS 1.0 needs of the handshake must not make weak certificates good.
            X509_VERIFY_PARAM_set_auth_level(X509_STORE_CTX_get0_param(presented), 1);
            if (X509_verify_cert(presented) != 1) return 0;
        }
        X509_STORE_CTX_set_error(presented, X509_V_OK);
        try {
            if (context.allowed_.empty() ||
                detail::has_allowed_name(X509_STORE_CTX_get0_cert(presented), context.allowed_)) {
                return 1;
            }
        } catch (...) {
            X509_STORE_CTX_set_error(presented, X509_V_ERR_OUT_OF_MEM);
            return 0;
        }
        X509_STORE_CTX_set_error(presented, X509_V_ERR_CERT_REJECTED);
        return 0;
    }

    /// Picks from what a client offers: names with their length before them.
    static int select_protocol(SSL*, unsigned char const** chosen, unsigned char* chosen_size,
                               unsigned char const* offered, unsigned offered_size, void*) noexcept {
        std::string_view const all(reinterpret_cast<char const*>(offered), offered_size);
        for (std::string_view const wanted : {"http/1.1", "http/1.0"}) {
            for (std::size_t at = 0; at < all.size(); at += 1 + static_cast<unsigned char>(all[at])) {
                auto const name = all.substr(at + 1, static_cast<unsigned char>(all[at]));
                if (name != wanted) continue;
                *chosen = offered + at + 1;
                *chosen_size = static_cast<unsigned char>(name.size());
                return SSL_TLSEXT_ERR_OK;
            }
        }
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    }

    detail::ssl_context_ptr ssl_;
    bool verifies_;
    std::vector<std::string> allowed_;
};

}  // namespace pushgateway::http
