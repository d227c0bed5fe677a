#pragma once

/// \file
/// What happens on one connection: read a request, have it answered, write the answer, again. What is to be done next
/// `exchange.hpp` says.

#include <array>
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <asio/awaitable.hpp>
#include <asio/buffer.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/post.hpp>
#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>

#include <pushgateway/base/release.hpp>
#include <pushgateway/http/await_response.hpp>
#include <pushgateway/http/connection.hpp>
#include <pushgateway/http/event_loop.hpp>
#include <pushgateway/http/exchange.hpp>
#include <pushgateway/http/lingering_close.hpp>
#include <pushgateway/http/message.hpp>
#include <pushgateway/http/on_workers.hpp>
#include <pushgateway/http/overload.hpp>
#include <pushgateway/http/reading_turns.hpp>
#include <pushgateway/http/response_writer.hpp>
#include <pushgateway/http/sender.hpp>
#include <pushgateway/http/service.hpp>
#include <pushgateway/http/stream_socket.hpp>
#include <pushgateway/http/work_class.hpp>
#include <pushgateway/http/work_queue.hpp>

namespace pushgateway::http::detail {

/// Carries out what `exchange` decides. Lives in the frame of `run`, on one event loop.
///
/// An idle connection holds no read buffer but `small_`; what exceeds it is read through one that all share.
///
/// `Stream` is `plain_stream`, or what has its members; it is made from the connection's socket and `with`.
template <class Stream>
class session {
public:
    template <class... With>
    session(event_loop& loop, stream_socket socket, std::string remote, With&&... with)
        : loop_(loop),
          connection_(std::move(socket), loop.shared->options.limits),
          stream_(connection_.socket, std::forward<With>(with)...),
          sender_(loop_, connection_, stream_),
          exchange_(*loop.shared, connection_.parser) {
        connection_.encrypted = Stream::has_handshake;
        parser().message().remote = std::move(remote);
        asio::error_code ignored;
        connection_.socket.non_blocking(true, ignored);
        // Fails for a Unix socket, which does not wait anyway.
        connection_.socket.set_option(asio::ip::tcp::no_delay(true), ignored);
        loop_.enter(connection_);
        if (connection_.place == seat::spare) exchange_.answer_only_vital();
    }
    session(session const&) = delete;
    session& operator=(session const&) = delete;
    ~session() {
        if (scrapes_on_spare_seat_) loop_.end_spare_scrape();
        loop_.leave(connection_);
    }

    /// Serves requests until the connection ends.
    asio::awaitable<void> run() {
        if (connection_.place == seat::none) {
            loop_.usage().count_rejection(limit_kind::connections);
            co_return;
        }
        if constexpr (Stream::has_handshake) {
            loop_.wait_for(connection_, waiting::handshake, shared().options.limits.header_timeout);
            if (!co_await stream_.handshake()) co_return;
        }
        for (;;) {
            bool const more = !loop_.draining || !unread_.empty();
            feed_unread();
            auto const next = exchange_.next(more);
            if (next == step::close) break;
            bool well = true;  // in the condition, g++ 12 makes a wrong frame of it
            if (next == step::read) {
                well = co_await read();
            } else if (next == step::go_on) {
                well = co_await sender_.send(go_on);
            } else if (next == step::authorize) {
                co_await authorize();
            } else {
                bool const keep = co_await answer();
                if (!keep) break;
                exchange_.next_request();
            }
            if (!well) co_return;
        }
        if (sender_.began()) co_await close_lingering(loop_, connection_, stream_);
    }

private:
    static constexpr std::size_t small_body = 16 * 1024;

    request_parser& parser() noexcept { return connection_.parser; }
    service& shared() noexcept { return *loop_.shared; }

    /// Feeds what is at hand.
    void feed_unread() {
        unread_.remove_prefix(exchange_.feed(unread_));
        if (unread_.empty() && !rest_.empty()) release(rest_);
    }

    asio::awaitable<void> authorize() {
        event_loop::wait_for_handler(connection_);
        auto call = [this] { exchange_.authorize(); };
        co_await on_threads(shared().judges, loop_.io.get_executor(), call);
        connection_.what = waiting::request;
    }

    /// Reads what has arrived, or waits for more. False when the connection is to be closed without an answer.
    asio::awaitable<bool> read() {
        loop_.wait_for_request(connection_);
        asio::error_code ec;
        auto const size =
            co_await stream_.async_read_some(asio::buffer(small_), asio::redirect_error(asio::use_awaitable, ec));
        if (ec) co_return refuse_broken(ec);
        connection_.moved += size;
        unread_ = {small_.data(), size};
        feed_unread();
        if (size < small_.size() || !exchange_.reads_on()) co_return true;
        bool const much = parser().in_body() && !parser().ends_within(loop_.incoming.size());
        if (much && !loop_.reading.take()) {
            loop_.wait_for_request(connection_);
            co_await loop_.reading.next();
            if (connection_.evicted) co_return false;
        }
        read_on(much ? reading_turns::reads : 1);
        co_return true;
    }

    /// Reads what else has arrived, through the shared buffer, and keeps what belongs to the next request.
    void read_on(int times) {
        for (int i = 0; i < times; ++i) {
            asio::error_code ec;
            auto const size = stream_.read_now(asio::buffer(loop_.incoming), ec);
            if (ec) return;
            connection_.moved += size;
            std::string_view const bytes(loop_.incoming.data(), size);
            auto const used = exchange_.feed(bytes);
            if (parser().complete() || parser().failed()) {
                rest_ = bytes.substr(used);
                unread_ = rest_;
                return;
            }
            if (size < loop_.incoming.size() || !exchange_.reads_on()) return;
        }
    }

    /// Refuses a request that does not arrive. False if there is none, or nobody to tell.
    bool refuse_broken(asio::error_code why) {
        if (parser().idle() || connection_.evicted) return false;
        if (connection_.timed_out) {
            exchange_.refuse({408, "the request did not arrive in time"});
        } else if (why == asio::error::eof) {
            exchange_.refuse({400, "the connection ended before the request was complete"});
        }
        return exchange_.refused();
    }

    /// Answers the request, or its refusal. Whether the connection lives on.
    asio::awaitable<bool> answer() {
        event_loop::wait_for_handler(connection_);
        auto const what = begin_answer();
        auto& request = parser().message();
        response out;
        if (exchange_.refused()) {
            out = exchange_.take_refusal();
        } else if (request.target != "*") {
            auto at_once = what == work_class::immediate ? shared().handle_at_once(request) : std::nullopt;
            if (at_once) {
                out = *std::move(at_once);
            } else {
                auto call = [&] { out = shared().handle(request); };
                request.received = std::chrono::steady_clock::now();
                connection_.asked = false;
                auto const queue = what == work_class::immediate ? work_class::push : what;
                call_place const place{&shared().workers, loop_.io.get_executor(), queue, false, connection_};
                auto const ended = co_await on_workers_if_wanted(place, call);
                if (ended == work_result::dropped || connection_.evicted) co_return sender_.fail();
                if (ended == work_result::full) {
                    auto const why = too_many_waiting(loop_.usage(), queue);
                    out = refusal_response(why);
                    shared().tell_refusal(request, out.status, why.text);
                }
            }
            if (out.later) co_await await_response(out.later, loop_.io.get_executor(), out);
        }
        exchange_.release_body();
        // A client on this machine that is woken takes the processor: the other requests that have arrived come first.
        if (!out.stream) co_await asio::post(loop_.io.get_executor(), asio::use_awaitable);
        bool const head_only = request.method == "HEAD" || !allows_body(out.status);
        auto const how = exchange_.finish(out, !loop_.draining && !connection_.evicted, loop_.date);
        auto& text = begin_response(out, how, head_only);
        if (out.stream && !head_only) {
            co_return co_await sender_.send_stream(std::move(text), std::move(out.stream), how.body, what) &&
                how.keep_alive;
        }
        if (auto const sent = stream_.write_now(text); sent != text.size()) {
            std::string const rest(text.substr(sent));
            if (!co_await sender_.send(rest)) co_return false;
        }
        if (!out.body.empty() && !co_await sender_.send_body(out.body)) co_return false;
        co_return how.keep_alive;
    }

    /// What kind of work the answer is; the request may be refused then, for want of memory or of a seat.
    work_class begin_answer() {
        auto const what = exchange_.begin_answer();
        if (what == work_class::immediate || connection_.place != seat::spare) return what;
        scrapes_on_spare_seat_ = loop_.begin_spare_scrape(connection_);
        if (!scrapes_on_spare_seat_) exchange_.refuse(too_many_connections(loop_.usage()));
        return what;
    }

    /// The head of the response, and its body if that is small; what is left of the body is to be sent behind it.
    std::string& begin_response(response& out, response_framing const& how, bool head_only) {
        auto& text = loop_.outgoing;
        text.clear();
        append_head(text, out.status, out.fields, how);
        if (!head_only && out.body.size() <= small_body) text += out.body;
        if (head_only || out.body.size() <= small_body) out.body.clear();
        sender_.begin();
        return text;
    }

    event_loop& loop_;
    connection connection_;
    Stream stream_;
    sender<Stream> sender_;
    exchange exchange_;
    std::array<char, 1024> small_;
    std::string_view unread_;  // in small_ or rest_: read from the socket, not yet fed
    std::string rest_;
    bool scrapes_on_spare_seat_ = false;
};

/// Serves one connection. `with` is handed to the stream.
template <class Stream, class... With>
asio::awaitable<void> serve(event_loop& loop, stream_socket socket, std::string remote, With... with) {
    if (loop.draining) co_return;
    session<Stream> s(loop, std::move(socket), std::move(remote), std::move(with)...);
    co_await s.run();
}

}  // namespace pushgateway::http::detail
