#pragma once

/// \file
/// OpenMetrics 1.0 as a Spirit X3 grammar. Include parse.hpp, which is the way in.
///
///     body       = *( line LF ) "# EOF" [ LF ]
///     line       = "# " ( "TYPE " name SP type | "HELP " name SP text | "UNIT " name SP unit ) | sample
///     sample     = ( bare [ "{" labels "}" ] | "{" quoted *( "," label ) "}" ) SP number [ SP seconds ] [ exemplar ]
///     exemplar   = " # {" labels "} " number [ SP seconds ]
///     labels     = [ label *( "," label ) ]
///     label      = name "=" quoted
///     name       = bare | quoted
///
/// MORE than the standard:
/// - quoted names, as later versions have them; a metric's then stands first in the braces;
/// - a double quote without a backslash in a HELP line;
/// - histograms whose counts are not whole numbers; a sum without a count and a count without a sum; any sums, also
///   where there are buckets below zero; `_sum` and `_count` for `_gsum` and `_gcount`;
/// - `le` and `quantile` in any spelling of a number; quantiles with a negative value;
/// - exemplars whose value is not within their bucket;
/// - label names that begin with an underscore, but for `__name__`; empty label values, which are kept;
/// - families without samples that would clash with others.
///
/// LESS than the standard:
/// - one point for each metric: a second one is a repetition, whatever its timestamp;
/// - no family whose name is that of a sample of another one, in either order: `a_total` beside the counter `a`, even
/// if
///   it is a counter itself;
/// - timestamps that 64 bits of milliseconds hold, and times of creation and of exemplars that 64 bits of seconds hold;
/// - no label `le` or `quantile` in a sample of a histogram or summary that is no bucket or quantile;
/// - labels and samples are bounded in number.
///
/// That the metrics of a family are different ones, and together, is left to the consistency check: a metric that comes
/// again, as a whole or with another part of it, is there twice.

#include <functional>

#include <boost/spirit/home/x3/auxiliary/eoi.hpp>
#include <boost/spirit/home/x3/char/char.hpp>
#include <boost/spirit/home/x3/operator.hpp>
#include <boost/spirit/home/x3/string/literal_string.hpp>

#include <pushgateway/base/number.hpp>
#include <pushgateway/format/metric_set_builder.hpp>
#include <pushgateway/format/metric_set_type.hpp>
#include <pushgateway/format/openmetrics/unescape.hpp>
#include <pushgateway/format/seconds.hpp>
#include <pushgateway/format/text/kit.hpp>
#include <pushgateway/format/text/scan.hpp>

namespace pushgateway::format::openmetrics::grammar {

using namespace text::kit;
using namespace text::scan;
using builder = metric_set_builder;
using x3::lit;

/// What is missing where the last line should be.
inline constexpr char missing_end[] = "expected a sample, a line about a family, or \"# EOF\"";

[[nodiscard]] inline bool parse_spelled(std::string_view text, spelled_number& number) noexcept {
    number.spelled = text;
    return parse_float(text, number.value);
}

// Names: read first, reported again once it is known what they name
inline auto const quoted = '"' >> (report<&builder::quoted_name>[token<plain_string>] |
                                   report<&builder::quoted_name>[rewrite<unescape>[token<any_string>]]) >>
                           '"';
inline auto const bare = report<&builder::bare_name>[token<bare_name<metric_start, metric_rest>>];
inline auto const bare_label = report<&builder::bare_name>[token<bare_name<label_start, label_rest>>];

// Labels
inline auto const string = report<&builder::label_value>[token<plain_string>] |
                           report<&builder::label_value>[rewrite<unescape>[token<any_string>]];
inline auto const label = must{"expected a label name"}[bare_label | quoted] >>
                          must{"expected '=' after the label name"}[lit('=')] >>
                          must{"expected a label value in double quotes"}['"' >> string >> '"'];
inline auto const closing = must{"expected ',' or '}' after a label"}[lit('}')];
inline auto const labels = '{' >> (lit('}') | label >> *(',' >> label) >> closing);

// Samples
inline auto const space = lit(' ');
inline constexpr auto decimal = number<double, until<white>, parse_float>;
inline constexpr auto spelled = number<spelled_number, until<white>, parse_spelled>;
inline constexpr auto milliseconds = number<std::int64_t, until<white>, parse_milliseconds>;
inline constexpr auto instant = number<model::instant, until<white>, parse_instant>;
inline auto const exemplar = report<&builder::exemplar>[lit('#')] >> must { "expected a blank after '#'" }[space] >>
                             must{"expected the labels of an exemplar in braces"}[labels] >>
                             must{"expected a blank after the labels"}[space] >>
                             must{"expected a number as value"}[report<&builder::exemplar_value>[decimal]] >>
                             -(space >> must{"expected a number of seconds"}[report<&builder::exemplar_time>[instant]]);
inline auto const timestamp = report<&builder::timestamp>[milliseconds] >>
                              -(space >> must{"expected an exemplar"}[exemplar]);
inline auto const named = report<&builder::sample>[bare] >> -labels;
inline auto const braced = '{' >> must{"expected a metric name in double quotes"}[report<&builder::sample>[quoted]] >>
                           *(',' >> label) >> closing;
inline auto const value = must{"expected a number as value"}[report<&builder::value>[spelled]];
inline auto const sample = (named | braced) >> must{"expected a blank before the value"}[space] >> value >>
                           -(space >> must{"expected a number of seconds, or an exemplar"}[exemplar | timestamp]);

// Lines about families
inline auto const subject = must{"expected a metric name"}[report<&builder::about>[bare | quoted]] >>
                            must{"expected a blank after the metric name"}[space];
inline constexpr auto type_name = number<metric_set_type, line, parse_metric_set_type>;
inline auto const type = must{"expected a metric type"}[report<&builder::type>[type_name]];
inline auto const help = report<&builder::help>[rewrite<unescape>[token<line>]];
inline auto const unit = report<&builder::unit>[token<line>];
inline auto const about =
    must{R"(expected " TYPE ", " HELP ", " UNIT " or " EOF" after '#')"}[" TYPE " >> subject >> type |
                                                                         " HELP " >> subject >> help |
                                                                         " UNIT " >> subject >> unit];

// Lines
inline auto const end_mark = lit("# EOF");
inline auto const line_feed = must{"expected a line feed"}[lit('\n')];
inline auto const any_line = !end_mark >> ('#' >> about | sample) >> line_feed;
inline auto const body = *any_line >> must{missing_end}[report<&builder::end>[end_mark]] >>
                         -lit('\n') >> must{"something behind \"# EOF\""}[x3::eoi];

}  // namespace pushgateway::format::openmetrics::grammar
