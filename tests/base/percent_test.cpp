#include <string>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <pushgateway/base/percent.hpp>

namespace pushgateway {
namespace {

TEST(percent, reads_back_what_was_encoded) {
    EXPECT_TRUE(rc::check([] {
        auto const bytes = *rc::gen::container<std::string>(rc::gen::arbitrary<char>());
        auto const encoded = encode_path(bytes);
        RC_ASSERT((decode_percent(encoded) == bytes));
        RC_ASSERT(encode_unsafe(encoded) == encoded);
    }));
}

TEST(percent, decodes_either_case_and_leaves_plus) {
    EXPECT_EQ(decode_percent("%2F%2f+%00x%ff"), std::string("//+\0x\xff", 6));
    EXPECT_EQ(decode_query_component("a+b%2B"), "a b+");
}

TEST(percent, refuses_what_is_cut_or_no_hexadecimal) {
    for (auto const* text : {"%", "a%2", "%zz", "%2g", "%%41", "%-1"}) {
        auto const decoded = decode_percent(text);
        ASSERT_FALSE(decoded) << text;
        EXPECT_EQ(decoded.error().code, errc::invalid);
    }
    EXPECT_EQ(decode_percent("ab%zz!").error().message,
              "invalid percent-encoding \"%zz\" in the path: a \"%\" is written %25");
}

TEST(percent, encodes_what_could_be_taken_for_more_than_a_path) {
    EXPECT_EQ(encode_path("/a b\"<>?#%\\\xc3\xa9"), "/a%20b%22%3C%3E%3F%23%25%5C%C3%A9");
    EXPECT_EQ(encode_unsafe("/a%20b\\\r\n"), "/a%20b%5C%0D%0A");
}

}  // namespace
}  // namespace pushgateway
