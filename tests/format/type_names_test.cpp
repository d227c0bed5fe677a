// The table of the names of types, beside what each format writes and reads.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include <pushgateway/format/metric_set_type.hpp>
#include <pushgateway/format/openmetrics/write.hpp>
#include <pushgateway/format/text/metric_type_name.hpp>
#include <pushgateway/model/metric_type.hpp>

namespace pushgateway::format {
namespace {

using model::gauge_kind;
using model::metric_type;

struct expected_names {
    metric_set_type set_type;
    metric_type type;
    gauge_kind kind;
    std::string_view openmetrics;
    std::string_view text;
    std::string_view upper_case;
    std::vector<std::string_view> read;  ///< by the text format
};

std::vector<expected_names> const& expected() {
    static std::vector<expected_names> const all{
        {metric_set_type::counter,
         metric_type::counter,
         gauge_kind::plain,
         "counter",
         "counter",
         "COUNTER",
         {"counter", "COUNTER", "\\cOunter"}},
        {metric_set_type::gauge, metric_type::gauge, gauge_kind::plain, "gauge", "gauge", "GAUGE", {"gauge", "Gauge"}},
        {metric_set_type::summary,
         metric_type::summary,
         gauge_kind::plain,
         "summary",
         "summary",
         "SUMMARY",
         {"summary"}},
        {metric_set_type::unknown,
         metric_type::untyped,
         gauge_kind::plain,
         "unknown",
         "untyped",
         "UNTYPED",
         {"untyped"}},
        {metric_set_type::histogram,
         metric_type::histogram,
         gauge_kind::plain,
         "histogram",
         "histogram",
         "HISTOGRAM",
         {"histogram"}},
        {metric_set_type::gauge_histogram,
         metric_type::gauge_histogram,
         gauge_kind::plain,
         "gaugehistogram",
         "histogram",
         "GAUGE_HISTOGRAM",
         {"gauge_histogram", "gaugehistogram", "GAUGEHISTOGRAM", "Gauge_Histogram"}},
        {metric_set_type::info, metric_type::gauge, gauge_kind::info, "info", "gauge", "GAUGE", {"gauge"}},
        {metric_set_type::state_set,
         metric_type::gauge,
         gauge_kind::state_set,
         "stateset",
         "gauge",
         "GAUGE",
         {"gauge"}}};
    return all;
}

TEST(type_names, are_what_each_format_has) {
    ASSERT_EQ(expected().size(), model::all_type_names.size());
    for (auto const& one : expected()) {
        EXPECT_EQ(kept_type(one.set_type), one.type) << one.openmetrics;
        EXPECT_EQ(kept_kind(one.set_type), one.kind) << one.openmetrics;
        metric_set_type set{};
        EXPECT_TRUE(parse_metric_set_type(one.openmetrics, set));
        EXPECT_EQ(set, one.set_type) << one.openmetrics;
        EXPECT_EQ(openmetrics::type_name(one.type, "x_info_total", one.kind),
                  one.kind == gauge_kind::info ? "gauge" : one.openmetrics);
        EXPECT_EQ(text::type_name(one.type), one.text);
        EXPECT_EQ(model::upper_case_name(one.type), one.upper_case);
        for (auto const spelled : one.read) {
            metric_type read{};
            EXPECT_TRUE(text::parse_type(spelled, read)) << spelled;
            EXPECT_EQ(read, one.type) << spelled;
        }
    }
    EXPECT_EQ(openmetrics::type_name(metric_type::gauge, "x_info", gauge_kind::info), "info");
    EXPECT_EQ(openmetrics::type_name(metric_type::counter, "x"), "unknown");
}

TEST(type_names, are_no_others) {
    for (std::string_view const wrong :
         {"", "unknown", "info", "stateset", "gauge histogram", "gaugeh", "counter ", "c"}) {
        metric_type type{};
        EXPECT_FALSE(text::parse_type(wrong, type)) << wrong;
    }
    for (std::string_view const wrong : {"", "untyped", "Counter", "gauge_histogram", "state_set", "gauge histogram"}) {
        metric_set_type type{};
        EXPECT_FALSE(parse_metric_set_type(wrong, type)) << wrong;
    }
}

}  // namespace
}  // namespace pushgateway::format
