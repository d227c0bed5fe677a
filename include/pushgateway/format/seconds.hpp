#pragma once

/// \file
/// Moments as OpenMetrics spells them: decimal seconds since the epoch, read and written without a loss.

#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include <pushgateway/model/exemplar.hpp>

namespace pushgateway::format {

namespace detail {

/// The magnitude of a number of seconds.
struct split_seconds {
    bool negative = false;
    std::uint64_t whole = 0;
    std::uint32_t nanos = 0;  ///< what is smaller is cut off
};

inline constexpr std::uint32_t nanos_per_second = 1'000'000'000;

/// Takes digits from the front of `text`.
[[nodiscard]] inline std::string_view take_digits(std::string_view& text) noexcept {
    std::size_t count = 0;
    while (count != text.size() && text[count] >= '0' && text[count] <= '9') ++count;
    auto const digits = text.substr(0, count);
    text.remove_prefix(count);
    return digits;
}

/// Reads `e`, a sign and digits, if there is something; false if it is something else. What is out of all reason is cut
/// to a number that is still that.
[[nodiscard]] inline bool read_exponent(std::string_view text, std::int64_t& exponent) noexcept {
    constexpr std::int64_t enough = std::int64_t{1} << 40;
    exponent = 0;
    if (text.empty()) return true;
    if (text.front() != 'e' && text.front() != 'E') return false;
    text.remove_prefix(1);
    bool const negative = text.starts_with('-');
    if (negative || text.starts_with('+')) text.remove_prefix(1);
    auto const digits = take_digits(text);
    if (digits.empty() || !text.empty()) return false;
    for (char const c : digits) {
        if (exponent < enough) exponent = exponent * 10 + (c - '0');
    }
    if (negative) exponent = -exponent;
    return true;
}

/// Reads `[sign]digits[.digits][e[sign]digits]`, with a digit before or behind the point. Nothing for anything else,
/// and for what has more whole seconds than 64 bits hold.
[[nodiscard]] inline std::optional<split_seconds> read_seconds(std::string_view text) noexcept {
    split_seconds out;
    out.negative = text.starts_with('-');
    if (out.negative || text.starts_with('+')) text.remove_prefix(1);
    auto const before = take_digits(text);
    std::string_view behind;
    if (text.starts_with('.')) {
        text.remove_prefix(1);
        behind = take_digits(text);
    }
    std::int64_t exponent = 0;
    auto const count = static_cast<std::int64_t>(before.size() + behind.size());
    if (count == 0 || !read_exponent(text, exponent)) return std::nullopt;
    auto const digit = [&](std::int64_t at) -> std::uint32_t {
        if (at < 0 || at >= count) return 0;
        auto const position = static_cast<std::size_t>(at);
        return static_cast<std::uint32_t>(
            (position < before.size() ? before[position] : behind[position - before.size()]) - '0');
    };
    auto const point = static_cast<std::int64_t>(before.size()) + exponent;
    constexpr auto most = std::numeric_limits<std::uint64_t>::max() / 10 - 1;
    for (std::int64_t at = 0; at < point && (at < count || out.whole != 0); ++at) {
        if (out.whole > most) return std::nullopt;
        out.whole = out.whole * 10 + digit(at);
    }
    for (std::int64_t at = point; at != point + 9; ++at) out.nanos = out.nanos * 10 + digit(at);
    return out;
}

/// Appends `.` and the digits of a fraction of a second without the zeros at their end, if it is not zero.
inline void append_fraction(std::string& out, std::uint32_t nanos) {
    if (nanos == 0) return;
    std::array<char, 10> digits{'.'};
    for (auto at = digits.size() - 1; at != 0; --at, nanos /= 10) digits[at] = static_cast<char>('0' + nanos % 10);
    std::string_view const shown(digits.data(), digits.size());
    out += shown.substr(0, shown.find_last_not_of('0') + 1);
}

inline void append_whole(std::string& out, std::uint64_t number) {
    std::array<char, 20> digits;
    out.append(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr);
}

}  // namespace detail

/// Reads the whole of `text` as a moment, to the nanosecond. False if it is no number of seconds that 64 bits hold.
[[nodiscard]] inline bool parse_instant(std::string_view text, model::instant& time) noexcept {
    auto const read = detail::read_seconds(text);
    constexpr auto most = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    if (!read || read->whole > most) return false;
    auto const whole = static_cast<std::int64_t>(read->whole);
    if (!read->negative) {
        time = {whole, static_cast<std::int32_t>(read->nanos)};
    } else if (read->nanos == 0) {
        time = {-whole, 0};
    } else {
        time = {-whole - 1, static_cast<std::int32_t>(detail::nanos_per_second - read->nanos)};
    }
    return true;
}

/// The same in milliseconds; what is smaller is cut off.
[[nodiscard]] inline bool parse_milliseconds(std::string_view text, std::int64_t& ms) noexcept {
    auto const read = detail::read_seconds(text);
    constexpr auto most = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    if (!read || read->whole > most / 1000) return false;
    auto const magnitude = read->whole * 1000 + read->nanos / 1'000'000;
    if (magnitude > most + (read->negative ? 1 : 0)) return false;
    ms = static_cast<std::int64_t>(read->negative ? 0 - magnitude : magnitude);
    return true;
}

/// True for a moment that every reader takes: some take years from 1 to 9999 only.
[[nodiscard]] inline bool is_moment(model::instant const& time) noexcept {
    constexpr std::int64_t year_1 = -62'135'596'800;
    constexpr std::int64_t year_10000 = 253'402'300'800;
    return time.nanos >= 0 && static_cast<std::uint32_t>(time.nanos) < detail::nanos_per_second &&
           time.seconds >= year_1 && time.seconds < year_10000;
}

/// Appends what `parse_instant` reads as `time`, for which `is_moment` is true.
inline void append_instant(std::string& out, model::instant const& time) {
    auto const nanos = static_cast<std::uint32_t>(time.nanos);
    if (time.seconds >= 0) {
        detail::append_whole(out, static_cast<std::uint64_t>(time.seconds));
        return detail::append_fraction(out, nanos);
    }
    out += '-';
    detail::append_whole(out, static_cast<std::uint64_t>(-(time.seconds + (nanos != 0 ? 1 : 0))));
    detail::append_fraction(out, nanos != 0 ? detail::nanos_per_second - nanos : 0);
}

/// Appends what `parse_milliseconds` reads as `ms`.
inline void append_milliseconds(std::string& out, std::int64_t ms) {
    auto const magnitude = ms < 0 ? 0 - static_cast<std::uint64_t>(ms) : static_cast<std::uint64_t>(ms);
    if (ms < 0) out += '-';
    detail::append_whole(out, magnitude / 1000);
    detail::append_fraction(out, static_cast<std::uint32_t>(magnitude % 1000) * 1'000'000);
}

}  // namespace pushgateway::format
