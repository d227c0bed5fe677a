#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <pushgateway/base/number.hpp>

namespace pushgateway {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

std::optional<double> read(std::string_view text) {
    double value = 0;
    return parse_float(text, value) ? std::optional(value) : std::nullopt;
}

std::string print(double value) {
    std::string text;
    append_float(text, value);
    return text;
}

std::string print_go_value(double value) {
    std::string text;
    append_go_value(text, value);
    return text;
}

bool same_bits(double a, double b) { return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b); }

TEST(ParseFloat, ReadsWhatGoReads) {
    struct {
        std::string_view text;
        double value;
    } const cases[] = {
        {"0", 0},
        {"-0", -0.0},
        {"+0", 0},
        {"1", 1},
        {"00012", 12},
        {"5.", 5},
        {".5", 0.5},
        {"-.5", -0.5},
        {"+.5e1", 5},
        {"5.e1", 50},
        {"1E5", 1e5},
        {"1e+05", 1e5},
        {"1e-05", 1e-5},
        {"123456789012345678", 123456789012345678.0},
        {"9007199254740993", 9007199254740992.0},
        {"9007199254740993.00000000000000000000001", 9007199254740994.0},
        {"8.201981952e+09", 8201981952.0},
        {"1e22", 1e22},
        {"1e23", 1e23},
        {"1.7976931348623157e308", 1.7976931348623157e308},
        {"1.7976931348623158e308", 1.7976931348623157e308},
        {"4.9e-324", 5e-324},
        {"3e-324", 5e-324},
        {"2e-324", 0},
        {"1e-400", 0},
        {"-1e-400", -0.0},
        {"1e-99999999999999999999", 0},
        {"0e99999999999999999999", 0},
        {"inf", infinity},
        {"+Inf", infinity},
        {"-INFINITY", -infinity},
        {"infinity", infinity},
    };
    for (auto const& [text, value] : cases) {
        auto const got = read(text);
        ASSERT_TRUE(got) << text;
        EXPECT_TRUE(same_bits(*got, value)) << text << " gave " << *got;
    }
}

TEST(ParseFloat, ReadsNotANumberInAnyCaseWithoutSign) {
    for (auto const* text : {"nan", "NaN", "NAN", "nAn"}) {
        auto const got = read(text);
        ASSERT_TRUE(got) << text;
        EXPECT_TRUE(std::isnan(*got)) << text;
    }
}

TEST(ParseFloat, RefusesWhatGoRefuses) {
    for (auto const* text : {"",
                             " ",
                             "+",
                             "-",
                             ".",
                             "e5",
                             "1e",
                             "1e+",
                             "+-1",
                             "--1",
                             "++1",
                             "1 ",
                             " 1",
                             "1,5",
                             "0x10",
                             "0x1p-2",
                             "1p3",
                             "1_0",
                             "0b1",
                             "0o1",
                             "+nan",
                             "-nan",
                             "nan(1)",
                             "nanx",
                             "infi",
                             "infinit",
                             "infinityy",
                             "1e400",
                             "-1e400",
                             "1e309",
                             "1.8e308",
                             "1.7976931348623159e308",
                             "1e99999999999999999999",
                             "1.2.3",
                             "1e5e5",
                             "1e5.5",
                             "\xD9\xA1",
                             "1\r"}) {
        EXPECT_FALSE(read(text)) << text;
    }
}

TEST(ParseFloat, DecidesBetweenTooLargeAndTooSmallByMagnitude) {
    std::string const zeros(400, '0');
    EXPECT_EQ(read("1" + zeros + "e-400"), 1.0);
    EXPECT_EQ(read("0." + zeros + "1e401"), 1.0);
    EXPECT_FALSE(read("1" + zeros));
    EXPECT_FALSE(read("0." + zeros + "1e999"));
    EXPECT_EQ(read("0." + zeros + "1"), 0.0);
    EXPECT_EQ(read("1" + zeros + "e-999"), 0.0);
}

TEST(ParseFloat, AgreesWithTheCLibrary) {
    EXPECT_TRUE(rc::check("decimals of any length", [] {
        auto const value = std::bit_cast<double>(*rc::gen::arbitrary<std::uint64_t>());
        RC_PRE(std::isfinite(value));
        auto const precision = *rc::gen::inRange(0, 24);
        char text[64];
        std::snprintf(text, sizeof text, "%.*g", precision, value);
        auto const expected = std::strtod(text, nullptr);
        auto const got = read(text);
        bool const agrees = std::isinf(expected) ? !got : got && same_bits(*got, expected);
        RC_ASSERT(agrees);
    }));
    EXPECT_TRUE(rc::check("short decimals, which take the short way", [] {
        auto const digits = *rc::gen::inRange<std::int64_t>(-1'000'000'000'000'000'000, 1'000'000'000'000'000'000);
        auto text = std::to_string(digits);
        text.insert(text.size() - static_cast<std::size_t>(*rc::gen::inRange(0, 2)), ".");
        text += 'e' + std::to_string(*rc::gen::inRange(-40, 40));
        auto const got = read(text);
        bool const agrees = got && same_bits(*got, std::strtod(text.c_str(), nullptr));
        RC_ASSERT(agrees);
    }));
}

TEST(ParseInteger, ReadsWhatGoReads) {
    struct {
        std::string_view text;
        std::optional<std::int64_t> value;
    } const cases[] = {
        {"0", 0},
        {"-0", 0},
        {"+7", 7},
        {"-5", -5},
        {"007", 7},
        {"9223372036854775807", std::numeric_limits<std::int64_t>::max()},
        {"-9223372036854775808", std::numeric_limits<std::int64_t>::min()},
        {"9223372036854775808", std::nullopt},
        {"-9223372036854775809", std::nullopt},
        {"", std::nullopt},
        {"+", std::nullopt},
        {"-", std::nullopt},
        {"+-1", std::nullopt},
        {"1.5", std::nullopt},
        {"1_0", std::nullopt},
        {"0x1", std::nullopt},
        {"1\r", std::nullopt},
    };
    for (auto const& [text, value] : cases) {
        std::int64_t got = 0;
        EXPECT_EQ(parse_integer(text, got) ? std::optional(got) : std::nullopt, value) << text;
    }
}

TEST(WriteFloat, PrintsWhatGoPrints) {
    struct {
        double value;
        std::string_view text;
    } const cases[] = {
        {0, "0"},
        {-0.0, "0"},
        {1, "1"},
        {-1, "-1"},
        {100000, "100000"},
        {999999, "999999"},
        {-999999, "-999999"},
        {1e6, "1e+06"},
        {1234567, "1.234567e+06"},
        {123456.7, "123456.7"},
        {123456789, "1.23456789e+08"},
        {0.0001, "0.0001"},
        {0.00001, "1e-05"},
        {1e20, "1e+20"},
        {1e21, "1e+21"},
        {1e100, "1e+100"},
        {0.1, "0.1"},
        {2.5, "2.5"},
        {5e-324, "5e-324"},
        {1.7976931348623157e308, "1.7976931348623157e+308"},
        {-2.2250738585072014e-308, "-2.2250738585072014e-308"},
        {18446744073709551615.0, "1.8446744073709552e+19"},
        {infinity, "+Inf"},
        {-infinity, "-Inf"},
        {std::numeric_limits<double>::quiet_NaN(), "NaN"},
        {-std::numeric_limits<double>::quiet_NaN(), "NaN"},
    };
    for (auto const& [value, text] : cases) EXPECT_EQ(print(value), text);
}

TEST(WriteFloat, IsReadBackToTheSameValue) {
    EXPECT_TRUE(rc::check("round trip", [] {
        auto const value = std::bit_cast<double>(*rc::gen::arbitrary<std::uint64_t>());
        auto const text = print(value);
        RC_ASSERT(text.size() <= float_width);
        auto const got = read(text);
        bool const same = got && (std::isnan(value) ? std::isnan(*got) : *got == value);
        RC_ASSERT(same);
    }));
}

TEST(AppendGoValue, DiffersInNegativeZeroOnly) {
    EXPECT_EQ(print_go_value(-0.0), "-0");
    EXPECT_EQ(print_go_value(0.0), "0");
    EXPECT_EQ(print_go_value(1e6), "1e+06");
    EXPECT_EQ(print_go_value(1e20), "1e+20");
    EXPECT_EQ(print_go_value(-infinity), "-Inf");
}

TEST(ToUnsigned, ConvertsAsGoDoesOnAmd64) {
    constexpr auto half = std::uint64_t{1} << 63;
    struct {
        double value;
        std::uint64_t unsigned_value;
    } const cases[] = {
        {0, 0},
        {-0.5, 0},
        {1.9, 1},
        {-1, ~std::uint64_t{0}},
        {-1.5, ~std::uint64_t{0}},
        {1e19, 10'000'000'000'000'000'000u},
        {9223372036854775808.0, half},
        {18446744073709549568.0, 18446744073709549568u},
        {18446744073709551616.0, half},
        {-9223372036854775808.0, half},
        {-1e19, half},
        {infinity, half},
        {-infinity, half},
        {std::numeric_limits<double>::quiet_NaN(), half},
    };
    for (auto const& [value, unsigned_value] : cases) EXPECT_EQ(to_unsigned(value), unsigned_value) << value;
}

}  // namespace
}  // namespace pushgateway
