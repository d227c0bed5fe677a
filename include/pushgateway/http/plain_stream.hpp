#pragma once

/// \file
/// The bytes of a connection as they are on the wire. What a session needs of a stream, so that another one can take
/// its place.

#include <cstddef>
#include <string_view>
#include <utility>

#include <asio/awaitable.hpp>
#include <asio/buffer.hpp>
#include <asio/socket_base.hpp>

#include <pushgateway/http/stream_socket.hpp>

namespace pushgateway::http::detail {

/// A stream over a connected, non-blocking socket that its owner keeps. Used by one coroutine at a time.
class plain_stream {
public:
    explicit plain_stream(stream_socket& socket) noexcept : socket_(&socket) {}

    /// A stream with a handshake has `asio::awaitable<bool> handshake()`, to be called first; false if it failed.
    static constexpr bool has_handshake = false;

    template <class Buffer, class Token>
    auto async_read_some(Buffer const& buffer, Token&& token) {
        return socket_->async_read_some(buffer, std::forward<Token>(token));
    }
    template <class Buffer, class Token>
    auto async_write_some(Buffer const& buffer, Token&& token) {
        return socket_->async_write_some(buffer, std::forward<Token>(token));
    }

    /// Reads what is at hand; `would_block` if that is nothing.
    template <class Buffer>
    std::size_t read_now(Buffer const& buffer, asio::error_code& ec) {
        return socket_->read_some(buffer, ec);
    }

    /// Sends what can be sent without waiting, and returns how much that was. An error will show again.
    std::size_t write_now(std::string_view bytes) {
        asio::error_code ignored;
        return socket_->write_some(asio::buffer(bytes.data(), bytes.size()), ignored);
    }

    /// Tells the client that nothing more is sent, as far as that goes without waiting.
    void end_now(asio::error_code& ec) { socket_->shutdown(stream_socket::shutdown_send, ec); }

private:
    stream_socket* socket_;
};

}  // namespace pushgateway::http::detail
