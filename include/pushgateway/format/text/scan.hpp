#pragma once

/// \file
/// Where the lexemes of the text format end. Each function looks at [p, end) and returns the end of the lexeme that
/// begins at p; those that can fail return nullptr.

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include <pushgateway/base/names.hpp>

namespace pushgateway::format::text::scan {

/// Classes of bytes, as bits.
enum char_class : std::uint8_t {
    label_start = 1,
    label_rest = 2,
    metric_start = 4,
    metric_rest = 8,
    blank = 16,       ///< space, tab
    white = 32,       ///< space, tab, line feed
    string_end = 64,  ///< what ends the plain part of a quoted string: quote, backslash, line feed
};

inline constexpr std::array<std::uint8_t, 256> classes = [] {
    std::array<std::uint8_t, 256> table{};
    for (unsigned i = 0; i < 256; ++i) {
        char const c = static_cast<char>(i);
        bool const is_blank = c == ' ' || c == '\t';
        table[i] = static_cast<std::uint8_t>(
            (starts_label_name(c) ? label_start : 0) | (continues_label_name(c) ? label_rest : 0) |
            (starts_metric_name(c) ? metric_start : 0) | (continues_metric_name(c) ? metric_rest : 0) |
            (is_blank ? blank : 0) | (is_blank || c == '\n' ? white : 0) |
            (c == '"' || c == '\\' || c == '\n' ? string_end : 0));
    }
    return table;
}();

[[nodiscard]] constexpr bool is(char c, char_class mask) noexcept {
    return (classes[static_cast<unsigned char>(c)] & mask) != 0;
}

/// What `Class` contains; perhaps nothing.
template <char_class Class>
inline constexpr auto all = [](char const* p, char const* end) noexcept {
    while (p != end && is(*p, Class)) ++p;
    return p;
};

/// What `Class` does not contain; perhaps nothing.
template <char_class Class>
inline constexpr auto until = [](char const* p, char const* end) noexcept {
    while (p != end && !is(*p, Class)) ++p;
    return p;
};

/// At least one of `Class`.
template <char_class Class>
inline constexpr auto some = [](char const* p, char const* end) noexcept -> char const* {
    auto const* const stop = all<Class>(p, end);
    return stop == p ? nullptr : stop;
};

/// The rest of the line.
inline constexpr auto line = [](char const* p, char const* end) noexcept -> char const* {
    if (p == end) return end;
    auto const* const feed = static_cast<char const*>(std::memchr(p, '\n', static_cast<std::size_t>(end - p)));
    return feed == nullptr ? end : feed;
};

/// A name without a quote in it or behind it.
template <char_class Start, char_class Rest>
inline constexpr auto bare_name = [](char const* p, char const* end) noexcept -> char const* {
    if (p == end || !is(*p, Start)) return nullptr;
    do ++p;
    while (p != end && is(*p, Rest));
    return p != end && *p == '"' ? nullptr : p;
};

/// The plain part of a quoted string: up to a quote, backslash or line feed, eight bytes a step.
inline constexpr auto string_part = [](char const* p, char const* end) noexcept -> char const* {
    constexpr std::uint64_t ones = 0x0101010101010101u;
    // The high bit of each byte that is zero; a byte above the first such may be marked by mistake.
    auto const zeros = [](std::uint64_t word) { return (word - ones) & ~word & (ones << 7); };
    if constexpr (std::endian::native == std::endian::little) {
        for (; end - p >= 8; p += 8) {
            std::uint64_t word;
            std::memcpy(&word, p, sizeof word);
            auto const found = zeros(word ^ ones * '"') | zeros(word ^ ones * '\\') | zeros(word ^ ones * '\n');
            if (found != 0) return p + std::countr_zero(found) / 8;
        }
    }
    return until<string_end>(p, end);
};

/// The inside of a quoted string that has no escapes, up to its closing quote.
inline constexpr auto plain_string = [](char const* p, char const* end) noexcept -> char const* {
    p = string_part(p, end);
    return p != end && *p == '"' ? p : nullptr;
};

/// The inside of a quoted string, up to its closing quote, which stands in the same line.
inline constexpr auto any_string = [](char const* p, char const* end) noexcept -> char const* {
    for (;; p += 2) {
        p = string_part(p, end);
        if (p == end || *p == '\n') return nullptr;
        if (*p == '"') return p;
        if (end - p < 2 || p[1] == '\n') return nullptr;
    }
};

/// A name that is a quoted string, perhaps with bare characters before the quote.
template <char_class Start, char_class Rest>
inline constexpr auto quoted_name = [](char const* p, char const* end) noexcept -> char const* {
    if (p == end) return nullptr;
    if (is(*p, Start)) p = all<Rest>(p, end);
    if (p == end || *p != '"') return nullptr;
    auto const* const closing = any_string(p + 1, end);
    return closing == nullptr ? nullptr : closing + 1;
};

}  // namespace pushgateway::format::text::scan
