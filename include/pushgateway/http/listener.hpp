#pragma once

/// \file
/// Opens listening sockets, one per event loop: TCP ports are bound once for each, so that the kernel spreads
/// connections over them; Unix sockets and those that are handed over are shared.

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/ip/v6_only.hpp>
#include <asio/local/stream_protocol.hpp>
#include <fcntl.h>
#include <linux/vm_sockets.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <pushgateway/base/error.hpp>
#include <pushgateway/http/acknowledged.hpp>
#include <pushgateway/http/listen_address.hpp>
#include <pushgateway/http/socket_file.hpp>
#include <pushgateway/http/stream_socket.hpp>

namespace pushgateway::http::detail {

using tcp = asio::ip::tcp;

// What Asio's own options are made of; it has none for SO_REUSEPORT.
struct reuse_port {
    int value = 1;

    template <class Protocol>
    int level(Protocol const&) const noexcept {
        return SOL_SOCKET;
    }
    template <class Protocol>
    int name(Protocol const&) const noexcept {
        return SO_REUSEPORT;
    }
    template <class Protocol>
    int const* data(Protocol const&) const noexcept {
        return &value;
    }
    template <class Protocol>
    std::size_t size(Protocol const&) const noexcept {
        return sizeof value;
    }
};

/// What listens on one address: an acceptor for each event loop.
struct listening {
    std::vector<stream_acceptor> acceptors;
    std::string address;  ///< as logs show it
    std::uint16_t port = 0;
    socket_file file;
};

/// Binds and listens. `shared`: the port is already held by a socket of this server.
inline asio::error_code listen_on(stream_acceptor& acceptor, tcp::endpoint const& where, bool shared) {
    asio::error_code ec;
    acceptor.open(stream_protocol(where.protocol()), ec);
    if (!ec) acceptor.set_option(stream_acceptor::reuse_address(true), ec);
    if (!ec && shared) acceptor.set_option(reuse_port{}, ec);
    if (!ec && where.address().is_v6()) {
        acceptor.set_option(asio::ip::v6_only(!where.address().is_unspecified()), ec);
    }
    if (!ec) acceptor.bind(stream_endpoint(where), ec);
    if (!ec) bound_unsent(acceptor.native_handle());
    if (!ec) acceptor.listen(stream_acceptor::max_listen_connections, ec);
    return ec;
}

/// The endpoints to try for an address, best first: the next is only for when the first is of a family that this
/// machine does not have.
inline result<std::vector<tcp::endpoint>> candidates(listen_address const& address, std::string_view text) {
    asio::io_context io;
    tcp::resolver resolver(io);
    asio::error_code ec;
    auto const host = address.host.empty() ? std::string_view("0.0.0.0") : std::string_view(address.host);
    auto const found = resolver.resolve(host, address.port, tcp::resolver::passive, ec);
    if (ec || found.empty()) {
        return fail(errc::invalid, "listen address \"" + std::string(text) + "\": " + ec.message());
    }
    std::vector<tcp::endpoint> out;
    if (address.host.empty()) out.emplace_back(asio::ip::address_v6::any(), found.begin()->endpoint().port());
    for (auto const& entry : found) {
        if (entry.endpoint().address().is_v4()) out.push_back(entry.endpoint());
    }
    if (out.empty()) out.push_back(found.begin()->endpoint());
    return out;
}

/// Gives every further event loop the socket of the first acceptor.
template <class Loops>
asio::error_code share_first(std::vector<stream_acceptor>& acceptors, Loops& loops, stream_protocol protocol) {
    asio::error_code ec;
    for (std::size_t i = acceptors.size(); i < loops.size() && !ec; ++i) {
        int const copy = ::fcntl(acceptors.front().native_handle(), F_DUPFD_CLOEXEC, 0);
        if (copy < 0) return {errno, asio::error::get_system_category()};
        acceptors.emplace_back(loops[i]->io).assign(protocol, copy, ec);
        if (ec) ::close(copy);
    }
    return ec;
}

inline std::unexpected<error> cannot_listen(std::string_view text, asio::error_code why) {
    return fail(errc::unavailable, "cannot listen on \"" + std::string(text) + "\": " + why.message());
}

template <class Loops>
result<listening> open_tcp(std::string_view text, Loops& loops) {
    auto const address = parse_listen_address(text);
    if (!address) return std::unexpected(address.error());
    auto const endpoints = candidates(*address, text);
    if (!endpoints) return std::unexpected(endpoints.error());

    listening out;
    asio::error_code ec;
    for (auto const& endpoint : *endpoints) {
        out.acceptors.clear();
        // The first socket takes the port alone: with SO_REUSEPORT it would silently share it with another server.
        ec = listen_on(out.acceptors.emplace_back(loops.front()->io), endpoint, false);
        // By number: Asio's errors do not compare with std::errc::address_not_available.
        if (ec.value() != EAFNOSUPPORT && ec.value() != EADDRNOTAVAIL) break;
    }
    if (ec) return cannot_listen(text, ec);
    auto const bound = out.acceptors.front().local_endpoint();
    out.address = describe(bound);
    out.port = port_of(bound);
    if (loops.size() > 1) {
        tcp::endpoint again;
        again.resize(bound.size());
        std::memcpy(again.data(), bound.data(), bound.size());
        out.acceptors.front().set_option(reuse_port{}, ec);
        for (std::size_t i = 1; i < loops.size() && !ec; ++i) {
            ec = listen_on(out.acceptors.emplace_back(loops[i]->io), again, true);
        }
    }
    if (ec) return cannot_listen(text, ec);
    return out;
}

/// True if nobody listens on the socket file any more: it was left behind.
inline bool is_stale(std::string const& path) {
    struct stat info{};
    if (::stat(path.c_str(), &info) != 0 || !S_ISSOCK(info.st_mode)) return false;
    asio::io_context io;
    asio::local::stream_protocol::socket probe(io);
    asio::error_code ec;
    probe.connect(asio::local::stream_protocol::endpoint(path), ec);
    return ec == asio::error::connection_refused;
}

template <class Loops>
result<listening> open_unix(std::string_view text, std::string path, Loops& loops) {
    bool const in_file_system = path.front() != '@';
    if (!in_file_system) path.front() = '\0';
    if (path.size() >= sizeof(sockaddr_un::sun_path)) {
        return fail(errc::invalid, "listen address \"" + std::string(text) + "\": the path is too long for a socket");
    }
    listening out;
    asio::error_code ec;
    stream_endpoint const where{asio::local::stream_protocol::endpoint(path)};
    auto& first = out.acceptors.emplace_back(loops.front()->io);
    first.open(where.protocol(), ec);
    if (!ec) first.bind(where, ec);
    if (ec == asio::error::address_in_use && in_file_system && is_stale(path)) {
        ::unlink(path.c_str());
        first.bind(where, ec);
    }
    if (!ec && in_file_system) out.file = socket_file(path);
    if (!ec) first.listen(stream_acceptor::max_listen_connections, ec);
    if (!ec) ec = share_first(out.acceptors, loops, where.protocol());
    if (ec) return cannot_listen(text, ec);
    out.address = std::string(text);
    return out;
}

template <class Loops>
result<listening> open_vsock(std::string_view text, std::uint32_t port, Loops& loops) {
    sockaddr_vm address{};
    address.svm_family = AF_VSOCK;
    address.svm_cid = VMADDR_CID_ANY;
    address.svm_port = port;
    stream_endpoint const where(&address, sizeof address);
    listening out;
    asio::error_code ec;
    auto& first = out.acceptors.emplace_back(loops.front()->io);
    first.open(where.protocol(), ec);
    if (!ec) first.bind(where, ec);
    if (!ec) first.listen(stream_acceptor::max_listen_connections, ec);
    if (!ec) ec = share_first(out.acceptors, loops, where.protocol());
    if (ec) return cannot_listen(text, ec);
    out.address = describe(out.acceptors.front().local_endpoint());
    return out;
}

/// Opens the acceptors of `text`. Fails with errc::invalid for a malformed or unknown address and errc::unavailable
/// when it cannot be bound, also when another process of this user holds it with SO_REUSEPORT.
template <class Loops>
result<listening> open_acceptors(std::string_view text, Loops& loops) {
    if (auto const path = unix_path(text)) return open_unix(text, std::string(*path), loops);
    if (auto const port = vsock_port(text)) {
        if (!*port) return std::unexpected(port->error());
        return open_vsock(text, **port, loops);
    }
    return open_tcp(text, loops);
}

/// Takes over a socket that listens already. Fails with errc::invalid, and closes it, if it is none.
template <class Loops>
result<listening> adopt_acceptor(int descriptor, Loops& loops) {
    auto const wrong = [descriptor](std::string_view why) {
        ::close(descriptor);
        return fail(errc::invalid, "the descriptor " + std::to_string(descriptor) + " " + std::string(why));
    };
    int type = 0;
    int listens = 0;
    socklen_t size = sizeof type;
    stream_endpoint bound;
    auto bound_size = static_cast<socklen_t>(bound.capacity());
    if (::getsockopt(descriptor, SOL_SOCKET, SO_TYPE, &type, &size) != 0 || type != SOCK_STREAM ||
        ::getsockname(descriptor, bound.data(), &bound_size) != 0) {
        return wrong("is no stream socket");
    }
    bound.resize(bound_size);
    if (::getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) != 0 || listens == 0) {
        return wrong("is a socket that does not listen");
    }
    bound_unsent(descriptor);
    listening out;
    out.address = describe(bound);
    out.port = port_of(bound);
    asio::error_code ec;
    out.acceptors.emplace_back(loops.front()->io).assign(bound.protocol(), descriptor, ec);
    if (ec) return wrong("cannot be used: " + ec.message());
    ec = share_first(out.acceptors, loops, bound.protocol());
    if (ec) return cannot_listen(out.address, ec);
    return out;
}

}  // namespace pushgateway::http::detail
