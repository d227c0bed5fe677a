#include <atomic>
#include <latch>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <support/auth_requests.hpp>
#include <support/http_client.hpp>
#include <support/running_server.hpp>

#include <pushgateway/http/auth/access_gate.hpp>
#include <pushgateway/http/auth/bcrypt.hpp>

// The gate of a real server, over sockets.
namespace pushgateway::http {
namespace {

using test::basic;
using test::bearer;
using test::closed;
using test::echo;
using test::receive;
using test::running;
using test::with_host;

// Of "secret", at the lowest cost.
constexpr auto secret = "$2a$04$f2PDS6sTdGSIG7YF1mDBUeMERhpqSo1g15QHbujosbkf8AeTuactG";

access_rules some_rules() {
    access_rules rules;
    rules.users["alice"].hash = secret;
    rules.users["viewer"] = {secret, {false, true, false, {}}};
    rules.tokens.push_back({"ci", sha256("token"), {true, false, false, {{"ci-*"}}}});
    rules.exempt.probes = true;
    return rules;
}

server_options guarded(access_gate::password_check check = bcrypt_matches, access_gate_options options = {}) {
    auto out = test::local(1);
    out.gate = std::make_shared<access_gate>(std::make_shared<fixed_rules>(some_rules()), std::move(check), options);
    return out;
}

std::string field_line(std::string_view authorization) {
    return "Authorization: " + std::string(authorization) + "\r\n";
}

TEST(admission, is_refused_before_the_body_arrives) {
    running const s(echo, guarded());
    for (std::string const framing : {"Content-Length: 100000000\r\n", "Transfer-Encoding: chunked\r\n"}) {
        auto stream = s.connect();
        ASSERT_TRUE(stream.send(with_host("PUT /metrics/job/x HTTP/1.1", framing)));
        std::string bytes;
        ASSERT_TRUE(receive(stream, bytes, "\r\n\r\nUnauthorized\n"));
        EXPECT_TRUE(bytes.starts_with("HTTP/1.1 401 Unauthorized\r\n")) << bytes;
        EXPECT_NE(bytes.find("WWW-Authenticate: Basic\r\n"), std::string::npos) << bytes;
        EXPECT_NE(bytes.find("Connection: close\r\n"), std::string::npos) << bytes;
        EXPECT_TRUE(closed(stream));
    }
}

TEST(admission, is_judged_before_the_body_arrives) {
    running const s(echo, guarded());
    auto stream = s.connect();
    ASSERT_TRUE(stream.send(with_host("PUT /metrics/job/x HTTP/1.1",
                                      field_line(basic("alice", "wrong")) + "Content-Length: 100000000\r\n")));
    std::string bytes;
    ASSERT_TRUE(receive(stream, bytes, "\r\n\r\nUnauthorized\n"));
    EXPECT_TRUE(closed(stream));
}

TEST(admission, asks_for_the_body_of_those_only_who_may_send_it) {
    running const s(echo, guarded());
    std::string const expecting = "Expect: 100-continue\r\nContent-Length: 4\r\n";
    for (auto const& who : {std::string(), field_line(basic("alice", "wrong")), field_line(basic("viewer", "secret")),
                            field_line(bearer("token"))}) {
        auto stream = s.connect();
        ASSERT_TRUE(stream.send(with_host("PUT /metrics/job/x HTTP/1.1", who + expecting)));
        std::string bytes;
        ASSERT_TRUE(receive(stream, bytes, "\r\n\r\n"));
        EXPECT_TRUE(bytes.starts_with("HTTP/1.1 40")) << bytes;
    }
    for (auto const& who : {field_line(basic("alice", "secret")), field_line(basic("alice", "secret"))}) {
        auto stream = s.connect();
        ASSERT_TRUE(stream.send(with_host("PUT /metrics/job/x HTTP/1.1", who + expecting)));
        std::string bytes;
        ASSERT_TRUE(receive(stream, bytes, "HTTP/1.1 100 Continue\r\n\r\n"));
        ASSERT_TRUE(stream.send("body"));
        ASSERT_TRUE(receive(stream, bytes, "PUT /metrics/job/x body"));
    }
}

TEST(admission, lets_the_connection_live_when_a_get_is_refused) {
    running const s(echo, guarded());
    auto stream = s.connect();
    std::string bytes;
    ASSERT_TRUE(stream.send(with_host("GET /1 HTTP/1.1")));
    ASSERT_TRUE(receive(stream, bytes, "\r\n\r\nUnauthorized\n"));
    ASSERT_TRUE(stream.send(with_host("GET /2 HTTP/1.1", field_line(basic("alice", "wrong")))));
    bytes.clear();
    ASSERT_TRUE(receive(stream, bytes, "\r\n\r\nUnauthorized\n"));
    ASSERT_TRUE(stream.send(with_host("GET /3 HTTP/1.1", field_line(basic("alice", "secret")))));
    ASSERT_TRUE(receive(stream, bytes, "GET /3 "));
    ASSERT_TRUE(stream.send(with_host("GET /4 HTTP/1.1", field_line(basic("alice", "secret")))));
    ASSERT_TRUE(receive(stream, bytes, "GET /4 "));
}

TEST(admission, is_decided_for_every_request_of_a_pipeline) {
    running const s(echo, guarded());
    auto const got =
        s.replies(with_host("GET /1 HTTP/1.1", field_line(basic("alice", "secret"))) + with_host("GET /2 HTTP/1.1") +
                  with_host("PUT /metrics/job/ci-1 HTTP/1.1", field_line(bearer("token")) + "Content-Length: 1\r\n") +
                  "x" + with_host("GET /4 HTTP/1.1", field_line(basic("viewer", "secret")) + "Connection: close\r\n"));
    ASSERT_EQ(got.size(), 4U);
    EXPECT_EQ(got[0].status, 200);
    EXPECT_EQ(got[1].status, 401);
    EXPECT_EQ(got[2].body, "PUT /metrics/job/ci-1 x");
    EXPECT_EQ(got[3].status, 200);
}

TEST(admission, that_takes_long_does_not_keep_others_from_being_served) {
    std::latch begun(1);
    std::latch release(1);
    running const s(echo, guarded([&](std::string_view, std::string_view) {
                        begun.count_down();
                        release.wait();
                        return true;
                    }));
    auto slow = s.connect();
    ASSERT_TRUE(slow.send(with_host("GET /slow HTTP/1.1", field_line(basic("alice", "x")))));
    begun.wait();
    auto client = s.client();
    EXPECT_EQ(client.send("GET", "/-/healthy").value().body, "GET /-/healthy ");
    EXPECT_EQ(client.send("PUT", "/metrics/job/ci-1", {{"Authorization", bearer("token")}}, "y").value().status, 200);
    EXPECT_EQ(client.send("GET", "/").value().status, 401);
    release.count_down();
    std::string bytes;
    EXPECT_TRUE(receive(slow, bytes, "GET /slow "));
}

TEST(admission, waits_for_so_many_only) {
    std::latch begun(1);
    std::latch release(1);
    access_gate_options few;
    few.most_waiting = 1;
    running const s(echo, guarded(
                              [&](std::string_view, std::string_view) {
                                  begun.count_down();
                                  release.wait();
                                  return true;
                              },
                              few));
    auto slow = s.connect();
    ASSERT_TRUE(slow.send(with_host("GET /slow HTTP/1.1", field_line(basic("alice", "x")))));
    begun.wait();
    auto client = s.client();
    auto const busy = client.send("GET", "/", {{"Authorization", basic("alice", "y")}}).value();
    EXPECT_EQ(busy.status, 503);
    EXPECT_EQ(busy.header("Retry-After"), "1");
    release.count_down();
    std::string bytes;
    EXPECT_TRUE(receive(slow, bytes, "GET /slow "));
    EXPECT_EQ(client.send("GET", "/", {{"Authorization", basic("alice", "y")}}).value().status, 200);
}

// A request that breaks the protocol behind a head that was to be judged leaves no place taken.
TEST(admission, forgets_who_broke_off) {
    access_gate_options few;
    few.most_waiting = 1;
    running const s(echo, guarded(bcrypt_matches, few));
    for (int i = 0; i != 3; ++i) {
        auto const text = s.exchange(with_host("PUT /metrics/job/x HTTP/1.1",
                                               field_line(basic("alice", "wrong")) + "Transfer-Encoding: chunked\r\n") +
                                     "zz\r\n");
        EXPECT_TRUE(text.starts_with("HTTP/1.1 40")) << text;
        auto gone = s.connect();
        ASSERT_TRUE(gone.send(
            with_host("PUT /metrics/job/x HTTP/1.1", field_line(basic("alice", "wrong")) + "Content-Length: 5\r\n")));
        std::string bytes;
        EXPECT_TRUE(receive(gone, bytes, "401 Unauthorized"));
    }
    auto client = s.client();
    EXPECT_EQ(client.send("GET", "/", {{"Authorization", basic("alice", "secret")}}).value().status, 200);
}

TEST(admission, of_many_at_once) {
    auto options = guarded();
    options.threads = 2;
    running const s(echo, options);
    std::atomic<int> wrong = 0;
    {
        std::vector<std::jthread> clients;
        for (int t = 0; t != 4; ++t) {
            clients.emplace_back([&, t] {
                auto client = s.client();
                auto const expect = [&](int status, std::string const& method, std::string const& target,
                                        std::string const& authorization) {
                    std::vector<field> fields;
                    if (!authorization.empty()) fields.push_back({"Authorization", authorization});
                    auto const got = client.send(method, target, fields, method == "PUT" ? "x" : "");
                    if (!got || got->status != status) ++wrong;
                };
                for (int i = 0; i != 25; ++i) {
                    expect(200, "PUT", "/metrics/job/a", basic("alice", "secret"));
                    expect(403, "PUT", "/metrics/job/a", basic("viewer", "secret"));
                    expect(200, "GET", "/metrics", basic("viewer", "secret"));
                    expect(200, "PUT", "/metrics/job/ci-a", bearer("token"));
                    expect(403, "PUT", "/metrics/job/a", bearer("token"));
                    expect(401, "GET", "/metrics", "");
                    if (i % 5 == 0) expect(401, "GET", "/metrics", basic("nobody" + std::to_string(t), "secret"));
                }
            });
        }
    }
    EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace pushgateway::http
