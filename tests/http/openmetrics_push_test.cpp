#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <support/gzip.hpp>

#include <pushgateway/gateway/gateway.hpp>
#include <pushgateway/http/router.hpp>

namespace pushgateway::http {
namespace {

struct openmetrics_push : testing::Test {
    /// What a gateway with these options answers to a push in OpenMetrics.
    response push(basic_gateway<>& gateway, std::string body, limits const& bounds = {},
                  std::vector<field> fields = {}) {
        router_options options;
        options.limits = bounds;
        router r(gateway, options);
        request req;
        req.method = "PUT";
        req.target = "/metrics/job/j";
        req.body = std::move(body);
        req.fields = std::move(fields);
        req.fields.push_back({"Content-Type", "application/openmetrics-text; version=1.0.0; charset=utf-8"});
        return r(req);
    }
};

TEST_F(openmetrics_push, is_read_as_such_also_when_it_is_compressed) {
    gateway g;
    auto const packed = test::gzip("# TYPE a counter\na_total 1 # {} 1\n# EOF\n");
    EXPECT_EQ(push(g, packed, {}, {{"Content-Encoding", "gzip"}}).status, 200);
    EXPECT_NE(g.scrape().find("# TYPE a_total counter\na_total{instance=\"\",job=\"j\"} 1\n"), std::string::npos);
}

TEST_F(openmetrics_push, may_end_without_its_last_line_and_with_a_lenient_gateway_also_lines_in_other_ways) {
    gateway strict;
    for (auto const* body : {"a 1\n", "", "a 1\n# EOF", "a 1\n# EOF\n"})
        EXPECT_EQ(push(strict, body).status, 200) << body;
    for (auto const* body : {"a 1", "a 1\r\n# EOF\r\n", "\xEF\xBB\xBF# EOF\n", "a 1\n# EOF\nb 1\n", "# EOF\n# EOF\n"}) {
        auto const refused = push(strict, body);
        EXPECT_EQ(refused.status, 400) << body;
        EXPECT_TRUE(refused.body.starts_with("OpenMetrics parsing error in line ")) << refused.body;
    }
    gateway_options options;
    options.lenient = true;
    gateway lenient(options);
    for (auto const* body : {"a 1\r\n# EOF\r\n", "\xEF\xBB\xBF# EOF\n", "a 1"}) {
        EXPECT_EQ(push(lenient, body).status, 200) << body;
    }
    EXPECT_EQ(push(lenient, "# TYPE a counter\na 1\n").status, 400);
    EXPECT_EQ(push(lenient, "a 1\n# EOF\nb 1\n").status, 400);
}

TEST_F(openmetrics_push, may_be_of_any_utf8_if_the_gateway_takes_that) {
    auto const* const body = "{\"a.b\"} 1\n# EOF\n";
    gateway legacy;
    EXPECT_EQ(push(legacy, body).status, 400);
    gateway_options options;
    options.names = name_scheme::utf8;
    gateway utf8(options);
    EXPECT_EQ(push(utf8, body).status, 200);
}

TEST_F(openmetrics_push, is_subject_to_the_timestamp_policy) {
    auto const* const body = "a 1 1520879607.789\n# EOF\n";
    gateway_options options;
    gateway reject(options);
    EXPECT_EQ(push(reject, body).status, 400);
    EXPECT_NE(reject.scrape().find("push_failure_time_seconds{"), std::string::npos) << "it is inconsistent";
    options.timestamps = timestamp_policy::drop;
    gateway drop(options);
    EXPECT_EQ(push(drop, body).status, 200);
    EXPECT_NE(drop.scrape().find("a{instance=\"\",job=\"j\"} 1\n"), std::string::npos);
    options.timestamps = timestamp_policy::keep;
    gateway keep(options);
    EXPECT_EQ(push(keep, body).status, 200);
    EXPECT_NE(keep.scrape().find("a{instance=\"\",job=\"j\"} 1 1520879607789\n"), std::string::npos);
}

TEST_F(openmetrics_push, that_exceeds_a_limit_is_refused_and_counted) {
    gateway g;
    limits bounds;
    bounds.series_per_push = 2;
    bounds.families_per_push = 2;
    bounds.labels_per_sample = 1;
    EXPECT_EQ(push(g, "# TYPE a counter\na_total{x=\"1\"} 1 # {} 1\nb 1\n# EOF\n", bounds).status, 413);
    EXPECT_EQ(push(g, "# TYPE a counter\n# TYPE b counter\n# TYPE c counter\n# EOF\n", bounds).status, 413);
    EXPECT_EQ(push(g, "a{x=\"1\",y=\"2\"} 1\n# EOF\n", bounds).status, 400);
    EXPECT_EQ(g.usage()->rejections(limit_kind::series_per_push), 1u);
    EXPECT_EQ(g.usage()->rejections(limit_kind::families_per_push), 1u);
    EXPECT_EQ(g.usage()->rejections(limit_kind::labels_per_series), 1u);
    EXPECT_EQ(g.statistics().groups, 0u) << "what cannot be read changes nothing";
}

}  // namespace
}  // namespace pushgateway::http
