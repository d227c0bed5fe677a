#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <pushgateway/gateway/sliding_quantiles.hpp>

namespace pushgateway {
namespace {

using namespace std::chrono_literals;

constexpr std::array<double, 3> ranks{0.1, 0.5, 0.9};
constexpr timestamp beginning{std::chrono::hours(1000)};

TEST(sliding_quantiles, are_nan_without_observations) {
    auto const seen = std::make_unique<sliding_quantiles>();
    for (double const value : seen->quantiles(ranks, beginning)) EXPECT_TRUE(std::isnan(value));
    EXPECT_EQ(seen->count(), 0u);
    EXPECT_EQ(seen->sum(), 0);
}

TEST(sliding_quantiles, are_exact_where_all_values_are_equal) {
    auto const seen = std::make_unique<sliding_quantiles>();
    for (int i = 0; i != 10; ++i) seen->observe(538, beginning);
    for (double const value : seen->quantiles(ranks, beginning)) EXPECT_EQ(value, 538);
    EXPECT_EQ(seen->sum(), 5380);
}

TEST(sliding_quantiles, are_near_the_exact_ones) {
    EXPECT_TRUE(rc::check([] {
        auto const tenths = *rc::gen::nonEmpty<std::vector<std::uint32_t>>();
        auto const seen = std::make_unique<sliding_quantiles>();
        std::vector<double> values;
        for (auto const v : tenths) values.push_back(static_cast<double>(v) / 10);
        for (double const v : values) seen->observe(v, beginning);
        std::ranges::sort(values);
        auto const found = seen->quantiles(ranks, beginning);
        for (std::size_t i = 0; i != ranks.size(); ++i) {
            auto const rank = std::max(1.0, std::ceil(ranks[i] * static_cast<double>(values.size())));
            auto const exact = values[static_cast<std::size_t>(rank) - 1];
            RC_ASSERT(std::abs(found[i] - exact) <= exact / 16 + 1e-9);
        }
        RC_ASSERT(seen->count() == values.size());
    }));
}

TEST(sliding_quantiles, forget_after_ten_minutes_but_count_on) {
    auto const seen = std::make_unique<sliding_quantiles>();
    seen->observe(1, beginning);
    EXPECT_EQ(seen->quantiles(ranks, beginning + 7min)[1], 1);
    EXPECT_TRUE(std::isnan(seen->quantiles(ranks, beginning + 10min)[1]));
    seen->observe(5, beginning + 10min);
    EXPECT_EQ(seen->quantiles(ranks, beginning + 10min)[0], 5);
    EXPECT_EQ(seen->count(), 2u);
    EXPECT_EQ(seen->sum(), 6);
}

TEST(sliding_quantiles, survive_a_clock_that_goes_back) {
    auto const seen = std::make_unique<sliding_quantiles>();
    seen->observe(1, beginning);
    seen->observe(2, beginning - 1h);
    EXPECT_EQ(seen->quantiles(ranks, beginning - 1h)[1], 2);
}

TEST(sliding_quantiles, take_any_value) {
    auto const seen = std::make_unique<sliding_quantiles>();
    for (double const v : {0.0, -1.0, 1e-300, 1e300}) seen->observe(v, beginning);
    EXPECT_EQ(seen->count(), 4u);
    EXPECT_FALSE(std::isnan(seen->quantiles(ranks, beginning)[0]));
}

TEST(sliding_quantiles, lose_nothing_between_threads) {
    auto const seen = std::make_unique<sliding_quantiles>();
    std::vector<std::thread> threads;
    for (int t = 0; t != 4; ++t) {
        threads.emplace_back([&] {
            for (int i = 0; i != 5000; ++i) seen->observe(1, beginning + i / 1000 * 2min);
        });
    }
    for (int i = 0; i != 20; ++i) static_cast<void>(seen->quantiles(ranks, beginning));
    for (auto& t : threads) t.join();
    EXPECT_EQ(seen->count(), 20000u);
    EXPECT_EQ(seen->sum(), 20000);
}

}  // namespace
}  // namespace pushgateway
