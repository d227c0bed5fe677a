#pragma once

/// \file
/// Reading OpenMetrics.

#include <cstddef>
#include <functional>
#include <limits>
#include <string_view>

#include <boost/spirit/home/x3/core/parse.hpp>
#include <boost/spirit/home/x3/directive/with.hpp>

#include <pushgateway/base/error.hpp>
#include <pushgateway/base/names.hpp>
#include <pushgateway/format/decoded_families.hpp>
#include <pushgateway/format/metric_set_builder.hpp>
#include <pushgateway/format/openmetrics/explain.hpp>
#include <pushgateway/format/openmetrics/grammar.hpp>
#include <pushgateway/format/problem.hpp>

namespace pushgateway::format::openmetrics {

struct parse_options {
    /// Take any UTF-8 for a name, not only the legacy characters. Such names must be quoted.
    bool utf8_names = false;
    /// The last line must be `# EOF`; otherwise it may be missing, but nothing may follow it.
    bool needs_end = true;
    /// More labels on one sample are a syntax error; more families, or samples and exemplars, are errc::too_large.
    exposition_bounds bounds = {};
};

/// Reads a body in OpenMetrics 1.0 (see grammar.hpp) into `out`, whose views point into `body`; metric_set_builder.hpp
/// says what becomes of what. Takes time in proportion to the body, whatever is in it.
///
/// On an error `out` is not to be used. The error is `OpenMetrics parsing error in line N: …` with line, column and the
/// token found; a body of 4 GiB or more, or with too many families or samples, is `errc::too_large`. Concurrent calls
/// need an `out` each.
[[nodiscard]] inline result<> parse(std::string_view body, parse_options const& options, decoded_families& out) {
    if (body.size() > std::numeric_limits<std::uint32_t>::max()) {
        return fail(errc::too_large, "an OpenMetrics body must be smaller than 4 GiB");
    }
    auto const names = options.utf8_names ? name_scheme::utf8 : name_scheme::legacy;
    metric_set_builder builder(body, names, options.bounds, out);
    grammar::fault fault;
    char const* first = body.data();
    char const* const last = first + body.size();
    auto const whole = grammar::x3::with<grammar::fault_tag>(
        std::ref(fault))[grammar::x3::with<grammar::builder_tag>(std::ref(builder))[grammar::body]];
    if (boost::spirit::x3::parse(first, last, whole) && fault.what == nullptr) return {};
    if (!options.needs_end && fault.what == grammar::missing_end && fault.where == last) {
        fault.what = builder.end();
        if (fault.what == nullptr) return {};
    }
    constexpr std::less<> before;  // orders pointers into different blocks, too
    auto const* const place = builder.place();
    bool const elsewhere = place != nullptr && !before(place, body.data()) && before(place, last);
    auto const offset = static_cast<std::size_t>((elsewhere ? place : fault.where) - body.data());
    if (auto const limit = limit_of(fault.what)) {
        return std::unexpected(explain_limit(body, offset, *limit, options.bounds.of(*limit)));
    }
    return std::unexpected(explain(body, offset, fault.what, builder.named()));
}

}  // namespace pushgateway::format::openmetrics
