#include <array>
#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include <pushgateway/format/parsed_exposition.hpp>
#include <pushgateway/format/text/parse.hpp>
#include <pushgateway/format/text/write.hpp>

#include "support/numbered.hpp"

namespace pushgateway::format::text {
namespace {

/// What is read of `body`, written again; or the error.
std::string rewritten(std::string_view body, parse_options const& options = {}) {
    parsed_exposition parsed;
    if (auto const read = parse(body, options, parsed); !read) return read.error().message;
    std::string out;
    parsed.for_each_family([&out](model::metric_family const& family) { append_family(out, family); });
    return out;
}

error failure(std::string_view body, parse_options const& options = {}) {
    parsed_exposition parsed;
    auto const read = parse(body, options, parsed);
    return read ? error{} : read.error();
}

struct pair {
    std::string_view body;
    std::string_view meaning;
};

TEST(ParseText, TakesEmptyBodiesAndLines) {
    for (auto const* body :
         {"", "\n", "\n\n", " ", "\t \n ", "# a comment\n", "#\n", "# HELP\n", "# TYPE \n", "#HELP a\n", "# HELP a \n",
          "# HELP \"a.b\"\n", "# HELP \"\"\n", "# HELPx y z {\n", "# TYPE a gauge\n", "# HELP a b\n# TYPE a\n"}) {
        EXPECT_EQ(rewritten(body), "") << body;
    }
}

TEST(ParseText, ReadsSamples) {
    for (auto const& [body, meaning] : std::to_array<pair>({
             {"a 1\n", "# TYPE a untyped\na 1\n"},
             {"a{} 1\n", "# TYPE a untyped\na 1\n"},
             {" a\t{ } 1\n ", "# TYPE a untyped\na 1\n"},
             {"a{l=\"v\"}1\n", "# TYPE a untyped\na{l=\"v\"} 1\n"},
             {"a{ l = \"v\" , m = \"w\" , } 1\n", "# TYPE a untyped\na{l=\"v\",m=\"w\"} 1\n"},
             {"a-1\n", "# TYPE a untyped\na -1\n"},
             {"a.5\n", "# TYPE a untyped\na 0.5\n"},
             {"a:b{} +Inf\n", "# TYPE a:b untyped\na:b +Inf\n"},
             {"a 1 5\n", "# TYPE a untyped\na 1 5\n"},
             {"a 1 \t -5\n", "# TYPE a untyped\na 1 -5\n"},
             {"a{l=\"\\\\ \\n \\\"\"} 1\n", "# TYPE a untyped\na{l=\"\\\\ \\n \\\"\"} 1\n"},
             {"a{l=\"} # {\"} 1\n", "# TYPE a untyped\na{l=\"} # {\"} 1\n"},
             {"a{l=\"\xC3\xBC\"} 1\n", "# TYPE a untyped\na{l=\"\xC3\xBC\"} 1\n"},
             {"a 1\na 2\n", "# TYPE a untyped\na 1\na 2\n"},
             {"a{__name=\"x\"} 1\n", "# TYPE a untyped\na{__name=\"x\"} 1\n"},
             {"a{le=\"x\",quantile=\"y\"} 1\n", "# TYPE a untyped\na{le=\"x\",quantile=\"y\"} 1\n"},
         })) {
        EXPECT_EQ(rewritten(body), meaning) << body;
    }
}

TEST(ParseText, ReadsComments) {
    for (auto const& [body, meaning] : std::to_array<pair>({
             {"# HELP a b c \n# TYPE a gauge\na 1\n", "# HELP a b c \n# TYPE a gauge\na 1\n"},
             {"#\tTYPE\ta\tgauge\na 1\n", "# TYPE a gauge\na 1\n"},
             {"a 1\n# HELP a late\n", "# HELP a late\n# TYPE a untyped\na 1\n"},
             {"# HELP a \\\\ \\n \\\"\na 1\n", "# HELP a \\\\ \\n \"\n# TYPE a untyped\na 1\n"},
             {"# HELP a cr\r\na 1\n", "# HELP a cr\r\n# TYPE a untyped\na 1\n"},
             {"# HELP a \xFF\na 1\n",
              "text format parsing error in line 1: a help that is not valid UTF-8, at \"\\xff\""},
             {"# HELP a \xC3\xBC\na 1\n", "# HELP a \xC3\xBC\n# TYPE a untyped\na 1\n"},
             {"# TYPE a COUNTER\na 1\n", "# TYPE a counter\na 1\n"},
             {"# TYPE a coun\\ter\\\na 1\n", "# TYPE a counter\na 1\n"},
             {"# TYPE a h\xC4\xB1\xC5\xBFtogram\na 1\n",
              "# TYPE a histogram\na_bucket{le=\"+Inf\"} 0\na_sum 0\na_count 0\n"},
             {"# TYPE a GaugeHistogram\na_count 1\n",
              "# TYPE a histogram\na_bucket{le=\"+Inf\"} 1\na_sum 0\na_count 1\n"},
             {"# TYPE a gauge_histogram\na_count 1\n",
              "# TYPE a histogram\na_bucket{le=\"+Inf\"} 1\na_sum 0\na_count 1\n"},
             {"# TYPE \"a\" gauge\na 1\n", "# TYPE a gauge\na 1\n"},
         })) {
        EXPECT_EQ(rewritten(body, {.ignore_stray_samples = true}), meaning) << body;
    }
}

TEST(ParseText, ReadsQuotedNames) {
    for (auto const& [body, meaning] : std::to_array<pair>({
             {"\"a\" 1\n", "# TYPE a untyped\na 1\n"},
             {"\"a\"{\"l\"=\"v\"} 1\n", "# TYPE a untyped\na{l=\"v\"} 1\n"},
             {"a\"b\"1\n", "# TYPE ab untyped\nab 1\n"},
             {"a{l\"m\"=\"v\"} 1\n", "# TYPE a untyped\na{lm=\"v\"} 1\n"},
             {"{a} 1\n", "# TYPE a untyped\na 1\n"},
             {"{\"a\"} 1\n", "# TYPE a untyped\na 1\n"},
             {"{ \"a:b\" , l=\"v\" , } 1\n", "# TYPE a:b untyped\na:b{l=\"v\"} 1\n"},
             {"{l=\"v\",a} 1\n", "# TYPE a untyped\na{l=\"v\"} 1\n"},
             {"{l=\"v\",a,m=\"w\"} 1\n", "# TYPE a untyped\na{l=\"v\",m=\"w\"} 1\n"},
             {"# TYPE s summary\n{quantile=\"0.5\",s} 1\n",
              "# TYPE s summary\ns{quantile=\"0.5\"} 1\ns_sum 0\ns_count 0\n"},
             {"# TYPE h histogram\nx 1\n{l=\"v\",le=\"+Inf\",h_bucket,m=\"w\"} 1\n",
              "# TYPE h histogram\nh_bucket{l=\"v\",m=\"w\",le=\"+Inf\"} 1\nh_sum{l=\"v\",m=\"w\"} "
              "0\nh_count{l=\"v\",m=\"w\"} 0\n# TYPE x untyped\nx 1\n"},
         })) {
        EXPECT_EQ(rewritten(body, {.ignore_stray_samples = true}), meaning) << body;
    }
}

TEST(ParseText, TakesAnyNameWhenAsked) {
    parse_options const options{.utf8_names = true};
    EXPECT_EQ(rewritten("{\"a.b\",\"l\\\"\"=\"v\"} 1\n", options),
              "# TYPE \"a.b\" untyped\n{\"a.b\",\"l\\\"\"=\"v\"} 1\n");
    EXPECT_EQ(rewritten("# TYPE \"\xC3\xBC\" gauge\n\"\xC3\xBC\" 1\n", options),
              "# TYPE \"\xC3\xBC\" gauge\n{\"\xC3\xBC\"} 1\n");
    for (auto const* body :
         {"{\"a.b\"} 1\n", "a{\"l.m\"=\"v\"} 1\n", "# HELP \"a.b\" x\n", "\"1a\" 1\n", "a{\"l:m\"=\"v\"} 1\n"}) {
        EXPECT_EQ(failure(body).line, 1) << body;
        EXPECT_EQ(failure(body, options).line, 0) << body;
    }
    for (auto const* body : {"\"\" 1\n", "{\"\"} 1\n", "a{\"\"=\"v\"} 1\n", "\"\xFF\" 1\n", "# HELP \"\" x\n"})
        EXPECT_EQ(failure(body, options).line, 1) << body;
}

TEST(ParseText, RefusesWhatIsNotTheFormat) {
    for (auto const* line : {"a",
                             "a ",
                             "a 1 ",
                             "a\t1\t",
                             "a 1 5 ",
                             "a 1 5 6",
                             "a 1 1.5",
                             "a 1 9223372036854775808",
                             "a 1 # {b=\"c\"} 1",
                             "a 1,5",
                             "a 1\r",
                             "a x",
                             "a 1e400",
                             "a 0x10",
                             "1a 1",
                             "-a 1",
                             ":a{ 1",
                             "a{",
                             "a{l",
                             "a{l=",
                             "a{l=\"",
                             "a{l=\"v\"",
                             "a{l=\"v\"}",
                             "a{l=\"v\"} ",
                             "a{,} 1",
                             "a{l=\"v\",,} 1",
                             "a{l=v} 1",
                             "a{l=\"v\" m=\"w\"} 1",
                             "a{1=\"v\"} 1",
                             "a{l:m=\"v\"} 1",
                             "a{l=\"v\",l=\"v\"} 1",
                             "a{__name__=\"v\"} 1",
                             "a{\"__name__\"=\"v\"} 1",
                             "a{l=\"\\t\"} 1",
                             "a{l=\"\\\"} 1",
                             "a{l=\"\xFF\"} 1",
                             "a{l=\"\xED\xA0\x80\"} 1",
                             "a{b} 1",
                             "a{l=\"v\"}{m=\"w\"} 1",
                             "{} 1",
                             "{l=\"v\"} 1",
                             "{a,b} 1",
                             "{a,a} 1",
                             "{a:b} 1",
                             "{,} 1",
                             "{a,,} 1",
                             "{a",
                             "{a}",
                             "{\"a} 1",
                             "\"a 1",
                             "\"a\\q\" 1",
                             "\"\" 1",
                             "\"a.b\" 1",
                             "{\"a.b\"} 1",
                             "}",
                             "=",
                             "\r",
                             "\\",
                             "# HELP 1a b",
                             "# HELP a\"b c",
                             "# HELP a.b c",
                             "# HELP a{ b",
                             "# HELP a \\q",
                             "# HELP a \\",
                             "# HELP \"\" b",
                             "# HELP \"a.b\" c",
                             "# TYPE a foo",
                             "# TYPE a gauge ",
                             "# TYPE a counter\r",
                             "# TYPE a gauge x",
                             "# TYPE a info",
                             "# TYPE b gauge",
                             "# HELP b again",
                             "# TYPE c gauge",
                             "# TYPE h_count gauge",
                             "# HELP h_sum again",
                             "h_bucket{le=\"x\"} 1",
                             "h_count -1",
                             "h_bucket{le=\"1\"} -0.5",
                             "h{le=\"1\"} -1",
                             "s{quantile=\"\"} 1",
                             "\xEF\xBB\xBF"
                             "a 1",
                             "\xC3\xBC 1"}) {
        auto const body =
            "# TYPE b counter\n# HELP b help\nc 1\n# TYPE h histogram\n# HELP h help\n# TYPE s summary\n" +
            std::string(line) + "\nz 1\n";
        EXPECT_EQ(failure(body).line, 7) << line;
        EXPECT_TRUE(failure(body).message.starts_with("text format parsing error in line 7: "))
            << failure(body).message;
        EXPECT_EQ(failure(body).code, errc::syntax);
    }
    EXPECT_EQ(failure(std::string_view("a{l=\"v\n\"} 1\n")).line, 1);
    EXPECT_EQ(failure(std::string_view("# TYPE a counter\0\n", 18)).line, 1);
}

TEST(ParseText, RefusesAnEndWithoutLineFeed) {
    for (auto const* last : {"a 1", "a 1 5", "#", "# a comment", "# HELP", "# HELP ", "# HELP a", "# HELP a ",
                             "# HELP a b", "# TYPE a gauge", "a{l=\"v\"} 1", "{a} 1"}) {
        auto const e = failure(std::string("\nz 1\n") + last);
        EXPECT_EQ(e.line, 3) << last;
        EXPECT_NE(e.message.find("the last line must end with a line feed"), std::string::npos) << e.message;
    }
}

TEST(ParseText, NamesTheKnownTraps) {
    for (auto const& [body, cause] : std::to_array<pair>({
             {"a 1\r\n", "lines must end in LF, not in CR LF"},
             {"\r\n", "lines must end in LF, not in CR LF"},
             {"# TYPE a gauge\r\n", "lines must end in LF, not in CR LF"},
             {"a 1 5\r\n", "lines must end in LF, not in CR LF"},
             {"a 1", "the last line must end with a line feed"},
             {"\xEF\xBB\xBF"
              "a 1\n",
              "the body begins with a byte order mark"},
             {"a 1 # {b=\"c\"} 1\n", "exemplars are not part of this format"},
             {"a 1 \n", "a value is followed by the line feed, or by one timestamp"},
             {"a 1 5 \n", "a value is followed by the line feed, or by one timestamp"},
             {"a{l=\"v\"} x\n", "expected a number as value, found \"x\""},
             {"a{l=v} 1\n", "expected a label value in double quotes, found \"v}\""},
             {"a{l} 1\n", "expected '=' after the label name, found \"}\""},
             {"a{l=\"v\",l=\"w\"} 1\n", "a label name given twice: l"},
             {"a{l=\"\\d\"} 1\n", "a backslash that begins no escape"},
             {"{a,b} 1\n", "a second metric name in the braces"},
             {"{l=\"v\"} 1\n", "braces without a metric name"},
             {"a\n", "expected a number as value, found the end of the line"},
             {"# TYPE a nonsense\n", "expected a metric type, found \"nonsense\""},
             {"a{l=\"\xFF\"} 1\n", "a label value that is not valid UTF-8"},
         })) {
        auto const message = failure(body).message;
        EXPECT_NE(message.find(cause), std::string::npos) << body << " gave " << message;
    }
}

// Nothing would be left of such a body, and its push would empty the group.
TEST(ParseText, RefusesBodiesWhoseSamplesStandInComments) {
    for (std::string const body : {"# HELP x what it is\\nx 1\n", "# mine\\nx{a=\"b\"} 1\\n\n"}) {
        auto const error = failure(body);
        EXPECT_EQ(error.code, errc::syntax) << body;
        EXPECT_NE(error.message.find(": a sample in a comment, at \""), std::string::npos) << error.message;
        EXPECT_NE(error.message.find("a backslash and an \"n\" stand where"), std::string::npos) << error.message;
    }
    auto const old_mac = failure("# mine\rx 1\r\n").message;
    EXPECT_NE(old_mac.find("lines must end in LF, not in CR"), std::string::npos) << old_mac;
    for (auto const* body :
         {"# HELP x the first line\\nand the second\n", "# mine\\n\n", "# x\r\n", "# mine\\nx 1\ny 2\n"}) {
        parsed_exposition out;
        EXPECT_TRUE(text::parse(body, {}, out)) << body;
    }
}

TEST(ParseText, RefusesSamplesThatAreNoPartOfTheirMetric) {
    for (auto const& [lines, says] : std::to_array<pair>({
             {"h 5",
              "a sample h of the histogram h, whose samples are h_bucket with a label \"le\", h_sum and h_count: a "
              "single value is a gauge, a counter or untyped, at \"h\""},
             {"h{quantile=\"0.95\"} 5", "a sample h of the histogram h"},
             {"h_bucket 5", "a sample h_bucket of the histogram h without the label \"le\""},
             {"h_bucket{bucket=\"1\"} 5", "a sample h_bucket of the histogram h without the label \"le\""},
             {"h_bucket{le=\"NaN\"} 5", "a bucket of the histogram h whose label \"le\" is not a number but NaN"},
             {"h_sum{le=\"1\"} 5", "a label \"le\" on h_sum or h_count of the histogram h"},
             {"h_count{le=\"1\"} 5", "a label \"le\" on h_sum or h_count of the histogram h"},
             {"g 5", "a sample g of the histogram g"},
             {"g_bucket 5", "a sample g_bucket of the histogram g without the label \"le\""},
             {"{\"h\"} 5", "a sample h of the histogram h"},
             {"s 5", "a sample s of the summary s without the label \"quantile\""},
             {"s{le=\"1\"} 5", "a sample s of the summary s without the label \"quantile\""},
             {"s{quantile=\"NaN\"} 5", "a sample of the summary s whose label \"quantile\" is not a number but NaN"},
             {"s_sum{quantile=\"1\"} 5", "a label \"quantile\" on s_sum or s_count of the summary s"},
             {"s_count{quantile=\"1\"} 5", "a label \"quantile\" on s_sum or s_count of the summary s"},
             {"s_count 1.5", "a sample s_count of the summary s that is not a whole number from 0 on"},
             {"s_count -1", "a sample s_count of the summary s that is not a whole number from 0 on"},
             {"s_count NaN", "a sample s_count of the summary s that is not a whole number from 0 on"},
         })) {
        auto const body =
            "# TYPE h histogram\n# TYPE g gaugehistogram\n# TYPE s summary\n  " + std::string(lines) + '\n';
        auto const e = failure(body);
        EXPECT_NE(e.message.find(says), std::string::npos) << lines << " gave " << e.message;
        EXPECT_EQ(e.line, 4) << lines;
        EXPECT_EQ(e.column, 3) << lines;
        EXPECT_EQ(failure(body, {.ignore_stray_samples = true}).message, "") << lines;
    }
    auto const twice = failure("# TYPE s summary\ns{quantile=\"0.1\",quantile=\"0.5\"} 1\n");
    EXPECT_NE(twice.message.find("a label name given twice: quantile"), std::string::npos) << twice.message;
}

TEST(ParseText, TakesSamplesNearAMetricThatAreNoneOfIt) {
    for (auto const* body : {"# TYPE s summary\ns_bucket{le=\"1\"} 5\n", "# TYPE h histogram\nh_max 5\n",
                             "# TYPE h histogram\nh_created 5\n", "# TYPE h histogram\nh{le=\"1\"} 5\n",
                             "# TYPE s summary\ns{le=\"1\",quantile=\"1\"} 5\n", "x_bucket 5\nx_count{le=\"1\"} 0.5\n",
                             "# TYPE h_bucket gauge\n# TYPE h histogram\nh_bucket 5\n"}) {
        EXPECT_EQ(failure(body).message, "") << body;
        EXPECT_NE(rewritten(body).find("} 5\n") + rewritten(body).find(" 5\n"), 2 * std::string::npos) << body;
    }
}

TEST(ParseText, TellsThePlace) {
    auto const e = failure("a 1\n\na{l=\"v\"} x\x01yz 5\n");
    EXPECT_EQ(e.line, 3);
    EXPECT_EQ(e.column, 10);
    EXPECT_EQ(e.token, "x\\x01yz");
    EXPECT_EQ(failure("a " + std::string(100, 'x') + "\n").token, std::string(32, 'x') + "...");
    EXPECT_EQ(failure("a 1").token, "");
}

TEST(ParseText, BoundsTheLabelsOfASample) {
    auto const sample = [](std::size_t labels) {
        std::string text = "a{";
        for (std::size_t i = 0; i < labels; ++i) text += test::numbered("l", i) + "=\"\",";
        return text + "} 1\n";
    };
    EXPECT_EQ(failure(sample(2), {.bounds = {.labels_per_sample = 2}}).line, 0);
    auto const refused = failure(sample(3), {.bounds = {.labels_per_sample = 2}});
    EXPECT_EQ(refused.message,
              "text format parsing error in line 1: a sample with more than 2 labels (limit \"labels-per-series\"), at "
              "\"\",}\"");
    EXPECT_EQ(refused.code, errc::syntax);
    EXPECT_EQ(refused.limit, limit_kind::labels_per_series);
    EXPECT_EQ(failure(sample(1024)).line, 0);
    EXPECT_EQ(failure(sample(1025)).line, 1);
    EXPECT_EQ(failure(sample(65'535), {.bounds = {.labels_per_sample = 1'000'000}}).line, 0);
    EXPECT_EQ(failure(sample(65'536), {.bounds = {.labels_per_sample = 1'000'000}}).line, 1);
}

TEST(ParseText, BoundsFamiliesAndSamples) {
    std::string const body = "# TYPE a summary\na_sum 1\nb 1\n# HELP c with no sample\na_count 1\n";
    EXPECT_EQ(failure(body, {.bounds = {.families = 3, .samples = 3}}).message, "");
    auto const families = failure(body, {.bounds = {.families = 2}});
    EXPECT_EQ(families.message, "the push has more than 2 families (limit \"families-per-push\")");
    EXPECT_EQ(families.code, errc::too_large);
    EXPECT_EQ(families.limit, limit_kind::families_per_push);
    EXPECT_EQ(families.line, 4);
    auto const samples = failure(body, {.bounds = {.samples = 2}});
    EXPECT_EQ(samples.message, "the push has more than 2 series (limit \"series-per-push\")");
    EXPECT_EQ(samples.code, errc::too_large);
    EXPECT_EQ(samples.limit, limit_kind::series_per_push);
    EXPECT_EQ(samples.line, 5);
    // What comes first counts: a mistake behind the bound is not reached.
    EXPECT_EQ(failure("a 1\nb 1\n!", {.bounds = {.samples = 1}}).code, errc::too_large);
    EXPECT_EQ(failure("a 1\n!\nb 1\n", {.bounds = {.samples = 1}}).code, errc::syntax);
}

TEST(ParseText, FindsLabelsGivenTwiceAmongMany) {
    for (auto const many : std::initializer_list<std::size_t>{1, 15, 16, 17, 18, 40, 500}) {
        for (std::size_t twice : {std::size_t{0}, many / 2, many - 1}) {
            std::string labels;
            for (std::size_t i = 0; i < many; ++i) labels += test::numbered("l", i) + "=\"\",";
            auto const body = "a{" + labels + "} 1\na{" + labels;
            EXPECT_EQ(failure(body + "} 1\n").line, 0);
            EXPECT_EQ(failure(body + test::numbered("l", twice) + "=\"\"} 1\n").line, 2) << many << ' ' << twice;
        }
    }
}

TEST(ParseText, IsReusable) {
    parsed_exposition parsed;
    std::string const large = [] {
        std::string text;
        for (std::size_t i = 0; i < 20'000; ++i) text += test::numbered("m", i) + "{l=\"a\\\\b\"} 1 5\nx 1\n";
        return text;
    }();
    ASSERT_TRUE(parse(large, {}, parsed));
    EXPECT_EQ(parsed.sample_count(), 40'000);
    EXPECT_EQ(parsed.family_count(), 20'001);
    EXPECT_TRUE(parsed.has_timestamps());
    parsed.for_each_family([](model::metric_family const&) {});
    std::string const small = "# TYPE b gauge\na 1\n";
    ASSERT_TRUE(parse(small, {}, parsed));
    EXPECT_EQ(parsed.sample_count(), 1);
    EXPECT_EQ(parsed.family_count(), 1);
    EXPECT_FALSE(parsed.has_timestamps());
    int families = 0;
    parsed.for_each_family(
        [&families](model::metric_family const& f) { families += f.name == "a" && f.metrics.size() == 1; });
    EXPECT_EQ(families, 1);
    EXPECT_FALSE(parse("a", {}, parsed));
    parsed.clear();
    EXPECT_EQ(parsed.sample_count(), 0);
}

}  // namespace
}  // namespace pushgateway::format::text
