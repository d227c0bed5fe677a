#pragma once

/// \file
/// Spirit X3 components for lexemes: a scan function decides where a lexeme ends, the grammar gets a view of it.

#include <string_view>

#include <boost/spirit/home/x3/core/parser.hpp>
#include <boost/spirit/home/x3/support/traits/move_to.hpp>
#include <boost/spirit/home/x3/support/unused.hpp>

namespace pushgateway::x3_kit {

namespace x3 = boost::spirit::x3;

/// A view of a lexeme. X3 would take a bare `std::string_view` for a container to be filled element by element.
struct text {
    std::string_view view;
};

/// Matches what `Scan(first, last)` accepts: it returns the end of the lexeme, or nullptr for no match.
template <auto Scan>
struct token_parser : x3::parser<token_parser<Scan>> {
    using attribute_type = text;
    static constexpr bool has_attribute = true;

    template <class Iterator, class Context, class RContext, class Attribute>
    bool parse(Iterator& first, Iterator const& last, Context const&, RContext&, Attribute& attribute) const {
        char const* const end = Scan(first, last);
        if (end == nullptr) return false;
        x3::traits::move_to(text{std::string_view(first, end)}, attribute);
        first = end;
        return true;
    }
};

/// A lexeme found by `Scan`; its attribute is a `text`.
template <auto Scan>
inline constexpr token_parser<Scan> token{};

/// Moves on to where `Scan(first, last)` says; always succeeds, has no attribute.
template <auto Scan>
struct skip_parser : x3::parser<skip_parser<Scan>> {
    using attribute_type = x3::unused_type;
    static constexpr bool has_attribute = false;

    template <class Iterator, class Context, class RContext, class Attribute>
    bool parse(Iterator& first, Iterator const& last, Context const&, RContext&, Attribute&) const {
        first = Scan(first, last);
        return true;
    }
};

/// White space or the like, found by `Scan`.
template <auto Scan>
inline constexpr skip_parser<Scan> skip{};

}  // namespace pushgateway::x3_kit
