#pragma once

/// \file
/// The names of metric types as a TYPE line spells them.

#include <span>
#include <string_view>
#include <utility>

#include <pushgateway/model/metric_type.hpp>

namespace pushgateway::format::text {

namespace detail {

/// Lower-cases the first character of `spelled`, drops it there, and passes over backslashes before it. Two letters
/// beyond ASCII have an ASCII letter for their capital, and so count as it.
[[nodiscard]] inline char next_type_letter(std::string_view& spelled) noexcept {
    while (spelled.starts_with('\\')) spelled.remove_prefix(1);
    if (spelled.empty()) return '\0';
    for (auto const& [letter, ascii] : {std::pair<std::string_view, char>{"\u0131", 'i'}, {"\u017f", 's'}}) {
        if (spelled.starts_with(letter)) {
            spelled.remove_prefix(letter.size());
            return ascii;
        }
    }
    char const c = spelled.front();
    spelled.remove_prefix(1);
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

[[nodiscard]] inline bool spells_type(std::string_view spelled, std::string_view name) noexcept {
    for (char const c : name) {
        if (next_type_letter(spelled) != c) return false;
    }
    return spelled.find_first_not_of('\\') == std::string_view::npos;
}

}  // namespace detail

/// Reads the type that the rest of a TYPE line names, in any case. Like the original it passes over backslashes, and
/// takes both spellings of gauge histograms.
[[nodiscard]] inline bool parse_type(std::string_view spelled, model::metric_type& type) noexcept {
    auto const known = std::span(model::all_type_names).first<model::metric_types>();
    for (auto const exactly : {true, false}) {
        auto const is = [&](std::string_view name) {
            return exactly ? spelled == name : detail::spells_type(spelled, name);
        };
        for (auto const& row : known) {
            bool const both = row.type == model::metric_type::gauge_histogram;
            if (!is(row.word) && !(both && is(row.openmetrics))) continue;
            type = row.type;
            return true;
        }
    }
    return false;
}

/// The name that is written on a TYPE line. The format knows no gauge histograms: they are written as histograms.
[[nodiscard]] constexpr std::string_view type_name(model::metric_type type) noexcept {
    return model::names_of(type).text;
}

}  // namespace pushgateway::format::text
