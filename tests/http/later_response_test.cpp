// Responses that come later: changes wait for the journal, the threads of the server do not.

#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include <pushgateway/gateway/gateway.hpp>
#include <pushgateway/http/router.hpp>
#include <pushgateway/journal/faulty_journal.hpp>

#include "support/running_server.hpp"

namespace pushgateway::test {
namespace {

using faulty = journal::faulty_journal;
struct faulty_policies : default_policies {
    using journal = faulty;
};
using kept_gateway = basic_gateway<faulty_policies>;

TEST(later_response, is_given_before_or_after_somebody_waits) {
    http::later_response first;
    first.give({204, {}});
    int status = 0;
    first.receive([&status](http::response const& r) { status = r.status; });
    EXPECT_EQ(status, 204);

    http::later_response second;
    second.receive([&status](http::response const& r) { status = r.status; });
    EXPECT_EQ(status, 204);
    std::thread([&second] { second.give({205, {}}); }).join();
    EXPECT_EQ(status, 205);

    http::later_response third;
    EXPECT_FALSE(third.take());
    third.give({206, {}});
    EXPECT_EQ(third.take()->status, 206);
}

class kept_over_http : public testing::Test {
protected:
    std::shared_ptr<journal::faults> plan = std::make_shared<journal::faults>();
    faulty keeper;
    kept_gateway gateway{{}, {}, {}, {}, keeper};
    http::router<kept_gateway> router{gateway, [] {
                                          http::router_options options;
                                          options.enable_admin_api = true;
                                          return options;
                                      }()};
    running server{[this](http::request const& r) { return router(r); }, local(1),
                   [this](http::request const& r) { return router.class_of(r); }};

    void open() { ASSERT_TRUE(keeper.open(std::make_unique<journal::faulty_keeper>(plan))); }
};

TEST_F(kept_over_http, nobody_waits_for_the_disk_but_who_pushed) {
    open();
    plan->hold();
    std::vector<http_client> pushing;
    for (int i = 0; i != 8; ++i) pushing.push_back(server.client());
    std::vector<std::future<int>> answers;
    for (auto& client : pushing) {
        answers.push_back(std::async(std::launch::async, [&client] {
            auto const reply = client.send("PUT", "/metrics/job/x", {}, "x 1\n");
            return reply ? reply->status : 0;
        }));
    }
    auto reading = server.client();
    // The only thread of the server has all of the pushes, and is free.
    ASSERT_TRUE(test::comes_true([&] { return gateway.groups().size() != 0; }));
    auto const scraped = reading.send("GET", "/metrics");
    ASSERT_TRUE(scraped) << scraped.error().message;
    EXPECT_NE(scraped->body.find("x{instance"), std::string::npos);
    EXPECT_EQ(reading.send("GET", "/-/ready")->status, 200);
    for (auto const* const path : {"/metrics", "/metrics?name[]=x", "/api/v1/metrics", "/api/v1/status", "/"}) {
        for (std::string const coding : {"identity", "gzip"}) {
            auto const reply = reading.send("GET", path, {{"Accept-Encoding", coding}});
            ASSERT_TRUE(reply) << path << ": " << reply.error().message;
            EXPECT_EQ(reply->status, 200) << path;
        }
    }
    for (auto const& answer : answers) {
        EXPECT_EQ(answer.wait_for(std::chrono::milliseconds(0)), std::future_status::timeout);
    }
    plan->let_go();
    for (auto& answer : answers) EXPECT_EQ(answer.get(), 200);
    EXPECT_EQ(plan->kept().size(), 1);
}

TEST_F(kept_over_http, what_cannot_be_kept_is_503_with_the_reason) {
    open();
    auto client = server.client();
    ASSERT_EQ(client.send("PUT", "/metrics/job/a", {}, "a 1\n")->status, 200);
    plan->fail_after(0);
    for (auto const& [method, path, body] : std::vector<std::tuple<std::string, std::string, std::string>>{
             {"PUT", "/metrics/job/x", "x 1\n"}, {"DELETE", "/metrics/job/a", ""}, {"PUT", "/api/v1/admin/wipe", ""}}) {
        auto const reply = client.send(method, path, {}, body);
        ASSERT_TRUE(reply) << reply.error().message;
        EXPECT_EQ(reply->status, 503) << method << path;
        EXPECT_EQ(reply->body, "a fault that was asked for\n");
        EXPECT_EQ(reply->header("Retry-After"), "5");
    }
    EXPECT_EQ(gateway.groups().size(), 1);
    EXPECT_EQ(client.send("GET", "/-/ready")->status, 503);
    EXPECT_EQ(client.send("GET", "/-/healthy")->status, 200);
    plan->heal();
    EXPECT_EQ(client.send("PUT", "/metrics/job/x", {}, "x 1\n")->status, 200);
    EXPECT_EQ(client.send("GET", "/-/ready")->status, 200);
    EXPECT_EQ(client.send("DELETE", "/metrics/job/none")->status, 202);
    EXPECT_EQ(client.send("PUT", "/metrics/job/y", {}, "# TYPE x gauge\nx 1\n")->status, 400);
    EXPECT_EQ(client.send("PUT", "/metrics/job/y", {}, "x{ 1\n")->status, 400);
    EXPECT_EQ(client.send("PUT", "/api/v1/admin/wipe")->status, 202);
}

TEST_F(kept_over_http, while_groups_are_restored_only_changes_wait) {
    keeper.explain("the stored groups are being restored: 3 of 10");
    auto client = server.client();
    auto const pushed = client.send("PUT", "/metrics/job/x", {}, "x 1\n");
    EXPECT_EQ(pushed->status, 503);
    EXPECT_EQ(pushed->body, "the stored groups are being restored: 3 of 10\n");
    EXPECT_TRUE(pushed->header("Retry-After"));
    EXPECT_EQ(client.send("GET", "/-/healthy")->status, 200);
    EXPECT_EQ(client.send("GET", "/-/ready")->status, 503);
    EXPECT_EQ(client.send("GET", "/metrics")->status, 200);
    open();
    EXPECT_EQ(client.send("GET", "/-/ready")->status, 200);
    EXPECT_EQ(client.send("PUT", "/metrics/job/x", {}, "x 1\n")->status, 200);
    auto const counted = client.send("GET", "/metrics");
    EXPECT_NE(counted->body.find("pushgateway_http_requests_total{code=\"503\",handler=\"push\",method=\"put\"} 1"),
              std::string::npos);
}

TEST_F(kept_over_http, a_handler_without_a_server_waits_by_itself) {
    open();
    http::request request;
    request.method = "PUT";
    request.target = "/metrics/job/x";
    request.body = "x 1\n";
    EXPECT_EQ(http::settled(router(request)).status, 200);
}

}  // namespace
}  // namespace pushgateway::test
