#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <support/auth_requests.hpp>
#include <support/http_client.hpp>
#include <support/recording_logger.hpp>
#include <support/running_server.hpp>
#include <support/scratch_folder.hpp>

#include <pushgateway/server/web_access.hpp>

namespace pushgateway::server {
namespace {

using test::basic;
using test::bearer;
using test::running;

// Of "secret", at the lowest cost.
std::string const secret = "$2a$04$f2PDS6sTdGSIG7YF1mDBUeMERhpqSo1g15QHbujosbkf8AeTuactG";
std::string const nothing = "$2a$04$GSsqG7cIoCFvyR7LD8KPFu4bYObk8z3LOSjK1VVq3rc850jxT3cVa";

struct web_access_test : testing::Test {
    test::scratch_folder folder;
    test::recording_logger log;

    web_access open(std::string_view text, http::known_paths paths = {}) {
        auto opened = web_access::open(folder.write("web.yml", text), std::move(paths), log);
        if (!opened) throw std::runtime_error(opened.error().message);
        return *std::move(opened);
    }
    static http::server_options guarded(web_access const& access) {
        auto out = test::local();
        out.gate = access.gate();
        return out;
    }
    static int status(running const& s, std::string const& method, std::string const& target,
                      std::string const& authorization = {}) {
        std::vector<http::field> fields;
        if (!authorization.empty()) fields.push_back({"Authorization", authorization});
        return s.client().send(method, target, fields).value().status;
    }
    std::vector<std::string> logged(log_level level) const {
        std::vector<std::string> out;
        for (auto const& entry : log.entries()) {
            if (entry.level != level) continue;
            out.push_back(entry.message);
            for (auto const& [name, value] : entry.fields) {
                if (name != "source") out.back() += ' ' + name + '=' + value;
            }
        }
        return out;
    }
};

TEST_F(web_access_test, does_not_open_without_a_good_file) {
    auto const missing = web_access::open(folder.path_of("none.yml"), {}, log);
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().message, "open " + folder.path_of("none.yml") + ": No such file or directory");
    auto const broken = web_access::open(folder.write("web.yml", "users: {}"), {}, log);
    ASSERT_FALSE(broken);
    EXPECT_TRUE(broken.error().message.starts_with(folder.path_of("web.yml") + ": line 1, column 1: users is unknown"));
    EXPECT_TRUE(log.entries().empty()) << "whoever opens it tells";
}

TEST_F(web_access_test, lets_everybody_in_with_an_empty_file) {
    auto const access = open("");
    running const s(test::echo, guarded(access));
    EXPECT_EQ(status(s, "PUT", "/metrics/job/x"), 200);
}

TEST_F(web_access_test, follows_the_users_from_one_request_to_the_next) {
    auto const access = open("basic_auth_users: {a: " + secret + "}");
    running const s(test::echo, guarded(access));
    EXPECT_EQ(status(s, "GET", "/", basic("a", "secret")), 200);
    EXPECT_EQ(status(s, "GET", "/", basic("b", "secret")), 401);
    folder.exchange("web.yml", "basic_auth_users: {b: " + secret + "}");
    EXPECT_EQ(status(s, "GET", "/", basic("a", "secret")), 401);
    EXPECT_EQ(status(s, "GET", "/", basic("b", "secret")), 200);
    folder.exchange("web.yml", "basic_auth_users: {b: " + nothing + "}");
    EXPECT_EQ(status(s, "GET", "/", basic("b", "secret")), 401);
    EXPECT_EQ(status(s, "GET", "/", basic("b", "")), 200);
    EXPECT_EQ(logged(log_level::info),
              std::vector<std::string>(2, "read the web configuration anew file=" + folder.path_of("web.yml")));
    EXPECT_EQ(logged(log_level::debug)[0], "access denied method=GET target=/ code=401 user=b err=Unauthorized");
}

TEST_F(web_access_test, refuses_everything_while_the_file_is_broken) {
    auto const access = open("access: {anonymous: [push, read, admin], exempt: [probes]}");
    running const s(test::echo, guarded(access));
    EXPECT_EQ(status(s, "GET", "/-/healthy"), 200);
    folder.exchange("web.yml", "access: {anonymous: [everything]}");
    auto const reply = s.client().send("GET", "/-/healthy").value();
    EXPECT_EQ(reply.status, 500);
    EXPECT_EQ(reply.body, "Internal Server Error\n");
    EXPECT_EQ(status(s, "PUT", "/metrics/job/x"), 500);
    EXPECT_FALSE(access.reload());
    EXPECT_EQ(logged(log_level::error),
              std::vector<std::string>{"Unable to parse configuration err=" + folder.path_of("web.yml") +
                                       ": line 1, column 22: access.anonymous[0] is an unknown role: \"everything\"; "
                                       "known are push, read, admin"});
    folder.exchange("web.yml", "access: {anonymous: [push]}");
    EXPECT_TRUE(access.reload());
    EXPECT_EQ(status(s, "PUT", "/metrics/job/x"), 200);
}

TEST_F(web_access_test, never_opens_up_what_asked_for_credentials) {
    auto const access = open("basic_auth_users: {a: " + secret + "}");
    running const s(test::echo, guarded(access));
    EXPECT_EQ(status(s, "GET", "/"), 401);
    // As a file is for a moment when it is written in place.
    folder.write("web.yml", "");
    EXPECT_EQ(status(s, "GET", "/"), 500);
    EXPECT_EQ(status(s, "GET", "/", basic("a", "secret")), 500);
    EXPECT_EQ(logged(log_level::error),
              std::vector<std::string>{"the web configuration asks for no credentials any more: requests are refused"});
    folder.write("web.yml", "basic_auth_users: {a: " + secret + "}\n");
    EXPECT_EQ(status(s, "GET", "/", basic("a", "secret")), 200);
}

TEST_F(web_access_test, adds_fields_to_all_responses) {
    auto const access =
        open("http_server_config: {headers: {X-Frame-Options: deny}}\nbasic_auth_users: {a: " + secret + "}");
    running const s(test::echo, guarded(access));
    auto client = s.client();
    for (auto const& [authorization, code] : std::vector<std::pair<std::string, int>>{
             {basic("a", "secret"), 200}, {basic("a", "secret"), 200}, {basic("a", "wrong"), 401}, {"x", 401}}) {
        auto const reply = client.send("GET", "/", {{"Authorization", authorization}}).value();
        EXPECT_EQ(reply.status, code);
        EXPECT_EQ(reply.header("X-Frame-Options"), "deny");
    }
    folder.exchange("web.yml", "http_server_config: {headers: {X-Frame-Options: sameorigin}}\nbasic_auth_users: {a: " +
                                   secret + "}");
    EXPECT_EQ(client.send("GET", "/").value().header("X-Frame-Options"), "sameorigin");
}

TEST_F(web_access_test, takes_the_rate_limit_at_the_start) {
    auto const access =
        open("rate_limit: {interval: 1h, burst: 2}\nhttp_server_config: {headers: {X-Frame-Options: deny}}");
    EXPECT_EQ(logged(log_level::info), std::vector<std::string>{"Rate Limiter is enabled. burst=2 interval=1h0m0s"});
    running const s(test::echo, guarded(access));
    EXPECT_EQ(status(s, "GET", "/"), 200);
    EXPECT_EQ(status(s, "GET", "/"), 200);
    auto const reply = s.client().send("GET", "/").value();
    EXPECT_EQ(reply.status, 429);
    EXPECT_EQ(reply.body, "Too Many Requests\n");
    EXPECT_EQ(reply.header("X-Frame-Options"), "deny");
    folder.exchange("web.yml", "");
    EXPECT_EQ(status(s, "GET", "/"), 429);
}

TEST_F(web_access_test, knows_the_prefix_and_the_telemetry_path) {
    auto const access = open(R"(
access:
  users:
    ci: {password: )" + secret + R"(, roles: [push], jobs: [a]}
  exempt: [scrape, probes]
)",
                             {"/stats", "", "/gw"});
    running const s(test::echo, guarded(access));
    EXPECT_EQ(status(s, "GET", "/gw/stats"), 200);
    EXPECT_EQ(status(s, "GET", "/gw/-/ready"), 200);
    EXPECT_EQ(status(s, "GET", "/stats"), 401);
    EXPECT_EQ(status(s, "GET", "/gw/metrics"), 401);
    EXPECT_EQ(status(s, "PUT", "/gw/metrics/job/a", basic("ci", "secret")), 200);
    EXPECT_EQ(status(s, "PUT", "/gw/metrics/job/b", basic("ci", "secret")), 403);
}

TEST_F(web_access_test, gives_what_the_start_is_decided_by) {
    auto const access = open("tls_server_config: {cert_file: a, key_file: b}");
    ASSERT_TRUE(access.at_start().tls);
    EXPECT_EQ(access.at_start().tls->certificate_file, folder.path_of("a"));
    auto const settings = access.tls_settings();
    auto const first = settings().value();
    EXPECT_EQ(first->certificate_file, folder.path_of("a"));
    EXPECT_EQ(settings().value(), first) << "the same object as long as nothing changes";
    folder.exchange("web.yml", "tls_server_config: {cert_file: c, key_file: b}");
    EXPECT_EQ(settings().value()->certificate_file, folder.path_of("c"));
    folder.exchange("web.yml", "tls_server_config: {cert_file: c}");
    EXPECT_EQ(settings().error().message,
              folder.path_of("web.yml") + ": line 1, column 20: tls_server_config is missing one of key or key_file");
    folder.exchange("web.yml", "");
    EXPECT_TRUE(access.at_start().tls);
    EXPECT_FALSE(access.file()->current().value()->tls);
    EXPECT_EQ(settings().error().message, folder.path_of("web.yml") + ": TLS config is not present");
}

}  // namespace
}  // namespace pushgateway::server
