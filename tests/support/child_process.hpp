#pragma once

/// \file
/// A program that a test starts, talks to over loopback, and ends by its process id.

#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <pushgateway/base/error.hpp>

#include "http_client.hpp"

namespace pushgateway::test {

/// A TCP port of 127.0.0.1 that nobody uses at the moment.
inline std::uint16_t free_port() {
    int const fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in a{};
    a.sin_family = AF_INET;
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof a;
    std::uint16_t port = 0;
    if (fd >= 0 && ::bind(fd, reinterpret_cast<sockaddr*>(&a), size) == 0 &&
        ::getsockname(fd, reinterpret_cast<sockaddr*>(&a), &size) == 0) {
        port = ntohs(a.sin_port);
    }
    if (fd >= 0) ::close(fd);
    return port;
}

/// A running child; ended when it goes out of scope. Movable, not thread safe.
class child_process {
public:
    /// Starts `arguments[0]`; output and errors go to the file `log`. `inherited`, if there is one, becomes
    /// descriptor 3.
    static result<child_process> start(std::vector<std::string> const& arguments, std::string const& log = "/dev/null",
                                       int inherited = -1) {
        std::vector<char*> argv;
        for (auto const& a : arguments) argv.push_back(const_cast<char*>(a.c_str()));
        argv.push_back(nullptr);
        posix_spawn_file_actions_t files;
        ::posix_spawn_file_actions_init(&files);
        ::posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
        ::posix_spawn_file_actions_addopen(&files, 1, log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
        ::posix_spawn_file_actions_adddup2(&files, 1, 2);
        if (inherited >= 0) ::posix_spawn_file_actions_adddup2(&files, inherited, 3);
        child_process child;
        int const rc = ::posix_spawn(&child.pid_, argv[0], &files, nullptr, argv.data(), environ);
        ::posix_spawn_file_actions_destroy(&files);
        if (rc != 0) {
            child.pid_ = -1;
            return fail(errc::unavailable, arguments[0] + ": " + std::strerror(rc));
        }
        return child;
    }

    child_process(child_process&& other) noexcept
        : pid_(std::exchange(other.pid_, -1)), status_(std::exchange(other.status_, std::nullopt)) {}
    child_process& operator=(child_process&& other) noexcept {
        std::swap(pid_, other.pid_);
        std::swap(status_, other.status_);
        return *this;
    }

    ~child_process() {
        if (!running()) return;
        signal(SIGTERM);
        if (!exit_code(std::chrono::seconds(5))) signal(SIGKILL);
        exit_code(std::chrono::seconds(5));
    }

    void signal(int number) const noexcept {
        if (pid_ > 0 && !status_) ::kill(pid_, number);
    }

    [[nodiscard]] int pid() const noexcept { return pid_; }

    [[nodiscard]] bool running() {
        reap();
        return pid_ > 0 && !status_;
    }

    /// Waits for the end; the exit code, or 128 and the number of the signal that ended it. Nothing if it still runs.
    std::optional<int> exit_code(std::chrono::milliseconds patience) {
        auto const deadline = std::chrono::steady_clock::now() + patience;
        while (running() && std::chrono::steady_clock::now() < deadline) {
            std::this_thread::sleep_for(std::chrono::milliseconds(2));
        }
        if (!status_) return std::nullopt;
        return WIFEXITED(*status_) ? WEXITSTATUS(*status_) : 128 + WTERMSIG(*status_);
    }

    /// Asks `path` until it answers 200. False if the child ends before or does not answer in time.
    bool answers(std::uint16_t port, std::string const& path,
                 std::chrono::milliseconds patience = std::chrono::seconds(20)) {
        auto const deadline = std::chrono::steady_clock::now() + patience;
        http_client client("127.0.0.1", port, std::chrono::seconds(2));
        while (running() && std::chrono::steady_clock::now() < deadline) {
            if (auto reply = client.send("GET", path); reply && reply->status == 200) return true;
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        }
        return false;
    }

private:
    child_process() = default;

    void reap() noexcept {
        int status = 0;
        if (pid_ > 0 && !status_ && ::waitpid(pid_, &status, WNOHANG) == pid_) status_ = status;
    }

    pid_t pid_ = -1;
    std::optional<int> status_;
};

}  // namespace pushgateway::test
