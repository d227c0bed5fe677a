#pragma once

/// \file
/// Whose turn it is to read a large body.

#include <functional>
#include <new>
#include <utility>

#include <asio/async_result.hpp>
#include <asio/awaitable.hpp>
#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <asio/use_awaitable.hpp>
#include <boost/container/deque.hpp>

namespace pushgateway::http::detail {

/// One connection of an event loop reads much in each of its rounds: what else is ready, a probe for instance, waits
/// for one of them at most, however many send at once. First come, first served. For the thread of the loop.
class reading_turns {
public:
    /// How often one may read in a turn, up to 64 KiB each time.
    static constexpr int reads = 4;

    explicit reading_turns(asio::io_context& io) noexcept : io_(io) {}

    /// True if it is the caller's turn now; if not, `next` is to be awaited.
    [[nodiscard]] bool take() {
        if (taken_) return false;
        taken_ = pass_on_later();
        return true;
    }

    /// Completes when it is the caller's turn; never if the event loop ends before.
    asio::awaitable<void> next() {
        return asio::async_initiate<asio::use_awaitable_t<> const, void()>(
            [](auto handler, auto* waiting) { waiting->emplace_back(std::move(handler)); }, asio::use_awaitable,
            &waiting_);
    }

private:
    /// False if there is no memory for that: then the turn of the caller ends at once.
    bool pass_on_later() noexcept {
        try {
            asio::post(io_, [this] { pass_on(); });
            return true;
        } catch (std::bad_alloc const&) {
            return false;
        }
    }

    void pass_on() {
        while (!waiting_.empty()) {
            auto first = std::move(waiting_.front());
            waiting_.pop_front();
            bool const later = pass_on_later();
            first();
            if (later) return;
        }
        taken_ = false;
    }

    asio::io_context& io_;
    bool taken_ = false;
    boost::container::deque<std::move_only_function<void()>> waiting_;
};

}  // namespace pushgateway::http::detail
