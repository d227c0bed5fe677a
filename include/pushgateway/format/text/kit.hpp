#pragma once

/// \file
/// The Spirit X3 components that tie the grammar of a format in lines of text to its builder.

#include <functional>
#include <string_view>
#include <type_traits>
#include <utility>

#include <boost/spirit/home/x3/core/parser.hpp>
#include <boost/spirit/home/x3/support/context.hpp>
#include <boost/spirit/home/x3/support/traits/attribute_of.hpp>
#include <boost/spirit/home/x3/support/traits/move_to.hpp>

#include <pushgateway/base/x3/must.hpp>
#include <pushgateway/base/x3/token.hpp>
#include <pushgateway/format/problem.hpp>

namespace pushgateway::format::text::kit {

namespace x3 = boost::spirit::x3;
using x3_kit::fault;
using x3_kit::fault_tag;
using x3_kit::must;
using x3_kit::skip;
using x3_kit::token;

/// The context key under which a parse finds its builder (as a `std::reference_wrapper`).
struct builder_tag;

namespace detail {

/// Calls `Member` of the context's builder. A problem that it returns becomes the parse's fault, at `where`.
template <auto Member, class Context, class... Arguments>
[[nodiscard]] bool report_to_builder(char const* where, Context const& context, Arguments const&... arguments) {
    auto& builder = x3::get<builder_tag>(context).get();
    if constexpr (std::is_void_v<decltype(std::invoke(Member, builder, arguments...))>) {
        std::invoke(Member, builder, arguments...);
    } else if (problem const found = std::invoke(Member, builder, arguments...); found != nullptr) [[unlikely]] {
        fault& f = x3::get<fault_tag>(context).get();
        if (f.what == nullptr) f = {where, found};
        return false;
    }
    return true;
}

}  // namespace detail

/// Parser of `report<&builder::member>` alone.
template <auto Member>
struct report_parser : x3::parser<report_parser<Member>> {
    using attribute_type = x3::unused_type;
    static constexpr bool has_attribute = false;

    template <class Iterator, class Context, class RContext, class Attribute>
    bool parse(Iterator& first, Iterator const&, Context const& context, RContext&, Attribute&) const {
        return detail::report_to_builder<Member>(first, context);
    }
};

/// Parser of `report<&builder::member>[p]`.
template <auto Member, class Subject>
struct report_directive : x3::unary_parser<Subject, report_directive<Member, Subject>> {
    using base = x3::unary_parser<Subject, report_directive<Member, Subject>>;
    using attribute_type = x3::unused_type;
    static constexpr bool has_attribute = false;
    using base::base;

    template <class Iterator, class Context, class RContext, class Attribute>
    bool parse(Iterator& first, Iterator const& last, Context const& context, RContext& rcontext, Attribute&) const {
        typename x3::traits::attribute_of<Subject, Context>::type value{};
        Iterator const begin = first;
        if (!this->subject.parse(first, last, context, rcontext, value)) return false;
        if constexpr (std::is_same_v<decltype(value), x3::unused_type>) {
            return detail::report_to_builder<Member>(begin, context);
        } else if constexpr (std::is_same_v<decltype(value), x3_kit::text>) {
            return detail::report_to_builder<Member>(begin, context, value.view);
        } else {
            return detail::report_to_builder<Member>(begin, context, value);
        }
    }
};

/// `report<&builder::member>` matches nothing and calls the member; with `[p]` it calls it with what p
/// found, if that is something. If the member finds a problem, the parse fails with that.
template <auto Member>
struct report_generator : report_parser<Member> {
    template <class Subject>
    constexpr auto operator[](Subject const& subject) const {
        return report_directive<Member, typename x3::extension::as_parser<Subject>::value_type>(x3::as_parser(subject));
    }
};

template <auto Member>
inline constexpr report_generator<Member> report{};

/// A lexeme found by `Scan` that `Convert(std::string_view, T&)` can read; its attribute is the T.
template <class T, auto Scan, auto Convert>
struct number_parser : x3::parser<number_parser<T, Scan, Convert>> {
    using attribute_type = T;
    static constexpr bool has_attribute = true;

    template <class Iterator, class Context, class RContext, class Attribute>
    bool parse(Iterator& first, Iterator const& last, Context const&, RContext&, Attribute& attribute) const {
        char const* const end = Scan(first, last);
        T value{};
        if (!Convert(std::string_view(first, end), value)) return false;
        x3::traits::move_to(value, attribute);
        first = end;
        return true;
    }
};

template <class T, auto Scan, auto Convert>
inline constexpr number_parser<T, Scan, Convert> number{};

/// Parser of `rewrite<convert>[p]`.
template <auto Convert, class Subject>
struct rewrite_directive : x3::unary_parser<Subject, rewrite_directive<Convert, Subject>> {
    using base = x3::unary_parser<Subject, rewrite_directive<Convert, Subject>>;
    using attribute_type = x3_kit::text;
    static constexpr bool has_attribute = true;
    using base::base;

    template <class Iterator, class Context, class RContext, class Attribute>
    bool parse(Iterator& first, Iterator const& last, Context const& context, RContext& rcontext,
               Attribute& attribute) const {
        x3_kit::text spelled;
        if (!this->subject.parse(first, last, context, rcontext, spelled)) return false;
        auto& builder = x3::get<builder_tag>(context).get();
        if (!Convert(spelled.view, builder)) [[unlikely]] {
            fault& f = x3::get<fault_tag>(context).get();
            if (f.what == nullptr) f = {bad_escape_in(spelled.view, builder), "a backslash that begins no escape"};
            return false;
        }
        x3::traits::move_to(spelled, attribute);
        return true;
    }
};

/// `rewrite<convert>[p]`: the text of p, put by `convert(std::string_view&, builder&)` into what it means; false is a
/// bad escape, and the parse fails with that, at the place that `bad_escape_in(text, builder)` finds.
template <auto Convert>
struct rewrite_generator {
    template <class Subject>
    constexpr auto operator[](Subject const& subject) const {
        return rewrite_directive<Convert, typename x3::extension::as_parser<Subject>::value_type>(
            x3::as_parser(subject));
    }
};

template <auto Convert>
inline constexpr rewrite_generator<Convert> rewrite{};

}  // namespace pushgateway::format::text::kit
