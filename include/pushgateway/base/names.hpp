#pragma once

/// \file
/// What may name a metric or a label.

#include <array>
#include <cstdint>
#include <string_view>

#include <pushgateway/base/utf8.hpp>

namespace pushgateway {

/// Which names are accepted.
enum class name_scheme : std::uint8_t {
    legacy,  ///< metrics `[a-zA-Z_:][a-zA-Z0-9_:]*`, labels `[a-zA-Z_][a-zA-Z0-9_]*`
    utf8,    ///< any valid UTF-8 that is not empty and has no NUL
};

namespace detail {

/// Where a character may stand in a legacy name. Names are looked at in every push: a table costs least.
enum name_place : std::uint8_t { begins_label = 1, in_label = 2, begins_metric = 4, in_metric = 8 };

inline constexpr std::array<std::uint8_t, 256> name_places = [] {
    std::array<std::uint8_t, 256> out{};
    for (auto const c : std::string_view("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_")) {
        out[static_cast<unsigned char>(c)] = begins_label | in_label | begins_metric | in_metric;
    }
    for (auto const c : std::string_view("0123456789")) out[static_cast<unsigned char>(c)] = in_label | in_metric;
    out[':'] = begins_metric | in_metric;
    return out;
}();

[[nodiscard]] constexpr bool may_stand(char c, name_place place) noexcept {
    return (name_places[static_cast<unsigned char>(c)] & place) != 0;
}

[[nodiscard]] constexpr bool all_may_stand(std::string_view name, name_place first, name_place rest) noexcept {
    if (name.empty() || !may_stand(name.front(), first)) return false;
    auto const place = [](char c) { return name_places[static_cast<unsigned char>(c)]; };
    auto const* p = name.data();
    auto left = name.size();
    unsigned all = rest;
    for (; left >= 4; p += 4, left -= 4) all &= place(p[0]) & place(p[1]) & place(p[2]) & place(p[3]);
    for (; left != 0; ++p, --left) all &= place(*p);
    return all != 0;
}

}  // namespace detail

/// True for what may begin a legacy label name; a metric name may begin with a colon, too.
[[nodiscard]] constexpr bool starts_label_name(char c) noexcept { return detail::may_stand(c, detail::begins_label); }
[[nodiscard]] constexpr bool starts_metric_name(char c) noexcept { return detail::may_stand(c, detail::begins_metric); }

/// True for what may stand in a legacy name after its first character.
[[nodiscard]] constexpr bool continues_label_name(char c) noexcept { return detail::may_stand(c, detail::in_label); }
[[nodiscard]] constexpr bool continues_metric_name(char c) noexcept { return detail::may_stand(c, detail::in_metric); }

/// True for a metric name that can be written without quotes.
[[nodiscard]] constexpr bool is_legacy_metric_name(std::string_view name) noexcept {
    return detail::all_may_stand(name, detail::begins_metric, detail::in_metric);
}

/// True for a label name that can be written without quotes.
[[nodiscard]] constexpr bool is_legacy_label_name(std::string_view name) noexcept {
    return detail::all_may_stand(name, detail::begins_label, detail::in_label);
}

/// True for what the UTF-8 scheme takes as the name of a metric or a label. A NUL ends the scrape for Prometheus.
[[nodiscard]] inline bool is_utf8_name(std::string_view name) noexcept {
    return !name.empty() && !name.contains('\0') && valid_utf8(name);
}

[[nodiscard]] inline bool is_metric_name(std::string_view name, name_scheme scheme) noexcept {
    return scheme == name_scheme::legacy ? is_legacy_metric_name(name) : is_utf8_name(name);
}

/// A name that is valid here may still be reserved (`__name__`): that depends on who asks.
[[nodiscard]] inline bool is_label_name(std::string_view name, name_scheme scheme) noexcept {
    return scheme == name_scheme::legacy ? is_legacy_label_name(name) : is_utf8_name(name);
}

}  // namespace pushgateway
