#include <cstdio>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <support/gateway_process.hpp>
#include <unistd.h>

#include <pushgateway/server/healthcheck.hpp>

#include "scripted_peer.hpp"

namespace pushgateway::server {
namespace {

using arguments = std::vector<std::string>;

arguments with(arguments const& flags) {
    arguments all{PUSHGATEWAY_BINARY};
    all.insert(all.end(), flags.begin(), flags.end());
    return all;
}

int exit_code_of(arguments const& flags) {
    test::logged_process asked(with(flags));
    return asked.exit_code().value_or(-1);
}

health_question question_to(test::scripted_peer const& peer) {
    health_question out;
    out.addresses.push_back({"127.0.0.1", peer.port()});
    return out;
}

health_question of_flags(arguments const& flags) {
    auto const told = parse_flags(flags, [](std::string const&) { return std::nullopt; });
    EXPECT_TRUE(told);
    auto const question = detail::question_of(told->settings);
    EXPECT_TRUE(question) << question.error().message;
    return question.value_or(health_question{});
}

TEST(healthcheck, asks_where_the_flags_let_the_server_listen) {
    EXPECT_EQ(of_flags({}).addresses, (std::vector<server_place>{{"127.0.0.1", "9091"}, {"::1", "9091"}}));
    EXPECT_EQ(of_flags({"--web.listen-address=0.0.0.0:1"}).addresses, (std::vector<server_place>{{"127.0.0.1", "1"}}));
    EXPECT_EQ(of_flags({"--web.listen-address=[::]:2"}).addresses,
              (std::vector<server_place>{{"127.0.0.1", "2"}, {"::1", "2"}}));
    EXPECT_EQ(of_flags({"--web.listen-address=10.0.0.1:3"}).addresses, (std::vector<server_place>{{"10.0.0.1", "3"}}));
    EXPECT_EQ(of_flags({"--web.listen-address=unix:@a"}).addresses, (std::vector<server_place>{{"@a", ""}}));
    EXPECT_EQ(of_flags({"--web.external-url=http://x/push/"}).prefix, "/push");
    EXPECT_FALSE(of_flags({}).encrypted);
    EXPECT_TRUE(of_flags({"--web.config.file=c"}).encrypted);
    settings by_systemd;
    by_systemd.systemd_socket = true;
    EXPECT_FALSE(detail::question_of(by_systemd));
}

TEST(healthcheck, asks_where_a_url_points) {
    auto const at = [](std::string_view url) { return detail::question_of(url).value_or(health_question{}); };
    EXPECT_EQ(at("http://h").addresses, (std::vector<server_place>{{"h", "80"}}));
    EXPECT_EQ(at("https://[::1]").addresses, (std::vector<server_place>{{"::1", "443"}}));
    EXPECT_EQ(at("http://[::1]:5/a/b/").addresses, (std::vector<server_place>{{"::1", "5"}}));
    EXPECT_EQ(at("http://[::1]:5/a/b/").prefix, "/a/b");
    EXPECT_EQ(at("unix:/run/p").addresses, (std::vector<server_place>{{"/run/p", ""}}));
    EXPECT_FALSE(at("https://h").plain);
    for (auto const* const wrong : {"h:9091", "ftp://h", "http://", "http://:1", "http://h:99999"}) {
        EXPECT_FALSE(detail::question_of(std::string_view(wrong))) << wrong;
    }
}

TEST(healthcheck, believes_what_the_gateway_answers) {
    std::pair<std::string, bool> const cases[] = {{"HTTP/1.1 200 OK\r\n\r\n", true},
                                                  {"HTTP/1.1 401 Unauthorized\r\n\r\n", true},
                                                  {"HTTP/1.1 503 Service Unavailable\r\n\r\n", false},
                                                  {"HTTP/1.1 404 Not Found\r\n\r\n", false},
                                                  {"SSH-2.0-x\r\n", false},
                                                  {std::string(5000, 'x'), false},
                                                  {"", false}};
    for (auto const& [answer, healthy] : cases) {
        test::scripted_peer peer({answer});
        EXPECT_EQ(ask_health(question_to(peer)).has_value(), healthy) << answer;
        peer.join();
        ASSERT_EQ(peer.asked.size(), 1U);
        EXPECT_TRUE(peer.asked[0].starts_with("GET /-/healthy HTTP/1.1\r\n"));
    }
}

TEST(healthcheck, is_content_with_a_tls_server_that_answers) {
    std::pair<std::string, bool> const cases[] = {{std::string("\x15\x03\x03\x00\x02\x02\x28", 7), true},
                                                  {std::string("\x16\x03\x03\x00\x31", 5), true},
                                                  {"\x15", false},
                                                  {"no", false}};
    for (auto const& [answer, healthy] : cases) {
        test::scripted_peer peer({"", answer});
        auto question = question_to(peer);
        question.encrypted = true;
        EXPECT_EQ(ask_health(question).has_value(), healthy);
        peer.join();
        ASSERT_EQ(peer.asked.size(), 2U);
        EXPECT_EQ(peer.asked[1].size(), 5U + 0x2f);
    }
}

TEST(healthcheck, tells_whether_the_running_gateway_is_healthy) {
    auto const socket = (std::filesystem::temp_directory_path() / ("health" + std::to_string(::getpid()))).string();
    test::logged_process daemon(
        with({"--web.listen-address=127.0.0.1:0", "--web.listen-address=unix:" + socket, "--web.route-prefix=/p"}));
    auto const port = std::to_string(daemon.wait_for_port());
    ASSERT_NE(port, "0");
    EXPECT_EQ(exit_code_of({"healthcheck", "--url", "http://127.0.0.1:" + port + "/p"}), 0);
    EXPECT_EQ(exit_code_of({"healthcheck", "--web.listen-address=127.0.0.1:" + port, "--web.route-prefix=/p"}), 0);
    EXPECT_EQ(exit_code_of({"healthcheck", "--web.listen-address=unix:" + socket, "--web.route-prefix=p"}), 0);
    EXPECT_EQ(exit_code_of({"healthcheck", "--url=http://127.0.0.1:" + port}), 1) << "without the prefix";
    EXPECT_EQ(exit_code_of({"healthcheck", "--unknown"}), 1);
    daemon.signal(SIGTERM);
    EXPECT_EQ(daemon.exit_code(), 0);
    EXPECT_EQ(exit_code_of({"healthcheck", "--url=http://127.0.0.1:" + port + "/p"}), 1) << "nobody listens";
}

}  // namespace
}  // namespace pushgateway::server
