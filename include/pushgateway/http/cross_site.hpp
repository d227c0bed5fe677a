#pragma once

/// \file
/// Which requests a browser sends for a page of somebody else: a form needs no permission for that, and the browser
/// adds the password that it has stored.

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include <pushgateway/base/quote.hpp>
#include <pushgateway/gateway/request_counters.hpp>
#include <pushgateway/http/cors.hpp>
#include <pushgateway/http/message.hpp>
#include <pushgateway/http/routes.hpp>

namespace pushgateway::http {

namespace detail {

/// The host, and the port if there is one, of an origin; empty for `null`.
[[nodiscard]] inline std::string_view host_of_origin(std::string_view origin) noexcept {
    auto const colon = origin.find("://");
    return colon == std::string_view::npos ? std::string_view() : origin.substr(colon + 3);
}

/// A host without the port that its scheme implies.
[[nodiscard]] inline std::string_view without_usual_port(std::string_view host) noexcept {
    for (std::string_view const port : {":80", ":443"}) {
        if (host.ends_with(port)) return host.substr(0, host.size() - port.size());
    }
    return host;
}

[[nodiscard]] inline bool same_host(std::string_view a, std::string_view b) noexcept {
    return !a.empty() && equal_ignoring_case(without_usual_port(a), without_usual_port(b));
}

/// True if the origin is that of the request: as the client named the host, or as a proxy says that it did.
[[nodiscard]] inline bool is_own_origin(request const& req, std::string_view origin) noexcept {
    auto const host = host_of_origin(origin);
    auto forwarded = req.header("X-Forwarded-Host");
    forwarded = forwarded.substr(0, forwarded.find(','));
    return same_host(host, req.header("Host")) || same_host(host, forwarded);
}

}  // namespace detail

/// How requests to an endpoint that changes something are counted; nothing for the others.
[[nodiscard]] constexpr std::optional<request_handler> changing_handler(endpoint where) noexcept {
    switch (where) {
        case endpoint::push:
        case endpoint::quit: return request_handler::push;
        case endpoint::erase: return request_handler::erase;
        case endpoint::wipe: return request_handler::wipe;
        default: return std::nullopt;
    }
}

/// Why a request that changes something must not be carried out, as a sentence; nothing if it may be. Refused is what a
/// browser sends for a page of another origin: by `Sec-Fetch-Site`, or, where a browser does not send that (it does not
/// to `http://` but localhost), by `Origin`. Programs send neither. Pages of origins that `cors` allows may; so may
/// those of `external_origin`, the gateway's own one behind a proxy.
[[nodiscard]] inline std::optional<std::string> find_foreign_page(request const& req, cors_rules const& cors,
                                                                  std::string_view external_origin) {
    auto const site = req.header("Sec-Fetch-Site");
    auto const origin = req.header("Origin");
    if (site.empty() && origin.empty()) return std::nullopt;
    if (cors.allows(req)) return std::nullopt;
    if (!origin.empty() && equal_ignoring_case(origin, external_origin)) return std::nullopt;
    bool const own = site.empty() ? detail::is_own_origin(req, origin)
                                  : equal_ignoring_case(site, "same-origin") || equal_ignoring_case(site, "none");
    if (own) return std::nullopt;
    std::string out = "a browser sent this for a page of another site";
    if (!origin.empty()) out += ", " + in_quotes(origin.substr(0, 200));
    out +=
        ": only pages of this gateway (behind a proxy, those below --web.external-url) and of origins that "
        "--web.cors-origin names may push, delete, wipe or stop it";
    return out;
}

}  // namespace pushgateway::http
