#pragma once

/// \file
/// Durations as Go reads and prints them: `1h30m`, `5m0s`, `1.5s`, `100ms`.

#include <array>
#include <chrono>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <pushgateway/base/error.hpp>
#include <pushgateway/base/quote.hpp>

namespace pushgateway {

namespace detail {

inline constexpr std::array<std::pair<std::string_view, std::int64_t>, 8> duration_units{{{"ns", 1},
                                                                                          {"us", 1'000},
                                                                                          {"µs", 1'000},
                                                                                          {"μs", 1'000},
                                                                                          {"ms", 1'000'000},
                                                                                          {"s", 1'000'000'000},
                                                                                          {"m", 60'000'000'000},
                                                                                          {"h", 3'600'000'000'000}}};

inline std::optional<std::int64_t> unit_nanoseconds(std::string_view unit) noexcept {
    for (auto const& [name, nanoseconds] : duration_units) {
        if (unit == name) return nanoseconds;
    }
    return std::nullopt;
}

constexpr bool is_decimal_digit(char c) noexcept { return c >= '0' && c <= '9'; }

struct decimal {
    std::uint64_t whole = 0;
    std::uint64_t part = 0;  ///< what is behind the point, divided by `scale`
    double scale = 1;
};

/// Cuts digits with or without a point off the front of `text`. Nothing if there are none or the whole part is too
/// large; digits behind the point that do not fit are dropped.
inline std::optional<decimal> take_decimal(std::string_view& text) noexcept {
    constexpr auto most = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    decimal out;
    bool digits = false;
    for (; !text.empty() && is_decimal_digit(text.front()); text.remove_prefix(1)) {
        digits = true;
        if (out.whole > most / 10) return std::nullopt;
        out.whole = out.whole * 10 + static_cast<std::uint64_t>(text.front() - '0');
    }
    if (text.starts_with('.')) {
        bool full = false;
        for (text.remove_prefix(1); !text.empty() && is_decimal_digit(text.front()); text.remove_prefix(1)) {
            digits = true;
            full = full || out.part > most / 10;
            if (full) continue;
            out.part = out.part * 10 + static_cast<std::uint64_t>(text.front() - '0');
            out.scale *= 10;
        }
    }
    if (!digits) return std::nullopt;
    return out;
}

}  // namespace detail

/// Reads a duration as Go's `time.ParseDuration` does. Fails with errc::invalid and Go's text.
[[nodiscard]] inline result<std::chrono::nanoseconds> parse_duration(std::string_view const text) {
    auto const wrong = [text](std::string const& what) {
        return fail(errc::invalid, "time: " + what + " duration " + in_quotes(text));
    };
    constexpr auto most = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    auto rest = text;
    bool const negative = rest.starts_with('-');
    if (negative || rest.starts_with('+')) rest.remove_prefix(1);
    if (rest == "0") return std::chrono::nanoseconds(0);
    if (rest.empty()) return wrong("invalid");
    std::uint64_t total = 0;
    while (!rest.empty()) {
        auto const number = detail::take_decimal(rest);
        if (!number) return wrong("invalid");
        std::size_t end = 0;
        while (end != rest.size() && rest[end] != '.' && !detail::is_decimal_digit(rest[end])) ++end;
        auto const name = rest.substr(0, end);
        rest.remove_prefix(end);
        if (name.empty()) return wrong("missing unit in");
        auto const unit = detail::unit_nanoseconds(name);
        if (!unit) return wrong("unknown unit " + in_quotes(name) + " in");
        auto const each = static_cast<std::uint64_t>(*unit);
        if (number->whole > most / each) return wrong("invalid");
        total += number->whole * each;
        total +=
            static_cast<std::uint64_t>(static_cast<double>(number->part) * (static_cast<double>(each) / number->scale));
        if (total > most) return wrong("invalid");
    }
    auto const count = static_cast<std::int64_t>(total);
    return std::chrono::nanoseconds(negative ? -count : count);
}

/// The text that Go's `Duration.String` gives: `2h0m0s`, `1.5s`, `100ms`, `0s`.
[[nodiscard]] inline std::string duration_text(std::chrono::nanoseconds duration) {
    if (duration.count() == 0) return "0s";
    auto left = duration.count() < 0 ? 0 - static_cast<std::uint64_t>(duration.count())
                                     : static_cast<std::uint64_t>(duration.count());
    auto const with_fraction = [](std::uint64_t value, std::uint64_t unit) {
        auto text = std::to_string(value / unit);
        if (auto const part = value % unit; part != 0) {
            auto digits = std::to_string(unit + part).substr(1);
            digits.erase(digits.find_last_not_of('0') + 1);
            text += '.' + digits;
        }
        return text;
    };
    std::string const sign = duration.count() < 0 ? "-" : "";
    if (left < 1'000) return sign + std::to_string(left) + "ns";
    if (left < 1'000'000) return sign + with_fraction(left, 1'000) + "µs";
    if (left < 1'000'000'000) return sign + with_fraction(left, 1'000'000) + "ms";
    std::string out = sign;
    auto const minutes = left / 60'000'000'000;
    left %= 60'000'000'000;
    if (minutes >= 60) out += std::to_string(minutes / 60) + 'h';
    if (minutes != 0) out += std::to_string(minutes % 60) + 'm';
    return out + with_fraction(left, 1'000'000'000) + 's';
}

}  // namespace pushgateway
