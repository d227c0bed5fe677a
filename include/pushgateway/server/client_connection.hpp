#pragma once

/// \file
/// The connections that the program makes itself, for commands that ask a server once.

#include <array>
#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

#include <asio/buffer.hpp>
#include <asio/error.hpp>
#include <asio/error_code.hpp>
#include <asio/generic/stream_protocol.hpp>
#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/local/stream_protocol.hpp>
#include <asio/write.hpp>
#include <sys/un.h>

namespace pushgateway::server {

/// Where a server listens.
struct server_place {
    std::string host;  ///< a name or an address; of a Unix socket its path, with `@` before an abstract name
    std::string port;  ///< empty: a Unix socket

    friend bool operator==(server_place const&, server_place const&) = default;
};

/// The place as messages show it.
[[nodiscard]] inline std::string text_of(server_place const& place) {
    return place.port.empty() ? place.host : place.host + ':' + place.port;
}

/// A connection whose steps wait for a bounded time: `asio::error::timed_out` says that it has passed. For one thread.
class client_connection {
public:
    /// `patience`: how long all steps may take together, from now on.
    explicit client_connection(std::chrono::steady_clock::duration patience) : patience_(patience) { renew(); }

    /// Lets the time begin anew.
    void renew() { deadline_ = std::chrono::steady_clock::now() + patience_; }

    /// Connects to the first address of the place that takes it; why the last one did not, if none does.
    [[nodiscard]] asio::error_code connect(server_place const& place) {
        if (place.port.empty()) return connect_to_path(place.host);
        asio::error_code why;
        // The system decides how long it looks for a name.
        auto const found = asio::ip::tcp::resolver(context_).resolve(place.host, place.port, why);
        for (auto const& entry : found) {
            why = connect_to(entry.endpoint());
            if (!why) break;
        }
        return why;
    }

    [[nodiscard]] asio::error_code send(std::string_view bytes) {
        return finish([&](auto done) { asio::async_write(socket_, asio::buffer(bytes), done); });
    }

    /// Appends what has come, at least one byte; at the end of what comes, `asio::error::eof`.
    [[nodiscard]] asio::error_code receive(std::string& out) {
        std::size_t size = 0;
        auto const why = finish([&](auto done) {
            socket_.async_read_some(asio::buffer(buffer_), [&size, done](asio::error_code ec, std::size_t n) mutable {
                size = n;
                done(ec, n);
            });
        });
        out.append(buffer_.data(), size);
        return why;
    }

private:
    using generic = asio::generic::stream_protocol;

    [[nodiscard]] asio::error_code connect_to_path(std::string path) {
        constexpr std::size_t longest = sizeof(sockaddr_un::sun_path) - 1;
        if (path.size() > longest) return asio::error::name_too_long;
        if (path.starts_with('@')) path.front() = '\0';
        return connect_to(asio::local::stream_protocol::endpoint(path));
    }

    [[nodiscard]] asio::error_code connect_to(generic::endpoint const& endpoint) {
        asio::error_code ignored;
        socket_.close(ignored);
        return finish([&](auto done) { socket_.async_connect(endpoint, done); });
    }

    // Runs what `start` begins to its end, or ends it when the time has passed.
    template <class Start>
    [[nodiscard]] asio::error_code finish(Start start) {
        asio::error_code out;
        bool ended = false;
        start([&](asio::error_code ec, auto const&...) {
            out = ec;
            ended = true;
        });
        context_.restart();
        context_.run_until(deadline_);
        if (ended) return out;
        asio::error_code ignored;
        socket_.close(ignored);
        context_.restart();
        context_.run();
        return asio::error::timed_out;
    }

    std::chrono::steady_clock::duration patience_;
    std::chrono::steady_clock::time_point deadline_;
    asio::io_context context_{1};
    generic::socket socket_{context_};
    std::array<char, 1 << 16> buffer_;
};

}  // namespace pushgateway::server
