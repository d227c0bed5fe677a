#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <pushgateway/format/seconds.hpp>

namespace pushgateway::format {
namespace {

std::optional<model::instant> instant(std::string_view text) {
    model::instant time;
    return parse_instant(text, time) ? std::optional(time) : std::nullopt;
}

std::optional<std::int64_t> milliseconds(std::string_view text) {
    std::int64_t ms = 0;
    return parse_milliseconds(text, ms) ? std::optional(ms) : std::nullopt;
}

std::string written(model::instant const& time) {
    std::string out;
    append_instant(out, time);
    return out;
}

TEST(Seconds, AreReadToTheNanosecond) {
    EXPECT_EQ(instant("0"), (model::instant{0, 0}));
    EXPECT_EQ(instant("1520430000.123"), (model::instant{1520430000, 123000000}));
    EXPECT_EQ(instant("1604676851.123456789"), (model::instant{1604676851, 123456789}));
    EXPECT_EQ(instant("1.1234567899"), (model::instant{1, 123456789})) << "what is smaller is cut off";
    EXPECT_EQ(instant("+1."), (model::instant{1, 0}));
    EXPECT_EQ(instant(".5"), (model::instant{0, 500000000}));
    EXPECT_EQ(instant("-1.5"), (model::instant{-2, 500000000}));
    EXPECT_EQ(instant("-0.25"), (model::instant{-1, 750000000}));
    EXPECT_EQ(instant("-0"), (model::instant{0, 0}));
}

TEST(Seconds, MayHaveAnExponent) {
    EXPECT_EQ(instant("1.520430000123e+09"), (model::instant{1520430000, 123000000}));
    EXPECT_EQ(instant("15e-1"), (model::instant{1, 500000000}));
    EXPECT_EQ(instant("1e-9"), (model::instant{0, 1}));
    EXPECT_EQ(instant("1e-99999999999999999999"), (model::instant{0, 0}));
    EXPECT_EQ(instant("0000000000000000000000000000000000001E2"), (model::instant{100, 0}));
    EXPECT_EQ(instant("0e99999999999999999999"), (model::instant{0, 0}));
}

TEST(Seconds, AreRefusedIfTheyAreNone) {
    for (auto const* text : {"", ".", "-", "e5", "1e", "1e+", "1x", "1.5.5", "1e5x", "NaN", "Inf", "0x1", "1_0", " 1",
                             "9223372036854775808", "1e19", "1e99999999999999999999"}) {
        EXPECT_EQ(instant(text), std::nullopt) << text;
        EXPECT_EQ(milliseconds(text), std::nullopt) << text;
    }
    EXPECT_EQ(instant("9223372036854775807.999999999"), (model::instant{INT64_MAX, 999999999}));
}

TEST(Seconds, AreReadToTheMillisecond) {
    EXPECT_EQ(milliseconds("1520879607.789"), 1520879607789);
    EXPECT_EQ(milliseconds("1.0019"), 1001);
    EXPECT_EQ(milliseconds("-1.0019"), -1001);
    EXPECT_EQ(milliseconds("9223372036854775.807"), INT64_MAX);
    EXPECT_EQ(milliseconds("9223372036854775.808"), std::nullopt);
    EXPECT_EQ(milliseconds("-9223372036854775.808"), INT64_MIN);
    EXPECT_EQ(milliseconds("-9223372036854775.809"), std::nullopt);
}

TEST(Seconds, AreWrittenWithoutWhatSaysNothing) {
    EXPECT_EQ(written({0, 0}), "0");
    EXPECT_EQ(written({1520430000, 123000000}), "1520430000.123");
    EXPECT_EQ(written({5, 1}), "5.000000001");
    EXPECT_EQ(written({-2, 500000000}), "-1.5");
    EXPECT_EQ(written({-1, 750000000}), "-0.25");
    EXPECT_EQ(written({-3, 0}), "-3");
}

TEST(Seconds, ReadAsWhatWasWritten) {
    EXPECT_TRUE(rc::check("moments", [] {
        model::instant const time{*rc::gen::inRange<std::int64_t>(-62'135'596'800, 253'402'300'800),
                                  *rc::gen::inRange(0, 1'000'000'000)};
        RC_PRE(is_moment(time));
        RC_ASSERT(instant(written(time)) == time);
    }));
    EXPECT_TRUE(rc::check("milliseconds", [] {
        auto const ms = *rc::gen::oneOf(rc::gen::arbitrary<std::int64_t>(), rc::gen::element(INT64_MIN, INT64_MAX));
        std::string out;
        append_milliseconds(out, ms);
        RC_ASSERT(milliseconds(out) == ms);
    }));
}

TEST(Seconds, ThatAreNoMomentAreNotWritten) {
    EXPECT_FALSE(is_moment({0, -1}));
    EXPECT_FALSE(is_moment({0, 1'000'000'000}));
    EXPECT_FALSE(is_moment({INT64_MIN, 0}));
    // Years from 1 to 9999 only, in which readers keep time.
    EXPECT_TRUE(is_moment({-62'135'596'800, 0}));
    EXPECT_FALSE(is_moment({-62'135'596'801, 0}));
    EXPECT_TRUE(is_moment({253'402'300'799, 999'999'999}));
    EXPECT_FALSE(is_moment({253'402'300'800, 0}));
}

}  // namespace
}  // namespace pushgateway::format
