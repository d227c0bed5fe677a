#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include <pushgateway/format/text/lenient.hpp>

namespace pushgateway::format::text {
namespace {

std::string mend(std::string_view body) {
    std::string room;
    return std::string(mended(body, room));
}

TEST(Mended, IsWhatAStrictReaderWants) {
    EXPECT_EQ(mend(""), "");
    EXPECT_EQ(mend("a 1\nb 2\n"), "a 1\nb 2\n");
    EXPECT_EQ(mend("a 1\r\n\r\nb 2\r\n"), "a 1\n\nb 2\n");
    EXPECT_EQ(mend("a 1\nb 2"), "a 1\nb 2\n");
    EXPECT_EQ(mend("a 1\r\nb 2\r"), "a 1\nb 2\n");
    EXPECT_EQ(mend("\xEF\xBB\xBF"), "");
    EXPECT_EQ(mend("\xEF\xBB\xBF"
                   "a 1\r\n"),
              "a 1\n");
    EXPECT_EQ(mend("\r"), "\n");
}

TEST(Mended, LeavesTheRestAlone) {
    EXPECT_EQ(mend("a{l=\"\r\"} 1\n"), "a{l=\"\r\"} 1\n");
    EXPECT_EQ(mend("a 1\r\r\n"), "a 1\r\n");
    std::string const good = "a 1\n";
    std::string room;
    EXPECT_EQ(mended(good, room).data(), good.data()) << "it is copied";
}

}  // namespace
}  // namespace pushgateway::format::text
