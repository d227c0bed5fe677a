#pragma once

/// \file
/// Whose turn it is to read a large body.

#include <atomic>
#include <chrono>
#include <cstddef>
#include <exception>
#include <functional>
#include <new>
#include <utility>

#include <asio/async_result.hpp>
#include <asio/awaitable.hpp>
#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>
#include <boost/container/deque.hpp>

namespace pushgateway::http::detail {

/// One connection of an event loop reads much in each of its rounds: what else is ready, a probe for instance, waits
/// for one of them at most, however many send at once. First come, first served. While a scrape is made, each turn
/// waits for it, though not for long: what arrives takes the processors that it needs. For the thread of the loop.
class reading_turns {
public:
    /// How often one may read in a turn, up to 64 KiB each time.
    static constexpr int reads = 4;

    /// `scrapes`: how many are being made, by any thread. Both must outlive it.
    reading_turns(asio::io_context& io, std::atomic<std::size_t> const& scrapes)
        : io_(io), scrapes_(scrapes), wait_(io) {}

    /// True if it is the caller's turn now; if not, `next` is to be awaited.
    [[nodiscard]] bool take() {
        if (taken_) return false;
        if (waits_for_scrape()) return false;
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
    static constexpr std::chrono::milliseconds step{1};
    static constexpr int most_steps = 4;

    /// True if a scrape is made, and what is waiting will be passed the turn later.
    bool waits_for_scrape() noexcept {
        if (scrapes_.load(std::memory_order_relaxed) == 0 || steps_ == most_steps) {
            steps_ = 0;
            return false;
        }
        try {
            wait_.expires_after(step);
            wait_.async_wait([this](asio::error_code) { pass_on(); });
        } catch (std::exception const&) {
            return false;
        }
        ++steps_;
        return taken_ = true;
    }

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
        if (!waiting_.empty() && waits_for_scrape()) return;
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
    std::atomic<std::size_t> const& scrapes_;
    asio::steady_timer wait_;
    int steps_ = 0;  // that the next turn has waited
    bool taken_ = false;
    boost::container::deque<std::move_only_function<void()>> waiting_;
};

}  // namespace pushgateway::http::detail
