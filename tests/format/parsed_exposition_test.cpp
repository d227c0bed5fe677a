#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <variant>

#include <gtest/gtest.h>

#include <pushgateway/format/family_source.hpp>
#include <pushgateway/format/parsed_exposition.hpp>
#include <pushgateway/format/text/parse.hpp>
#include <pushgateway/format/text/write.hpp>

#include "support/numbered.hpp"

namespace pushgateway::format {
namespace {

/// What the families of `body` are, written out; `as_upstream`: also of what is refused otherwise.
std::string folded(std::string_view body, bool as_upstream = true) {
    parsed_exposition parsed;
    if (auto const read = text::parse(body, {.ignore_stray_samples = as_upstream}, parsed); !read) {
        return read.error().message;
    }
    std::string out;
    parsed.for_each_family([&out](model::metric_family const& family) { text::append_family(out, family); });
    return out;
}

struct pair {
    std::string_view body;
    std::string_view meaning;
};

TEST(Folding, OneMetricForTheLinesOfALabelSet) {
    for (auto const& [body, meaning] : std::to_array<pair>({
             {"# TYPE s summary\ns{quantile=\"0.5\"} 1\ns_sum 2\ns_count 3\ns{quantile=\"0.9\"} 4\n",
              "# TYPE s summary\ns{quantile=\"0.5\"} 1\ns{quantile=\"0.9\"} 4\ns_sum 2\ns_count 3\n"},
             {"# TYPE h histogram\nh_bucket{a=\"1\",le=\"1\",b=\"2\"} 1\nh_bucket{b=\"3\",le=\"1\"} "
              "7\nh_bucket{b=\"2\",a=\"1\",le=\"+Inf\"} 2\nh_sum{a=\"1\",b=\"2\"} 5\n",
              "# TYPE h histogram\nh_bucket{a=\"1\",b=\"2\",le=\"1\"} 1\nh_bucket{a=\"1\",b=\"2\",le=\"+Inf\"} "
              "2\nh_sum{a=\"1\",b=\"2\"} 5\nh_count{a=\"1\",b=\"2\"} 0\n"
              "h_bucket{b=\"3\",le=\"1\"} 7\nh_bucket{b=\"3\",le=\"+Inf\"} 0\nh_sum{b=\"3\"} 0\nh_count{b=\"3\"} 0\n"},
             {"# TYPE h histogram\nh_count 1\nx 1\nh_sum 2\nx 2\nh{le=\"+Inf\"} 1\n",
              "# TYPE h histogram\nh_bucket{le=\"+Inf\"} 1\nh_sum 2\nh_count 1\n# TYPE x untyped\nx 1\nx 2\n"},
             {"# TYPE s summary\ns_sum{a=\"\"} 1\ns_sum 2\n",
              "# TYPE s summary\ns_sum{a=\"\"} 1\ns_count{a=\"\"} 0\ns_sum 2\ns_count 0\n"},
         })) {
        EXPECT_EQ(folded(body), meaning) << body;
    }
}

TEST(Folding, LinesWithoutABoundMakeAMetricAndNoMore) {
    EXPECT_EQ(folded("# TYPE s summary\ns 5\n"), "# TYPE s summary\ns_sum 0\ns_count 0\n");
    EXPECT_EQ(folded("# TYPE s summary\ns{quantile=\"NaN\"} 5\n"), "# TYPE s summary\ns_sum 0\ns_count 0\n");
    EXPECT_EQ(folded("# TYPE h histogram\nh_bucket 5\n"),
              "# TYPE h histogram\nh_bucket{le=\"+Inf\"} 0\nh_sum 0\nh_count 0\n");
    EXPECT_EQ(folded("# TYPE h histogram\nh -5\n"),
              "# TYPE h histogram\nh_bucket{le=\"+Inf\"} 0\nh_sum 0\nh_count 0\n");
}

TEST(Folding, TheLastOfRepeatedLabelsAndLinesCounts) {
    EXPECT_EQ(folded("# TYPE s summary\ns{quantile=\"0.1\",quantile=\"0.5\"} 1\ns_count 1\ns_count 2\n"),
              "# TYPE s summary\ns{quantile=\"0.5\"} 1\ns_sum 0\ns_count 2\n");
    EXPECT_EQ(folded("# TYPE h histogram\nh_count{le=\"1\"} 4 7\nh_sum 1 8\nh_sum 2\n"),
              "# TYPE h histogram\nh_bucket{le=\"+Inf\"} 4 8\nh_sum 2 8\nh_count 4 8\n");
}

// Two metrics with the same labels are a conflict, so that no line is lost unseen.
TEST(Folding, RepeatedSumsAndCountsMakeAnotherMetric) {
    EXPECT_EQ(folded("# TYPE s summary\ns_count 1\ns_count 2\ns_sum 7\n", false),
              "# TYPE s summary\ns_sum 7\ns_count 1\ns_sum 0\ns_count 2\n");
    EXPECT_EQ(folded("# TYPE h histogram\nh_sum{a=\"1\",b=\"2\"} 3\nx 1\nh_sum{b=\"2\",a=\"1\"} 4\n", false),
              "# TYPE h histogram\nh_bucket{a=\"1\",b=\"2\",le=\"+Inf\"} 0\nh_sum{a=\"1\",b=\"2\"} 3\n"
              "h_count{a=\"1\",b=\"2\"} 0\nh_bucket{a=\"1\",b=\"2\",le=\"+Inf\"} 0\nh_sum{a=\"1\",b=\"2\"} 4\n"
              "h_count{a=\"1\",b=\"2\"} 0\n# TYPE x untyped\nx 1\n");
    EXPECT_EQ(folded("# TYPE s summary\ns_sum{a=\"1\"} 3\ns_sum{a=\"2\"} 4\n", false),
              "# TYPE s summary\ns_sum{a=\"1\"} 3\ns_count{a=\"1\"} 0\ns_sum{a=\"2\"} 4\ns_count{a=\"2\"} 0\n");
}

// As the text writers for gauge histograms of Python and Java have it.
TEST(Folding, ACountThatIsMissingIsThatOfTheLastBucket) {
    std::string_view const lines = "# TYPE h histogram\nh_bucket{le=\"1\"} 2\nh_bucket{le=\"+Inf\"} 5\n";
    EXPECT_EQ(folded(lines, false), std::string(lines) + "h_sum 0\nh_count 5\n");
    EXPECT_EQ(folded(lines, true), std::string(lines) + "h_sum 0\nh_count 0\n");
    std::string_view const floats = "# TYPE h histogram\nh_bucket{le=\"1\"} 2\nh_bucket{le=\"+Inf\"} 5.5\n";
    EXPECT_EQ(folded(floats, false), std::string(floats) + "h_sum 0\nh_count 5.5\n");
    EXPECT_EQ(folded(std::string(lines) + "h_count 0\n", false), std::string(lines) + "h_sum 0\nh_count 0\n");
    EXPECT_EQ(folded(std::string(lines) + "gh_gcount 5\n", false),
              std::string(lines) + "h_sum 0\nh_count 5\n# TYPE gh_gcount untyped\ngh_gcount 5\n");
}

TEST(Folding, SuffixesBelongToAFamilyIfItsTypeCameFirst) {
    for (auto const& [body, meaning] : std::to_array<pair>({
             {"s_sum 1\n# TYPE s summary\ns_count 2\ns_sum 3\n",
              "# TYPE s_sum untyped\ns_sum 1\ns_sum 3\n# TYPE s summary\ns_sum 0\ns_count 2\n"},
             {"# TYPE s summary\ns_bucket 1\n", "# TYPE s_bucket untyped\ns_bucket 1\n"},
             {"# TYPE c counter\nc_sum 1\nc_count 1\n",
              "# TYPE c_sum untyped\nc_sum 1\n# TYPE c_count untyped\nc_count 1\n"},
             {"# TYPE h_count gauge\n# TYPE h histogram\nh_count 1\nh_sum 2\n",
              "# TYPE h_count gauge\nh_count 1\n# TYPE h histogram\nh_bucket{le=\"+Inf\"} 0\nh_sum 2\nh_count 0\n"},
             {"# HELP h_sum x\n# TYPE h histogram\nh_sum 2\n", "# HELP h_sum x\n# TYPE h_sum untyped\nh_sum 2\n"},
             {"# HELP h_sum\n# TYPE h histogram\nh_sum 2\n",
              "# TYPE h histogram\nh_bucket{le=\"+Inf\"} 0\nh_sum 2\nh_count 0\n"},
             {"# TYPE h histogram\n# HELP h_sum of h\nh_count 2\n",
              "# HELP h of h\n# TYPE h histogram\nh_bucket{le=\"+Inf\"} 2\nh_sum 0\nh_count 2\n"},
             {"# TYPE s summary\ns_count_count 1\n", "# TYPE s_count_count untyped\ns_count_count 1\n"},
             {"# TYPE s_count summary\ns_count_count 1\n", "# TYPE s_count summary\ns_count_sum 0\ns_count_count 1\n"},
             {"_sum 1\n_count 1\n", "# TYPE _sum untyped\n_sum 1\n# TYPE _count untyped\n_count 1\n"},
         })) {
        EXPECT_EQ(folded(body), meaning) << body;
    }
}

TEST(Folding, CountsThatAreNotWholeMakeAHistogramOneOfFloats) {
    for (auto const& [body, meaning] : std::to_array<pair>({
             {"h_count 1.5\nh_bucket{le=\"1\"} 1\n",
              "h_bucket{le=\"1\"} 1\nh_bucket{le=\"+Inf\"} 1.5\nh_sum 0\nh_count 1.5\n"},
             {"h_bucket{le=\"1\"} 0.5\nh_count 2\n",
              "h_bucket{le=\"1\"} 0.5\nh_bucket{le=\"+Inf\"} 2\nh_sum 0\nh_count 2\n"},
             {"h_count 1.5\nh_count 2\n", "h_bucket{le=\"+Inf\"} 1.5\nh_sum 0\nh_count 1.5\n"},
             {"h_count 2\nh_count 1.5\nh_count 2.5\n", "h_bucket{le=\"+Inf\"} 2.5\nh_sum 0\nh_count 2.5\n"},
             {"h_count NaN\n", "h_bucket{le=\"+Inf\"} NaN\nh_sum 0\nh_count NaN\n"},
             {"h_count +Inf\n", "h_bucket{le=\"+Inf\"} +Inf\nh_sum 0\nh_count +Inf\n"},
             {"h_count 18446744073709551616\n",
              "h_bucket{le=\"+Inf\"} 1.8446744073709552e+19\nh_sum 0\nh_count 1.8446744073709552e+19\n"},
             {"h_count -0\nh_sum -0\n", "h_bucket{le=\"+Inf\"} 0\nh_sum 0\nh_count 0\n"},
         })) {
        EXPECT_EQ(folded("# TYPE h histogram\n" + std::string(body)), "# TYPE h histogram\n" + std::string(meaning))
            << body;
    }
    parsed_exposition parsed;
    ASSERT_TRUE(text::parse("# TYPE h histogram\nh_count{a=\"1\"} 1\nh_count{a=\"2\"} 1.5\n", {}, parsed));
    parsed.for_each_family([](model::metric_family const& family) {
        ASSERT_EQ(family.metrics.size(), 2);
        EXPECT_TRUE(std::holds_alternative<model::histogram>(family.metrics[0].value));
        EXPECT_TRUE(std::holds_alternative<model::float_histogram>(family.metrics[1].value));
    });
}

TEST(Folding, OddSummaryCountsBecomeWhatGoMakesOfThem) {
    for (auto const& [count, printed] : std::to_array<pair>(
             {{"1.9", "1"}, {"-1", "1.8446744073709552e+19"}, {"NaN", "9.223372036854775808e+18"}, {"-0.5", "0"}})) {
        auto const expected =
            printed == "9.223372036854775808e+18" ? std::string_view("9.223372036854776e+18") : printed;
        EXPECT_EQ(folded("# TYPE s summary\ns_count " + std::string(count) + "\n"),
                  "# TYPE s summary\ns_sum 0\ns_count " + std::string(expected) + "\n");
    }
}

TEST(ParsedExposition, KeepsFamiliesInTheOrderOfTheirFirstLine) {
    EXPECT_EQ(folded("# HELP c first\nb 1\na 1\nc 1\nb 2\na 2\n# HELP d nothing\n"),
              "# HELP c first\n# TYPE c untyped\nc 1\n# TYPE b untyped\nb 1\nb 2\n# TYPE a untyped\na 1\na 2\n");
}

TEST(ParsedExposition, ManyInterleavedFamiliesAndLabelSets) {
    constexpr std::size_t many = 3'000;
    std::string body = "# TYPE h histogram\n";
    for (std::size_t round = 0; round < 3; ++round) {
        for (std::size_t i = 0; i < many; ++i) {
            body += test::numbered("m", i) + test::numbered(" ", round) + '\n';
            auto const a = test::numbered("a=\"", i) + '"';
            body += "h_bucket{";
            body += round == 1 ? "b=\"x\"," + a : a + ",b=\"x\"";
            body += test::numbered(",le=\"", round) + test::numbered("\"} ", i) + '\n';
        }
    }
    parsed_exposition parsed;
    ASSERT_TRUE(text::parse(body, {}, parsed));
    EXPECT_EQ(parsed.sample_count(), 6 * many);
    std::size_t families = 0;
    parsed.for_each_family([&](model::metric_family const& family) {
        ++families;
        if (family.name != "h") {
            ASSERT_EQ(family.metrics.size(), 3);
            for (std::size_t i = 0; i < 3; ++i)
                ASSERT_EQ(std::get<model::untyped>(family.metrics[i].value).value, static_cast<double>(i));
            return;
        }
        ASSERT_EQ(family.metrics.size(), many);
        for (std::size_t i = 0; i < many; ++i) {
            auto const& h = std::get<model::histogram>(family.metrics[i].value);
            ASSERT_EQ(h.buckets.size(), 3);
            for (std::size_t k = 0; k < 3; ++k) ASSERT_EQ(h.buckets[k], (model::bucket{static_cast<double>(k), i}));
        }
    });
    EXPECT_EQ(families, many + 1);
}

TEST(ParsedExposition, LabelSetsOfManyLabelsInAnyOrderAreTheSame) {
    std::string forth;
    std::string back;
    for (std::size_t i = 0; i < 100; ++i) {
        auto const label = test::numbered("l", i) + "=\"v\"";
        forth += label + ",";
        back.insert(0, label + ",");
    }
    auto const body = "# TYPE s summary\ns_sum{" + forth + "} 1\ns_count{" + back + "} 2\n";
    parsed_exposition parsed;
    ASSERT_TRUE(text::parse(body, {}, parsed));
    parsed.for_each_family([](model::metric_family const& family) {
        ASSERT_EQ(family.metrics.size(), 1);
        EXPECT_EQ(family.metrics[0].value, model::metric_value(model::summary{2, 1, {}}));
        EXPECT_EQ(family.metrics[0].labels.size(), 100);
    });
}

TEST(Families, HandsOutTheArrayItWasGiven) {
    std::array<model::metric_family, 2> const all = {model::metric_family{"a", "h", model::metric_type::gauge, {}}, {}};
    std::size_t seen = 0;
    families(all).for_each_family([&](model::metric_family const& family) { EXPECT_EQ(&family, &all[seen++]); });
    EXPECT_EQ(seen, all.size());
}

}  // namespace
}  // namespace pushgateway::format
