#pragma once

/// \file
/// How the connections of a server are served once they are accepted: as they are, or inside of TLS.

#include <string>

#include <pushgateway/http/stream_socket.hpp>

namespace pushgateway::http {

namespace detail {
class event_loop;
}

/// Starts a session on an accepted socket. Called from the threads of a server, also from several at once.
class transport {
public:
    virtual ~transport() = default;

    /// Spawns the session on `loop` and returns. `remote` describes the peer. Throws std::bad_alloc if there is not
    /// enough memory; the connection is closed then.
    virtual void begin(detail::event_loop& loop, detail::stream_socket socket, std::string remote) = 0;
};

}  // namespace pushgateway::http
