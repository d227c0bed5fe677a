#include <cstdint>
#include <string>
#include <string_view>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <pushgateway/base/base64url.hpp>

namespace pushgateway {
namespace {

std::string encode(std::string_view bytes) {
    constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    std::string out;
    std::uint32_t bits = 0;
    int held = 0;
    for (char const c : bytes) {
        bits = bits << 8 | static_cast<unsigned char>(c);
        for (held += 8; held >= 6; held -= 6) out += alphabet[bits >> (held - 6) & 63];
    }
    if (held > 0) out += alphabet[bits << (6 - held) & 63];
    return out;
}

TEST(base64url, reads_back_what_was_encoded) {
    EXPECT_TRUE(rc::check([] {
        auto const bytes = *rc::gen::container<std::string>(rc::gen::arbitrary<char>());
        auto const padding = std::string(*rc::gen::inRange<std::size_t>(0, 5), '=');
        RC_ASSERT((decode_base64url(encode(bytes) + padding) == bytes));
    }));
}

TEST(base64url, takes_the_examples_of_the_standard) {
    for (auto const& [text, bytes] : {std::pair{"", ""},
                                      {"Zg==", "f"},
                                      {"Zm8=", "fo"},
                                      {"Zm9v", "foo"},
                                      {"Zm9vYg", "foob"},
                                      {"=", ""},
                                      {"====", ""},
                                      {"_-8", "\xff\xef"},
                                      {"Zm\r\n9v", "foo"}}) {
        EXPECT_EQ(decode_base64url(text), std::string(bytes)) << text;
    }
}

TEST(base64url, ignores_left_over_bits) { EXPECT_EQ(decode_base64url("Zh"), "f"); }

TEST(base64url, names_the_first_bad_byte) {
    for (auto const& [text, at] : {std::pair{"Zg+v", 2}, {"Zg/v", 2}, {"Z g", 1}, {"Z=g", 1}, {"Zm9vY", 4}, {"Y", 0}}) {
        auto const decoded = decode_base64url(text);
        ASSERT_FALSE(decoded) << text;
        EXPECT_EQ(decoded.error().code, errc::invalid);
        EXPECT_EQ(decoded.error().message, "illegal base64 data at input byte " + std::to_string(at)) << text;
    }
}

}  // namespace
}  // namespace pushgateway
