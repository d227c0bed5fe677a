#pragma once

/// \file
/// The plain answers: errors, redirects, refused methods.

#include <string>
#include <string_view>
#include <utility>

#include <pushgateway/base/error.hpp>
#include <pushgateway/http/html.hpp>
#include <pushgateway/http/message.hpp>

namespace pushgateway::http {

/// The status that tells a client of a failure of this kind.
[[nodiscard]] constexpr int status_of(errc code) noexcept {
    switch (code) {
        case errc::syntax:
        case errc::invalid:
        case errc::inconsistent: return 400;
        case errc::too_large: return 413;
        case errc::too_many: return 429;
        case errc::unsupported: return 415;
        case errc::unavailable: return 503;
        case errc::corrupt: return 500;
    }
    return 500;
}

/// A short text, such as `OK`.
[[nodiscard]] inline response text_answer(int status, std::string_view text) {
    response out(status, std::string(text));
    out.set("Content-Type", "text/plain; charset=utf-8");
    return out;
}

/// A failure, told in a line of text.
[[nodiscard]] inline response error_answer(int status, std::string_view text) {
    auto out = text_answer(status, text);
    out.body += '\n';
    out.set("X-Content-Type-Options", "nosniff");
    return out;
}

[[nodiscard]] inline response error_answer(error const& why) {
    auto out = error_answer(status_of(why.code), why.message);
    if (why.code == errc::unavailable) out.set("Retry-After", "5");
    return out;
}

[[nodiscard]] inline response not_found() { return error_answer(404, "404 page not found"); }

/// 405; `allow` is the list of methods that are allowed.
[[nodiscard]] inline response method_not_allowed(std::string_view allow, std::string_view text = "Method Not Allowed") {
    auto out = error_answer(405, text);
    out.set("Allow", std::string(allow));
    return out;
}

/// A redirect to a path of this server. `location` is encoded already.
[[nodiscard]] inline response redirect(int status, std::string_view method, std::string location) {
    response out(status, {});
    if (method == "GET" || method == "HEAD") {
        out.set("Content-Type", "text/html; charset=utf-8");
        out.body = "<a href=\"";
        append_html(out.body, location);
        out.body += status == 301 ? "\">Moved Permanently</a>.\n\n" : "\">Temporary Redirect</a>.\n\n";
    }
    out.set("Location", std::move(location));
    return out;
}

}  // namespace pushgateway::http
