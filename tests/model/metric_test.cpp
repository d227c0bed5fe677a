#include <array>
#include <cstddef>
#include <limits>

#include <gtest/gtest.h>

#include <pushgateway/model/label.hpp>
#include <pushgateway/model/metric.hpp>
#include <pushgateway/model/metric_family.hpp>

namespace pushgateway::model {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

TEST(Metric, ValuesAreEqualBitForBit) {
    EXPECT_EQ(counter{nan}, counter{nan});
    EXPECT_NE(gauge{0.0}, gauge{-0.0});
    EXPECT_EQ(untyped{1}, untyped{1});
    EXPECT_NE(metric_value(counter{1}), metric_value(gauge{1}));
}

TEST(Metric, SummariesCompareTheirQuantiles) {
    std::array const some = {quantile{0.5, nan}, quantile{0.9, 2}};
    auto const same = some;
    std::array const other = {quantile{0.9, 2}, quantile{0.5, nan}};
    EXPECT_EQ((summary{1, 2, some}), (summary{1, 2, same}));
    EXPECT_NE((summary{1, 2, some}), (summary{1, 2, other}));
    EXPECT_NE((summary{1, 2, some}), (summary{2, 2, some}));
    EXPECT_NE((summary{1, 2, some}), (summary{1, 3, some}));
    EXPECT_NE((summary{1, 2, some}), (summary{1, 2, {}}));
}

TEST(Metric, HistogramsCompareTheirBuckets) {
    std::array const some = {bucket{1, 2}, bucket{2, 3}};
    std::array const other = {bucket{1, 2}, bucket{2, 4}};
    EXPECT_EQ((histogram{3, 1, some}), (histogram{3, 1, some}));
    EXPECT_NE((histogram{3, 1, some}), (histogram{3, 1, other}));
    EXPECT_NE((histogram{3, 1, some}), (histogram{4, 1, some}));
    std::array const floats = {float_bucket{1, nan}};
    EXPECT_EQ((float_histogram{nan, 1, floats}), (float_histogram{nan, 1, floats}));
    EXPECT_NE(metric_value(histogram{}), metric_value(float_histogram{}));
}

TEST(Metric, LabelsAndTimestampsTakePart) {
    std::array const labels = {label{"a", "1"}, label{"b", "2"}};
    std::array const turned = {label{"b", "2"}, label{"a", "1"}};
    metric const m{labels, gauge{1}, std::nullopt};
    EXPECT_EQ(m, (metric{labels, gauge{1}, std::nullopt}));
    EXPECT_FALSE(m == (metric{turned, gauge{1}, std::nullopt}));
    EXPECT_FALSE(m == (metric{labels, gauge{1}, 0}));
    EXPECT_FALSE(m == (metric{{}, gauge{1}, std::nullopt}));
}

TEST(MetricFamily, NoHelpIsNotAnEmptyHelp) {
    metric_family const none{"a", std::nullopt, metric_type::gauge, {}};
    EXPECT_EQ(none, none);
    EXPECT_FALSE(none == (metric_family{"a", "", metric_type::gauge, {}}));
    EXPECT_FALSE(none == (metric_family{"b", std::nullopt, metric_type::gauge, {}}));
    EXPECT_FALSE(none == (metric_family{"a", std::nullopt, metric_type::counter, {}}));
    metric const m;
    EXPECT_FALSE(none == (metric_family{"a", std::nullopt, metric_type::gauge, {&m, 1}}));
}

TEST(MetricFamily, TypesHaveNames) {
    EXPECT_EQ(upper_case_name(metric_type::counter), "COUNTER");
    EXPECT_EQ(upper_case_name(metric_type::gauge), "GAUGE");
    EXPECT_EQ(upper_case_name(metric_type::summary), "SUMMARY");
    EXPECT_EQ(upper_case_name(metric_type::untyped), "UNTYPED");
    EXPECT_EQ(upper_case_name(metric_type::histogram), "HISTOGRAM");
    EXPECT_EQ(upper_case_name(metric_type::gauge_histogram), "GAUGE_HISTOGRAM");
    EXPECT_EQ(upper_case_name(static_cast<metric_type>(9)), "UNTYPED");
    EXPECT_EQ(names_of(metric_type::gauge_histogram).word, "gauge_histogram");
    EXPECT_EQ(names_of(metric_type::gauge_histogram).described, "gauge histogram");
    for (std::size_t i = 0; i != all_type_names.size(); ++i) {
        auto const& row = all_type_names[i];
        EXPECT_EQ(&names_of(row.type, row.kind), &row);
        EXPECT_EQ(static_cast<std::size_t>(row.type) == i, i < metric_types);
        EXPECT_EQ(row.kind == gauge_kind::plain, i < metric_types);
        // Only gauges are of a kind.
        EXPECT_EQ(&names_of(metric_type::counter, row.kind), all_type_names.data());
    }
    EXPECT_TRUE(has_buckets(metric_type::histogram));
    EXPECT_TRUE(has_buckets(metric_type::gauge_histogram));
    EXPECT_FALSE(has_buckets(metric_type::summary));
}

}  // namespace
}  // namespace pushgateway::model
