// What is left out because it clashes costs nothing until what it clashes with changes.

#include <cstddef>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include <pushgateway/format/parsed_exposition.hpp>
#include <pushgateway/format/text/parse.hpp>
#include <pushgateway/store/change.hpp>
#include <pushgateway/store/state.hpp>

namespace pushgateway::store {
namespace {

constexpr std::size_t many = 500;

model::grouping_key member(std::size_t i) {
    model::grouping_key key("j");
    key.set("i", std::to_string(i));
    return key;
}

/// A state without a check for consistency.
struct unchecked_state {
    hash_key secret = hash_key::random();
    state it{secret};

    void push(model::grouping_key const& key, std::string_view text, push_mode mode = push_mode::replace) {
        format::parsed_exposition parsed;
        ASSERT_TRUE(format::text::parse(text, {}, parsed));
        change prepared(key, mode, secret);
        parsed.for_each_family([&](model::metric_family const& family) { prepared.add(family); });
        if (it.prepare(prepared)) {
            it.release(prepared);
            prepared.hash_series();
            ASSERT_FALSE(it.prepare(prepared));
        }
        it.apply(prepared, timestamp{});
    }
    void erase(model::grouping_key const& key) { it.erase({key, key_hash::of(key, secret)}); }

    [[nodiscard]] std::uint64_t shown(std::string_view name) const {
        auto const* found = it.shown().families().find(name, hash_bytes(name, secret));
        return found == nullptr ? 0 : found->series;
    }
    [[nodiscard]] std::uint64_t left_out() const { return it.shown().clashing_series(); }
    [[nodiscard]] std::uint64_t tried() const { return it.shown().tried_again(); }
};

TEST(clashes, of_types_are_tried_again_when_the_type_goes) {
    unchecked_state s;
    model::grouping_key const first("first");
    s.push(first, "# TYPE x counter\nx 1\n");
    for (int round = 0; round != 2; ++round) {
        for (std::size_t i = 0; i != many; ++i)
            s.push(member(i), "# TYPE x gauge\nx 1\ny" + std::to_string(i) + " 1\n");
    }
    for (std::size_t i = 0; i != many; i += 2) s.erase(member(i));
    s.push(first, "# TYPE x counter\nx{a=\"b\"} 1\nx 2\n");
    s.push(first, "# TYPE x counter\nx 2\n");
    EXPECT_EQ(s.tried(), 0U);
    EXPECT_EQ(s.shown("x"), 1U);
    EXPECT_EQ(s.left_out(), many / 2);
    // The type changes in one push.
    s.push(first, "# TYPE x gauge\nx 2\n");
    EXPECT_EQ(s.tried(), many / 2);
    EXPECT_EQ(s.shown("x"), many / 2 + 1);
    EXPECT_EQ(s.left_out(), 0U);
    s.push(first, "# TYPE x counter\nx 1\n");
    s.erase(first);
    EXPECT_EQ(s.tried(), many / 2);
    EXPECT_EQ(s.shown("x"), many / 2);
    EXPECT_EQ(s.left_out(), 0U);
}

TEST(clashes, of_names_of_parts_are_tried_again_when_these_go) {
    unchecked_state s;
    model::grouping_key const first("first");
    s.push(first, "# TYPE h summary\nh_count 1\nh_sum 1\n");
    for (int round = 0; round != 2; ++round) {
        for (std::size_t i = 0; i != many; ++i) s.push(member(i), "h_count 1\n# TYPE h_sum gauge\nh_sum 1\n");
    }
    EXPECT_EQ(s.tried(), 0U);
    EXPECT_EQ(s.left_out(), 2 * many);
    s.erase(first);
    EXPECT_EQ(s.tried(), 2 * many);
    EXPECT_EQ(s.shown("h_count"), many);
    EXPECT_EQ(s.shown("h_sum"), many);
    EXPECT_EQ(s.left_out(), 0U);
}

TEST(clashes, of_series_are_tried_again_when_that_series_goes) {
    unchecked_state s;
    model::grouping_key const first("j");
    std::string all;
    for (std::size_t i = 0; i != many; ++i) all += "m{i=\"" + std::to_string(i) + "\"} 1\n";
    s.push(first, all);
    for (int round = 0; round != 2; ++round) {
        for (std::size_t i = 0; i != many; ++i) s.push(member(i), "m 1\nother" + std::to_string(round) + " 1\n");
    }
    EXPECT_EQ(s.tried(), 0U);
    EXPECT_EQ(s.left_out(), many);
    // All but the first one, and another one, so that the series are not those of before.
    s.push(first, all.substr(all.find('\n') + 1) + "m{i=\"more\"} 1\n");
    EXPECT_EQ(s.tried(), 1U);
    EXPECT_EQ(s.left_out(), many - 1);
    EXPECT_EQ(s.shown("m"), many + 1);
    s.erase(first);
    EXPECT_EQ(s.tried(), many);
    EXPECT_EQ(s.left_out(), 0U);
    EXPECT_EQ(s.shown("m"), many);
}

TEST(clashes, of_series_go_to_one_of_those_who_wait) {
    unchecked_state s;
    // Any subset of the labels may be those of the group.
    model::grouping_key const bare("j");
    s.push(bare, "m{a=\"1\",i=\"0\"} 1\n");
    s.push(member(0), "m{a=\"1\"} 1\n");
    model::grouping_key a("j");
    a.set("a", "1");
    s.push(a, "m{i=\"0\"} 1\n");
    EXPECT_EQ(s.left_out(), 2U);
    s.erase(bare);
    EXPECT_EQ(s.tried(), 1U);
    EXPECT_EQ(s.left_out(), 1U);
    EXPECT_EQ(s.shown("m"), 1U);
    s.erase(a);
    s.erase(member(0));
    EXPECT_EQ(s.shown("m"), 0U);
    EXPECT_EQ(s.left_out(), 0U);
}

}  // namespace
}  // namespace pushgateway::store
