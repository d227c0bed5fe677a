#pragma once

/// \file
/// Whether a client is still there, as far as its connection shows.

#include <cstdint>
#include <string_view>

#include <asio/buffer.hpp>
#include <asio/error_code.hpp>
#include <poll.h>

#include <pushgateway/http/connection.hpp>

namespace pushgateway::http::detail {

/// The interim response that means nothing to who has not asked for it.
inline constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";

/// What a connection shows of its client.
enum class presence : std::uint8_t {
    there,
    silent,  ///< it has ended what it sends: it may wait for its answer all the same, or have closed the connection
    gone,
};

/// Looks at a connected socket, without waiting. `encrypted`: who has ended what he sends has ended all. Any thread.
[[nodiscard]] inline presence presence_of(int socket, bool encrypted) noexcept {
    pollfd state{socket, POLLRDHUP, 0};
    if (::poll(&state, 1, 0) <= 0) return presence::there;
    bool const ended = (state.revents & (POLLERR | POLLHUP | POLLNVAL)) != 0;
    return ended || encrypted ? presence::gone : presence::silent;
}

/// True if nobody waits for the answer of `c` any more. A client that has ended what it sends may do so; unless the
/// answer has begun, it is sent an interim response, once: who has closed the connection resets it for that. One who is
/// near has done so when this returns.
[[nodiscard]] inline bool is_gone(connection& c, bool answer_begun) noexcept {
    auto client = presence_of(c.socket.native_handle(), c.encrypted);
    bool const may_ask = !c.asked && !answer_begun && c.parser.message().minor_version != 0;
    if (client == presence::silent && may_ask) {
        asio::error_code ignored;
        c.socket.write_some(asio::buffer(go_on), ignored);
        c.asked = true;
        client = presence_of(c.socket.native_handle(), c.encrypted);
    }
    return client == presence::gone;
}

}  // namespace pushgateway::http::detail
