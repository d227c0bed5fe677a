#pragma once

/// \file
/// The end of a connection after its last response.

#include <chrono>

#include <asio/awaitable.hpp>
#include <asio/buffer.hpp>
#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>

#include <pushgateway/http/event_loop.hpp>
#include <pushgateway/http/reading_turns.hpp>
#include <pushgateway/http/stream_socket.hpp>

namespace pushgateway::http::detail {

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
        if (!ec && !loop.reading.take()) co_await loop.reading.next();
        if (of.evicted || of.timed_out) co_return;
        for (int i = 0; i < reading_turns::reads && !ec; ++i) of.socket.read_some(asio::buffer(loop.incoming), ec);
        if (ec == asio::error::would_block) ec = {};
    }
}

}  // namespace pushgateway::http::detail
