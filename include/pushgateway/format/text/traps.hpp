#pragma once

/// \file
/// The causes behind mistakes in the text format that are made often, and what to do about them.

#include <algorithm>
#include <array>
#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>

#include <pushgateway/base/improper_name.hpp>
#include <pushgateway/base/names.hpp>
#include <pushgateway/base/number.hpp>
#include <pushgateway/base/quote.hpp>
#include <pushgateway/format/text/metric_type_name.hpp>
#include <pushgateway/model/metric_family.hpp>

namespace pushgateway::format::text::traps {

[[nodiscard]] constexpr bool is_blank(char c) noexcept { return c == ' ' || c == '\t'; }
[[nodiscard]] constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
[[nodiscard]] constexpr bool is_letter(char c) noexcept { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/// Where a parse stopped.
struct place {
    std::string_view before;
    std::string_view rest;   ///< not empty
    std::string_view token;  ///< the beginning of `rest`, up to a blank or the end of the line
    std::string_view line;   ///< the whole line

    place(std::string_view body, std::size_t offset) noexcept
        : before(body.substr(0, offset)), rest(body.substr(offset)) {
        token = rest.substr(0, rest.find_first_of(" \t\n"));
        auto const start = before.rfind('\n') + 1;  // none: npos + 1 is 0
        auto const end = std::min(body.find('\n', offset), body.size());
        line = body.substr(start, end - start);
    }

    [[nodiscard]] bool after_blank() const noexcept { return !before.empty() && is_blank(before.back()); }
    [[nodiscard]] bool begins_line() const noexcept {
        auto const at = before.find_last_not_of(" \t");
        return at == std::string_view::npos || before[at] == '\n';
    }
    /// The line from here on.
    [[nodiscard]] std::string_view rest_of_line() const noexcept { return rest.substr(0, rest.find('\n')); }
};

/// What stands where a typewriter has one kind of quotes: typographic quotes.
[[nodiscard]] inline bool is_curly_quote(std::string_view text) noexcept {
    constexpr std::array<std::string_view, 6> quotes{"\u201c", "\u201d", "\u201e", "\u2018", "\u2019", "\u00ab"};
    return std::ranges::any_of(quotes, [text](auto quote) { return text.starts_with(quote); });
}

/// What a character is that looks like another one, or like nothing; empty for others.
[[nodiscard]] inline std::string_view lookalike(std::string_view text) noexcept {
    struct known {
        std::string_view character;
        std::string_view name;
    };
    static constexpr std::array<known, 7> all{{{"\u00a0", "a no-break space"},
                                               {"\u2009", "a thin space"},
                                               {"\u200b", "a zero-width space"},
                                               {"\u202f", "a narrow no-break space"},
                                               {"\ufeff", "a byte order mark"},
                                               {"\u2212", "a typographic minus sign"},
                                               {"\u2013", "a dash"}}};
    for (auto const& [character, name] : all) {
        if (text.find(character) != std::string_view::npos) return name;
    }
    return {};
}

/// What a character is that cannot stand in a name.
[[nodiscard]] inline std::string misplaced(std::string_view character, std::string_view in, std::string_view can) {
    std::string out(in);
    if (auto const name = lookalike(character); !name.empty())
        return out + " cannot have " + std::string(name) + " in it";
    if (is_digit(character.front())) return out + " cannot begin with a digit";
    return out + " cannot have the character " + in_quotes(character) + " in it, only letters from a to z, digits, " +
           std::string(can);
}
[[nodiscard]] inline std::string misplaced_in_metric(std::string_view character) {
    return misplaced(character, "the name of a metric", R"("_" and ":")");
}
[[nodiscard]] inline std::string misplaced_in_label(std::string_view character) {
    return misplaced(character, "the name of a label", R"(and "_")");
}

/// At what was meant to be a line feed.
[[nodiscard]] inline std::string_view instead_of_line_feed(std::string_view rest) noexcept {
    return rest.starts_with('\r')
               ? "lines must end in LF, not in CR"
               : "a backslash and an \"n\" stand where a line feed should be: printf makes one of them, echo does not";
}

/// At a line that InfluxDB would take.
inline constexpr char influx_line[] =
    "this looks like InfluxDB's line protocol, which is not read here: send lines such as name{tag=\"value\"} 1";

/// Behind the name of a metric, or its labels, where a value should be.
[[nodiscard]] inline std::string at_value(place const& at) {
    auto const token = at.token;
    auto const any_of = [token](std::initializer_list<std::string_view> words) {
        std::string lower(token);
        for (auto& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        return std::ranges::find(words, lower) != words.end();
    };
    char const first = at.rest.front();
    if (first == '\n') return "a sample is a name, perhaps labels in braces, a blank and a number";
    if (token.find("\\n") != std::string_view::npos) {
        return std::string(instead_of_line_feed(token));
    }
    if (token.find("%20") != std::string_view::npos || token.find("%0A") != std::string_view::npos) {
        return "this is URL-encoded, as curl --data-urlencode sends it: --data-binary sends what there is";
    }
    bool const behind_name = !at.before.empty() && continues_metric_name(at.before.back());
    if (behind_name && first == '|') return "this looks like statsd, whose lines are not read here: send \"name 1\"";
    if (first == ',' && at.line.find('=') != std::string_view::npos) return influx_line;
    if (first == '=' || first == ':') return "between a name and its value stands a blank and nothing else";
    if (behind_name && (first == ',' || first == ';')) return "between a name and its value stands a blank";
    if (behind_name) return misplaced_in_metric(first_character(token));
    if (first == '"' || first == '\'' || is_curly_quote(token)) return "a value stands without quotes";
    if (auto const name = lookalike(token); !name.empty()) return "there is " + std::string(name) + " in it";
    if (first == '{') return "the labels of a sample stand in one pair of braces";
    if (first == '$') return "this looks like a variable that was not replaced by its value";
    if (any_of({"true", "false", "yes", "no", "on", "off", "up", "down", "ok"})) {
        return "a value is a number: 1 stands for true, 0 for false";
    }
    if (any_of({"null", "none", "nil", "undefined", "n/a", "-", "--"})) {
        return "a value is a number: NaN stands for none, or leave the line out";
    }
    if (is_letter(first) && token.find('=') != std::string_view::npos) return influx_line;
    auto const number = token.substr(0, token.find_first_not_of("+-0123456789.eE"));
    if (!is_letter(first) && std::ranges::any_of(number, is_digit)) {
        auto const tail = token.substr(number.size());
        if (tail.empty()) {
            // What the shape of a number has and is none is out of range: no digits are too many otherwise.
            auto const exponent = token.find_first_of("eE");
            bool const in_shape = is_digit(token.back()) && std::ranges::count(token, '.') < 2 &&
                                  exponent == token.find_last_of("eE") &&
                                  (exponent != std::string_view::npos || token.size() > 300);
            return in_shape ? "a number too large for a double"
                            : "a number has at most a sign, a point and an exponent, as in -1.5e9";
        }
        if (tail.starts_with(',')) return "the decimal sign is a point, and digits are not grouped";
        if (tail.starts_with('_') || tail.starts_with('\'')) return "digits are not grouped";
        if ((tail.starts_with('x') || tail.starts_with('X')) && number.ends_with('0')) return "numbers are decimal";
        if (tail == ";") return "nothing stands behind the value";
        return "a value is a number without a unit: put the unit into the name, as in name_seconds or name_bytes";
    }
    if (is_letter(first) && at.after_blank()) {
        return "a value is a number; the name of a metric has no blanks, \"_\" stands for them";
    }
    return "a value is a number such as 1, -0.5, 2e9, NaN or +Inf";
}

/// Behind a value or a timestamp, where the line should end.
[[nodiscard]] inline std::string behind_value(place const& at) {
    if (at.rest.front() == '\n' || at.rest_of_line().find_first_not_of(" \t") == std::string_view::npos) {
        return "a value is followed by the line feed, or by one timestamp: there is a blank at the end of the line";
    }
    if (at.token == "#") {
        return at.rest.starts_with("# {") ? "exemplars are not part of this format: OpenMetrics has them, with the "
                                            "Content-Type application/openmetrics-text"
                                          : "exemplars are not part of this format, and a comment stands on a line of "
                                            "its own";
    }
    if (at.token.find("\\n") != std::string_view::npos) {
        return std::string(instead_of_line_feed(at.token));
    }
    return "a value is followed by the line feed, or by one timestamp, a whole number of milliseconds";
}

/// In braces.
[[nodiscard]] inline std::string in_labels(place const& at, std::string_view what) {
    auto const rest = at.rest;
    if (what.starts_with("expected a label value")) {
        if (rest.starts_with('"')) return "its closing quote is not in this line";
        if (rest.starts_with('\'') || rest.starts_with('`'))
            return "a label value stands in double quotes, not in others";
        if (is_curly_quote(rest)) return "a label value stands in double quotes, not in typographic ones";
        return "a label value stands in double quotes, a number too";
    }
    if (what.starts_with("expected '='")) {
        if (rest.starts_with(':')) return "between the name of a label and its value stands \"=\"";
        if (rest.starts_with("!=") || rest.starts_with('~')) return "a pattern is no label, only a query has one";
        auto const character = first_character(rest);
        bool const in_name = !at.before.empty() && continues_label_name(at.before.back()) && character != "\n" &&
                             character != "}" && character != "," && !is_blank(rest.front());
        return in_name ? misplaced_in_label(character) : "a label is written name=\"value\"";
    }
    if (what.starts_with("expected ','")) {
        if (rest.starts_with('\n')) return "the closing brace is not in this line";
        if (rest.starts_with(';')) return "labels are separated by commas";
        bool const touches = !at.before.empty() && at.before.back() == '"' && !rest.starts_with('\n');
        return touches ? R"(labels are separated by commas, and a double quote in a value is written \")"
                       : "labels are separated by commas";
    }
    if (rest.starts_with('\n')) return "the closing brace is not in this line";
    if (rest.starts_with(',')) return "there is nothing before the comma";
    if (rest.starts_with('{')) return "this looks like a template whose value was not filled in";
    if (is_curly_quote(rest) || rest.starts_with('\''))
        return "the name of a label stands without quotes, or in double ones";
    return misplaced_in_label(first_character(rest));
}

/// Behind `# TYPE name`.
[[nodiscard]] inline std::string at_type(place const& at) {
    auto const rest = at.rest_of_line();
    auto const words = at.line.substr(at.line.find("TYPE") + 4);
    auto const name = words.substr(std::min(words.find_first_not_of(" \t"), words.size()));
    model::metric_type type{};
    if (parse_type(name.substr(0, name.find_first_of(" \t")), type)) return "the name stands before the type";
    if (parse_type(rest.substr(0, rest.find_first_of(" \t")), type)) return "nothing stands behind the type";
    if (at.token == "info" || at.token == "stateset" || at.token == "unknown") {
        return "a type of OpenMetrics: gauge or untyped stands for it, or send OpenMetrics, with the Content-Type "
               "application/openmetrics-text";
    }
    return "the types are counter, gauge, histogram, gaugehistogram, summary and untyped";
}

/// At the beginning of a line, or behind HELP and TYPE.
[[nodiscard]] inline std::string at_name(place const& at) {
    if (at.begins_line()) {
        if (at.rest.starts_with("//") || at.rest.front() == ';') return "a comment begins with \"#\"";
        if (at.rest.front() == '|' || at.rest.front() == '+')
            return "this looks like a table: metrics are lines such as \"name 1\"";
        if (at.rest.front() == '$') return "this looks like a variable that was not replaced by its value";
        if (at.rest.front() == '"') return "its closing quote is not in this line";
        if (is_curly_quote(at.rest) || at.rest.front() == '\'')
            return "the name of a metric stands without quotes, or in double ones";
    }
    auto const bad = std::ranges::find_if_not(at.token, continues_metric_name);
    if (!at.token.empty() && !starts_metric_name(at.token.front()))
        return misplaced_in_metric(first_character(at.token));
    if (bad != at.token.end()) {
        return misplaced_in_metric(first_character(at.token.substr(static_cast<std::size_t>(bad - at.token.begin()))));
    }
    return {};
}

}  // namespace pushgateway::format::text::traps
