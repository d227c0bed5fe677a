#pragma once

/// \file
/// One thread's share of a server: its connections, their deadlines, and what they use in turns.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>
#include <asio/thread_pool.hpp>
#include <boost/intrusive/list.hpp>

#include <pushgateway/http/gate.hpp>
#include <pushgateway/http/http_date.hpp>
#include <pushgateway/http/message.hpp>
#include <pushgateway/http/request_parser.hpp>
#include <pushgateway/http/server_options.hpp>
#include <pushgateway/http/stream_socket.hpp>

namespace pushgateway::http::detail {

/// What every event loop of a server shares. Constant while it runs.
struct service {
    server_options options;
    std::function<response(request const&)> handle;
    std::function<bool(request const&)> is_heavy;
    asio::thread_pool workers;
    /// For `gate::judge`: what it takes must not hold up the workers. Without a gate no thread is started.
    asio::thread_pool judges;

    service(server_options o, std::function<response(request const&)> h, std::function<bool(request const&)> heavy)
        : options(std::move(o)),
          handle(std::move(h)),
          is_heavy(std::move(heavy)),
          workers(std::max<std::size_t>(1, options.worker_threads)),
          judges(options.gate ? 1 : 0) {}

    void warn(std::string_view text) const noexcept {
        try {
            if (options.warn) options.warn(text);
        } catch (...) {
        }
    }

    /// As above, even if there is not enough memory for the sentence.
    void warn(std::string_view what, asio::error_code why) const noexcept {
        try {
            warn(std::string(what) + why.message());
        } catch (...) {
            warn(what);
        }
    }
};

/// What a connection waits for: decides which deadline holds and what happens when it passes.
enum class waiting : std::uint8_t {
    handshake,  ///< for the end of the handshake of an encrypted connection: closed silently
    request,    ///< for the first byte of a request: closed silently
    head,       ///< for the rest of a head: 408
    body,       ///< for more of a body: 408
    handler,    ///< for the answer: no deadline
    response,   ///< for the client to take the response: closed
    farewell,   ///< for the client to close after the last response: closed
};

using link = boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;

/// A connection as its event loop sees it.
struct connection : link {
    explicit connection(stream_socket s, limits const& bounds) : socket(std::move(s)), parser(bounds) {}

    stream_socket socket;
    request_parser parser;
    std::uint64_t deadline = UINT64_MAX;  ///< the tick after which the wait has lasted too long
    waiting what = waiting::request;
    bool timed_out = false;
};

/// An `io_context` that is run by one thread, and all that this thread alone touches.
class event_loop {
public:
    explicit event_loop(service& s) : io(1), shared(&s), sweeper_(io), grace_(io) {
        date = http_date(std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()));
    }

    asio::io_context io;
    service* shared;
    std::vector<stream_acceptor> acceptors;
    std::string date;                                           ///< now, as the field `Date` carries it
    std::vector<char> incoming = std::vector<char>(64 * 1024);  ///< for what is read and consumed at once
    std::string outgoing;                                       ///< for what is written at once
    bool draining = false;                                      ///< no new requests are read

    /// Starts the sweep. To be called before the loop runs.
    void start() { sweep_later(); }

    /// Registers a connection; it leaves the list when it is destroyed.
    void add(connection& c) { connections_.push_back(c); }

    /// To be called after a connection left.
    void left() {
        if (!done()) return;
        sweeper_.cancel();
        grace_.cancel();
    }

    /// Notes what `c` waits for and for how long at most. Whole ticks: a wait ends up to two seconds late, never early.
    void wait_for(connection& c, waiting what, std::chrono::seconds timeout) const noexcept {
        c.what = what;
        c.timed_out = false;
        c.deadline = tick_ + static_cast<std::uint64_t>(timeout.count()) + 1;
    }

    /// Stops accepting and reading new requests; what is still there after `grace` is cut off.
    void drain(std::chrono::milliseconds grace) {
        grace_.expires_after(grace);
        grace_.async_wait([this](asio::error_code ec) {
            if (!ec) close_all();
        });
        draining = true;
        asio::error_code ignored;
        for (auto& acceptor : acceptors) acceptor.close(ignored);
        for (auto& c : connections_) {
            if (c.what == waiting::request || c.what == waiting::handshake) c.socket.cancel(ignored);
        }
        left();
    }

private:
    [[nodiscard]] bool done() const noexcept { return draining && connections_.empty(); }

    void sweep_later() {
        sweeper_.expires_after(std::chrono::seconds(1));
        sweeper_.async_wait([this](asio::error_code ec) {
            // Cancelling comes too late for a timer that has just expired.
            if (ec || done()) return;
            sweep();
            sweep_later();
        });
    }

    void sweep() {
        ++tick_;
        date = http_date(std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()));
        asio::error_code ignored;
        for (auto& c : connections_) {
            if (c.what == waiting::request) c.parser.release();
            if (tick_ <= c.deadline) continue;
            c.timed_out = true;
            c.socket.cancel(ignored);
        }
    }

    void close_all() {
        asio::error_code ignored;
        for (auto& c : connections_) c.socket.close(ignored);
    }

    asio::steady_timer sweeper_;
    asio::steady_timer grace_;
    boost::intrusive::list<connection, boost::intrusive::constant_time_size<false>> connections_;
    std::uint64_t tick_ = 0;
};

}  // namespace pushgateway::http::detail
