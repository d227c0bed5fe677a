#pragma once

/// \file
/// What is to be said of a body in OpenMetrics that could not be read.

#include <cstddef>
#include <string_view>

#include <pushgateway/base/error.hpp>
#include <pushgateway/base/limits.hpp>
#include <pushgateway/format/parse_error.hpp>

namespace pushgateway::format::openmetrics {

inline constexpr std::string_view format_name = "OpenMetrics";

namespace detail {

/// The cause behind a failure that is made often and seen badly; empty if it is none of these. `expected`: something
/// else was expected there, rather than that what is there has no sense.
[[nodiscard]] inline std::string_view known_trap(std::string_view body, std::size_t offset, bool expected) {
    auto const rest = body.substr(offset);
    auto const line = rest.substr(0, rest.find('\n'));
    if (offset == 0 && rest.starts_with("\xEF\xBB\xBF")) return "the body begins with a byte order mark";
    if (line.ends_with('\r')) return "lines must end in LF, not in CR LF";
    if (rest.empty()) return "a body must end with a line \"# EOF\"";
    if (!expected) return {};
    auto const before = body.substr(0, offset);
    auto const is_blank = [](char c) { return c == ' ' || c == '\t'; };
    bool const begins_line = before.empty() || before.back() == '\n';
    if (begins_line && rest.front() == '\n') return "there must be no empty lines";
    if (rest.front() == '\t' || (is_blank(rest.front()) && (begins_line || is_blank(before.back())))) {
        return "there is one blank between two parts of a line, and no other";
    }
    if (before == "#" || before.ends_with("\n#")) return "there are no comments in this format";
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

}  // namespace pushgateway::format::openmetrics
