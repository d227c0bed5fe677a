#pragma once

/// \file
/// Reading the text exposition format.

#include <algorithm>
#include <cstddef>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include <boost/algorithm/string/replace.hpp>
#include <boost/spirit/home/x3/core/parse.hpp>
#include <boost/spirit/home/x3/directive/with.hpp>

#include <pushgateway/base/error.hpp>
#include <pushgateway/base/names.hpp>
#include <pushgateway/format/exposition_builder.hpp>
#include <pushgateway/format/parsed_exposition.hpp>
#include <pushgateway/format/problem.hpp>
#include <pushgateway/format/text/explain.hpp>
#include <pushgateway/format/text/grammar.hpp>

namespace pushgateway::format::text {

struct parse_options {
    /// Take any UTF-8 for a name, not only the legacy characters. Such names must be quoted.
    bool utf8_names = false;
    /// Drop samples that are no part of their summary or histogram, as upstream does, instead of refusing them; of two
    /// sums or counts of a metric the last one counts, and a count that is missing is 0.
    bool ignore_stray_samples = false;
    /// More labels on one sample are a syntax error; more families or samples are errc::too_large.
    exposition_bounds bounds = {};
    /// Of several HELP or TYPE lines for one name take the last, as Prometheus does; otherwise they are a syntax error.
    bool described_again = false;
};

[[nodiscard]] inline result<> parse(std::string_view body, parse_options const& options, parsed_exposition& out);

namespace detail {

/// For a body without a sample: where a sample stands in a comment, behind something that was meant to be a line feed.
/// Its push would empty the group.
[[nodiscard]] inline std::optional<std::size_t> sample_in_comment(std::string_view body, parse_options const& options) {
    auto const where = std::min(body.find("\\n"), body.find('\r'));
    if (where == std::string_view::npos) return std::nullopt;
    std::string meant(body);
    boost::algorithm::replace_all(meant, "\\n", "\n");
    std::ranges::replace(meant, '\r', '\n');
    meant += '\n';
    parsed_exposition found;
    bool const read = parse(meant, options, found).has_value();
    return read && found.sample_count() != 0 ? std::optional(where) : std::nullopt;
}

}  // namespace detail

/// Reads a body in the text format 0.0.4 (see grammar.hpp) into `out`, whose views point into `body`. Takes time in
/// proportion to the body, whatever is in it. A body without a sample is fine, unless a comment holds one that was
/// meant to be a line of its own.
///
/// On an error `out` is not to be used. The error is `text format parsing error in line N: …` with line, column and the
/// token found; a body of 4 GiB or more, or with too many families or samples, is `errc::too_large`. Concurrent calls
/// need an `out` each.
inline result<> parse(std::string_view body, parse_options const& options, parsed_exposition& out) {
    if (body.size() > std::numeric_limits<std::uint32_t>::max()) {
        return fail(errc::too_large, "a text body must be smaller than 4 GiB");
    }
    auto const names = options.utf8_names ? name_scheme::utf8 : name_scheme::legacy;
    exposition_builder builder(body, names, options.bounds, out, options.ignore_stray_samples, options.described_again);
    kit::fault fault;
    char const* first = body.data();
    char const* const last = first + body.size();
    auto const grammar = kit::x3::with<kit::fault_tag>(
        std::ref(fault))[kit::x3::with<kit::builder_tag>(std::ref(builder))[grammar::body]];
    if (boost::spirit::x3::parse(first, last, grammar) && fault.what == nullptr) {
        if (out.sample_count() != 0) return {};
        auto const hidden = detail::sample_in_comment(body, options);
        return hidden ? std::unexpected(explain(body, *hidden, "a sample in a comment", {})) : result<>();
    }
    auto const offset = static_cast<std::size_t>(fault.where - body.data());
    if (auto const limit = limit_of(fault.what)) {
        return std::unexpected(explain_limit(body, offset, *limit, options.bounds.of(*limit)));
    }
    return std::unexpected(explain(body, offset, fault.what, builder.named()));
}

}  // namespace pushgateway::format::text
