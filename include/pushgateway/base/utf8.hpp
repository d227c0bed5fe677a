#pragma once

/// \file
/// Validity of UTF-8 (RFC 3629, which is also Go's rule): no overlong forms, no surrogates, nothing above U+10FFFF.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace pushgateway {

/// True if no byte has its high bit set. Reads 64 bytes a step.
[[nodiscard]] inline bool is_ascii(std::string_view text) noexcept {
    constexpr std::uint64_t high_bits = 0x8080808080808080u;
    char const* p = text.data();
    std::size_t left = text.size();
    for (; left >= 64; p += 64, left -= 64) {
        std::uint64_t words[8];
        std::memcpy(words, p, sizeof words);
        auto const all = (words[0] | words[1]) | (words[2] | words[3]) | (words[4] | words[5]) | (words[6] | words[7]);
        if ((all & high_bits) != 0) return false;
    }
    for (; left >= 8; p += 8, left -= 8) {
        std::uint64_t word;
        std::memcpy(&word, p, sizeof word);
        if ((word & high_bits) != 0) return false;
    }
    // A copy of few bytes, whose number is not known beforehand, would be a call.
    unsigned char rest = 0;
    for (; left != 0; ++p, --left) rest |= static_cast<unsigned char>(*p);
    return rest < 0x80;
}

namespace detail {

/// The length of the UTF-8 sequence at `p`, which is not ASCII; 0 if it is not a valid one.
[[nodiscard]] inline std::size_t sequence_length(unsigned char const* p, std::size_t left) noexcept {
    auto const within = [&](std::size_t i, unsigned low, unsigned high) {
        return i < left && p[i] >= low && p[i] <= high;
    };
    auto const follows = [&](std::size_t i) { return within(i, 0x80, 0xBF); };
    unsigned const lead = p[0];
    if (lead >= 0xC2 && lead <= 0xDF) return follows(1) ? 2 : 0;
    if (lead >= 0xE0 && lead <= 0xEF) {
        unsigned const low = lead == 0xE0 ? 0xA0 : 0x80;   // below: overlong
        unsigned const high = lead == 0xED ? 0x9F : 0xBF;  // above: surrogates
        return within(1, low, high) && follows(2) ? 3 : 0;
    }
    if (lead >= 0xF0 && lead <= 0xF4) {
        unsigned const low = lead == 0xF0 ? 0x90 : 0x80;   // below: overlong
        unsigned const high = lead == 0xF4 ? 0x8F : 0xBF;  // above: beyond U+10FFFF
        return within(1, low, high) && follows(2) && follows(3) ? 4 : 0;
    }
    return 0;
}

}  // namespace detail

/// The length in bytes of the character that `text` begins with; 0 if that is not valid UTF-8, or `text` is empty.
[[nodiscard]] inline std::size_t utf8_length(std::string_view text) noexcept {
    if (text.empty()) return 0;
    auto const* p = reinterpret_cast<unsigned char const*>(text.data());
    return *p < 0x80 ? 1 : detail::sequence_length(p, text.size());
}

/// True if all of `text` is valid UTF-8. The empty text is.
[[nodiscard]] inline bool valid_utf8(std::string_view text) noexcept {
    if (is_ascii(text)) return true;
    auto const* p = reinterpret_cast<unsigned char const*>(text.data());
    std::size_t left = text.size();
    while (left != 0) {
        std::size_t const length = *p < 0x80 ? 1 : detail::sequence_length(p, left);
        if (length == 0) return false;
        p += length;
        left -= length;
    }
    return true;
}

/// The number of characters in `text`, which is valid UTF-8.
[[nodiscard]] inline std::size_t count_characters(std::string_view text) noexcept {
    auto const begins_one = [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; };
    return static_cast<std::size_t>(std::ranges::count_if(text, begins_one));
}

/// `text` with U+FFFD for every byte that is not part of valid UTF-8.
[[nodiscard]] inline std::string valid_text(std::string_view text) {
    if (valid_utf8(text)) return std::string(text);
    std::string out;
    for (std::size_t at = 0; at != text.size();) {
        std::size_t length = 1;
        while (length < 4 && at + length < text.size() && !valid_utf8(text.substr(at, length))) ++length;
        if (valid_utf8(text.substr(at, length))) {
            out += text.substr(at, length);
            at += length;
        } else {
            out += "\uFFFD";
            ++at;
        }
    }
    return out;
}

}  // namespace pushgateway
