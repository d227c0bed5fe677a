#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include <pushgateway/base/error.hpp>
#include <pushgateway/base/limit_usage.hpp>

namespace pushgateway {
namespace {

TEST(limits, are_known_by_their_names) {
    EXPECT_EQ(name_of(limit_kind::request_line), "request-line");
    EXPECT_EQ(name_of(limit_kind::series), "series");
    EXPECT_EQ(name_of(limit_kind::bodies_in_flight), "bodies-in-flight");
    std::unexpected<error> const failure = fail(errc::too_many, limit_kind::groups, "too much");
    EXPECT_EQ(failure.error().message, "too much (limit \"groups\")");
    EXPECT_EQ(failure.error().limit, limit_kind::groups);
}

TEST(limit_usage, takes_up_to_the_limit) {
    limit_usage usage;
    constexpr auto which = limit_kind::bodies_in_flight;
    EXPECT_FALSE(usage.kept(which));
    usage.keep(which, 10);
    EXPECT_TRUE(usage.kept(which));
    EXPECT_TRUE(usage.take(which, 6));
    EXPECT_FALSE(usage.take(which, 5));
    EXPECT_FALSE(usage.take(which, UINT64_MAX));
    EXPECT_TRUE(usage.take(which, 4));
    EXPECT_FALSE(usage.take(which, 1));
    EXPECT_TRUE(usage.take(which, 0));
    usage.give_back(which, 10);
    EXPECT_EQ(usage.used(which), 0U);
    usage.keep(which, 0);
    EXPECT_TRUE(usage.take(which, 1'000'000));
    EXPECT_EQ(usage.rejections(which), 0U);
    usage.count_rejection(which);
    EXPECT_EQ(usage.rejections(which), 1U);
}

TEST(limit_usage, never_exceeds_the_limit_between_threads) {
    limit_usage usage;
    constexpr auto which = limit_kind::connections;
    usage.keep(which, 3);
    std::vector<std::thread> threads;
    for (int t = 0; t != 4; ++t) {
        threads.emplace_back([&] {
            for (int i = 0; i != 10'000; ++i) {
                if (!usage.take(which, 2)) continue;
                EXPECT_LE(usage.used(which), 3U);
                usage.give_back(which, 2);
            }
        });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(usage.used(which), 0U);
}

}  // namespace
}  // namespace pushgateway
