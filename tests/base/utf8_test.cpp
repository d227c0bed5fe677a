#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <pushgateway/base/utf8.hpp>

namespace pushgateway {
namespace {

/// The encoding of a code point by its definition, whether or not it is allowed.
std::string encode(std::uint32_t code, int length) {
    if (length == 1) return {static_cast<char>(code)};
    std::string bytes;
    for (int i = 0; i < length - 1; ++i, code >>= 6) bytes.insert(0, 1, static_cast<char>(0x80 | (code & 0x3f)));
    auto const lead = 0xf00u >> length & 0xffu;
    bytes.insert(0, 1, static_cast<char>(lead | code));
    return bytes;
}

TEST(ValidUtf8, TakesExactlyTheScalarValuesInTheirShortestForm) {
    for (std::uint32_t code = 0; code < 0x200000; ++code) {
        int const shortest = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
        bool const scalar = code <= 0x10FFFF && !(code >= 0xD800 && code <= 0xDFFF);
        ASSERT_EQ(valid_utf8(encode(code, shortest)), scalar) << code;
        if (shortest < 4 && code < 0x10000) {
            ASSERT_FALSE(valid_utf8(encode(code, shortest + 1))) << code;
        }
    }
}

TEST(ValidUtf8, RefusesBrokenSequencesAtAnyPlace) {
    for (std::string_view const broken :
         {"\x80", "\xBF", "\xC0\x80", "\xC1\xBF", "\xC3", "\xC3(", "\xE2\x82", "\xE2(\xAC", "\xF0\x9F\x98",
          "\xF5\x80\x80\x80", "\xFE", "\xFF", "\xED\xA0\x80", "\xF4\x90\x80\x80"}) {
        for (std::size_t before = 0; before < 20; ++before) {
            EXPECT_FALSE(valid_utf8(std::string(before, 'a') + std::string(broken))) << before;
            EXPECT_FALSE(valid_utf8(std::string(before, 'a') + std::string(broken) + "aaaaaaaaaaaa")) << before;
        }
    }
}

TEST(ValidUtf8, TakesTextsOfValidCharacters) {
    EXPECT_TRUE(rc::check("joined characters", [] {
        auto const codes = *rc::gen::container<std::vector<std::uint32_t>>(rc::gen::suchThat(
            rc::gen::inRange<std::uint32_t>(0, 0x110000), [](std::uint32_t c) { return c < 0xD800 || c > 0xDFFF; }));
        std::string text;
        for (auto const c : codes) text += encode(c, c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4);
        RC_ASSERT(valid_utf8(text));
    }));
}

TEST(IsAscii, SeesOneHighBitAnywhere) {
    for (std::size_t size = 0; size < 200; ++size) {
        std::string text(size, 'a');
        ASSERT_TRUE(is_ascii(text));
        for (std::size_t i = 0; i < size; ++i) {
            text[i] = static_cast<char>(0x80);
            ASSERT_FALSE(is_ascii(text)) << size << ' ' << i;
            text[i] = 'a';
        }
    }
}

TEST(Utf8, CountsCharactersRatherThanBytes) {
    EXPECT_EQ(count_characters(""), 0u);
    EXPECT_EQ(count_characters("abc"), 3u);
    EXPECT_EQ(count_characters("\u00fc\u20ac\U0001F600x"), 4u);
}

}  // namespace
}  // namespace pushgateway
