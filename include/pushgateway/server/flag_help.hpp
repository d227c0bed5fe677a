#pragma once

/// \file
/// The text of `--help`, in the shape that Prometheus' own programs give it.

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <pushgateway/base/quote.hpp>
#include <pushgateway/server/flag_set.hpp>

namespace pushgateway::server {

namespace detail {

/// `text` in lines of at most `width` characters where blanks allow that.
inline std::vector<std::string> wrapped(std::string_view text, std::size_t width) {
    std::vector<std::string> lines(1);
    while (!text.empty()) {
        auto const end = std::min(text.find(' '), text.size());
        auto const word = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (!lines.back().empty() && lines.back().size() + 1 + word.size() > width) lines.emplace_back();
        if (!lines.back().empty()) lines.back() += ' ';
        lines.back() += word;
    }
    return lines;
}

/// How a flag is written, with its default.
inline std::string usage_of(flag const& f) {
    switch (f.takes) {
        case flag::kind::on_off: return "    --[no-]" + f.name;
        case flag::kind::repeatable: return "    --" + f.name + '=' + f.show() + " ...";
        case flag::kind::value: break;
    }
    return "    --" + f.name + '=' + (f.is_text ? in_quotes(f.show()) : f.show());
}

}  // namespace detail

/// The help of a program. The flags must have their defaults.
[[nodiscard]] inline std::string help_text(std::string_view program, std::string_view description,
                                           flag_set const& flags) {
    constexpr std::size_t left_limit = 30;
    constexpr std::size_t width = 80;
    constexpr std::size_t indent = 2;
    constexpr std::size_t gap = 2;
    std::vector<std::pair<std::string, std::string>> rows{{"-h, --[no-]help", "Show this help and end."}};
    for (auto const& f : flags.flags()) rows.emplace_back(detail::usage_of(f), f.help);
    rows.emplace_back("    --[no-]version", "Show application version.");
    std::size_t column = 0;
    for (auto const& [left, right] : rows) {
        if (left.size() < left_limit) column = std::max(column, left.size());
    }
    std::string const margin(indent + column + gap, ' ');
    std::string out = "usage: " + std::string(program) + " [<flags>]\n\n" + std::string(description) + "\n\n\nFlags:\n";
    for (auto const& [left, right] : rows) {
        out += std::string(indent, ' ') + left;
        if (left.size() >= left_limit) {
            out += std::string(gap, ' ') + '\n' + margin;
        } else {
            out += std::string(column - left.size() + gap, ' ');
        }
        bool first = true;
        for (auto const& line : detail::wrapped(right, width - margin.size())) {
            if (!std::exchange(first, false)) out += margin;
            out += line + '\n';
        }
    }
    out += "\nEvery flag can also be given by the environment, where --web.listen-address is\n" +
           variable_of("web.listen-address") + ". What the command line says wins.\n";
    return out;
}

}  // namespace pushgateway::server
