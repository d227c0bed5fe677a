// A server that starts with a large file: what it answers meanwhile, and how it ends then.
//
// What happens at the same time as a request or a signal is for the system to decide: these tests try again until it
// was what they are about.

#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include <pushgateway/journal/gob_reader.hpp>
#include <pushgateway/journal/sqlite/persistence_file.hpp>

#include "server/persistence_fixture.hpp"
#include "support/gateway_process.hpp"
#include "support/http_client.hpp"

namespace pushgateway {
namespace {

constexpr int most_attempts = 20;
constexpr int groups = 20'000;

class persistence_start : public test::persistence_fixture {
protected:
    /// Many small groups.
    void make_large_file() const {
        auto made = journal::sqlite::persistence_file::claim({.path = file});
        ASSERT_TRUE(made && made->open());
        auto const done = made->import([](journal::sqlite::group_importer& importer) -> result<> {
            for (int i = 0; i != groups; ++i) {
                model::grouping_key key("large");
                key.set("number", std::to_string(i));
                importer.begin(std::move(key));
                model::metric const metric{{}, model::gauge{1}, {}};
                for (std::string_view const name : {"a", "b", "c"}) {
                    importer.add({name, std::nullopt, model::metric_type::gauge, {&metric, 1}}, {});
                }
                if (auto ended = importer.end(); !ended) return ended;
            }
            return {};
        });
        ASSERT_TRUE(done) << done.error().message;
    }

    /// True if a server that gets SIGTERM when the log has `line` says at some attempt that it ended by `reason`.
    [[nodiscard]] bool is_ended(std::string_view line, std::string_view reason) const {
        for (int attempt = 0; attempt != most_attempts; ++attempt) {
            test::logged_process daemon(arguments());
            EXPECT_TRUE(daemon.wait_for_line(line));
            daemon.signal(SIGTERM);
            auto const told = daemon.wait_for_line("the groups were not restored", std::chrono::seconds(5));
            EXPECT_EQ(daemon.exit_code(), 0);
            if (told && told->find(reason) != std::string::npos) return true;
        }
        return false;
    }
};

std::string number_of_gob(std::uint64_t value) {
    if (value < 128) return {static_cast<char>(value)};
    std::string bytes;
    for (; value != 0; value >>= 8) bytes.insert(bytes.begin(), static_cast<char>(value));
    return static_cast<char>(256 - bytes.size()) + bytes;
}

/// A file of a Prometheus Pushgateway with each of its groups many times.
std::string many_times(std::string_view original, int times) {
    std::string out;
    journal::gob::bytes_reader messages(original);
    while (!messages.at_end()) {
        auto const message = messages.text();
        journal::gob::bytes_reader inside(message);
        bool const value = messages.at_end();
        if (!value) {
            out += number_of_gob(message.size());
            out += message;
            continue;
        }
        inside.number();
        inside.number();
        std::string all(message.substr(0, message.size() - inside.left()));
        all += number_of_gob(inside.number() * static_cast<std::uint64_t>(times));
        auto const entries = message.substr(message.size() - inside.left());
        for (int i = 0; i != times; ++i) all += entries;
        out += number_of_gob(all.size());
        out += all;
    }
    return out;
}

TEST_F(persistence_start, answers_at_once_and_says_what_it_does) {
    make_large_file();
    bool examining = false;
    bool restoring = false;
    for (int attempt = 0; attempt != most_attempts && !(examining && restoring); ++attempt) {
        test::logged_process daemon(arguments());
        test::http_client client("127.0.0.1", daemon.wait_for_port());
        for (;;) {
            auto const ready = client.send("GET", "/-/ready");
            ASSERT_TRUE(ready);
            if (ready->status == 200) break;
            ASSERT_EQ(ready->status, 503);
            auto const healthy = client.send("GET", "/-/healthy");
            auto const pushed = client.send("PUT", "/metrics/job/x", {}, "x 1\n");
            ASSERT_TRUE(healthy && pushed);
            EXPECT_EQ(healthy->status, 200);
            if (pushed->status != 503) break;
            EXPECT_TRUE(pushed->header("Retry-After"));
            examining = examining || pushed->body.find("the persistence file is being examined") != std::string::npos;
            restoring = restoring || pushed->body.find(" of " + std::to_string(groups)) != std::string::npos;
        }
        ASSERT_TRUE(daemon.wait_for_line("changes are being kept"));
        ASSERT_EQ(client.send("PUT", "/metrics/job/x", {}, "x 1\n")->status, 200);
    }
    EXPECT_TRUE(examining);
    EXPECT_TRUE(restoring);
}

TEST_F(persistence_start, sigterm_ends_the_examination) {
    make_large_file();
    EXPECT_TRUE(is_ended("examining the persistence file", "the examination was ended"));
}

TEST_F(persistence_start, sigterm_ends_the_taking_over_of_a_file_and_leaves_it) {
    std::ifstream in(JOURNAL_TEST_DATA "/pushgateway-1.5.1.gob", std::ios::binary);
    std::string const once(std::istreambuf_iterator<char>(in), {});
    auto const original = many_times(once, 3000);
    std::ofstream(file, std::ios::binary) << original;
    EXPECT_TRUE(is_ended("examining the persistence file", "the import was ended"));
    EXPECT_EQ(bytes(), original);
    EXPECT_FALSE(std::filesystem::exists(file.string() + ".importing"));
    // It is one that can be taken over.
    test::logged_process daemon(arguments());
    EXPECT_TRUE(daemon.wait_for_line("took over the file of a Prometheus Pushgateway", std::chrono::seconds(60)));
}

}  // namespace
}  // namespace pushgateway
