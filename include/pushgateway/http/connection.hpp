#pragma once

/// \file
/// A connection as its event loop sees it: what it waits for and until when.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

#include <asio/steady_timer.hpp>
#include <boost/intrusive/list.hpp>

#include <pushgateway/base/limits.hpp>
#include <pushgateway/http/request_parser.hpp>
#include <pushgateway/http/stream_socket.hpp>
#include <pushgateway/http/work_queue.hpp>

namespace pushgateway::http::detail {

/// What a connection waits for: decides which deadline holds and what happens when it passes.
enum class waiting : std::uint8_t {
    handshake,  ///< for the end of the handshake of an encrypted connection: closed silently
    request,    ///< for the first byte of a request: closed silently
    head,       ///< for the rest of a head: 408
    body,       ///< for more of a body: 408
    handler,    ///< for the answer: no deadline
    response,   ///< for the client to take the response: closed
    lingering,  ///< for the client to close after the last response: closed
};

/// Whether a connection is within the limit.
enum class seat : std::uint8_t {
    none,     ///< there is no place for it
    regular,  ///< yes
    spare,    ///< no, but a probe or a scrape is answered on it, once, and anything else is refused
};

using link = boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;

/// A connection as its event loop sees it.
struct connection : link {
    explicit connection(stream_socket s, limits const& bounds) : socket(std::move(s)), parser(bounds) {}

    stream_socket socket;
    request_parser parser;
    std::uint64_t since = 0;                    ///< the tick in which the wait began
    std::uint64_t deadline = UINT64_MAX;        ///< the tick after which the wait has lasted too long
    std::size_t moved = 0;                      ///< bytes since the deadline was set
    std::optional<std::uint64_t> acknowledged;  ///< what the peer had of what was sent, when that was last looked at
    waiting what = waiting::request;
    seat place = seat::none;
    bool timed_out = false;
    bool evicted = false;       ///< to be closed at once, for another one to take its place
    bool encrypted = false;     ///< who has ended what he sends of it has ended all
    bool asked = false;         ///< whether its client is still there
    work_item* work = nullptr;  ///< what waits for a worker, or runs there
    asio::steady_timer* turn =
        nullptr;  ///< wakes its answer, which waits for its turn; to be cancelled if the connection is to go
};

/// The connections of an event loop.
using connection_list = boost::intrusive::list<connection, boost::intrusive::constant_time_size<false>>;

}  // namespace pushgateway::http::detail
