#include <csignal>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <support/child_process.hpp>

#include "pages.hpp"

namespace {

using namespace pushgateway;
using namespace pushgateway::spec;

std::vector<std::string> command_line(std::uint16_t port, std::string const& mode) {
    std::vector<std::string> command{PUSHGATEWAY_BINARY, "--web.listen-address=127.0.0.1:" + std::to_string(port)};
    if (mode == "admin") command.emplace_back("--web.enable-admin-api");
    if (mode == "lifecycle") command.emplace_back("--web.enable-lifecycle");
    if (mode == "unchecked") command.emplace_back("--push.disable-consistency-check");
    if (mode == "prefix") {
        command.insert(command.end(), {"--web.external-url=http://example.org/outer/", "--web.route-prefix=inner"});
    }
    if (mode == "cors") command.emplace_back("--web.cors-origin=https://jobs.example");
    if (mode == "utf8-names") command.emplace_back("--push.enable-utf8-names");
    if (mode == "openmetrics") command.emplace_back("--web.enable-openmetrics");
    if (mode == "telemetry") command.emplace_back("--web.telemetry-path=/stats");
    return command;
}

class spec_over_http : public testing::TestWithParam<page_run> {};

TEST_P(spec_over_http, holds) {
    auto const p = load_page(GetParam().path);
    ASSERT_TRUE(p) << p.error().message;
    auto const port = test::free_port();
    auto server = test::child_process::start(command_line(port, GetParam().mode));
    ASSERT_TRUE(server) << server.error().message;
    std::string const prefix = GetParam().mode == "prefix" ? "/inner" : "";
    ASSERT_TRUE(server->answers(port, prefix + "/-/ready"));

    bool const quits = std::ranges::any_of(
        p->exchanges, [&](exchange const& e) { return e.tags.need("quit") && runs_in(e, GetParam().mode); });
    {
        http_transport t("127.0.0.1", port, prefix);
        auto const r = run_page(*p, t, peer_for(GetParam().mode));
        for (auto const& f : r.failed) ADD_FAILURE() << f;
        for (auto const& s : r.skipped) {
            EXPECT_TRUE(s.find(": needs ") != std::string::npos && !s.ends_with("connection")) << s;
        }
        RecordProperty("passed", static_cast<int>(r.passed));
        RecordProperty("skipped", static_cast<int>(r.skipped.size()));
        EXPECT_GT(r.passed + r.skipped.size(), 0u) << "a run without exchanges";
        if (!quits) {
            EXPECT_TRUE(server->running());
            server->signal(SIGTERM);
        }
    }
    EXPECT_EQ(server->exit_code(std::chrono::seconds(20)), 0) << "it ends by itself, and well";
}

std::vector<page_run> runs() {
    auto all = page_runs(PUSHGATEWAY_SPEC_DIR);
    // Pages without exchanges have nothing to show to a server.
    std::erase_if(all, [](page_run const& r) {
        auto const p = load_page(r.path);
        return p && p->exchanges.empty();
    });
    return all;
}

INSTANTIATE_TEST_SUITE_P(page, spec_over_http, testing::ValuesIn(runs()),
                         [](auto const& run) { return run_name(run.param); });

}  // namespace
