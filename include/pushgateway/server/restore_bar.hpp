#pragma once

/// \file
/// Tells how far a restoration has come: a bar for a person at a terminal, now and then a line in the log for others.

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>
#include <utility>

#include <unistd.h>

#include <pushgateway/server/log.hpp>

namespace pushgateway::server {

/// Says nothing in the first second, and then once a second at most, or ten times for a terminal.
class restore_bar {
public:
    explicit restore_bar(log_writer log) : log_(std::move(log)), terminal_(::isatty(STDERR_FILENO) == 1) {}
    restore_bar(restore_bar const&) = delete;
    restore_bar& operator=(restore_bar const&) = delete;
    ~restore_bar() {
        if (terminal_ && shown_) std::fputs("\r\x1b[K", stderr);
    }

    void show(std::uint64_t done, std::uint64_t all) {
        auto const now = std::chrono::steady_clock::now();
        if (now < next_) return;
        next_ = now + (terminal_ ? std::chrono::milliseconds(100) : std::chrono::milliseconds(1000));
        shown_ = true;
        if (terminal_) {
            auto const line = bar(done, all);
            std::fputs(line.c_str(), stderr);
        } else {
            log_(log_level::info, "restoring persisted groups",
                 {{"groups", std::to_string(done)}, {"of", std::to_string(all)}});
        }
    }

    /// The bar as a terminal gets it.
    [[nodiscard]] static std::string bar(std::uint64_t done, std::uint64_t all) {
        constexpr std::uint64_t width = 40;
        auto const filled = all == 0 ? width : width * done / all;
        return "\rrestoring [" + std::string(filled, '#') + std::string(width - filled, ' ') + "] " +
               std::to_string(done) + " of " + std::to_string(all) + " groups";
    }

private:
    log_writer log_;
    bool terminal_;
    bool shown_ = false;
    std::chrono::steady_clock::time_point next_ = std::chrono::steady_clock::now() + std::chrono::seconds(1);
};

}  // namespace pushgateway::server
