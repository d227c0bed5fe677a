#pragma once

/// \file
/// Keeps messages that anybody can cause from filling a log.

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <utility>

namespace pushgateway {

/// Lets a burst of messages through, then one per interval, and counts the others. Any thread may call it.
class throttle {
public:
    using clock = std::chrono::steady_clock;

    /// `burst`: at least 1.
    throttle(std::uint32_t burst, clock::duration interval) noexcept
        : burst_(burst), interval_(interval), left_(burst) {}

    /// Nothing if the message is to be dropped; else how many were dropped since the last one that was not.
    [[nodiscard]] std::optional<std::uint64_t> admit(clock::time_point now = clock::now()) {
        std::lock_guard const guard(mutex_);
        if (now > refilled_) {
            auto const intervals = (now - refilled_) / interval_;
            left_ = static_cast<std::uint32_t>(std::min<std::int64_t>(burst_, left_ + intervals));
            refilled_ = left_ == burst_ ? now : refilled_ + interval_ * intervals;
        }
        if (left_ == 0) {
            ++dropped_;
            return std::nullopt;
        }
        --left_;
        return std::exchange(dropped_, 0);
    }

private:
    std::uint32_t const burst_;
    clock::duration const interval_;
    std::mutex mutex_;
    std::uint32_t left_;
    std::uint64_t dropped_ = 0;
    clock::time_point refilled_{};
};

}  // namespace pushgateway
