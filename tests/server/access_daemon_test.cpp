#include <chrono>
#include <csignal>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <support/auth_requests.hpp>
#include <support/gateway_process.hpp>
#include <support/http_client.hpp>
#include <support/scratch_folder.hpp>

// --web.config.file by the running binary, without TLS.

namespace pushgateway {
namespace {

using namespace std::chrono_literals;
using test::basic;
using test::bearer;

// Of "secret", at the lowest cost; the token's is of "s3cret".
std::string const hash = "$2a$04$f2PDS6sTdGSIG7YF1mDBUeMERhpqSo1g15QHbujosbkf8AeTuactG";
std::string const token = "1ec1c26b50d5d3c58d9583181af8076655fe00756bf7285940ba3670f99fcba0";

struct access_daemon : testing::Test {
    test::scratch_folder folder;

    struct running {
        running(std::string const& file, std::vector<std::string> const& flags)
            : process(command(file, flags)), port(process.wait_for_port()), client("127.0.0.1", port) {
            EXPECT_NE(port, 0);
        }
        static std::vector<std::string> command(std::string const& file, std::vector<std::string> const& flags) {
            std::vector<std::string> all{PUSHGATEWAY_BINARY, "--web.listen-address=127.0.0.1:0",
                                         "--web.config.file=" + file};
            all.insert(all.end(), flags.begin(), flags.end());
            return all;
        }
        test::http_reply send(std::string_view method, std::string_view target, std::string authorization = {},
                              std::vector<http::field> fields = {}) {
            if (!authorization.empty()) fields.push_back({"Authorization", std::move(authorization)});
            return client.send(method, target, fields, method == "PUT" ? "m 1\n" : "").value();
        }
        int status(std::string_view method, std::string_view target, std::string authorization = {}) {
            return send(method, target, std::move(authorization)).status;
        }
        test::logged_process process;
        std::uint16_t port;
        test::http_client client;
    };

    running start(std::string_view text, std::vector<std::string> const& flags = {}) {
        return {folder.write("web.yml", text), flags};
    }
};

TEST_F(access_daemon, asks_for_a_password) {
    auto daemon = start("basic_auth_users:\n  alice: " + hash + "\n");
    for (std::string const target : {"/metrics", "/", "/-/healthy", "/api/v1/status", "/nowhere"}) {
        auto const refused = daemon.send("GET", target);
        EXPECT_EQ(refused.status, 401) << target;
        EXPECT_EQ(refused.header("WWW-Authenticate"), "Basic");
        EXPECT_EQ(refused.body, "Unauthorized\n");
    }
    EXPECT_EQ(daemon.status("PUT", "/metrics/job/x"), 401);
    EXPECT_EQ(daemon.status("PUT", "/metrics/job/x", basic("alice", "wrong")), 401);
    EXPECT_EQ(daemon.status("PUT", "/metrics/job/x", basic("bob", "secret")), 401);
    EXPECT_EQ(daemon.status("PUT", "/metrics/job/x", basic("alice", "secret")), 200);
    auto const scrape = daemon.send("GET", "/metrics", basic("alice", "secret"));
    EXPECT_EQ(scrape.status, 200);
    EXPECT_NE(scrape.body.find("\nm{"), std::string::npos);
    daemon.process.signal(SIGTERM);
    EXPECT_EQ(daemon.process.exit_code(), 0);
}

TEST_F(access_daemon, gives_roles_below_the_route_prefix) {
    auto daemon = start(
        "access:\n"
        "  users:\n"
        "    viewer:\n      password: " +
            hash +
            "\n      roles: [read]\n"
            "  tokens:\n"
            "    ci:\n      sha256: " +
            token +
            "\n      roles: [push]\n      jobs: [\"ci-*\"]\n"
            "  exempt: [probes]\n",
        {"--web.route-prefix=/pg", "--web.telemetry-path=/stats", "--web.own-metrics-path=/own",
         "--web.enable-admin-api", "--web.enable-lifecycle"});
    EXPECT_EQ(daemon.status("GET", "/pg/-/ready"), 200);
    EXPECT_EQ(daemon.status("PUT", "/pg/metrics/job/ci-1", bearer("s3cret")), 200);
    EXPECT_EQ(daemon.status("PUT", "/pg/metrics/job/other", bearer("s3cret")), 403);
    EXPECT_EQ(daemon.status("PUT", "/pg/metrics/job@base64/b3RoZXI", bearer("s3cret")), 403);
    EXPECT_EQ(daemon.status("GET", "/pg/stats", bearer("s3cret")), 403);
    EXPECT_EQ(daemon.status("GET", "/pg/stats", basic("viewer", "secret")), 200);
    EXPECT_EQ(daemon.status("GET", "/pg/own", basic("viewer", "secret")), 200);
    EXPECT_EQ(daemon.status("PUT", "/pg/metrics/job/ci-1", basic("viewer", "secret")), 403);
    for (auto const& who : {bearer("s3cret"), basic("viewer", "secret")}) {
        EXPECT_EQ(daemon.status("PUT", "/pg/api/v1/admin/wipe", who), 403);
        EXPECT_EQ(daemon.status("PUT", "/pg/-/quit", who), 403);
    }
    EXPECT_EQ(daemon.status("PUT", "/pg/-/quit"), 401);
    EXPECT_EQ(daemon.status("GET", "/pg/-/ready"), 200) << "it still runs";
}

TEST_F(access_daemon, follows_the_file) {
    auto daemon = start("basic_auth_users:\n  alice: " + hash + "\n");
    EXPECT_EQ(daemon.status("GET", "/-/ready", basic("bob", "secret")), 401);
    folder.exchange("web.yml", "basic_auth_users:\n  bob: " + hash + "\n");
    EXPECT_EQ(daemon.status("GET", "/-/ready", basic("bob", "secret")), 200);
    EXPECT_EQ(daemon.status("GET", "/-/ready", basic("alice", "secret")), 401);

    folder.exchange("web.yml", "basic_auth_users: [\n");
    for (auto const& who : {basic("bob", "secret"), std::string()}) {
        auto const refused = daemon.send("GET", "/metrics", who);
        EXPECT_EQ(refused.status, 500) << "a broken file opens nothing";
        EXPECT_EQ(refused.body, "Internal Server Error\n");
    }
    auto const line = daemon.process.wait_for_line("Unable to parse configuration");
    ASSERT_TRUE(line);
    EXPECT_NE(line->find("web.yml: line 2, column 1: "), std::string::npos) << *line;

    folder.exchange("web.yml", "");
    daemon.process.signal(SIGHUP);
    EXPECT_TRUE(daemon.process.wait_for_line("received SIGHUP"));
    EXPECT_TRUE(daemon.process.wait_for_line("read the web configuration anew"));
    EXPECT_EQ(daemon.status("GET", "/metrics"), 200);
}

TEST_F(access_daemon, does_not_start_with_a_broken_file) {
    for (auto const& [text, message] : std::vector<std::pair<std::string, std::string>>{
             {"basic_auth_users: 5\n", "web.yml: line 1, column 19: "},
             {"no_such_key: 1\n", "no_such_key"},
             {"basic_auth_users:\n  alice: secret\n", "basic_auth_users.alice"},
             {"tls_server_config:\n  cert_file: missing.pem\n  key_file: missing.key\n",
              "missing.pem): No such file or directory"},
             {"tls_server_config:\n  cert_file: missing.pem\n", "missing one of key or key_file"}}) {
        test::logged_process daemon(running::command(folder.write("web.yml", text), {}));
        auto const line = daemon.wait_for_line("level=error");
        ASSERT_TRUE(line) << text;
        EXPECT_NE(line->find("cannot use the web configuration"), std::string::npos) << *line;
        EXPECT_NE(line->find(message), std::string::npos) << *line;
        EXPECT_EQ(daemon.exit_code(), 1) << text;
    }
    test::logged_process daemon(running::command(folder.path_of("none.yml"), {}));
    EXPECT_TRUE(daemon.wait_for_line("none.yml: No such file or directory"));
    EXPECT_EQ(daemon.exit_code(), 1);
}

TEST_F(access_daemon, lets_browsers_ask_and_then_asks_for_credentials) {
    auto daemon = start("basic_auth_users:\n  alice: " + hash + "\n", {"--web.cors-origin=https://jobs.example"});
    std::vector<http::field> const question{{"Origin", "https://jobs.example"},
                                            {"Access-Control-Request-Method", "PUT"}};
    auto const asked = daemon.send("OPTIONS", "/metrics/job/x", {}, question);
    EXPECT_EQ(asked.status, 200);
    EXPECT_EQ(asked.header("Access-Control-Allow-Origin"), "https://jobs.example");
    EXPECT_EQ(daemon.send("PUT", "/metrics/job/x", {}, {{"Origin", "https://jobs.example"}}).status, 401);
    EXPECT_EQ(
        daemon.send("PUT", "/metrics/job/x", basic("alice", "secret"), {{"Origin", "https://jobs.example"}}).status,
        200);
    auto const stranger = daemon.send("OPTIONS", "/metrics/job/x", {},
                                      {{"Origin", "https://evil.example"}, {"Access-Control-Request-Method", "PUT"}});
    EXPECT_EQ(stranger.status, 401);
}

TEST_F(access_daemon, adds_fields_and_limits_the_rate) {
    auto daemon = start(
        "http_server_config:\n  headers:\n    X-Frame-Options: deny\n"
        "rate_limit:\n  interval: 1h\n  burst: 2\n");
    EXPECT_EQ(daemon.send("GET", "/-/ready").header("X-Frame-Options"), "deny");
    EXPECT_EQ(daemon.send("GET", "/nowhere").header("X-Frame-Options"), "deny");
    auto const refused = daemon.send("GET", "/-/ready");
    EXPECT_EQ(refused.status, 429);
    EXPECT_EQ(refused.body, "Too Many Requests\n");
}

TEST_F(access_daemon, logs_who_is_refused) {
    auto daemon = start("basic_auth_users:\n  alice: " + hash + "\n", {"--log.level=debug"});
    daemon.status("GET", "/metrics?x=%0A", basic("eve\"\n", "x"));
    auto const line = daemon.process.wait_for_line("access denied");
    ASSERT_TRUE(line);
    EXPECT_NE(line->find("level=debug"), std::string::npos);
    EXPECT_NE(line->find(" code=401 source=127.0.0.1:"), std::string::npos) << *line;
    EXPECT_NE(line->find(" user=\"eve\\\"\\n\""), std::string::npos) << *line;
}

}  // namespace
}  // namespace pushgateway
