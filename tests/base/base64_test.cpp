#include <optional>
#include <string>
#include <string_view>

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <support/auth_requests.hpp>

#include <pushgateway/base/base64.hpp>

namespace pushgateway {
namespace {

TEST(decode_base64, takes_the_examples_of_its_standard) {
    EXPECT_EQ(decode_base64(""), "");
    EXPECT_EQ(decode_base64("Zg=="), "f");
    EXPECT_EQ(decode_base64("Zm8="), "fo");
    EXPECT_EQ(decode_base64("Zm9v"), "foo");
    EXPECT_EQ(decode_base64("Zm9vYg=="), "foob");
    EXPECT_EQ(decode_base64("Zm9vYmE="), "fooba");
    EXPECT_EQ(decode_base64("Zm9vYmFy"), "foobar");
    EXPECT_EQ(decode_base64("+/+/"), "\xfb\xff\xbf");
}

TEST(decode_base64, refuses_what_is_none) {
    for (std::string_view const text : {"Zg", "Zg=", "Zg===", "Z===", "====", "=", "Zm9v=", "Zm9vYg=a", "Z=9v", "Zm9 ",
                                        " Zm9", "-_-_", "Zm\n9", "Zg==Zg=="}) {
        EXPECT_EQ(decode_base64(text), std::nullopt) << text;
    }
}

TEST(decode_base64, gives_back_what_was_encoded) {
    EXPECT_TRUE(
        rc::check([](std::string const& bytes) { RC_ASSERT(decode_base64(test::encode_base64(bytes)) == bytes); }));
}

}  // namespace
}  // namespace pushgateway
