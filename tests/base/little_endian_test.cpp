#include <array>

#include <gtest/gtest.h>

#include <pushgateway/base/little_endian.hpp>

namespace pushgateway {
namespace {

TEST(little_endian, has_the_lowest_byte_first) {
    EXPECT_EQ(little_endian_bytes(0x0807060504030201), (std::array<char, 8>{1, 2, 3, 4, 5, 6, 7, 8}));
    EXPECT_EQ(little_endian_bytes(0xff), (std::array<char, 8>{'\xff'}));
    static_assert(little_endian_bytes(1)[0] == 1);
}

}  // namespace
}  // namespace pushgateway
