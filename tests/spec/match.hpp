#pragma once

/// \file
/// Patterns of the notation against what came back: lines with placeholders, line lists with gaps, JSON.

#include <charconv>
#include <cmath>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pushgateway::spec {

/// Times that a page has given a name, as `<time a>`; they live as long as the page runs.
using named_times = std::map<std::string, double, std::less<>>;

namespace detail {

inline std::optional<double> to_number(std::string_view s) {
    if (s == "NaN") return std::nan("");
    if (s.starts_with('+')) s.remove_prefix(1);
    double value = 0;
    auto const [end, ec] = std::from_chars(s.data(), s.data() + s.size(), value);
    if (s.empty() || ec != std::errc{} || end != s.data() + s.size()) return std::nullopt;
    return value;
}

/// `<time>`, `<time a>` (names it, or must equal it) and `<time after a>` take a Unix time in seconds.
inline bool match_time(std::string_view word, std::string_view text, named_times& times) {
    auto const value = to_number(text);
    if (!value || *value < 1e9 || *value > 1e11) return false;
    if (word == "time") return true;
    word.remove_prefix(5);
    if (word.starts_with("after ")) {
        auto const at = times.find(word.substr(6));
        return at != times.end() && *value > at->second;
    }
    auto const [at, added] = times.try_emplace(std::string(word), *value);
    return at->second == *value;
}

}  // namespace detail

/// One line against a pattern with `<any>`, `<number>`, `<time…>`; every other byte stands for itself.
inline bool match_line(std::string_view pattern, std::string_view text, named_times& times) {
    auto const open = pattern.find('<');
    if (open == std::string_view::npos) return pattern == text;
    if (text.substr(0, open) != pattern.substr(0, open)) return false;
    pattern.remove_prefix(open);
    text.remove_prefix(std::min(open, text.size()));
    auto const close = pattern.find('>');
    auto const word = close == std::string_view::npos ? std::string_view{} : pattern.substr(1, close - 1);
    bool const any = word == "any";
    bool const number = word == "number";
    bool const time = word == "time" || word.starts_with("time ");
    if (!any && !number && !time) {
        return text.starts_with('<') && match_line(pattern.substr(1), text.substr(1), times);
    }
    auto const rest = pattern.substr(close + 1);
    for (std::size_t n = text.size() + 1; n-- > 0;) {
        auto const taken = text.substr(0, n);
        if (number && !detail::to_number(taken)) continue;
        auto attempt = times;
        if (time && !detail::match_time(word, taken, attempt)) continue;
        if (match_line(rest, text.substr(n), attempt)) {
            times = std::move(attempt);
            return true;
        }
    }
    return false;
}

namespace detail {

using pattern_lines = std::vector<std::string>;
using text_lines = std::vector<std::string_view>;

inline bool match_in_order(pattern_lines const& p, std::size_t i, text_lines const& t, std::size_t j,
                           named_times& times) {
    for (; i < p.size() && p[i] != "..."; ++i, ++j) {
        if (j >= t.size() || !match_line(p[i], t[j], times)) return false;
    }
    if (i == p.size()) return j == t.size();
    for (std::size_t skip = j; skip <= t.size(); ++skip) {
        auto attempt = times;
        if (match_in_order(p, i + 1, t, skip, attempt)) {
            times = std::move(attempt);
            return true;
        }
    }
    return false;
}

inline bool match_in_any_order(pattern_lines const& p, text_lines t, named_times& times) {
    bool open = false;
    for (auto const& pattern : p) {
        if (pattern == "...") {
            open = true;
            continue;
        }
        bool found = false;
        for (std::size_t j = 0; j < t.size() && !found; ++j) {
            found = match_line(pattern, t[j], times);
            if (found) t.erase(t.begin() + static_cast<std::ptrdiff_t>(j));
        }
        if (!found) return false;
    }
    return open || t.empty();
}

}  // namespace detail

/// A whole text against pattern lines. `...` stands for any lines; a pattern that begins with `! ` must match no line.
/// A text without lines matches a pattern without lines.
inline bool match_text(std::vector<std::string> const& patterns, std::string_view text, bool any_order,
                       named_times& times) {
    detail::text_lines lines;
    while (!text.empty()) {
        auto const end = text.find('\n');
        lines.push_back(text.substr(0, end));
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    detail::pattern_lines wanted;
    for (auto const& p : patterns) {
        if (!p.starts_with("! ")) {
            wanted.push_back(p);
            continue;
        }
        for (auto const line : lines) {
            if (match_line(std::string_view(p).substr(2), line, times)) return false;
        }
    }
    if (any_order) return detail::match_in_any_order(wanted, std::move(lines), times);
    return detail::match_in_order(wanted, 0, lines, 0, times);
}

/// What is left of a scrape when the families that every gateway has by itself are taken away.
inline std::string without_own_metrics(std::string_view scrape) {
    std::string kept;
    while (!scrape.empty()) {
        auto const end = scrape.find('\n');
        auto const line = scrape.substr(0, end);
        scrape.remove_prefix(end == std::string_view::npos ? scrape.size() : end + 1);
        auto name = line;
        if (name.starts_with("# HELP ") || name.starts_with("# TYPE ")) name.remove_prefix(7);
        name = name.substr(0, name.find_first_of("{ "));
        bool const own = name.starts_with("pushgateway_") || name.starts_with("process_") || name.starts_with("go_") ||
                         name == "push_time_seconds" || name == "push_failure_time_seconds";
        if (!own) kept.append(line).append(end == std::string_view::npos ? "" : "\n");
    }
    return kept;
}

}  // namespace pushgateway::spec
