#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <future>
#include <latch>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <pushgateway/http/server.hpp>

#include "support/endless_source.hpp"
#include "support/http_client.hpp"
#include "support/pieces_source.hpp"
#include "support/running_server.hpp"

namespace pushgateway::http {
namespace {

using namespace std::chrono_literals;
using test::closed;
using test::echo;
using test::heavy_if;
using test::http_client;
using test::local;
using test::patience;
using test::pieces_source;
using test::receive;
using test::running;
using test::tcp_stream;
using test::with_host;

response streamed(std::vector<std::string> pieces) {
    response out;
    out.stream = std::make_unique<pieces_source>(std::move(pieces));
    return out;
}

bool ended(std::promise<void>& promise) { return promise.get_future().wait_for(patience) == std::future_status::ready; }

// ---- messages

TEST(server, keeps_the_connection) {
    running const s(echo);
    auto stream = s.connect();
    std::string bytes;
    for (std::string const target : {"/1", "/2", "/3"}) {
        ASSERT_TRUE(stream.send(with_host("GET " + target + " HTTP/1.1")));
        ASSERT_TRUE(receive(stream, bytes, "GET " + target + " "));
    }
    EXPECT_EQ(bytes.find("Connection:"), std::string::npos);
}

TEST(server, answers_a_pipeline_in_order) {
    running const s(echo);
    auto const got = s.replies(with_host("POST /1 HTTP/1.1", "Content-Length: 1\r\n") + "a" +
                               with_host("POST /2 HTTP/1.1", "Transfer-Encoding: chunked\r\n") + "1\r\nb\r\n0\r\n\r\n" +
                               with_host("GET /3 HTTP/1.1", "Connection: close\r\n") + with_host("GET /4 HTTP/1.1"));
    ASSERT_EQ(got.size(), 3U);
    EXPECT_EQ(got[0].body, "POST /1 a");
    EXPECT_EQ(got[1].body, "POST /2 b");
    EXPECT_EQ(got[2].body, "GET /3 ");
    EXPECT_TRUE(got[2].closes());
}

TEST(server, answers_a_long_pipeline_of_requests_of_every_size) {
    running const s([](request const& r) { return response(200, std::to_string(r.body.size())); });
    std::string bytes;
    std::vector<std::size_t> sizes;
    for (std::size_t i = 0; i < 60; ++i) {
        sizes.push_back(i * i * i % 5000 + (i % 20 == 0 ? 300'000 : 0));
        auto const last = i == 59 ? "Connection: close\r\n" : "";
        bytes += with_host("PUT / HTTP/1.1", last + ("Content-Length: " + std::to_string(sizes.back()) + "\r\n"));
        bytes += std::string(sizes.back(), 'x');
    }
    auto const got = s.replies(bytes);
    ASSERT_EQ(got.size(), sizes.size());
    for (std::size_t i = 0; i < sizes.size(); ++i) EXPECT_EQ(got[i].body, std::to_string(sizes[i]));
}

TEST(server, asks_for_the_body_when_expected_to) {
    running const s(echo);
    auto stream = s.connect();
    std::string bytes;
    ASSERT_TRUE(stream.send(with_host("PUT /x HTTP/1.1", "Expect: 100-continue\r\nContent-Length: 4\r\n")));
    ASSERT_TRUE(receive(stream, bytes, "HTTP/1.1 100 Continue\r\n\r\n"));
    EXPECT_EQ(bytes, "HTTP/1.1 100 Continue\r\n\r\n");
    ASSERT_TRUE(stream.send("body"));
    ASSERT_TRUE(receive(stream, bytes, "PUT /x body"));
}

TEST(server, does_not_ask_for_a_body_that_is_there_or_unwanted) {
    auto options = local();
    options.limits.body = 10;
    running const s(echo, options);
    auto const there = s.replies(
        with_host("PUT / HTTP/1.1", "Expect: 100-continue\r\nConnection: close\r\nContent-Length: 4\r\n") + "body");
    ASSERT_EQ(there.size(), 1U);
    EXPECT_EQ(there[0].status, 200);
    auto const unwanted = s.replies(with_host("PUT / HTTP/1.1", "Expect: 100-continue\r\nContent-Length: 11\r\n"));
    ASSERT_EQ(unwanted.size(), 1U);
    EXPECT_EQ(unwanted[0].status, 413);
    auto const unknown = s.replies(with_host("PUT / HTTP/1.1", "Expect: coffee\r\n"));
    ASSERT_EQ(unknown.size(), 1U);
    EXPECT_EQ(unknown[0].status, 417);
}

TEST(server, head_has_the_fields_of_get_and_no_body) {
    running const s([](request const& r) { return r.target == "/stream" ? streamed({"a"}) : response(200, "12345"); });
    auto const got = s.replies(with_host("HEAD / HTTP/1.1") + with_host("HEAD /stream HTTP/1.1") +
                                   with_host("GET / HTTP/1.1", "Connection: close\r\n"),
                               {true, true, false});
    ASSERT_EQ(got.size(), 3U);
    EXPECT_EQ(got[0].header("Content-Length"), "5");
    EXPECT_EQ(got[1].header("Transfer-Encoding"), "chunked");
    EXPECT_EQ(got[2].body, "12345");
}

TEST(server, statuses_without_a_body) {
    running const s([](request const& r) { return response(r.target == "/204" ? 204 : 304, "not to be sent"); });
    auto const got =
        s.replies(with_host("GET /204 HTTP/1.1") + with_host("GET /304 HTTP/1.1", "Connection: close\r\n"));
    ASSERT_EQ(got.size(), 2U);
    EXPECT_EQ(got[0].status, 204);
    EXPECT_FALSE(got[0].header("Content-Length"));
    EXPECT_EQ(got[1].status, 304);
}

TEST(server, http_1_0) {
    running const s([](request const& r) { return r.target == "/stream" ? streamed({"a", "b"}) : echo(r); });
    auto const closing = s.exchange("GET /x HTTP/1.0\r\n\r\n");
    EXPECT_TRUE(closing.starts_with("HTTP/1.0 200 OK\r\n"));
    EXPECT_TRUE(closing.ends_with("Connection: close\r\n\r\nGET /x ")) << closing;
    auto const kept = s.replies("GET /1 HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET /2 HTTP/1.0\r\n\r\n");
    ASSERT_EQ(kept.size(), 2U);
    EXPECT_EQ(kept[0].header("Connection"), "keep-alive");
    auto const stream = s.replies("GET /stream HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    ASSERT_EQ(stream.size(), 1U);
    EXPECT_FALSE(stream[0].header("Transfer-Encoding"));
    EXPECT_EQ(stream[0].body, "ab");
}

TEST(server, streams_in_chunks) {
    for (bool const heavy : {false, true}) {
        running const s([](request const&) { return streamed({"a", "", std::string(200'000, 'b'), "c"}); }, local(),
                        heavy_if([heavy](request const&) { return heavy; }));
        auto const got = s.replies(with_host("GET / HTTP/1.1") + with_host("GET / HTTP/1.1", "Connection: close\r\n"));
        ASSERT_EQ(got.size(), 2U);
        EXPECT_EQ(got[0].header("Transfer-Encoding"), "chunked");
        EXPECT_EQ(got[0].body, "a" + std::string(200'000, 'b') + "c");
        EXPECT_EQ(got[1].body, got[0].body);
    }
}

TEST(server, a_stream_that_fails_is_seen_to_be_incomplete) {
    struct failing : body_source {
        bool next(std::string& out) override {
            if (!first) throw std::runtime_error("no more");
            first = false;
            out = "begin";
            return true;
        }
        bool first = true;
    };
    running const s([](request const&) {
        response out;
        out.stream = std::make_unique<failing>();
        return out;
    });
    // In HTTP/1.0 the end of the connection is that of the response.
    for (std::string const version : {"HTTP/1.0", "HTTP/1.1"}) {
        auto stream = s.connect();
        ASSERT_TRUE(stream.send(with_host("GET / " + version)));
        std::string text;
        auto more = stream.receive(text);
        while (more && *more) more = stream.receive(text);
        EXPECT_FALSE(more) << version << " ends as if it were whole: " << text;
        EXPECT_NE(text.find("\r\n\r\n"), std::string::npos);
        EXPECT_NE(text.find("begin"), std::string::npos) << text;
    }
}

TEST(server, large_bodies_both_ways) {
    running const s([](request const& r) { return response(200, r.body); });
    std::string const body(20'000'000, 'x');
    auto client = s.client();
    auto const got = client.send("POST", "/", {}, body);
    ASSERT_TRUE(got) << got.error().message;
    EXPECT_TRUE(got->body == body);
}

TEST(server, adds_the_date_and_only_its_own_framing) {
    running const s([](request const&) {
        response out(200, "x");
        out.set("X-Injected", "a\r\nEvil: b").set("Content-Length", "7").set("Transfer-Encoding", "gzip");
        out.set("Bad name", "x").set("X-Last", "y");
        return out;
    });
    auto client = s.client();
    auto const got = client.send("GET", "/");
    ASSERT_TRUE(got) << got.error().message;
    EXPECT_EQ(got->header("X-Injected"), "a  Evil: b");
    EXPECT_EQ(got->header("X-Last"), "y");
    EXPECT_FALSE(got->header("Evil"));
    EXPECT_FALSE(got->header("Bad name"));
    ASSERT_TRUE(got->header("Date"));
    EXPECT_EQ(got->header("Date")->size(), std::string_view("Sun, 06 Nov 1994 08:49:37 GMT").size());
}

TEST(server, the_handler_may_close) {
    running const s([](request const&) { return std::move(response(200, "x").set("Connection", "close")); });
    auto const got = s.replies(with_host("GET / HTTP/1.1") + with_host("GET / HTTP/1.1"));
    ASSERT_EQ(got.size(), 1U);
    EXPECT_TRUE(got[0].closes());
}

TEST(server, tells_the_handler_who_asks) {
    running const s([](request const& r) { return response(200, r.remote); });
    auto client = s.client();
    auto const got = client.send("GET", "/");
    ASSERT_TRUE(got);
    EXPECT_TRUE(got->body.starts_with("127.0.0.1:")) << got->body;
    auto const again = client.send("GET", "/");
    ASSERT_TRUE(again);
    EXPECT_EQ(again->body, got->body);
}

TEST(server, answers_options_for_itself) {
    running const s([](request const&) { return response(404, {}); });
    auto client = s.client();
    auto const got = client.send("OPTIONS", "*");
    ASSERT_TRUE(got);
    EXPECT_EQ(got->status, 200);
}

// ---- failures

TEST(server, refuses_and_closes) {
    running const s(echo);
    auto const got = s.replies("GET / HTTP/1.1\r\n\r\n" + with_host("GET /smuggled HTTP/1.1"));
    ASSERT_EQ(got.size(), 1U);
    EXPECT_EQ(got[0].status, 400);
    EXPECT_EQ(got[0].body, "400 Bad Request: Host is missing\n");
    EXPECT_TRUE(got[0].closes());
}

TEST(server, an_early_refusal_reaches_a_client_that_is_still_sending) {
    auto options = local();
    options.limits.body = 10;
    running const s(echo, options);
    auto stream = s.connect();
    // More than the kernel buffers: all of it is taken only if the server reads on.
    EXPECT_TRUE(
        stream.send(with_host("POST / HTTP/1.1", "Content-Length: 16000000\r\n") + std::string(16'000'000, 'x')));
    std::string bytes;
    EXPECT_TRUE(receive(stream, bytes, "413 Content Too Large"));
    while (stream.receive(bytes).value_or(false)) {
    }
    EXPECT_TRUE(bytes.ends_with("the body is larger than 10 bytes (limit \"body\")\n")) << bytes;
}

TEST(server, a_handler_that_throws_costs_its_request_only) {
    std::promise<std::string> warned;
    auto options = local();
    options.warn = [&](std::string_view text) { warned.set_value(std::string(text)); };
    running const s(
        [](request const& r) {
            if (r.target == "/bad") throw std::runtime_error("broken");
            return echo(r);
        },
        options);
    auto const got =
        s.replies(with_host("GET /bad HTTP/1.1") + with_host("GET /good HTTP/1.1", "Connection: close\r\n"));
    ASSERT_EQ(got.size(), 2U);
    EXPECT_EQ(got[0].status, 500);
    EXPECT_EQ(got[0].body, "500 Internal Server Error\n");
    EXPECT_EQ(got[1].status, 200);
    EXPECT_EQ(warned.get_future().get(), "a request failed: broken");
}

TEST(server, half_closed_connections_are_answered) {
    running const s(echo);
    auto const text = s.exchange(with_host("GET /x HTTP/1.1"), true);
    EXPECT_TRUE(text.ends_with("GET /x ")) << text;
}

TEST(server, an_incomplete_request_is_told_so) {
    running const s(echo);
    for (auto const& part : {std::string("GET / HT"), with_host("POST / HTTP/1.1", "Content-Length: 5\r\n") + "abc"}) {
        auto const text = s.exchange(part, true);
        EXPECT_TRUE(text.starts_with("HTTP/1.1 400 ")) << text;
        EXPECT_NE(text.find("the connection ended before the request was complete"), std::string::npos) << text;
    }
    EXPECT_EQ(s.exchange("\r\n", true), "");
}

TEST(server, a_client_that_leaves_during_the_response_is_forgotten) {
    for (bool const heavy : {false, true}) {
        std::promise<void> gone;
        running const s(
            [&](request const& r) {
                if (r.target != "/endless") return echo(r);
                response out;
                out.stream = std::make_unique<test::endless_source>(gone);
                return out;
            },
            local(), heavy_if([heavy](request const&) { return heavy; }));
        {
            auto stream = s.connect();
            ASSERT_TRUE(stream.send(with_host("GET /endless HTTP/1.1")));
            std::string bytes;
            ASSERT_TRUE(stream.receive(bytes).value());
            // Closing with unread bytes resets the connection.
        }
        EXPECT_TRUE(ended(gone));
        auto client = s.client();
        EXPECT_EQ(client.send("GET", "/x").value().body, "GET /x ");
    }
}

// ---- deadlines: the tests wait for what the server does by itself

TEST(server, a_client_that_does_not_read_is_cut_off) {
    auto options = local();
    options.limits.progress_timeout = 1s;
    std::promise<void> gone;
    running const s(
        [&](request const&) {
            response out;
            out.stream = std::make_unique<test::endless_source>(gone);
            return out;
        },
        options);
    auto stream = s.connect();
    ASSERT_TRUE(stream.send(with_host("GET / HTTP/1.1")));
    EXPECT_TRUE(ended(gone));
}

TEST(server, a_head_that_does_not_arrive_in_time_is_refused) {
    auto options = local();
    options.limits.header_timeout = 1s;
    running const s(echo, options);
    auto const text = s.exchange("GET / HTTP/1.1\r\nHost:");
    EXPECT_TRUE(text.starts_with("HTTP/1.1 408 Request Timeout\r\n")) << text;
    EXPECT_NE(text.find("Connection: close"), std::string::npos);
}

TEST(server, a_body_that_does_not_arrive_in_time_is_refused) {
    auto options = local();
    options.limits.progress_timeout = 1s;
    running const s(echo, options);
    auto const text = s.exchange(with_host("POST / HTTP/1.1", "Content-Length: 5\r\n") + "abc");
    EXPECT_TRUE(text.starts_with("HTTP/1.1 408 Request Timeout\r\n")) << text;
}

TEST(server, idle_connections_are_closed_silently) {
    auto options = local();
    options.limits.idle_timeout = 1s;
    running const s(echo, options);
    auto fresh = s.connect();
    auto used = s.connect();
    ASSERT_TRUE(used.send(with_host("GET /x HTTP/1.1")));
    std::string bytes;
    ASSERT_TRUE(receive(used, bytes, "GET /x "));
    EXPECT_TRUE(closed(fresh));
    EXPECT_TRUE(closed(used));
}

// ---- many connections, slow handlers

void raise_descriptor_limit() {
    rlimit limit{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
    limit.rlim_cur = limit.rlim_max;
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &limit), 0);
}

TEST(server, idle_connections_do_not_keep_others_from_being_served) {
    raise_descriptor_limit();
    running const s(echo);
    std::vector<tcp_stream> idle;
    for (int i = 0; i < 500; ++i) {
        idle.push_back(s.connect());
        if (i % 2 == 0) {
            ASSERT_TRUE(idle.back().send("GET / HTTP/1.1\r\nX: "));
        }
    }
    auto client = s.client();
    EXPECT_EQ(client.send("PUT", "/x", {}, "y").value().body, "PUT /x y");
}

TEST(server, a_heavy_request_does_not_keep_others_from_being_served) {
    std::latch release(1);
    running const s(
        [&](request const& r) {
            if (r.target == "/heavy") release.wait();
            return echo(r);
        },
        local(1), heavy_if([](request const& r) { return r.target == "/heavy"; }));
    auto heavy = s.connect();
    ASSERT_TRUE(heavy.send(with_host("GET /heavy HTTP/1.1")));
    auto client = s.client();
    EXPECT_EQ(client.send("GET", "/light").value().body, "GET /light ");
    release.count_down();
    std::string bytes;
    EXPECT_TRUE(receive(heavy, bytes, "GET /heavy "));
}

TEST(server, a_request_with_a_large_body_is_heavy) {
    auto options = local(1);
    options.heavy_body = 1000;
    std::latch release(1);
    running const s(
        [&](request const& r) {
            if (r.body.size() > 1000) release.wait();
            return response(200, std::to_string(r.body.size()));
        },
        options);
    auto heavy = s.connect();
    ASSERT_TRUE(heavy.send(with_host("PUT / HTTP/1.1", "Content-Length: 1001\r\n") + std::string(1001, 'x')));
    auto client = s.client();
    EXPECT_EQ(client.send("PUT", "/", {}, std::string(1000, 'x')).value().body, "1000");
    release.count_down();
    std::string bytes;
    EXPECT_TRUE(receive(heavy, bytes, "\r\n\r\n1001"));
}

TEST(server, an_endless_stream_does_not_keep_others_from_being_served) {
    for (bool const heavy : {false, true}) {
        std::promise<void> gone;
        {
            running const s(
                [&](request const& r) {
                    if (r.target != "/endless") return echo(r);
                    response out;
                    out.stream = std::make_unique<test::endless_source>(gone);
                    return out;
                },
                local(1), heavy_if([heavy](request const& r) { return heavy && r.target == "/endless"; }));
            auto stream = s.connect();
            ASSERT_TRUE(stream.send(with_host("GET /endless HTTP/1.1")));
            std::atomic<bool> done = false;
            std::jthread const reader([&] {
                std::string bytes;
                while (!done && stream.receive(bytes).value_or(false)) bytes.clear();
            });
            auto client = s.client();
            for (int i = 0; i < 20; ++i) EXPECT_EQ(client.send("GET", "/x").value().body, "GET /x ");
            done = true;
        }
        EXPECT_TRUE(ended(gone));
    }
}

TEST(server, lives_through_a_shortage_of_file_descriptors) {
    std::promise<std::string> warned;
    std::atomic<int> warnings = 0;
    auto options = local(1);
    options.warn = [&](std::string_view text) {
        if (warnings++ == 0) warned.set_value(std::string(text));
    };
    running const s(echo, options);
    auto client = s.client();
    EXPECT_EQ(client.send("GET", "/1").value().status, 200);

    // From here on this process gets no more descriptors than the clients' own.
    std::array<int, 8> clients{};
    for (int& fd : clients) fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
    rlimit none = before;
    none.rlim_cur = static_cast<rlim_t>(*std::ranges::max_element(clients)) + 1;
    std::vector<int> holes;
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
    for (int fd = ::dup(clients[0]); fd >= 0; fd = ::dup(clients[0])) holes.push_back(fd);
    sockaddr_in where{};
    where.sin_family = AF_INET;
    where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    where.sin_port = htons(s.port());
    auto const ask = with_host("GET /3 HTTP/1.1", "Connection: close\r\n");
    for (int const fd : clients) {
        EXPECT_EQ(::connect(fd, reinterpret_cast<sockaddr*>(&where), sizeof where), 0);
        EXPECT_EQ(::send(fd, ask.data(), ask.size(), MSG_NOSIGNAL), static_cast<ssize_t>(ask.size()));
    }
    auto told = warned.get_future();
    bool const was_told = told.wait_for(patience) == std::future_status::ready;
    // Who is connected is served meanwhile.
    auto const meanwhile = client.send("GET", "/2");
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
    for (int const fd : holes) ::close(fd);
    EXPECT_TRUE(meanwhile) << meanwhile.error().message;
    EXPECT_TRUE(was_told);
    if (was_told) {
        EXPECT_TRUE(told.get().starts_with("cannot accept connections at the moment: "));
    }
    // Who waited is answered, by the descriptor that is held back or by those that are there again.
    for (int const fd : clients) {
        std::array<char, 1000> buffer{};
        EXPECT_GT(::recv(fd, buffer.data(), buffer.size(), 0), 0);
        EXPECT_TRUE(std::string_view(buffer.data()).starts_with("HTTP/1.1 200 OK\r\n"));
        ::close(fd);
    }
    EXPECT_EQ(warnings, 1);
}

// ---- stopping

TEST(server, stop_finishes_what_is_in_flight) {
    std::latch begun(1);
    std::latch release(1);
    running s(
        [&](request const& r) {
            begun.count_down();
            release.wait();
            return echo(r);
        },
        local(1), heavy_if([](request const&) { return true; }));
    // One event loop accepts in order: when it has begun with the second, it has the first.
    auto idle = s.connect();
    auto busy = s.connect();
    ASSERT_TRUE(busy.send(with_host("GET /busy HTTP/1.1")));
    begun.wait();
    s.it.stop();
    EXPECT_TRUE(closed(idle));
    EXPECT_FALSE(tcp_stream::connect("127.0.0.1", s.port(), patience));
    release.count_down();
    std::string bytes;
    EXPECT_TRUE(receive(busy, bytes, "GET /busy "));
    EXPECT_NE(bytes.find("Connection: close"), std::string::npos);
    EXPECT_TRUE(closed(busy));
    busy.close();
    s.it.wait();
}

TEST(server, stop_lets_a_request_that_has_begun_arrive) {
    running s(echo);
    auto idle = s.connect();
    auto stream = s.connect();
    std::string bytes;
    ASSERT_TRUE(idle.send(with_host("GET /idle HTTP/1.1")));
    ASSERT_TRUE(receive(idle, bytes, "GET /idle "));
    ASSERT_TRUE(stream.send(with_host("PUT /x HTTP/1.1", "Expect: 100-continue\r\nContent-Length: 1\r\n")));
    ASSERT_TRUE(receive(stream, bytes, "100 Continue"));
    s.it.stop();
    EXPECT_TRUE(closed(idle));
    ASSERT_TRUE(stream.send("y"));
    EXPECT_TRUE(receive(stream, bytes, "PUT /x y"));
    stream.close();
    s.it.wait();
}

TEST(server, stop_cuts_off_what_outlasts_the_grace) {
    auto options = local();
    options.limits.progress_timeout = options.limits.header_timeout = 24h;
    std::promise<void> gone;
    running s(
        [&](request const&) {
            response out;
            out.stream = std::make_unique<test::endless_source>(gone);
            return out;
        },
        options);
    auto stalled = s.connect();
    ASSERT_TRUE(stalled.send(with_host("GET / HTTP/1.1")));
    std::string bytes;
    ASSERT_TRUE(receive(stalled, bytes, "200 OK"));
    auto half = s.connect();
    ASSERT_TRUE(half.send("GET"));
    s.it.stop(std::chrono::hours(1));
    s.it.stop(10ms);
    s.it.wait();
    EXPECT_TRUE(ended(gone));
}

TEST(server, may_be_stopped_by_a_request) {
    server* self = nullptr;
    running s([&](request const& r) {
        self->stop();
        return echo(r);
    });
    self = &s.it;
    auto const got = s.replies(with_host("PUT /-/quit HTTP/1.1", "Connection: close\r\n"));
    ASSERT_EQ(got.size(), 1U);
    EXPECT_EQ(got[0].status, 200);
    s.it.wait();
}

TEST(server, stops_amid_traffic) {
    for (int round = 0; round < 10; ++round) {
        running s(echo, local(), heavy_if([](request const& r) { return r.target == "/heavy"; }));
        std::atomic<int> answers = 0;
        std::vector<std::jthread> clients;
        for (int i = 0; i < 4; ++i) {
            clients.emplace_back([&, i] {
                for (;;) {
                    auto stream = tcp_stream::connect("127.0.0.1", s.port(), patience);
                    if (!stream) return;
                    std::string const target = i % 2 == 0 ? "/heavy" : "/light";
                    std::string bytes;
                    for (int k = 0; k < 20; ++k) {
                        if (!stream->send(with_host("GET " + target + " HTTP/1.1"))) break;
                        bytes.clear();
                        if (!receive(*stream, bytes, target + " ")) break;
                        ++answers;
                        answers.notify_all();
                    }
                }
            });
        }
        for (int seen = 0; seen < 50; seen = answers) answers.wait(seen);
        s.it.stop();
        clients.clear();
        s.it.wait();
        EXPECT_GE(answers, 50);
    }
}

TEST(server, that_never_started_can_be_stopped_and_waited_for) {
    server s(local(), echo);
    s.stop();
    s.wait();
    EXPECT_TRUE(s.ports().empty());
}

// ---- addresses

TEST(server, two_servers_cannot_share_a_port) {
    for (std::size_t const threads : {1U, 2U}) {
        running const first(echo, local(threads));
        auto options = local(threads);
        options.listen = {"127.0.0.1:0", "127.0.0.1:" + std::to_string(first.port())};
        server second(options, echo);
        auto const started = second.start();
        ASSERT_FALSE(started);
        EXPECT_EQ(started.error().code, errc::unavailable);
        EXPECT_EQ(started.error().message, "cannot listen on \"" + options.listen[1] + "\": Address already in use");
        EXPECT_TRUE(second.ports().empty());
    }
}

TEST(server, every_thread_takes_connections) {
    std::mutex mutex;
    std::vector<std::thread::id> seen;
    running const s([&](request const&) {
        std::lock_guard const guard(mutex);
        if (std::ranges::find(seen, std::this_thread::get_id()) == seen.end())
            seen.push_back(std::this_thread::get_id());
        return response(200, std::to_string(seen.size()));
    });
    // The kernel picks the thread by a hash of the addresses: sooner or later it is the other one.
    std::string threads;
    for (int i = 0; i < 10'000 && threads != "2"; ++i) threads = s.client().send("GET", "/").value().body;
    EXPECT_EQ(threads, "2");
}

TEST(server, listens_on_several_addresses) {
    auto options = local();
    options.listen = {"127.0.0.1:0", "localhost:0", ":0"};
    running const s(echo, options);
    ASSERT_EQ(s.it.ports().size(), 3U);
    for (auto const port : s.it.ports()) {
        http_client client("127.0.0.1", port, patience);
        EXPECT_EQ(client.send("GET", "/x").value().body, "GET /x ");
    }
    // A wildcard serves IPv6 as well, where the machine has it.
    if (tcp_stream::connect("::1", s.it.ports()[0], patience).error().message.find("refused") != std::string::npos) {
        http_client client("::1", s.it.ports()[2], patience);
        EXPECT_EQ(client.send("GET", "/x", {{"Host", "[::1]"}}).value().body, "GET /x ");
    }
}

TEST(server, says_when_its_threads_find_no_descriptors) {
    auto const nothing = [](request const&) { return response{}; };
    server it(local(4), nothing);
    rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
    int const free = ::dup(STDERR_FILENO);
    ::close(free);
    rlimit few = before;
    few.rlim_cur = static_cast<rlim_t>(free) + 2;
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &few), 0);
    auto const started = it.start();
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
    ASSERT_FALSE(started);
    EXPECT_EQ(started.error().code, errc::unavailable);
    EXPECT_TRUE(started.error().message.starts_with("cannot serve with 4 threads, each of which takes some file "))
        << started.error().message;
}

TEST(server, names_the_address_that_is_wrong) {
    struct {
        std::string address;
        errc code;
        std::string message;
    } const cases[] = {
        {"localhost", errc::invalid, "listen address \"localhost\": missing port"},
        {"[::1]", errc::invalid, "listen address \"[::1]\": missing port"},
        {"", errc::invalid, "listen address \"\": missing port"},
        {"\":80\"", errc::invalid, "listen address \"\":80\"\": there are quotes in it: leave them out"},
        {"a:1,b:2", errc::invalid, "listen address \"a:1,b:2\": there is a comma in it: give the flag once for each"},
        {"http://127.0.0.1:9091", errc::invalid,
         "listen address \"http://127.0.0.1:9091\": a URL is none, it is written HOST:PORT, :PORT, "},
        {":9091/metrics", errc::invalid,
         "listen address \":9091/metrics\": there is a path in it, it is written HOST:PORT, :PORT, "},
        {"::1:80", errc::invalid, "listen address \"::1:80\": an IPv6 address must stand in brackets"},
        {"[]:80", errc::invalid, "listen address \"[]:80\": malformed IPv6 address"},
        {"[::1:80", errc::invalid, "listen address \"[::1:80\": malformed IPv6 address"},
        {":65536", errc::invalid, "listen address \":65536\": port out of range"},
        {":99999999999999999999", errc::invalid, "listen address \":99999999999999999999\": port out of range"},
        {":-1", errc::invalid, "listen address \":-1\": "},
        {"[::zz]:0", errc::invalid, "listen address \"[::zz]:0\": "},
        {"192.0.2.1:0", errc::unavailable, "cannot listen on \"192.0.2.1:0\": Cannot assign requested address"},
    };
    for (auto const& c : cases) {
        auto options = local();
        options.listen = {c.address};
        server s(options, echo);
        auto const started = s.start();
        ASSERT_FALSE(started) << c.address;
        EXPECT_EQ(started.error().code, c.code) << started.error().message;
        EXPECT_TRUE(started.error().message.starts_with(c.message)) << started.error().message;
    }
}

TEST(listen_address, is_split_into_host_and_port) {
    auto const split = [](std::string_view text) {
        auto const got = parse_listen_address(text).value();
        return got.host + "|" + got.port;
    };
    EXPECT_EQ(split(":9091"), "|9091");
    EXPECT_EQ(split("example.org:http"), "example.org|http");
    EXPECT_EQ(split("127.0.0.1:0"), "127.0.0.1|0");
    EXPECT_EQ(split("[fe80::1%eth0]:80"), "fe80::1%eth0|80");
    EXPECT_EQ(split(":"), "|0");
}

TEST(http_date, is_an_imf_fixdate) {
    using namespace std::chrono;
    EXPECT_EQ(http_date(sys_days(1994y / November / 6) + 8h + 49min + 37s), "Sun, 06 Nov 1994 08:49:37 GMT");
    EXPECT_EQ(http_date(sys_seconds(0s)), "Thu, 01 Jan 1970 00:00:00 GMT");
    EXPECT_EQ(http_date(sys_days(2024y / February / 29) + 23h + 59min + 59s), "Thu, 29 Feb 2024 23:59:59 GMT");
}

}  // namespace
}  // namespace pushgateway::http
