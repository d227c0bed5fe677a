#pragma once

/// \file
/// The sockets that connections come through: TCP or Unix, one type for both.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>

#include <asio/basic_socket_acceptor.hpp>
#include <asio/error_code.hpp>
#include <asio/generic/stream_protocol.hpp>
#include <asio/ip/address.hpp>
#include <asio/socket_base.hpp>
#include <linux/vm_sockets.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

namespace pushgateway::http::detail {

using stream_protocol = asio::generic::stream_protocol;
using stream_socket = stream_protocol::socket;
using stream_endpoint = stream_protocol::endpoint;
using stream_acceptor = asio::basic_socket_acceptor<stream_protocol>;

/// Lets the end of a connection reset it, so that its peer does not take half a response for a whole one: in HTTP/1.0
/// the end of the connection is that of the response.
inline void reset_at_end(stream_socket& socket) noexcept {
    // Not through Asio: its destructor takes back what was set by it.
    ::linger const none{1, 0};
    ::setsockopt(socket.native_handle(), SOL_SOCKET, SO_LINGER, &none, sizeof none);
}

[[nodiscard]] inline bool is_ip(stream_endpoint const& endpoint) noexcept {
    auto const family = endpoint.protocol().family();
    return family == AF_INET || family == AF_INET6;
}

/// The port of an IP endpoint; 0 for others.
[[nodiscard]] inline std::uint16_t port_of(stream_endpoint const& endpoint) noexcept {
    if (!is_ip(endpoint)) return 0;
    // The port is at the same place in both kinds of address.
    sockaddr_in address{};
    std::memcpy(&address, endpoint.data(), sizeof address);
    return ntohs(address.sin_port);
}

/// An endpoint as logs show it: `127.0.0.1:80`, `[::1]:80`, `unix:/run/socket`; an IPv4 peer of an IPv6 socket as
/// IPv4, a Unix socket without a name as `unix`.
[[nodiscard]] inline std::string describe(stream_endpoint const& endpoint) {
    auto const port = ":" + std::to_string(port_of(endpoint));
    switch (endpoint.protocol().family()) {
        case AF_INET: {
            sockaddr_in address{};
            std::memcpy(&address, endpoint.data(), sizeof address);
            return asio::ip::address_v4(ntohl(address.sin_addr.s_addr)).to_string() + port;
        }
        case AF_INET6: {
            sockaddr_in6 address{};
            std::memcpy(&address, endpoint.data(), sizeof address);
            asio::ip::address_v6::bytes_type bytes;
            std::memcpy(bytes.data(), &address.sin6_addr, bytes.size());
            asio::ip::address_v6 const ip(bytes, address.sin6_scope_id);
            if (ip.is_v4_mapped()) return asio::ip::make_address_v4(asio::ip::v4_mapped, ip).to_string() + port;
            return "[" + ip.to_string() + "]" + port;
        }
        case AF_UNIX: {
            constexpr auto path_begin = offsetof(sockaddr_un, sun_path);
            if (endpoint.size() <= path_begin + 1) return "unix";
            std::string path(reinterpret_cast<char const*>(endpoint.data()) + path_begin, endpoint.size() - path_begin);
            if (path.front() == '\0') return "unix:@" + path.substr(1);
            return "unix:" + path.substr(0, path.find('\0'));
        }
        case AF_VSOCK: {
            sockaddr_vm address{};
            std::memcpy(&address, endpoint.data(), sizeof address);
            return "vsock:" + std::to_string(address.svm_cid) + ":" + std::to_string(address.svm_port);
        }
        default: return "unknown";
    }
}

}  // namespace pushgateway::http::detail
