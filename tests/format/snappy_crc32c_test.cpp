#include <cstddef>
#include <string>
#include <string_view>

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>
#include <support/snappy.hpp>

#include <pushgateway/format/snappy_crc32c.hpp>

namespace pushgateway::format {
namespace {

// RFC 3720 appendix B.4; the checksums stand there in the order of their bytes on the wire.
TEST(crc32c, has_the_values_of_the_rfc) {
    EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8a9136aaU);
    EXPECT_EQ(crc32c(std::string(32, '\xff')), 0x62a8ab43U);
    std::string rising;
    for (int i = 0; i != 32; ++i) rising += static_cast<char>(i);
    EXPECT_EQ(crc32c(rising), 0x46dd794eU);
    EXPECT_EQ(crc32c(std::string(rising.rbegin(), rising.rend())), 0x113fdb5cU);
    std::string read_command(48, '\0');
    for (auto const& [at, byte] :
         {std::pair{0, 0x01}, {1, 0xc0}, {16, 0x14}, {22, 0x04}, {27, 0x14}, {31, 0x18}, {32, 0x28}, {40, 0x02}}) {
        read_command[static_cast<std::size_t>(at)] = static_cast<char>(byte);
    }
    EXPECT_EQ(crc32c(read_command), 0xd9963a56U);
    EXPECT_EQ(crc32c(""), 0U);
    EXPECT_EQ(crc32c("123456789"), 0xe3069283U);
}

RC_GTEST_PROP(crc32c_laws, is_that_of_one_bit_at_a_time, (std::string const& bytes)) {
    RC_ASSERT(crc32c(bytes) == test::slow_crc32c(bytes));
}

}  // namespace
}  // namespace pushgateway::format
