#pragma once

/// \file
/// What systemd and a service have to say to each other: sockets that are handed over (sd_listen_fds(3)), and messages
/// about the state of the service (sd_notify(3)). The protocols are a few environment variables and a datagram; they
/// are spoken here without libsystemd, so that the program can be linked statically.

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <pushgateway/base/error.hpp>

namespace pushgateway::server {

namespace detail {

inline int number_of_variable(char const* name) noexcept {
    char const* const text = std::getenv(name);
    if (text == nullptr) return -1;
    int value = -1;
    auto const* const end = text + std::strlen(text);
    auto const [stop, ec] = std::from_chars(text, end, value);
    return ec == std::errc{} && stop == end ? value : -1;
}

}  // namespace detail

/// How often systemd wants to hear that this process lives; 0 if it does not.
[[nodiscard]] inline std::chrono::microseconds watchdog_period() noexcept {
    int const pid = detail::number_of_variable("WATCHDOG_PID");
    if (pid != -1 && pid != static_cast<int>(::getpid())) return {};
    return std::chrono::microseconds(std::max(0, detail::number_of_variable("WATCHDOG_USEC")));
}

/// The listening sockets that systemd has opened for this process, which are its own from now on. Fails with
/// errc::unavailable if there are none. Not while other threads change the environment.
[[nodiscard]] inline result<std::vector<int>> inherited_sockets() {
    constexpr int first = 3;
    constexpr int most = 1024;
    int const count = detail::number_of_variable("LISTEN_FDS");
    bool const ours = detail::number_of_variable("LISTEN_PID") == static_cast<int>(::getpid());
    if (!ours || count <= 0 || count > most) {
        return fail(errc::unavailable, "no socket activation file descriptors found");
    }
    std::vector<int> sockets;
    for (int i = 0; i != count; ++i) {
        sockets.push_back(first + i);
        ::fcntl(first + i, F_SETFD, FD_CLOEXEC);
    }
    // They are not for the children of this process.
    for (char const* name : {"LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"}) ::unsetenv(name);
    return sockets;
}

/// Tells systemd the state of the service, such as `READY=1`. Does nothing if systemd did not ask for it.
inline void notify_systemd(std::string_view state) noexcept {
    char const* const path = std::getenv("NOTIFY_SOCKET");
    sockaddr_un address{};
    if (path == nullptr || (path[0] != '/' && path[0] != '@') || std::strlen(path) >= sizeof address.sun_path) return;
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path, std::strlen(path));
    if (path[0] == '@') address.sun_path[0] = '\0';
    int const fd = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return;
    auto const size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + std::strlen(path));
    ::sendto(fd, state.data(), state.size(), MSG_NOSIGNAL, reinterpret_cast<sockaddr const*>(&address), size);
    ::close(fd);
}

}  // namespace pushgateway::server
