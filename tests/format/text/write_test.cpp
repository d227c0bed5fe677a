#include <array>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <pushgateway/format/text/write.hpp>

namespace pushgateway::format::text {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

std::string written(model::metric_family const& family) {
    std::string out;
    append_family(out, family);
    return out;
}

TEST(WriteText, PlainTypes) {
    std::array const labels = {model::label{"a", "x"}, model::label{"b", ""}};
    std::vector<model::metric> metrics(2);
    metrics[0].value = model::counter{1e6};
    metrics[1].value = model::counter{-0.0};
    metrics[1].labels = labels;
    EXPECT_EQ(written({"c_total", "Help", model::metric_type::counter, metrics}),
              "# HELP c_total Help\n# TYPE c_total counter\nc_total 1e+06\nc_total{a=\"x\",b=\"\"} 0\n");
    metrics.resize(1);
    metrics[0].value = model::gauge{std::numeric_limits<double>::quiet_NaN()};
    EXPECT_EQ(written({"g", std::nullopt, model::metric_type::gauge, metrics}), "# TYPE g gauge\ng NaN\n");
    metrics[0].value = model::untyped{-infinity};
    metrics[0].timestamp_ms = std::numeric_limits<std::int64_t>::min();
    EXPECT_EQ(written({"u", "", model::metric_type::untyped, metrics}),
              "# HELP u \n# TYPE u untyped\nu -Inf -9223372036854775808\n");
}

TEST(WriteText, NothingForAFamilyWithoutMetrics) {
    EXPECT_EQ(written({"c", "Help", model::metric_type::counter, {}}), "");
}

TEST(WriteText, SummaryHasQuantilesThenSumAndCount) {
    std::array const labels = {model::label{"a", "x"}};
    std::array const quantiles = {model::quantile{0.99, 3}, model::quantile{0.5, 1.5}};
    model::metric metric;
    metric.value = model::summary{1'000'000, 2.5, quantiles};
    EXPECT_EQ(written({"s", std::nullopt, model::metric_type::summary, {&metric, 1}}),
              "# TYPE s summary\ns{quantile=\"0.99\"} 3\ns{quantile=\"0.5\"} 1.5\ns_sum 2.5\ns_count 1e+06\n");
    metric.labels = labels;
    EXPECT_EQ(written({"s", std::nullopt, model::metric_type::summary, {&metric, 1}}),
              "# TYPE s summary\ns{a=\"x\",quantile=\"0.99\"} 3\ns{a=\"x\",quantile=\"0.5\"} 1.5\n"
              "s_sum{a=\"x\"} 2.5\ns_count{a=\"x\"} 1e+06\n");
}

TEST(WriteText, HistogramGetsTheBucketItLacks) {
    std::array const buckets = {model::bucket{-1, 0}, model::bucket{0.5, 1}, model::bucket{1e6, 2}};
    model::metric metric;
    metric.value = model::histogram{3, 7, buckets};
    EXPECT_EQ(written({"h", std::nullopt, model::metric_type::histogram, {&metric, 1}}),
              "# TYPE h histogram\nh_bucket{le=\"-1\"} 0\nh_bucket{le=\"0.5\"} 1\nh_bucket{le=\"1e+06\"} 2\n"
              "h_bucket{le=\"+Inf\"} 3\nh_sum 7\nh_count 3\n");
}

TEST(WriteText, HistogramKeepsTheOrderOfItsBuckets) {
    std::array const buckets = {model::bucket{infinity, 5}, model::bucket{1, 2}};
    model::metric metric;
    metric.value = model::histogram{3, 7, buckets};
    EXPECT_EQ(written({"h", std::nullopt, model::metric_type::histogram, {&metric, 1}}),
              "# TYPE h histogram\nh_bucket{le=\"+Inf\"} 5\nh_bucket{le=\"1\"} 2\nh_sum 7\nh_count 3\n");
}

TEST(WriteText, FloatAndGaugeHistogramsAreHistograms) {
    std::array const buckets = {model::float_bucket{1, 0.5}};
    model::metric metric;
    metric.value = model::float_histogram{1.5, 7, buckets};
    EXPECT_EQ(written({"h", std::nullopt, model::metric_type::gauge_histogram, {&metric, 1}}),
              "# TYPE h histogram\nh_bucket{le=\"1\"} 0.5\nh_bucket{le=\"+Inf\"} 1.5\nh_sum 7\nh_count 1.5\n");
}

TEST(WriteText, EscapesQuotesInLabelsOnly) {
    std::array const labels = {model::label{"a", "q\" b\\ n\n t\t"}};
    model::metric metric;
    metric.labels = labels;
    metric.value = model::gauge{1};
    EXPECT_EQ(written({"g", "q\" b\\ n\n t\t", model::metric_type::gauge, {&metric, 1}}),
              "# HELP g q\" b\\\\ n\\n t\t\n# TYPE g gauge\ng{a=\"q\\\" b\\\\ n\\n t\t\"} 1\n");
}

TEST(WriteText, NamesBeyondTheLegacySetStandInBraces) {
    std::array const labels = {model::label{"x.y", "v"}, model::label{"a:b", "w"}, model::label{"ok", "z"}};
    model::metric metric;
    metric.value = model::gauge{1};
    EXPECT_EQ(written({"a.\"b", "H", model::metric_type::gauge, {&metric, 1}}),
              "# HELP \"a.\\\"b\" H\n# TYPE \"a.\\\"b\" gauge\n{\"a.\\\"b\"} 1\n");
    metric.labels = labels;
    EXPECT_EQ(written({"a.b", std::nullopt, model::metric_type::gauge, {&metric, 1}}),
              "# TYPE \"a.b\" gauge\n{\"a.b\",\"x.y\"=\"v\",\"a:b\"=\"w\",ok=\"z\"} 1\n");
    metric.value = model::summary{1, 2, {}};
    EXPECT_EQ(written({"a:b", std::nullopt, model::metric_type::summary, {&metric, 1}}),
              "# TYPE a:b summary\na:b_sum{\"x.y\"=\"v\",\"a:b\"=\"w\",ok=\"z\"} 2\n"
              "a:b_count{\"x.y\"=\"v\",\"a:b\"=\"w\",ok=\"z\"} 1\n");
    metric.labels = {};
    metric.value = model::histogram{1, 2, {}};
    EXPECT_EQ(written({"a.b", std::nullopt, model::metric_type::histogram, {&metric, 1}}),
              "# TYPE \"a.b\" histogram\n{\"a.b_bucket\",le=\"+Inf\"} 1\n{\"a.b_sum\"} 2\n{\"a.b_count\"} 1\n");
}

}  // namespace
}  // namespace pushgateway::format::text
