#pragma once

/// \file
/// The server as a program: flags, log, signals around a gateway and its HTTP interface.

#include <chrono>
#include <csignal>
#include <cstdio>
#include <exception>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>
#include <asio/signal_set.hpp>
#include <asio/steady_timer.hpp>
#include <sys/resource.h>

#include <pushgateway/base/error.hpp>
#include <pushgateway/base/names.hpp>
#include <pushgateway/gateway/build_info.hpp>
#include <pushgateway/gateway/gateway.hpp>
#include <pushgateway/http/router.hpp>
#include <pushgateway/http/server.hpp>
#include <pushgateway/server/flags.hpp>
#include <pushgateway/server/log.hpp>
#include <pushgateway/server/settings.hpp>
#include <pushgateway/server/systemd.hpp>
#include <pushgateway/server/version_text.hpp>
#include <pushgateway/store/policies.hpp>

namespace pushgateway::server {

namespace detail {

struct server_policies : default_policies {
    using consistency = selectable;
    using logger = log_writer;
};

using server_gateway = basic_gateway<server_policies>;

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
    out.external_prefix = s.external_prefix;
    out.cors_origins = s.cors_origins;
    out.enable_lifecycle = s.enable_lifecycle;
    out.enable_admin_api = s.enable_admin_api;
    out.flags = told.flags;
    out.limits = s.limits;
    return out;
}

/// Where to listen: the addresses of the flags, or the sockets of systemd.
inline result<http::server_options> serving_of(settings const& s, log_writer const& log) {
    http::server_options out;
    out.listen = s.listen_addresses;
    out.limits = s.limits;
    out.warn = [log](std::string_view what) { log(log_level::warn, what); };
    if (log.enabled(log_level::debug)) {
        out.refused = [log](http::request const& request, int status) {
            log(log_level::debug, "request refused",
                {{"method", request.method},
                 {"target", request.target},
                 {"code", std::to_string(status)},
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

/// What stops the program and what else reaches it from outside: signals, and a watchdog that wants to be fed.
class control {
public:
    explicit control(log_writer const& log)
        : log_(log), stopping_(io_, SIGTERM, SIGINT), rereading_(io_, SIGHUP), feeding_(io_) {
        std::signal(SIGPIPE, SIG_IGN);
    }

    /// Returns when the program is to end. `reread` is called for every SIGHUP.
    void run(std::function<void()> reread) {
        stopping_.async_wait([this](asio::error_code ec, int) {
            if (ec) return;
            log_(log_level::info, "received SIGINT/SIGTERM; exiting gracefully...");
            io_.stop();
        });
        wait_for_hangup(std::move(reread));
        feed_watchdog();
        auto const guard = asio::make_work_guard(io_);
        io_.run();
        // A second signal ends the program at once.
        asio::error_code ignored;
        stopping_.clear(ignored);
    }

    /// Lets `run` return. From any thread.
    void stop() { io_.stop(); }

private:
    void wait_for_hangup(std::function<void()> reread) {
        rereading_.async_wait([this, again = std::move(reread)](asio::error_code ec, int) mutable {
            if (ec) return;
            log_(log_level::info, "received SIGHUP; reading files anew");
            again();
            wait_for_hangup(std::move(again));
        });
    }

    void feed_watchdog() {
        auto const period = watchdog_period();
        if (period.count() == 0) return;
        notify_systemd("WATCHDOG=1");
        feeding_.expires_after(period / 2);
        feeding_.async_wait([this](asio::error_code ec) {
            if (!ec) feed_watchdog();
        });
    }

    log_writer log_;
    asio::io_context io_;
    asio::signal_set stopping_;
    asio::signal_set rereading_;
    asio::steady_timer feeding_;
};

inline int serve(command const& told, build_info const& build) {
    auto const& s = told.settings;
    log_writer log(s.lowest_level, s.format);
    gateway_options options;
    options.build = build;
    options.limits = s.limits;
    if (s.enable_utf8_names) options.names = name_scheme::utf8;
    log(log_level::info, "starting pushgateway",
        {{"version", "(version=" + build.version + ", branch=" + build.branch + ", revision=" + build.revision + ")"}});
    log(log_level::info, "Build context",
        {{"build_context", "(compiler=" + build.goversion + ", platform=" + build.goos + '/' + build.goarch +
                               ", user=" + build.build_user + ", date=" + build.build_date + ", tags=" + build.tags +
                               ")"}});
    log(log_level::debug, "external URL", {{"url", s.external_url}});
    log(log_level::debug, "path prefix used externally", {{"path", s.external_prefix}});
    log(log_level::debug, "path prefix for internal routing", {{"path", s.internal_prefix}});
    server_gateway gateway(options, {}, selectable{!s.disable_consistency_check}, log);

    // Before anything listens: who sees the port open may send a signal.
    control outside(log);
    auto routing = routing_of(told);
    routing.on_quit = [&] {
        log(log_level::warn, "received termination request via web service, exiting gracefully...");
        outside.stop();
    };
    http::router router(gateway, routing, log);

    auto serving = serving_of(s, log);
    if (!serving) {
        log(log_level::error, "cannot listen", {{"err", serving.error().message}});
        return 1;
    }
    http::server server(
        *serving, [&router](http::request const& request) { return router(request); },
        [&router](http::request const& request) { return router.heavy(request); });
    raise_descriptor_limit();
    if (auto started = server.start(); !started) {
        log(log_level::error, "cannot listen", {{"err", started.error().message}});
        return 1;
    }
    for (auto const& address : server.addresses()) {
        log(log_level::info, "Listening on", {{"address", address}});
        log(log_level::info, "TLS is disabled.", {{"http2", "false"}, {"address", address}});
    }
    notify_systemd("READY=1");
    outside.run([] {});
    notify_systemd("STOPPING=1");
    server.stop(s.shutdown_grace);
    server.wait();
    log(log_level::info, "HTTP server stopped");
    return 0;
}

}  // namespace detail

/// The whole program: reads the flags, serves until SIGTERM, SIGINT or a request to quit, and returns the exit status:
/// 0, or 1 for wrong flags and for an address that cannot be listened on.
[[nodiscard]] inline int run(int argc, char const* const* argv, build_info const& build = {}) {
    std::vector<std::string> const arguments(argv + (argc > 0 ? 1 : 0), argv + argc);
    try {
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
