#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <pushgateway/format/family_source.hpp>
#include <pushgateway/model/grouping_key.hpp>
#include <pushgateway/store/store.hpp>

#include "support/any_families.hpp"
#include "support/describe_families.hpp"
#include "support/inputs.hpp"

namespace pushgateway::store {
namespace {

/// A metric without its labels: these get more by being kept.
std::string value_of(model::metric metric) {
    metric.labels = {};
    return test::describe(model::metric_family{"f", {}, model::metric_type::untyped, {&metric, 1}});
}

/// The values of a family of group `a`, in the order pushed.
std::vector<std::string> kept(basic_store<> const& store, std::string_view name) {
    std::vector<std::string> all;
    auto const groups = store.groups();
    for (auto const& family : groups[0].families()) {
        if (family.name() != name) continue;
        family.for_each_metric([&all](model::metric const& metric) { all.push_back(value_of(metric)); });
    }
    return all;
}

TEST(RichValues, AreKeptBitForBit) {
    for (std::uint64_t seed = 0; seed < test::inputs() / 50; ++seed) {
        test::any_families const made(seed, false, {.rich = true, .timestamps = false});
        basic_store<> store;
        // Again over what is there, in reverse, and over that: by overwriting, and by exchange.
        test::any_families const other(seed + 1, false, {.rich = true, .timestamps = false});
        for (auto const* pushed : {&made, &made, &other, &made}) {
            auto const done = store.push(model::grouping_key("a"), push_mode::replace, format::families(pushed->all()));
            ASSERT_TRUE(done) << done.error().message;
        }
        for (auto const& family : made.all()) {
            std::vector<std::string> expected;
            for (auto const& metric : family.metrics) expected.push_back(value_of(metric));
            ASSERT_EQ(kept(store, family.name), expected) << "seed " << seed << ", family " << family.name;
        }
    }
}

TEST(RichValues, GiveWayToPlainOnesAndBack) {
    model::metric_details const details{model::instant{5, 6}, {}};
    model::metric const plain{{}, model::counter{1}};
    model::metric const rich{{}, model::counter{2}, {}, &details};
    basic_store<> store;
    for (auto const* metric : {&plain, &rich, &plain, &rich, &rich}) {
        model::metric_family const family{"c", {}, model::metric_type::counter, {metric, 1}};
        ASSERT_TRUE(store.push(model::grouping_key("a"), push_mode::update, format::families({&family, 1})));
        EXPECT_EQ(kept(store, "c"), std::vector{value_of(*metric)});
    }
}

}  // namespace
}  // namespace pushgateway::store
