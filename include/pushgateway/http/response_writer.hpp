#pragma once

/// \file
/// The bytes of a response before its body: status line, the fields of the handler, and those the server adds.

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <pushgateway/http/head_grammar.hpp>
#include <pushgateway/http/message.hpp>

namespace pushgateway::http {

/// How the end of a response body is told.
enum class body_framing : std::uint8_t {
    length,   ///< Content-Length
    chunked,  ///< Transfer-Encoding: chunked
    close,    ///< the end of the connection
    none,     ///< the status allows no body
};

/// What the server decides about a response.
struct response_framing {
    body_framing body = body_framing::length;
    std::uint64_t length = 0;
    bool keep_alive = true;
    int minor_version = 1;  ///< that of the request
    std::string_view date;  ///< as `Date` carries it; left out if empty
};

/// The reason phrase of a status, or an empty view.
[[nodiscard]] constexpr std::string_view reason_phrase(int status) noexcept {
    switch (status) {
        case 100: return "Continue";
        case 101: return "Switching Protocols";
        case 200: return "OK";
        case 201: return "Created";
        case 202: return "Accepted";
        case 204: return "No Content";
        case 206: return "Partial Content";
        case 301: return "Moved Permanently";
        case 302: return "Found";
        case 303: return "See Other";
        case 304: return "Not Modified";
        case 307: return "Temporary Redirect";
        case 308: return "Permanent Redirect";
        case 400: return "Bad Request";
        case 401: return "Unauthorized";
        case 403: return "Forbidden";
        case 404: return "Not Found";
        case 405: return "Method Not Allowed";
        case 406: return "Not Acceptable";
        case 408: return "Request Timeout";
        case 409: return "Conflict";
        case 411: return "Length Required";
        case 412: return "Precondition Failed";
        case 413: return "Content Too Large";
        case 414: return "URI Too Long";
        case 415: return "Unsupported Media Type";
        case 417: return "Expectation Failed";
        case 421: return "Misdirected Request";
        case 422: return "Unprocessable Content";
        case 429: return "Too Many Requests";
        case 431: return "Request Header Fields Too Large";
        case 500: return "Internal Server Error";
        case 501: return "Not Implemented";
        case 503: return "Service Unavailable";
        case 505: return "HTTP Version Not Supported";
        default: return {};
    }
}

/// Whether a response of that status may carry a body (RFC 9110, section 6.4.1).
[[nodiscard]] constexpr bool allows_body(int status) noexcept {
    return status >= 200 && status != 204 && status != 304;
}

namespace detail {

inline void append_number(std::string& out, std::uint64_t value, int base = 10) {
    char digits[20];
    out.append(digits, std::to_chars(digits, digits + sizeof digits, value, base).ptr);
}

/// Fields that the server alone decides on.
[[nodiscard]] inline bool is_framing_field(std::string_view name) noexcept {
    switch (name.size()) {
        case 4: return equal_ignoring_case(name, "Date");
        case 10: return equal_ignoring_case(name, "Connection");
        case 14: return equal_ignoring_case(name, "Content-Length");
        case 17: return equal_ignoring_case(name, "Transfer-Encoding");
        default: return false;
    }
}

[[nodiscard]] inline bool wants_close(response const& r) noexcept {
    return std::ranges::any_of(r.fields, [](field const& f) {
        return equal_ignoring_case(f.name, "Connection") && equal_ignoring_case(f.value, "close");
    });
}

/// Appends a value; what could end the field early becomes a blank, so that no handler can be talked into another
/// field.
inline void append_field_value(std::string& out, std::string_view value) {
    for (char const c : value) out.push_back(head::is(c, head::content) ? c : ' ');
}

}  // namespace detail

/// How a response to `req` is framed. `keep_alive`: whether the connection may be used for another request; the
/// response may end it all the same.
[[nodiscard]] inline response_framing framing_of(response const& out, request const& req, bool keep_alive,
                                                 std::string_view date) noexcept {
    response_framing how{body_framing::length, out.body.size(), keep_alive && !detail::wants_close(out),
                         req.minor_version, date};
    if (!allows_body(out.status)) {
        how.body = body_framing::none;
    } else if (out.stream) {
        how.body = req.minor_version == 0 ? body_framing::close : body_framing::chunked;
        if (how.body == body_framing::close) how.keep_alive = false;
    }
    return how;
}

/// Appends the head of a response, its empty line included.
inline void append_head(std::string& out, int status, std::vector<field> const& fields, response_framing const& how) {
    out += how.minor_version == 0 ? "HTTP/1.0 " : "HTTP/1.1 ";
    detail::append_number(out, static_cast<std::uint64_t>(status));
    out += ' ';
    out += reason_phrase(status);
    out += "\r\n";
    for (auto const& [name, value] : fields) {
        if (!is_token(name) || detail::is_framing_field(name)) continue;
        out += name;
        out += ": ";
        detail::append_field_value(out, value);
        out += "\r\n";
    }
    if (!how.date.empty()) {
        out += "Date: ";
        out += how.date;
        out += "\r\n";
    }
    if (how.body == body_framing::length) {
        out += "Content-Length: ";
        detail::append_number(out, how.length);
        out += "\r\n";
    } else if (how.body == body_framing::chunked) {
        out += "Transfer-Encoding: chunked\r\n";
    }
    if (!how.keep_alive) {
        out += "Connection: close\r\n";
    } else if (how.minor_version == 0) {
        out += "Connection: keep-alive\r\n";
    }
    out += "\r\n";
}

/// Appends a piece of a body as one chunk. An empty piece would end the body: it appends nothing.
inline void append_chunk(std::string& out, std::string_view piece) {
    if (piece.empty()) return;
    detail::append_number(out, piece.size(), 16);
    out += "\r\n";
    out += piece;
    out += "\r\n";
}

/// What ends a chunked body.
inline constexpr std::string_view last_chunk = "0\r\n\r\n";

/// Appends a piece of a body in its framing, or what ends the body if there is no piece.
inline void append_piece(std::string& out, body_framing how, std::optional<std::string_view> piece) {
    if (how == body_framing::chunked) {
        piece ? append_chunk(out, *piece) : void(out += last_chunk);
    } else if (piece) {
        out += *piece;
    }
}

/// The response to a request that is refused by the protocol layer.
[[nodiscard]] inline response refusal_response(int status, std::string_view text) {
    response out;
    out.status = status;
    detail::append_number(out.body, static_cast<std::uint64_t>(status));
    out.body += ' ';
    out.body += reason_phrase(status);
    if (!text.empty()) {
        out.body += ": ";
        out.body += text;
    }
    out.body += '\n';
    out.set("Content-Type", "text/plain; charset=utf-8");
    return out;
}

}  // namespace pushgateway::http
