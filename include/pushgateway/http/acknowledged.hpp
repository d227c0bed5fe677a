#pragma once

/// \file
/// How much of what was sent the peer has.

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace pushgateway::http::detail {

/// The bytes that the peer of a TCP connection has acknowledged since it was opened; nothing for other sockets, and
/// before Linux 4.1.
[[nodiscard]] inline std::optional<std::uint64_t> acknowledged_bytes(int socket) noexcept {
    // `tcpi_bytes_acked` of the kernel's `struct tcp_info`, which the C library's ends before.
    constexpr std::size_t offset = 120;
    std::array<char, offset + sizeof(std::uint64_t)> info{};
    auto size = static_cast<socklen_t>(info.size());
    if (::getsockopt(socket, IPPROTO_TCP, TCP_INFO, info.data(), &size) != 0 || size < info.size()) return std::nullopt;
    std::uint64_t out = 0;
    std::memcpy(&out, info.data() + offset, sizeof out);
    return out;
}

/// So much of a response waits in the kernel at most before it is on its way, in bytes: enough for a fast client, and
/// no burden if nobody reads it.
inline constexpr int unsent_bytes = 128 * 1024;

/// Bounds what waits unsent, on a listening socket for all connections that come through it.
inline void bound_unsent(int listening_socket) noexcept {
    // Not for Unix sockets, whose buffer is small.
    ::setsockopt(listening_socket, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent_bytes, sizeof unsent_bytes);
}

}  // namespace pushgateway::http::detail
