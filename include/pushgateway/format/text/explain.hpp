#pragma once

/// \file
/// What is to be said of a body in the text format that could not be read.

#include <cstddef>
#include <string_view>

#include <pushgateway/base/error.hpp>
#include <pushgateway/base/limits.hpp>
#include <pushgateway/format/parse_error.hpp>

namespace pushgateway::format::text {

inline constexpr std::string_view format_name = "text format";

namespace detail {

/// The cause behind a failure that is made often and seen badly; empty if it is none of these. `expected`: something
/// else was expected there, rather than that what is there has no sense.
[[nodiscard]] inline std::string_view known_trap(std::string_view body, std::size_t offset, bool expected) {
    auto const rest = body.substr(offset);
    auto const before = body.substr(0, offset);
    auto const token = rest.substr(0, rest.find_first_of(" \t\n"));
    auto const is_blank = [](char c) { return c == ' ' || c == '\t'; };
    if (offset == 0 && rest.starts_with("\xEF\xBB\xBF")) return "the body begins with a byte order mark";
    if (token.ends_with('\r') && rest.substr(token.size()).starts_with('\n'))
        return "lines must end in LF, not in CR LF";
    if (rest.empty() || rest.find('\n') == std::string_view::npos) return "the last line must end with a line feed";
    if (!expected) return {};
    if (token == "#" && before.ends_with(' ')) return "exemplars are not part of this format";
    if (is_blank(rest.front()) || (rest.front() == '\n' && !before.empty() && is_blank(before.back()))) {
        return "a value is followed by the line feed, or by one timestamp";
    }
    return {};
}

}  // namespace detail

/// The error for a parse of `body` that failed at `offset`. `what` says what was expected there ("expected …"), or what
/// was found that must not be.
[[nodiscard]] inline error explain(std::string_view body, std::size_t offset, std::string_view what) {
    auto const trap = detail::known_trap(body, offset, what.starts_with("expected"));
    return format::parse_error(format_name, body, offset, what, trap);
}

/// The error for a parse that ended at `offset` because there is more than `most` of what `limit` bounds.
[[nodiscard]] inline error explain_limit(std::string_view body, std::size_t offset, limit_kind limit,
                                         std::size_t most) {
    return format::limit_error(format_name, body, offset, limit, most);
}

}  // namespace pushgateway::format::text
