#pragma once

/// \file
/// Keeps what happens often from filling a log.

#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <utility>

namespace pushgateway {

/// Lets one of many equal messages through in every interval, and counts the others. Safe to use from several threads.
class occasional {
public:
    using steady = std::chrono::steady_clock;

    explicit occasional(std::chrono::seconds interval) noexcept : interval_(interval) {}

    /// If the message may be told: how many were held back since the last one that was. Nothing otherwise.
    [[nodiscard]] std::optional<std::uint64_t> admit(steady::time_point now = steady::now()) {
        std::lock_guard const guard(mutex_);
        if (last_ && now - *last_ < interval_) {
            ++held_back_;
            return std::nullopt;
        }
        last_ = now;
        return std::exchange(held_back_, 0);
    }

private:
    std::chrono::seconds interval_;
    std::mutex mutex_;
    std::optional<steady::time_point> last_;
    std::uint64_t held_back_ = 0;
};

}  // namespace pushgateway
