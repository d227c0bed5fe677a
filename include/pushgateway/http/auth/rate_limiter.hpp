#pragma once

/// \file
/// Lets so many requests through in so much time.

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <limits>
#include <utility>

namespace pushgateway::http {

/// A token bucket: it holds `burst` tokens at most and at first, gains one in every `interval`, and a request takes one
/// or is refused. Keeps nothing but the time at which the bucket will be full. Any thread may use it.
class rate_limiter {
public:
    using clock = std::function<std::chrono::steady_clock::time_point()>;

    /// `interval` is positive, `burst` at least 1. `now` must not go back.
    rate_limiter(std::chrono::nanoseconds interval, std::uint32_t burst, clock now = std::chrono::steady_clock::now)
        : interval_(interval.count()), spread_(product(interval.count(), burst - 1)), now_(std::move(now)) {}

    /// Takes a token if there is one.
    [[nodiscard]] bool allow() noexcept {
        auto const now = std::chrono::duration_cast<std::chrono::nanoseconds>(now_().time_since_epoch()).count();
        auto full = full_at_.load(std::memory_order_relaxed);
        for (;;) {
            auto const from = full > now ? full : now;
            if (from - now > spread_) return false;
            if (full_at_.compare_exchange_weak(full, sum(from, interval_), std::memory_order_relaxed)) return true;
        }
    }

private:
    static constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();

    static constexpr std::int64_t product(std::int64_t a, std::int64_t b) noexcept {
        return b != 0 && a > most / b ? most : a * b;
    }
    static constexpr std::int64_t sum(std::int64_t a, std::int64_t b) noexcept { return a > most - b ? most : a + b; }

    std::int64_t interval_;
    std::int64_t spread_;
    clock now_;
    std::atomic<std::int64_t> full_at_ = std::numeric_limits<std::int64_t>::min();
};

}  // namespace pushgateway::http
