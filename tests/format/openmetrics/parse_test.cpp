#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include <pushgateway/format/decoded_families.hpp>
#include <pushgateway/format/openmetrics/parse.hpp>
#include <pushgateway/format/parsed_exposition.hpp>
#include <pushgateway/format/text/parse.hpp>

#include "support/describe_families.hpp"
#include "support/readable_families.hpp"

namespace pushgateway::format::openmetrics {
namespace {

/// What is read of `body` and `# EOF`, or the error.
std::string read(std::string body, parse_options const& options = {}) {
    body += "# EOF\n";
    decoded_families families;
    if (auto const done = parse(body, options, families); !done) return done.error().message;
    return test::readable(families);
}

struct pair {
    std::string_view body;
    std::string_view meaning;
};

TEST(ParseOpenMetrics, KeepsUnitsAndWhichGaugesAreInfosAndStateSets) {
    decoded_families families;
    ASSERT_TRUE(
        parse("# TYPE a info\na_info{v=\"1\"} 1\n# TYPE b stateset\nb{b=\"x\"} 0\n# TYPE c_s counter\n# UNIT c_s s\n"
              "c_s_total 1\n# TYPE d:e stateset\nd:e{\"d:e\"=\"x\"} 0\n# UNIT f_s s\nf_s 1\n# EOF\n",
              {.utf8_names = true}, families));
    EXPECT_EQ(test::describe(families),
              "'a_info' GAUGE - info\n  'v'='1' gauge 3ff0000000000000\n"
              "'b' GAUGE - state set\n  'b'='x' gauge 0000000000000000\n"
              "'c_s_total' COUNTER - in 's'\n  counter 3ff0000000000000\n"
              "'d:e' GAUGE -\n  'd:e'='x' gauge 0000000000000000\n"
              "'f_s' UNTYPED - in 's'\n  untyped 3ff0000000000000\n");
}

TEST(ParseOpenMetrics, KeepsEachTypeAsOneOfTheStore) {
    for (auto const& [body, meaning] : std::to_array<pair>({
             {"# TYPE a counter\n# HELP a h\na_total 1\n", "a_total counter 'h'\n 1\n"},
             {"# TYPE a gauge\na 1.5\n", "a gauge\n 1.5\n"},
             {"# TYPE a unknown\na -1\n", "a untyped\n -1\n"},
             {"a -1\n", "a untyped\n -1\n"},
             {"# HELP a h\na -1\n", "a untyped 'h'\n -1\n"},
             {"# TYPE a info\na_info{v=\"1\"} 1\n", "a_info gauge\n v='1' 1\n"},
             {"# TYPE a stateset\na{a=\"x\"} 0\na{a=\"y\"} 1\n", "a gauge\n a='x' 0\n a='y' 1\n"},
             {"# TYPE a summary\na{quantile=\"0.5\"} 2\na_sum 3\na_count 4\n", "a summary\n 0.5:2 sum 3 count 4\n"},
             {"# TYPE a summary\na_count 4\na_sum 3\n", "a summary\n sum 3 count 4\n"},
             {"# TYPE a summary\na{quantile=\"1\"} NaN\n", "a summary\n 1:NaN sum 0 count 0\n"},
             {"# TYPE a histogram\na_bucket{le=\"1.0\"} 2\na_bucket{le=\"+Inf\"} 3\na_sum 4\na_count 3\n",
              "a histogram\n 1:2 +Inf:3 sum 4 count 3\n"},
             {"# TYPE a histogram\na_bucket{le=\"+Inf\"} 3\n", "a histogram\n +Inf:3 sum 0 count 3\n"},
             {"# TYPE a histogram\na_bucket{le=\"1\"} 0.5\na_bucket{le=\"+Inf\"} 3\n",
              "a histogram\n 1:0.5 +Inf:3 sum 0 count 3 in floats\n"},
             {"# TYPE a gaugehistogram\na_bucket{le=\"+Inf\"} 3\na_gsum -4\na_gcount 3\n",
              "a gauge_histogram\n +Inf:3 sum -4 count 3\n"},
             {"# TYPE a gaugehistogram\na_bucket{le=\"+Inf\"} 3\na_sum 4\na_count 3\n",
              "a gauge_histogram\n +Inf:3 sum 4 count 3\n"},
         })) {
        EXPECT_EQ(read(std::string(body)), meaning) << body;
    }
}

TEST(ParseOpenMetrics, MakesOneMetricOfTheSamplesThatShareTheirLabels) {
    EXPECT_EQ(
        read(
            "# TYPE a counter\na_total{x=\"1\"} 1\na_created{x=\"1\"} 2.5\na_created{x=\"2\"} 3\na_total{x=\"2\"} 4\n"),
        "a_total counter\n x='1' 1 created 2s500000000\n x='2' 4 created 3s0\n");
    EXPECT_EQ(read("# TYPE a histogram\na_bucket{x=\"1\",y=\"2\",le=\"+Inf\"} 1\na_sum{y=\"2\",x=\"1\"} 5\n"
                   "a_count{x=\"1\",y=\"2\"} 1\na_created{y=\"2\",x=\"1\"} 7\na_bucket{le=\"+Inf\"} 2\n"),
              "a histogram\n x='1' y='2' +Inf:1 sum 5 count 1 created 7s0\n +Inf:2 sum 0 count 2\n");
    EXPECT_EQ(read("# TYPE a summary\na_sum{x=\"1\"} 1\na_created{x=\"1\"} -0.5\na{x=\"2\",quantile=\"0\"} 3\n"),
              "a summary\n x='1' sum 1 count 0 created -1s500000000\n x='2' 0:3 sum 0 count 0\n");
}

TEST(ParseOpenMetrics, KeepsExemplars) {
    EXPECT_EQ(read("# TYPE a counter\na_total 1 # {} 0.5\n"), "a_total counter\n 1 exemplar {} 0.5\n");
    EXPECT_EQ(read("# TYPE a counter\na_total{x=\"# \"} 1 # {t=\" # 1\",u=\"\\n\"} -5 1e3\n"),
              "a_total counter\n x='# ' 1 exemplar {t=' # 1' u='\\x0a'} -5 at 1000s0\n");
    EXPECT_EQ(read("# TYPE a histogram\na_bucket{le=\"1\"} 2 # {t=\"1\"} 0.5\na_bucket{le=\"2\"} 2\n"
                   "a_bucket{le=\"+Inf\"} 3 # {t=\"2\"} 9 1.000000001\n"),
              "a histogram\n 1:2 2:2 +Inf:3 sum 0 count 3 exemplar 0 {t='1'} 0.5 exemplar 2 {t='2'} 9 at 1s1\n");
    std::string const most(127, 'v');
    EXPECT_EQ(read("# TYPE a counter\na_total 1 # {t=\"" + most + "\"} 1\n"),
              "a_total counter\n 1 exemplar {t='" + most + "'} 1\n");
}

TEST(ParseOpenMetrics, ReadsTimestampsInSeconds) {
    EXPECT_EQ(read("a 1 1520879607.789\nb 1 -1\nc 1 1.5e3\nd 1 0.0019\n# TYPE e counter\ne_total 1 2 # {} 3 4\n"),
              "a untyped\n 1 @1520879607789\nb untyped\n 1 @-1000\nc untyped\n 1 @1500000\nd untyped\n 1 @1\n"
              "e_total counter\n 1 exemplar {} 3 at 4s0 @2000\n");
}

TEST(ParseOpenMetrics, ReadsWhatIsQuotedAndEscaped) {
    EXPECT_EQ(read("# HELP a \\\\ \\n \\\" \" \\z\na{b=\"\\\\ \\n \\\" \\z\"} 1\n"),
              "a untyped '\\x5c \\x0a \" \" \\x5cz'\n b='\\x5c \\x0a \" \\x5cz' 1\n");
    EXPECT_EQ(read("# TYPE \"a\" counter\n{\"a_total\"} 1\n{\"a_total\",b=\"c\"} 2\n"),
              "a_total counter\n 1\n b='c' 2\n");
    EXPECT_EQ(read("# TYPE \"a.b\" counter\n{\"a.b_total\",\"c.d\"=\"e\"} 1\n", {.utf8_names = true}),
              "a.b_total counter\n c.d='e' 1\n");
    EXPECT_EQ(read("{\"\\\"\"} 1\n", {.utf8_names = true}), "\" untyped\n 1\n");
    EXPECT_NE(read("{\"a.b\"} 1\n").find("line 1: an invalid metric name"), std::string::npos);
    EXPECT_NE(read("a{\"b.c\"=\"\"} 1\n").find("line 1: an invalid label name"), std::string::npos);
}

TEST(ParseOpenMetrics, TakesFamiliesWithoutSamplesForNone) {
    EXPECT_EQ(read(""), "");
    EXPECT_EQ(read("# TYPE a counter\n# HELP b h\n# UNIT c_s s\n"), "");
    EXPECT_EQ(read("# HELP a \n# UNIT a \na 1\n"), "a untyped\n 1\n");
    EXPECT_EQ(read("# TYPE a_s gauge\n# UNIT a_s s\na_s 1\n"), "a_s gauge\n 1\n");
}

TEST(ParseOpenMetrics, TakesAnEndWithoutALineFeedButNothingBehindIt) {
    decoded_families families;
    EXPECT_TRUE(parse("# EOF", {}, families));
    EXPECT_TRUE(parse("a 1\n# EOF", {}, families));
    EXPECT_EQ(families.metric_count(), 1u);
    for (auto const* body : {"# EOF\n\n", "# EOF\na 1\n", "# EOFa", "# EOF ", "# EOF\r\n", "# EOF\n# EOF\n"}) {
        EXPECT_FALSE(parse(body, {}, families)) << body;
    }
    for (auto const* body : {"", "a 1\n", "# TYPE a gauge\n", "a 1"}) {
        auto const done = parse(body, {}, families);
        ASSERT_FALSE(done) << body;
        EXPECT_TRUE(done.error().message.ends_with("(a body must end with a line \"# EOF\")")) << done.error().message;
        EXPECT_EQ(parse(body, {.needs_end = false}, families).has_value(), std::string_view(body) != "a 1") << body;
    }
    auto const open = parse("# TYPE a counter\na_created 1\n", {.needs_end = false}, families);
    ASSERT_FALSE(open);
    EXPECT_EQ(open.error().line, 2u);
}

TEST(ParseText, TakesTheEndOfOpenMetricsForAComment) {
    parsed_exposition parsed;
    ASSERT_TRUE(text::parse("a 1\n# EOF\nb 2\n", {}, parsed));
    EXPECT_EQ(parsed.sample_count(), 2u);
}

TEST(ParseOpenMetrics, HoldsToItsBounds) {
    auto const limit_of = [](std::string body, exposition_bounds const& bounds) -> std::string {
        body += "# EOF\n";
        decoded_families families;
        auto const done = parse(body, {.bounds = bounds}, families);
        if (done) return "none";
        return (done.error().code == errc::too_large ? "too large: " : "syntax: ") +
               std::string(done.error().limit ? name_of(*done.error().limit) : "no limit");
    };
    auto const two = "# TYPE a counter\na_total{x=\"1\",y=\"2\"} 1 # {t=\"1\"} 1\n# TYPE b gauge\n";
    EXPECT_EQ(limit_of(two, {.labels_per_sample = 2}), "none");
    EXPECT_EQ(limit_of(two, {.labels_per_sample = 1}),
              "syntax: " + std::string(name_of(limit_kind::labels_per_series)));
    EXPECT_EQ(limit_of(two, {.families = 2}), "none");
    EXPECT_EQ(limit_of(two, {.families = 1}), "too large: " + std::string(name_of(limit_kind::families_per_push)));
    EXPECT_EQ(limit_of(two, {.samples = 2}), "none");
    EXPECT_EQ(limit_of(two, {.samples = 1}), "too large: " + std::string(name_of(limit_kind::series_per_push)));
}

TEST(ParseOpenMetrics, MayBeUsedAgain) {
    decoded_families families;
    ASSERT_TRUE(parse("# TYPE a counter\na_total{x=\"\\n\"} 1 # {t=\"1\"} 1\n# EOF\n", {}, families));
    auto const first = test::describe(families);
    ASSERT_FALSE(parse("# TYPE a histogram\na_bucket{le=\"1\"} 1\n# EOF\n", {}, families));
    ASSERT_TRUE(parse("# TYPE a counter\na_total{x=\"\\n\"} 1 # {t=\"1\"} 1\n# EOF\n", {}, families));
    EXPECT_EQ(test::describe(families), first);
}

}  // namespace
}  // namespace pushgateway::format::openmetrics
