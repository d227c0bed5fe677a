#pragma once

/// \file
/// What is to be said of a body in OpenMetrics that could not be read.

#include <cstddef>
#include <string_view>

#include <pushgateway/base/error.hpp>
#include <pushgateway/base/limits.hpp>
#include <pushgateway/format/foreign_body.hpp>
#include <pushgateway/format/metric_set_type.hpp>
#include <pushgateway/format/parse_error.hpp>

namespace pushgateway::format::openmetrics {

inline constexpr std::string_view format_name = "OpenMetrics";

namespace detail {

/// The cause behind a failure that is made often and seen badly; empty if it is none of these.
[[nodiscard]] inline std::string_view known_trap(std::string_view body, std::size_t offset, std::string_view what) {
    auto const rest = body.substr(offset);
    auto const line = rest.substr(0, rest.find('\n'));
    if (offset == 0 && rest.starts_with("\xEF\xBB\xBF")) return "the body begins with a byte order mark";
    if (line.ends_with('\r')) return "lines must end in LF, not in CR LF";
    if (rest.empty()) return "a body must end with a line \"# EOF\"";
    if (what.starts_with("a backslash")) return R"(a backslash at the end of a text is written \\)";
    if (what.starts_with("a label value that is not valid")) return "convert the body to UTF-8";
    if (!what.starts_with("expected")) return {};
    bool const is_time = what.starts_with("expected a number of seconds");
    auto const token = rest.substr(0, rest.find_first_of(" \t\n"));
    if (is_time && !token.empty() && token.find_first_not_of("+-0123456789.eE") == std::string_view::npos) {
        return "a time in seconds since 1970, such as 1700000000.5, that 64 bits of milliseconds hold";
    }
    if (what.starts_with("expected a metric type")) {
        metric_set_type type{};
        if (parse_metric_set_type(line.substr(0, line.find_last_not_of(" \t") + 1), type)) {
            return "nothing stands behind the type, not even a blank";
        }
        return "the types are counter, gauge, histogram, gaugehistogram, summary, info, stateset and unknown";
    }
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
/// was found that must not be; `name` is what `%n` in it stands for.
[[nodiscard]] inline error explain(std::string_view body, std::size_t offset, std::string_view what,
                                   std::string_view name) {
    if (body.substr(0, offset).find('\n') == std::string_view::npos) {
        if (auto const foreign = foreign_body(body); !foreign.empty()) {
            return foreign_body_error(format_name, body, offset, foreign);
        }
    }
    auto const trap = detail::known_trap(body, offset, what);
    return format::parse_error(format_name, body, offset, what, name, trap);
}

/// The error for a parse that ended at `offset` because there is more than `most` of what `limit` bounds.
[[nodiscard]] inline error explain_limit(std::string_view body, std::size_t offset, limit_kind limit,
                                         std::size_t most) {
    return format::limit_error(format_name, body, offset, limit, most);
}

}  // namespace pushgateway::format::openmetrics
