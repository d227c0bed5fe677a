#include <atomic>
#include <cstddef>
#include <future>
#include <initializer_list>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "running_tls.hpp"
#include "support/pieces_source.hpp"

namespace pushgateway::http {
namespace {

using test::patience;
using test::pieces_source;
using test::running_tls;
using test::tls_client;
using test::with_host;

std::string numbered(std::size_t size) {
    std::string out;
    for (std::size_t i = 0; out.size() < size; ++i) out += std::to_string(i) + ' ';
    out.resize(size);
    return out;
}

/// The head of a request with such a body, and more fields.
std::string head_of(std::string_view body, std::string_view fields = {}) {
    std::string out = "PUT / HTTP/1.1\r\nHost: test\r\nContent-Length: ";
    out += std::to_string(body.size());
    out += "\r\n";
    out += fields;
    out += "\r\n";
    return out;
}

response mirrored(request const& r) { return {200, r.body}; }

std::vector<test::http_reply> replies_of(result<std::string> const& got) {
    if (!got) {
        ADD_FAILURE() << got.error().message;
        return {};
    }
    auto replies = test::parse_replies(*got);
    EXPECT_TRUE(replies) << replies.error().message;
    return replies.value_or(std::vector<test::http_reply>{});
}

TEST(tls_stream, keeps_the_connection) {
    running_tls const server;
    auto client = tls_client::connect(server.port());
    ASSERT_TRUE(client) << client.error().message;
    std::string bytes;
    for (std::string const target : {"/1", "/2", "/3"}) {
        ASSERT_TRUE(client->send(with_host("GET " + target + " HTTP/1.1")));
        ASSERT_TRUE(receive(*client, bytes, "GET " + target + " "));
    }
    EXPECT_EQ(server.said.all(), "");
}

TEST(tls_stream, a_request_in_many_records) {
    running_tls const server(test::plain_settings(), mirrored);
    auto client = tls_client::connect(server.port());
    ASSERT_TRUE(client) << client.error().message;
    for (char const c : with_host("PUT / HTTP/1.1", "Content-Length: 26\r\nConnection: close\r\n")) {
        ASSERT_TRUE(client->send(std::string(1, c)));
    }
    for (char c = 'a'; c <= 'z'; ++c) ASSERT_TRUE(client->send(std::string(1, c)));
    auto const got = replies_of(running_tls::rest_of(*client));
    ASSERT_EQ(got.size(), 1U);
    EXPECT_EQ(got[0].body, "abcdefghijklmnopqrstuvwxyz");
}

TEST(tls_stream, a_pipeline_of_requests_of_every_size) {
    running_tls const server(test::plain_settings(), mirrored);
    std::string bytes;
    std::vector<std::string> bodies;
    for (std::size_t i = 0; i < 60; ++i) {
        bodies.push_back(numbered(i * i * i % 5000 + (i % 20 == 0 ? 70'000 : 0)));
        auto const last = i == 59 ? "Connection: close\r\n" : "";
        bytes += head_of(bodies.back(), last);
        bytes += bodies.back();
    }
    auto client = tls_client::connect(server.port());
    ASSERT_TRUE(client) << client.error().message;
    ASSERT_TRUE(client->send(bytes));
    auto const got = replies_of(running_tls::rest_of(*client));
    ASSERT_EQ(got.size(), bodies.size());
    for (std::size_t i = 0; i < bodies.size(); ++i) EXPECT_TRUE(got[i].body == bodies[i]) << i;
}

TEST(tls_stream, bodies_around_the_size_of_buffers_and_records) {
    running_tls const server(test::plain_settings(), mirrored);
    auto client = tls_client::connect(server.port());
    ASSERT_TRUE(client) << client.error().message;
    for (auto const size :
         std::initializer_list<std::size_t>{1000, 1023, 1024, 1025, 16'000, 16'383, 16'384, 16'385, 32'768, 65'535,
                                            65'536, 65'537, 131'072, 131'073, 1'000'000}) {
        auto const body = numbered(size);
        ASSERT_TRUE(client->send(head_of(body) + body));
        std::string bytes;
        for (;;) {
            std::string_view rest = bytes;
            auto const reply = test::parse_reply(rest, false, false);
            ASSERT_TRUE(reply) << reply.error().message;
            if (*reply) {
                EXPECT_TRUE((*reply)->body == body) << size;
                break;
            }
            auto const more = client->receive(bytes);
            ASSERT_TRUE(more && *more) << size;
        }
    }
}

TEST(tls_stream, large_bodies_both_ways) {
    running_tls const server(test::plain_settings(), mirrored);
    auto const body = numbered(20'000'000);
    auto const got = replies_of(server.exchange(head_of(body, "Connection: close\r\n") + body));
    ASSERT_EQ(got.size(), 1U);
    EXPECT_TRUE(got[0].body == body);
}

TEST(tls_stream, streams_in_chunks) {
    std::vector<std::string> pieces;
    std::string whole;
    for (std::size_t i = 0; i < 100; ++i) {
        pieces.push_back(numbered(i * 1999 % 60'000 + 1));
        whole += pieces.back();
    }
    for (bool const heavy : {false, true}) {
        running_tls const server(
            test::plain_settings(),
            [&](request const&) {
                response out;
                out.stream = std::make_unique<pieces_source>(pieces);
                return out;
            },
            test::local(), test::heavy_if([heavy](request const&) { return heavy; }));
        auto const got = replies_of(
            server.exchange(with_host("GET / HTTP/1.1") + with_host("GET / HTTP/1.1", "Connection: close\r\n")));
        ASSERT_EQ(got.size(), 2U);
        EXPECT_TRUE(got[0].body == whole);
        EXPECT_TRUE(got[1].body == whole);
    }
}

TEST(tls_stream, ends_as_it_should) {
    running_tls const server;
    // `exchange` fails if the end is not announced.
    EXPECT_EQ(replies_of(server.exchange(with_host("GET / HTTP/1.1", "Connection: close\r\n"))).size(), 1U);
    EXPECT_EQ(replies_of(server.exchange("nonsense\r\n\r\n")).front().status, 400);
}

TEST(tls_stream, answers_who_has_nothing_more_to_say) {
    running_tls const server;
    for (int const version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        auto client = tls_client::connect(server.port(), {.lowest = version, .highest = version});
        ASSERT_TRUE(client) << client.error().message;
        client->send(with_host("GET /last HTTP/1.1"));
        client->finish_sending();
        auto const got = replies_of(running_tls::rest_of(*client));
        ASSERT_EQ(got.size(), 1U);
        EXPECT_EQ(got[0].body, "GET /last ");
    }
}

TEST(tls_stream, a_request_that_is_cut_is_refused) {
    running_tls const server;
    auto client = tls_client::connect(server.port());
    ASSERT_TRUE(client) << client.error().message;
    client->send(with_host("PUT / HTTP/1.1", "Content-Length: 10\r\n") + "12345");
    client->finish_sending();
    auto const got = replies_of(running_tls::rest_of(*client));
    ASSERT_EQ(got.size(), 1U);
    EXPECT_EQ(got[0].status, 400);
}

TEST(tls_stream, many_connections_at_once) {
    auto options = test::local();
    std::atomic<int> served = 0;
    running_tls const server(
        test::plain_settings(),
        [&](request const& r) {
            ++served;
            return response(200, r.body);
        },
        options);
    std::vector<std::thread> threads;
    std::atomic<int> good = 0;
    for (int t = 0; t < 10; ++t) {
        threads.emplace_back([&, t] {
            std::vector<tls_client> clients;
            for (int i = 0; i < 10; ++i) {
                auto client = tls_client::connect(server.port());
                ASSERT_TRUE(client) << client.error().message;
                clients.push_back(*std::move(client));
            }
            for (int round = 0; round < 3; ++round) {
                for (std::size_t i = 0; i < clients.size(); ++i) {
                    auto const body = numbered(static_cast<std::size_t>(t) * 3000 + i) + "end";
                    ASSERT_TRUE(clients[i].send(head_of(body) + body));
                }
                for (auto& client : clients) {
                    std::string bytes;
                    ASSERT_TRUE(receive(client, bytes, "end"));
                    ++good;
                }
            }
        });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(good, 300);
    EXPECT_EQ(served, 300);
    EXPECT_EQ(server.said.all(), "");
}

TEST(tls_stream, a_client_that_goes_away_while_it_is_answered) {
    running_tls server(test::plain_settings(),
                       [](request const&) { return response(200, std::string(5'000'000, 'x')); });
    for (int i = 0; i < 20; ++i) {
        auto client = tls_client::connect(server.port());
        ASSERT_TRUE(client) << client.error().message;
        client->send(with_host("GET / HTTP/1.1"));
        std::string bytes;
        ASSERT_TRUE(client->receive(bytes));
        client->reset();
    }
    EXPECT_EQ(server.outcome(), "200");
    server.server.it.stop(std::chrono::seconds(30));
    server.server.it.wait();
}

TEST(tls_stream, does_not_wait_for_idle_clients_when_it_stops) {
    running_tls server;
    auto idle = tls_client::connect(server.port());
    ASSERT_TRUE(idle) << idle.error().message;
    std::string bytes;
    idle->send(with_host("GET / HTTP/1.1"));
    ASSERT_TRUE(receive(*idle, bytes, "GET / "));
    int const silent = test::connect_to(server.port());
    ASSERT_GE(silent, 0);
    // So that the server has taken it by then.
    EXPECT_EQ(server.outcome(), "200");
    // Longer than any test may take.
    server.server.it.stop(std::chrono::hours(1));
    server.server.it.wait();
    auto const more = idle->receive(bytes);
    ASSERT_TRUE(more) << more.error().message;
    EXPECT_FALSE(*more);
    ::close(silent);
}

}  // namespace
}  // namespace pushgateway::http
