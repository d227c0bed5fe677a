#pragma once

/// \file
/// The text exposition format 0.0.4 as a Spirit X3 grammar. Include parse.hpp, which is the way in.
///
///     body        = *( line LF ) [ blanks ]
///     line        = [ blanks ] [ sample | comment ]
///     comment     = "#" [ blanks ] ( ( "HELP" | "TYPE" ) blanks [ metric-name [ blanks [ text | type ] ] ] | any )
///     sample      = ( metric-name [ labels ] | braces ) value [ blanks timestamp ]
///     labels      = "{" [ label *( "," label ) [ "," ] ] "}"
///     braces      = "{" ( label | name ) *( "," ( label | name ) ) [ "," ] "}"        ; with exactly one name
///     label       = name "=" quoted
///     metric-name = [ bare ] quoted | bare                                            ; bare may contain colons
///     name        = [ bare ] quoted | bare
///     quoted      = DQUOTE *( any but DQUOTE, backslash, LF | "\\" | "\n" | "\"" ) DQUOTE
///     blanks      = 1*( space | tab )
///
/// with blanks allowed between all tokens of a sample, but none before the line feed.
///
/// MORE than the documented format, as the original reader takes it: quoted names; bare characters before a quoted name
/// (`a"b"` is ab); no blank between name and value (`x-1`) or behind `#`; HELP and TYPE lines that end after the
/// keyword or the name; types in any case, with backslashes that are passed over, and gauge histograms; trailing
/// commas.
///
/// LESS than the documented format, as the original reader takes it: no blank between the last number of a sample and
/// the line feed; no last line without a line feed; no CR LF; no byte order mark.
///
/// DIFFERENT from the original reader, where that mixes up lines: in braces it takes labels before the name for those
/// of the family of the line before, and braces without a name for a repetition of the line before, or it crashes.
/// Here the place of the name makes no difference, and there must be one. Labels are bounded in number.

#include <functional>

#include <boost/spirit/home/x3/auxiliary/eoi.hpp>
#include <boost/spirit/home/x3/char/char.hpp>
#include <boost/spirit/home/x3/directive/omit.hpp>
#include <boost/spirit/home/x3/operator.hpp>
#include <boost/spirit/home/x3/string/literal_string.hpp>

#include <pushgateway/base/number.hpp>
#include <pushgateway/format/text/kit.hpp>
#include <pushgateway/format/text/metric_type_name.hpp>
#include <pushgateway/format/text/scan.hpp>
#include <pushgateway/format/text/unescape.hpp>

namespace pushgateway::format::text::grammar {

using namespace kit;
using namespace scan;
using builder = exposition_builder;
using x3::lit;

// Blanks and ends
inline constexpr auto blanks = skip<all<blank>>;
inline constexpr auto some_blanks = x3::omit[token<some<blank>>];
inline auto const end_of_line = &lit('\n');
inline auto const line_feed = must{"expected a line feed"}[lit('\n')];

// Names: read first, reported again once it is known what they name
inline auto const metric_name =
    report<&builder::bare_name>[token<bare_name<metric_start, metric_rest>>] |
    report<&builder::quoted_name>[rewrite<unquote>[token<quoted_name<metric_start, metric_rest>>]];
inline auto const name = report<&builder::bare_name>[token<bare_name<label_start, label_rest>>] |
                         report<&builder::quoted_name>[rewrite<unquote>[token<quoted_name<label_start, label_rest>>]];

// Labels
inline auto const string = report<&builder::label_value>[token<plain_string>] |
                           report<&builder::label_value>[rewrite<unescape>[token<any_string>]];
inline auto const label_value = must{"expected a label value in double quotes"}['"' >> string >> '"'];
inline auto const label_name = must{"expected a label name"}[name];
inline auto const label =
    label_name >> blanks >> must{"expected '=' after the label name"}[lit('=')] >> blanks >> label_value;
inline auto const comma = must{"expected ',' or '}' after a label"}[',' | &lit('}')] >> blanks;
inline auto const labels = '{' >> blanks >> *(!lit('}') >> label >> blanks >> comma) >> '}';

// Braces with the metric's name inside
inline auto const inner_name = &(lit(',') | '}') >> report<&builder::name_in_braces>;
inline auto const label_or_name =
    label_name >> blanks >>
    must{"expected '=' after a label name, or ',' or '}' after the metric name"}[('=' >> blanks >> label_value) |
                                                                                 inner_name];
inline auto const opening = report<&builder::braces>[lit('{')];
inline auto const closing = report<&builder::end_of_braces>[lit('}')];
inline auto const braces = opening >> blanks >> *(!lit('}') >> label_or_name >> blanks >> comma) >> closing;

// Samples
inline constexpr auto decimal = number<double, until<white>, parse_float>;
inline constexpr auto integer = number<std::int64_t, until<white>, parse_integer>;
inline auto const value = must{"expected a number as value"}[report<&builder::value>[decimal]];
inline auto const timestamp = must{"expected a whole number as timestamp"}[report<&builder::timestamp>[integer]];
inline auto const named = report<&builder::sample>[metric_name] >> blanks >> -labels;
inline auto const sample = (named | braces) >> blanks >> value >> -(some_blanks >> timestamp);

// Comments
inline constexpr auto type_name = number<model::metric_type, line, parse_type>;
inline auto const help = report<&builder::help>[rewrite<unescape>[token<line>]];
inline auto const type = must{"expected a metric type"}[report<&builder::type>[type_name]];
inline auto const subject = must{"expected a metric name, then a blank"}[metric_name >> &(lit(' ') | '\t' | '\n')];
inline constexpr auto about = [](auto const& what) {
    return some_blanks >>
           (end_of_line | subject >> (end_of_line | report<&builder::about> >> blanks >> (end_of_line | what)));
};
inline auto const comment = '#' >> blanks >> ("HELP" >> about(help) | "TYPE" >> about(type) | skip<scan::line>);

// Lines
inline auto const any_line = blanks >> (sample | comment | end_of_line);
inline auto const body = *(any_line >> line_feed) >> blanks >> must{"expected a metric name, '#' or '{'"}[x3::eoi];

}  // namespace pushgateway::format::text::grammar
