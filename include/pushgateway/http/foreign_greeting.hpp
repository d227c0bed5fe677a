#pragma once

/// \file
/// What a client speaks that does not begin with a line of HTTP, or gets it wrong in a way that is known.

#include <string>
#include <string_view>

namespace pushgateway::http {

/// What is said of a connection whose first byte begins no request.
[[nodiscard]] inline std::string foreign_greeting(char first) {
    constexpr char tls_handshake = 0x16;
    std::string out = "the method is not a token";
    if (first == tls_handshake)
        out += ": the client speaks TLS, and there is none at this port, whose URLs begin with http://";
    if (first == '\0') out += ": the client may speak the PROXY protocol, which is not read here";
    return out;
}

/// What is wrong with a request line, which `wrong` says in the terms of HTTP.
[[nodiscard]] inline std::string explain_request_line(std::string_view line, std::string_view wrong) {
    std::string out(wrong);
    if (line.starts_with("PROXY ")) {
        return out +
               ": the client speaks the PROXY protocol, which is not read here: it is turned off where the load "
               "balancer sends it";
    }
    bool const ends_well = line.ends_with(" HTTP/1.1") || line.ends_with(" HTTP/1.0");
    auto const last_blank = line.rfind(' ');
    auto const first_blank = line.find(' ');
    bool const has_blank = ends_well && wrong.find("version") != std::string_view::npos && first_blank != last_blank &&
                           line.find(' ', first_blank + 1) != last_blank;
    if (has_blank) out += ": a blank in the request target is written %20";
    if (line.find("HTTP/") == std::string_view::npos && line.find("http/") == std::string_view::npos) {
        out += ": this is no line of HTTP, which begins with METHOD PATH HTTP/1.1";
    }
    return out;
}

}  // namespace pushgateway::http
