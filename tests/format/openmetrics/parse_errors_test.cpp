#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include <pushgateway/format/decoded_families.hpp>
#include <pushgateway/format/openmetrics/parse.hpp>

namespace pushgateway::format::openmetrics {
namespace {

error failure(std::string_view body, parse_options const& options = {}) {
    decoded_families families;
    auto const done = parse(body, options, families);
    return done ? error{} : done.error();
}

struct refused {
    std::string_view body;
    std::size_t line;
    std::size_t column;
    std::string_view message;  ///< behind the place
};

void expect_all(auto const& cases) {
    for (auto const& [body, line, column, message] : cases) {
        auto const e = failure(std::string(body) + "# EOF\n");
        EXPECT_EQ(e.code, errc::syntax) << body;
        EXPECT_EQ(e.message, "OpenMetrics parsing error in line " + std::to_string(line) + ": " + std::string(message))
            << body;
        EXPECT_EQ(e.line, line) << body;
        EXPECT_EQ(e.column, column) << body;
    }
}

TEST(OpenMetricsErrors, NameWhatIsWrongWithASample) {
    expect_all(std::to_array<refused>({
        {"a\n", 1, 2, "expected a blank before the value, found the end of the line"},
        {"a \n", 1, 3, "expected a number as value, found the end of the line"},
        {"a x\n", 1, 3, "expected a number as value, found \"x\""},
        {"a 0x1\n", 1, 3, "expected a number as value, found \"0x1\""},
        {"a 1_2\n", 1, 3, "expected a number as value, found \"1_2\""},
        {"a  1\n", 1, 3,
         "expected a number as value, found \" \" (there is one blank between two parts of a line, and no other)"},
        {"a\t1\n", 1, 2,
         "expected a blank before the value, found \"\\t\" (there is one blank between two parts of a line, and no "
         "other)"},
        {" a 1\n", 1, 1,
         "expected a sample, a line about a family, or \"# EOF\", found \" \" (there is one blank between two parts of "
         "a line, and no other)"},
        {"a 1 \n", 1, 5, "expected a number of seconds, or an exemplar, found the end of the line"},
        {"a 1 x\n", 1, 5, "expected a number of seconds, or an exemplar, found \"x\""},
        {"a 1 NaN\n", 1, 5, "expected a number of seconds, or an exemplar, found \"NaN\""},
        {"a 1 1 1\n", 1, 7, "expected an exemplar, found \"1\""},
        {"a 1 9223372036854775808\n", 1, 5,
         "expected a number of seconds, or an exemplar, found \"9223372036854775808\" (a time in seconds since 1970, "
         "such as 1700000000.5, "
         "that 64 bits of milliseconds hold)"},
        {"a.b 1\n", 1, 2, "expected a blank before the value, found \".b\""},
        {"0a 1\n", 1, 1, "expected a sample, a line about a family, or \"# EOF\", found \"0a\""},
        {"a{b=\"c\",} 1\n", 1, 9, "expected a label name, found \"}\""},
        {"a{b=\"c\" } 1\n", 1, 8, "expected ',' or '}' after a label, found \" \""},
        {"a{b} 1\n", 1, 4, "expected '=' after the label name, found \"}\""},
        {"a{b=c} 1\n", 1, 5, "expected a label value in double quotes, found \"c}\""},
        {"a{b=\"c} 1\n", 1, 5, "expected a label value in double quotes, found \"\"c}\""},
        {"a{b=\"1\",b=\"2\"} 1\n", 1, 12, "a label name given twice: b, at \"2\"}\""},
        {"a{__name__=\"b\"} 1\n", 1, 13, "the reserved label name \"__name__\", at \"b\"}\""},
        {"{} 1\n", 1, 2, "expected a metric name in double quotes, found \"}\""},
        {"{b=\"c\",\"a\"} 1\n", 1, 2, "expected a metric name in double quotes, found \"b=\"c\",\"a\"}\""},
        {"\n", 1, 1,
         "expected a sample, a line about a family, or \"# EOF\", found the end of the line (there must be no empty "
         "lines)"},
    }));
}

TEST(OpenMetricsErrors, NameWhatIsWrongWithALineAboutAFamily) {
    expect_all(std::to_array<refused>({
        {"#\n", 1, 2,
         "expected \" TYPE \", \" HELP \", \" UNIT \" or \" EOF\" after '#', found the end of the line (there are no "
         "comments in this format)"},
        {"# a comment\n", 1, 2,
         "expected \" TYPE \", \" HELP \", \" UNIT \" or \" EOF\" after '#', found \" \" (there are no comments in "
         "this format)"},
        {"#HELP a b\n", 1, 2,
         "expected \" TYPE \", \" HELP \", \" UNIT \" or \" EOF\" after '#', found \"HELP\" (there are no comments in "
         "this format)"},
        {"# HELP\n", 1, 2,
         "expected \" TYPE \", \" HELP \", \" UNIT \" or \" EOF\" after '#', found \" \" (there are no comments in "
         "this format)"},
        {"# HELP a\n", 1, 9, "expected a blank after the metric name, found the end of the line"},
        {"# HELP 0a b\n", 1, 8, "expected a metric name, found \"0a\""},
        {"# HELP a b\\\n", 1, 11,
         "a backslash that begins no escape, at \"\\\\\" (a backslash at the end of a text is written \\\\)"},
        {"# TYPE a\n", 1, 9, "expected a blank after the metric name, found the end of the line"},
        {"# TYPE a Gauge\n", 1, 10,
         "expected a metric type, found \"Gauge\" (the types are counter, gauge, histogram, gaugehistogram, summary, "
         "info, stateset and unknown)"},
        {"# TYPE a untyped\n", 1, 10,
         "expected a metric type, found \"untyped\" (the types are counter, gauge, histogram, gaugehistogram, summary, "
         "info, stateset and unknown)"},
        {"# TYPE a gauge \n", 1, 10,
         "expected a metric type, found \"gauge\" (nothing stands behind the type, not even a blank)"},
        {"# UNIT a seconds\n", 1, 10, "a unit that is not the end of the name, behind an underscore, at \"seconds\""},
        {"# UNIT as s\n", 1, 11, "a unit that is not the end of the name, behind an underscore, at \"s\""},
        {"# TYPE a gauge\n# TYPE a gauge\n", 2, 10, "a second TYPE line for a, at \"gauge\""},
        {"# HELP a \n# HELP a b\n", 2, 10, "a second HELP line for a, at \"b\""},
        {"# UNIT a_s s\n# UNIT a_s s\n", 2, 12, "a second UNIT line for a_s, at \"s\""},
        {"# TYPE a_s info\n# UNIT a_s s\n", 2, 12, "an info or state set with a unit, at \"s\""},
        {"# UNIT a_s s\n# TYPE a_s stateset\n", 2, 12, "an info or state set with a unit, at \"stateset\""},
        {"a 1\n# HELP a b\n", 2, 8, "a line about a behind its first sample, at \"a\""},
        {"# TYPE a gauge\n# TYPE b gauge\n# HELP a b\n", 3, 8,
         "a second family a, or one that is called like a sample of another: the lines of a family stand together, at "
         "\"a\""},
        {"a 1\nb 1\na 2\n", 3, 1,
         "a second family a, or one that is called like a sample of another: the lines of a family stand together, at "
         "\"a\""},
        {"# TYPE a_created gauge\na_created 1\n# TYPE a counter\na_total 1\n", 4, 1,
         "a family one of whose samples is called like another family, at \"a_total\""},
        {"# TYPE a info\na_info 1\n# TYPE a_info gauge\n", 3, 8,
         "a second family a_info, or one that is called like a sample of another: the lines of a family stand "
         "together, at \"a_info\""},
    }));
}

TEST(OpenMetricsErrors, NameWhatIsWrongWithAMetric) {
    expect_all(std::to_array<refused>({
        {"# TYPE a counter\na 1\n", 2, 1, "a sample a whose name does not fit the type of its family, at \"a\""},
        {"# TYPE a info\na 1\n", 2, 1, "a sample a whose name does not fit the type of its family, at \"a\""},
        {"# TYPE a summary\na 1\n", 2, 3, "a summary without the label \"quantile\", at \"1\""},
        {"# TYPE a stateset\na 1\n", 2, 3, "a state without the label that is called like its family, at \"1\""},
        {"# TYPE a counter\na_total -1\n", 2, 9, "a counter that is negative or no number, at \"-1\""},
        {"# TYPE a counter\na_total NaN\n", 2, 9, "a counter that is negative or no number, at \"NaN\""},
        {"# TYPE a counter\na_total 1\na_total 1\n", 3, 9, "a second line of this kind for one metric, at \"1\""},
        {"# TYPE a counter\na_created 1\na_total{b=\"c\"} 1\n", 2, 1,
         "a counter without a sample whose name ends in \"_total\", at \"a_created\""},
        {"# TYPE a counter\na_total 1\na_created NaN\n", 3, 11,
         "a time of creation that is no number of seconds, at \"NaN\""},
        {"# TYPE a info\na_info 2\n", 2, 8, "an info whose value is not 1, at \"2\""},
        {"# TYPE a stateset\na{a=\"x\"} 2\n", 2, 10, "a state that is neither 0 nor 1, at \"2\""},
        {"# TYPE a summary\na{quantile=\"x\"} 1\n", 2, 13, "a label \"quantile\" that is no number, at \"x\"}\""},
        {"# TYPE a summary\na{quantile=\"1.1\"} 1\n", 2, 19, "a quantile that is not from 0 to 1, at \"1\""},
        {"# TYPE a summary\na{quantile=\"0\",quantile=\"1\"} 1\n", 2, 26,
         "a label name given twice: quantile, at \"1\"}\""},
        {"# TYPE a summary\na_sum{quantile=\"1\"} 1\n", 2, 17,
         "a label \"quantile\" of what is no quantile, at \"1\"}\""},
        {"# TYPE a summary\na_count 0.5\n", 2, 9, "a count of a summary that is no whole number, at \"0.5\""},
        {"# TYPE a summary\na_count -1\n", 2, 9, "a count that is negative or no number, at \"-1\""},
        {"# TYPE a summary\na_sum 1\na_sum 1\n", 3, 7, "a second line of this kind for one metric, at \"1\""},
        {"# TYPE a histogram\na_bucket 1\n", 2, 10, "a bucket without the label \"le\", at \"1\""},
        {"# TYPE a histogram\na_bucket{le=\"x\"} 1\n", 2, 14, "a label \"le\" that is no number, at \"x\"}\""},
        {"# TYPE a histogram\na_bucket{le=\"NaN\"} 1\n", 2, 14, "a label \"le\" that is no number, at \"NaN\"}\""},
        {"# TYPE a histogram\na_bucket{le=\"1\"} -1\n", 2, 18,
         "a negative count in a histogram, or one that is no number, at \"-1\""},
        {"# TYPE a histogram\na_bucket{le=\"1\"} NaN\n", 2, 18,
         "a negative count in a histogram, or one that is no number, at \"NaN\""},
        {"# TYPE a histogram\na_bucket{le=\"1\"} 1\na_bucket{le=\"1.0\"} 1\n", 3, 20,
         "a bucket that is not above the one before, at \"1\""},
        {"# TYPE a histogram\na_bucket{le=\"1\"} 2\na_bucket{le=\"2\"} 1\n", 3, 18,
         "a bucket with a smaller count than the one before, at \"1\""},
        {"# TYPE a histogram\na_bucket{le=\"1\"} 1\na_bucket{le=\"2\"} 1\n", 2, 1,
         "a histogram without a bucket \"+Inf\", at \"a_bucket{le=\"1\"}\""},
        {"# TYPE a histogram\na_sum 1\nb 1\n", 2, 1, "a histogram without a bucket \"+Inf\", at \"a_sum\""},
        {"# TYPE a histogram\na_bucket{le=\"+Inf\"} 1\na_count 2\n", 2, 1,
         "a histogram whose count is not that of its bucket \"+Inf\", at \"a_bucket{le=\"+Inf\"}\""},
        {"# TYPE a histogram\na_sum{le=\"1\"} 1\n", 2, 11, "a label \"le\" of what is no bucket, at \"1\"}\""},
    }));
}

TEST(OpenMetricsErrors, NameWhatIsWrongWithAnExemplar) {
    expect_all(std::to_array<refused>({
        {"# TYPE a gauge\na 1 # {} 1\n", 2, 5, "an exemplar of what is neither a counter nor a bucket, at \"#\""},
        {"# TYPE a counter\na_created 1 # {} 1\n", 2, 13,
         "an exemplar of what is neither a counter nor a bucket, at \"#\""},
        {"# TYPE a histogram\na_bucket{le=\"+Inf\"} 1\na_count 1 # {} 1\n", 3, 11,
         "an exemplar of what is neither a counter nor a bucket, at \"#\""},
        {"# TYPE a counter\na_total 1# {} 1\n", 2, 9, "expected a number as value, found \"1#\""},
        {"# TYPE a counter\na_total 1 #{} 1\n", 2, 12, "expected a blank after '#', found \"{}\""},
        {"# TYPE a counter\na_total 1 # 1\n", 2, 13, "expected the labels of an exemplar in braces, found \"1\""},
        {"# TYPE a counter\na_total 1 # {}1\n", 2, 15, "expected a blank after the labels, found \"1\""},
        {"# TYPE a counter\na_total 1 # {} x\n", 2, 16, "expected a number as value, found \"x\""},
        {"# TYPE a counter\na_total 1 # {} 1 x\n", 2, 18, "expected a number of seconds, found \"x\""},
        {"# TYPE a counter\na_total 1 # {} 1 \n", 2, 18, "expected a number of seconds, found the end of the line"},
        {"# TYPE a counter\na_total 1 # {} 1 1 1\n", 2, 19, "expected a line feed, found \" \""},
        {"# TYPE a counter\na_total 1 # {a=\"b\",a=\"c\"} 1\n", 2, 23, "a label name given twice: a, at \"c\"}\""},
        {"# TYPE a counter\na_total 1 # "
         "{a="
         "\"23456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678"
         "901234567890123456789\"} 1\n",
         2, 17, "an exemplar whose labels have more than 128 characters, at \"23456789012345678901234567890123...\""},
    }));
}

TEST(OpenMetricsErrors, NameTheCauseOfFrequentOnes) {
    auto const cause = [](std::string_view body) {
        auto const message = failure(body).message;
        return message.substr(std::min(message.rfind('('), message.size()));
    };
    EXPECT_EQ(cause("\xEF\xBB\xBF"
                    "a 1\n# EOF\n"),
              "(the body begins with a byte order mark)");
    EXPECT_EQ(cause("a 1\r\n# EOF\r\n"), "(lines must end in LF, not in CR LF)");
    EXPECT_EQ(cause("# EOF\r\n"), "(lines must end in LF, not in CR LF)");
    EXPECT_EQ(cause("a 1\n"), "(a body must end with a line \"# EOF\")");
}

TEST(OpenMetricsErrors, FindInvalidUtf8) {
    EXPECT_NE(failure("a{b=\"\xFF\"} 1\n# EOF\n").message.find("a label value that is not valid UTF-8"),
              std::string::npos);
    EXPECT_NE(failure("# HELP a \xFF\n# EOF\n").message.find("a help that is not valid UTF-8"), std::string::npos);
    EXPECT_NE(failure("{\"a\xFF\"} 1\n# EOF\n", {.utf8_names = true}).message.find("an invalid metric name"),
              std::string::npos);
}

}  // namespace
}  // namespace pushgateway::format::openmetrics
