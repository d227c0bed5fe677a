#include "support/gzip.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>
#include <support/codings.hpp>

#include <pushgateway/format/gzip.hpp>

namespace pushgateway::format {
namespace {

using test::fold;
using test::noise;

constexpr std::size_t no_limit = std::size_t{1} << 30;

result<std::string> gunzip(std::string_view in, std::size_t most) {
    return format::gunzip(in, decoded_bound{.bytes = most});
}

TEST(gunzip, one_member) {
    EXPECT_EQ(gunzip(test::gzip("hello"), no_limit), "hello");
    EXPECT_EQ(gunzip(test::gzip(""), no_limit), "");
    auto const large = noise(3'000'000);
    EXPECT_EQ(gunzip(test::gzip(large), no_limit), large);
}

// What is copied while it grows takes up to three times its size meanwhile, and twice for as long as it is there.
TEST(gunzip, makes_room_once_for_the_size_that_the_end_says) {
    for (std::size_t const size : {1'100'000, 3'000'000, 20'000'000}) {
        auto const got = gunzip(test::gzip(noise(size)), no_limit);
        ASSERT_TRUE(got);
        EXPECT_EQ(got->size(), size);
        EXPECT_LT(got->capacity(), size + 100);
    }
}

TEST(gunzip, several_members_are_one_body) {
    EXPECT_EQ(gunzip(test::gzip("a") + test::gzip("") + test::gzip("b"), no_limit), "ab");
}

TEST(gunzip, the_limit_is_that_of_all_members_together) {
    auto const large = noise(100'000);
    std::string folded = test::gzip(large);
    for (int i = 0; i != 50; ++i) folded += test::gzip(i % 2 == 0 ? "" : "x");
    EXPECT_EQ(gunzip(folded, large.size() + 25), large + std::string(25, 'x'));
    auto const refused = gunzip(folded, large.size() + 24);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, errc::too_large);
}

TEST(gunzip, what_is_not_gzip) {
    for (std::string const text : {"hello", "h", "\x1f\x8c", "\x78\x9c\x03\x00\x00\x00\x00\x01"}) {
        auto const got = gunzip(text, no_limit);
        ASSERT_FALSE(got);
        EXPECT_EQ(got.error().code, errc::syntax);
        EXPECT_EQ(got.error().message, "gzip: invalid header at byte 0");
    }
}

TEST(gunzip, every_truncation) {
    auto const two = test::gzip("hello") + test::gzip("world");
    auto const boundary = test::gzip("hello").size();
    for (std::size_t size = 0; size < two.size(); ++size) {
        auto const got = gunzip(std::string_view(two).substr(0, size), no_limit);
        if (size == boundary) {
            EXPECT_EQ(got, "hello");
            continue;
        }
        ASSERT_FALSE(got) << size;
        EXPECT_EQ(got.error().code, errc::syntax);
        EXPECT_EQ(got.error().message, "gzip: truncated at byte " + std::to_string(size));
    }
}

TEST(gunzip, trailing_garbage) {
    for (auto const& garbage : {std::string("x"), std::string("\0", 1), std::string("\0\0\0\0", 4)}) {
        auto const sound = test::gzip("hello");
        auto const got = gunzip(sound + garbage, no_limit);
        ASSERT_FALSE(got);
        EXPECT_EQ(got.error().message,
                  "gzip: trailing bytes after the last member at byte " + std::to_string(sound.size()));
    }
}

TEST(gunzip, damaged_checksum_and_length) {
    auto const packed = test::gzip("hello");
    for (std::size_t from_end : {1U, 5U}) {
        auto damaged = packed;
        damaged[damaged.size() - from_end] ^= 1;
        auto const got = gunzip(damaged, no_limit);
        ASSERT_FALSE(got);
        EXPECT_EQ(got.error().code, errc::syntax);
        EXPECT_TRUE(got.error().message.starts_with("gzip: corrupt, incorrect ")) << got.error().message;
        EXPECT_NE(got.error().message.find(" check, at byte "), std::string::npos) << got.error().message;
    }
    auto method = packed;
    method[2] = 7;
    EXPECT_FALSE(gunzip(method, no_limit));
}

TEST(gunzip, limit) {
    auto const packed = test::gzip(std::string(1000, 'x'));
    EXPECT_EQ(gunzip(packed, 1000), std::string(1000, 'x'));
    auto const got = gunzip(packed, 999);
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().code, errc::too_large);
    EXPECT_EQ(got.error().message, "the decompressed body is larger than 999 bytes (limit \"decoded-body\")");
    EXPECT_EQ(got.error().limit, limit_kind::decoded_body);
    EXPECT_EQ(gunzip(test::gzip(""), 0), "");
    EXPECT_EQ(gunzip(test::gzip("x"), 0).error().code, errc::too_large);
    auto const members = test::gzip(std::string(600, 'x')) + test::gzip(std::string(600, 'x'));
    EXPECT_EQ(gunzip(members, 1200), std::string(1200, 'x'));
    EXPECT_EQ(gunzip(members, 1199).error().code, errc::too_large);
    EXPECT_EQ(gunzip(packed, SIZE_MAX), std::string(1000, 'x'));
}

TEST(gunzip, a_bomb_is_cut_off_at_the_limit) {
    auto const bomb = fold<gzip_encoder>(std::vector<std::string>(64, std::string(1 << 20, '\0')));
    EXPECT_LT(bomb.size(), 1U << 20);
    EXPECT_EQ(gunzip(bomb, 1 << 20).error().code, errc::too_large);
}

TEST(decoded_bound, counts_the_ratio_beyond_a_megabyte_only) {
    limits bounds;
    bounds.decoded_ratio = 10;
    bounds.decoded_body = 4 << 20;
    auto const bound = [&bounds](std::size_t encoded) { return decoded_bound::of(encoded, bounds).bytes; };
    EXPECT_EQ(bound(0), 1U << 20);
    EXPECT_EQ(bound(100'000), 1U << 20);
    EXPECT_EQ(bound(200'000), 2'000'000U);
    EXPECT_EQ(bound(419'430), 4'194'300U);
    EXPECT_EQ(bound(419'431), 4U << 20);
    EXPECT_EQ(bound(SIZE_MAX), 4U << 20);
    bounds.decoded_ratio = 0;
    EXPECT_EQ(bound(0), 4U << 20);
    bounds.decoded_ratio = SIZE_MAX;
    EXPECT_EQ(bound(0), 1U << 20);
    EXPECT_EQ(bound(1), 4U << 20);
    bounds.decoded_body = 1000;
    EXPECT_EQ(bound(0), 1000U);
}

TEST(decoded_bound, a_bomb_is_refused_by_its_ratio) {
    auto const bomb = fold<gzip_encoder>(std::vector<std::string>(64, std::string(1 << 20, '\0')));
    limits bounds;
    bounds.decoded_ratio = 100;
    auto const refused = format::gunzip(bomb, decoded_bound::of(bomb.size(), bounds));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, errc::too_large);
    EXPECT_EQ(refused.error().limit, limit_kind::decoded_ratio);
    EXPECT_EQ(refused.error().message, "the body unfolds to more than 100 times its size (limit \"decoded-ratio\")");
    bounds.decoded_ratio = 0;
    EXPECT_TRUE(format::gunzip(bomb, decoded_bound::of(bomb.size(), bounds)));
}

RC_GTEST_PROP(gzip_laws, damage_is_noticed, (std::string const& text)) {
    auto packed = test::gzip(text);
    // The bytes of the header that say nothing about the content may be anything.
    auto const at = *rc::gen::inRange<std::size_t>(10, packed.size());
    packed[at] = static_cast<char>(packed[at] ^ (1 << *rc::gen::inRange(0, 8)));
    auto const got = gunzip(packed, no_limit);
    bool const fine = !got || *got == text;
    RC_ASSERT(fine);
}

}  // namespace
}  // namespace pushgateway::format
