#include "runner.hpp"

#include <deque>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace {

using namespace pushgateway;
using namespace pushgateway::spec;

/// Answers what it was told to, and notes what it was asked.
class scripted_transport final : public transport {
public:
    std::deque<test::http_reply> answers;
    std::string stream;
    bool wire = true;
    bool resettable = true;
    std::vector<std::string> log;

    result<test::http_reply> send(std::string_view method, std::string_view target, std::vector<http::field> const&,
                                  std::string_view body) override {
        log.push_back(std::string(method) + " " + std::string(target) + " " + std::string(body));
        if (answers.empty()) return fail(errc::unavailable, "nothing to say");
        auto a = answers.front();
        if (answers.size() > 1) answers.pop_front();
        return a;
    }
    [[nodiscard]] bool has_wire() const override { return wire; }
    result<std::string> exchange_bytes(std::vector<std::string> const& pieces, bool) override {
        for (auto const& p : pieces) log.push_back(p);
        return stream;
    }
    result<> reset() override {
        log.emplace_back("reset");
        if (!resettable) return fail(errc::unavailable, "stuck");
        return {};
    }
};

test::http_reply reply(int status, std::string body = {}, std::vector<http::field> fields = {}) {
    return {status, "", 1, std::move(fields), std::move(body)};
}

page page_of(std::string const& block) {
    auto p = parse_page("p.md", "```http" + block + "```\n");
    EXPECT_TRUE(p) << p.error().message;
    return p.value_or(page{});
}

report run(std::string const& block, test::http_reply answer, peer const& who = {}) {
    scripted_transport t;
    t.answers = {std::move(answer)};
    return run_page(page_of(block), t, who);
}

TEST(spec_runner, passes_what_holds) {
    auto const r = run("\nGET /\n\nHTTP/1.1 200\nA: <any>\n\nx\n", reply(200, "x\n", {{"a", "b"}}));
    EXPECT_EQ(r.passed, 1u);
    EXPECT_TRUE(r.failed.empty());
}

TEST(spec_runner, fails_what_does_not_and_shows_all_of_it) {
    auto const r = run("\nGET /there\n\nHTTP/1.1 200\n\nx\n", reply(404, "gone\n", {{"A", "b"}}));
    EXPECT_EQ(r.passed, 0u);
    ASSERT_EQ(r.failed.size(), 1u);
    EXPECT_EQ(r.failed[0],
              "p.md:2: the status is 404\n--- sent\nGET /there\n--- expected\nHTTP/1.1 200\n\nx\n"
              "--- got\nHTTP/1.1 404\nA: b\n\ngone\n\n");
}

TEST(spec_runner, notices_every_kind_of_difference) {
    EXPECT_EQ(run("\nGET /\n\nHTTP/1.1 200\n\nx\n", reply(200, "y\n")).failed.size(), 1u);
    EXPECT_EQ(run("\nGET /\n\nHTTP/1.1 200\n", reply(200, "y\n")).failed.size(), 1u) << "no body expected";
    EXPECT_EQ(run("\nGET /\n\nHTTP/1.1 200\nA: b\n", reply(200)).failed.size(), 1u);
    EXPECT_EQ(run("\nGET /\n\nHTTP/1.1 200\nA: b\n", reply(200, "", {{"A", "c"}})).failed.size(), 1u);
    EXPECT_EQ(run("\nGET /\n\nHTTP/1.1 200\n!A\n", reply(200, "", {{"A", "c"}})).failed.size(), 1u);
    EXPECT_EQ(run("\nGET /\n\nHTTP/1.1 200\nAllow: A, B\n", reply(200, "", {{"Allow", "A"}})).failed.size(), 1u);
    EXPECT_EQ(run("\nGET /\n\nHTTP/1.1 200\n\n{\"a\": 1}\n",
                  reply(200, R"({"a": 2})", {{"Content-Type", "application/json"}}))
                  .failed.size(),
              1u);
    EXPECT_EQ(
        run("\nGET /\n\nHTTP/1.1 200\n\n{\"a\": 1}\n", reply(200, R"({"a": )", {{"Content-Type", "application/json"}}))
            .failed.size(),
        1u);
    EXPECT_EQ(run("\nGET /\n\nHTTP/1.1 200\n\n...\n", reply(200, "junk", {{"Content-Encoding", "gzip"}})).failed.size(),
              1u);
    EXPECT_EQ(run("\nGET /\n\nHTTP/1.1 200\n\n...\n",
                  reply(200, "x 1", {{"Content-Type", "text/plain; version=0.0.4; charset=utf-8"}}))
                  .failed.size(),
              1u)
        << "an exposition ends with a newline";
}

TEST(spec_runner, lists_of_methods_have_no_order) {
    auto const r = run("\nGET /\n\nHTTP/1.1 405\nAllow: A, B\n", reply(405, "", {{"Allow", "B,A"}}));
    EXPECT_EQ(r.passed, 1u);
}

TEST(spec_runner, unpacks_and_filters_scrapes) {
    auto const packed = reply(200, test::gzip("go_x 1\nx 1\npush_time_seconds{} 1\n"),
                              {{"Content-Type", "text/plain; version=0.0.4"}, {"Content-Encoding", "gzip"}});
    EXPECT_EQ(run("\nGET /\n\nHTTP/1.1 200\n\nx 1\n", packed).passed, 1u);
    EXPECT_EQ(run(" whole\nGET /\n\nHTTP/1.1 200\n\nx 1\n", packed).failed.size(), 1u);
    auto const in_zstd = reply(200, test::zstd("x 1\n"), {{"Content-Encoding", "zstd"}});
    EXPECT_EQ(run("\nGET /\n\nHTTP/1.1 200\n\nx 1\n", in_zstd).passed, 1u);
    EXPECT_EQ(run("\nGET /\n\nHTTP/1.1 200\n\nx 2\n", in_zstd).failed.size(), 1u);
    EXPECT_EQ(run(" whole\nGET /\n\nHTTP/1.1 200\n\ngo_x 1\nx 1\npush_time_seconds{} 1\n", packed).passed, 1u);
}

TEST(spec_runner, a_failed_request_is_a_failure) {
    scripted_transport t;
    auto const r = run_page(page_of("\nGET /\n\nHTTP/1.1 200\n"), t, {});
    ASSERT_EQ(r.failed.size(), 1u);
    EXPECT_NE(r.failed[0].find("nothing to say"), std::string::npos);
}

TEST(spec_runner, skips_with_a_reason) {
    std::string const get = "\nGET /\n\nHTTP/1.1 200\n";
    auto const reason = [&](std::string const& tags, peer const& who, bool wire = true) {
        scripted_transport t;
        t.wire = wire;
        t.answers = {reply(200)};
        auto const r = run_page(page_of(tags + get), t, who);
        EXPECT_EQ(r.passed + r.failed.size() + r.skipped.size(), 1u);
        return r.skipped.empty() ? "" : r.skipped[0];
    };
    EXPECT_EQ(reason(" needs=admin", {}), "p.md:2: needs admin");
    EXPECT_EQ(reason(" needs=admin", {"", {"admin"}}), "");
    EXPECT_EQ(reason(" needs=no-admin", {"", {"admin"}}), "p.md:2: needs no-admin");
    EXPECT_EQ(reason(" needs=no-admin", {}), "");
    EXPECT_EQ(reason("", {"", {"unchecked"}}), "p.md:2: needs the consistency check");
    EXPECT_EQ(reason("", {"", {"telemetry"}}), "p.md:2: needs the scrape at /metrics");
    EXPECT_EQ(reason(" wire", {}, false), "p.md:2: needs a connection");
    EXPECT_EQ(reason(" since=1.11", {"upstream-1.5", {}}), "p.md:2: upstream since 1.11");
    EXPECT_EQ(reason(" since=1.11", {"upstream", {}}), "");
    EXPECT_EQ(reason(" differs=deviations#x", {"upstream", {}}), "p.md:2: differs, see deviations#x");
    EXPECT_EQ(reason(" differs=deviations#x", {}), "");
}

TEST(spec_runner, expects_of_each_peer_its_own_answer) {
    std::string const block = "\nPUT /\n\nHTTP/1.1 200\n\nHTTP/1.1 301/307 (upstream)\n\nHTTP/1.1 500 (upstream-1.5)\n";
    EXPECT_EQ(run(block, reply(200)).passed, 1u);
    EXPECT_EQ(run(block, reply(301)).passed, 0u);
    EXPECT_EQ(run(block, reply(301), {"upstream", {}}).passed, 1u);
    EXPECT_EQ(run(block, reply(307), {"upstream", {}}).passed, 1u);
    EXPECT_EQ(run(block, reply(200), {"upstream", {}}).passed, 0u);
    EXPECT_EQ(run(block, reply(500), {"upstream-1.5", {}}).passed, 1u);
}

TEST(spec_runner, repeats_reads_of_upstream_only) {
    auto const block = page_of("\nGET /\n\nHTTP/1.1 200\n");
    for (auto const* kind : {"", "upstream"}) {
        scripted_transport t;
        t.answers = {reply(404), reply(404), reply(200)};
        EXPECT_EQ(run_page(block, t, {kind, {}}).passed, *kind == 0 ? 0u : 1u) << kind;
    }
}

TEST(spec_runner, empties_the_gateway_where_it_must) {
    scripted_transport t;
    t.answers = {reply(200)};
    run_page(
        page_of("\nGET /a\n\nHTTP/1.1 200\n###\nGET /b\n\nHTTP/1.1 200\n```\n```http fresh\nGET /c\n\nHTTP/1.1 200\n"),
        t, {});
    EXPECT_EQ(t.log, (std::vector<std::string>{"reset", "GET /a ", "GET /b ", "reset", "GET /c ", "reset"}));
}

TEST(spec_runner, remembers_that_the_gateway_is_to_be_emptied) {
    scripted_transport t;
    t.answers = {reply(200)};
    run_page(page_of("\nGET /a\n\nHTTP/1.1 200\n```\n```http fresh needs=admin\nGET /b\n\nHTTP/1.1 200\n```\n"
                     "```http\nGET /c\n\nHTTP/1.1 200\n"),
             t, {});
    EXPECT_EQ(t.log, (std::vector<std::string>{"reset", "GET /a ", "reset", "GET /c ", "reset"}));
}

TEST(spec_runner, a_gateway_that_stays_full_is_a_failure) {
    scripted_transport t;
    t.resettable = false;
    EXPECT_EQ(run_page(page_of("\nGET /a\n\nHTTP/1.1 200\n"), t, {}).failed.size(), 1u);
    EXPECT_EQ(t.log.size(), 1u);
}

TEST(spec_runner, counts_the_responses_of_the_wire) {
    auto const block = page_of(" wire\nGET / HTTP/1.1\n\n\nHTTP/1.1 400\n");
    scripted_transport t;
    t.stream = "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n";
    EXPECT_EQ(run_page(block, t, {}).passed, 1u);
    EXPECT_EQ(t.log.at(1), "GET / HTTP/1.1\r\n\r\n");
    t.stream += t.stream;
    EXPECT_EQ(run_page(block, t, {}).passed, 0u);
    t.stream = "";
    EXPECT_EQ(run_page(block, t, {}).passed, 0u);
    t.stream = "HTTP/1.1 400 Bad Request\r\nContent-Length: 1\r\n\r\n";
    EXPECT_EQ(run_page(block, t, {}).passed, 0u) << "cut short";
}

TEST(spec_runner, compresses_what_is_marked) {
    scripted_transport t;
    std::string const exchange = "\nPUT /\n\nx 1\n\nHTTP/1.1 200\n";
    t.answers = {reply(200), reply(200), reply(200)};
    run_page(page_of(" gzip" + exchange), t, {});
    EXPECT_EQ(test::gunzip(t.log.at(1).substr(6)), "x 1\n");
    run_page(page_of(" snappy" + exchange), t, {});
    EXPECT_EQ(t.log.at(t.log.size() - 2).substr(6), test::snappy_framed("x 1\n"));
    run_page(page_of(" zstd" + exchange), t, {});
    EXPECT_EQ(test::unzstd(t.log.at(t.log.size() - 2).substr(6)), "x 1\n");
}

TEST(spec_transport, writes_a_path_for_every_group) {
    auto const path = [](char const* labels) {
        return spec::detail::group_path(boost::json::parse(labels).as_object());
    };
    EXPECT_EQ(path(R"({"job": "a/b?"})"), "/metrics/job@base64/YS9iPw");
    EXPECT_EQ(path(R"({"l.\u00fc_": "", "job": "j"})"), "/metrics/job@base64/ag/l%2E%C3%BC_@base64/=");
    EXPECT_EQ(path(R"({"x": "", "job": "\u00ff\u00fe>>"})"), "/metrics/job@base64/w7_Dvj4-/x@base64/=");
}

}  // namespace
