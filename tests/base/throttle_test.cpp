#include <chrono>
#include <cstdint>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <pushgateway/base/throttle.hpp>

namespace pushgateway {
namespace {

using namespace std::chrono_literals;

TEST(throttle, lets_a_burst_through_and_then_one_per_interval) {
    throttle::clock::time_point now{1000s};
    throttle messages(3, 1s);
    for (int i = 0; i != 3; ++i) EXPECT_EQ(messages.admit(now), 0u);
    for (int i = 0; i != 5; ++i) EXPECT_FALSE(messages.admit(now));
    EXPECT_FALSE(messages.admit(now + 999ms));
    EXPECT_EQ(messages.admit(now + 1s), 6u);
    EXPECT_FALSE(messages.admit(now + 1999ms));
    EXPECT_EQ(messages.admit(now + 2s), 1u);
    EXPECT_FALSE(messages.admit(now + 2s));
    for (int i = 0; i != 3; ++i) EXPECT_EQ(messages.admit(now + 100s), i == 0 ? 1u : 0u);
    EXPECT_FALSE(messages.admit(now + 100s));
}

TEST(throttle, loses_no_message_and_keeps_its_rate) {
    EXPECT_TRUE(rc::check([] {
        auto const burst = *rc::gen::inRange<std::uint32_t>(1, 5);
        throttle messages(burst, 1s);
        auto now = throttle::clock::time_point{1000s};
        auto const begin = now;
        std::uint64_t asked = 0;
        std::uint64_t admitted = 0;
        std::uint64_t told = 0;
        for (auto const step : *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 1500))) {
            now += std::chrono::milliseconds(step);
            ++asked;
            auto const got = messages.admit(now);
            if (!got) continue;
            ++admitted;
            told += *got;
            RC_ASSERT(admitted <= burst + static_cast<std::uint64_t>((now - begin) / 1s) + 1);
        }
        auto const last = messages.admit(now + 1000s);
        RC_ASSERT(last.has_value());
        RC_ASSERT(admitted + told + *last == asked);
    }));
}

}  // namespace
}  // namespace pushgateway
