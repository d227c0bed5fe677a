#pragma once

/// \file
/// What a request would do, as far as that decides who may send it.

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <pushgateway/base/base64url.hpp>
#include <pushgateway/base/percent.hpp>
#include <pushgateway/http/auth/rules.hpp>
#include <pushgateway/http/message.hpp>
#include <pushgateway/http/path.hpp>
#include <pushgateway/http/routes.hpp>

namespace pushgateway::http {

/// The paths that the router was told, in the same form.
struct known_paths {
    std::string telemetry = "/metrics";
    std::string own_telemetry;
    std::string route_prefix;
};

/// What is needed to send a request.
struct request_needs {
    http::role role = role::any;
    /// The job that is pushed to or deleted; nothing if there is none or it cannot be read, which the router refuses.
    std::optional<std::string> job;
    bool exempt = false;
};

/// Finds out what a request needs by the rules by which the router finds what serves it: decoded, below the route
/// prefix. What is not in its clean form, or leads nowhere, does nothing: the router redirects or refuses it.
class request_classifier {
public:
    explicit request_classifier(known_paths paths = {})
        : routes_(std::move(paths.telemetry), true, std::move(paths.route_prefix), std::move(paths.own_telemetry)) {}

    [[nodiscard]] request_needs operator()(request const& head, exemptions const& exempt) const {
        request_needs out;
        if (exempt.preflight && head.method == "OPTIONS") {
            out.exempt = true;
            return out;
        }
        auto path = split_target(head.target).path;
        if (!is_clean_path(path)) return out;
        std::string decoded;
        if (path.find('%') != std::string_view::npos) {
            auto text = decode_percent(path);
            if (!text) return out;
            decoded = *std::move(text);
            path = decoded;
        }
        bool const get = head.method == "GET" || head.method == "HEAD";
        auto const where = routes_.find(get ? std::string_view("GET") : std::string_view(head.method), path);
        auto const below = routes_.below_prefix(path);
        if (where) {
            out.role = role_of(*where);
            if (out.role == role::push) out.job = job_of(below.value_or(std::string_view()));
        } else if (get && below && routes::is_api(*below)) {
            out.role = role::read;
        }
        if (get && below) out.exempt = is_exempt(*below, where, exempt);
        return out;
    }

private:
    static role role_of(endpoint where) noexcept {
        switch (where) {
            case endpoint::push:
            case endpoint::erase: return role::push;
            case endpoint::wipe:
            case endpoint::quit: return role::admin;
            case endpoint::telemetry:
            case endpoint::own_telemetry:
            case endpoint::status_page:
            case endpoint::static_file:
            case endpoint::api_status:
            case endpoint::api_metrics:
            case endpoint::api_groups:
            case endpoint::api_group: return role::read;
            case endpoint::healthy:
            case endpoint::ready:
            case endpoint::quit_by_get:
            case endpoint::api_options: return role::any;
        }
        std::unreachable();
    }

    static std::optional<std::string> job_of(std::string_view path) {
        auto const parts = split_push_path(path);
        if (!parts) return std::nullopt;
        if (!parts->job_is_base64) return std::string(parts->job);
        auto decoded = decode_base64url(parts->job);
        if (!decoded) return std::nullopt;
        return *std::move(decoded);
    }

    static bool is_exempt(std::string_view path, std::optional<endpoint> where, exemptions const& exempt) noexcept {
        if (exempt.probes && (where == endpoint::healthy || where == endpoint::ready)) return true;
        if (exempt.scrape && (where == endpoint::telemetry || where == endpoint::own_telemetry)) return true;
        for (auto const& p : exempt.paths) {
            if (path == p) return true;
        }
        for (auto const& folder : exempt.folders) {
            if (path.starts_with(folder)) return true;
        }
        return false;
    }

    routes routes_;
};

}  // namespace pushgateway::http
