#pragma once

/// \file
/// The gateway's HTTP interface: from a request to its response, without sockets.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <pushgateway/base/limits.hpp>
#include <pushgateway/base/logger.hpp>
#include <pushgateway/base/memory.hpp>
#include <pushgateway/base/percent.hpp>
#include <pushgateway/base/throttle.hpp>
#include <pushgateway/gateway/request_counters.hpp>
#include <pushgateway/gateway/scrape_pieces.hpp>
#include <pushgateway/http/answers.hpp>
#include <pushgateway/http/api.hpp>
#include <pushgateway/http/cors.hpp>
#include <pushgateway/http/cross_site.hpp>
#include <pushgateway/http/group_api.hpp>
#include <pushgateway/http/groups_api.hpp>
#include <pushgateway/http/key_path.hpp>
#include <pushgateway/http/later_push.hpp>
#include <pushgateway/http/memory_of_answers.hpp>
#include <pushgateway/http/message.hpp>
#include <pushgateway/http/negotiation.hpp>
#include <pushgateway/http/nowhere.hpp>
#include <pushgateway/http/path.hpp>
#include <pushgateway/http/push.hpp>
#include <pushgateway/http/router_options.hpp>
#include <pushgateway/http/routes.hpp>
#include <pushgateway/http/scrape.hpp>
#include <pushgateway/http/web_page.hpp>
#include <pushgateway/http/work_class.hpp>

namespace pushgateway::http {

/// Answers requests from a gateway (`basic_gateway`, or what has its members). The gateway must outlive the router and
/// the streamed responses. Any thread may call any function if any thread may use the gateway and the logger. With
/// `no_page` for `Page` there is no page for people, and nothing of it in the program.
template <class Gateway, class Logger = null_logger, class Page = web_page>
class router {
public:
    explicit router(Gateway& gateway, router_options options = {}, Logger logger = {})
        : gateway_(gateway),
          options_(std::move(options)),
          routes_(options_.telemetry_path, options_.enable_admin_api, options_.route_prefix,
                  options_.own_telemetry_path, Page::exists),
          page_(page_facts_of(options_)),
          cors_(options_.cors_origins),
          logger_(std::move(logger)) {}

    /// Answers one request.
    [[nodiscard]] response operator()(request const& req) {
        auto const begin = std::chrono::steady_clock::now();
        auto out = route(req, begin);
        if (!out.later) log_access(req, out, begin);
        return out;
    }

    /// What kind of work a request makes, its head alone considered. Redirections and refusals take no time, and a push
    /// takes some if it has to be decompressed, or to wait while another one is carried out.
    [[nodiscard]] work_class class_of(request const& req) const {
        std::string_view path = split_target(req.target).path;
        std::string decoded;
        if (path.find('%') != std::string_view::npos) {
            auto result = decode_percent(path);
            if (!result) return work_class::immediate;
            decoded = *std::move(result);
            path = decoded;
        }
        auto const where = routes_.find(routed_method(req), path);
        if (!where) return work_class::immediate;
        bool const waits = *where == endpoint::push && (!req.header("Content-Encoding").empty() || gateway_.occupied());
        if (waits) return work_class::push;
        return http::class_of(*where);
    }

private:
    using time_point = std::chrono::steady_clock::time_point;

    static constexpr std::string_view group_prefix = "/api/v1/groups";

    static std::string_view routed_method(request const& req) noexcept {
        return req.method == "HEAD" ? std::string_view("GET") : req.method;
    }

    response route(request const& req, time_point begin) {
        auto const [raw_path, query] = split_target(req.target);
        if (!raw_path.starts_with('/')) return error_answer(400, "the request target must be a path");
        auto const method = routed_method(req);
        std::string decoded;
        std::string_view path = raw_path;
        if (raw_path.find('%') != std::string_view::npos) {
            auto result = decode_percent(raw_path);
            if (!result) return error_answer(result.error());
            decoded = *std::move(result);
            path = decoded;
        }
        if (!is_clean_path(raw_path)) {
            return moved(req, method, path, outside(encode_unsafe(clean_path(raw_path)), query));
        }
        auto const below = routes_.below_prefix(path);
        if (below == api_prefix) return redirect(307, req.method, outside(encode_path(path) + '/', query));
        if (auto const found = routes_.find(method, path)) {
            if (auto refused = refuse_foreign_page(*found, req)) return *std::move(refused);
            return serve(*found, req, below.value_or(path), query, begin);
        }
        if (method == "GET" || method == "PUT" || method == "POST" || method == "DELETE") {
            if (auto const near = routes_.near(method, path)) {
                return moved(req, method, path, outside(encode_path(*near), query));
            }
        }
        auto const allow = routes_.allowed(path);
        if (allow.empty()) return not_found(req, path, options_.route_prefix);
        if (method != "OPTIONS") return method_not_allowed(req, allow, options_.route_prefix);
        bool const to_push = below && split_push_path(*below);
        auto out = to_push && cors_.is_preflight(req) ? cors_rules::preflight_answer(allow) : response();
        if (to_push) cors_.add_to(out, req);
        out.set("Allow", allow);
        return out;
    }

    /// A redirect after which a client sends its body again: on 301 many drop it, or make the request a GET. None to
    /// another group than the path names.
    response moved(request const& req, std::string_view method, std::string_view path, std::string location) {
        bool const looks = method == "GET";
        if (auto const key = key_part(path, options_.route_prefix + (looks ? "/api/v1/groups" : "/metrics"))) {
            if (auto const safe = check_redirect_of_key(*key); !safe) {
                auto out = error_answer(safe.error());
                if (looks) return counted(request_handler::api_groups, req, with_cors(std::move(out)));
                cors_.add_to(out, req);
                return counted(method == "DELETE" ? request_handler::erase : request_handler::push, req,
                               std::move(out));
            }
        }
        if (!looks && !req.header("Transfer-Encoding").empty()) {
            return error_answer(400, "the path must be " + location +
                                         ": to a redirect, a body in chunks is often not sent again, or sent empty");
        }
        return redirect(looks ? 301 : 307, req.method, std::move(location));
    }

    response serve(endpoint where, request const& req, std::string_view path, std::string_view query,
                   time_point begin) {
        memory::bounded const scope(most_memory(where, options_.limits));
        switch (where) {
            case endpoint::push: return push(req, path, begin);
            case endpoint::erase:
                return changed(request_handler::erase, req, begin, [&](auto& gateway) {
                    return erase_group(gateway, *split_push_path(path), options_.limits);
                });
            case endpoint::telemetry: return scrape(req, query, options_.telemetry_scope);
            case endpoint::own_telemetry: return scrape(req, query, scrape_scope::own);
            case endpoint::healthy:
                return counted(request_handler::healthy, req, ok_or_not(gateway_.healthy(), "not healthy"));
            case endpoint::ready: {
                auto const ready = gateway_.readiness();
                return counted(request_handler::ready, req,
                               ready ? text_answer(200, "OK") : error_answer(ready.error()));
            }
            case endpoint::quit: return quit();
            case endpoint::quit_by_get: {
                auto out = text_answer(405, "Only POST or PUT requests allowed.");
                out.set("Allow", "OPTIONS, POST, PUT");
                return out;
            }
            case endpoint::static_file: return counted(request_handler::static_file, req, page_.file(req, path));
            case endpoint::status_page: return counted(request_handler::status_page, req, page_.front(req));
            case endpoint::api_groups:
                return counted(request_handler::api_groups, req,
                               groups_.answer(gateway_, req, query, permissions_of(req)));
            case endpoint::api_group: {
                auto const as_push = "/metrics" + std::string(path.substr(group_prefix.size()));
                return counted(
                    request_handler::api_groups, req,
                    group_answer(gateway_, req, as_push, query, groups_.tags(), options_.limits.grouping_labels));
            }
            case endpoint::api_options: return counted(request_handler::api_options, req, with_cors({}));
            case endpoint::api_status:
                return counted(request_handler::api_status, req,
                               api_status_answer(options_.flags, gateway_.build(), options_.start_time));
            case endpoint::api_metrics:
                return counted(request_handler::api_metrics, req, api_metrics_answer(gateway_.groups()));
            case endpoint::wipe:
                return changed(request_handler::wipe, req, begin, [](auto& gateway) {
                    gateway.wipe();
                    return response(202, {});
                });
        }
        return not_found();
    }

    response scrape(request const& req, std::string_view query, scrape_scope scope) {
        auto const offer = options_.enable_openmetrics ? openmetrics_offer::on : openmetrics_offer::off;
        return scrape_answer(gateway_, req, query_values(query, "name[]"), offer, scope);
    }

    response push(request const& req, std::string_view path, time_point begin) {
        auto const split = *split_push_path(path);
        if constexpr (keeps_changes<Gateway>) {
            auto later = std::make_shared<later_response>();
            auto const size = approximate_size(req);
            // The request is there until it is answered.
            auto const finish = [this, later, &req, begin, size, at = std::string(path)](push_outcome outcome) {
                give(*later, req, begin, [&] { return pushed(req, at, begin, size, std::move(outcome)); });
            };
            completing_gateway gateway(gateway_, [this, finish](result<> outcome) {
                finish(outcome_of(std::move(outcome), gateway_.checks_consistency()));
            });
            auto outcome = push_body(gateway, req, split, options_.limits);
            if (!gateway.begun()) finish(std::move(outcome));
            return response_of(std::move(later));
        } else {
            return pushed(req, path, begin, approximate_size(req), push_body(gateway_, req, split, options_.limits));
        }
    }

    response pushed(request const& req, std::string_view path, time_point begin, std::size_t size,
                    push_outcome outcome) {
        if (!outcome.failure.message.empty()) {
            if (auto const remark = remark_on_fields(req, outcome.failure); !remark.empty()) {
                outcome.failure = detail::remarked(std::move(outcome.failure), remark);
                outcome.answer = error_answer(outcome.failure);
            }
            auto const key =
                read_grouping_key(*split_push_path(path), options_.limits.grouping_labels, gateway_.names());
            // Whoever looks at the group will want to know why.
            if (key) gateway_.note_failure(*key, outcome.failure);
            log_failure(req, path, outcome.failure);
        }
        cors_.add_to(outcome.answer, req);
        gateway_.count_request(request_handler::push, req.method, outcome.answer.status);
        gateway_.observe_push(req.method, std::chrono::steady_clock::now() - begin, size);
        return std::move(outcome.answer);
    }

    permitted_actions permissions_of(request const& req) const {
        auto may = options_.permitted ? options_.permitted(req) : permitted_actions{.wipe = true};
        may.wipe = may.wipe && options_.enable_admin_api;
        return may;
    }

    static page_facts page_facts_of(router_options const& options) {
        bool const apart = !options.own_telemetry_path.empty();
        bool const shown = apart || options.telemetry_scope != scrape_scope::pushed;
        return {options.telemetry_path,
                !shown  ? ""
                : apart ? options.own_telemetry_path
                        : options.telemetry_path,
                options.external_prefix};
    }

    /// Answers by `change(gateway)`, and if the gateway keeps changes, when it has kept this one.
    template <class Change>
    response changed(request_handler handler, request const& req, time_point begin, Change&& change) {
        if constexpr (keeps_changes<Gateway>) {
            auto later = std::make_shared<later_response>();
            completing_gateway gateway(gateway_, [this, later, &req, begin, handler](result<> outcome) {
                give(*later, req, begin, [&] {
                    return changed(handler, req, outcome ? response(202, {}) : error_answer(outcome.error()));
                });
            });
            auto answer = change(gateway);
            if (!gateway.begun()) return changed(handler, req, std::move(answer));
            return response_of(std::move(later));
        } else {
            return changed(handler, req, change(gateway_));
        }
    }

    /// Gives the response that `make` makes; 500 if it fails, since whoever tells of a change cannot be told of that.
    template <class Make>
    void give(later_response& later, request const& req, time_point begin, Make const& make) noexcept {
        response out;
        try {
            out = make();
            log_access(req, out, begin);
        } catch (...) {
            out = response();
            out.status = 500;
        }
        later.give(std::move(out));
    }

    response changed(request_handler handler, request const& req, response out) {
        if (handler == request_handler::erase) cors_.add_to(out, req);
        return counted(handler, req, std::move(out));
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

    /// Where a client finds a path of this server. `path` is encoded.
    [[nodiscard]] std::string outside(std::string path, std::string_view query) const {
        if (options_.external_prefix) {
            auto const prefix = encode_path(options_.route_prefix);
            bool const below = path.starts_with(prefix) && (path.size() == prefix.size() || path[prefix.size()] == '/');
            if (below) path.replace(0, prefix.size(), encode_path(*options_.external_prefix));
        }
        if (!query.empty()) path += '?' + encode_unsafe(query);
        return path;
    }

    /// The answer to a change that a browser sends for a page of another site; nothing for any other request.
    [[nodiscard]] std::optional<response> refuse_foreign_page(endpoint where, request const& req) {
        auto const handler = changing_handler(where);
        if (!handler) return std::nullopt;
        auto const why = find_foreign_page(req, cors_, options_.external_origin);
        if (!why) return std::nullopt;
        auto out = error_answer(403, *why);
        if (where == endpoint::push || where == endpoint::erase) cors_.add_to(out, req);
        return where == endpoint::quit ? std::move(out) : counted(*handler, req, std::move(out));
    }

    bool debugging() const noexcept {
        if constexpr (requires { logger_.enabled(log_level::debug); }) return logger_.enabled(log_level::debug);
        return false;
    }

    /// Once for every response.
    void log_access(request const& req, response& out, time_point begin) {
        if (!debugging() || std::exchange(out.logged, true)) return;
        auto const duration = std::chrono::steady_clock::now() - begin;
        auto const code = std::to_string(out.status);
        auto const took =
            std::to_string(std::chrono::duration_cast<std::chrono::microseconds>(duration).count()) + "us";
        auto const target = shortened(req.target);
        log_field const fields[] = {
            {"method", req.method}, {"target", target}, {"code", code}, {"duration", took}, {"source", req.remote}};
        logger_.log(log_level::debug, "request", fields);
    }

    // Malformed bodies are an error of their client; a conflict, or a limit that is reached, is one that an operator
    // must know of. Anybody can cause as many as he likes.
    void log_failure(request const& req, std::string_view path, error const& failure) {
        auto const code = failure.code;
        bool const conflict = code == errc::inconsistent;
        bool const matters = conflict || code == errc::too_many || code == errc::unavailable;
        if constexpr (requires { logger_.enabled(log_level::debug); }) {
            if (!matters && !logger_.enabled(log_level::debug)) return;
        }
        auto const dropped = matters ? failures_.admit() : std::optional<std::uint64_t>(0);
        if (!dropped) return;
        auto const count = std::to_string(*dropped);
        auto const key = read_grouping_key(*split_push_path(path), options_.limits.grouping_labels, gateway_.names());
        auto const group = key ? shortened(text_of(*key)) : std::string();
        auto const shown_path = shortened(path);
        std::vector<log_field> fields{{"method", req.method}, {"source", req.remote}, {"path", shown_path}};
        if (key) fields.emplace_back("group", group);
        fields.emplace_back("err", failure.message);
        if (*dropped != 0) fields.emplace_back("dropped", count);
        logger_.log(matters ? log_level::error : log_level::debug,
                    conflict ? "pushed metrics are invalid or inconsistent with existing metrics" : "push refused",
                    fields);
    }

    static std::string text_of(model::grouping_key const& key) {
        std::string out;
        for (auto const& [name, value] : key.pairs()) {
            out += out.empty() ? '{' : ',';
            out += name + '=';
            append_quoted(out, value);
        }
        return out + '}';
    }

    Gateway& gateway_;
    router_options options_;
    routes routes_;
    Page page_;
    groups_api groups_;
    cors_rules cors_;
    throttle failures_{20, std::chrono::seconds(1)};
    Logger logger_;
};

}  // namespace pushgateway::http
