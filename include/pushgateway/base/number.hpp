#pragma once

/// \file
/// Numbers as Go's `strconv` and `fmt` read and print them, which is what every exposition format relies on.
///
/// Nothing here looks at the locale, allocates (but for the `append_` functions' string) or throws.

#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <string_view>
#include <system_error>

namespace pushgateway {

namespace detail {

inline constexpr std::array<double, 23> powers_of_ten = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                                         1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                                         1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

[[nodiscard]] constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

/// Reads `[-]digits[.digits][e[+-]digits]` where both the digits and the power of ten are exact doubles, so that one
/// multiplication or division rounds correctly. False: not of that form, though it may still be a number.
[[nodiscard]] inline bool parse_exact_decimal(std::string_view text, double& value) noexcept {
    constexpr std::size_t longest = 24;
    constexpr int most_digits = 18;
    if (text.size() > longest) return false;
    char const* p = text.data();
    char const* const end = p + text.size();
    bool const negative = p != end && *p == '-';
    if (negative) ++p;

    std::uint64_t digits = 0;
    char const* const whole = p;
    for (; p != end && is_digit(*p); ++p) digits = digits * 10 + static_cast<std::uint64_t>(*p - '0');
    auto digit_count = p - whole;
    int exponent = 0;
    if (p != end && *p == '.') {
        char const* const fraction = ++p;
        for (; p != end && is_digit(*p); ++p) digits = digits * 10 + static_cast<std::uint64_t>(*p - '0');
        digit_count += p - fraction;
        exponent = -static_cast<int>(p - fraction);
    }
    if (digit_count == 0 || digit_count > most_digits || digits > (std::uint64_t{1} << 53)) return false;
    if (p != end && (*p == 'e' || *p == 'E')) {
        if (++p == end) return false;
        bool const negative_exponent = *p == '-';
        if (*p == '-' || *p == '+') ++p;
        if (p == end || end - p > 2) return false;
        int written = 0;
        for (; p != end && is_digit(*p); ++p) written = written * 10 + (*p - '0');
        exponent += negative_exponent ? -written : written;
    }
    if (p != end || exponent < -22 || exponent > 22) return false;
    auto const magnitude = static_cast<double>(digits);
    auto const scaled = exponent < 0 ? magnitude / powers_of_ten[static_cast<std::size_t>(-exponent)]
                                     : magnitude * powers_of_ten[static_cast<std::size_t>(exponent)];
    value = negative ? -scaled : scaled;
    return true;
}

[[nodiscard]] inline bool equals_ignoring_case(std::string_view text, std::string_view lower) noexcept {
    if (text.size() != lower.size()) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        char const c = text[i];
        if ((c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c) != lower[i]) return false;
    }
    return true;
}

/// For a decimal that no double can hold: true if it is too large, false if it is too close to zero.
[[nodiscard]] inline bool too_large(std::string_view unsigned_decimal) noexcept {
    constexpr std::int64_t bound = std::int64_t{1} << 40;
    std::int64_t exponent = 0;
    auto const mark = unsigned_decimal.find_first_of("eE");
    if (mark != std::string_view::npos) {
        auto written = unsigned_decimal.substr(mark + 1);
        bool const negative = written.starts_with('-');
        if (negative || written.starts_with('+')) written.remove_prefix(1);
        for (char const c : written) {
            if (exponent < bound) exponent = exponent * 10 + (c - '0');
        }
        if (negative) exponent = -exponent;
        unsigned_decimal = unsigned_decimal.substr(0, mark);
    }
    auto const point = unsigned_decimal.find('.');
    auto const whole = point == std::string_view::npos ? unsigned_decimal.size() : point;
    auto const first = unsigned_decimal.find_first_of("123456789");
    auto const leading = static_cast<std::int64_t>(whole) - static_cast<std::int64_t>(first);
    return exponent + leading > 0;
}

[[nodiscard]] inline bool parse_any_float(std::string_view text, double& value) noexcept {
    bool const negative = text.starts_with('-');
    bool const is_signed = negative || text.starts_with('+');
    if (is_signed) text.remove_prefix(1);
    if (text.empty()) return false;
    if (!is_digit(text.front()) && text.front() != '.') {
        if (equals_ignoring_case(text, "inf") || equals_ignoring_case(text, "infinity")) {
            value = std::numeric_limits<double>::infinity();
        } else if (!is_signed && equals_ignoring_case(text, "nan")) {
            value = std::numeric_limits<double>::quiet_NaN();
        } else {
            return false;
        }
    } else {
        char const* const end = text.data() + text.size();
        auto const [stop, failure] = std::from_chars(text.data(), end, value);
        if (stop != end || failure == std::errc::invalid_argument) return false;
        if (failure == std::errc::result_out_of_range) {
            if (too_large(text)) return false;
            value = 0;
        } else if (std::isinf(value)) {
            return false;
        }
    }
    if (negative) value = -value;
    return true;
}

}  // namespace detail

/// Reads the whole of `text` as Go's `strconv.ParseFloat` does, less hexadecimal floats and underscores: decimals with
/// an optional sign, point and exponent, correctly rounded; `inf`, `infinity` with an optional sign and `nan` without
/// one, in any case. Too large a magnitude is refused, too small a one is zero. False leaves `value` unspecified.
[[nodiscard]] inline bool parse_float(std::string_view text, double& value) noexcept {
    return detail::parse_exact_decimal(text, value) || detail::parse_any_float(text, value);
}

/// Reads the whole of `text` as Go's `strconv.ParseInt` does in base 10: digits with an optional `+` or `-`. What does
/// not fit into 64 bits is refused. False leaves `value` unspecified.
[[nodiscard]] inline bool parse_integer(std::string_view text, std::int64_t& value) noexcept {
    if (text.starts_with('+')) {
        text.remove_prefix(1);
        if (text.starts_with('-')) return false;
    }
    char const* const end = text.data() + text.size();
    auto const [stop, failure] = std::from_chars(text.data(), end, value);
    return stop == end && failure == std::errc{};
}

/// The unsigned integer that a compiled Go program makes of `value` on amd64: truncated towards zero, modulo 2^64 down
/// to -2^63, and 2^63 for what lies outside of [-2^63, 2^64) and for NaN.
[[nodiscard]] inline std::uint64_t to_unsigned(double value) noexcept {
    constexpr double half = 9223372036854775808.0;
    if (value >= -half && value < half) return static_cast<std::uint64_t>(static_cast<std::int64_t>(value));
    if (value >= half && value < 2 * half) return static_cast<std::uint64_t>(value);
    return std::uint64_t{1} << 63;
}

/// The most bytes that `write_float` writes.
inline constexpr std::size_t float_width = 24;

/// Writes `value` as the exposition formats print it and returns the end: the shortest decimal that reads back as the
/// same value, with an exponent of at least two digits if it is below -4 or above 5, `NaN`, `+Inf`, `-Inf`, and `0`
/// for both zeros. `out` has room for `float_width` bytes; no terminator is written.
inline char* write_float(char* out, double value) noexcept {
    if (value == 0) {
        *out = '0';
        return out + 1;
    }
    if (double const magnitude = std::fabs(value); magnitude < 1e6) {
        auto const whole = static_cast<std::int32_t>(value);
        if (static_cast<double>(whole) == value) return std::to_chars(out, out + float_width, whole).ptr;
    } else if (!std::isfinite(value)) {
        std::string_view const word = std::isnan(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf";
        return static_cast<char*>(std::memcpy(out, word.data(), word.size())) + word.size();
    }
    return std::to_chars(out, out + float_width, value, std::chars_format::general).ptr;
}

/// Appends what `write_float` writes.
inline void append_float(std::string& out, double value) {
    char buffer[float_width];
    out.append(buffer, write_float(buffer, value));
}

/// Appends `value` as Go's `%v` prints a float64. It differs from `append_float` in a negative zero alone: `-0`.
inline void append_go_value(std::string& out, double value) {
    if (value == 0 && std::signbit(value)) out += '-';
    append_float(out, value);
}

}  // namespace pushgateway
