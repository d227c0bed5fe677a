#include <chrono>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <support/comes_true.hpp>
#include <support/gateway_process.hpp>
#include <support/http_client.hpp>
#include <support/scratch_folder.hpp>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

// Each option by the running binary.

namespace pushgateway {
namespace {

using namespace std::chrono_literals;
using arguments = std::vector<std::string>;
using test::http_client;
using test::logged_process;
using test::tcp_stream;

arguments const loopback{PUSHGATEWAY_BINARY, "--web.listen-address=127.0.0.1:0"};

arguments with(arguments all, arguments const& more) {
    all.insert(all.end(), more.begin(), more.end());
    return all;
}

// A gateway on a port of loopback.
struct gateway_on_port {
    explicit gateway_on_port(arguments const& flags, arguments const& before = {})
        : process(with(before, with(loopback, flags))), port(process.wait_for_port()), client("127.0.0.1", port) {
        EXPECT_NE(port, 0);
    }
    test::http_reply get(std::string const& target, std::vector<http::field> const& fields = {}) {
        return client.send("GET", target, fields).value();
    }
    int put(std::string const& target, std::string const& body, std::vector<http::field> const& fields = {}) {
        return client.send("PUT", target, fields, body).value().status;
    }
    logged_process process;
    std::uint16_t port;
    http_client client;
};

TEST(daemon_options, web_listen_address_takes_unix_sockets) {
    test::scratch_folder const here;
    auto const address = "unix:" + here.path_of("socket");
    logged_process daemon({PUSHGATEWAY_BINARY, "--web.listen-address=" + address});
    ASSERT_TRUE(daemon.wait_for_line("msg=\"Listening on\" address=" + address));
    http_client client(address, 0);
    EXPECT_EQ(client.send("PUT", "/metrics/job/x", {{"Host", "localhost"}}, "m 1\n").value().status, 200);
    daemon.signal(SIGTERM);
    EXPECT_EQ(daemon.exit_code(), 0);
    EXPECT_FALSE(std::filesystem::exists(here.path_of("socket")));
}

// Runs the rest of the command with the process number that systemd would put there.
arguments const activated{"/bin/sh", "-c", "LISTEN_PID=$$ LISTEN_FDS=1 exec \"$@\"", "sh"};

TEST(daemon_options, web_systemd_socket_takes_over_the_socket) {
    int const fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    ASSERT_EQ(::bind(fd, reinterpret_cast<sockaddr*>(&address), size), 0);
    ASSERT_EQ(::listen(fd, 16), 0);
    ASSERT_EQ(::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size), 0);
    // The request is there before anybody serves it.
    auto const port = ntohs(address.sin_port);
    auto early = tcp_stream::connect("127.0.0.1", port, 60s).value();
    early.send("GET /-/ready HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    logged_process daemon(with(activated, {PUSHGATEWAY_BINARY, "--web.systemd-socket", "--web.listen-address=:1"}), fd);
    ::close(fd);
    EXPECT_TRUE(daemon.wait_for_line("Listening on systemd activated listeners instead of port listeners."));
    EXPECT_EQ(daemon.wait_for_port(), port);
    std::string answer;
    while (early.receive(answer).value_or(false)) {
    }
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 OK\r\n")) << answer;
    daemon.signal(SIGTERM);
    EXPECT_EQ(daemon.exit_code(), 0);
}

TEST(daemon_options, web_systemd_socket_without_a_socket_is_an_error) {
    for (auto const& before : {arguments{}, arguments{"/usr/bin/env", "LISTEN_FDS=1", "LISTEN_PID=1"}}) {
        logged_process daemon(with(before, {PUSHGATEWAY_BINARY, "--web.systemd-socket"}));
        EXPECT_TRUE(daemon.wait_for_line("no socket activation file descriptors found"));
        EXPECT_EQ(daemon.exit_code(), 1);
    }
}

TEST(daemon_options, systemd_is_told_when_the_service_is_ready_and_stops) {
    test::scratch_folder const here;
    auto const path = here.path_of("notify");
    int const fd = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    ASSERT_EQ(::bind(fd, reinterpret_cast<sockaddr const*>(&address), sizeof address), 0);
    auto const receive = [fd] {
        pollfd ready{fd, POLLIN, 0};
        char message[256];
        auto const n = ::poll(&ready, 1, 60'000) == 1 ? ::recv(fd, message, sizeof message, 0) : 0;
        return std::string(message, static_cast<std::size_t>(std::max<ssize_t>(n, 0)));
    };
    gateway_on_port daemon({}, {"/usr/bin/env", "NOTIFY_SOCKET=" + path, "WATCHDOG_USEC=200000"});
    EXPECT_EQ(receive(), "READY=1");
    EXPECT_EQ(receive(), "WATCHDOG=1");
    EXPECT_EQ(receive(), "WATCHDOG=1");
    daemon.process.signal(SIGTERM);
    auto last = receive();
    while (last == "WATCHDOG=1") last = receive();
    EXPECT_EQ(last, "STOPPING=1");
    EXPECT_EQ(daemon.process.exit_code(), 0);
    ::close(fd);
}

TEST(daemon_options, come_from_the_environment_too) {
    gateway_on_port daemon({"--web.telemetry-path=/b"}, {"/usr/bin/env", "PUSHGATEWAY_WEB_TELEMETRY_PATH=/a",
                                                         "PUSHGATEWAY_WEB_ENABLE_ADMIN_API=true"});
    EXPECT_EQ(daemon.get("/b").status, 200);
    EXPECT_EQ(daemon.get("/a").status, 404);
    EXPECT_EQ(daemon.put("/api/v1/admin/wipe", ""), 202);
}

TEST(daemon_options, web_external_url_and_route_prefix) {
    struct {
        arguments flags;
        std::string internal;
        std::string link;
    } const cases[] = {{{"--web.external-url=http://x.example/push/"}, "/push", "/push/metrics"},
                       {{"--web.external-url=http://x.example/push", "--web.route-prefix=/"}, "", "/push/metrics"},
                       {{"--web.external-url=http://x.example/", "--web.route-prefix=/inner"}, "/inner", "/metrics"},
                       {{"--web.external-url=http://x.example/"}, "", "./metrics"},
                       {{"--web.route-prefix=/inner/"}, "/inner", "./metrics"}};
    for (auto const& c : cases) {
        gateway_on_port daemon(c.flags);
        EXPECT_EQ(daemon.put(c.internal + "/metrics/job/x", "m 1\n"), 200);
        EXPECT_NE(daemon.get(c.internal + "/metrics").body.find("\nm{"), std::string::npos);
        EXPECT_NE(daemon.get(c.internal + "/").body.find('"' + c.link + '"'), std::string::npos) << c.link;
        if (!c.internal.empty()) {
            EXPECT_EQ(daemon.get("/metrics").status, 404);
        }
    }
}

TEST(daemon_options, web_own_metrics) {
    gateway_on_port apart({"--web.own-metrics-path=/own"});
    EXPECT_EQ(apart.get("/metrics").body, "");
    EXPECT_NE(apart.get("/own").body.find("pushgateway_build_info"), std::string::npos);
    gateway_on_port none({"--no-web.own-metrics", "--web.own-metrics-path=/own"});
    EXPECT_EQ(none.get("/metrics").body, "");
    EXPECT_EQ(none.get("/own").status, 404);
    for (auto* daemon : {&apart, &none}) {
        EXPECT_EQ(daemon->put("/metrics/job/j", "process_open_fds 7\n"), 200);
        EXPECT_NE(daemon->get("/metrics").body.find("process_open_fds{instance=\"\",job=\"j\"} 7\n"),
                  std::string::npos);
    }
}

TEST(daemon_options, web_threads) {
    gateway_on_port few({"--web.threads=2"});
    gateway_on_port more({"--web.threads=5"});
    auto const threads = [](gateway_on_port const& daemon) {
        std::filesystem::directory_iterator const all("/proc/" + std::to_string(daemon.process.pid()) + "/task");
        return std::distance(begin(all), end(all));
    };
    // Those that serve, and as many for what takes long.
    EXPECT_TRUE(test::comes_true([&] { return threads(more) - threads(few) == 2 * 3; }))
        << threads(few) << " and " << threads(more);
    for (auto* daemon : {&few, &more}) EXPECT_EQ(daemon->put("/metrics/job/x", "m 1\n"), 200);
}

TEST(daemon_options, say_what_a_push_may_have) {
    gateway_on_port strict({});
    for (auto const& [flag, body] :
         std::vector<std::pair<std::string, std::string>>{{"--push.ignore-stray-samples", "# TYPE t histogram\nt 5\n"},
                                                          {"--push.lenient", "m 1\r\n"},
                                                          {"--push.timestamps=drop", "m 1 5\n"},
                                                          {"--push.enable-utf8-names", "{\"m.n\"} 1\n"}}) {
        EXPECT_EQ(strict.put("/metrics/job/x", body), 400) << flag;
        gateway_on_port daemon({flag});
        EXPECT_EQ(daemon.put("/metrics/job/x", body), 200) << flag;
    }
}

TEST(daemon_options, web_cors_origin) {
    gateway_on_port daemon({"--web.cors-origin=https://a.example", "--web.cors-origin=https://b.example"});
    auto const got = daemon.client.send("PUT", "/metrics/job/x", {{"Origin", "https://b.example"}}, "m 1\n").value();
    EXPECT_EQ(got.header("Access-Control-Allow-Origin"), "https://b.example");
}

TEST(daemon_options, limits_and_timeouts) {
    gateway_on_port daemon({"--limit.body=10B", "--limit.header-fields=3", "--limit.grouping-labels=2",
                            "--limit.labels-per-series=1", "--timeout.idle=1s"});
    EXPECT_EQ(daemon.put("/metrics/job/x", "m 1\n"), 200);
    EXPECT_EQ(daemon.put("/metrics/job/x", "m 12345678\n"), 413);
    EXPECT_EQ(daemon.put("/metrics/job/x/a/b", "m 1\n"), 200);
    EXPECT_EQ(daemon.put("/metrics/job/x/a/b/c/d", "m 1\n"), 400);
    EXPECT_EQ(daemon.get("/-/ready", {{"A", "1"}, {"B", "2"}, {"C", "3"}}).status, 431);
    auto idle = tcp_stream::connect("127.0.0.1", daemon.port, 60s).value();
    std::string nothing;
    auto const end = idle.receive(nothing);
    ASSERT_TRUE(end) << end.error().message;
    EXPECT_FALSE(*end) << nothing;
}

TEST(daemon_options, limit_memory_is_what_the_system_allows_if_nobody_says_it) {
    for (std::string const said : {"", "100MiB"}) {
        logged_process daemon(said.empty() ? loopback : with(loopback, {"--limit.memory=" + said}));
        std::string bytes = "104857600";
        if (said.empty()) {
            auto const line = daemon.wait_for_line("limit of the memory");
            ASSERT_TRUE(line);
            auto const at = line->find(" bytes=");
            ASSERT_NE(at, std::string::npos) << *line;
            bytes = line->substr(at + 7);
        }
        http_client client("127.0.0.1", daemon.wait_for_port());
        auto const shown = client.send("GET", "/metrics")->body;
        std::string const name = "\npushgateway_limit{limit=\"memory\"} ";
        auto const at = shown.find(name);
        ASSERT_NE(at, std::string::npos);
        EXPECT_GT(std::stod(bytes), 0);
        EXPECT_EQ(std::stod(shown.substr(at + name.size(), 40)), std::stod(bytes));
    }
}

TEST(daemon_options, log_format_json) {
    logged_process daemon(with(loopback, {"--log.format=json", "--log.level=debug"}));
    auto const line = daemon.wait_for_line("Listening on");
    ASSERT_TRUE(line);
    auto const parsed = boost::json::parse(*line);
    EXPECT_EQ(parsed.at("level").as_string(), "info");
    EXPECT_EQ(parsed.at("msg").as_string(), "Listening on");
    auto const address = std::string(parsed.at("address").as_string());
    http_client client("127.0.0.1", static_cast<std::uint16_t>(std::stoi(address.substr(address.rfind(':') + 1))));
    client.send("GET", "/x\xff\"\\");
    auto const request = daemon.wait_for_line("\"request\"");
    ASSERT_TRUE(request);
    EXPECT_EQ(boost::json::parse(*request).at("target").as_string(), "/x\uFFFD\"\\");
    client.send("GET", "/", {{"Content-Length", "x"}});
    auto const refused = daemon.wait_for_line("request refused");
    ASSERT_TRUE(refused);
    EXPECT_EQ(boost::json::parse(*refused).at("code").as_string(), "400");
    EXPECT_NE(boost::json::parse(*refused).at("err").as_string().find("Content-Length"), std::string::npos);
}

TEST(daemon_options, log_level) {
    logged_process daemon(with(loopback, {"--log.level=error", "--web.listen-address=nonsense"}));
    auto const first = daemon.wait_for_line("");
    ASSERT_TRUE(first);
    EXPECT_NE(first->find("level=error"), std::string::npos) << *first;
    EXPECT_EQ(daemon.exit_code(), 1);
}

TEST(daemon_options, hangup_is_no_end) {
    gateway_on_port daemon({});
    for (int i = 0; i != 2; ++i) {
        daemon.process.signal(SIGHUP);
        EXPECT_TRUE(daemon.process.wait_for_line("received SIGHUP"));
    }
    EXPECT_EQ(daemon.get("/-/ready").status, 200);
}

TEST(daemon_options, a_second_signal_ends_the_program_at_once) {
    gateway_on_port daemon({});
    auto busy = tcp_stream::connect("127.0.0.1", daemon.port, 60s).value();
    busy.send("PUT /metrics/job/x HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n");
    daemon.get("/-/ready");
    daemon.process.signal(SIGTERM);
    ASSERT_TRUE(daemon.process.wait_for_line("received SIGINT/SIGTERM"));
    // The program waits for the body, until this.
    std::optional<int> code;
    while (!code) {
        daemon.process.signal(SIGTERM);
        code = daemon.process.exit_code(10ms);
    }
    EXPECT_EQ(code, 128 + SIGTERM);
}

TEST(daemon_options, web_shutdown_grace) {
    gateway_on_port daemon({"--web.shutdown-grace=1s"});
    auto busy = tcp_stream::connect("127.0.0.1", daemon.port, 60s).value();
    busy.send("PUT /metrics/job/x HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n");
    daemon.get("/-/ready");
    daemon.process.signal(SIGTERM);
    EXPECT_EQ(daemon.process.exit_code(), 0) << "the body never comes";
}

TEST(daemon_options, a_log_that_takes_nothing_stops_nobody) {
    auto const port = test::free_port();
    auto server = test::child_process::start(
        {PUSHGATEWAY_BINARY, "--web.listen-address=127.0.0.1:" + std::to_string(port), "--log.level=debug"},
        "/dev/full");
    ASSERT_TRUE(server) << server.error().message;
    EXPECT_TRUE(server->answers(port, "/-/ready"));
    server->signal(SIGTERM);
    EXPECT_EQ(server->exit_code(60s), 0);
}

TEST(daemon_options, a_log_that_nobody_reads_stops_no_push) {
    test::scratch_folder const folder;
    gateway_on_port daemon({"--log.level=debug", "--persistence.file=" + folder.path_of("kept.db")});
    ASSERT_TRUE(daemon.process.wait_for_line("changes are being kept"));
    // A line for each, all together more than a pipe holds.
    auto const target = "/metrics/job/" + std::string(400, 'j');
    for (int i = 0; i != 400; ++i) ASSERT_EQ(daemon.put(target, "m " + std::to_string(i) + '\n'), 200) << i;
    daemon.process.signal(SIGTERM);
    EXPECT_EQ(daemon.process.exit_code(), 0);
}

TEST(daemon_options, without_file_descriptors_it_waits_for_some) {
    gateway_on_port daemon({}, {"/bin/sh", "-c", "ulimit -n 40; exec \"$@\"", "sh"});
    std::vector<tcp_stream> taken;
    while (taken.size() != 60) taken.push_back(tcp_stream::connect("127.0.0.1", daemon.port, 60s).value());
    EXPECT_TRUE(daemon.process.wait_for_line("cannot accept connections at the moment: Too many open files"));
    taken.clear();
    EXPECT_EQ(daemon.get("/-/ready").status, 200);
    daemon.process.signal(SIGTERM);
    EXPECT_EQ(daemon.process.exit_code(), 0);
}

}  // namespace
}  // namespace pushgateway
