#pragma once

/// \file
/// What is to be said of a body in the text format that could not be read.

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

#include <pushgateway/base/error.hpp>
#include <pushgateway/base/limits.hpp>
#include <pushgateway/format/foreign_body.hpp>
#include <pushgateway/format/parse_error.hpp>
#include <pushgateway/format/stray_samples.hpp>
#include <pushgateway/format/text/metric_type_name.hpp>
#include <pushgateway/format/text/traps.hpp>

namespace pushgateway::format::text {

inline constexpr std::string_view format_name = "text format";

namespace detail {

/// The cause behind a failure that is made often and seen badly, and what to do; empty if it is none of these.
[[nodiscard]] inline std::string known_trap(std::string_view body, std::size_t offset, std::string_view what) {
    traps::place const at(body, offset);
    auto const rest = at.rest;
    if (offset == 0 && rest.starts_with("\xEF\xBB\xBF")) {
        return "the body begins with a byte order mark: save it as UTF-8 without one";
    }
    if (at.token.ends_with('\r') && rest.substr(at.token.size()).starts_with('\n')) {
        return "lines must end in LF, not in CR LF: dos2unix or tr -d '\\r' removes the CR";
    }
    if (what.starts_with("a sample in a comment")) return std::string(traps::instead_of_line_feed(rest));
    bool const unended = rest.find('\n') == std::string_view::npos;
    bool const literal = at.token.find("\\n") != std::string_view::npos && !what.starts_with("a backslash");
    if (unended && rest.find('\r') != std::string_view::npos) return "lines must end in LF, not in CR";
    if (rest.empty() || (unended && what.starts_with("expected a metric name") && traps::at_name(at).empty())) {
        return "the last line must end with a line feed: echo writes one, curl -d drops it, --data-binary keeps it";
    }
    if (what.starts_with("expected a number as value")) return traps::at_value(at);
    if (what.starts_with("expected a line feed")) return traps::behind_value(at);
    if (what.starts_with("expected a whole number")) {
        if (rest.front() == '\n' || traps::is_blank(rest.front()) || at.token == "#") return traps::behind_value(at);
        if (literal) return traps::at_value(at);
        return "a timestamp is a number of milliseconds since 1970; a push needs none";
    }
    if (what.starts_with("expected a metric type")) return traps::at_type(at);
    if (what.starts_with("expected a metric name")) return traps::at_name(at);
    if (what.starts_with("expected")) return traps::in_labels(at, what);
    if (what.starts_with("a second HELP") || what.starts_with("a second TYPE")) return "a family has one";
    if (what.starts_with("a TYPE line")) return "the TYPE line stands before them";
    if (what.starts_with("a backslash")) return R"(only \\, \n and \" are escapes: a backslash is written \\)";
    if (what.starts_with("the reserved label")) return "the name of the metric stands before the braces";
    if (what.starts_with("a label value that is not valid")) return "convert the body to UTF-8";
    if (what.starts_with("an invalid")) return "names beyond letters, digits and \"_\" need --push.enable-utf8-names";
    if (what.starts_with("braces without")) return "write name{...}, or {\"name\", ...}";
    return {};
}

}  // namespace detail

/// The error for a parse of `body` that failed at `offset`. `what` says what was expected there ("expected …"), or what
/// was found that must not be; `name` is what `%n` in it stands for.
[[nodiscard]] inline error explain(std::string_view body, std::size_t offset, char const* what, std::string_view name) {
    auto const before = body.substr(0, offset);
    if (before.find('\n') == std::string_view::npos || before.find_first_not_of(" \t\n") == std::string_view::npos) {
        if (auto const foreign = foreign_body(body); !foreign.empty()) {
            return foreign_body_error(format_name, body, offset, foreign);
        }
    }
    if (stray::is_stray(what)) {
        auto const start = before.rfind('\n') + 1;  // none: npos + 1 is 0
        return format::parse_error(format_name, body, std::min(body.find_first_not_of(" \t", start), offset), what,
                                   name, {});
    }
    std::string_view const said(what);
    auto const line = body.substr(offset, body.find('\n', offset) - offset);
    model::metric_type type{};
    auto const bare = line.substr(0, line.find_last_not_of(" \t") + 1);
    if (said.starts_with("expected a metric type") && bare.size() != line.size() && parse_type(bare, type)) {
        return format::parse_error(format_name, body, offset + bare.size(), "a blank at the end of the line", name,
                                   "nothing stands behind the type");
    }
    return format::parse_error(format_name, body, offset, said, name, detail::known_trap(body, offset, said));
}

/// The error for a parse that ended at `offset` because there is more than `most` of what `limit` bounds.
[[nodiscard]] inline error explain_limit(std::string_view body, std::size_t offset, limit_kind limit,
                                         std::size_t most) {
    return format::limit_error(format_name, body, offset, limit, most);
}

}  // namespace pushgateway::format::text
