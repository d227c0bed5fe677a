#pragma once

/// \file
/// Which web pages may push: the answers of the CORS protocol (https://fetch.spec.whatwg.org/#http-cors-protocol).

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <pushgateway/http/message.hpp>

namespace pushgateway::http {

/// The origins that may push and delete from a browser. Constant; any thread may use it.
class cors_rules {
public:
    /// `origins`: such as `https://jobs.example`, or `*` for all; none: the protocol is not answered.
    explicit cors_rules(std::vector<std::string> origins)
        : origins_(std::move(origins)), any_(std::ranges::find(origins_, "*") != origins_.end()) {}

    /// True if a page of an origin that may push sent the request.
    [[nodiscard]] bool allows(request const& req) const noexcept {
        auto const origin = req.header("Origin");
        return !origin.empty() && (any_ || std::ranges::find(origins_, origin) != origins_.end());
    }

    /// True for a browser's question whether a page of an allowed origin may send a request. It carries no credentials.
    [[nodiscard]] bool is_preflight(request const& req) const noexcept {
        return req.method == "OPTIONS" && !req.header("Access-Control-Request-Method").empty() && allows(req);
    }

    /// Adds what lets the page that sent the request read the response.
    void add_to(response& out, request const& req) const {
        if (origins_.empty()) return;
        if (!any_) out.set("Vary", "Origin");
        if (!allows(req)) return;
        out.set("Access-Control-Allow-Origin", any_ ? "*" : std::string(req.header("Origin")));
    }

    /// The answer to a question of `is_preflight`, without what `add_to` adds. `methods`: those that the path has.
    [[nodiscard]] static response preflight_answer(std::string methods) {
        response out;
        out.set("Access-Control-Allow-Methods", std::move(methods));
        out.set("Access-Control-Allow-Headers", "Authorization, Content-Encoding, Content-Type");
        out.set("Access-Control-Max-Age", "86400");
        return out;
    }

private:
    std::vector<std::string> origins_;
    bool any_;
};

}  // namespace pushgateway::http
