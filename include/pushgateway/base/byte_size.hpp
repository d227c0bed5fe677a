#pragma once

/// \file
/// Sizes in bytes as people write them: `65536`, `64KiB`, `256MB`. Units are powers of 1024, as in Prometheus' flags.

#include <array>
#include <charconv>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include <pushgateway/base/error.hpp>
#include <pushgateway/base/quote.hpp>

namespace pushgateway {

namespace detail {

inline constexpr std::array<std::string_view, 5> size_prefixes{"", "K", "M", "G", "T"};

}  // namespace detail

/// Reads a whole number and a unit: none or `B`, `KB`, `MB`, `GB`, `TB`, or with `iB`. Fails with errc::invalid for
/// anything else and for what is beyond 64 bits.
[[nodiscard]] inline result<std::uint64_t> parse_byte_size(std::string_view text) {
    std::uint64_t number = 0;
    auto const [end, ec] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (ec == std::errc::invalid_argument) {
        return fail(errc::invalid, in_quotes(text) + " is no size: it must begin with a number, as in 64KiB");
    }
    std::string_view const unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
    for (std::size_t i = 0; i != detail::size_prefixes.size(); ++i) {
        std::string const prefix(detail::size_prefixes[i]);
        if (unit != prefix + "B" && unit != prefix + "iB" && unit != prefix) continue;
        auto const shift = 10 * i;
        if (ec != std::errc{} || number > std::numeric_limits<std::uint64_t>::max() >> shift) {
            return fail(errc::invalid, in_quotes(text) + " is too large");
        }
        return number << shift;
    }
    return fail(errc::invalid, in_quotes(text) + " is no size: the unit must be B, KiB, MiB, GiB or TiB");
}

/// A size with the largest unit that divides it: `64KiB`, `1000B`, `0B`.
[[nodiscard]] inline std::string byte_size_text(std::uint64_t size) {
    std::size_t i = 0;
    while (size != 0 && size % 1024 == 0 && i + 1 != detail::size_prefixes.size()) {
        size /= 1024;
        ++i;
    }
    return std::to_string(size) + std::string(detail::size_prefixes[i]) + (i == 0 ? "B" : "iB");
}

}  // namespace pushgateway
