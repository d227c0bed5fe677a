#pragma once

/// \file
/// What happens on one connection: read a request, have it answered, write the answer, again.

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
#include <pushgateway/http/admission.hpp>
#include <pushgateway/http/await_response.hpp>
#include <pushgateway/http/connection.hpp>
#include <pushgateway/http/event_loop.hpp>
#include <pushgateway/http/lingering_close.hpp>
#include <pushgateway/http/message.hpp>
#include <pushgateway/http/on_workers.hpp>
#include <pushgateway/http/overload.hpp>
#include <pushgateway/http/reading_turns.hpp>
#include <pushgateway/http/request_share.hpp>
#include <pushgateway/http/response_writer.hpp>
#include <pushgateway/http/sender.hpp>
#include <pushgateway/http/service.hpp>
#include <pushgateway/http/stream_socket.hpp>
#include <pushgateway/http/work_class.hpp>
#include <pushgateway/http/work_queue.hpp>

namespace pushgateway::http::detail {

/// Carries out what the request parser and the handler decide. Lives in the frame of `run`, on one event loop.
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
          share_(*loop.shared->options.usage, loop.shared->options.limits.memory),
          head_share_(*loop.shared->options.usage),
          admission_(*loop.shared) {
        connection_.encrypted = Stream::has_handshake;
        parser().message().remote = std::move(remote);
        asio::error_code ignored;
        connection_.socket.non_blocking(true, ignored);
        // Fails for a Unix socket, which does not wait anyway.
        connection_.socket.set_option(asio::ip::tcp::no_delay(true), ignored);
        loop_.enter(connection_);
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
            loop_.wait_for(connection_, waiting::handshake, bounds().header_timeout);
            if (!co_await stream_.handshake()) co_return;
        }
        while (!loop_.draining || !unread_.empty()) {
            if (!read_buffered() && !co_await read_request()) co_return;
            bool const keep = co_await answer();  // in the condition, g++ 12 makes a wrong frame of it
            if (!keep) break;
            parser().next();
            share_.give_back();
            head_share_.give_back();
            admission_.next();
        }
        if (sender_.began()) co_await close_lingering(loop_, connection_, stream_);
    }

private:
    static constexpr std::size_t small_body = 16 * 1024;

    request_parser& parser() noexcept { return connection_.parser; }
    service& shared() noexcept { return *loop_.shared; }
    limits const& bounds() noexcept { return loop_.shared->options.limits; }

    /// Feeds what is at hand. True when there is something to answer.
    bool read_buffered() {
        unread_.remove_prefix(parser().feed(unread_));
        if (unread_.empty() && !rest_.empty()) release(rest_);
        look_at_head();
        return answerable();
    }

    /// Decides about the request when its head has arrived.
    void look_at_head() {
        if (!parser().head_complete()) return;
        auto const& request = parser().message();
        bool const spare = connection_.place == seat::spare;
        if (spare && (parser().in_body() || !is_vital(request, shared().class_of(request)))) {
            abandon(too_many_connections(loop_.usage()));
        } else {
            admission_.show(request);
        }
    }

    /// True when there is nothing more to wait for.
    bool answerable() noexcept {
        if (admission_.refused() || parser().failed()) return true;
        return parser().complete() && admission_.admitted();
    }

    asio::awaitable<void> be_judged() {
        event_loop::wait_for_handler(connection_);
        auto call = [&] { admission_.judge(parser().message()); };
        co_await on_threads(shared().judges, loop_.io.get_executor(), call);
        connection_.what = waiting::request;
    }

    /// Reads until there is something to answer; false when the connection is to be closed without an answer.
    asio::awaitable<bool> read_request() {
        for (;;) {
            if (admission_.to_be_judged()) {
                co_await be_judged();
                if (answerable()) co_return true;
            }
            if (parser().idle() && loop_.draining) co_return false;
            if (parser().in_body() && !share_.cover(parser().message().body.size(), parser().body_size())) {
                abandon(too_many_bodies(loop_.usage()));
                co_return true;
            }
            if (!parser().idle() && !head_share_.cover(parser().head_size())) {
                abandon(too_many_heads(loop_.usage()));
                co_return true;
            }
            if (parser().expects_continue()) {
                parser().continued();
                if (!co_await sender_.send(go_on)) co_return false;
            }
            loop_.wait_for_request(connection_);
            asio::error_code ec;
            auto const size =
                co_await stream_.async_read_some(asio::buffer(small_), asio::redirect_error(asio::use_awaitable, ec));
            if (ec) {
                if (parser().idle() || connection_.evicted) co_return false;
                if (connection_.timed_out) {
                    abandon({408, "the request did not arrive in time"});
                } else if (ec == asio::error::eof) {
                    abandon({400, "the connection ended before the request was complete"});
                } else {
                    co_return false;
                }
                co_return true;
            }
            connection_.moved += size;
            unread_ = {small_.data(), size};
            if (read_buffered()) co_return true;
            if (size == small_.size() && !admission_.to_be_judged()) {
                bool const much = parser().in_body() && !parser().ends_within(loop_.incoming.size());
                if (much && !loop_.reading.take()) {
                    loop_.wait_for_request(connection_);
                    co_await loop_.reading.next();
                    if (connection_.evicted) co_return false;
                }
                read_on(much ? reading_turns::reads : 1);
            }
            if (answerable()) co_return true;
        }
    }

    /// Reads what else has arrived, through the shared buffer, and keeps what belongs to the next request.
    void read_on(int times) {
        for (int i = 0; i < times; ++i) {
            asio::error_code ec;
            auto const size = stream_.read_now(asio::buffer(loop_.incoming), ec);
            if (ec) return;
            connection_.moved += size;
            std::string_view const bytes(loop_.incoming.data(), size);
            auto const used = parser().feed(bytes);
            look_at_head();
            if (parser().complete() || parser().failed()) {
                rest_ = bytes.substr(used);
                unread_ = rest_;
                return;
            }
            if (size < loop_.incoming.size() || !admission_.admitted()) return;
        }
    }

    /// Answers the request, or its refusal. Whether the connection lives on.
    asio::awaitable<bool> answer() {
        auto& request = parser().message();
        bool const unfit = parser().failed() || admission_.refused();
        auto const what = unfit ? work_class::immediate : shared().class_of(request);
        bool const heavy = what != work_class::immediate;
        event_loop::wait_for_handler(connection_);
        if (heavy) reserve_for_work(request);
        bool refused = parser().failed();
        response out;
        if (refused) {
            out = take_refusal();
        } else if (admission_.refused()) {
            out = admission_.take_refusal();
        } else if (request.target == "*") {
            out.status = 200;
        } else {
            auto call = [&] { out = shared().handle(request); };
            auto at_once = heavy ? std::nullopt : shared().handle_at_once(request);
            if (at_once) {
                out = *std::move(at_once);
            } else {
                request.received = std::chrono::steady_clock::now();
                connection_.asked = false;
                auto const queue = heavy ? what : work_class::push;
                call_place const place{&shared().workers, loop_.io.get_executor(), queue, false, connection_};
                auto const ended = co_await on_workers_if_wanted(place, call);
                if (ended == work_result::dropped || connection_.evicted) co_return sender_.fail();
                if (ended == work_result::full) {
                    refused = true;
                    out = refusal_response(too_many_waiting(loop_.usage(), queue));
                }
            }
            if (out.later) co_await await_response(out.later, loop_.io.get_executor(), out);
        }
        if (refused) shared().tell_refusal(request, out.status, parser().failure().text);
        if (share_.any()) {
            release(request.body);
            share_.give_back();
        }
        // A client on this machine that is woken takes the processor: the other requests that have arrived come first.
        if (!out.stream) co_await asio::post(loop_.io.get_executor(), asio::use_awaitable);
        admission_.add_fields(out);
        bool const head_only = request.method == "HEAD" || !allows_body(out.status);
        auto const how = framing_of(out, request, may_keep_alive(), loop_.date);
        auto& text = begin_answer(out, how, head_only);
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

    /// Takes what a request needs that is answered by a worker, or refuses it.
    void reserve_for_work(request const& request) {
        bool const spare = connection_.place == seat::spare;
        scrapes_on_spare_seat_ = spare && loop_.begin_spare_scrape(connection_);
        if (spare && !scrapes_on_spare_seat_) {
            abandon(too_many_connections(loop_.usage()));
        } else if (!share_.cover(request.body.size(), 0)) {
            abandon(too_many_bodies(loop_.usage()));
        }
    }

    /// The answer to a request that the parser refuses, which is counted.
    response take_refusal() {
        forget_request();
        auto const& why = parser().failure();
        if (why.limit) loop_.usage().count_rejection(*why.limit);
        return refusal_response(why);
    }

    /// Whether the connection may be used for another request.
    bool may_keep_alive() noexcept {
        return parser().keep_alive() && !loop_.draining && connection_.place == seat::regular && !connection_.evicted;
    }

    /// The head of the answer, and its body if that is small; what is left of the body is to be sent behind it.
    std::string& begin_answer(response& out, response_framing const& how, bool head_only) {
        auto& text = loop_.outgoing;
        text.clear();
        append_head(text, out.status, out.fields, how);
        if (!head_only && out.body.size() <= small_body) text += out.body;
        if (head_only || out.body.size() <= small_body) out.body.clear();
        sender_.begin();
        return text;
    }

    /// Refuses the request, and forgets what was read of it.
    void abandon(refusal why) {
        parser().abandon(std::move(why));
        forget_request();
    }
    void forget_request() noexcept {
        parser().shed();
        share_.give_back();
        head_share_.give_back();
    }

    event_loop& loop_;
    connection connection_;
    Stream stream_;
    sender<Stream> sender_;
    body_share share_;
    head_share head_share_;
    admission admission_;
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
