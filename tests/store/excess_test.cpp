// A store that holds more than it should, as after a restart with a lower limit: it may shrink, but not grow.

#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <pushgateway/store/state.hpp>

namespace pushgateway::store {
namespace {

struct too_full : testing::Test {
    hash_key const secret = hash_key::random();
    state kept{secret};
    model::grouping_key const key{"j"};
    std::vector<std::string> const names{"a", "b", "c", "d"};
    limits bounds;

    void prepare(change& push, std::size_t families) {
        model::metric metric;
        metric.value = model::untyped{1};
        for (std::size_t i = 0; i != families; ++i) {
            push.add({names[i], std::nullopt, model::metric_type::untyped, {&metric, 1}});
        }
        push.hash_series();
        EXPECT_FALSE(kept.prepare(push));
    }

    std::optional<limit_kind> excess(push_mode mode, std::size_t families, model::grouping_key const& into) {
        change push(into, mode, secret);
        prepare(push, families);
        auto const limit = kept.find_excess(push, bounds);
        kept.release(push);
        return limit;
    }

    too_full() {
        change push(key, push_mode::replace, secret);
        prepare(push, 3);
        kept.apply(push, timestamp());
        EXPECT_EQ(kept.series(), 5U);
        bounds.groups = 1;
        bounds.series = 2;
    }
};

TEST_F(too_full, lets_in_what_does_not_grow) {
    EXPECT_EQ(excess(push_mode::replace, 2, key), std::nullopt);
    EXPECT_EQ(excess(push_mode::replace, 3, key), std::nullopt);
    EXPECT_EQ(excess(push_mode::update, 3, key), std::nullopt);
    EXPECT_EQ(excess(push_mode::replace, 4, key), limit_kind::series);
    EXPECT_EQ(excess(push_mode::update, 4, key), limit_kind::series);
}

TEST_F(too_full, lets_no_other_group_in) {
    model::grouping_key const other("k");
    EXPECT_EQ(excess(push_mode::replace, 0, other), limit_kind::groups);
    bounds.groups = 0;
    EXPECT_EQ(excess(push_mode::replace, 0, other), limit_kind::series);
    bounds.series = 0;
    EXPECT_EQ(excess(push_mode::replace, 4, other), std::nullopt);
}

}  // namespace
}  // namespace pushgateway::store
