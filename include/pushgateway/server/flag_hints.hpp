#pragma once

/// \file
/// What to write instead of an argument that is none.

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pushgateway::server {

namespace detail {

/// How many letters must be changed, added or taken away to make one text of the other.
[[nodiscard]] inline std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i != a.size(); ++i) {
        auto diagonal = std::exchange(row[0], i + 1);
        for (std::size_t j = 0; j != b.size(); ++j) {
            auto const replaced = diagonal + (a[i] == b[j] ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({replaced, row[j] + 1, diagonal + 1});
        }
    }
    return row.back();
}

/// A name without what people mix up: case, and what stands between words.
[[nodiscard]] inline std::string bare_flag_name(std::string_view name) {
    std::string out;
    for (char const c : name) {
        if (c == '.' || c == '-' || c == '_') continue;
        out += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return out;
}

}  // namespace detail

/// The flag that was probably meant by `given`, a name without dashes; empty if none is near.
[[nodiscard]] inline std::string_view nearest_flag(std::string_view given, std::span<std::string_view const> names) {
    constexpr std::size_t longest = 64;
    if (given.size() > longest) return {};
    auto const bare = detail::bare_flag_name(given);
    constexpr std::size_t shortest_part = 4;
    constexpr std::size_t most_changes = 2;
    std::string_view nearest;
    auto fewest = most_changes + 1;
    for (auto const name : names) {
        auto const other = detail::bare_flag_name(name);
        if (bare == other) return name;
        auto const changes = detail::edit_distance(bare, other);
        if (changes < fewest && changes * 3 < bare.size()) {
            fewest = changes;
            nearest = name;
        } else if (fewest > most_changes && nearest.empty() && bare.size() >= shortest_part && other.ends_with(bare)) {
            nearest = name;
        }
    }
    return nearest;
}

}  // namespace pushgateway::server
