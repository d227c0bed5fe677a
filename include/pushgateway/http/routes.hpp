#pragma once

/// \file
/// Which path and method lead where.

#include <algorithm>
#include <array>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include <pushgateway/http/message.hpp>
#include <pushgateway/http/path.hpp>
#include <pushgateway/http/work_class.hpp>

namespace pushgateway::http {

/// What serves a request.
enum class endpoint : std::uint8_t {
    telemetry,
    own_telemetry,
    status_page,
    static_file,
    healthy,
    ready,
    quit,
    quit_by_get,
    push,
    erase,
    api_status,
    api_metrics,
    api_options,
    api_groups,
    api_group,
    wipe,
};

/// What kind of work an endpoint makes when nothing else is known of the request.
[[nodiscard]] constexpr work_class class_of(endpoint where) noexcept {
    switch (where) {
        case endpoint::telemetry:
        case endpoint::own_telemetry: return work_class::scrape;
        case endpoint::healthy:
        case endpoint::ready:
        case endpoint::quit:
        case endpoint::quit_by_get:
        case endpoint::status_page:
        case endpoint::static_file:
        case endpoint::api_options:
        case endpoint::push: return work_class::immediate;
        case endpoint::erase:
        case endpoint::wipe: return work_class::push;
        case endpoint::api_status:
        case endpoint::api_metrics:
        case endpoint::api_groups:
        case endpoint::api_group: return work_class::list;
    }
    return work_class::list;
}

/// Everything below this path (and the prefix of all routes) is the API, with rules of its own.
inline constexpr std::string_view api_prefix = "/api/v1";

/// The routes, as the flags make them. Paths here are decoded; `HEAD` is asked for as `GET`.
class routes {
public:
    /// `prefix`: before every path, also the others given here; empty, or with a slash at its beginning only.
    /// `own_telemetry_path`: where the gateway's own metrics are if they have a path of their own.
    /// `has_page`: there is a page for people.
    routes(std::string telemetry_path, bool admin_api, std::string prefix = {}, std::string own_telemetry_path = {},
           bool has_page = true)
        : telemetry_path_(std::move(telemetry_path)),
          own_telemetry_path_(std::move(own_telemetry_path)),
          prefix_(std::move(prefix)),
          admin_api_(admin_api),
          has_page_(has_page) {}

    /// `path` without the prefix; nothing if it has another beginning.
    [[nodiscard]] std::optional<std::string_view> below_prefix(std::string_view path) const noexcept {
        if (!path.starts_with(prefix_)) return std::nullopt;
        path.remove_prefix(prefix_.size());
        if (!path.empty() && path.front() != '/') return std::nullopt;
        return path;
    }

    /// What serves a request. `path` with the prefix, decoded.
    [[nodiscard]] std::optional<endpoint> find(std::string_view method, std::string_view path) const noexcept {
        if (auto const below = below_prefix(path)) return find_below(method, *below);
        // The original has this one without the prefix.
        if (method == "GET" && path == "/-/quit") return endpoint::quit_by_get;
        return std::nullopt;
    }

    /// The value of `Allow` for a path; empty if no method leads anywhere.
    [[nodiscard]] std::string allowed(std::string_view path, std::string_view except = {}) const {
        std::string out;
        for (std::string_view const method : {"DELETE", "GET", "OPTIONS", "POST", "PUT"}) {
            if (method != "OPTIONS" && (method == except || !find(method, path))) continue;
            if (!out.empty()) out += ", ";
            out += method;
        }
        return out == "OPTIONS" ? std::string() : out;
    }

    /// A path near `path` that leads somewhere: without or with a slash at its end, cleaned, in lower case where the
    /// route has fixed words.
    [[nodiscard]] std::optional<std::string> near(std::string_view method, std::string_view path) const {
        auto below = below_prefix(path);
        std::string in_case;  // `path` with the prefix as it is written
        if (!below && equal_ignoring_case(path.substr(0, prefix_.size()), prefix_)) {
            in_case = prefix_ + std::string(path.substr(prefix_.size()));
            below = below_prefix(in_case);
            if (below && find_below(method, *below)) return in_case;
        }
        if (!below) return std::nullopt;
        if (below->empty() && !prefix_.empty()) {
            return find_below(method, "/") ? prefix_ + '/' : std::optional<std::string>();
        }
        auto found = near_below(method, *below);
        if (found) found->insert(0, prefix_);
        return found;
    }

    /// True for `/groups/job/…`, below the API: a push path with another first word.
    [[nodiscard]] static bool is_group(std::string_view path) noexcept {
        constexpr std::string_view groups = "/groups/job";
        if (!path.starts_with(groups)) return false;
        path.remove_prefix(groups.size());
        if (path.starts_with(base64_suffix)) path.remove_prefix(base64_suffix.size());
        return path.size() > 1 && path.front() == '/';
    }

    [[nodiscard]] static bool is_api(std::string_view path) noexcept {
        return path.starts_with(api_prefix) && path.substr(api_prefix.size()).starts_with('/');
    }

private:
    [[nodiscard]] std::optional<endpoint> find_below(std::string_view method, std::string_view path) const noexcept {
        if (is_api(path)) return find_api(method, path.substr(api_prefix.size()));
        if (method == "GET") return find_get(path);
        bool const stores = method == "PUT" || method == "POST";
        if (stores && path == "/-/quit") return endpoint::quit;
        if ((stores || method == "DELETE") && split_push_path(path)) {
            return stores ? endpoint::push : endpoint::erase;
        }
        return std::nullopt;
    }

    [[nodiscard]] std::optional<std::string> near_below(std::string_view method, std::string_view path) const {
        if (path == "/") return std::nullopt;
        if (path == "/metrics/job/" && (method == "PUT" || method == "POST" || method == "DELETE")) {
            return "/metrics/job";
        }
        if (auto found = other_slash(method, path)) return found;
        auto fixed = with_lower_case_words(clean_path(path));
        if (fixed == path) return std::nullopt;
        if (find_below(method, fixed)) return fixed;
        return other_slash(method, fixed);
    }

    [[nodiscard]] std::optional<endpoint> find_get(std::string_view path) const noexcept {
        if (path == telemetry_path_) return endpoint::telemetry;
        if (!own_telemetry_path_.empty() && path == own_telemetry_path_) return endpoint::own_telemetry;
        if (has_page_ && (path == "/" || path == "/status")) return endpoint::status_page;
        if (path == "/-/healthy") return endpoint::healthy;
        if (path == "/-/ready") return endpoint::ready;
        if (path == "/-/quit") return endpoint::quit_by_get;
        if (has_page_ && path.starts_with("/static/")) return endpoint::static_file;
        return std::nullopt;
    }

    [[nodiscard]] std::optional<endpoint> find_api(std::string_view method, std::string_view path) const noexcept {
        if (method == "OPTIONS") return endpoint::api_options;
        if (method == "GET" && path == "/status") return endpoint::api_status;
        if (method == "GET" && path == "/metrics") return endpoint::api_metrics;
        if (method == "GET" && path == "/groups") return endpoint::api_groups;
        if (method == "GET" && is_group(path)) return endpoint::api_group;
        if (method == "PUT" && path == "/admin/wipe" && admin_api_) return endpoint::wipe;
        return std::nullopt;
    }

    [[nodiscard]] std::optional<std::string> other_slash(std::string_view method, std::string_view path) const {
        std::string other(path);
        if (path.ends_with('/')) {
            other.pop_back();
        } else {
            other += '/';
        }
        if (other.empty() || !find_below(method, other)) return std::nullopt;
        return other;
    }

    [[nodiscard]] std::string with_lower_case_words(std::string path) const {
        auto const fixed = {std::string_view(telemetry_path_),  std::string_view(own_telemetry_path_),
                            std::string_view("/status"),        std::string_view("/-/healthy"),
                            std::string_view("/-/ready"),       std::string_view("/-/quit"),
                            std::string_view("/api/v1/status"), std::string_view("/api/v1/metrics"),
                            std::string_view("/api/v1/groups")};
        auto const bare = path.ends_with('/') ? std::string_view(path).substr(0, path.size() - 1) : path;
        for (auto const word : fixed) {
            if (!word.empty() && equal_ignoring_case(bare, word) && path.size() - bare.size() <= 1) {
                return std::string(word) + path.substr(bare.size());
            }
        }
        for (std::string_view const prefix : {"/metrics/job@base64/", "/metrics/job/", "/static/"}) {
            if (path.size() > prefix.size() &&
                equal_ignoring_case(std::string_view(path).substr(0, prefix.size()), prefix)) {
                path.replace(0, prefix.size(), prefix);
                return path;
            }
        }
        return path;
    }

    std::string telemetry_path_;
    std::string own_telemetry_path_;
    std::string prefix_;
    bool admin_api_;
    bool has_page_;
};

}  // namespace pushgateway::http
