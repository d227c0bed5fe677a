#pragma once

/// \file
/// How a name beyond the legacy set is told to a reader that knows legacy names only: the escaping schemes that
/// Prometheus and its clients agree on by the parameter `escaping` of `Accept` and `Content-Type`.

#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include <pushgateway/base/names.hpp>
#include <pushgateway/base/utf8.hpp>

namespace pushgateway {

/// What becomes of names beyond the legacy set. Legacy names stay as they are under every scheme.
enum class name_escaping : std::uint8_t {
    allow_utf8,   ///< they stay as they are
    underscores,  ///< every other character becomes `_`: several names may become one
    dots,         ///< `.` becomes `_dot_`, `_` becomes `__`, every other character `__`
    values,       ///< `U__` in front, `_` becomes `__`, every other character `_HEX_`: can be undone
};

namespace detail {

inline constexpr std::array<std::pair<std::string_view, name_escaping>, 4> escaping_words{
    {{"allow-utf-8", name_escaping::allow_utf8},
     {"underscores", name_escaping::underscores},
     {"dots", name_escaping::dots},
     {"values", name_escaping::values}}};

/// What a name begins with that `values` has escaped.
inline constexpr std::string_view values_prefix = "U__";

/// The code point of a valid UTF-8 sequence.
[[nodiscard]] inline std::uint32_t code_point(std::string_view sequence) noexcept {
    auto const lead = static_cast<unsigned char>(sequence.front());
    std::uint32_t point = lead < 0x80 ? lead : lead & (0x7Fu >> sequence.size());
    for (char const c : sequence.substr(1)) point = point << 6 | (static_cast<unsigned char>(c) & 0x3Fu);
    return point;
}

/// Appends a code point as UTF-8; false if it is none.
[[nodiscard]] inline bool append_code_point(std::string& out, std::uint32_t point) {
    auto const byte = [&out](std::uint32_t value) { out += static_cast<char>(value); };
    if (point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF)) return false;
    if (point < 0x80) {
        byte(point);
    } else {
        if (point < 0x800) {
            byte(0xC0 | point >> 6);
        } else {
            if (point < 0x10000) {
                byte(0xE0 | point >> 12);
            } else {
                byte(0xF0 | point >> 18);
                byte(0x80 | (point >> 12 & 0x3F));
            }
            byte(0x80 | (point >> 6 & 0x3F));
        }
        byte(0x80 | (point & 0x3F));
    }
    return true;
}

/// Appends a name of which `first` and `rest` say what may begin and go on a legacy one.
inline void append_escaped_name(std::string& out, std::string_view name, name_escaping scheme,
                                bool (*first)(char) noexcept, bool (*rest)(char) noexcept) {
    if (scheme == name_escaping::values) out += values_prefix;
    for (std::size_t i = 0; i < name.size();) {
        char const c = name[i];
        auto const length = utf8_length(name.substr(i));
        auto const character = name.substr(i, length == 0 ? 1 : length);
        if (c == '_') {
            out += scheme == name_escaping::underscores ? "_" : "__";
        } else if (i == 0 ? first(c) : rest(c)) {
            out += c;
        } else if (scheme == name_escaping::underscores) {
            out += '_';
        } else if (scheme == name_escaping::dots) {
            out += c == '.' ? "_dot_" : "__";
        } else {
            std::array<char, 8> digits{};
            auto const point = length == 0 ? 0xFFFDu : code_point(character);
            out += '_';
            out.append(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), point, 16).ptr);
            out += '_';
        }
        i += character.size();
    }
}

}  // namespace detail

/// The word for a scheme in `escaping=`.
[[nodiscard]] constexpr std::string_view escaping_word(name_escaping scheme) noexcept {
    return detail::escaping_words[static_cast<std::size_t>(scheme)].first;
}

/// The scheme that a word in `escaping=` stands for; nothing for any other word.
[[nodiscard]] constexpr std::optional<name_escaping> parse_escaping(std::string_view word) noexcept {
    for (auto const& [known, scheme] : detail::escaping_words) {
        if (word == known) return scheme;
    }
    return std::nullopt;
}

/// Appends the name of a metric under a scheme; what comes out is a legacy name, except under `allow_utf8`.
inline void append_escaped_metric_name(std::string& out, std::string_view name, name_escaping scheme) {
    if (scheme == name_escaping::allow_utf8 || is_legacy_metric_name(name)) {
        out += name;
    } else {
        detail::append_escaped_name(out, name, scheme, starts_metric_name, continues_metric_name);
    }
}

/// As above, for the name of a label: in it a colon is escaped, too.
inline void append_escaped_label_name(std::string& out, std::string_view name, name_escaping scheme) {
    if (scheme == name_escaping::allow_utf8 || is_legacy_label_name(name)) {
        out += name;
    } else {
        detail::append_escaped_name(out, name, scheme, starts_label_name, continues_label_name);
    }
}

/// The name of a metric as `append_escaped_metric_name` writes it.
[[nodiscard]] inline std::string escape_metric_name(std::string_view name, name_escaping scheme) {
    std::string out;
    append_escaped_metric_name(out, name, scheme);
    return out;
}

/// What `name` stands for under the scheme `values`: `U__a_2e_b` for a.b. A name that does not begin with `U__`, or
/// goes on in a way that `values` does not write, stands for itself.
[[nodiscard]] inline std::string unescape_values(std::string_view name) {
    if (!name.starts_with(detail::values_prefix)) return std::string(name);
    auto rest = name.substr(detail::values_prefix.size());
    std::string out;
    while (!rest.empty()) {
        auto const plain = rest.substr(0, rest.find('_'));
        out += plain;
        rest.remove_prefix(plain.size());
        if (rest.empty()) break;
        auto const end = rest.find('_', 1);
        if (end == std::string_view::npos) return std::string(name);
        auto const digits = rest.substr(1, end - 1);
        rest.remove_prefix(end + 1);
        if (digits.empty()) {
            out += '_';
            continue;
        }
        constexpr std::size_t most_digits = 6;
        std::uint32_t point = 0;
        auto const read = std::from_chars(digits.data(), digits.data() + digits.size(), point, 16);
        bool const whole = read.ec == std::errc() && read.ptr == digits.data() + digits.size();
        if (digits.size() > most_digits || !whole || !detail::append_code_point(out, point)) return std::string(name);
    }
    return out;
}

}  // namespace pushgateway
