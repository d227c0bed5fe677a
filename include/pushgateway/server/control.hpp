#pragma once

/// \file
/// What reaches the program from outside beside requests: signals, and a watchdog that wants to be fed.

#include <csignal>
#include <functional>
#include <utility>

#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>
#include <asio/signal_set.hpp>
#include <asio/steady_timer.hpp>

#include <pushgateway/base/logger.hpp>
#include <pushgateway/server/held_signals.hpp>
#include <pushgateway/server/log.hpp>
#include <pushgateway/server/systemd.hpp>

namespace pushgateway::server {

/// From the moment it is made, SIGTERM, SIGINT and SIGHUP end the program no more by themselves, and SIGPIPE never
/// does. One object at a time.
class control {
public:
    explicit control(log_writer log)
        : log_(std::move(log)), stopping_(io_, SIGTERM, SIGINT), rereading_(io_, SIGHUP), feeding_(io_) {
        std::signal(SIGPIPE, SIG_IGN);
        // A file that may not grow further is a failed write like others.
        std::signal(SIGXFSZ, SIG_IGN);
        held_signals::release();
    }

    /// Returns when the program is to end: after SIGTERM, SIGINT or `stop`. Then a further signal ends it at once.
    /// `reread` is called for every SIGHUP.
    void run(std::function<void()> reread) {
        stopping_.async_wait([this](asio::error_code ec, int) {
            if (ec) return;
            log_(log_level::info, "received SIGINT/SIGTERM; exiting gracefully...");
            io_.stop();
        });
        wait_for_hangup(std::move(reread));
        feed_watchdog();
        auto const guard = asio::make_work_guard(io_);
        io_.run();
        asio::error_code ignored;
        stopping_.clear(ignored);
    }

    /// Lets `run` return, or not begin to wait. From any thread.
    void stop() { io_.stop(); }

private:
    void wait_for_hangup(std::function<void()> reread) {
        rereading_.async_wait([this, again = std::move(reread)](asio::error_code ec, int) mutable {
            if (ec) return;
            log_(log_level::info, "received SIGHUP; reading files anew");
            again();
            wait_for_hangup(std::move(again));
        });
    }

    void feed_watchdog() {
        auto const period = watchdog_period();
        if (period.count() == 0) return;
        notify_systemd("WATCHDOG=1");
        feeding_.expires_after(period / 2);
        feeding_.async_wait([this](asio::error_code ec) {
            if (!ec) feed_watchdog();
        });
    }

    log_writer log_;
    asio::io_context io_;
    asio::signal_set stopping_;
    asio::signal_set rereading_;
    asio::steady_timer feeding_;
};

}  // namespace pushgateway::server
