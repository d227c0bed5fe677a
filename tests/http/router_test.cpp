#include "compiled/router.hpp"

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json.hpp>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <support/gzip.hpp>
#include <support/recording_logger.hpp>

#include <pushgateway/gateway/gateway.hpp>
#include <pushgateway/http/router.hpp>

#include "support/routed.hpp"

namespace pushgateway::http {
namespace {

using namespace std::chrono_literals;
using test::body_of;
using test::header;

struct router_test : testing::Test {
    manual_clock clock{timestamp(1700000000500ms)};
    test::steered_gateway gateway{{}, clock};
    test::recording_logger log;
    int quits = 0;

    response send(std::string method, std::string target, std::string body = {}, std::vector<field> fields = {},
                  router_options options = {}) {
        options.on_quit = [this] { ++quits; };
        router r(gateway, options, log);
        request req;
        req.method = std::move(method);
        req.target = std::move(target);
        req.body = std::move(body);
        req.fields = std::move(fields);
        req.remote = "192.0.2.1:5";
        return r(req);
    }
    std::string text(std::string const& target, std::vector<field> fields = {}) {
        auto r = send("GET", target, {}, std::move(fields));
        EXPECT_EQ(r.status, 200) << target;
        return body_of(r);
    }
};

TEST_F(router_test, shows_a_large_family_in_pieces_and_whole) {
    std::string body;
    for (int i = 0; i != 5000; ++i) body += "m{i=\"" + std::to_string(i) + "\"} " + std::to_string(i) + '\n';
    ASSERT_EQ(send("PUT", "/metrics/job/x", body).status, 200);
    auto streamed = send("GET", "/api/v1/metrics");
    ASSERT_TRUE(streamed.stream);
    for (std::string piece; streamed.stream->next(piece);) EXPECT_LT(piece.size(), 200'000u);
    auto const metrics = boost::json::parse(text("/api/v1/metrics")).at("data").at(0).at("m").at("metrics").as_array();
    ASSERT_EQ(metrics.size(), 5000u);
    for (int i = 0; i != 5000; ++i) {
        auto const& metric = metrics[static_cast<std::size_t>(i)];
        EXPECT_EQ(metric.at("labels").at("i").as_string(), metric.at("value").as_string());
    }
}

TEST_F(router_test, pushes_scrapes_deletes) {
    auto pushed = send("PUT", "/metrics/job/x/a/b", "m 1\n");
    EXPECT_EQ(pushed.status, 200);
    EXPECT_EQ(pushed.body, "");
    EXPECT_EQ(text("/metrics?name[]=m"), "# TYPE m untyped\nm{a=\"b\",instance=\"\",job=\"x\"} 1\n");
    EXPECT_EQ(send("POST", "/metrics/job/x/a/b", "n 2\n").status, 200);
    EXPECT_EQ(text("/metrics?name[]=m&name[]=n"),
              "# TYPE m untyped\nm{a=\"b\",instance=\"\",job=\"x\"} 1\n"
              "# TYPE n untyped\nn{a=\"b\",instance=\"\",job=\"x\"} 2\n");
    EXPECT_EQ(send("DELETE", "/metrics/job/x/a/b", "ignored", {{"Content-Encoding", "gzip"}}).status, 202);
    EXPECT_EQ(send("DELETE", "/metrics/job/x/a/b").status, 202);
    EXPECT_EQ(text("/metrics?name[]=m"), "");
}

TEST_F(router_test, answers_unchecked_pushes_with_202) {
    test::steered_gateway unchecked({}, clock, selectable{false});
    router r(unchecked, {}, log);
    request req;
    req.method = "PUT";
    req.target = "/metrics/job/x";
    EXPECT_EQ(r(req).status, 202);
}

TEST_F(router_test, refuses_bad_pushes_and_logs_them) {
    auto malformed = send("PUT", "/metrics/job/x", "a 1");
    EXPECT_EQ(malformed.status, 400);
    EXPECT_TRUE(malformed.body.starts_with("text format parsing error in line 1: "));
    EXPECT_TRUE(malformed.body.ends_with('\n'));
    EXPECT_EQ(header(malformed, "Content-Type"), "text/plain; charset=utf-8");
    EXPECT_EQ(header(malformed, "X-Content-Type-Options"), "nosniff");
    EXPECT_EQ(send("PUT", "/metrics/job/x", "a 1 5\n").status, 400);
    EXPECT_EQ(send("PUT", "/metrics/job/%FF", "a 1\n").status, 400);
    EXPECT_TRUE(send("PUT", "/metrics/job/x/a").body.starts_with("odd number of components in label string \"/a\": "));
    EXPECT_TRUE(send("DELETE", "/metrics/job@base64/=").body.starts_with("job name is required: "));
    EXPECT_EQ(gateway.groups().size(), 1u);
    auto const entries = log.entries();
    ASSERT_EQ(entries.size(), 4u);
    EXPECT_EQ(entries[0].level, log_level::debug);
    EXPECT_EQ(entries[1].level, log_level::error);
    EXPECT_EQ(entries[1].message, "pushed metrics are invalid or inconsistent with existing metrics");
    using texts = std::pair<std::string, std::string>;
    EXPECT_EQ(entries[1].fields[0], texts("method", "PUT"));
    EXPECT_EQ(entries[1].fields[1], texts("source", "192.0.2.1:5"));
    EXPECT_EQ(entries[1].fields[2], texts("path", "/metrics/job/x"));
}

TEST_F(router_test, logs_a_part_of_what_is_long) {
    std::string const name(20'000, 'n');
    std::vector<std::pair<std::string, std::string>> const pushes{{"/metrics/job/" + name, "a 1 5\n"},
                                                                  {"/metrics/job/x/" + name + "/v", "a 1 5\n"},
                                                                  {"/metrics/job/x", name + " 1 5\n"},
                                                                  {"/metrics/job/x", "a{l=\"" + name + "\"} 1 5\n"}};
    for (auto const& [target, body] : pushes) {
        EXPECT_EQ(send("PUT", target, body).status, 400) << target.substr(0, 60) << ' ' << body.substr(0, 60);
    }
    auto const entries = log.entries();
    ASSERT_EQ(entries.size(), pushes.size());
    for (auto const& entry : entries) {
        for (auto const& [field, value] : entry.fields) EXPECT_LT(value.size(), 1000u) << field;
    }
}

TEST_F(router_test, reads_gzip_and_refuses_what_it_cannot_read) {
    EXPECT_EQ(send("PUT", "/metrics/job/x", test::gzip("m 1\n"), {{"Content-Encoding", "GZip"}}).status, 200);
    EXPECT_NE(text("/metrics").find("\nm{instance=\"\",job=\"x\"} 1\n"), std::string::npos);
    EXPECT_EQ(send("PUT", "/metrics/job/x", "m 1\n", {{"Content-Encoding", "gzip"}}).status, 400);
    EXPECT_EQ(send("PUT", "/metrics/job/x", "m 1\n", {{"Content-Encoding", "br"}}).status, 200);
    router_options small;
    small.limits.decoded_body = 1000;
    auto bomb =
        send("PUT", "/metrics/job/x", test::gzip(std::string(1001, '\n')), {{"Content-Encoding", "gzip"}}, small);
    EXPECT_EQ(bomb.status, 413);
    EXPECT_EQ(bomb.body, "the decompressed body is larger than 1000 bytes (limit \"decoded-body\")\n");
    EXPECT_EQ(send("PUT", "/metrics/job/x", test::gzip(std::string(1000, '\n')), {{"Content-Encoding", "gzip"}}, small)
                  .status,
              200);
}

TEST_F(router_test, refuses_a_body_that_unfolds_too_far) {
    auto const bomb = test::gzip(std::string(3 << 20, '\n'));
    auto const small = test::gzip(std::string(1 << 20, '\n'));
    router_options options;
    options.limits.decoded_ratio = 100;
    EXPECT_EQ(send("PUT", "/metrics/job/x", small, {{"Content-Encoding", "gzip"}}, options).status, 200);
    auto const refused = send("PUT", "/metrics/job/x", bomb, {{"Content-Encoding", "gzip"}}, options);
    EXPECT_EQ(refused.status, 413);
    EXPECT_EQ(refused.body, "the body unfolds to more than 100 times its size (limit \"decoded-ratio\")\n");
    auto const shown = text("/metrics");
    EXPECT_NE(shown.find("pushgateway_limit_rejections_total{limit=\"decoded-ratio\"} 1\n"), std::string::npos);
    options.limits.decoded_ratio = 0;
    EXPECT_EQ(send("PUT", "/metrics/job/x", bomb, {{"Content-Encoding", "gzip"}}, options).status, 200);
}

TEST_F(router_test, counts_refused_grouping_keys) {
    router_options options;
    options.limits.grouping_labels = 2;
    EXPECT_EQ(send("PUT", "/metrics/job/x/a/1", "m 1\n", {}, options).status, 200);
    auto const refused = send("PUT", "/metrics/job/x/a/1/b/2", "m 1\n", {}, options);
    EXPECT_EQ(refused.status, 400);
    EXPECT_EQ(refused.body, "the grouping key has more than 2 labels (limit \"grouping-labels\")\n");
    EXPECT_EQ(send("DELETE", "/metrics/job/x/a/1/b/2", "", {}, options).status, 400);
    EXPECT_NE(text("/metrics").find("pushgateway_limit_rejections_total{limit=\"grouping-labels\"} 2\n"),
              std::string::npos);
}

TEST_F(router_test, compresses_the_exposition_if_asked) {
    std::string body;
    for (int i = 0; i != 5000; ++i) body += "m{i=\"" + std::to_string(i) + "\"} 1\n";
    ASSERT_EQ(send("PUT", "/metrics/job/x", body).status, 200);
    auto plain = send("GET", "/metrics?name[]=m");
    EXPECT_EQ(header(plain, "Content-Type"), "text/plain; version=0.0.4; charset=utf-8; escaping=underscores");
    EXPECT_EQ(header(plain, "Content-Encoding"), "");
    auto packed = send("GET", "/metrics?name[]=m", {}, {{"Accept-Encoding", "gzip;q=0.5"}});
    EXPECT_EQ(header(packed, "Content-Encoding"), "gzip");
    EXPECT_EQ(test::gunzip(body_of(packed)), body_of(plain));
}

TEST_F(router_test, routes_as_the_original) {
    struct row {
        std::string method, target;
        int status;
        std::string allow, location;
    };
    std::string const all = "DELETE, OPTIONS, POST, PUT";
    for (auto const& [method, target, status, allow, location] : std::vector<row>{
             {"GET", "/metrics/job/x", 405, all, ""},
             {"HEAD", "/metrics/job/x", 405, all, ""},
             {"BREW", "/metrics/job/x/a/b/c", 405, all, ""},
             {"OPTIONS", "/metrics/job/x", 200, all, ""},
             {"PUT", "/", 405, "GET, OPTIONS", ""},
             {"DELETE", "/status", 405, "GET, OPTIONS", ""},
             {"POST", "/metrics", 405, "GET, OPTIONS", ""},
             {"OPTIONS", "/-/healthy", 200, "GET, OPTIONS", ""},
             {"PATCH", "/static/x", 405, "GET, OPTIONS", ""},
             {"PATCH", "/-/quit", 405, "GET, OPTIONS, POST, PUT", ""},
             {"GET", "/-/quit", 405, "OPTIONS, POST, PUT", ""},
             {"PUT", "/api/v1/metrics", 405, "GET, OPTIONS", ""},
             {"GET", "/static/x", 404, "", ""},
             {"GET", "/nope", 404, "", ""},
             {"OPTIONS", "/nope", 404, "", ""},
             {"PUT", "/api/v1/admin/wipe", 404, "", ""},
             {"PUT", "/metrics/job", 404, "", ""},
             {"PUT", "/metrics/job@base64/", 404, "", ""},
             {"PUT", "/metrics/", 404, "", ""},
             {"GET", "/metrics/job/", 404, "", ""},
             {"GET", "/metrics/", 301, "", "/metrics"},
             {"HEAD", "/status/", 301, "", "/status"},
             {"GET", "/static", 301, "", "/static/"},
             {"GET", "/METRICS", 301, "", "/metrics"},
             {"GET", "/-/HEALTHY/", 301, "", "/-/healthy"},
             {"GET", "/api/v1/STATUS?a=b", 301, "", "/api/v1/status?a=b"},
             {"PUT", "/Metrics/Job/X%20y", 307, "", "/metrics/job/X%20y"},
             {"PUT", "/metrics/%2Fjob/x", 307, "", "/metrics/job/x"},
             {"PUT", "/metrics/job/", 307, "", "/metrics/job"},
             {"DELETE", "/metrics/job/", 307, "", "/metrics/job"},
             {"POST", "/-/quit/", 307, "", "/-/quit"},
             {"PATCH", "/api/v1", 307, "", "/api/v1/"},
             {"GET", "//metrics?a=b", 301, "", "/metrics?a=b"},
             {"PUT", "/metrics//job/x%20y", 307, "", "/metrics/job/x%20y"},
             {"DELETE", "/metrics/job/x/../y", 400, "", ""},
             {"PUT", "/metrics//job/x%zz", 400, "", ""},
             {"GET", "/\\evil//", 301, "", "/%5Cevil/"},
             {"PUT", "/metrics/job/x%2Fa%2Fb", 200, "", ""},
             {"PUT", "/metrics/job/x%2F%2Fa/b", 400, "", ""},
             {"PUT", "/metrics/job/x%zz", 400, "", ""},
             {"GET", "*", 400, "", ""},
         }) {
        auto const r = send(method, target);
        EXPECT_EQ(r.status, status) << method << ' ' << target;
        EXPECT_EQ(header(r, "Allow"), allow) << method << ' ' << target;
        EXPECT_EQ(header(r, "Location"), location) << method << ' ' << target;
    }
}

TEST_F(router_test, gives_a_redirect_a_body_for_people) {
    auto const found = send("GET", "/metrics//a\"<b>");
    EXPECT_EQ(found.body, "<a href=\"/metrics/a%22%3Cb%3E\">Moved Permanently</a>.\n\n");
    EXPECT_EQ(send("PUT", "/metrics//a").body, "");
}

TEST_F(router_test, serves_the_telemetry_path_that_was_chosen) {
    router_options options;
    options.telemetry_path = "/metrics/job/x";
    EXPECT_EQ(send("GET", "/metrics/job/x", {}, {}, options).status, 200);
    EXPECT_EQ(send("PUT", "/metrics/job/x", {}, {}, options).status, 200);
    EXPECT_EQ(send("GET", "/metrics", {}, {}, options).status, 404);
    EXPECT_EQ(header(send("PATCH", "/metrics/job/x", {}, {}, options), "Allow"), "DELETE, GET, OPTIONS, POST, PUT");
}

TEST_F(router_test, tells_its_health) {
    for (auto const* path : {"/-/healthy", "/-/ready"}) {
        auto const r = send("GET", path);
        EXPECT_EQ(r.status, 200);
        EXPECT_EQ(r.body, "OK");
        EXPECT_EQ(header(r, "Content-Type"), "text/plain; charset=utf-8");
    }
}

TEST_F(router_test, quits_only_if_enabled) {
    auto refused = send("PUT", "/-/quit");
    EXPECT_EQ(refused.status, 403);
    EXPECT_EQ(refused.body, "Lifecycle API is not enabled.");
    EXPECT_EQ(quits, 0);
    router_options options;
    options.enable_lifecycle = true;
    EXPECT_EQ(send("GET", "/-/quit", {}, {}, options).body, "Only POST or PUT requests allowed.");
    EXPECT_EQ(quits, 0);
    EXPECT_EQ(send("POST", "/-/quit", {}, {}, options).body, "Requesting termination... Goodbye!");
    EXPECT_EQ(quits, 1);
}

TEST_F(router_test, wipes_only_if_enabled) {
    ASSERT_EQ(send("PUT", "/metrics/job/x", "a 1\n").status, 200);
    router_options options;
    options.enable_admin_api = true;
    EXPECT_EQ(send("DELETE", "/api/v1/admin/wipe", {}, {}, options).status, 405);
    EXPECT_EQ(gateway.groups().size(), 1u);
    EXPECT_EQ(send("PUT", "/api/v1/admin/wipe", {}, {}, options).status, 202);
    EXPECT_EQ(gateway.groups().size(), 0u);
}

TEST_F(router_test, counts_requests_and_measures_pushes) {
    static_cast<void>(send("PUT", "/metrics/job/j", "a 1\n", {{"Host", "h:1"}, {"Content-Length", "4"}, {"A", "bc"}}));
    static_cast<void>(send("PUT", "/metrics/job/j", "a"));
    static_cast<void>(send("HEAD", "/-/healthy"));
    static_cast<void>(send("GET", "/metrics"));
    auto const scrape = text("/metrics");
    EXPECT_NE(scrape.find("{code=\"200\",handler=\"push\",method=\"put\"} 1\n"), std::string::npos);
    EXPECT_NE(scrape.find("{code=\"400\",handler=\"push\",method=\"put\"} 1\n"), std::string::npos);
    EXPECT_NE(scrape.find("{code=\"200\",handler=\"healthy\",method=\"head\"} 1\n"), std::string::npos);
    EXPECT_EQ(scrape.find("method=\"get\""), std::string::npos);
    // 14 + 3 + 8, the value of Host, Content-Length with its value and the body, A with its value; then 14 + 3 + 8.
    EXPECT_NE(scrape.find("push_size_bytes_sum{method=\"put\"} 75\n"), std::string::npos) << scrape;
    EXPECT_NE(scrape.find("push_duration_seconds_count{method=\"put\"} 2\n"), std::string::npos);
}

TEST_F(router_test, knows_what_kind_of_work_a_request_is) {
    router r(gateway, {}, log);
    auto const class_of = [&](std::string method, std::string target, std::string body = {},
                              std::vector<field> fields = {}) {
        request req;
        req.method = std::move(method);
        req.target = std::move(target);
        req.body = std::move(body);
        req.fields = std::move(fields);
        return r.class_of(req);
    };
    EXPECT_EQ(class_of("GET", "/metrics"), work_class::scrape);
    EXPECT_EQ(class_of("HEAD", "/%6Detrics?name[]=x"), work_class::scrape);
    EXPECT_EQ(class_of("PUT", "/api/v1/admin/wipe"), work_class::immediate) << "there is none";
    EXPECT_EQ(class_of("PUT", "/metrics/job/x", std::string(10000, ' '), {{"Content-Encoding", "gzip"}}),
              work_class::push);
    EXPECT_EQ(class_of("DELETE", "/metrics/job/x"), work_class::push);
    EXPECT_EQ(class_of("GET", "/api/v1/groups?search=x"), work_class::list);
    EXPECT_EQ(class_of("GET", "/api/v1/groups/job/x"), work_class::list);
    EXPECT_EQ(class_of("HEAD", "/api/v1/metrics"), work_class::list);
    EXPECT_EQ(class_of("GET", "/-/healthy?x"), work_class::immediate);
    EXPECT_EQ(class_of("HEAD", "/-/ready"), work_class::immediate);
    EXPECT_EQ(class_of("GET", "/nowhere"), work_class::immediate);
    EXPECT_EQ(class_of("GET", "//metrics"), work_class::immediate) << "redirected";
    EXPECT_EQ(class_of("GET", "/%zz"), work_class::immediate);
    EXPECT_EQ(class_of("OPTIONS", "*"), work_class::immediate);
    EXPECT_EQ(class_of("PUT", "/metrics/job/x", std::string(10000, ' ')), work_class::immediate);
    router_options options;
    options.enable_admin_api = true;
    options.own_telemetry_path = "/own";
    options.telemetry_path = "/else";
    router other(gateway, options, log);
    request req;
    req.method = "GET";
    for (std::string const target : {"/own", "/else"}) {
        req.target = target;
        EXPECT_EQ(other.class_of(req), work_class::scrape);
    }
    req.method = "PUT";
    req.target = "/api/v1/admin/wipe";
    EXPECT_EQ(other.class_of(req), work_class::push);
}

TEST_F(router_test, lists_groups_as_json) {
    EXPECT_EQ(text("/api/v1/metrics"), R"({"status":"success","data":[]})");
    ASSERT_EQ(send("PUT", "/metrics/job/j",
                   "# HELP labels <b> & \"q\"\n# TYPE labels counter\nlabels{x=\"1\"} 1e21\n"
                   "# TYPE s summary\ns{quantile=\"0.5\"} NaN\ns_sum 3\ns_count 2\n"
                   "# TYPE h histogram\nh_bucket{le=\"1\"} 1\nh_bucket{le=\"+Inf\"} 2\nh_sum 3\nh_count 2\n"
                   "# TYPE f histogram\nf_bucket{le=\"1e6\"} 1.5\nf_sum 3\nf_count 2\n"
                   "# TYPE g gauge_histogram\ng_bucket{le=\"1\"} 1\ng_sum 3\ng_count 2\n")
                  .status,
              200);
    auto r = send("GET", "/api/v1/metrics");
    EXPECT_EQ(header(r, "Content-Type"), "application/json");
    EXPECT_EQ(header(r, "Access-Control-Allow-Origin"), "*");
    EXPECT_EQ(header(r, "Cache-Control"), "no-cache, no-store, must-revalidate");
    std::string const key = R"("labels":{"instance":"","job":"j"})";
    std::string const at = R"({"time_stamp":"2023-11-14T22:13:20.5Z","type":)";
    EXPECT_EQ(
        body_of(r),
        R"({"status":"success","data":[{"f":)" + at +
            R"("HISTOGRAM","metrics":[{"buckets":{"1e+06":"1.5"},"count":"2",)" + key + R"(,"sum":"3"}]},"g":)" + at +
            R"("GAUGE_HISTOGRAM","metrics":[{)" + key + R"(,"value":"0"}]},"h":)" + at +
            R"("HISTOGRAM","metrics":[{"buckets":{"+Inf":"2","1":"1"},"count":"2",)" + key +
            R"(,"sum":"3"}]},"labels":)" + at +
            R"("COUNTER","help":"\u003cb\u003e \u0026 \"q\"","metrics":[{"labels":)" +
            R"({"instance":"","job":"j","x":"1"},"value":"1e+21"}]},"last_push_successful":true,)" +
            R"("push_failure_time_seconds":)" + at +
            R"("GAUGE","help":"Last Unix time when changing this group in the Pushgateway failed.","metrics":[{)" +
            key + R"(,"value":"0"}]},"push_time_seconds":)" + at +
            R"("GAUGE","help":"Last Unix time when changing this group in the Pushgateway succeeded.","metrics":[{)" +
            key + R"(,"value":"1.7000000005e+09"}]},"s":)" + at + R"("SUMMARY","metrics":[{"count":"2",)" + key +
            R"(,"quantiles":{"0.5":"NaN"},"sum":"3"}]}}]})");
}

TEST_F(router_test, lists_many_groups_as_one_document) {
    for (int i = 0; i != 300; ++i) {
        ASSERT_EQ(send("PUT", "/metrics/job/j/i/" + std::to_string(i), "a 1\nb 1\n").status, 200);
    }
    auto const document = boost::json::parse(text("/api/v1/metrics"));
    EXPECT_EQ(document.at("data").as_array().size(), 300u);
    for (auto const& group : document.at("data").as_array()) EXPECT_EQ(group.as_object().size(), 6u);
}

TEST_F(router_test, tells_flags_and_build_as_json) {
    router_options options;
    options.flags = {{"b", "2"}, {"a", "<"}};
    options.start_time = timestamp(1ns);
    auto r = send("GET", "/api/v1/status", {}, {}, options);
    auto const data = boost::json::parse(r.body).at("data").as_object();
    EXPECT_EQ(data.at("flags"), (boost::json::value{{"a", "<"}, {"b", "2"}}));
    EXPECT_EQ(data.at("start_time").as_string(), "1970-01-01T00:00:00.000000001Z");
    EXPECT_EQ(data.at("build_information").at("version").as_string(), version);
    for (auto const* name : {"branch", "buildDate", "buildUser", "goVersion", "revision"}) {
        EXPECT_TRUE(data.at("build_information").as_object().contains(name));
    }
    auto const options_answer = send("OPTIONS", "/api/v1/anything");
    EXPECT_EQ(options_answer.status, 200);
    EXPECT_EQ(header(options_answer, "Access-Control-Allow-Methods"), "GET, POST, DELETE, OPTIONS");
}

TEST(json_text, is_valid_for_any_bytes) {
    EXPECT_TRUE(rc::check([] {
        auto const bytes = *rc::gen::container<std::string>(rc::gen::arbitrary<char>());
        std::string out;
        append_json(out, std::string_view(bytes));
        RC_ASSERT(boost::json::parse(out).as_string() == valid_text(bytes));
        RC_ASSERT(valid_utf8(valid_text(bytes)));
        if (valid_utf8(bytes)) RC_ASSERT(valid_text(bytes) == bytes);
    }));
    EXPECT_EQ(valid_text("a\xff\xc3(\xe2\x82\xac"), "a\uFFFD\uFFFD(\xe2\x82\xac");
    std::string out;
    append_json(out, std::string_view("\u2028\u2029€\n"));
    EXPECT_EQ(out, "\"\\u2028\\u2029€\\n\"");
}

TEST(rfc3339_text, has_the_decimals_there_are) {
    EXPECT_EQ(rfc3339(timestamp(0ns)), "1970-01-01T00:00:00Z");
    EXPECT_EQ(rfc3339(timestamp(1700000000500ms)), "2023-11-14T22:13:20.5Z");
    EXPECT_EQ(rfc3339(timestamp(1700000000123456789ns)), "2023-11-14T22:13:20.123456789Z");
    EXPECT_EQ(rfc3339(timestamp(-1ns)), "1969-12-31T23:59:59.999999999Z");
}

// What a gateway may answer that a real one in memory does not.
struct failing_gateway {
    error why;
    template <class Body>
    result<> push(model::grouping_key const&, push_mode, Body const&) {
        return std::unexpected(why);
    }
    void erase(model::grouping_key const&) {}
    void wipe() {}
    auto scrape_pieces(std::vector<std::string> names, scrape_scope scope, name_escaping, line_format) {
        return gateway{}.scrape_pieces(std::move(names), scope);
    }
    template <class Writer>
    auto metric_pieces(std::vector<std::string> names, scrape_scope scope, name_escaping escaping, Writer writer) {
        return gateway{}.metric_pieces(std::move(names), scope, escaping, writer);
    }
    store::group_snapshot groups() const { return {}; }
    store::group_snapshot group(model::grouping_key const&) const { return {}; }
    std::uint64_t generation() const { return 0; }
    void note_failure(model::grouping_key const&, error const&) {}
    std::optional<std::string> failure_of(model::labels) const { return {}; }
    static std::uint64_t failures_noted() { return 0; }
    build_info build() { return {}; }
    bool checks_consistency() { return true; }
    name_scheme names() const { return name_scheme::legacy; }
    bool lenient() const { return false; }
    bool healthy() { return false; }
    result<> readiness() { return fail(errc::unavailable, "not ready"); }
    void count_request(request_handler, std::string_view, int) {}
    void observe_push(std::string_view, std::chrono::nanoseconds, std::size_t) {}
    std::shared_ptr<limit_usage> usage() { return std::make_shared<limit_usage>(); }
};

TEST(router_errors, have_a_status_each) {
    for (auto const& [code, status] : {std::pair{errc::syntax, 400},
                                       {errc::invalid, 400},
                                       {errc::inconsistent, 400},
                                       {errc::too_large, 413},
                                       {errc::too_many, 429},
                                       {errc::unsupported, 415},
                                       {errc::unavailable, 503}}) {
        failing_gateway gateway{{code, "why", 0, 0, {}}};
        router r(gateway);
        request req;
        req.method = "PUT";
        req.target = "/metrics/job/x";
        auto const answer = r(req);
        EXPECT_EQ(answer.status, status);
        EXPECT_EQ(answer.body, "why\n");
        req.method = "GET";
        req.target = "/-/ready";
        EXPECT_EQ(r(req).status, 503);
    }
}

}  // namespace
}  // namespace pushgateway::http
