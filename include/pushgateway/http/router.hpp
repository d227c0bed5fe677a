#pragma once

/// \file
/// The gateway's HTTP interface: from a request to its response, without sockets.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <pushgateway/base/clock.hpp>
#include <pushgateway/base/limits.hpp>
#include <pushgateway/base/logger.hpp>
#include <pushgateway/base/percent.hpp>
#include <pushgateway/gateway/request_counters.hpp>
#include <pushgateway/http/answers.hpp>
#include <pushgateway/http/api.hpp>
#include <pushgateway/http/message.hpp>
#include <pushgateway/http/negotiation.hpp>
#include <pushgateway/http/path.hpp>
#include <pushgateway/http/push.hpp>
#include <pushgateway/http/routes.hpp>
#include <pushgateway/http/scrape.hpp>
#include <pushgateway/http/status_page.hpp>

namespace pushgateway::http {

/// Options of `router`.
struct router_options {
    /// Where the exposition is; begins with a slash.
    std::string telemetry_path = "/metrics";
    /// Lets `PUT /-/quit` call `on_quit`.
    bool enable_lifecycle = false;
    /// Opens `PUT /api/v1/admin/wipe`.
    bool enable_admin_api = false;
    /// Shown on the status page and by the API.
    std::map<std::string, std::string> flags;
    /// Called by a request to quit, from the thread that serves it: should only begin to stop.
    std::function<void()> on_quit;
    /// When the process started, for the status page and the API.
    timestamp start_time = system_clock::now();
    pushgateway::limits limits;
};

/// Answers requests from a gateway (`basic_gateway`, or what has its members). The gateway must outlive the router and
/// the streamed responses. Any thread may call any function if any thread may use the gateway and the logger.
template <class Gateway, class Logger = null_logger>
class router {
public:
    explicit router(Gateway& gateway, router_options options = {}, Logger logger = {})
        : gateway_(gateway),
          options_(std::move(options)),
          routes_(options_.telemetry_path, options_.enable_admin_api),
          logger_(std::move(logger)) {}

    /// Answers one request.
    [[nodiscard]] response operator()(request const& req) {
        auto const begin = std::chrono::steady_clock::now();
        auto out = route(req, begin);
        if (debugging()) log_access(req, out.status, std::chrono::steady_clock::now() - begin);
        return out;
    }

    /// True for requests that may take long in spite of a small body: what lists or drops much, and what unfolds.
    [[nodiscard]] bool heavy(request const& req) const noexcept {
        auto const path = split_target(req.target).path;
        if (req.method == "GET" || req.method == "HEAD") return path != "/-/healthy" && path != "/-/ready";
        if (req.method == "DELETE" || !req.header("Content-Encoding").empty()) return true;
        return !path.starts_with("/metrics/job") && !path.starts_with("/-/");
    }

private:
    using time_point = std::chrono::steady_clock::time_point;

    // The original's newest build says 307 here, older ones 301.
    static constexpr int uncleaned_path_status = 301;

    response route(request const& req, time_point begin) {
        auto const [raw_path, query] = split_target(req.target);
        if (!raw_path.starts_with('/')) return error_answer(400, "the request target must be a path");
        std::string_view const method = req.method == "HEAD" ? std::string_view("GET") : req.method;
        if (!is_clean_path(raw_path)) {
            return redirect(uncleaned_path_status, req.method, with_query(encode_unsafe(clean_path(raw_path)), query));
        }
        std::string decoded;
        std::string_view path = raw_path;
        if (raw_path.find('%') != std::string_view::npos) {
            auto result = decode_percent(raw_path);
            if (!result) return error_answer(result.error());
            decoded = *std::move(result);
            path = decoded;
        }
        if (path == api_prefix) return redirect(307, req.method, with_query(std::string(api_prefix) + '/', query));
        if (auto const found = routes_.find(method, path)) return serve(*found, req, path, query, begin);
        if (method == "GET" || method == "PUT" || method == "POST" || method == "DELETE") {
            if (auto const near = routes_.near(method, path)) {
                return redirect(method == "GET" ? 301 : 307, req.method, with_query(encode_path(*near), query));
            }
        }
        auto const allow = routes_.allowed(path);
        if (allow.empty()) return not_found();
        if (method != "OPTIONS") return method_not_allowed(allow);
        response out;
        out.set("Allow", allow);
        return out;
    }

    response serve(endpoint where, request const& req, std::string_view path, std::string_view query,
                   time_point begin) {
        switch (where) {
            case endpoint::push: return push(req, path, begin);
            case endpoint::erase:
                return counted(request_handler::erase, req,
                               erase_group(gateway_, *split_push_path(path), options_.limits));
            case endpoint::telemetry: return scrape_answer(gateway_, req, query_values(query, "name[]"));
            case endpoint::healthy:
                return counted(request_handler::healthy, req, ok_or_not(gateway_.healthy(), "not healthy"));
            case endpoint::ready: return counted(request_handler::ready, req, ok_or_not(gateway_.ready(), "not ready"));
            case endpoint::quit: return quit();
            case endpoint::quit_by_get: {
                auto out = text_answer(405, "Only POST or PUT requests allowed.");
                out.set("Allow", "OPTIONS, POST, PUT");
                return out;
            }
            case endpoint::static_file: return counted(request_handler::static_file, req, not_found());
            case endpoint::status_page: {
                auto page =
                    status_page_answer(gateway_.groups(), gateway_.build(), options_.flags, options_.start_time);
                return counted(request_handler::status_page, req, std::move(page));
            }
            case endpoint::api_options: return counted(request_handler::api_options, req, with_cors({}));
            case endpoint::api_status:
                return counted(request_handler::api_status, req,
                               api_status_answer(options_.flags, gateway_.build(), options_.start_time));
            case endpoint::api_metrics:
                return counted(request_handler::api_metrics, req, api_metrics_answer(gateway_.groups()));
            case endpoint::wipe: gateway_.wipe(); return counted(request_handler::wipe, req, response(202, {}));
        }
        return not_found();
    }

    response push(request const& req, std::string_view path, time_point begin) {
        auto outcome = push_body(gateway_, req, *split_push_path(path), options_.limits);
        if (!outcome.failure.message.empty()) log_failure(req, path, outcome.failure);
        gateway_.count_request(request_handler::push, req.method, outcome.answer.status);
        gateway_.observe_push(req.method, std::chrono::steady_clock::now() - begin, approximate_size(req));
        return std::move(outcome.answer);
    }

    response quit() {
        if (!options_.enable_lifecycle) return text_answer(403, "Lifecycle API is not enabled.");
        if (options_.on_quit) options_.on_quit();
        return text_answer(200, "Requesting termination... Goodbye!");
    }

    response counted(request_handler handler, request const& req, response out) {
        gateway_.count_request(handler, req.method, out.status);
        return out;
    }

    static response ok_or_not(bool ok, std::string_view otherwise) {
        return ok ? text_answer(200, "OK") : error_answer(503, otherwise);
    }

    static std::string with_query(std::string location, std::string_view query) {
        if (!query.empty()) location += '?' + encode_unsafe(query);
        return location;
    }

    bool debugging() const noexcept {
        if constexpr (requires { logger_.enabled(log_level::debug); }) return logger_.enabled(log_level::debug);
        return false;
    }

    void log_access(request const& req, int status, std::chrono::nanoseconds duration) {
        auto const code = std::to_string(status);
        auto const took =
            std::to_string(std::chrono::duration_cast<std::chrono::microseconds>(duration).count()) + "us";
        log_field const fields[] = {
            {"method", req.method}, {"target", req.target}, {"code", code}, {"duration", took}, {"source", req.remote}};
        logger_.log(log_level::debug, "request", fields);
    }

    // A client can send as many malformed bodies as it likes: only a conflict, which an operator must know of, is an
    // error in the log.
    void log_failure(request const& req, std::string_view path, error const& failure) {
        log_field const fields[] = {
            {"method", req.method}, {"source", req.remote}, {"path", path}, {"err", failure.message}};
        bool const conflict = failure.code == errc::inconsistent;
        logger_.log(conflict ? log_level::error : log_level::debug,
                    conflict ? "pushed metrics are invalid or inconsistent with existing metrics" : "push refused",
                    fields);
    }

    Gateway& gateway_;
    router_options options_;
    routes routes_;
    Logger logger_;
};

}  // namespace pushgateway::http
