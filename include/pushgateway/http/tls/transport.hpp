#pragma once

/// \file
/// Serves the connections of a server inside of TLS.

#include <memory>
#include <string>
#include <utility>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>

#include <pushgateway/base/error.hpp>
#include <pushgateway/http/session.hpp>
#include <pushgateway/http/tls/keeper.hpp>
#include <pushgateway/http/tls/settings.hpp>
#include <pushgateway/http/tls/stream.hpp>
#include <pushgateway/http/transport.hpp>

namespace pushgateway::http {

/// For `server_options::transport`: every connection of the server is a TLS connection.
///
/// Settings and certificates are renewed without a restart: a handshake that begins after a change uses what is there
/// then, established connections go on. As long as settings or files are broken, new connections are refused, and
/// `server_options::warn` is told the reason, once in ten seconds at most; so it is of failed handshakes.
class tls_transport final : public transport {
public:
    /// Gives the settings of now, or why there are none. Called at every handshake, by one thread at a time, and must
    /// not take long; as long as it returns the same object, that is compared by its address alone.
    using settings_source = detail::tls_context_cache::source;

    explicit tls_transport(settings_source settings)
        : keeper_(std::make_shared<detail::tls_keeper>(std::move(settings))) {}

    /// Whether a handshake that begins now could be served; the reason if not. For a start that must not succeed with
    /// a broken certificate. Thread safe.
    [[nodiscard]] result<> check() const {
        if (auto context = keeper_->current(); !context) return std::unexpected(std::move(context.error()));
        return {};
    }

    void begin(http::detail::event_loop& loop, http::detail::stream_socket socket, std::string remote) override {
        auto peer = remote;
        asio::co_spawn(loop.io,
                       http::detail::serve<detail::tls_stream>(loop, std::move(socket), std::move(remote), keeper_,
                                                               static_cast<http::detail::service const*>(loop.shared),
                                                               std::move(peer)),
                       asio::detached);
    }

private:
    std::shared_ptr<detail::tls_keeper> keeper_;
};

}  // namespace pushgateway::http
