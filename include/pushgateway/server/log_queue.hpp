#pragma once

/// \file
/// A bounded queue of log lines and the thread that writes them.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include <spdlog/async_logger.h>
#include <spdlog/details/thread_pool.h>
#include <spdlog/logger.h>

#include <pushgateway/server/log_sink.hpp>

namespace pushgateway::server {

/// Takes lines from any thread and writes them in order. Nobody waits for what they are written to: if there are too
/// many, the oldest are dropped, and a line says how many. The destructor writes what is left, and gives up after a
/// while.
class log_queue {
public:
    /// So many lines wait.
    static constexpr std::size_t most_waiting = 1024;
    /// So long the last lines are waited for.
    static constexpr std::chrono::seconds patience{2};

    /// `line_about(count)`: the line that says how many were dropped.
    log_queue(int descriptor, std::function<std::string(std::uint64_t)> line_about)
        : threads_(std::make_shared<spdlog::details::thread_pool>(most_waiting, 1)) {
        sink_ = std::make_shared<log_sink>(
            descriptor, [threads = threads_.get()] { return threads->overrun_counter(); }, std::move(line_about));
        logger_ = std::make_shared<spdlog::async_logger>("pushgateway", sink_, threads_,
                                                         spdlog::async_overflow_policy::overrun_oldest);
        logger_->set_pattern("%v");
    }
    log_queue(log_queue const&) = delete;
    log_queue& operator=(log_queue const&) = delete;
    ~log_queue() {
        sink_->end_within(patience);
        auto const dropped = threads_->overrun_counter();
        logger_.reset();
        // Ends when all that waits is written, or lost.
        threads_.reset();
        sink_->report_lost(dropped);
    }

    [[nodiscard]] spdlog::logger& logger() const noexcept { return *logger_; }

private:
    std::shared_ptr<spdlog::details::thread_pool> threads_;
    std::shared_ptr<log_sink> sink_;
    std::shared_ptr<spdlog::async_logger> logger_;
};

}  // namespace pushgateway::server
