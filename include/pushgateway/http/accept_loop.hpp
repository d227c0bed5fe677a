#pragma once

/// \file
/// Takes connections from a listening socket and starts a session for each.

#include <chrono>
#include <new>
#include <string>
#include <utility>

#include <asio/awaitable.hpp>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>

#include <pushgateway/http/event_loop.hpp>
#include <pushgateway/http/session.hpp>

namespace pushgateway::http::detail {

/// A peer as logs show it; an IPv4 client of an IPv6 socket as IPv4.
[[nodiscard]] inline std::string describe(tcp::endpoint const& peer) {
    auto const address = peer.address();
    auto const port = ":" + std::to_string(peer.port());
    if (address.is_v4()) return address.to_string() + port;
    if (address.to_v6().is_v4_mapped()) {
        return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()).to_string() + port;
    }
    return "[" + address.to_string() + "]" + port;
}

/// Starts to serve a connection. An error if there is not enough memory to do so; the connection is closed then.
inline asio::error_code begin_session(event_loop& loop, tcp::socket socket, tcp::endpoint const& peer) {
    try {
        asio::co_spawn(loop.io, serve(loop, std::move(socket), describe(peer)), asio::detached);
        return {};
    } catch (std::bad_alloc const&) {
        return asio::error::no_memory;
    }
}

/// Accepts until the acceptor is closed.
inline asio::awaitable<void> accept_loop(event_loop& loop, tcp::acceptor& acceptor) {
    asio::steady_timer pause(loop.io);
    bool told = false;
    while (!loop.draining) {
        asio::error_code ec;
        tcp::endpoint peer;
        tcp::socket socket(loop.io);
        co_await acceptor.async_accept(socket, peer, asio::redirect_error(asio::use_awaitable, ec));
        if (!ec) ec = begin_session(loop, std::move(socket), peer);
        if (!ec) {
            told = false;
        } else if (!loop.draining) {
            // No descriptors or no memory, as a rule: other connections will give some back. The client waits in the
            // backlog; trying again at once would take the time that serving the others needs.
            if (!std::exchange(told, true)) {
                loop.shared->warn("cannot accept connections at the moment: ", ec);
            }
            pause.expires_after(std::chrono::milliseconds(50));
            co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, ec));
        }
    }
}

}  // namespace pushgateway::http::detail
