#include <atomic>
#include <latch>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <pushgateway/http/server.hpp>

#include "support/http_client.hpp"
#include "support/running_server.hpp"

namespace pushgateway::http {
namespace {

using test::closed;
using test::echo;
using test::heavy_if;
using test::http_client;
using test::local;
using test::patience;
using test::receive;
using test::running;
using test::with_host;

verdict refuse() {
    verdict out(response(401, "no\n"));
    return out;
}

// Lets through, refuses or fails by the path.
struct gate_by_path : gate {
    std::optional<verdict> glance(request const& head) override {
        ++glances;
        if (head.target.starts_with("/judge")) return std::nullopt;
        return decide(head);
    }
    verdict judge(request const& head) override {
        ++judgements;
        judged_on = std::this_thread::get_id();
        return decide(head);
    }
    static verdict decide(request const& head) {
        if (head.target.find("throw") != std::string::npos) throw std::runtime_error("the gate is broken");
        if (head.target.find("refuse") != std::string::npos) return refuse();
        verdict out;
        if (head.target.find("fields") != std::string::npos) {
            out.fields = std::make_shared<std::vector<field> const>(
                std::vector<field>{{"X-Frame-Options", "deny"}, {"content-type", "overruled"}});
        }
        return out;
    }
    std::atomic<int> glances{0};
    std::atomic<int> judgements{0};
    std::thread::id judged_on;
};

server_options with(std::shared_ptr<gate> const& g) {
    auto options = local();
    options.gate = g;
    return options;
}

TEST(gate, lets_through_and_refuses) {
    auto const by_path = std::make_shared<gate_by_path>();
    running const s(echo, with(by_path));
    auto client = s.client();
    for (std::string const way : {"/glance", "/judge"}) {
        EXPECT_EQ(client.send("GET", way).value().body, "GET " + way + " ");
        EXPECT_EQ(client.send("PUT", way, {}, "body").value().body, "PUT " + way + " body");
        auto const refused = client.send("GET", way + "/refuse");
        ASSERT_TRUE(refused) << refused.error().message;
        EXPECT_EQ(refused->status, 401);
        EXPECT_EQ(refused->body, "no\n");
        EXPECT_FALSE(refused->closes()) << "there is nothing left to be read of the request";
    }
    EXPECT_EQ(by_path->glances, 6);
    EXPECT_EQ(by_path->judgements, 3);
}

TEST(gate, is_asked_for_every_request_of_a_pipeline) {
    running const s(echo, with(std::make_shared<gate_by_path>()));
    auto const got = s.replies(with_host("POST /judge/1 HTTP/1.1", "Content-Length: 1\r\n") + "a" +
                               with_host("GET /refuse HTTP/1.1") +
                               with_host("POST /judge/refuse HTTP/1.1", "Transfer-Encoding: chunked\r\n") +
                               "1\r\nb\r\n0\r\n\r\n" + with_host("GET /judge/4 HTTP/1.1", "Connection: close\r\n"));
    ASSERT_EQ(got.size(), 4U);
    EXPECT_EQ(got[0].body, "POST /judge/1 a");
    EXPECT_EQ(got[1].status, 401);
    EXPECT_EQ(got[2].status, 401);
    EXPECT_EQ(got[3].body, "GET /judge/4 ");
}

TEST(gate, refuses_before_the_body_is_read) {
    running const s(echo, with(std::make_shared<gate_by_path>()));
    for (std::string const target : {"/refuse", "/judge/refuse"}) {
        // The body never comes.
        auto const got = s.replies(with_host("PUT " + target + " HTTP/1.1", "Content-Length: 1000000\r\n"));
        ASSERT_EQ(got.size(), 1U);
        EXPECT_EQ(got[0].status, 401);
        EXPECT_TRUE(got[0].closes());
        // And nobody is asked to send it.
        auto const expecting =
            s.exchange(with_host("PUT " + target + " HTTP/1.1", "Expect: 100-continue\r\nContent-Length: 1000000\r\n"));
        EXPECT_TRUE(expecting.starts_with("HTTP/1.1 401 ")) << expecting;
    }
}

TEST(gate, the_answer_reaches_a_client_that_goes_on_sending) {
    running const s(echo, with(std::make_shared<gate_by_path>()));
    auto stream = s.connect();
    stream.send(with_host("PUT /refuse HTTP/1.1", "Content-Length: 300000\r\n"));
    stream.send(std::string(300'000, 'x'));
    std::string bytes;
    EXPECT_TRUE(receive(stream, bytes, "no\n"));
}

TEST(gate, goes_on_with_the_body_after_a_judgement) {
    running const s([](request const& r) { return response(200, std::to_string(r.body.size())); },
                    with(std::make_shared<gate_by_path>()));
    auto client = s.client();
    for (std::size_t const size : {0U, 1U, 500U, 5'000U, 70'000U, 3'000'000U}) {
        EXPECT_EQ(client.send("PUT", "/judge", {}, std::string(size, 'x')).value().body, std::to_string(size));
    }
    auto stream = s.connect();
    std::string bytes;
    stream.send(with_host("PUT /judge HTTP/1.1", "Expect: 100-continue\r\nContent-Length: 3\r\n"));
    ASSERT_TRUE(receive(stream, bytes, "HTTP/1.1 100 Continue\r\n\r\n"));
    stream.send("abc");
    ASSERT_TRUE(receive(stream, bytes, "\r\n\r\n3"));
}

TEST(gate, adds_fields_that_the_response_does_not_have) {
    running const s([](request const&) { return std::move(response(200, "x").set("Content-Type", "text/plain")); },
                    with(std::make_shared<gate_by_path>()));
    auto client = s.client();
    auto const got = client.send("GET", "/fields");
    ASSERT_TRUE(got);
    EXPECT_EQ(got->header("X-Frame-Options"), "deny");
    EXPECT_EQ(got->header("Content-Type"), "text/plain");
    EXPECT_FALSE(client.send("GET", "/plain")->header("X-Frame-Options")) << "they belong to one request";
}

TEST(gate, that_fails_costs_its_request_a_500) {
    std::atomic<int> warned = 0;
    auto options = with(std::make_shared<gate_by_path>());
    options.warn = [&](std::string_view what) {
        if (what == "a request failed: the gate is broken") ++warned;
    };
    running const s(echo, options);
    auto client = s.client();
    for (std::string const target : {"/throw", "/judge/throw"}) {
        EXPECT_EQ(client.send("GET", target).value().status, 500) << "and nobody comes in";
        EXPECT_EQ(client.send("GET", "/x").value().status, 200);
    }
    EXPECT_EQ(warned, 2);
}

// Holds every judgement until it is told to go on.
struct slow_gate : gate {
    std::optional<verdict> glance(request const& head) override {
        if (head.target == "/slow") return std::nullopt;
        return verdict();
    }
    verdict judge(request const&) override {
        begun.count_down();
        go_on.wait();
        return verdict();
    }
    std::latch begun{1};
    std::latch go_on{1};
};

TEST(gate, judges_without_holding_up_anybody) {
    auto const slow = std::make_shared<slow_gate>();
    auto options = with(slow);
    options.threads = 1;
    options.worker_threads = 1;
    running const s(echo, options, heavy_if([](request const& r) { return r.target == "/heavy"; }));
    auto waiting = s.connect();
    waiting.send(with_host("GET /slow HTTP/1.1"));
    slow->begun.wait();
    auto client = s.client();
    EXPECT_EQ(client.send("GET", "/light").value().status, 200);
    EXPECT_EQ(client.send("GET", "/heavy").value().status, 200);
    slow->go_on.count_down();
    std::string bytes;
    EXPECT_TRUE(receive(waiting, bytes, "GET /slow "));
}

TEST(gate, a_client_may_leave_while_it_is_judged) {
    auto const slow = std::make_shared<slow_gate>();
    running s(echo, with(slow));
    {
        auto leaving = s.connect();
        leaving.send(with_host("GET /slow HTTP/1.1"));
        slow->begun.wait();
    }
    slow->go_on.count_down();
    EXPECT_EQ(s.client().send("GET", "/x").value().status, 200);
    s.it.stop();
    s.it.wait();
}

TEST(gate, what_breaks_the_protocol_is_told_of) {
    std::vector<std::pair<std::string, int>> told;
    std::mutex mutex;
    auto options = with(std::make_shared<gate_by_path>());
    options.refused = [&](request const& r, int status, std::string_view) {
        std::lock_guard const guard(mutex);
        told.emplace_back(r.target, status);
    };
    running const s(echo, options);
    auto client = s.client();
    client.send("GET", "/x");
    client.send("GET", "/refuse");
    s.exchange("GET /y HTTP/1.1\r\n\r\n");
    s.exchange("nonsense\r\n\r\n");
    std::lock_guard const guard(mutex);
    EXPECT_EQ(told, (std::vector<std::pair<std::string, int>>{{"/y", 400}, {"", 400}}));
}

}  // namespace
}  // namespace pushgateway::http
