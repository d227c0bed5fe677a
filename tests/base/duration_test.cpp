#include <chrono>
#include <string>
#include <string_view>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <pushgateway/base/duration.hpp>

namespace pushgateway {
namespace {

using namespace std::chrono_literals;

TEST(duration, is_read_as_go_reads_it) {
    struct {
        std::string_view text;
        std::chrono::nanoseconds value;
    } const cases[] = {{"0", 0ns},
                       {"5s", 5s},
                       {"30s", 30s},
                       {"1478s", 1478s},
                       {"-5s", -5s},
                       {"+5s", 5s},
                       {"-0", 0ns},
                       {"5.0s", 5s},
                       {"5.6s", 5600ms},
                       {"5.s", 5s},
                       {".5s", 500ms},
                       {"1.004s", 1004ms},
                       {"10ns", 10ns},
                       {"11us", 11us},
                       {"12µs", 12us},
                       {"12μs", 12us},
                       {"13ms", 13ms},
                       {"15m", 15min},
                       {"16h", 16h},
                       {"3h30m", 3h + 30min},
                       {"10.5s4m", 4min + 10500ms},
                       {"1h2m3s4ms5us6ns", 1h + 2min + 3s + 4ms + 5us + 6ns},
                       {"9223372036854775807ns", std::chrono::nanoseconds::max()},
                       {"0.3333333333333333333h", 20min},
                       {"0.830103483285477580700h", 2988372539827ns}};
    for (auto const& c : cases) {
        auto const got = parse_duration(c.text);
        ASSERT_TRUE(got) << c.text << ": " << got.error().message;
        EXPECT_EQ(got->count(), c.value.count()) << c.text;
    }
}

TEST(duration, names_what_is_wrong) {
    struct {
        std::string_view text;
        std::string_view message;
    } const cases[] = {{"", R"(time: invalid duration "")"},
                       {"3", R"(time: missing unit in duration "3")"},
                       {"-", R"(time: invalid duration "-")"},
                       {"s", R"(time: invalid duration "s")"},
                       {".", R"(time: invalid duration ".")"},
                       {".s", R"(time: invalid duration ".s")"},
                       {"5x", R"(time: unknown unit "x" in duration "5x")"},
                       {"1d", R"(time: unknown unit "d" in duration "1d")"},
                       {"1 s", R"(time: unknown unit " s" in duration "1 s")"},
                       {"9223372036854775808ns", R"(time: invalid duration "9223372036854775808ns")"},
                       {"99999999999999999999s", R"(time: invalid duration "99999999999999999999s")"},
                       {"9223372037s", R"(time: invalid duration "9223372037s")"}};
    for (auto const& c : cases) {
        auto const got = parse_duration(c.text);
        ASSERT_FALSE(got) << c.text;
        EXPECT_EQ(got.error().message, c.message);
    }
}

TEST(duration, is_printed_as_go_prints_it) {
    EXPECT_EQ(duration_text(0s), "0s");
    EXPECT_EQ(duration_text(1ns), "1ns");
    EXPECT_EQ(duration_text(1100ns), "1.1µs");
    EXPECT_EQ(duration_text(2200us), "2.2ms");
    EXPECT_EQ(duration_text(3300ms), "3.3s");
    EXPECT_EQ(duration_text(4min + 5s), "4m5s");
    EXPECT_EQ(duration_text(4min + 5001ms), "4m5.001s");
    EXPECT_EQ(duration_text(5h + 6min + 7001ms), "5h6m7.001s");
    EXPECT_EQ(duration_text(5min), "5m0s");
    EXPECT_EQ(duration_text(24h), "24h0m0s");
    EXPECT_EQ(duration_text(-90s), "-1m30s");
    EXPECT_EQ(duration_text(std::chrono::nanoseconds::min()), "-2562047h47m16.854775808s");
}

TEST(duration, reads_back_what_it_prints) {
    EXPECT_TRUE(rc::check([](std::int64_t nanoseconds) {
        auto const value = std::chrono::nanoseconds(nanoseconds / 2);
        RC_ASSERT(parse_duration(duration_text(value)).value().count() == value.count());
    }));
}

}  // namespace
}  // namespace pushgateway
