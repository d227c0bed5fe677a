// When memory that is free again is given back, and what is done when it is short.

#include <atomic>
#include <cstdint>

#include <gtest/gtest.h>

#include <pushgateway/base/memory.hpp>
#include <pushgateway/server/memory_watch.hpp>

#include "support/comes_true.hpp"

namespace pushgateway::server {
namespace {

constexpr std::uint64_t mebibyte = std::uint64_t{1} << 20;
constexpr std::uint64_t used = 200 * mebibyte;

TEST(freed_memory, is_given_back_once_it_was_free_for_a_while) {
    freed_memory_policy policy;
    EXPECT_FALSE(policy.gives_back(used, 5 * mebibyte, false));
    int ticks = 1;
    while (!policy.gives_back(used, 100 * mebibyte, false)) ASSERT_LT(++ticks, 100);
    EXPECT_GT(ticks, 10);
    // It was of no use: not again and again.
    policy.given_back(used, 90 * mebibyte);
    for (int i = 0; i != 100; ++i) EXPECT_FALSE(policy.gives_back(used, 95 * mebibyte, false));
    // What was in use again meanwhile begins anew.
    for (int i = 0; i != 100; ++i)
        EXPECT_FALSE(policy.gives_back(used, i % 10 == 0 ? 90 * mebibyte : 150 * mebibyte, false));
}

TEST(freed_memory, is_given_back_again_once_more_was_freed) {
    freed_memory_policy policy;
    EXPECT_FALSE(policy.gives_back(used, 5 * mebibyte, true));
    EXPECT_TRUE(policy.gives_back(used, 100 * mebibyte, true));
    policy.given_back(used, 90 * mebibyte);
    for (int i = 0; i != 100; ++i) EXPECT_FALSE(policy.gives_back(used - mebibyte, 91 * mebibyte, true));
    int ticks = 1;
    while (!policy.gives_back(used - 20 * mebibyte, 91 * mebibyte, false)) ASSERT_LT(++ticks, 100);
    policy.given_back(used - 20 * mebibyte, 85 * mebibyte);
    for (int i = 0; i != 100; ++i) EXPECT_FALSE(policy.gives_back(used - 20 * mebibyte, 85 * mebibyte, false));
}

TEST(freed_memory, is_given_back_at_once_when_memory_is_short) {
    freed_memory_policy policy;
    EXPECT_FALSE(policy.gives_back(used, 5 * mebibyte, true));
    EXPECT_FALSE(policy.gives_back(used, 6 * mebibyte, true));
    EXPECT_TRUE(policy.gives_back(used, 100 * mebibyte, true));
}

TEST(freed_memory, is_given_back_from_less_where_the_limit_is_small) {
    freed_memory_policy policy(24 * mebibyte);
    EXPECT_FALSE(policy.gives_back(used, 5 * mebibyte, true));
    EXPECT_TRUE(policy.gives_back(used, 6 * mebibyte, true));
    policy.given_back(used, 5 * mebibyte + 100'000);
    EXPECT_EQ(policy.least(), 5 * mebibyte + 100'000);
    EXPECT_FALSE(policy.gives_back(used, 5 * mebibyte + 200'000, true));
}

TEST(memory_watch, measures_and_has_others_make_room) {
    EXPECT_GT(anonymous_memory(), 0U);
    std::atomic<int> cut = 0;
    std::atomic<std::uint64_t> taken = 0;
    std::atomic<int> dropped = 0;
    memory::add(memory::kind::heap, 2 * mebibyte);
    memory::add(memory::kind::texts, 2 * mebibyte);
    {
        memory_watch const watch(mebibyte / 4,
                                 {[&] { ++dropped; }, [&] { ++cut; }, [&](std::uint64_t bytes) { taken = bytes; }});
        EXPECT_TRUE(test::comes_true([&] { return dropped > 0 && cut > 0 && taken > mebibyte / 4; }));
    }
    memory::subtract(memory::kind::texts, 2 * mebibyte);
    memory::subtract(memory::kind::heap, 2 * mebibyte);
    auto const before = cut.load();
    {
        memory_watch const watch(0, {[&] { ++dropped; }, [&] { ++cut; }, [&](std::uint64_t bytes) { taken = bytes; }});
    }
    EXPECT_EQ(cut, before);
}

}  // namespace
}  // namespace pushgateway::server
