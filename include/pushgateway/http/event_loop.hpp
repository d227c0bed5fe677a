#pragma once

/// \file
/// One thread's share of a server: its connections, their deadlines, and what they use in turns.

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>

#include <pushgateway/base/limit_usage.hpp>
#include <pushgateway/base/limits.hpp>
#include <pushgateway/http/acknowledged.hpp>
#include <pushgateway/http/client_presence.hpp>
#include <pushgateway/http/connection.hpp>
#include <pushgateway/http/eviction.hpp>
#include <pushgateway/http/http_date.hpp>
#include <pushgateway/http/message.hpp>
#include <pushgateway/http/reading_turns.hpp>
#include <pushgateway/http/reserve_descriptor.hpp>
#include <pushgateway/http/server_options.hpp>
#include <pushgateway/http/service.hpp>
#include <pushgateway/http/stream_socket.hpp>
#include <pushgateway/http/work_queue.hpp>

namespace pushgateway::http::detail {

/// An `io_context` that is run by one thread, and all that this thread alone touches.
class event_loop {
public:
    /// `spares`: how many connections beyond the limit are let in.
    event_loop(service& s, std::size_t spares)
        : io(1), shared(&s), reading(io, s.workers.scrapes()), spares_(spares), sweeper_(io), grace_(io) {
        date = http_date(std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()));
    }

    asio::io_context io;
    service* shared;
    std::vector<stream_acceptor> acceptors;
    std::string date;                                           ///< now, as the field `Date` carries it
    std::vector<char> incoming = std::vector<char>(64 * 1024);  ///< for what is read and consumed at once
    std::string outgoing;                                       ///< for what is written at once
    std::string piece;                                          ///< for the next piece of an answer
    bool draining = false;                                      ///< no new requests are read
    reading_turns reading;                                      ///< of large bodies

    /// Starts the sweep. To be called before the loop runs.
    void start() { sweep_later(); }

    /// Registers a connection and gives it a seat, which may be none.
    void enter(connection& c) {
        connections_.push_back(c);
        if (!reserve_.lent() && usage().take(limit_kind::connections, 1)) {
            c.place = seat::regular;
        } else if (spare_ < spares_) {
            c.place = seat::spare;
            ++spare_;
        }
    }

    /// The contrary.
    void leave(connection& c) {
        c.unlink();
        vacate(c);
        end_if_done();
    }

    /// True if the next connection would get no regular seat.
    [[nodiscard]] bool full() const noexcept {
        if (reserve_.lent()) return true;
        auto const most = usage().most(limit_kind::connections);
        return most != 0 && usage().used(limit_kind::connections) >= most;
    }

    /// Ends the connection that has been silent for longest: one between two requests, or else one that has begun a
    /// request and does not go on. False if all have something to do.
    bool make_room() { return evict(longest_silent(connections_, tick_)); }

    /// True if the next connection would get no seat at all, unless it gets a regular one.
    [[nodiscard]] bool no_spare_seat() const noexcept { return spare_ >= spares_; }

    /// Ends the connection on a spare seat that deserves it least: one that has its answer, or else, unless `answered`
    /// only, the one that has been there for longest without a request, or else one whose client does not read. False
    /// if all are being served.
    bool make_spare_room(bool answered = false) { return evict(least_deserving(connections_, tick_, answered)); }

    /// To be called when there is no file descriptor for another connection: true if there is one now, or will be when
    /// the connections have had their turn. `waited`: those that came last have had time to send a request.
    bool find_descriptor(bool waited) {
        return reserve_.lend() || make_spare_room(true) || make_room() || (waited && make_spare_room());
    }

    /// True while there is none to spare.
    [[nodiscard]] bool lacks_descriptors() const noexcept { return reserve_.lent(); }

    /// Half of the spare seats are for scrapes, which may take their time. If these are taken, one makes room: that
    /// whose client has not read for longest, or else the oldest. False if all have done so.
    [[nodiscard]] bool begin_spare_scrape(connection const& newcomer) noexcept {
        bool const taken = 2 * spare_scrapes_ >= spares_;
        if (taken && !evict(oldest_spare_scrape(connections_, newcomer))) return false;
        ++spare_scrapes_;
        return true;
    }
    void end_spare_scrape() noexcept { --spare_scrapes_; }

    [[nodiscard]] limit_usage& usage() const noexcept { return *shared->options.usage; }

    /// Notes what `c` waits for and for how long at most; on a spare seat that is not long. Whole ticks: a wait ends up
    /// to two seconds late, never early.
    void wait_for(connection& c, waiting what, std::chrono::seconds timeout) const noexcept {
        c.what = what;
        c.timed_out = false;
        c.moved = 0;
        c.acknowledged.reset();
        c.since = tick_;
        if (c.place == seat::spare && what != waiting::response) timeout = std::min(timeout, spare_timeout);
        c.deadline = tick_ + static_cast<std::uint64_t>(timeout.count()) + 1;
    }

    /// As above for a body or a response. A wait for the same that goes on already is extended only if enough has moved
    /// since it began.
    void wait_for_progress(connection& c, waiting what) const noexcept {
        auto const& bounds = shared->options.limits;
        if (c.what == what && c.moved < bounds.minimum_progress) return;
        wait_for(c, what, bounds.progress_timeout);
    }

    /// As above for what comes next of a request: its beginning, the rest of its head, or more of its body.
    void wait_for_request(connection& c) const noexcept {
        auto const& bounds = shared->options.limits;
        if (c.parser.idle()) {
            wait_for(c, waiting::request, bounds.idle_timeout);
        } else if (c.parser.in_body()) {
            wait_for_progress(c, waiting::body);
        } else if (c.what != waiting::head) {
            wait_for(c, waiting::head, bounds.header_timeout);
        }
    }

    /// As above for an answer, however long that takes.
    static void wait_for_handler(connection& c) noexcept {
        c.what = waiting::handler;
        c.deadline = UINT64_MAX;
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
        end_if_done();
    }

private:
    [[nodiscard]] bool done() const noexcept { return draining && connections_.empty(); }

    void end_if_done() {
        if (!done()) return;
        sweeper_.cancel();
        grace_.cancel();
    }

    void sweep_later() {
        sweeper_.expires_after(std::chrono::seconds(1));
        sweeper_.async_wait([this](asio::error_code ec) {
            // Cancelling comes too late for a timer that has just expired.
            if (ec || done()) return;
            sweep();
            sweep_later();
        });
    }

    void vacate(connection& c) noexcept {
        if (c.place == seat::regular) usage().give_back(limit_kind::connections, 1);
        if (c.place == seat::spare) --spare_;
        c.place = seat::none;
    }

    bool evict(connection* chosen) noexcept {
        if (chosen == nullptr) return false;
        chosen->evicted = true;
        // At once: it may have to wait for its turn to go.
        vacate(*chosen);
        asio::error_code ignored;
        chosen->socket.cancel(ignored);
        if (chosen->work != nullptr) shared->workers.cancel(*chosen->work);
        if (chosen->turn != nullptr) chosen->turn->cancel();
        return true;
    }

    void sweep() {
        ++tick_;
        reserve_.restore();
        date = http_date(std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()));
        asio::error_code ignored;
        for (auto& c : connections_) {
            if (c.what == waiting::request) c.parser.release();
            if (c.work != nullptr && is_gone(c, c.work->continues())) shared->workers.cancel(*c.work);
            if (c.what == waiting::response) look_for_progress(c);
            if (tick_ <= c.deadline) continue;
            c.timed_out = true;
            c.socket.cancel(ignored);
        }
    }

    /// Extends the wait for a client that reads, though not yet enough for the kernel to ask for more.
    void look_for_progress(connection& c) const noexcept {
        auto const& bounds = shared->options.limits;
        auto const now = acknowledged_bytes(c.socket.native_handle());
        if (now && c.acknowledged && *now - *c.acknowledged >= bounds.minimum_progress) {
            wait_for(c, waiting::response, bounds.progress_timeout);
        }
        if (!c.acknowledged) c.acknowledged = now;
    }

    void close_all() {
        shared->cut_off = true;
        shared->workers.close();
        asio::error_code ignored;
        for (auto& c : connections_) {
            if (c.what == waiting::response || c.what == waiting::handler) reset_at_end(c.socket);
            c.socket.close(ignored);
            if (c.turn != nullptr) c.turn->cancel();
        }
    }

    static constexpr std::chrono::seconds spare_timeout{3};

    std::size_t const spares_;
    std::size_t spare_ = 0;          // connections on spare seats
    std::size_t spare_scrapes_ = 0;  // and those of them that scrape
    reserve_descriptor reserve_;
    asio::steady_timer sweeper_;
    asio::steady_timer grace_;
    connection_list connections_;
    std::uint64_t tick_ = 0;
};

}  // namespace pushgateway::http::detail
