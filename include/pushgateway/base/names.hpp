#pragma once

/// \file
/// What may name a metric or a label.

#include <algorithm>
#include <cstdint>
#include <string_view>

#include <pushgateway/base/utf8.hpp>

namespace pushgateway {

/// Which names are accepted.
enum class name_scheme : std::uint8_t {
    legacy,  ///< metrics `[a-zA-Z_:][a-zA-Z0-9_:]*`, labels `[a-zA-Z_][a-zA-Z0-9_]*`
    utf8,    ///< any valid UTF-8 that is not empty and has no NUL
};

/// True for what may begin a legacy label name; a metric name may begin with a colon, too.
[[nodiscard]] constexpr bool starts_label_name(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/// True for what may stand in a legacy label name after its first character.
[[nodiscard]] constexpr bool continues_label_name(char c) noexcept {
    return starts_label_name(c) || (c >= '0' && c <= '9');
}

[[nodiscard]] constexpr bool starts_metric_name(char c) noexcept { return starts_label_name(c) || c == ':'; }
[[nodiscard]] constexpr bool continues_metric_name(char c) noexcept { return continues_label_name(c) || c == ':'; }

/// True for a metric name that can be written without quotes.
[[nodiscard]] constexpr bool is_legacy_metric_name(std::string_view name) noexcept {
    return !name.empty() && starts_metric_name(name.front()) && std::ranges::all_of(name, continues_metric_name);
}

/// True for a label name that can be written without quotes.
[[nodiscard]] constexpr bool is_legacy_label_name(std::string_view name) noexcept {
    return !name.empty() && starts_label_name(name.front()) && std::ranges::all_of(name, continues_label_name);
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
