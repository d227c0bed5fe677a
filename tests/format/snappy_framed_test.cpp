#include <cstddef>
#include <set>
#include <string>
#include <string_view>

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>
#include <support/codings.hpp>
#include <support/snappy.hpp>

#include <pushgateway/base/limits.hpp>
#include <pushgateway/format/snappy_framed.hpp>

namespace pushgateway::format {
namespace {

using test::noise;

std::string const identifier(test::snappy_identifier);

result<std::string> decoded_snappy(std::string_view in, std::size_t most = std::size_t{1} << 30) {
    return decode_snappy(in, decoded_bound{.bytes = most});
}

void expect_snappy_refused(std::string_view in, std::string_view message) {
    auto const got = decoded_snappy(in);
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().code, errc::syntax);
    EXPECT_EQ(got.error().message, message);
}

TEST(decode_snappy, chunks_of_both_kinds) {
    EXPECT_EQ(decoded_snappy(identifier + test::snappy_data("hello ", false) + test::snappy_data("world", true)),
              "hello world");
    EXPECT_EQ(decoded_snappy(identifier + test::snappy_data("", false) + test::snappy_data("", true)), "");
    auto const large = noise(200'000) + std::string(200'000, 'x');
    EXPECT_EQ(decoded_snappy(test::snappy_framed(large)), large);
}

TEST(decode_snappy, takes_what_another_program_made) {
    // The writer of github.com/golang/snappy 1.0.0.
    EXPECT_EQ(decoded_snappy(identifier + std::string("\x01\x08\x00\x00\xf5\xcf\xd4\xb9x 1\n", 12)), "x 1\n");
    std::string lines;
    for (int i = 0; i != 40; ++i) lines += "y 2\n";
    EXPECT_EQ(decoded_snappy(identifier +
                             std::string("\x00\x14\x00\x00\x5d\x83\x91\xce\xa0\x01\x0cy 2\n\xfe\x04\x00\xfe\x04\x00"
                                         "n\x04\x00",
                                         24)),
              lines);
}

TEST(decode_snappy, no_bytes_are_an_empty_stream) {
    EXPECT_EQ(decoded_snappy(""), "");
    EXPECT_EQ(decoded_snappy(identifier), "");
}

TEST(decode_snappy, streams_may_follow_one_another) {
    EXPECT_EQ(decoded_snappy(test::snappy_framed("a") + test::snappy_framed("b") + identifier + identifier), "ab");
}

TEST(decode_snappy, skips_padding_and_what_may_be_skipped) {
    for (int const type : {0x80, 0xfd, 0xfe}) {
        auto const skipped = test::snappy_chunk(type, noise(100'000));
        EXPECT_EQ(decoded_snappy(identifier + skipped + test::snappy_data("x", false) + skipped), "x") << type;
        EXPECT_EQ(decoded_snappy(identifier + test::snappy_chunk(type, "")), "") << type;
    }
}

TEST(decode_snappy, refuses_chunks_of_reserved_types) {
    for (int const type : {0x02, 0x7f}) {
        expect_snappy_refused(identifier + test::snappy_chunk(type, "data"),
                              "snappy: a chunk of a reserved type at byte 10");
    }
}

TEST(decode_snappy, tells_a_block_from_a_stream) {
    auto const text = std::string(50, 'x') + " 1\n";
    auto const got = decoded_snappy(test::snappy_block(text));
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().code, errc::syntax);
    EXPECT_TRUE(got.error().message.starts_with("snappy: this is a block, as remote write sends it"))
        << got.error().message;
    for (std::string_view const other : {"x 1\n", "\x1f\x8b", "snappy", "y"}) {
        expect_snappy_refused(other, "snappy: no stream identifier at byte 0");
    }
    expect_snappy_refused(test::snappy_data("x", false) + identifier, "snappy: no stream identifier at byte 0");
}

TEST(decode_snappy, refuses_another_identifier_later_on) {
    expect_snappy_refused(identifier + test::snappy_chunk(0xff, "sNaPpX"),
                          "snappy: a wrong stream identifier at byte 10");
    expect_snappy_refused(identifier + test::snappy_chunk(0xff, ""), "snappy: a wrong stream identifier at byte 10");
}

TEST(decode_snappy, refuses_chunks_that_are_too_large) {
    for (bool const compressed : {false, true}) {
        std::string const most(65536, 'x');
        EXPECT_EQ(decoded_snappy(identifier + test::snappy_data(most, compressed)), most);
        expect_snappy_refused(identifier + test::snappy_data(most + 'x', compressed),
                              "snappy: a chunk of more than 65536 bytes at byte 10");
    }
}

TEST(decode_snappy, refuses_damaged_chunks) {
    for (int const type : {0, 1}) {
        expect_snappy_refused(identifier + test::snappy_chunk(type, "abc"),
                              "snappy: a chunk without a checksum at byte 10");
    }
    expect_snappy_refused(identifier + test::snappy_chunk(0, "crc."), "snappy: a corrupt chunk at byte 10");
    expect_snappy_refused(identifier + test::snappy_chunk(0,
                                                          "crc.\x05"
                                                          "abc"),
                          "snappy: a corrupt chunk at byte 10");
    auto sound = test::snappy_data("hello", false);
    sound.back() = '!';
    expect_snappy_refused(identifier + test::snappy_data("x", false) + sound,
                          "snappy: a chunk with a wrong checksum at byte 19");
}

TEST(decode_snappy, every_truncation) {
    auto const whole = test::snappy_framed("hello") + test::snappy_framed(std::string(1000, 'x'));
    auto const first = test::snappy_framed("hello").size();
    for (std::size_t size = 1; size < whole.size(); ++size) {
        // Where a chunk ends, the stream may end.
        if (size == 10 || size == first || size == first + 10) {
            EXPECT_TRUE(decoded_snappy(std::string_view(whole).substr(0, size))) << size;
            continue;
        }
        expect_snappy_refused(std::string_view(whole).substr(0, size),
                              "snappy: truncated at byte " + std::to_string(size));
    }
}

TEST(decode_snappy, limit) {
    auto const packed = test::snappy_framed(std::string(1000, 'x'), 600);
    EXPECT_EQ(decoded_snappy(packed, 1000), std::string(1000, 'x'));
    auto const got = decoded_snappy(packed, 999);
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().code, errc::too_large);
    EXPECT_EQ(got.error().message, "the decompressed body is larger than 999 bytes (limit \"decoded-body\")");
    EXPECT_EQ(decoded_snappy(packed, SIZE_MAX), std::string(1000, 'x'));
    EXPECT_EQ(decoded_snappy(identifier, 0), "");
    EXPECT_EQ(decoded_snappy(test::snappy_framed("x"), 0).error().code, errc::too_large);
}

TEST(decode_snappy, a_bomb_is_refused_by_its_ratio) {
    auto const bomb = test::snappy_framed(std::string(16 << 20, '\n'));
    limits bounds;
    bounds.decoded_ratio = 10;
    auto const refused = decode_snappy(bomb, decoded_bound::of(bomb.size(), bounds));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().limit, limit_kind::decoded_ratio);
    bounds.decoded_ratio = 30;
    EXPECT_TRUE(decode_snappy(bomb, decoded_bound::of(bomb.size(), bounds)));
}

RC_GTEST_PROP(snappy_laws, what_was_folded_unfolds, (std::string const& text)) {
    auto const whole = text + text + text;
    auto const most = *rc::gen::inRange<std::size_t>(1, whole.size() + 2);
    auto const got = decoded_snappy(test::snappy_framed(whole, most), whole.size());
    RC_ASSERT(got.has_value());
    RC_ASSERT(*got == whole);
}

/// Where the chunks of a sound stream begin.
std::set<std::size_t> chunks_of(std::string_view stream) {
    std::set<std::size_t> out;
    for (std::size_t at = 0; at < stream.size();) {
        out.insert(at);
        auto const byte = [&](std::size_t i) { return std::size_t{static_cast<std::uint8_t>(stream[at + i])}; };
        at += 4 + (byte(1) | byte(2) << 8 | byte(3) << 16);
    }
    return out;
}

RC_GTEST_PROP(snappy_laws, damage_is_noticed, (std::string const& text)) {
    auto packed = test::snappy_framed(text, *rc::gen::inRange<std::size_t>(1, 20));
    auto const chunks = chunks_of(packed);
    auto const at = *rc::gen::inRange<std::size_t>(0, packed.size());
    packed[at] = static_cast<char>(packed[at] ^ (1 << *rc::gen::inRange(0, 8)));
    auto const got = decoded_snappy(packed);
    // The type of a chunk has no checksum: another may say that it is to be skipped.
    bool const to_be_skipped = chunks.contains(at) && (static_cast<std::uint8_t>(packed[at]) & 0x80) != 0;
    bool const fine = !got || *got == text || to_be_skipped;
    RC_ASSERT(fine);
}

}  // namespace
}  // namespace pushgateway::format
