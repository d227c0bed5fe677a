#pragma once

/// \file
/// The lines of an HTTP/1.1 message as RFC 9112 writes them, in Spirit X3. Each rule reads one line without its CR LF.
///
/// Less than the RFC allows: no obsolete line folding, no empty elements in `Transfer-Encoding`.
/// More than the RFC allows: a request target may hold any visible or non-ASCII byte, since clients send label values
/// unescaped; whether it decodes is for the routes to say.

#include <array>
#include <cstdint>
#include <functional>
#include <string_view>

#include <boost/spirit/home/x3/auxiliary/eoi.hpp>
#include <boost/spirit/home/x3/char/char.hpp>
#include <boost/spirit/home/x3/core/action.hpp>
#include <boost/spirit/home/x3/core/parse.hpp>
#include <boost/spirit/home/x3/directive/omit.hpp>
#include <boost/spirit/home/x3/directive/with.hpp>
#include <boost/spirit/home/x3/operator.hpp>
#include <boost/spirit/home/x3/string/literal_string.hpp>

#include <pushgateway/base/x3/must.hpp>
#include <pushgateway/base/x3/token.hpp>

namespace pushgateway::http {

/// `request-line = method SP request-target SP HTTP-version`
struct request_line {
    std::string_view method;
    std::string_view target;
    std::string_view major;  ///< one digit
    std::string_view minor;  ///< one digit
};

/// The forms of a request target that a server may see.
struct request_target {
    std::string_view scheme;     ///< absolute form only
    std::string_view authority;  ///< absolute form only
    std::string_view path;       ///< with its query; may be empty in absolute form
};

/// `field-line = field-name ":" OWS field-value OWS`
struct field_line {
    std::string_view name;
    std::string_view value;
};

/// `chunk-size [ chunk-ext ]`, and blanks behind it, which some senders fill the line up with
struct chunk_line {
    std::string_view size;  ///< hexadecimal digits
};

namespace detail::head {

using namespace x3_kit;

enum : std::uint8_t {
    tchar = 1,         ///< of a token
    visible = 2,       ///< VCHAR / obs-text
    content = 4,       ///< VCHAR / obs-text / SP / HTAB
    blank = 8,         ///< SP / HTAB
    decimal = 16,      ///< DIGIT
    hexadecimal = 32,  ///< HEXDIG
    host = 64,         ///< unreserved / sub-delims / "%", of a registered name
    scheme_char = 128,
};

inline constexpr std::array<std::uint8_t, 256> classes = [] {
    std::array<std::uint8_t, 256> table{};
    auto const mark = [&table](std::string_view chars, int mask) {
        for (char const c : chars) {
            auto& entry = table[static_cast<unsigned char>(c)];
            entry = static_cast<std::uint8_t>(entry | mask);
        }
    };
    for (unsigned c = 0x21; c < 256; ++c) {
        if (c != 0x7f) table[c] = visible | content;
    }
    mark(" \t", content | blank);
    mark("0123456789", tchar | decimal | hexadecimal | host | scheme_char);
    mark("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", tchar | host | scheme_char);
    mark("abcdefABCDEF", hexadecimal);
    mark("!#$%&'*+-.^_`|~", tchar);
    mark("-._~!$&'()*+,;=%", host);
    mark("+-.", scheme_char);
    return table;
}();

constexpr bool is(char c, std::uint8_t mask) noexcept { return (classes[static_cast<unsigned char>(c)] & mask) != 0; }

template <std::uint8_t Mask>
inline constexpr auto any = [](char const* p, char const* end) noexcept {
    while (p != end && is(*p, Mask)) ++p;
    return p;
};

template <std::uint8_t Mask>
inline constexpr auto some = [](char const* p, char const* end) noexcept -> char const* {
    char const* const q = any<Mask>(p, end);
    return q == p ? nullptr : q;
};

// In an absolute form the authority ends at the path or the query.
inline constexpr auto authority_end = [](char const* p, char const* end) noexcept -> char const* {
    char const* const begin = p;
    while (p != end && *p != '/' && *p != '?') ++p;
    return p == begin ? nullptr : p;
};

// Up to the closing quote or what may not stand in a quoted string.
inline constexpr auto quoted_end = [](char const* p, char const* end) noexcept {
    for (; p != end && is(*p, content) && *p != '"'; ++p) {
        if (*p == '\\' && (++p == end || !is(*p, content))) return p;
    }
    return p;
};

inline constexpr auto one_digit = [](char const* p, char const* end) noexcept {
    return p != end && is(*p, decimal) ? p + 1 : nullptr;
};

// What stands between the brackets of an IP literal.
inline constexpr auto ip_address = [](char const* p, char const* end) noexcept {
    while (p != end && (is(*p, hexadecimal) || *p == ':' || *p == '.' || *p == '%')) ++p;
    return p;
};

constexpr std::string_view trim_end(std::string_view s) noexcept {
    while (!s.empty() && is(s.back(), blank)) s.remove_suffix(1);
    return s;
}

struct target_tag;

// Stores the lexeme into a member of the line that is being read.
template <auto Member>
inline constexpr auto into =
    [](auto& context) { x3::get<target_tag>(context).get().*Member = x3::_attr(context).view; };

inline constexpr auto ows = skip<any<blank>>;
inline constexpr auto digit = token<some<decimal>>;

// clang-format off
inline auto const version
    =  x3::lit("HTTP/")
    >> token<one_digit>[into<&request_line::major>]
    >> '.'
    >> token<one_digit>[into<&request_line::minor>]
    >> x3::eoi;

inline auto const request_line_rule
    =  must{"the method is not a token"}         [token<some<tchar>>[into<&request_line::method>]]
    >> must{"the method is not a token followed by one space"} [x3::lit(' ')]
    >> must{"there is no request target, or it starts with a character that must not stand in it"}
                                                 [token<some<visible>>[into<&request_line::target>]]
    >> must{"one space must follow the request target"} [x3::lit(' ')]
    >> must{"the protocol version is malformed"} [version];

inline auto const origin_form   = &x3::lit('/') >> token<any<visible>>[into<&request_target::path>];
inline auto const absolute_form
    =  token<some<scheme_char>>[into<&request_target::scheme>] >> "://"
    >> token<authority_end>[into<&request_target::authority>]
    >> token<any<visible>>[into<&request_target::path>];
inline auto const request_target_rule
    =  must{"the request target is neither a path nor an absolute URI"}[(origin_form | absolute_form) >> x3::eoi];

inline auto const field_line_rule
    =  must{"a header field must not be folded over lines"}       [!(x3::lit(' ') | '\t')]
    >> must{"a field name is not a token"}                        [token<some<tchar>>[into<&field_line::name>]]
    >> must{"white space must not stand before the colon"}        [!(x3::lit(' ') | '\t')]
    >> must{"a field name must be followed by a colon"}           [x3::lit(':')]
    >> ows >> token<any<content>>[into<&field_line::value>]
    >> must{"a field value holds a control character"}            [x3::eoi];

inline auto const quoted_string = '"' >> skip<quoted_end> >> '"';
inline auto const chunk_extension
    =  ows >> ';' >> ows >> x3::omit[token<some<tchar>>]
    >> -(ows >> '=' >> ows >> (x3::omit[token<some<tchar>>] | quoted_string));
inline auto const chunk_line_rule
    =  must{"a chunk size is not a hexadecimal number"}           [token<some<hexadecimal>>[into<&chunk_line::size>]]
    >> must{"a chunk size is followed by something other than a chunk extension"}
                                                                  [*chunk_extension >> ows >> x3::eoi];

inline auto const ip_literal = '[' >> skip<ip_address> >> ']';
inline auto const host_rule
    = must{"Host is malformed"}[(ip_literal | skip<any<host>>) >> -(':' >> skip<any<decimal>>) >> x3::eoi];
// clang-format on

template <class Rule, class Target>
[[nodiscard]] char const* read(std::string_view line, Rule const& rule, Target& target) {
    fault found;
    char const* first = line.data();
    char const* const last = first + line.size();
    bool const ok =
        x3::parse(first, last, x3::with<fault_tag>(std::ref(found))[x3::with<target_tag>(std::ref(target))[rule]]);
    return ok ? nullptr : found.what;
}

}  // namespace detail::head

/// Reads a request line. Null if it is one, else what is wrong with it.
[[nodiscard]] inline char const* parse_line(std::string_view line, request_line& out) {
    return detail::head::read(line, detail::head::request_line_rule, out);
}

/// Reads a request target in origin form or absolute form. Null if it is one, else what is wrong with it.
[[nodiscard]] inline char const* parse_line(std::string_view target, request_target& out) {
    return detail::head::read(target, detail::head::request_target_rule, out);
}

/// Reads a header or trailer field. Null if it is one, else what is wrong with it.
[[nodiscard]] inline char const* parse_line(std::string_view line, field_line& out) {
    char const* const wrong = detail::head::read(line, detail::head::field_line_rule, out);
    out.value = detail::head::trim_end(out.value);
    return wrong;
}

/// Reads the line before a chunk. Null if it is one, else what is wrong with it.
[[nodiscard]] inline char const* parse_line(std::string_view line, chunk_line& out) {
    return detail::head::read(line, detail::head::chunk_line_rule, out);
}

/// Whether `value` may stand in a Host field: `uri-host [ ":" port ]`, or nothing.
[[nodiscard]] inline bool valid_host(std::string_view value) {
    chunk_line unused;
    return detail::head::read(value, detail::head::host_rule, unused) == nullptr;
}

/// Whether `s` is a token of RFC 9110.
[[nodiscard]] constexpr bool is_token(std::string_view s) noexcept {
    for (char const c : s) {
        if (!detail::head::is(c, detail::head::tchar)) return false;
    }
    return !s.empty();
}

}  // namespace pushgateway::http
