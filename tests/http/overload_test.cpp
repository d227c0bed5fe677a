// Too many connections, too many bodies, clients that are too slow: over real sockets.

#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <future>
#include <latch>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <pushgateway/base/limit_usage.hpp>
#include <pushgateway/http/most_connections.hpp>
#include <pushgateway/http/server.hpp>

#include "support/endless_source.hpp"
#include "support/http_client.hpp"
#include "support/running_server.hpp"

namespace pushgateway::http {
namespace {

using namespace std::chrono_literals;
using test::closed;
using test::comes_true;
using test::echo;
using test::heavy_if;
using test::http_client;
using test::local;
using test::patience;
using test::receive;
using test::running;
using test::tcp_stream;
using test::with_host;

constexpr std::size_t mega = std::size_t{1} << 20;

struct counted_server {
    explicit counted_server(server_options options, server::handler handle = echo, server::classifier classify = {})
        : usage(std::make_shared<limit_usage>()),
          it(std::move(handle), with(std::move(options)), std::move(classify)) {}

    server_options with(server_options options) const {
        options.usage = usage;
        return options;
    }

    std::shared_ptr<limit_usage> usage;
    running it;
};

// ---- connections

TEST(connections, are_as_many_as_file_descriptors_allow) {
    limits bounds;
    rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
    struct expected {
        rlim_t descriptors;
        std::uint64_t most;
        std::uint64_t spare;
    };
    for (auto const& [descriptors, most, spare] :
         {expected{1000, 936, 32}, {129, 65, 32}, {100, 51, 24}, {10, 6, 2}, {1, 1, 1}}) {
        rlimit now{descriptors, before.rlim_max};
        ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &now), 0);
        EXPECT_EQ(detail::most_connections(bounds), most);
        EXPECT_EQ(detail::most_spare_seats(bounds), spare);
    }
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
    bounds.connections = 7;
    EXPECT_EQ(detail::most_connections(bounds), 7U);
    EXPECT_EQ(detail::most_connections(bounds, 10), 6U) << "no more than there are descriptors for";
    EXPECT_EQ(detail::most_connections(bounds, 0), 7U);
    bounds.connections = 0;
    EXPECT_EQ(detail::most_connections(bounds, 0), 0U);
}

TEST(connections, a_newcomer_takes_the_place_of_the_one_that_is_silent_for_longest) {
    auto options = local(1);
    options.limits.connections = 3;
    counted_server const s(options);
    std::vector<tcp_stream> old;
    std::string bytes;
    for (int i = 0; i != 3; ++i) {
        old.push_back(s.it.connect());
        ASSERT_TRUE(old.back().send(with_host("GET /" + std::to_string(i) + " HTTP/1.1")));
        ASSERT_TRUE(receive(old.back(), bytes, "GET /" + std::to_string(i) + " "));
    }
    EXPECT_EQ(s.usage->used(limit_kind::connections), 3U);
    // Who came in the same second is left alone; so it takes some attempts.
    auto const pushed = [&] {
        auto client = s.it.client();
        auto const got = client.send("PUT", "/", {}, "x").value();
        EXPECT_TRUE(got.status == 200 || got.status == 503) << got.status;
        EXPECT_LE(s.usage->used(limit_kind::connections), 3U);
        return got.status == 200;
    };
    EXPECT_TRUE(comes_true(pushed));
    EXPECT_TRUE(closed(old[0]));
    EXPECT_GE(s.usage->rejections(limit_kind::connections), 1U);
    // The others are as they were.
    for (std::size_t i = 1; i != 3; ++i) {
        bytes.clear();
        ASSERT_TRUE(old[i].send(with_host("GET /again HTTP/1.1")));
        EXPECT_TRUE(receive(old[i], bytes, "GET /again "));
    }
}

TEST(connections, a_head_that_does_not_come_makes_room_too) {
    auto options = local(1);
    options.limits.connections = 2;
    counted_server const s(options);
    auto first = s.it.connect();
    auto second = s.it.connect();
    for (auto* stream : {&first, &second}) ASSERT_TRUE(stream->send("GET / HTTP/1.1\r\nX-Slow: "));
    EXPECT_TRUE(comes_true([&] {
        auto client = s.it.client();
        return client.send("PUT", "/", {}, "x").value().status == 200;
    }));
    EXPECT_TRUE(closed(first));
}

TEST(connections, probes_are_answered_when_all_are_busy) {
    auto options = local(1);
    options.limits.connections = 2;
    std::latch release(1);
    counted_server const s(
        options,
        [&](request const& r) {
            if (r.target == "/busy") release.wait();
            return echo(r);
        },
        heavy_if([](request const& r) { return r.target == "/busy" || r.target == "/heavy"; }));
    auto first = s.it.connect();
    auto second = s.it.connect();
    for (auto* stream : {&first, &second}) ASSERT_TRUE(stream->send(with_host("GET /busy HTTP/1.1")));
    EXPECT_TRUE(comes_true([&] { return s.usage->used(limit_kind::connections) == 2; }));
    for (int i = 0; i != 40; ++i) {
        auto client = s.it.client();
        auto const got = client.send("GET", "/probe").value();
        EXPECT_EQ(got.status, 200);
        EXPECT_TRUE(got.closes());
    }
    auto client = s.it.client();
    for (auto const& got : {client.send("PUT", "/", {}, "x").value(), client.send("GET", "/heavy").value()}) {
        EXPECT_EQ(got.status, 503);
        EXPECT_EQ(got.body, "503 Service Unavailable: there are more than 2 connections (limit \"connections\")\n");
        EXPECT_EQ(got.header("Retry-After"), "1");
        EXPECT_TRUE(got.closes());
    }
    EXPECT_EQ(s.usage->rejections(limit_kind::connections), 2U);
    EXPECT_EQ(s.usage->used(limit_kind::connections), 2U);
    release.count_down();
    for (auto* stream : {&first, &second}) {
        std::string bytes;
        EXPECT_TRUE(receive(*stream, bytes, "GET /busy "));
    }
}

/// What a client may do that keeps a connection: it sends nothing, half a head, half a body, or takes no answer.
struct hold {
    std::string name;
    std::string sends;
};

std::vector<hold> const& holds() {
    static std::vector<hold> const all{
        {"silence", ""},
        {"a head", "GET /scrape HTTP/1.1\r\nX-Slow: "},
        {"a body", with_host("PUT / HTTP/1.1", "Content-Length: 1000\r\n") + "x"},
        {"chunks", with_host("PUT / HTTP/1.1", "Transfer-Encoding: chunked\r\n") + "1\r\nx"},
        {"an expectation", with_host("PUT / HTTP/1.1", "Content-Length: 9\r\nExpect: 100-continue\r\n")},
        {"an unread scrape", with_host("GET /endless HTTP/1.1")},
        {"many requests", with_host("GET /probe HTTP/1.1") + with_host("GET /probe HTTP/1.1")}};
    return all;
}

struct without_end : body_source {
    bool next(std::string& out) override {
        out.assign(std::size_t{64} << 10, 'x');
        return true;
    }
};

response probed(request const& r) {
    response out = echo(r);
    if (r.target == "/endless") out.stream = std::make_unique<without_end>();
    return out;
}

work_class probe_class(request const& r) {
    if (r.target == "/endless" || r.target == "/scrape") return work_class::scrape;
    return r.target == "/list" ? work_class::list : work_class::immediate;
}

void expect_vital_answers(running const& server) {
    for (std::string const target : {"/probe", "/scrape"}) {
        auto client = server.client();
        auto const got = client.send("GET", target);
        ASSERT_TRUE(got) << target << ": " << got.error().message;
        EXPECT_EQ(got->status, 200) << target;
    }
}

TEST(connections, nobody_keeps_probes_and_scrapes_out) {
    for (auto const& regular : holds()) {
        if (regular.name == "many requests") continue;
        for (auto const& beyond : holds()) {
            SCOPED_TRACE(regular.name + ", then " + beyond.name);
            auto options = local(1);
            options.limits.connections = 3;
            counted_server const s(options, probed, probe_class);
            std::vector<tcp_stream> stuck;
            auto const add = [&](hold const& how) {
                stuck.push_back(s.it.connect());
                stuck.back().send(how.sends);
            };
            for (int i = 0; i != 3; ++i) add(regular);
            ASSERT_TRUE(comes_true([&] { return s.usage->used(limit_kind::connections) == 3; }));
            for (int i = 0; i != 50; ++i) add(beyond);
            expect_vital_answers(s.it);
            EXPECT_LE(s.usage->used(limit_kind::connections), 3U);
        }
    }
}

TEST(connections, beyond_the_limit_are_refused_before_their_body_comes) {
    auto options = local(1);
    options.limits.connections = 1;
    counted_server const s(options, probed, probe_class);
    auto stuck = s.it.connect();
    ASSERT_TRUE(stuck.send(holds()[2].sends));
    ASSERT_TRUE(comes_true([&] { return s.usage->used(limit_kind::connections) == 1; }));
    for (auto const& head :
         {with_host("PUT / HTTP/1.1", "Content-Length: 1000\r\n"), with_host("PUT / HTTP/1.1"),
          with_host("GET /list HTTP/1.1"), with_host("GET /probe HTTP/1.1", "Content-Length: 5\r\n")}) {
        auto const text = s.it.exchange(head);
        EXPECT_TRUE(text.starts_with("HTTP/1.1 503 ")) << text;
        EXPECT_NE(text.find("\r\nRetry-After: 1\r\n"), std::string::npos) << text;
        EXPECT_NE(text.find("\r\nConnection: close\r\n"), std::string::npos) << text;
    }
}

TEST(connections, are_probed_without_a_file_descriptor) {
    running const s(probed, local(1), probe_class);
    // Their descriptors are there already.
    std::vector<tcp_stream> clients;
    for (int i = 0; i != 6; ++i) clients.push_back(tcp_stream::unconnected(patience));
    std::vector<int> taken;
    for (;;) {
        int const one = ::dup(0);
        if (one < 0) break;
        taken.push_back(one);
        ASSERT_LT(taken.size(), std::size_t{2'000'000});
    }
    ASSERT_EQ(errno, EMFILE);
    std::vector<std::string> answers(clients.size());
    bool fine = true;
    for (std::size_t i = 0; i != clients.size(); ++i) {
        fine = fine && clients[i].connect_to(s.port()) &&
               clients[i].send(with_host(i % 2 == 0 ? "GET /probe HTTP/1.1" : "GET /scrape HTTP/1.1"));
        fine = fine && receive(clients[i], answers[i], i % 2 == 0 ? "GET /probe " : "GET /scrape ");
    }
    for (int const one : taken) ::close(one);
    EXPECT_TRUE(fine);
    for (auto const& answer : answers) EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 ")) << answer;
    // And with descriptors all is as before.
    EXPECT_TRUE(comes_true([&] {
        auto client = s.client();
        auto const got = client.send("PUT", "/", {}, "x");
        return got && got->status == 200 && !got->closes();
    }));
}

TEST(connections, a_flood_of_them_does_no_lasting_harm) {
    auto options = local(2);
    options.limits.connections = 20;
    counted_server const s(options);
    std::vector<tcp_stream> flood;
    for (int i = 0; i != 300; ++i) {
        flood.push_back(s.it.connect());
        if (i % 3 == 0) flood.back().send("GET / HTTP/1.1\r\nX-Slow: ");
        EXPECT_LE(s.usage->used(limit_kind::connections), 20U);
    }
    EXPECT_TRUE(comes_true([&] {
        http_client client("127.0.0.1", s.it.port(), patience);
        auto const got = client.send("PUT", "/", {}, "x");
        return got && got->status == 200;
    }));
    flood.clear();
    EXPECT_TRUE(comes_true([&] { return s.usage->used(limit_kind::connections) == 0; }));
}

// ---- bodies

TEST(bodies_in_flight, are_bounded_over_all_connections) {
    auto options = local(1);
    options.limits.bodies_in_flight = 2 * mega;
    counted_server const s(options, [](request const& r) { return response(200, std::to_string(r.body.size())); });
    auto const used = [&] { return s.usage->used(limit_kind::bodies_in_flight); };
    auto large = s.it.connect();
    ASSERT_TRUE(large.send(with_host("PUT / HTTP/1.1", "Content-Length: 2097152\r\n")));
    EXPECT_TRUE(comes_true([&] { return used() == mega; })) << "what is announced counts up to a megabyte";
    ASSERT_TRUE(large.send(std::string(3 * mega / 2, 'x')));
    EXPECT_TRUE(comes_true([&] { return used() == 3 * mega / 2; }));

    std::string const refusal =
        "503 Service Unavailable: request bodies would take more than 2097152 bytes (limit \"bodies-in-flight\")\n";
    auto const text = s.it.exchange(with_host("PUT / HTTP/1.1", "Content-Length: 1048576\r\nExpect: 100-continue\r\n"));
    EXPECT_TRUE(text.starts_with("HTTP/1.1 503 ")) << text;
    EXPECT_NE(text.find("\r\nRetry-After: 1\r\n"), std::string::npos) << text;
    EXPECT_TRUE(text.ends_with(refusal)) << text;
    auto client = s.it.client();
    auto const chunked = client.send("PUT", "/", {{"Transfer-Encoding", "chunked"}},
                                     "100000\r\n" + std::string(mega, 'x') + "\r\n0\r\n\r\n");
    EXPECT_EQ(chunked.value().body, refusal);
    EXPECT_EQ(client.send("PUT", "/", {}, "small").value().body, "5");
    EXPECT_EQ(s.usage->rejections(limit_kind::bodies_in_flight), 2U);

    ASSERT_TRUE(large.send(std::string(mega / 2, 'x')));
    std::string bytes;
    EXPECT_TRUE(receive(large, bytes, "\r\n\r\n2097152"));
    EXPECT_TRUE(comes_true([&] { return used() == 0; }));
    EXPECT_EQ(client.send("PUT", "/", {}, std::string(2 * mega, 'x')).value().body, "2097152");
    EXPECT_TRUE(comes_true([&] { return used() == 0; }));
}

TEST(bodies_in_flight, of_connections_that_break_are_given_back) {
    auto options = local(1);
    options.limits.bodies_in_flight = 4 * mega;
    counted_server const s(options);
    auto const used = [&] { return s.usage->used(limit_kind::bodies_in_flight); };
    {
        auto stream = s.it.connect();
        ASSERT_TRUE(stream.send(with_host("PUT / HTTP/1.1", "Content-Length: 999999\r\n") + "x"));
        EXPECT_TRUE(comes_true([&] { return used() == 999'999; }));
    }
    EXPECT_TRUE(comes_true([&] { return used() == 0; }));
}

// ---- pace

TEST(pace, a_body_byte_by_byte_is_cut_off) {
    auto options = local(1);
    options.limits.progress_timeout = 1s;
    running const s(echo, options);
    auto stream = tcp_stream::connect("127.0.0.1", s.port(), 20ms).value();
    ASSERT_TRUE(stream.send(with_host("PUT / HTTP/1.1", "Content-Length: 1000000\r\n")));
    std::string bytes;
    auto const answered = [&] {
        stream.send("x");
        // The time that a byte takes.
        return stream.receive(bytes).has_value();
    };
    EXPECT_TRUE(comes_true(answered));
    EXPECT_TRUE(bytes.starts_with("HTTP/1.1 408 ")) << bytes;
}

TEST(pace, a_body_in_kilobytes_is_taken) {
    auto options = local(1);
    options.limits.progress_timeout = 2s;
    options.limits.minimum_progress = 100;
    running const s([](request const& r) { return response(200, std::to_string(r.body.size())); }, options);
    auto stream = tcp_stream::connect("127.0.0.1", s.port(), 20ms).value();
    ASSERT_TRUE(stream.send(with_host("PUT / HTTP/1.1", "Content-Length: 15000\r\n")));
    std::string bytes;
    // All of it together takes longer than the timeout, by the waiting for an answer that does not come.
    for (int i = 0; i != 149; ++i) {
        ASSERT_TRUE(stream.send(std::string(100, 'x')));
        ASSERT_FALSE(stream.receive(bytes).has_value()) << bytes;
    }
    ASSERT_TRUE(stream.send(std::string(100, 'x')));
    EXPECT_TRUE(comes_true([&] { return stream.receive(bytes).has_value(); }));
    EXPECT_TRUE(bytes.ends_with("15000")) << bytes;
}

TEST(pace, a_client_that_takes_too_little_of_the_response_is_cut_off) {
    auto options = local(1);
    options.limits.progress_timeout = 1s;
    options.limits.minimum_progress = std::size_t{1} << 50;
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
    auto future = gone.get_future();
    std::string bytes;
    // It takes what comes, which is a lot, but not what is asked of it.
    result<bool> more = true;
    EXPECT_TRUE(comes_true([&] {
        bytes.clear();
        more = stream.receive(bytes);
        return !more || !*more;
    }));
    EXPECT_FALSE(more) << "it ends as if it were whole";
    EXPECT_EQ(future.wait_for(patience), std::future_status::ready);
}

TEST(pace, a_client_that_reads_slowly_is_served) {
    auto options = local(1);
    options.limits.progress_timeout = 1s;
    options.limits.minimum_progress = 1024;
    running const s(
        [](request const&) {
            response out;
            out.stream = std::make_unique<without_end>();
            return out;
        },
        options);
    auto idle = tcp_stream::connect("127.0.0.1", s.port(), 20ms).value();
    auto stream = tcp_stream::unconnected(patience);
    stream.receive_buffer(4096);
    ASSERT_TRUE(stream.connect_to(s.port()));
    ASSERT_TRUE(stream.send(with_host("GET / HTTP/1.1")));
    // So slow that the kernel is content with what it has for longer than the timeout.
    std::size_t taken = 0;
    for (int i = 0; i != 300; ++i) {
        std::string bytes;
        auto const more = stream.receive(bytes, 256);
        ASSERT_TRUE(more && *more) << "after " << taken << " bytes";
        taken += bytes.size();
        // The time that reading takes.
        ASSERT_FALSE(idle.receive(bytes));
    }
}

TEST(pace, what_nobody_reads_takes_little) {
    auto options = local(1);
    options.limits.progress_timeout = 1s;
    struct counting : body_source {
        counting(std::atomic<std::size_t>& s, std::promise<void>& g) : size(s), gone(g) {}
        ~counting() override { gone.set_value(); }
        bool next(std::string& out) override {
            out.assign(std::size_t{64} << 10, 'x');
            size += out.size();
            return true;
        }
        std::atomic<std::size_t>& size;
        std::promise<void>& gone;
    };
    std::atomic<std::size_t> made{0};
    std::promise<void> gone;
    running const s(
        [&](request const&) {
            response out;
            out.stream = std::make_unique<counting>(made, gone);
            return out;
        },
        options);
    auto stream = tcp_stream::unconnected(patience);
    stream.receive_buffer(4096);
    ASSERT_TRUE(stream.connect_to(s.port()));
    ASSERT_TRUE(stream.send(with_host("GET / HTTP/1.1")));
    ASSERT_EQ(gone.get_future().wait_for(patience), std::future_status::ready) << "it is cut off in the end";
    EXPECT_LT(made, 640U << 10);
}

}  // namespace
}  // namespace pushgateway::http
