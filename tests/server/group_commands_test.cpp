// pushgateway import and export, with the real program.

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <pushgateway/http/path.hpp>
#include <pushgateway/server/api_groups.hpp>
#include <pushgateway/server/plain_get.hpp>

#include "support/gateway_process.hpp"
#include "support/http_client.hpp"
#include "support/scratch_folder.hpp"

namespace pushgateway {
namespace {

class group_commands : public testing::Test {
protected:
    /// Runs the program to its end; its status and output.
    std::pair<int, std::string> run(std::vector<std::string> arguments) const {
        arguments.insert(arguments.begin(), PUSHGATEWAY_BINARY);
        auto const log = folder.path_of("output");
        std::filesystem::remove(log);
        auto child = test::child_process::start(arguments, log);
        auto const status = child ? child->exit_code(std::chrono::seconds(60)) : std::nullopt;
        std::ifstream in(log);
        return {status.value_or(-1), std::string(std::istreambuf_iterator<char>(in), {})};
    }
    [[nodiscard]] std::string file(std::string const& name) const { return folder.path_of(name); }
    [[nodiscard]] static std::string flag(std::string const& path) { return "--persistence.file=" + path; }

    test::scratch_folder const folder;
};

constexpr auto text =
    "# HELP c words\n# TYPE c counter\nc{l=\"1\"} 1.5\nc{l=\"2\"} NaN\n# TYPE g gauge\ng -Inf\n# TYPE s summary\n"
    "s{quantile=\"0.5\"} 1\ns{quantile=\"0.25\"} 2\ns_sum 3\ns_count 4\n# TYPE h histogram\nh_bucket{le=\"0.5\"} 1\n"
    "h_bucket{le=\"10\"} 2\nh_bucket{le=\"+Inf\"} 3\nh_sum 4\nh_count 3\n# TYPE f histogram\nf_bucket{le=\"1\"} 0.5\n"
    "f_bucket{le=\"+Inf\"} 1\nf_sum 1\nf_count 1\nu 1e-300\n";

TEST_F(group_commands, copy_a_running_gateway_and_write_it_out) {
    test::logged_process from({PUSHGATEWAY_BINARY, "--web.listen-address=127.0.0.1:0", "--web.route-prefix=/p"});
    auto const port = from.wait_for_port();
    test::http_client client("127.0.0.1", port);
    ASSERT_EQ(client.send("PUT", "/p/metrics/job/all/a/b%20c/d@base64/L3g", {}, text)->status, 200);
    ASSERT_EQ(client.send("PUT", "/p/metrics/job/refused", {}, "# TYPE u gauge\nu 1\n")->status, 400);
    ASSERT_EQ(client.send("PUT", "/p/metrics/job/empty", {}, "")->status, 200);
    auto const expected = client.send("GET", "/p/api/v1/metrics")->body;

    for (int again = 0; again != 2; ++again) {
        auto const [status, output] =
            run({"import", flag(file("kept")), "http://127.0.0.1:" + std::to_string(port) + "/p/"});
        EXPECT_EQ(status, 0) << output;
        EXPECT_EQ(output, "copied 3 groups with 6 families and 7 metrics into " + file("kept") + "\n");
    }
    {
        test::logged_process to({PUSHGATEWAY_BINARY, "--web.listen-address=127.0.0.1:0", flag(file("kept"))});
        test::http_client other("127.0.0.1", to.wait_for_port());
        ASSERT_TRUE(to.wait_for_line("changes are being kept"));
        auto got = other.send("GET", "/api/v1/metrics")->body;
        // The order of quantiles is not in the JSON, nor is it shown there.
        EXPECT_EQ(got, expected);

        // Beside a server that has the file.
        auto const [status, output] = run({"export", flag(file("kept"))});
        EXPECT_EQ(status, 0);
        EXPECT_NE(output.find("# PUT /metrics/job/all/a@base64/YiBj/d@base64/L3g\n"), std::string::npos) << output;
        EXPECT_NE(output.find("\n# HELP c words\n# TYPE c counter\nc{l=\"1\"} 1.5\nc{l=\"2\"} NaN\n"),
                  std::string::npos);
        auto const [refused, why] = run({"import", flag(file("kept")), "http://127.0.0.1:" + std::to_string(port)});
        EXPECT_EQ(refused, 1);
        EXPECT_NE(why.find("another process is using this file"), std::string::npos) << why;
        to.signal(SIGTERM);
        ASSERT_EQ(to.exit_code(), 0);
    }
    auto const [status, output] = run({"export", flag(file("kept")), file("out")});
    EXPECT_EQ(status, 0) << output;
    EXPECT_TRUE(std::filesystem::exists(file("out/group-000003.prom")));
    EXPECT_FALSE(std::filesystem::exists(file("out/group-000004.prom")));

    // What was written can be pushed to the path that it names.
    test::logged_process fresh({PUSHGATEWAY_BINARY, "--web.listen-address=127.0.0.1:0"});
    test::http_client third("127.0.0.1", fresh.wait_for_port());
    for (auto const& entry : std::filesystem::directory_iterator(file("out"))) {
        std::ifstream in(entry.path());
        std::string first;
        std::getline(in, first);
        ASSERT_TRUE(first.starts_with("# PUT "));
        std::string const rest(std::istreambuf_iterator<char>(in), {});
        auto const reply = third.send("PUT", first.substr(6), {}, rest);
        EXPECT_EQ(reply->status, 200) << reply->body;
    }
    auto const shown = third.send("GET", "/metrics")->body;
    EXPECT_NE(shown.find("c{a=\"b c\",d=\"/x\",instance=\"\",job=\"all\",l=\"1\"} 1.5\n"), std::string::npos) << shown;
}

TEST_F(group_commands, write_all_or_say_that_they_cannot) {
    std::string const with_zero("a\0b", 3);
    {
        test::logged_process server({PUSHGATEWAY_BINARY, "--web.listen-address=127.0.0.1:0", flag(file("kept"))});
        test::http_client client("127.0.0.1", server.wait_for_port());
        ASSERT_TRUE(server.wait_for_line("changes are being kept"));
        ASSERT_EQ(client.send("PUT", "/metrics/job/j", {}, "m{l=\"" + with_zero + "\"} 1\nn 2\n")->status, 200);
        server.signal(SIGTERM);
        ASSERT_EQ(server.exit_code(), 0);
    }
    auto const [status, output] = run({"export", flag(file("kept"))});
    EXPECT_EQ(status, 0) << output;
    EXPECT_NE(output.find("m{l=\"" + with_zero + "\"} 1\n"), std::string::npos);
    EXPECT_NE(output.find("\nn 2\n"), std::string::npos);
    auto full = test::child_process::start({PUSHGATEWAY_BINARY, "export", flag(file("kept"))}, "/dev/full");
    ASSERT_TRUE(full);
    EXPECT_EQ(full->exit_code(std::chrono::seconds(60)), 1);
    std::filesystem::create_directories(file("out"));
    std::filesystem::create_symlink("/dev/full", file("out/group-000001.prom"));
    auto const [failed, why] = run({"export", flag(file("kept")), file("out")});
    EXPECT_EQ(failed, 1);
    EXPECT_NE(why.find("group-000001.prom: cannot be written"), std::string::npos) << why;
}

TEST_F(group_commands, say_what_is_wrong) {
    auto const [no_file, no_file_text] = run({"import", "http://127.0.0.1:1"});
    EXPECT_EQ(no_file, 1);
    EXPECT_EQ(no_file_text, "pushgateway import: error: --persistence.file is missing\n");
    EXPECT_EQ(run({"import", flag(file("f"))}).first, 1);
    EXPECT_EQ(run({"import", flag(file("f")), "http://127.0.0.1:1"}).first, 1);
    EXPECT_EQ(run({"import", flag(file("f")), "https://127.0.0.1:1"}).first, 1);
    EXPECT_EQ(run({"export", flag(file("none"))}).first, 1);
    EXPECT_EQ(run({"export", "--unknown"}).first, 1);
    std::ofstream(file("diary")) << "Dear diary\n";
    EXPECT_EQ(run({"export", flag(file("diary"))}).first, 1);
    EXPECT_EQ(run({"import", flag(file("diary")), "http://127.0.0.1:1"}).first, 1);
    EXPECT_EQ(run({"import", "--help"}).first, 0);
}

TEST(group_commands_parts, times) {
    using std::chrono::nanoseconds;
    EXPECT_EQ(server::read_rfc3339("1970-01-01T00:00:01.5Z"), timestamp(nanoseconds(1'500'000'000)));
    EXPECT_EQ(server::read_rfc3339("1970-01-01T01:00:00.000000001+01:00"), timestamp(nanoseconds(1)));
    EXPECT_EQ(server::read_rfc3339("2026-11-24T19:07:56.038340662Z"), timestamp(nanoseconds(1795547276038340662)));
    for (auto const* bad : {"", "1970-01-01", "1970-13-01T00:00:00Z", "1970-01-01T00:00:00", "0001-01-01T00:00:00Z"}) {
        EXPECT_FALSE(server::read_rfc3339(bad)) << bad;
    }
}

TEST(group_commands_parts, urls) {
    auto const url = server::parse_plain_url("http://[::1]:9091/prefix/");
    ASSERT_TRUE(url);
    EXPECT_EQ(url->host, "::1");
    EXPECT_EQ(url->port, "9091");
    EXPECT_EQ(url->path, "/prefix");
    EXPECT_EQ(server::parse_plain_url("http://host")->port, "80");
    for (auto const* bad : {"", "host:9091", "http://", "http://host:port", "https://host", "http://a/b c"}) {
        EXPECT_FALSE(server::parse_plain_url(bad)) << bad;
    }
}

}  // namespace
}  // namespace pushgateway
