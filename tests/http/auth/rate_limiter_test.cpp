#include <atomic>
#include <chrono>
#include <cstdint>
#include <limits>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <pushgateway/http/auth/rate_limiter.hpp>

namespace pushgateway::http {
namespace {

using namespace std::chrono_literals;
using time_point = std::chrono::steady_clock::time_point;

TEST(rate_limiter, answers_as_gos_does) {
    time_point now(1000s);
    rate_limiter limiter(100ms, 3, [&now] { return now; });
    // The answers of golang.org/x/time/rate to the same questions.
    for (auto const& [at, allowed] : std::vector<std::pair<int, bool>>{{0, true},
                                                                       {0, true},
                                                                       {0, true},
                                                                       {0, false},
                                                                       {99, false},
                                                                       {100, true},
                                                                       {150, false},
                                                                       {200, true},
                                                                       {200, false},
                                                                       {1000, true},
                                                                       {1000, true},
                                                                       {1000, true},
                                                                       {1000, false},
                                                                       {1100, true},
                                                                       {1101, false},
                                                                       {1199, false},
                                                                       {1200, true}}) {
        now = time_point(1000s + std::chrono::milliseconds(at));
        EXPECT_EQ(limiter.allow(), allowed) << at;
    }
}

TEST(rate_limiter, is_a_bucket_of_tokens) {
    EXPECT_TRUE(rc::check([] {
        auto const interval = *rc::gen::inRange<std::int64_t>(1, 50);
        auto const burst = *rc::gen::inRange<std::uint32_t>(1, 6);
        auto const waits = *rc::gen::container<std::vector<std::int64_t>>(rc::gen::inRange<std::int64_t>(0, 120));
        time_point now(1h);
        rate_limiter limiter(std::chrono::nanoseconds(interval), burst, [&now] { return now; });
        // In parts of a token, so that there are no fractions.
        auto const full = interval * burst;
        auto bucket = full;
        for (auto const wait : waits) {
            now += std::chrono::nanoseconds(wait);
            bucket = std::min(full, bucket + wait);
            bool const there_is_one = bucket >= interval;
            if (there_is_one) bucket -= interval;
            RC_ASSERT(limiter.allow() == there_is_one);
        }
    }));
}

TEST(rate_limiter, takes_any_setting) {
    time_point now(1s);
    rate_limiter endless(std::chrono::nanoseconds::max(), std::numeric_limits<std::uint32_t>::max(),
                         [&] { return now; });
    for (int i = 0; i != 3; ++i) EXPECT_TRUE(endless.allow()) << i;
    rate_limiter once(std::chrono::nanoseconds::max(), 1, [&] { return now; });
    EXPECT_TRUE(once.allow());
    now += 1h;
    EXPECT_FALSE(once.allow());
    rate_limiter quick(1ns, 1, [&] { return now; });
    EXPECT_TRUE(quick.allow());
    EXPECT_FALSE(quick.allow());
}

TEST(rate_limiter, gives_each_token_to_one_thread) {
    rate_limiter limiter(1h, 1000, [] { return time_point(1s); });
    std::atomic<int> taken = 0;
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i != 4; ++i) {
            threads.emplace_back([&] {
                for (int k = 0; k != 1000; ++k) taken += limiter.allow() ? 1 : 0;
            });
        }
    }
    EXPECT_EQ(taken, 1000);
}

}  // namespace
}  // namespace pushgateway::http
