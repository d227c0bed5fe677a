#pragma once

/// \file
/// The end of a connection after its last response.

#include <chrono>

#include <asio/awaitable.hpp>
#include <asio/buffer.hpp>
#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>

#include <pushgateway/http/event_loop.hpp>
#include <pushgateway/http/stream_socket.hpp>

namespace pushgateway::http::detail {

/// How often a connection is read before others have their turn.
inline constexpr int reads_in_a_row = 16;

/// Closes so that the client can read the last response: closing with unread bytes would reset the connection and may
/// take the response away.
template <class Stream>
asio::awaitable<void> close_lingering(event_loop& loop, connection& of, Stream& stream) {
    constexpr std::chrono::seconds timeout{2};
    asio::error_code ec;
    stream.end_now(ec);
    loop.wait_for(of, waiting::lingering, timeout);
    while (!ec) {
        co_await of.socket.async_wait(stream_socket::wait_read, asio::redirect_error(asio::use_awaitable, ec));
        for (int i = 0; i < reads_in_a_row && !ec; ++i) of.socket.read_some(asio::buffer(loop.incoming), ec);
        if (ec == asio::error::would_block) ec = {};
    }
}

}  // namespace pushgateway::http::detail
