#pragma once

/// \file
/// Takes connections from a listening socket and starts a session for each.

#include <cerrno>
#include <chrono>
#include <new>
#include <string>
#include <utility>

#include <asio/awaitable.hpp>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/post.hpp>
#include <asio/redirect_error.hpp>
#include <asio/socket_base.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>

#include <pushgateway/http/event_loop.hpp>
#include <pushgateway/http/plain_stream.hpp>
#include <pushgateway/http/session.hpp>
#include <pushgateway/http/stream_socket.hpp>
#include <pushgateway/http/transport.hpp>

namespace pushgateway::http::detail {

/// Serves connections as they are.
class plain_transport final : public transport {
public:
    void begin(event_loop& loop, stream_socket socket, std::string remote) override {
        asio::co_spawn(loop.io, serve<plain_stream>(loop, std::move(socket), std::move(remote)), asio::detached);
    }
};

/// Starts to serve a connection. An error if there is not enough memory to do so; the connection is closed then.
inline asio::error_code begin_session(event_loop& loop, stream_socket socket, stream_endpoint const& peer) {
    try {
        loop.shared->options.transport->begin(loop, std::move(socket), describe(peer));
        return {};
    } catch (std::bad_alloc const&) {
        return asio::error::no_memory;
    }
}

/// Takes one connection. Fails as accepting does.
inline asio::awaitable<asio::error_code> accept_one(event_loop& loop, stream_acceptor& acceptor) {
    asio::error_code ec;
    stream_endpoint peer;
    stream_socket socket(loop.io);
    co_await acceptor.async_accept(socket, peer, asio::redirect_error(asio::use_awaitable, ec));
    if (!ec && loop.full()) {
        bool const evicted = loop.make_room();
        if (evicted) loop.usage().count_rejection(limit_kind::connections);
        if (evicted || (loop.no_spare_seat() && loop.make_spare_room())) {
            // Let it go first.
            co_await asio::post(loop.io.get_executor(), asio::use_awaitable);
        }
    }
    if (!ec) ec = begin_session(loop, std::move(socket), peer);
    co_return ec;
}

/// Accepts the connections that wait, a bounded number and below the limit, so that a probe behind many others does not
/// wait for as many rounds of the loop. Fails as accepting does.
inline asio::error_code accept_others(event_loop& loop, stream_acceptor& acceptor) {
    constexpr int most = 32;
    asio::error_code ec;
    for (int i = 0; i != most && !loop.full() && !loop.draining; ++i) {
        stream_endpoint peer;
        stream_socket socket(loop.io);
        acceptor.accept(socket, peer, ec);
        if (ec == asio::error::would_block || ec == asio::error::try_again) return {};
        if (!ec) ec = begin_session(loop, std::move(socket), peer);
        if (ec) return ec;
    }
    return {};
}

/// Accepts until the acceptor is closed.
inline asio::awaitable<void> accept_loop(event_loop& loop, stream_acceptor& acceptor) {
    asio::steady_timer pause(loop.io);
    asio::error_code ignored;
    acceptor.non_blocking(true, ignored);
    // Else accepting would wait for the next one if one has gone.
    acceptor.set_option(asio::socket_base::enable_connection_aborted(true), ignored);
    bool warned = false;
    bool waited = false;
    while (!loop.draining) {
        asio::error_code ec;
        try {
            ec = co_await accept_one(loop, acceptor);
            if (!ec) {
                waited = false;
                ec = accept_others(loop, acceptor);
            }
        } catch (std::bad_alloc const&) {
            ec = asio::error::no_memory;
        }
        if (!ec) {
            warned = warned && loop.lacks_descriptors();
            continue;
        }
        // One who has gone before he was taken.
        if (ec == asio::error::connection_aborted || ec.value() == EPROTO) continue;
        if (loop.draining) break;
        auto const why = ec;
        bool const full = ec == asio::error::no_descriptors || ec.value() == ENFILE;
        if (full) {
            // Linux says so even if nobody comes.
            co_await acceptor.async_wait(stream_acceptor::wait_read, asio::redirect_error(asio::use_awaitable, ec));
            if (ec) continue;
        }
        if (!std::exchange(warned, true)) loop.shared->warn("cannot accept connections at the moment: ", why);
        if (full && loop.find_descriptor(waited)) {
            waited = false;
            co_await asio::post(loop.io.get_executor(), asio::use_awaitable);
            continue;
        }
        // Other connections will give some back. The client waits in the backlog; trying again at once would take the
        // time that serving the others needs.
        pause.expires_after(std::chrono::milliseconds(50));
        co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, ec));
        waited = true;
    }
}

}  // namespace pushgateway::http::detail
