#pragma once

/// \file
/// What a router is told: paths, prefixes, what is switched on.

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <pushgateway/base/clock.hpp>
#include <pushgateway/base/limits.hpp>
#include <pushgateway/gateway/scrape_pieces.hpp>
#include <pushgateway/http/groups_api.hpp>
#include <pushgateway/http/message.hpp>

namespace pushgateway::http {

/// Options of `router`.
struct router_options {
    /// Where the exposition is, below the prefix; begins with a slash.
    std::string telemetry_path = "/metrics";
    /// What the exposition shows.
    scrape_scope telemetry_scope = scrape_scope::everything;
    /// Where the gateway's own metrics are shown apart, below the prefix; empty: nowhere.
    std::string own_telemetry_path;
    /// Before the paths of all routes: empty, or with a slash at its beginning only.
    std::string route_prefix;
    /// The prefix as clients see it, if a proxy replaces it by `route_prefix`; in `Location`, and in the page's links.
    /// Without one, that is `route_prefix`, and the links are relative.
    std::optional<std::string> external_prefix;
    /// Scheme, host and port under which clients reach the gateway, if they are known: where its own page comes from.
    std::string external_origin;
    /// Origins whose web pages may push and delete, or `*`.
    std::vector<std::string> cors_origins;
    /// Lets `PUT /-/quit` call `on_quit`.
    bool enable_lifecycle = false;
    /// Opens `PUT /api/v1/admin/wipe`.
    bool enable_admin_api = false;
    /// Offers OpenMetrics to scrapers that ask for it. Otherwise they get the text format or protobuf.
    bool enable_openmetrics = false;
    /// Shown on the status page and by the API.
    std::map<std::string, std::string> flags;
    /// Called by a request to quit, from the thread that serves it: should only begin to stop.
    std::function<void()> on_quit;
    /// What the client that sends a request may do; only that is offered to it. Empty: everything that is switched on.
    std::function<permitted_actions(request const&)> permitted;
    /// When the process started, for the status page and the API.
    timestamp start_time = system_clock::now();
    pushgateway::limits limits;
};

}  // namespace pushgateway::http
