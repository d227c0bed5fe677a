// What a hostile client may try, over real sockets against the whole gateway. After each attempt others are served, and
// nothing of it is held any more.

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <pushgateway/gateway/gateway.hpp>
#include <pushgateway/gateway/process_statistics.hpp>
#include <pushgateway/http/router.hpp>
#include <pushgateway/http/server.hpp>

#include "support/gzip.hpp"
#include "support/http_client.hpp"
#include "support/running_server.hpp"
#include "support/zstd.hpp"

namespace pushgateway::http {
namespace {

using namespace std::chrono_literals;
using test::closed;
using test::local;
using test::receive;
using test::running;
using test::tcp_stream;
using test::with_host;

constexpr std::size_t mega = std::size_t{1} << 20;

/// A gateway that is listened to, with timeouts of a second.
struct hostile : testing::Test {
    static limits impatient() {
        limits out;
        out.header_timeout = out.progress_timeout = out.idle_timeout = 1s;
        return out;
    }

    void serve(limits const& bounds = impatient()) {
        gateway_options options;
        options.limits = bounds;
        router_options routing;
        routing.limits = bounds;
        gateway = std::make_unique<pushgateway::gateway>(options);
        routes = std::make_unique<router<pushgateway::gateway>>(*gateway, routing);
        auto serving = local();
        serving.limits = bounds;
        serving.usage = gateway->usage();
        server = std::make_unique<running>([this](request const& r) { return (*routes)(r); }, serving,
                                           [this](request const& r) { return routes->class_of(r); });
    }

    void TearDown() override {
        auto client = server->client();
        EXPECT_EQ(client.send("PUT", "/metrics/job/other", {}, "fine 1\n").value().status, 200);
        EXPECT_NE(client.send("GET", "/metrics").value().body.find("\nfine{"), std::string::npos);
        EXPECT_EQ(client.send("GET", "/-/ready").value().status, 200);
        EXPECT_EQ(gateway->statistics().groups, groups_expected + 1);
        EXPECT_EQ(gateway->usage()->used(limit_kind::bodies_in_flight), 0U);
        server.reset();
        EXPECT_EQ(gateway->usage()->used(limit_kind::connections), 0U);
    }

    int push(std::string_view body, std::vector<field> const& fields = {}) {
        auto client = server->client();
        auto const reply = client.send("PUT", "/metrics/job/hostile", fields, body);
        EXPECT_TRUE(reply) << reply.error().message;
        if (!reply) return 0;
        said = reply->body;
        return reply->status;
    }

    std::uint64_t refused(limit_kind limit) const { return gateway->usage()->rejections(limit); }

    std::unique_ptr<pushgateway::gateway> gateway;
    std::unique_ptr<router<pushgateway::gateway>> routes;
    std::unique_ptr<running> server;
    std::string said;
    std::uint64_t groups_expected = 0;
};

std::vector<field> const in_gzip{{"Content-Encoding", "gzip"}};

TEST_F(hostile, gzip_bomb_by_ratio) {
    auto bounds = impatient();
    bounds.decoded_ratio = 100;
    serve(bounds);
    EXPECT_EQ(push(test::gzip(std::string(16 * mega, '\n')), in_gzip), 413);
    EXPECT_EQ(said, "the body unfolds to more than 100 times its size (limit \"decoded-ratio\")\n");
    EXPECT_EQ(refused(limit_kind::decoded_ratio), 1U);
}

TEST_F(hostile, gzip_bomb_by_size) {
    auto bounds = impatient();
    bounds.decoded_body = 8 * mega;
    bounds.decoded_ratio = 0;
    serve(bounds);
    EXPECT_EQ(push(test::gzip(std::string(16 * mega, '\n')), in_gzip), 413);
    EXPECT_EQ(said, "the decompressed body is larger than 8388608 bytes (limit \"decoded-body\")\n");
    EXPECT_EQ(refused(limit_kind::decoded_body), 1U);
}

TEST_F(hostile, zstd_bomb_by_ratio) {
    serve();
    EXPECT_EQ(push(test::zstd(std::string(16 * mega, '\n')), {{"Content-Encoding", "zstd"}}), 413);
    EXPECT_EQ(said, "the body unfolds to more than 1000 times its size (limit \"decoded-ratio\")\n");
    EXPECT_EQ(refused(limit_kind::decoded_ratio), 1U);
}

TEST_F(hostile, a_million_labels_in_a_sample) {
    serve();
    std::string body = "m{";
    for (int i = 0; i != 1'000'000; ++i) body += "l" + std::to_string(i) + "=\"\",";
    EXPECT_EQ(push(body + "} 1\n"), 400);
    EXPECT_NE(said.find("a sample with more than 1024 labels (limit \"labels-per-series\")"), std::string::npos);
    EXPECT_LT(said.size(), 1000U);
}

TEST_F(hostile, a_million_families) {
    serve();
    std::string body;
    for (int i = 0; i != 1'000'000; ++i) body += "m" + std::to_string(i) + " 1\n";
    EXPECT_EQ(push(body), 413);
    EXPECT_EQ(said, "the push has more than 100000 families (limit \"families-per-push\")\n");
}

TEST_F(hostile, many_series) {
    auto bounds = impatient();
    bounds.series_per_push = 1000;
    serve(bounds);
    std::string body;
    for (int i = 0; i != 1001; ++i) body += "m{l=\"" + std::to_string(i) + "\"} 1\n";
    EXPECT_EQ(push(body), 413);
    EXPECT_EQ(said, "the push has more than 1000 series (limit \"series-per-push\")\n");
}

TEST_F(hostile, names_of_a_megabyte) {
    serve();
    std::string const name(mega, 'n');
    EXPECT_EQ(push(name + " 1\n"), 200);
    EXPECT_EQ(push("m{" + name + "=\"v\"} 1\n"), 200);
    EXPECT_EQ(push("m{l=\"" + name + "\"} 1\n"), 200);
    EXPECT_EQ(push(name + "{ 1\n"), 400);
    EXPECT_LT(said.size(), 1000U);
    EXPECT_EQ(push("# TYPE x " + name + "\n"), 400);
    EXPECT_LT(said.size(), 1000U);
    // As a contradiction, which is described.
    EXPECT_EQ(push(name + "{l=\"" + name + "\"} 1\n" + name + "{l=\"" + name + "\"} 2\n"), 400);
    EXPECT_LT(said.size(), 2000U);
    groups_expected = 1;
}

TEST_F(hostile, nothing_up_to_the_limit) {
    auto bounds = impatient();
    bounds.body = 4 * mega;
    serve(bounds);
    EXPECT_EQ(push(std::string(4 * mega, '\n')), 200);
    std::string comments;
    while (comments.size() + 8 <= 4 * mega) comments += "# none\n";
    EXPECT_EQ(push(comments), 200);
    EXPECT_EQ(push(std::string(4 * mega + 1, '\n')), 413);
    EXPECT_EQ(refused(limit_kind::body), 1U);
    groups_expected = 1;
}

TEST_F(hostile, groups_without_end) {
    auto bounds = impatient();
    bounds.groups = 10;
    serve(bounds);
    auto client = server->client();
    for (int i = 0; i != 100; ++i) {
        auto const reply = client.send("PUT", "/metrics/job/hostile/run/" + std::to_string(i), {}, "m 1\n");
        EXPECT_EQ(reply.value().status, i < 10 ? 200 : 429);
        EXPECT_EQ(reply->body, i < 10 ? "" : "the gateway would hold more than 10 groups (limit \"groups\")\n");
    }
    EXPECT_EQ(refused(limit_kind::groups), 90U);
    EXPECT_EQ(client.send("DELETE", "/metrics/job/hostile/run/0").value().status, 202);
    groups_expected = 9;
}

TEST_F(hostile, heads_without_end) {
    serve();
    struct attempt {
        std::string bytes;
        std::string answer;
        limit_kind limit;
    };
    std::string fields;
    for (int i = 0; i != 257; ++i) fields += "A: 1\r\n";
    attempt const attempts[] = {
        {"GET /" + std::string(mega, 'x'), "HTTP/1.1 414 ", limit_kind::request_line},
        {with_host("GET / HTTP/1.1", fields), "HTTP/1.1 431 ", limit_kind::header_fields},
        {"GET / HTTP/1.1\r\nHost: a\r\nA: " + std::string(mega, 'x'), "HTTP/1.1 431 ", limit_kind::header},
        {"PUT /metrics/job/hostile HTTP/1.1\r\nHost: a\r\nContent-Length: 999999999999\r\n\r\n", "HTTP/1.1 413 ",
         limit_kind::body},
    };
    for (auto const& [bytes, answer, limit] : attempts) {
        auto const text = server->exchange(bytes);
        EXPECT_TRUE(text.starts_with(answer)) << text;
        EXPECT_NE(text.find("(limit \"" + std::string(name_of(limit)) + "\")"), std::string::npos) << text;
        EXPECT_EQ(refused(limit), 1U) << name_of(limit);
    }
}

TEST_F(hostile, requests_that_stop_half_way) {
    serve();
    std::string const push = "PUT /metrics/job/hostile HTTP/1.1\r\nHost: a\r\n";
    std::string const parts[] = {"G", "GET / HTTP/1.1\r\nHo", push + "Content-Length: 9\r\n\r\nm 1",
                                 push + "Transfer-Encoding: chunked\r\n\r\n9\r\nm 1"};
    std::vector<tcp_stream> streams;
    for (auto const& part : parts) {
        streams.push_back(server->connect());
        ASSERT_TRUE(streams.back().send(part));
    }
    for (auto& stream : streams) {
        std::string bytes;
        EXPECT_TRUE(receive(stream, bytes, "HTTP/1.1 408 "));
    }
    // Half-closed instead of silent.
    for (auto const& part : parts) EXPECT_TRUE(server->exchange(part, true).starts_with("HTTP/1.1 400 ")) << part;
}

TEST_F(hostile, a_flood_of_requests_whose_answers_nobody_reads) {
    serve();
    auto stream = server->connect();
    auto const request = with_host("GET /nowhere HTTP/1.1");
    std::string many;
    while (many.size() < mega) many += request;
    // Until the server takes no more, and cuts off.
    bool taken = true;
    for (int i = 0; i != 1000 && taken; ++i) taken = stream.send(many);
    EXPECT_FALSE(taken);
}

TEST_F(hostile, connections_that_are_reset_while_they_are_answered) {
    serve();
    std::string body;
    for (int i = 0; i != 50'000; ++i) body += "m{l=\"" + std::to_string(i) + "\"} 1\n";
    EXPECT_EQ(push(body), 200);
    for (auto const* target : {"/metrics", "/api/v1/metrics", "/"}) {
        for (int i = 0; i != 10; ++i) {
            auto stream = server->connect();
            ASSERT_TRUE(stream.send(with_host("GET " + std::string(target) + " HTTP/1.1")));
            std::string bytes;
            if (i % 2 == 0) {
                ASSERT_TRUE(receive(stream, bytes, "HTTP/1.1 200 "));
            }
            // Closing with unread bytes is a reset.
        }
    }
    groups_expected = 1;
}

}  // namespace
}  // namespace pushgateway::http
