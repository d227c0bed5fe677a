#pragma once

/// \file
/// Where the log goes: a file descriptor whose reader may be slow, or not read at all.

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <climits>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include <poll.h>
#include <spdlog/details/null_mutex.h>
#include <spdlog/sinks/base_sink.h>
#include <unistd.h>

namespace pushgateway::server {

/// Writes lines to a descriptor. Waits for its reader, but only until `end_within`. Called by one thread, but for
/// `end_within`.
class log_sink final : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
public:
    /// `lost()`: how many lines never came here so far. `line_about(count)`: the line that says so.
    log_sink(int descriptor, std::function<std::uint64_t()> lost, std::function<std::string(std::uint64_t)> line_about)
        : descriptor_(descriptor), lost_(std::move(lost)), line_about_(std::move(line_about)) {}

    /// What the descriptor does not take within this time from now is lost. From any thread.
    void end_within(std::chrono::milliseconds time) noexcept {
        end_.store(clock::now().time_since_epoch() + time, std::memory_order_relaxed);
    }

    /// Writes how many lines were lost since this was last written. `before`: how many never came here so far.
    void report_lost(std::uint64_t before) {
        auto const all = before + lost_here_;
        if (all == reported_) return;
        if (write(line_about_(all - reported_) + '\n')) reported_ = all;
    }

protected:
    void sink_it_(spdlog::details::log_msg const& message) override {
        report_lost(lost_());
        std::string line(message.payload.data(), message.payload.size());
        if (!write(line + '\n')) ++lost_here_;
    }
    void flush_() override {}

private:
    using clock = std::chrono::steady_clock;

    /// A pipe that has room at all takes so much without waiting.
    static constexpr std::size_t at_once = PIPE_BUF;

    bool write(std::string_view text) {
        while (!text.empty()) {
            if (!wait()) return false;
            auto const size = ::write(descriptor_, text.data(), std::min(text.size(), at_once));
            if (size < 0 && errno != EINTR && errno != EAGAIN) return false;
            if (size > 0) text.remove_prefix(static_cast<std::size_t>(size));
        }
        return true;
    }

    /// Until the descriptor takes something. False if that takes too long.
    bool wait() const noexcept {
        constexpr int step = 50;  // milliseconds, after which to look whether it is to end
        pollfd state{descriptor_, POLLOUT, 0};
        for (;;) {
            if (::poll(&state, 1, 0) > 0) return true;
            if (clock::now().time_since_epoch() >= end_.load(std::memory_order_relaxed)) return false;
            ::poll(&state, 1, step);
        }
    }

    int descriptor_;
    std::function<std::uint64_t()> lost_;
    std::function<std::string(std::uint64_t)> line_about_;
    std::atomic<clock::duration> end_{clock::duration::max()};
    std::uint64_t lost_here_ = 0;
    std::uint64_t reported_ = 0;
};

}  // namespace pushgateway::server
