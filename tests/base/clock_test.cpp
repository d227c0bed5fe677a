#include <chrono>

#include <gtest/gtest.h>

#include <pushgateway/base/clock.hpp>

namespace pushgateway {
namespace {

using namespace std::chrono_literals;

TEST(Clock, ManualClocksShareTheirTime) {
    manual_clock clock(timestamp(5s));
    auto const copy = clock;
    EXPECT_EQ(copy.now(), timestamp(5s));
    clock.advance(250ms);
    EXPECT_EQ(copy.now(), timestamp(5250ms));
    clock.set(timestamp(1s));
    EXPECT_EQ(copy.now(), timestamp(1s));
    EXPECT_EQ(manual_clock().now(), timestamp());
}

TEST(Clock, UnixSecondsAreNanosecondsDividedOnce) {
    EXPECT_EQ(unix_seconds(timestamp()), 0.0);
    EXPECT_EQ(unix_seconds(timestamp(1500ms)), 1.5);
    EXPECT_EQ(unix_seconds(timestamp(1'700'000'000'123'456'789ns)), 1'700'000'000'123'456'789.0 / 1e9);
    EXPECT_EQ(unix_seconds(timestamp(-2s)), -2.0);
}

TEST(Clock, SystemClockTellsUnixTime) {
    auto const before = std::chrono::system_clock::now();
    auto const now = system_clock::now();
    EXPECT_GE(now, before);
    EXPECT_LE(now, std::chrono::system_clock::now());
}

}  // namespace
}  // namespace pushgateway
