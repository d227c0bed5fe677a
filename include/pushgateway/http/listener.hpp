#pragma once

/// \file
/// Opens listening sockets: one per event loop on the same port, so that the kernel spreads connections over them.

#include <cerrno>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/ip/v6_only.hpp>
#include <sys/socket.h>

#include <pushgateway/base/error.hpp>
#include <pushgateway/http/listen_address.hpp>

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

/// Binds and listens. `shared`: the port is already held by a socket of this server.
inline asio::error_code listen_on(tcp::acceptor& acceptor, tcp::endpoint const& where, bool shared) {
    asio::error_code ec;
    acceptor.open(where.protocol(), ec);
    if (!ec) acceptor.set_option(tcp::acceptor::reuse_address(true), ec);
    if (!ec && shared) acceptor.set_option(reuse_port{}, ec);
    if (!ec && where.address().is_v6()) {
        acceptor.set_option(asio::ip::v6_only(!where.address().is_unspecified()), ec);
    }
    if (!ec) acceptor.bind(where, ec);
    if (!ec) acceptor.listen(tcp::acceptor::max_listen_connections, ec);
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

/// Opens one acceptor per event loop on `text`. Fails with errc::invalid for a malformed or unknown address and
/// errc::unavailable when it cannot be bound, also when another process of this user holds it with SO_REUSEPORT.
template <class Loops>
result<std::vector<tcp::acceptor>> open_acceptors(std::string_view text, Loops& loops) {
    auto const address = parse_listen_address(text);
    if (!address) return std::unexpected(address.error());
    auto const endpoints = candidates(*address, text);
    if (!endpoints) return std::unexpected(endpoints.error());

    std::vector<tcp::acceptor> out;
    asio::error_code ec;
    for (auto const& endpoint : *endpoints) {
        out.clear();
        // The first socket takes the port alone: with SO_REUSEPORT it would silently share it with another server.
        ec = listen_on(out.emplace_back(loops.front()->io), endpoint, false);
        // By number: Asio's errors do not compare with std::errc::address_not_available.
        if (ec.value() != EAFNOSUPPORT && ec.value() != EADDRNOTAVAIL) break;
    }
    if (!ec && loops.size() > 1) {
        out.front().set_option(reuse_port{}, ec);
        auto const bound = out.front().local_endpoint();
        for (std::size_t i = 1; i < loops.size() && !ec; ++i) {
            ec = listen_on(out.emplace_back(loops[i]->io), bound, true);
        }
    }
    if (ec) return fail(errc::unavailable, "cannot listen on \"" + std::string(text) + "\": " + ec.message());
    return out;
}

}  // namespace pushgateway::http::detail
