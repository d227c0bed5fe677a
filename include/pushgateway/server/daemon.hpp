#pragma once

/// \file
/// The server as a program: flags, log, signals around a gateway and its HTTP interface.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <sys/resource.h>

#include <pushgateway/base/error.hpp>
#include <pushgateway/base/names.hpp>
#include <pushgateway/base/occasional.hpp>
#include <pushgateway/base/quote.hpp>
#include <pushgateway/gateway/build_info.hpp>
#include <pushgateway/gateway/gateway.hpp>
#include <pushgateway/http/auth/access_gate.hpp>
#include <pushgateway/http/auth/request_classifier.hpp>
#include <pushgateway/http/cors.hpp>
#include <pushgateway/http/groups_api.hpp>
#include <pushgateway/http/router.hpp>
#include <pushgateway/http/server.hpp>
#include <pushgateway/http/tls/transport.hpp>
#include <pushgateway/server/control.hpp>
#include <pushgateway/server/flags.hpp>
#include <pushgateway/server/freed_memory.hpp>
#include <pushgateway/server/group_commands.hpp>
#include <pushgateway/server/healthcheck.hpp>
#include <pushgateway/server/held_signals.hpp>
#include <pushgateway/server/log.hpp>
#include <pushgateway/server/memory_limit.hpp>
#include <pushgateway/server/memory_watch.hpp>
#include <pushgateway/server/persistence.hpp>
#include <pushgateway/server/processors.hpp>
#include <pushgateway/server/settings.hpp>
#include <pushgateway/server/systemd.hpp>
#include <pushgateway/server/version_text.hpp>
#include <pushgateway/server/web_access.hpp>
#include <pushgateway/store/policies.hpp>

namespace pushgateway::server {

namespace detail {

struct server_policies : default_policies {
    using consistency = selectable;
    using logger = log_writer;
};

/// With `--persistence.file`.
struct kept_policies : server_policies {
    using journal = persistence::journal_type;
};

/// Every connection is a file descriptor: take as many as the system administrator allows.
inline void raise_descriptor_limit() noexcept {
    rlimit now{};
    if (::getrlimit(RLIMIT_NOFILE, &now) != 0 || now.rlim_cur == now.rlim_max) return;
    now.rlim_cur = now.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &now);
}

inline http::router_options routing_of(command const& told) {
    auto const& s = told.settings;
    http::router_options out;
    out.telemetry_path = s.telemetry_path;
    bool const apart = !s.own_metrics || !s.own_metrics_path.empty();
    out.telemetry_scope = apart ? scrape_scope::pushed : scrape_scope::everything;
    if (s.own_metrics) out.own_telemetry_path = s.own_metrics_path;
    out.route_prefix = s.internal_prefix;
    // A URL that says nothing of prefixes leaves the links relative.
    bool const prefixed = !s.external_prefix.empty() || !s.internal_prefix.empty();
    if (!s.external_url.empty() && prefixed) out.external_prefix = s.external_prefix;
    out.external_origin = s.external_origin;
    out.cors_origins = s.cors_origins;
    out.enable_lifecycle = s.enable_lifecycle;
    out.enable_admin_api = s.enable_admin_api;
    out.enable_openmetrics = s.enable_openmetrics;
    out.flags = told.flags;
    out.limits = s.limits;
    return out;
}

/// Where to listen: the addresses of the flags, or the sockets of systemd.
inline result<http::server_options> serving_of(settings const& s, log_writer const& log) {
    http::server_options out;
    out.listen = s.listen_addresses;
    out.threads = s.threads != 0 ? s.threads : available_processors();
    out.worker_threads = out.threads;
    out.limits = s.limits;
    out.warn = [log](std::string_view what) { log(log_level::warn, what); };
    if (log.enabled(log_level::debug)) {
        out.refused = [log](http::request const& request, int status, std::string_view why) {
            log(log_level::debug, "request refused",
                {{"method", request.method},
                 {"target", shortened(request.target)},
                 {"code", std::to_string(status)},
                 {"err", why},
                 {"source", request.remote}});
        };
    }
    if (s.systemd_socket) {
        log(log_level::info, "Listening on systemd activated listeners instead of port listeners.");
        auto sockets = inherited_sockets();
        if (!sockets) return std::unexpected(std::move(sockets.error()));
        out.listen.clear();
        out.listening_descriptors = *std::move(sockets);
    }
    return out;
}

/// The web configuration file; nothing if there is none.
inline result<std::optional<web_access>> access_of(settings const& s, http::router_options const& routing,
                                                   log_writer const& log) {
    if (s.config_file.empty()) return std::nullopt;
    http::known_paths paths{routing.telemetry_path, routing.own_telemetry_path, routing.route_prefix};
    // A browser asks without credentials whether it may send them.
    auto preflight = [cors = http::cors_rules(s.cors_origins)](http::request const& r) { return cors.is_preflight(r); };
    auto opened = web_access::open(s.config_file, std::move(paths), log, std::move(preflight));
    if (!opened) return std::unexpected(std::move(opened.error()));
    return *std::move(opened);
}

/// TLS by what the web configuration file says at each moment. Fails if a handshake could not be served now.
inline result<std::shared_ptr<http::tls_transport>> tls_of(web_access const& access) {
    auto out = std::make_shared<http::tls_transport>(access.tls_settings());
    if (auto usable = out->check(); !usable) return std::unexpected(std::move(usable.error()));
    return out;
}

/// What the page offers to a client: what the gate would let it do.
inline std::function<http::permitted_actions(http::request const&)> permissions_by(
    std::shared_ptr<http::access_gate> gate) {
    return [gate = std::move(gate)](http::request const& head) {
        auto const may = gate->permissions_of(head);
        return http::permitted_actions{may.push, may.push, may.admin};
    };
}

/// Serves until something from outside ends it. `kept`: where the gateway's groups come from, or nullptr.
template <class Gateway>
int serve_from(Gateway& gateway, command const& told, log_writer const& log, persistence* kept) {
    auto const& s = told.settings;
    // Before anything listens: who sees the port open may send a signal.
    control outside(log);
    auto routing = routing_of(told);
    routing.on_quit = [&] {
        log(log_level::warn, "received termination request via web service, exiting gracefully...");
        outside.stop();
    };
    auto const cannot = [&log](std::string_view what, error const& why) {
        log(log_level::error, what, {{"err", why.message}});
        return 1;
    };
    auto serving = serving_of(s, log);
    if (!serving) return cannot("cannot listen", serving.error());
    serving->usage = gateway.usage();
    auto const access = access_of(s, routing, log);
    if (!access) return cannot("cannot use the web configuration", access.error());
    if (*access) routing.permitted = permissions_by((*access)->gate());
    http::router router(gateway, routing, log);
    bool const encrypted = *access && (*access)->at_start().tls;
    if (*access) serving->gate = (*access)->gate();
    if (encrypted) {
        auto tls = tls_of(**access);
        if (!tls) return cannot("cannot use the web configuration", tls.error());
        serving->transport = *std::move(tls);
    }
    http::server server(
        *serving, [&router](http::request const& request) { return router(request); },
        [&router](http::request const& request) { return router.class_of(request); });
    raise_descriptor_limit();
    occasional too_much(std::chrono::minutes(1));
    memory_watch::relief relief;
    relief.drop_texts = [&gateway] { gateway.drop_texts(); };
    relief.cut_oldest_answer = [&server] { server.cut_oldest_answer(); };
    relief.warn = [&](std::uint64_t taken) {
        if (!too_much.admit()) return;
        log(log_level::warn, "more memory is taken than the limit",
            {{"bytes", std::to_string(taken)}, {"limit", std::to_string(routing.limits.memory)}});
    };
    if (auto started = server.start(); !started) return cannot("cannot listen", started.error());
    for (auto const& address : server.addresses()) {
        log(log_level::info, "Listening on", {{"address", address}});
        log(log_level::info, encrypted ? "TLS is enabled." : "TLS is disabled.",
            {{"http2", "false"}, {"address", address}});
    }
    if constexpr (Gateway::keeps) kept->begin(gateway, [&outside] { outside.stop(); });
    restoration const ended_first(kept);
    memory_watch const watch(routing.limits.memory, std::move(relief));
    notify_systemd("READY=1");
    outside.run([&access, &log] {
        // What is wrong with the file, the log is told by the file.
        if (*access && (*access)->reload()) log(log_level::info, "read the web configuration anew");
    });
    notify_systemd("STOPPING=1");
    server.stop(s.shutdown_grace);
    server.wait();
    if (kept != nullptr && kept->failed()) return 1;
    log(log_level::info, "HTTP server stopped");
    return 0;
}

/// Sets the limit of the memory if nobody has said it, and prepares the allocator for it.
inline void settle_memory(settings& s, log_writer const& log) {
    if (s.memory_by_system) {
        auto const [bytes, source] = default_memory_limit();
        s.limits.memory = bytes;
        log(log_level::info, "limit of the memory",
            {{"bytes", std::to_string(bytes)}, {"source", std::string(source)}});
    }
    constexpr std::size_t small = std::size_t{1} << 30;
    if (s.limits.memory != 0 && s.limits.memory < small) {
        give_back_large_blocks();
    } else if (!s.persistence_file.empty()) {
        keep_freed_memory();
    }
}

inline int serve(command told, build_info const& build) {
    auto& s = told.settings;
    log_writer log(s.lowest_level, s.format);
    settle_memory(s, log);
    gateway_options options;
    options.build = build;
    options.limits = s.limits;
    if (s.enable_utf8_names) options.names = name_scheme::utf8;
    options.lenient = s.lenient;
    options.ignore_stray_samples = s.ignore_stray_samples;
    options.own_names_reserved = s.own_metrics && s.own_metrics_path.empty();
    options.created_samples = s.openmetrics_created;
    options.timestamps = s.timestamps;
    log(log_level::info, "starting pushgateway",
        {{"version", "(version=" + build.version + ", branch=" + build.branch + ", revision=" + build.revision + ")"}});
    log(log_level::info, "Build context",
        {{"build_context", "(compiler=" + build.goversion + ", platform=" + build.goos + '/' + build.goarch +
                               ", user=" + build.build_user + ", date=" + build.build_date + ", tags=" + build.tags +
                               ")"}});
    if (s.openmetrics_created && !s.enable_openmetrics) {
        log(log_level::warn, "--web.openmetrics-created has no effect without --web.enable-openmetrics");
    }
    log(log_level::debug, "external URL", {{"url", s.external_url}});
    log(log_level::debug, "path prefix used externally", {{"path", s.external_prefix}});
    log(log_level::debug, "path prefix for internal routing", {{"path", s.internal_prefix}});
    selectable const consistency{!s.disable_consistency_check};
    if (s.persistence_file.empty()) {
        basic_gateway<server_policies> gateway(options, {}, consistency, log);
        return serve_from(gateway, told, log, nullptr);
    }
    auto kept = persistence::claim(s, log);
    if (!kept) {
        log(log_level::error, "cannot use the persistence file", {{"err", kept.error().message}});
        return 1;
    }
    basic_gateway<kept_policies> gateway(options, {}, consistency, log, (*kept)->journal());
    return serve_from(gateway, told, log, kept->get());
}

}  // namespace detail

/// The whole program: reads the flags, serves until SIGTERM, SIGINT or a request to quit, and returns the exit status:
/// 0, or 1 for wrong flags and for an address that cannot be listened on. With `healthcheck` for its first argument it
/// asks a running gateway instead.
[[nodiscard]] inline int run(int argc, char const* const* argv, build_info const& build = {}) {
    held_signals const held;
    std::vector<std::string> const arguments(argv + (argc > 0 ? 1 : 0), argv + argc);
    try {
        // A command that is no server may be ended at any time.
        bool const server = arguments.empty() || arguments.front().find_first_of("-@") == 0;
        if (!server) held_signals::release();
        if (!arguments.empty() && arguments.front() == "healthcheck") {
            return healthcheck({arguments.begin() + 1, arguments.end()});
        }
        if (auto const status = run_group_command(arguments)) return *status;
        auto const told = parse_flags(arguments);
        if (!told) {
            std::fprintf(stderr, "pushgateway: error: %s, try --help\n", told.error().message.c_str());
            return 1;
        }
        if (!told->help.empty() || told->version) {
            auto const& text = told->version ? version_text(build) : told->help;
            return std::fputs(text.c_str(), stdout) < 0 ? 1 : 0;
        }
        return detail::serve(*told, build);
    } catch (std::exception const& e) {
        std::fprintf(stderr, "pushgateway: error: %s\n", e.what());
        return 1;
    }
}

}  // namespace pushgateway::server
