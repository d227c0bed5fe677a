#include <cstdint>
#include <memory>
#include <sstream>
#include <string>
#include <string_view>

#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>

#include <pushgateway/server/restore_bar.hpp>

namespace pushgateway::server {
namespace {

std::string marks(std::string_view bar) {
    auto const open = bar.find('[');
    return std::string(bar.substr(open + 1, bar.find(']') - open - 1));
}

TEST(restore_bar, is_as_long_as_what_is_done) {
    EXPECT_EQ(restore_bar::bar(3, 4),
              "\rrestoring [" + std::string(30, '#') + std::string(10, ' ') + "] 3 of 4 groups");
    EXPECT_EQ(marks(restore_bar::bar(0, 7)), std::string(40, ' '));
    EXPECT_EQ(marks(restore_bar::bar(7, 7)), std::string(40, '#'));
    EXPECT_EQ(marks(restore_bar::bar(0, 0)), std::string(40, '#'));
    EXPECT_EQ(marks(restore_bar::bar(9'999'999, 10'000'000)).size(), 40u);
}

TEST(restore_bar, says_nothing_of_what_is_quick) {
    std::ostringstream said;
    {
        restore_bar quick(
            log_writer(log_level::debug, log_format::logfmt, std::make_shared<spdlog::sinks::ostream_sink_st>(said)));
        for (std::uint64_t i = 0; i != 100; ++i) quick.show(i, 100);
    }
    EXPECT_EQ(said.str(), "");
}

}  // namespace
}  // namespace pushgateway::server
