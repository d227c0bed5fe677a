#pragma once

/// \file
/// The server binary as a child process, with its log read line by line.

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <pushgateway/base/error.hpp>

#include "child_process.hpp"

namespace pushgateway::test {

/// A program whose output is read while it runs. Ends the program when it goes out of scope. `inherited` as in
/// `child_process::start`.
class logged_process {
public:
    explicit logged_process(std::vector<std::string> const& arguments, int inherited = -1) {
        char name[] = "/tmp/pushgateway_test_XXXXXX";
        if (::mkdtemp(name) == nullptr) return;
        std::string const fifo = std::string(name) + "/log";
        if (::mkfifo(fifo.c_str(), 0600) == 0) {
            // Open for both, so that neither side waits for the other.
            fd_ = ::open(fifo.c_str(), O_RDWR | O_CLOEXEC);
            auto started = child_process::start(arguments, fifo, inherited);
            if (started) child_ = *std::move(started);
            ::unlink(fifo.c_str());
        }
        ::rmdir(name);
    }
    logged_process(logged_process const&) = delete;
    logged_process& operator=(logged_process const&) = delete;
    ~logged_process() {
        child_.reset();
        if (fd_ >= 0) ::close(fd_);
    }

    /// The next line that contains `text`; nothing if none comes in time.
    std::optional<std::string> wait_for_line(std::string_view text,
                                             std::chrono::seconds patience = std::chrono::seconds(30)) {
        auto const deadline = std::chrono::steady_clock::now() + patience;
        for (;;) {
            for (auto end = unread_.find('\n'); end != std::string::npos; end = unread_.find('\n')) {
                auto line = unread_.substr(0, end);
                unread_.erase(0, end + 1);
                if (line.find(text) != std::string::npos) return line;
            }
            auto const left =
                std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
            pollfd ready{fd_, POLLIN, 0};
            if (left.count() <= 0 || ::poll(&ready, 1, static_cast<int>(left.count())) <= 0) return std::nullopt;
            char buffer[4096];
            auto const n = ::read(fd_, buffer, sizeof buffer);
            if (n <= 0) return std::nullopt;
            unread_.append(buffer, static_cast<std::size_t>(n));
        }
    }

    /// The port of the next "Listening on" line; 0 if none comes.
    std::uint16_t wait_for_port() {
        auto const line = wait_for_line("msg=\"Listening on\"");
        if (!line) return 0;
        return static_cast<std::uint16_t>(std::atoi(line->substr(line->rfind(':') + 1).c_str()));
    }

    void signal(int number) { child_->signal(number); }
    [[nodiscard]] int pid() const noexcept { return child_->pid(); }

    /// The exit status; nothing if the program still runs.
    std::optional<int> exit_code(std::chrono::milliseconds patience = std::chrono::seconds(60)) {
        return child_ ? child_->exit_code(patience) : std::nullopt;
    }

private:
    int fd_ = -1;
    std::optional<child_process> child_;
    std::string unread_;
};

}  // namespace pushgateway::test
