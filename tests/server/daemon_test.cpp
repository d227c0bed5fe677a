#include <csignal>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <support/gateway_process.hpp>
#include <support/http_client.hpp>
#include <support/scratch_folder.hpp>
#include <sys/stat.h>

namespace pushgateway {
namespace {

using arguments = std::vector<std::string>;

arguments with(arguments const& flags) {
    arguments all{PUSHGATEWAY_BINARY};
    all.insert(all.end(), flags.begin(), flags.end());
    return all;
}

TEST(daemon, serves_until_it_is_terminated) {
    for (int const number : {SIGTERM, SIGINT}) {
        test::logged_process daemon(with({"--web.listen-address=127.0.0.1:0"}));
        auto const port = daemon.wait_for_port();
        ASSERT_NE(port, 0);
        test::http_client client("127.0.0.1", port);
        auto const pushed = client.send("PUT", "/metrics/job/x/a/b", {}, "m 1\n");
        ASSERT_TRUE(pushed) << pushed.error().message;
        EXPECT_EQ(pushed->status, 200);
        auto const scraped = client.send("GET", "/metrics");
        ASSERT_TRUE(scraped) << scraped.error().message;
        EXPECT_NE(scraped->body.find("\nm{a=\"b\",instance=\"\",job=\"x\"} 1\n"), std::string::npos);
        EXPECT_NE(scraped->body.find("\nprocess_open_fds "), std::string::npos);
        daemon.signal(number);
        EXPECT_TRUE(daemon.wait_for_line("HTTP server stopped"));
        EXPECT_EQ(daemon.exit_code(), 0);
    }
}

// The program reads its flags from a pipe: until they are there it has not come far.
TEST(daemon, ends_in_order_after_a_signal_that_comes_before_it_serves) {
    for (bool const blocked : {false, true}) {
        for (int const number : {SIGTERM, SIGINT}) {
            test::scratch_folder const scratch;
            auto const pipe = scratch.path_of("flags");
            ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
            // Who starts it may hold signals back, too.
            sigset_t held;
            sigset_t before;
            sigemptyset(&held);
            if (blocked) sigaddset(&held, number);
            ASSERT_EQ(::pthread_sigmask(SIG_BLOCK, &held, &before), 0);
            test::logged_process daemon(with({"@" + pipe}));
            ASSERT_EQ(::pthread_sigmask(SIG_SETMASK, &before, nullptr), 0);
            // Opens when the other side does.
            std::ofstream flags(pipe);
            daemon.signal(number);
            flags << "--web.listen-address=127.0.0.1:0\n";
            flags.close();
            EXPECT_TRUE(daemon.wait_for_line("received SIGINT/SIGTERM"));
            EXPECT_TRUE(daemon.wait_for_line("HTTP server stopped"));
            EXPECT_EQ(daemon.exit_code(), 0);
        }
    }
}

TEST(daemon, listens_on_every_address) {
    test::logged_process daemon(with({"--web.listen-address=127.0.0.1:0", "--web.listen-address", "127.0.0.1:0"}));
    for (int i = 0; i != 2; ++i) {
        auto const port = daemon.wait_for_port();
        ASSERT_NE(port, 0);
        test::http_client client("127.0.0.1", port);
        auto const reply = client.send("GET", "/-/ready");
        ASSERT_TRUE(reply) << reply.error().message;
        EXPECT_EQ(reply->body, "OK");
    }
}

TEST(daemon, ends_when_asked_over_http) {
    test::logged_process daemon(with({"--web.listen-address=127.0.0.1:0", "--web.enable-lifecycle"}));
    auto const port = daemon.wait_for_port();
    ASSERT_NE(port, 0);
    test::http_client client("127.0.0.1", port);
    auto const reply = client.send("PUT", "/-/quit");
    ASSERT_TRUE(reply) << reply.error().message;
    EXPECT_EQ(reply->body, "Requesting termination... Goodbye!");
    EXPECT_EQ(daemon.exit_code(), 0);
}

TEST(daemon, obeys_its_flags) {
    test::logged_process daemon(
        with({"--web.listen-address=127.0.0.1:0", "--web.telemetry-path=/t", "--push.disable-consistency-check",
              "--web.enable-admin-api", "--log.level=debug"}));
    auto const port = daemon.wait_for_port();
    ASSERT_NE(port, 0);
    test::http_client client("127.0.0.1", port);
    EXPECT_EQ(client.send("PUT", "/metrics/job/x", {}, "m 1\n")->status, 202);
    auto const line = daemon.wait_for_line("msg=request");
    ASSERT_TRUE(line);
    EXPECT_NE(line->find(" method=PUT target=/metrics/job/x code=202 "), std::string::npos) << *line;
    EXPECT_EQ(client.send("GET", "/metrics")->status, 404);
    EXPECT_EQ(client.send("PUT", "/api/v1/admin/wipe")->status, 202);
    EXPECT_EQ(client.send("GET", "/t")->body.find("\nm{"), std::string::npos);
    auto const status = client.send("GET", "/api/v1/status");
    EXPECT_NE(status->body.find("\"web.telemetry-path\":\"/t\""), std::string::npos) << status->body;
}

TEST(daemon, logs_a_refused_push_on_one_line) {
    test::logged_process daemon(with({"--web.listen-address=127.0.0.1:0"}));
    auto const port = daemon.wait_for_port();
    ASSERT_NE(port, 0);
    test::http_client client("127.0.0.1", port);
    EXPECT_EQ(client.send("PUT", "/metrics/job/x%0Ats=fake%22", {}, "m 1 5\n")->status, 400);
    auto const line = daemon.wait_for_line("level=error");
    ASSERT_TRUE(line);
    EXPECT_NE(
        line->find(" msg=\"pushed metrics are invalid or inconsistent with existing metrics\" method=PUT source=127."),
        std::string::npos)
        << *line;
    EXPECT_NE(line->find(" path=\"/metrics/job/x\\nts=fake\\\"\" group=\"{job=\\\"x"), std::string::npos) << *line;
}

TEST(daemon, says_what_it_cannot_do_and_ends) {
    test::logged_process first(with({"--web.listen-address=127.0.0.1:0"}));
    auto const port = std::to_string(first.wait_for_port());
    for (auto const& [flag, line] : std::vector<std::pair<std::string, std::string>>{
             {"--web.listen-address=127.0.0.1:" + port, "already in use"},
             {"--web.listen-address=127.0.0.1", "missing port"},
             {"--web.listen-address=127.0.0.1:99999", "port out of range"},
             {"--nope", "pushgateway: error: unknown long flag '--nope', try --help"}}) {
        test::logged_process daemon(with({flag}));
        EXPECT_TRUE(daemon.wait_for_line(line)) << flag;
        EXPECT_EQ(daemon.exit_code(), 1) << flag;
    }
}

TEST(daemon, shows_version_and_help) {
    test::logged_process version(with({"--version"}));
    EXPECT_TRUE(version.wait_for_line("pushgateway, version "));
    EXPECT_EQ(version.exit_code(), 0);
    test::logged_process help(with({"--help"}));
    EXPECT_TRUE(help.wait_for_line("--web.listen-address"));
    EXPECT_EQ(help.exit_code(), 0);
}

}  // namespace
}  // namespace pushgateway
