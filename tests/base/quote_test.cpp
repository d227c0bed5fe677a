#include <algorithm>
#include <string>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <pushgateway/base/quote.hpp>

namespace pushgateway {
namespace {

TEST(quote, escapes_what_is_no_readable_character) {
    EXPECT_EQ(in_quotes("a b"), "\"a b\"");
    EXPECT_EQ(in_quotes("\"\\\n\r\t"), R"("\"\\\n\r\t")");
    EXPECT_EQ(in_quotes(std::string_view("\0\x1f\x7f", 3)), R"("\x00\x1f\x7f")");
    EXPECT_EQ(in_quotes("\xff\xc3\xa9\xc3"), "\"\\xff\xc3\xa9\\xc3\"");
    EXPECT_EQ(in_quotes("\u0085\u2028\u2029\u00a0"), "\"\\u0085\\u2028\\u2029\u00a0\"");
}

TEST(quote, makes_one_line_of_valid_text_from_any_bytes) {
    EXPECT_TRUE(rc::check([] {
        auto const text = in_quotes(*rc::gen::container<std::string>(rc::gen::arbitrary<char>()));
        RC_ASSERT(valid_utf8(text));
        RC_ASSERT(std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }));
    }));
}

TEST(short_quotes, cut_no_character) {
    EXPECT_EQ(in_short_quotes("abc", 3), "\"abc\"");
    EXPECT_EQ(in_short_quotes("abcd", 3), "\"abc\"...");
    EXPECT_EQ(in_short_quotes("ab\u00e9d", 3), "\"ab\"...");
    EXPECT_EQ(in_short_quotes("ab\u00e9d", 4), "\"ab\u00e9\"...");
    EXPECT_EQ(in_short_quotes("\U0001F600\U0001F600", 7), "\"\U0001F600\"...");
    EXPECT_EQ(in_short_quotes("\x80\x80\x80\x80\x80\x80", 5), "\"\\x80\"...") << "what is no UTF-8 is cut anywhere";
    EXPECT_EQ(shortened("abc", 3), "abc");
    EXPECT_EQ(shortened("abcd", 3), "abc...");
    EXPECT_EQ(in_short_quotes(std::string(1'000'000, 'x')).size(), longest_quoted + 5);
    EXPECT_EQ(shortened(std::string(1'000'000, 'x')).size(), longest_field + 3);
}

}  // namespace
}  // namespace pushgateway
