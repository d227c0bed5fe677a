#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include <pushgateway/format/openmetrics/write.hpp>

namespace pushgateway::format::openmetrics {
namespace {

std::string header(std::string_view name, model::metric_type type, std::optional<std::string_view> help = {}) {
    std::string out;
    append_header(out, name, help, type);
    return out;
}

TEST(OpenMetricsHeader, NamesACounterWithoutItsSuffix) {
    EXPECT_EQ(header("a_total", model::metric_type::counter, "some"), "# HELP a some\n# TYPE a counter\n");
    EXPECT_EQ(header("a", model::metric_type::counter), "# TYPE a unknown\n");
    EXPECT_EQ(header("a_total", model::metric_type::gauge), "# TYPE a_total gauge\n");
}

TEST(OpenMetricsHeader, SpellsTypesAndHelpsByTheStandard) {
    EXPECT_EQ(header("a", model::metric_type::untyped), "# TYPE a unknown\n");
    EXPECT_EQ(header("a", model::metric_type::gauge_histogram), "# TYPE a gaugehistogram\n");
    EXPECT_EQ(header("a", model::metric_type::summary, "\"x\"\\\n"), "# HELP a \\\"x\\\"\\\\\\n\n# TYPE a summary\n");
    EXPECT_EQ(header("a.b", model::metric_type::histogram), "# TYPE \"a.b\" histogram\n");
}

TEST(OpenMetricsHeader, HasAUnitThatEndsTheName) {
    auto const with_unit = [](std::string_view name, model::metric_type type, std::string_view unit) {
        std::string out;
        append_header(out, name, {}, type, unit);
        return out;
    };
    using enum model::metric_type;
    EXPECT_EQ(with_unit("a_s", gauge, "s"), "# TYPE a_s gauge\n# UNIT a_s s\n");
    EXPECT_EQ(with_unit("a_s_total", counter, "s"), "# TYPE a_s counter\n# UNIT a_s s\n");
    EXPECT_EQ(with_unit("a_s_total", untyped, "s"), "# TYPE a_s_total unknown\n");
    EXPECT_EQ(with_unit("a.b_s", gauge, "s"), "# TYPE \"a.b_s\" gauge\n# UNIT \"a.b_s\" s\n");
    // For each of these Prometheus gives up the whole scrape.
    for (std::string_view const unit : {"", "m", "_s", "a_s", "b_a_s", "s\n"}) {
        EXPECT_EQ(with_unit("a_s", gauge, unit), "# TYPE a_s gauge\n") << unit;
    }
    EXPECT_EQ(with_unit("a_ s", gauge, " s"), "# TYPE \"a_ s\" gauge\n");
}

TEST(OpenMetricsHeader, NamesInfosAndStateSets) {
    auto const of_kind = [](std::string_view name, model::metric_type type, model::gauge_kind kind) {
        std::string out;
        append_header(out, name, "h", type, "s", kind);
        return out;
    };
    using enum model::gauge_kind;
    auto const gauge = model::metric_type::gauge;
    EXPECT_EQ(of_kind("a_info", gauge, info), "# HELP a h\n# TYPE a info\n");
    EXPECT_EQ(of_kind("_info", gauge, info), "# HELP _info h\n# TYPE _info gauge\n");
    EXPECT_EQ(of_kind("a", gauge, info), "# HELP a h\n# TYPE a gauge\n");
    EXPECT_EQ(of_kind("a_s", gauge, state_set), "# HELP a_s h\n# TYPE a_s stateset\n") << "it has no unit";
    EXPECT_EQ(of_kind("a_info", model::metric_type::counter, info), "# HELP a_info h\n# TYPE a_info unknown\n");
}

std::string lines(std::string_view name, model::metric_type type, model::metric const& metric, bool created = true) {
    std::string out;
    append_metric(out, name, type, metric, created);
    return out;
}

TEST(OpenMetricsHeader, HasNoCounterWithoutAName) {
    EXPECT_EQ(header("_total", model::metric_type::counter), "# TYPE _total unknown\n");
}

TEST(OpenMetricsLines, ShowWhenACountBegan) {
    model::metric_details const details{model::instant{1520430000, 123000000}, {}};
    model::label const label{"l", "v"};
    model::metric metric{{&label, 1}, model::counter{5}, 1500, &details};
    EXPECT_EQ(lines("a_total", model::metric_type::counter, metric),
              "a_total{l=\"v\"} 5 1.5\na_created{l=\"v\"} 1520430000.123 1.5\n");
    EXPECT_EQ(lines("a_total", model::metric_type::counter, metric, false), "a_total{l=\"v\"} 5 1.5\n");
    EXPECT_EQ(lines("a", model::metric_type::counter, metric), "a{l=\"v\"} 5 1.5\n") << "an unknown one has no more";
    EXPECT_EQ(lines("a_total", model::metric_type::untyped, metric), "a_total{l=\"v\"} 5 1.5\n");
    metric.value = model::summary{2, 3, {}};
    EXPECT_EQ(lines("a", model::metric_type::summary, metric),
              "a_sum{l=\"v\"} 3 1.5\na_count{l=\"v\"} 2 1.5\na_created{l=\"v\"} 1520430000.123 1.5\n");
    EXPECT_EQ(lines("a.b_total", model::metric_type::counter, {{}, model::counter{5}, {}, &details}),
              "{\"a.b_total\"} 5\n{\"a.b_created\"} 1520430000.123\n");
    model::metric_details const nonsense{model::instant{1, -5}, {}};
    EXPECT_EQ(lines("a_total", model::metric_type::counter, {{}, model::counter{5}, {}, &nonsense}), "a_total 5\n");
}

TEST(OpenMetricsLines, SpellGaugeHistogramsByTheStandard) {
    EXPECT_EQ(lines("a", model::metric_type::gauge_histogram, {{}, model::histogram{2, -3, {}, nullptr}}),
              "a_bucket{le=\"+Inf\"} 2\na_gsum -3\na_gcount 2\n");
    constexpr auto infinity = std::numeric_limits<double>::infinity();
    model::bucket const buckets[] = {{-infinity, 0}, {-3, 0}, {0, 1}, {0.5, 1}, {1, 1}, {1e6, 2}, {infinity, 2}};
    EXPECT_EQ(lines("a", model::metric_type::gauge_histogram, {{}, model::histogram{2, -3, buckets, nullptr}}),
              "a_bucket{le=\"-Inf\"} 0\na_bucket{le=\"-3.0\"} 0\na_bucket{le=\"0.0\"} 1\na_bucket{le=\"0.5\"} 1\n"
              "a_bucket{le=\"1.0\"} 1\na_bucket{le=\"1e+06\"} 2\na_bucket{le=\"+Inf\"} 2\na_gsum -3\na_gcount 2\n");
}

/// What is written of a counter with this exemplar, behind its value.
std::string shown(model::exemplar const& exemplar) {
    model::metric_details const details{{}, {&exemplar, 1}};
    return lines("a_total", model::metric_type::counter, {{}, model::counter{5}, {}, &details}).substr(9);
}

TEST(OpenMetricsLines, ShowExemplars) {
    constexpr auto none = model::exemplar::no_bucket;
    model::label const labels[] = {{"t", "\"1\"\n"}, {"b.c", ""}};
    EXPECT_EQ(shown({none, {}, 0.5, {}}), " # {} 0.5\n");
    EXPECT_EQ(shown({none, labels, 1, model::instant{2, 5000}}), " # {t=\"\\\"1\\\"\\n\",\"b.c\"=\"\"} 1 2.000005\n");
    EXPECT_EQ(shown({none, {}, 1, model::instant{2, -1}}), " # {} 1\n");
}

TEST(OpenMetricsLines, LeaveOutExemplarsThatAStrictReaderRefuses) {
    constexpr auto none = model::exemplar::no_bucket;
    std::string euros;
    for (int i = 0; i != 127; ++i) euros += "\xE2\x82\xAC";
    model::label const longest{"t", euros};
    EXPECT_EQ(shown({none, {&longest, 1}, 1, {}}), " # {t=\"" + euros + "\"} 1\n") << "characters count, not bytes";
    model::label const longer[] = {{"t", euros}, {"u", ""}};
    EXPECT_EQ(shown({none, longer, 1, {}}), "\n");
    model::label const twice[] = {{"t", "1"}, {"t", "2"}};
    EXPECT_EQ(shown({none, twice, 1, {}}), "\n");
    model::label const invalid{"t", "\xFF"};
    EXPECT_EQ(shown({none, {&invalid, 1}, 1, {}}), "\n");
    // Prometheus would give up the whole scrape.
    model::label const with_nul[] = {{"t", std::string_view("1\0", 2)}, {std::string_view("t\0", 2), "1"}};
    EXPECT_EQ(shown({none, {&with_nul[0], 1}, 1, {}}), "\n");
    EXPECT_EQ(shown({none, {&with_nul[1], 1}, 1, {}}), "\n");
    model::label const nameless{"", "1"};
    EXPECT_EQ(shown({none, {&nameless, 1}, 1, {}}), "\n");
}

TEST(OpenMetricsLines, ShowTheFirstExemplarOfEachBucketThatLiesInIt) {
    constexpr auto none = model::exemplar::no_bucket;
    model::exemplar const exemplars[] = {{none, {}, 9, {}}, {0, {}, 0.5, {}},  {0, {}, 0.25, {}},
                                         {1, {}, 3, {}},    {none, {}, 9, {}}, {2, {}, 7, {}}};
    model::metric_details const details{{}, exemplars};
    model::bucket const buckets[] = {{1, 1}, {2, 2}, {std::numeric_limits<double>::infinity(), 3}};
    EXPECT_EQ(lines("a", model::metric_type::histogram, {{}, model::histogram{3, 4, buckets, nullptr}, {}, &details}),
              "a_bucket{le=\"1\"} 1 # {} 0.5\na_bucket{le=\"2\"} 2\na_bucket{le=\"+Inf\"} 3 # {} 7\na_sum 4\n"
              "a_count 3\n");
}

}  // namespace
}  // namespace pushgateway::format::openmetrics
