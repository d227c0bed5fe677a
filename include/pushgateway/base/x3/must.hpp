#pragma once

/// \file
/// The Spirit X3 directive that gives a failed expectation its name, without an exception.

#include <boost/spirit/home/x3/core/parser.hpp>
#include <boost/spirit/home/x3/support/context.hpp>

namespace pushgateway::x3_kit {

namespace x3 = boost::spirit::x3;

/// Where the first failed expectation stood, and what was expected. Both null while there is none.
struct fault {
    char const* where = nullptr;
    char const* what = nullptr;
};

/// The context key under which a parse finds its `fault` (as a `std::reference_wrapper`).
struct fault_tag;

/// Parser of `must{"…"}[p]`.
template <class Subject>
struct must_directive : x3::unary_parser<Subject, must_directive<Subject>> {
    using base = x3::unary_parser<Subject, must_directive<Subject>>;
    static constexpr bool is_pass_through_unary = true;

    constexpr must_directive(Subject const& subject, char const* w) : base(subject), what(w) {}

    template <class Iterator, class Context, class RContext, class Attribute>
    bool parse(Iterator& first, Iterator const& last, Context const& context, RContext& rcontext,
               Attribute& attribute) const {
        if (this->subject.parse(first, last, context, rcontext, attribute)) [[likely]]
            return true;
        fault& f = x3::get<fault_tag>(context).get();
        if (f.what == nullptr) f = {first, what};
        return false;
    }

    char const* what;
};

/// `must{"what is expected"}[p]`: p; if it fails, the place and the text are noted in the context's `fault`. The first
/// note stands, so a `must` belongs where no alternative can follow.
struct must {
    char const* what;

    template <class Subject>
    constexpr auto operator[](Subject const& subject) const {
        return must_directive<typename x3::extension::as_parser<Subject>::value_type>{x3::as_parser(subject), what};
    }
};

}  // namespace pushgateway::x3_kit
