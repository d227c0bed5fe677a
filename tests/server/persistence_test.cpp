// The server with --persistence.file: through restarts, kills, full disks and damaged files.

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <sys/resource.h>

#include "server/persistence_fixture.hpp"
#include "support/comes_true.hpp"
#include "support/gateway_process.hpp"
#include "support/http_client.hpp"
#include "support/sanitizers.hpp"

namespace pushgateway {
namespace {

using persistence = test::persistence_fixture;
using test::scrape;

TEST_F(persistence, keeps_everything_through_a_restart) {
    std::string before;
    std::string groups;
    {
        test::logged_process daemon(arguments({"--web.enable-admin-api"}));
        test::http_client client("127.0.0.1", daemon.wait_for_port());
        ASSERT_TRUE(daemon.wait_for_line("changes are being kept"));
        ASSERT_EQ(client.send("PUT", "/metrics/job/gone", {}, "gone 1\n")->status, 200);
        ASSERT_EQ(client.send("PUT", "/api/v1/admin/wipe")->status, 202);
        ASSERT_EQ(
            client.send("PUT", "/metrics/job/x/a/b", {}, "# HELP m words\n# TYPE m counter\nm 1\nn{l=\"1\"} NaN\n")
                ->status,
            200);
        ASSERT_EQ(client
                      .send("POST", "/metrics/job/x/a/b", {},
                            "# TYPE h histogram\nh_bucket{le=\"1\"} 2\nh_sum 1\nh_count 2\n")
                      ->status,
                  200);
        ASSERT_EQ(client.send("PUT", "/metrics/job/y", {}, "# TYPE m gauge\nm 1\n")->status, 400);
        ASSERT_EQ(client.send("PUT", "/metrics/job/z", {}, "z 1\n")->status, 200);
        ASSERT_EQ(client.send("DELETE", "/metrics/job/z")->status, 202);
        before = scrape(client);
        groups = client.send("GET", "/api/v1/metrics")->body;
        daemon.signal(SIGTERM);
        ASSERT_EQ(daemon.exit_code(), 0);
    }
    EXPECT_FALSE(std::filesystem::exists(file.string() + "-wal"));
    test::logged_process daemon(arguments());
    test::http_client client("127.0.0.1", daemon.wait_for_port());
    ASSERT_TRUE(daemon.wait_for_line("changes are being kept"));
    EXPECT_EQ(scrape(client), before);
    EXPECT_EQ(client.send("GET", "/api/v1/metrics")->body, groups);
    EXPECT_EQ(client.send("GET", "/-/ready")->status, 200);
}

TEST_F(persistence, restores_everything_with_less_memory_than_that_takes) {
    if (test::address_sanitizer) GTEST_SKIP() << "AddressSanitizer holds back what is freed";
    constexpr int groups = 40;
    auto const large = [](int group) {
        return "large{l=\"" + std::string(std::size_t{1} << 20, 'l') + std::to_string(group) + "\"} 1\n";
    };
    auto const target = [](int group) { return "/metrics/job/j/group/" + std::to_string(group); };
    std::string before;
    {
        test::logged_process daemon(arguments({"--limit.memory=0"}));
        test::http_client client("127.0.0.1", daemon.wait_for_port());
        ASSERT_TRUE(daemon.wait_for_line("changes are being kept"));
        for (int i = 0; i != groups; ++i) ASSERT_EQ(client.send("PUT", target(i), {}, large(i))->status, 200);
        before = scrape(client);
        daemon.signal(SIGTERM);
        ASSERT_EQ(daemon.exit_code(), 0);
    }
    test::logged_process daemon(arguments({"--limit.memory=32MiB"}));
    test::http_client client("127.0.0.1", daemon.wait_for_port());
    EXPECT_TRUE(daemon.wait_for_line("more memory is taken than the limit"));
    ASSERT_TRUE(test::comes_true([&] { return client.send("GET", "/-/ready")->status == 200; }));
    EXPECT_TRUE(scrape(client) == before) << "too much to be shown";
    auto const refused = client.send("PUT", target(groups), {}, "small 1\n");
    EXPECT_EQ(refused->status, 429) << refused->body;
    EXPECT_EQ(client.send("PUT", target(0), {}, "small 1\n")->status, 200) << "less than there was";
    EXPECT_EQ(client.send("GET", "/-/ready")->status, 200);
    for (int i = 0; i + 2 < groups; ++i) EXPECT_EQ(client.send("DELETE", target(i))->status, 202);
    EXPECT_TRUE(test::comes_true([&] { return client.send("PUT", target(groups), {}, "small 1\n")->status == 200; }));
}

/// One client that pushes rising numbers to its own group until the server is killed.
struct pusher {
    int number;
    std::uint64_t tried = 0;
    std::uint64_t acknowledged = 0;

    void run(std::uint16_t port) {
        test::http_client client("127.0.0.1", port, std::chrono::seconds(20));
        for (;;) {
            auto const value = std::to_string(tried + 1);
            std::string text = "# TYPE one gauge\n";
            for (int i = 0; i != 3; ++i) text += "one{i=\"" + std::to_string(i) + "\"} " + value + "\n";
            text += "other " + value + "\n";
            ++tried;
            auto const reply = client.send("PUT", "/metrics/job/p/number/" + std::to_string(number), {}, text);
            if (!reply) return;
            if (reply->status == 200) acknowledged = tried;
        }
    }
};

/// The values that a server shows of a pusher's group: one, unless a push was torn.
std::map<std::uint64_t, int> values_of(std::string const& exposition, int number) {
    std::map<std::uint64_t, int> values;
    auto const wanted = "number=\"" + std::to_string(number) + "\"";
    std::size_t at = 0;
    while (at < exposition.size()) {
        auto const end = exposition.find('\n', at);
        auto const line = exposition.substr(at, end - at);
        at = end + 1;
        if (!line.starts_with("o") || line.find(wanted) == std::string::npos) continue;
        ++values[static_cast<std::uint64_t>(std::stod(line.substr(line.rfind(' ') + 1)))];
    }
    return values;
}

TEST_F(persistence, a_kill_at_any_moment_loses_nothing_acknowledged) {
    constexpr int rounds = 300;
    std::mt19937 random(5);
    std::vector<pusher> pushers{{0}, {1}, {2}, {3}};
    std::uint64_t acknowledged = 0;
    for (int round = 0; round != rounds; ++round) {
        test::logged_process daemon(arguments());
        auto const port = daemon.wait_for_port();
        ASSERT_NE(port, 0);
        ASSERT_TRUE(daemon.wait_for_line("changes are being kept")) << round;
        test::http_client client("127.0.0.1", port);
        auto const shown = scrape(client);
        for (auto& p : pushers) {
            auto const values = values_of(shown, p.number);
            if (p.acknowledged == 0 && values.empty()) continue;
            ASSERT_EQ(values.size(), 1) << "round " << round << ": half a push is there\n" << shown;
            auto const [value, lines] = *values.begin();
            ASSERT_EQ(lines, 4) << "round " << round << ": half a push is there\n" << shown;
            ASSERT_GE(value, p.acknowledged) << "round " << round << ": an acknowledged push is gone";
            ASSERT_LE(value, p.tried);
            acknowledged += value - p.acknowledged;
            p.acknowledged = value;
        }
        std::vector<std::thread> threads;
        for (auto& p : pushers) threads.emplace_back([&p, port] { p.run(port); });
        std::this_thread::sleep_for(std::chrono::microseconds(random() % 40'000));
        daemon.signal(SIGKILL);
        for (auto& thread : threads) thread.join();
        daemon.exit_code();
    }
    EXPECT_GT(pushers[0].acknowledged, rounds);
}

TEST_F(persistence, a_full_disk_is_told_and_survived) {
    // The limit of a file's size stands for the size of the disk.
    test::logged_process daemon({"/bin/sh", "-c", "ulimit -S -f 600; exec \"$0\" \"$@\"", PUSHGATEWAY_BINARY,
                                 "--web.listen-address=127.0.0.1:0", "--persistence.file=" + file.string()});
    test::http_client client("127.0.0.1", daemon.wait_for_port());
    ASSERT_TRUE(daemon.wait_for_line("changes are being kept"));
    std::string large;
    for (int i = 0; i != 1000; ++i)
        large += "large{n=\"" + std::to_string(i) + "\",text=\"" + std::string(50, 'x') + "\"} 1\n";
    int good = 0;
    std::string reason;
    for (int i = 0; i != 100 && reason.empty(); ++i) {
        auto const reply = client.send("PUT", "/metrics/job/full/number/" + std::to_string(i), {}, large);
        ASSERT_TRUE(reply) << reply.error().message;
        if (reply->status == 200) {
            ++good;
            continue;
        }
        EXPECT_EQ(reply->status, 503);
        EXPECT_TRUE(reply->header("Retry-After"));
        reason = reply->body;
    }
    EXPECT_GT(good, 0);
    EXPECT_NE(reason.find("kept.db"), std::string::npos) << reason;
    auto const shown = scrape(client);
    EXPECT_EQ(shown.find("number=\"" + std::to_string(good) + "\",text"), std::string::npos);
    EXPECT_EQ(client.send("GET", "/-/ready")->status, 503);
    EXPECT_EQ(client.send("GET", "/-/ready")->body, reason);
    EXPECT_EQ(client.send("GET", "/-/healthy")->status, 200);
    EXPECT_TRUE(daemon.wait_for_line("changes cannot be kept"));

    rlimit const unlimited{RLIM_INFINITY, RLIM_INFINITY};
    ASSERT_EQ(::prlimit(daemon.pid(), RLIMIT_FSIZE, &unlimited, nullptr), 0);
    EXPECT_TRUE(daemon.wait_for_line("changes are being kept"));
    EXPECT_EQ(client.send("GET", "/-/ready")->status, 200);
    EXPECT_EQ(client.send("PUT", "/metrics/job/after", {}, "after 1\n")->status, 200);
    auto const before = scrape(client);
    daemon.signal(SIGKILL);
    daemon.exit_code();

    test::logged_process again(arguments());
    test::http_client other("127.0.0.1", again.wait_for_port());
    ASSERT_TRUE(again.wait_for_line("changes are being kept"));
    EXPECT_EQ(scrape(other), before);
}

TEST_F(persistence, a_second_process_on_the_file_ends) {
    test::logged_process first(arguments());
    ASSERT_TRUE(first.wait_for_line("changes are being kept"));
    test::logged_process second(arguments());
    auto const line = second.wait_for_line("cannot use the persistence file");
    ASSERT_TRUE(line);
    EXPECT_NE(line->find("another process is using this file"), std::string::npos) << *line;
    EXPECT_EQ(second.exit_code(), 1);
}

TEST_F(persistence, a_damaged_file_is_kept_and_stops_the_start_or_not) {
    {
        test::logged_process daemon(arguments());
        test::http_client client("127.0.0.1", daemon.wait_for_port());
        ASSERT_TRUE(daemon.wait_for_line("changes are being kept"));
        ASSERT_EQ(client.send("PUT", "/metrics/job/x", {}, "only_here 1\n")->status, 200);
        daemon.signal(SIGTERM);
        ASSERT_EQ(daemon.exit_code(), 0);
    }
    auto damaged = bytes();
    auto const at = damaged.find("only_here");
    ASSERT_NE(at, std::string::npos);
    damaged[at] = 'O';
    std::ofstream(file, std::ios::binary) << damaged;

    test::logged_process refusing(arguments());
    auto const line = refusing.wait_for_line("cannot use the persistence file");
    ASSERT_TRUE(line);
    EXPECT_NE(line->find("checksum"), std::string::npos) << *line;
    EXPECT_EQ(refusing.exit_code(), 1);
    EXPECT_EQ(bytes(), damaged);

    test::logged_process going_on(arguments({"--persistence.on-corruption=quarantine"}));
    test::http_client client("127.0.0.1", going_on.wait_for_port());
    ASSERT_TRUE(going_on.wait_for_line("was put aside"));
    ASSERT_TRUE(going_on.wait_for_line("changes are being kept"));
    EXPECT_EQ(scrape(client).find("_here"), std::string::npos);
    EXPECT_EQ(client.send("PUT", "/metrics/job/x", {}, "new 1\n")->status, 200);
    int aside = 0;
    for (auto const& entry : std::filesystem::directory_iterator(folder)) {
        if (!entry.path().string().starts_with(file.string() + ".corrupt-")) continue;
        ++aside;
        std::ifstream in(entry.path(), std::ios::binary);
        EXPECT_EQ(std::string(std::istreambuf_iterator<char>(in), {}), damaged);
    }
    EXPECT_EQ(aside, 1);
}

TEST_F(persistence, a_damaged_file_that_cannot_be_put_aside_ends_the_server_in_order) {
    // Long enough to leave no room for what is put behind it.
    file = folder / std::string(240, 'n');
    std::ofstream(file, std::ios::binary) << std::string("SQLite format 3\0", 16) + std::string(5000, 'x');
    test::logged_process daemon(arguments({"--persistence.on-corruption=quarantine"}));
    auto const line = daemon.wait_for_line("cannot use the persistence file");
    ASSERT_TRUE(line);
    EXPECT_NE(line->find("cannot be put aside: File name too long"), std::string::npos) << *line;
    EXPECT_EQ(daemon.exit_code(), 1);
}

TEST_F(persistence, a_file_of_something_else_is_refused_untouched) {
    std::ofstream(file) << "Dear diary\n";
    test::logged_process daemon(arguments({"--persistence.on-corruption=quarantine"}));
    ASSERT_TRUE(daemon.wait_for_line("neither a file of this program"));
    EXPECT_EQ(daemon.exit_code(), 1);
    EXPECT_EQ(bytes(), "Dear diary\n");
}

TEST_F(persistence, other_ways_of_syncing_survive_a_kill) {
    for (std::string const sync : {"interval", "off"}) {
        {
            test::logged_process daemon(arguments({"--persistence.sync=" + sync, "--persistence.interval=10ms"}));
            test::http_client client("127.0.0.1", daemon.wait_for_port());
            ASSERT_TRUE(daemon.wait_for_line("changes are being kept"));
            ASSERT_EQ(client.send("PUT", "/metrics/job/" + sync, {}, sync + " 1\n")->status, 200);
            daemon.signal(SIGKILL);
            daemon.exit_code();
        }
        test::logged_process daemon(arguments());
        test::http_client client("127.0.0.1", daemon.wait_for_port());
        ASSERT_TRUE(daemon.wait_for_line("changes are being kept"));
        EXPECT_NE(scrape(client).find(sync + "{instance"), std::string::npos);
    }
}

}  // namespace
}  // namespace pushgateway
