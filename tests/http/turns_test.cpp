// Whose turn it is on a server with one thread.

#include <chrono>
#include <future>
#include <string>

#include <gtest/gtest.h>

#include <pushgateway/http/server.hpp>

#include "support/running_server.hpp"

namespace pushgateway::http {
namespace {

using namespace std::chrono_literals;
using namespace test;

/// Whether both of two requests that wait are worked on before one of them is answered.
bool both_before_an_answer() {
    std::promise<void> held;
    std::promise<void> released;
    tcp_stream one;
    tcp_stream other;
    int worked_on = 0;
    std::promise<bool> answered_early;
    running const s(
        [&](request const& r) {
            if (r.target == "/hold") {
                held.set_value();
                released.get_future().wait();
            } else if (r.target != "/first" && ++worked_on == 2) {
                // What was sent may still be on its way.
                answered_early.set_value(one.has_arrived(100ms) || other.has_arrived(0ms));
            }
            return echo(r);
        },
        local(1));
    auto holding = s.connect();
    one = s.connect();
    other = s.connect();
    std::string bytes;
    for (auto* stream : {&one, &other}) {
        EXPECT_TRUE(stream->send(with_host("GET /first HTTP/1.1")));
        EXPECT_TRUE(receive(*stream, bytes, "GET /first "));
        bytes.clear();
    }
    EXPECT_TRUE(holding.send(with_host("GET /hold HTTP/1.1")));
    held.get_future().wait();
    EXPECT_TRUE(one.send(with_host("GET /one HTTP/1.1")));
    EXPECT_TRUE(other.send(with_host("GET /other HTTP/1.1")));
    released.set_value();
    bool const early = answered_early.get_future().get();
    EXPECT_TRUE(receive(one, bytes, "GET /one "));
    EXPECT_TRUE(receive(other, bytes, "GET /other "));
    return !early;
}

TEST(turns, requests_that_have_arrived_come_before_answers) {
    // The system may be late to hand the second request over.
    bool seen = false;
    for (int i = 0; i != 20 && !seen; ++i) seen = both_before_an_answer();
    EXPECT_TRUE(seen);
}

}  // namespace
}  // namespace pushgateway::http
