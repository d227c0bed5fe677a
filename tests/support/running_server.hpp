#pragma once

/// \file
/// An HTTP server inside of a test, and what tests send to it.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <pushgateway/http/server.hpp>

#include "comes_true.hpp"
#include "http_client.hpp"

namespace pushgateway::test {

inline std::string with_host(std::string_view first_line, std::string_view fields = {}) {
    std::string out(first_line);
    out += "\r\nHost: test\r\n";
    out += fields;
    out += "\r\n";
    return out;
}

inline http::server_options local(std::size_t threads = 2) {
    http::server_options out;
    out.listen = {"127.0.0.1:0"};
    out.threads = threads;
    out.worker_threads = 2;
    return out;
}

/// What takes long among the requests to a server: those that `is_heavy` says so of.
template <class IsHeavy>
http::server::classifier heavy_if(IsHeavy is_heavy) {
    return [is_heavy](http::request const& r) {
        return is_heavy(r) ? http::work_class::list : http::work_class::immediate;
    };
}

/// A server that runs as long as the test.
struct running {
    explicit running(http::server::handler handle, http::server_options options = local(),
                     http::server::classifier classify = {})
        : it(std::move(options), std::move(handle), std::move(classify)) {
        auto const started = it.start();
        if (!started) throw std::runtime_error(started.error().message);
    }

    std::uint16_t port() const { return it.ports().front(); }
    http_client client() const { return {"127.0.0.1", port(), patience}; }
    tcp_stream connect() const { return tcp_stream::connect("127.0.0.1", port(), patience).value(); }

    /// All that comes back for these bytes until the server closes.
    std::string exchange(std::string_view bytes, bool finish = false) const {
        auto stream = connect();
        stream.send(bytes);
        if (finish) stream.finish_sending();
        std::string all;
        for (;;) {
            auto const more = stream.receive(all);
            EXPECT_TRUE(more) << more.error().message << "; so far: " << all;
            if (!more || !*more) return all;
        }
    }
    std::vector<http_reply> replies(std::string_view bytes, std::vector<bool> const& heads = {}) const {
        auto const text = exchange(bytes);
        auto parsed = parse_replies(text, heads);
        EXPECT_TRUE(parsed) << text;
        return parsed.value_or(std::vector<http_reply>{});
    }

    http::server it;
};

inline http::response echo(http::request const& r) {
    http::response out(200, r.method + " " + r.target + " " + r.body);
    return out;
}

/// Reads from `stream` until `bytes` holds `expected`.
inline ::testing::AssertionResult receive(tcp_stream& stream, std::string& bytes, std::string_view expected) {
    while (bytes.find(expected) == std::string::npos) {
        auto const more = stream.receive(bytes);
        if (!more) return ::testing::AssertionFailure() << more.error().message << "; so far: " << bytes;
        if (!*more) return ::testing::AssertionFailure() << "end of the connection; so far: " << bytes;
    }
    return ::testing::AssertionSuccess();
}

/// Whether the server closes the connection without another byte.
inline ::testing::AssertionResult closed(tcp_stream& stream) {
    std::string bytes;
    auto const more = stream.receive(bytes);
    if (!more) return ::testing::AssertionFailure() << more.error().message;
    if (*more) return ::testing::AssertionFailure() << "received: " << bytes;
    return ::testing::AssertionSuccess();
}

}  // namespace pushgateway::test
