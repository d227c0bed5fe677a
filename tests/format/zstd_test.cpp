#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>
#include <support/codings.hpp>
#include <support/zstd.hpp>

#include <pushgateway/base/limits.hpp>
#include <pushgateway/format/zstd.hpp>

namespace pushgateway::format {
namespace {

using test::fold;
using test::noise;

result<std::string> decoded(std::string_view in, std::size_t most = std::size_t{1} << 30) {
    return decode_zstd(in, decoded_bound{.bytes = most});
}

void expect_zstd_refused(std::string_view in, std::string_view message) {
    auto const got = decoded(in);
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().code, errc::syntax);
    EXPECT_EQ(got.error().message, message);
}

std::string skippable(std::string const& content) {
    return "\x5c\x2a\x4d\x18" + std::string{static_cast<char>(content.size()), 0, 0, 0} + content;
}

TEST(decode_zstd, one_frame) {
    EXPECT_EQ(decoded(test::zstd("hello")), "hello");
    EXPECT_EQ(decoded(test::zstd("")), "");
    auto const large = noise(1'000'000) + std::string(9'000'000, 'x');
    for (bool const flag : {false, true}) {
        EXPECT_EQ(decoded(test::zstd(large, {.checksum = flag, .content_size = !flag})), large);
        EXPECT_EQ(decoded(test::zstd(large, {.window = 23, .checksum = flag, .content_size = flag})), large);
    }
}

// What is copied while it grows takes up to three times its size meanwhile, and twice for as long as it is there.
TEST(decode_zstd, makes_room_once_for_the_size_that_the_frame_says) {
    for (std::size_t const size : {1'100'000, 3'000'000, 20'000'000}) {
        auto const got = decoded(test::zstd(noise(size)));
        ASSERT_TRUE(got);
        EXPECT_EQ(got->size(), size);
        EXPECT_LT(got->capacity(), size + 100);
    }
}

TEST(decode_zstd, one_body_leaves_nothing_for_the_next) {
    auto const first = test::zstd(noise(100'000), {.content_size = false});
    for (std::size_t const size : {std::size_t{10}, first.size() / 2, first.size() - 1}) {
        EXPECT_FALSE(decoded(std::string_view(first).substr(0, size)));
        EXPECT_EQ(decoded(test::zstd("hello")), "hello");
    }
}

TEST(decode_zstd, several_frames_are_one_body) {
    EXPECT_EQ(decoded(test::zstd("a") + test::zstd("") + test::zstd("b")), "ab");
}

TEST(decode_zstd, frames_may_be_skipped) {
    EXPECT_EQ(decoded(skippable("anything") + test::zstd("a") + skippable("") + test::zstd("b") + skippable("x")),
              "ab");
    EXPECT_EQ(decoded(skippable("anything")), "");
}

TEST(decode_zstd, what_is_not_zstd) {
    // The last is a frame of before the format was settled, which the library knows.
    for (std::string const text : {"hello", "\x1f\x8b", "\x28\xb5\x2f\xfe", "\x50\x2a\x4d\x19", "\x27\xb5\x2f\xfd"}) {
        expect_zstd_refused(text, "zstd: invalid header at byte 0");
    }
}

TEST(decode_zstd, trailing_garbage) {
    auto const sound = test::zstd("hello");
    for (auto const& garbage : {std::string("x"), std::string("\0\0\0\0", 4)}) {
        expect_zstd_refused(sound + garbage,
                            "zstd: trailing bytes after the last frame at byte " + std::to_string(sound.size()));
    }
}

TEST(decode_zstd, every_truncation) {
    auto const first = test::zstd("hello");
    auto const second = first + skippable("skip");
    auto const whole = second + test::zstd(noise(300), {.content_size = false});
    for (std::size_t size = 0; size < whole.size(); ++size) {
        auto const part = std::string_view(whole).substr(0, size);
        if (size == first.size() || size == second.size()) {
            EXPECT_EQ(decoded(part), "hello");
            continue;
        }
        expect_zstd_refused(part, "zstd: truncated at byte " + std::to_string(size));
    }
}

TEST(decode_zstd, damage_says_which_frame) {
    auto const sound = test::zstd("hello");
    auto damaged = sound;
    damaged.back() = static_cast<char>(damaged.back() ^ 1);
    expect_zstd_refused(sound + damaged,
                        "zstd: a wrong checksum, in the frame at byte " + std::to_string(sound.size()));
    damaged = sound;
    damaged[4] = static_cast<char>(damaged[4] | 0x08);
    auto const got = decoded(damaged);
    ASSERT_FALSE(got);
    EXPECT_TRUE(got.error().message.starts_with("zstd: corrupt, ")) << got.error().message;
    EXPECT_TRUE(got.error().message.ends_with(", in the frame at byte 0")) << got.error().message;
}

TEST(decode_zstd, refuses_dictionaries) {
    // A header that names dictionary 7, then an empty last block.
    expect_zstd_refused(std::string("\x28\xb5\x2f\xfd\x01\x00\x07\x01\x00\x00", 10),
                        "zstd: a dictionary is needed, which there is not, in the frame at byte 0");
}

// A frame with this header, and as many times 128 KiB of one byte.
std::string frame_of(std::string const& header, int blocks) {
    auto out = "\x28\xb5\x2f\xfd" + header;
    for (int i = 1; i <= blocks; ++i) {
        auto const block = (std::uint32_t{1} << 17) << 3 | 2U | (i == blocks ? 1U : 0U);
        for (int byte = 0; byte != 3; ++byte) out += static_cast<char>(block >> (8 * byte) & 0xff);
        out += 'x';
    }
    return out;
}

TEST(decode_zstd, refuses_windows_beyond_8_mebibytes) {
    std::string const most(8 << 20, 'x');
    std::string_view const refused = "zstd: a window of more than 8 MiB, in the frame at byte 0";
    EXPECT_EQ(decoded(frame_of(std::string("\x00\x68", 2), 64)), most);
    expect_zstd_refused(frame_of(std::string("\x00\x69", 2), 64), refused);
    expect_zstd_refused(frame_of(std::string("\x00\xff", 2), 1), refused);
    // The whole content is the window.
    EXPECT_EQ(decoded(frame_of(std::string("\xa0\x00\x00\x80\x00", 5), 64)), most);
    expect_zstd_refused(frame_of(std::string("\xa0\x00\x00\x82\x00", 5), 65), refused);
}

TEST(decode_zstd, limit) {
    auto const packed = test::zstd(std::string(1000, 'x'));
    EXPECT_EQ(decoded(packed, 1000), std::string(1000, 'x'));
    auto const got = decoded(packed, 999);
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().code, errc::too_large);
    EXPECT_EQ(got.error().message, "the decompressed body is larger than 999 bytes (limit \"decoded-body\")");
    EXPECT_EQ(got.error().limit, limit_kind::decoded_body);
    EXPECT_EQ(decoded(test::zstd(""), 0), "");
    EXPECT_EQ(decoded(test::zstd("x"), 0).error().code, errc::too_large);
    EXPECT_EQ(decoded(packed + packed, 2000), std::string(2000, 'x'));
    EXPECT_EQ(decoded(packed + packed, 1999).error().code, errc::too_large);
    EXPECT_EQ(decoded(packed, SIZE_MAX), std::string(1000, 'x'));
    auto const large = noise(100'000);
    EXPECT_EQ(decoded(test::zstd(large) + test::zstd("x"), large.size() + 1), large + 'x');
    EXPECT_EQ(decoded(test::zstd(large) + test::zstd("x"), large.size()).error().code, errc::too_large);
}

TEST(decode_zstd, a_bomb_is_refused_by_its_ratio) {
    auto const bomb = fold<zstd_encoder>(std::vector<std::string>(64, std::string(1 << 20, '\0')));
    limits bounds;
    auto const refused = decode_zstd(bomb, decoded_bound::of(bomb.size(), bounds));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().limit, limit_kind::decoded_ratio);
    bounds.decoded_ratio = 0;
    EXPECT_TRUE(decode_zstd(bomb, decoded_bound::of(bomb.size(), bounds)));
}

RC_GTEST_PROP(zstd_laws, damage_is_noticed, (std::string const& text)) {
    auto packed = test::zstd(text);
    auto const at = *rc::gen::inRange<std::size_t>(0, packed.size());
    packed[at] = static_cast<char>(packed[at] ^ (1 << *rc::gen::inRange(0, 8)));
    auto const got = decoded(packed);
    bool const fine = !got || *got == text;
    RC_ASSERT(fine);
}

}  // namespace
}  // namespace pushgateway::format
