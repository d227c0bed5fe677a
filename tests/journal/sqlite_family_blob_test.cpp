// Metrics to bytes and back: every bit returns.

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <pushgateway/journal/sqlite/family_blob.hpp>
#include <pushgateway/journal/sqlite/rows.hpp>

#include "support/any_families.hpp"

namespace pushgateway::test {
namespace {

RC_GTEST_PROP(family_blob, returns_every_bit, (std::uint64_t seed)) {
    any_families const made(seed, true, {.rich = true});
    journal::sqlite::family_blob_reader reader;
    for (auto const& family : made.all()) {
        std::string blob;
        std::vector<model::metric> expected;
        for (auto const& metric : family.metrics) {
            journal::sqlite::append_metric(blob, metric);
            expected.push_back(metric);
        }
        model::metric_family got;
        got.type = family.type;
        std::vector<model::metric> metrics;
        RC_ASSERT(reader.read(blob, got, metrics).has_value());
        RC_ASSERT(metrics == expected);
        reader.clear();
    }
}

TEST(family_blob, odd_floats_return) {
    std::vector<model::float_bucket> const buckets{{-0.0, -0.0}, {std::numeric_limits<double>::denorm_min(), 0.5}};
    model::float_histogram const odd{-0.0, std::numeric_limits<double>::signaling_NaN(), buckets};
    std::string blob;
    journal::sqlite::append_metric(blob, {{}, odd, {}});
    model::metric_family family;
    family.type = model::metric_type::gauge_histogram;
    std::vector<model::metric> metrics;
    journal::sqlite::family_blob_reader reader;
    ASSERT_TRUE(reader.read(blob, family, metrics));
    ASSERT_EQ(metrics.size(), 1);
    EXPECT_TRUE(metrics[0].value == model::metric_value(odd));
}

TEST(family_blob, unit_and_kind_return) {
    for (auto const kind : {model::gauge_kind::plain, model::gauge_kind::info, model::gauge_kind::state_set}) {
        for (auto const* unit : {"", "bytes", "\xC3\xBC"}) {
            std::string blob;
            journal::sqlite::append_traits(blob, unit, kind);
            journal::sqlite::append_metric(blob, {{}, model::gauge{1}, {}});
            model::metric_family family;
            family.type = model::metric_type::gauge;
            std::vector<model::metric> metrics;
            journal::sqlite::family_blob_reader reader;
            ASSERT_TRUE(reader.read(blob, family, metrics));
            EXPECT_EQ(family.unit, unit);
            EXPECT_EQ(family.kind, kind);
            EXPECT_EQ(metrics.size(), 1u);
        }
    }
}

TEST(family_blob, a_kind_that_is_not_known_is_none) {
    std::string blob;
    journal::sqlite::append_traits(blob, "", static_cast<model::gauge_kind>(7));
    model::metric_family family;
    family.type = model::metric_type::gauge;
    std::vector<model::metric> metrics;
    journal::sqlite::family_blob_reader reader;
    ASSERT_TRUE(reader.read(blob, family, metrics));
    EXPECT_EQ(family.kind, model::gauge_kind::plain);
}

TEST(family_blob, damage_is_told) {
    std::string blob;
    journal::sqlite::append_metric(blob, {{}, model::gauge{1}, {}});
    model::metric_family family;
    family.type = model::metric_type::counter;
    std::vector<model::metric> metrics;
    journal::sqlite::family_blob_reader reader;
    EXPECT_FALSE(reader.read(blob, family, metrics)) << "another type";
    family.type = model::metric_type::gauge;
    EXPECT_FALSE(reader.read(blob.substr(0, blob.size() - 1), family, metrics)) << "cut";
}

RC_GTEST_PROP(labels, return_through_json, (std::string a, std::string b, std::string job)) {
    model::grouping_key key(job);
    key.set(a, b);
    std::string text;
    journal::sqlite::append_labels(text, key.pairs());
    auto const read = journal::sqlite::read_labels(text);
    RC_ASSERT(read.has_value());
    RC_ASSERT(*read == key);
}

TEST(labels, are_plain_json) {
    std::string text;
    journal::sqlite::append_labels(text, model::grouping_key("a \"b\"\n").set("x", "\\").pairs());
    EXPECT_EQ(text, R"({"job":"a \"b\"\u000a","x":"\\"})");
    for (auto const* bad :
         {"", "{", "{}", "{\"job\":\"a\"", "{\"job\":\"a\"}x", "{\"x\":\"a\"}", "{\"job\":\"\\u12\"}"}) {
        EXPECT_FALSE(journal::sqlite::read_labels(bad)) << bad;
    }
}

}  // namespace
}  // namespace pushgateway::test
