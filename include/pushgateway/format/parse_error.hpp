#pragma once

/// \file
/// Turns the place where a parse of lines failed into an error for people.

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

#include <pushgateway/base/error.hpp>
#include <pushgateway/base/improper_name.hpp>
#include <pushgateway/base/limits.hpp>
#include <pushgateway/base/names.hpp>
#include <pushgateway/base/quote.hpp>

namespace pushgateway::format {

namespace detail {

/// What is found at the beginning of `rest`, shortened. Letters stay letters; what does not print, and backslashes, are
/// shown as escapes.
[[nodiscard]] inline std::string found_token(std::string_view rest) {
    constexpr std::size_t longest = 32;
    auto const token = rest.substr(0, std::max<std::size_t>(1, rest.find_first_of(" \t\n")));
    std::string shown;
    std::size_t at = 0;
    while (at < token.size() && at < longest) {
        auto const character = first_character(token.substr(at));
        if (character == "\"") {
            shown += '"';
        } else {
            auto const quoted = in_quotes(character);
            shown.append(quoted, 1, quoted.size() - 2);
        }
        at += character.size();
    }
    if (at < token.size()) shown += "...";
    return shown;
}

/// `what` with `name` for every `%n` in it, in quotes only if it must be.
[[nodiscard]] inline std::string with_name(std::string_view what, std::string_view name) {
    constexpr std::size_t longest = 64;
    bool const plain = is_legacy_metric_name(name) && name.size() <= longest;
    auto const shown = plain ? std::string(name) : in_short_quotes(name, longest);
    std::string out;
    for (auto at = what.find("%n"); at != std::string_view::npos; at = what.find("%n")) {
        out += what.substr(0, at);
        out += shown;
        what.remove_prefix(at + 2);
    }
    out += what;
    return out;
}

}  // namespace detail

/// The error for a parse of `body` that failed at `offset`: `<format> parsing error in line N: …`. `what` says what was
/// expected there ("expected …"), or what was found that must not be; `name` is what `%n` in it stands for; `trap` the
/// cause behind that and what to do, if it is known.
[[nodiscard]] inline error parse_error(std::string_view format, std::string_view body, std::size_t offset,
                                       std::string_view what, std::string_view name, std::string_view trap) {
    auto const before = body.substr(0, offset);
    auto const line_start = before.rfind('\n') + 1;  // none: npos + 1 is 0
    error e;
    e.code = errc::syntax;
    e.line = 1 + static_cast<std::size_t>(std::ranges::count(before, '\n'));
    e.column = 1 + offset - line_start;
    e.message = format;
    e.message += " parsing error in line " + std::to_string(e.line) + ": ";
    bool const at_end = offset == body.size();
    if (!at_end) e.token = detail::found_token(body.substr(offset));
    e.message += detail::with_name(what, name);
    if (at_end) {
        e.message += ", found the end of the input";
    } else if (what.starts_with("expected")) {
        e.message += body[offset] == '\n' ? ", found the end of the line" : ", found \"" + e.token + '"';
    } else {
        e.message += ", at \"" + e.token + '"';
    }
    if (!trap.empty()) {
        e.message += " (";
        e.message += trap;
        e.message += ')';
    }
    return e;
}

/// The error for a body that is something else altogether, which `what` says.
[[nodiscard]] inline error foreign_body_error(std::string_view format, std::string_view body, std::size_t offset,
                                              std::string_view what) {
    auto e = parse_error(format, body, offset, {}, {}, {});
    e.message = std::string(format) + " parsing error in line " + std::to_string(e.line) + ": ";
    e.message += what;
    return e;
}

/// The error for a parse that ended at `offset` because there is more than `most` of what `limit` bounds. Too many
/// labels are a mistake in a line; too many families or samples make the push as a whole too large.
[[nodiscard]] inline error limit_error(std::string_view format, std::string_view body, std::size_t offset,
                                       limit_kind limit, std::size_t most) {
    bool const in_line = limit == limit_kind::labels_per_series;
    auto const number = std::to_string(most);
    auto e = parse_error(format, body, offset, naming("a sample with more than " + number + " labels", limit), {}, {});
    e.limit = limit;
    if (in_line) return e;
    e.code = errc::too_large;
    e.message = naming(
        "the push has more than " + number + (limit == limit_kind::families_per_push ? " families" : " series"), limit);
    return e;
}

}  // namespace pushgateway::format
