#include <cstdint>
#include <string_view>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <pushgateway/base/byte_size.hpp>

namespace pushgateway {
namespace {

TEST(byte_size, takes_units_of_1024) {
    struct {
        std::string_view text;
        std::uint64_t value;
    } const cases[] = {{"0", 0},
                       {"17", 17},
                       {"17B", 17},
                       {"1K", 1024},
                       {"1KB", 1024},
                       {"64KiB", 65536},
                       {"2MB", 2U << 20U},
                       {"2MiB", 2U << 20U},
                       {"1G", 1U << 30U},
                       {"3TiB", std::uint64_t{3} << 40U},
                       {"18446744073709551615", UINT64_MAX}};
    for (auto const& c : cases) {
        auto const got = parse_byte_size(c.text);
        ASSERT_TRUE(got) << c.text << ": " << got.error().message;
        EXPECT_EQ(*got, c.value) << c.text;
    }
}

TEST(byte_size, names_what_is_wrong) {
    for (std::string_view const text : {"", "x", "-1", " 1", "MiB"}) {
        EXPECT_NE(parse_byte_size(text).error().message.find("must begin with a number"), std::string::npos) << text;
    }
    for (std::string_view const text : {"1X", "1 KB", "1kb", "1KiBB", "1.5MB"}) {
        EXPECT_NE(parse_byte_size(text).error().message.find("the unit must be"), std::string::npos) << text;
    }
    for (std::string_view const text : {"18446744073709551616", "99999999999999999999GB", "16777216TiB"}) {
        EXPECT_NE(parse_byte_size(text).error().message.find("is too large"), std::string::npos) << text;
    }
}

TEST(byte_size, is_printed_with_the_largest_unit_that_divides_it) {
    EXPECT_EQ(byte_size_text(0), "0B");
    EXPECT_EQ(byte_size_text(1000), "1000B");
    EXPECT_EQ(byte_size_text(65536), "64KiB");
    EXPECT_EQ(byte_size_text(std::uint64_t{256} << 20U), "256MiB");
    EXPECT_EQ(byte_size_text(std::uint64_t{4096} << 40U), "4096TiB");
}

TEST(byte_size, reads_back_what_it_prints) {
    EXPECT_TRUE(rc::check([](std::uint64_t size, std::uint8_t shift) {
        auto const value = size << (shift % 64);
        RC_ASSERT(parse_byte_size(byte_size_text(value)).value() == value);
    }));
}

}  // namespace
}  // namespace pushgateway
