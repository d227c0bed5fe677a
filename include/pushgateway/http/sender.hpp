#pragma once

/// \file
/// How a response is sent: at once as far as that goes, and the rest as its client takes it.

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <asio/awaitable.hpp>
#include <asio/buffer.hpp>
#include <asio/post.hpp>
#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>

#include <pushgateway/base/release.hpp>
#include <pushgateway/http/client_presence.hpp>
#include <pushgateway/http/connection.hpp>
#include <pushgateway/http/event_loop.hpp>
#include <pushgateway/http/message.hpp>
#include <pushgateway/http/next_piece.hpp>
#include <pushgateway/http/on_workers.hpp>
#include <pushgateway/http/open_answers.hpp>
#include <pushgateway/http/response_writer.hpp>
#include <pushgateway/http/service.hpp>
#include <pushgateway/http/stream_socket.hpp>
#include <pushgateway/http/work_class.hpp>
#include <pushgateway/http/work_queue.hpp>

namespace pushgateway::http::detail {

/// Sends the responses of one connection, on its event loop. All three must outlive it.
template <class Stream>
class sender {
public:
    sender(event_loop& loop, connection& to, Stream& stream) noexcept : loop_(loop), connection_(to), stream_(stream) {}
    sender(sender const&) = delete;
    sender& operator=(sender const&) = delete;

    /// Notes that there is a response to send.
    void begin() noexcept { began_ = true; }

    /// True if there was one, and none has failed.
    [[nodiscard]] bool began() const noexcept { return began_; }

    /// Has the connection end so that the client does not take what it got for a whole response. False.
    bool fail() noexcept {
        reset_at_end(connection_.socket);
        return began_ = false;
    }

    /// Sends everything; false when the connection is broken or the client takes nothing for too long.
    asio::awaitable<bool> send(std::string_view bytes) {
        for (bool first = true; !bytes.empty(); first = false) {
            asio::error_code ec;
            auto size = first ? stream_.write_now(bytes) : 0;
            if (size == 0) {
                loop_.wait_for_progress(connection_, waiting::response);
                if (answer_ != nullptr) answer_->wait_for_client();
                size = co_await stream_.async_write_some(asio::buffer(bytes.data(), bytes.size()),
                                                         asio::redirect_error(asio::use_awaitable, ec));
            }
            if (ec) co_return fail();
            connection_.moved += size;
            if (answer_ != nullptr) answer_->progress();
            bytes.remove_prefix(size);
        }
        co_return true;
    }

    /// Sends a body that is there as a whole. It may be cut off while its client does not take it.
    asio::awaitable<bool> send_body(std::string_view body) {
        open_answers::answer const open(shared().answers, connection_, answer_, home(), true);
        co_return co_await send(body);
    }

    /// Sends a body while it is made, the pieces of a heavy request on workers. Others have their turn in between.
    asio::awaitable<bool> send_stream(std::string head, std::unique_ptr<body_source> source, body_framing how,
                                      work_class what) {
        bool const at_once = what == work_class::immediate;
        open_answers::answer open(shared().answers, connection_, answer_, home(), at_once);
        // Gone before `open` is, so that what it took is free when the next one begins.
        auto const body = std::move(source);
        if (!at_once) {
            auto const gone = [this] { return connection_.evicted || is_gone(connection_, false) || shared().cut_off; };
            bool const begins = co_await open.begin(gone);
            if (!begins) {
                shared().workers.count_dropped();
                co_return fail();
            }
        }
        std::string out = std::move(head);
        bool broken = false;
        bool more = true;
        while (more) {
            // Not held while the client is waited for.
            auto piece = std::exchange(loop_.piece, {});
            auto call = [&] { more = next_piece(shared(), *body, piece, broken); };
            if (!at_once) {
                event_loop::wait_for_handler(connection_);
                call_place const place{&shared().workers, home(), what, true, connection_};
                auto const ended = co_await on_workers(place, call);
                if (ended != work_result::done || connection_.evicted) co_return fail();
            } else {
                call();
            }
            // Without its last chunk the client sees that the response is not whole.
            if (broken) co_return fail();
            open.progress();
            append_piece(out, how, more ? std::optional<std::string_view>(piece) : std::nullopt);
            if (piece.capacity() <= large_piece) loop_.piece = std::move(piece);
            release(piece);
            if (!co_await send(out)) co_return false;
            if (more && at_once) co_await asio::post(loop_.io.get_executor(), asio::use_awaitable);
            out.clear();
            if (out.capacity() > large_piece) release(out);
        }
        co_return true;
    }

private:
    static constexpr std::size_t large_piece = 256 * 1024;

    [[nodiscard]] service& shared() const noexcept { return *loop_.shared; }
    [[nodiscard]] auto home() const noexcept { return loop_.io.get_executor(); }

    event_loop& loop_;
    connection& connection_;
    Stream& stream_;
    bool began_ = false;
    open_answers::answer* answer_ = nullptr;  // that is being sent, if it is a large one
};

}  // namespace pushgateway::http::detail
