#include <chrono>

#include <gtest/gtest.h>

#include <pushgateway/base/occasional.hpp>

namespace pushgateway {
namespace {

TEST(occasional, one_in_an_interval) {
    occasional often{std::chrono::seconds(10)};
    auto const start = occasional::steady::time_point{} + std::chrono::hours(1);
    EXPECT_EQ(often.admit(start), 0U);
    EXPECT_FALSE(often.admit(start));
    EXPECT_FALSE(often.admit(start + std::chrono::seconds(9)));
    EXPECT_EQ(often.admit(start + std::chrono::seconds(10)), 2U);
    EXPECT_FALSE(often.admit(start + std::chrono::seconds(11)));
    EXPECT_EQ(often.admit(start + std::chrono::seconds(30)), 1U);
    EXPECT_EQ(often.admit(start + std::chrono::seconds(50)), 0U);
}

}  // namespace
}  // namespace pushgateway
