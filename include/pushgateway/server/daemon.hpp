#pragma once

/// \file
/// The server as a program: flags, log, signals around a gateway and its HTTP interface.

#include <chrono>
#include <csignal>
#include <cstdio>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <asio/signal_set.hpp>
#include <sys/resource.h>

#include <pushgateway/base/error.hpp>
#include <pushgateway/gateway/build_info.hpp>
#include <pushgateway/gateway/gateway.hpp>
#include <pushgateway/http/listen_address.hpp>
#include <pushgateway/http/router.hpp>
#include <pushgateway/http/server.hpp>
#include <pushgateway/server/flags.hpp>
#include <pushgateway/server/log.hpp>
#include <pushgateway/store/policies.hpp>

namespace pushgateway::server {

/// What `--version` prints.
[[nodiscard]] inline std::string version_text(build_info const& build) {
    return "pushgateway, version " + build.version + " (branch: " + build.branch + ", revision: " + build.revision +
           ")\n  build user:       " + build.build_user + "\n  build date:       " + build.build_date +
           "\n  compiler:         " + build.goversion + "\n  platform:         " + build.goos + '/' + build.goarch +
           "\n  tags:             " + build.tags + '\n';
}

namespace detail {

struct server_policies : default_policies {
    using consistency = selectable;
    using logger = log_writer;
};

/// How long requests in flight may take after the request to stop.
inline constexpr std::chrono::seconds grace{25};

/// Every connection is a file descriptor: take as many as the system administrator allows.
inline void raise_descriptor_limit() noexcept {
    rlimit now{};
    if (::getrlimit(RLIMIT_NOFILE, &now) != 0 || now.rlim_cur == now.rlim_max) return;
    now.rlim_cur = now.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &now);
}

/// The address that is listened on, with the port that was chosen for 0.
inline std::string bound_address(std::string const& asked, std::uint16_t port) {
    auto const parts = http::parse_listen_address(asked);
    std::string const host = !parts || parts->host.empty() ? "::" : parts->host;
    return (host.find(':') == std::string::npos ? host : '[' + host + ']') + ':' + std::to_string(port);
}

inline int serve(flags const& flags) {
    log_writer log(flags.lowest_level, flags.format);
    gateway_options options;
    auto const& build = options.build;
    log(log_level::info, "starting pushgateway",
        {{"version", "(version=" + build.version + ", branch=" + build.branch + ", revision=" + build.revision + ")"}});
    basic_gateway<server_policies> gateway(options, {}, selectable{!flags.disable_consistency_check}, log);

    asio::io_context control;
    // Before anything listens: who sees the port open may send a signal.
    asio::signal_set signals(control, SIGTERM, SIGINT);
    std::signal(SIGPIPE, SIG_IGN);
    signals.async_wait([&](asio::error_code ec, int) {
        if (ec) return;
        log(log_level::info, "received SIGINT/SIGTERM; exiting gracefully...");
        control.stop();
    });

    http::router_options routing;
    routing.telemetry_path = flags.telemetry_path;
    routing.enable_lifecycle = flags.enable_lifecycle;
    routing.enable_admin_api = flags.enable_admin_api;
    routing.flags = flags.texts();
    routing.on_quit = [&] {
        log(log_level::warn, "received termination request via web service, exiting gracefully...");
        control.stop();
    };
    http::router router(gateway, routing, log);

    http::server_options serving;
    serving.listen = flags.listen_addresses;
    serving.warn = [&log](std::string_view what) { log(log_level::warn, what); };
    http::server server(
        serving, [&router](http::request const& request) { return router(request); },
        [&router](http::request const& request) { return router.heavy(request); });
    raise_descriptor_limit();
    if (auto started = server.start(); !started) {
        log(log_level::error, "cannot listen", {{"err", started.error().message}});
        return 1;
    }
    for (std::size_t i = 0; i != server.ports().size(); ++i) {
        log(log_level::info, "Listening on", {{"address", bound_address(serving.listen[i], server.ports()[i])}});
    }
    control.run();
    // A second signal ends the program at once.
    signals.clear();
    server.stop(grace);
    server.wait();
    log(log_level::info, "HTTP server stopped");
    return 0;
}

}  // namespace detail

/// The whole program: reads the flags, serves until SIGTERM, SIGINT or a request to quit, and returns the exit status:
/// 0, or 1 for wrong flags and for an address that cannot be listened on.
[[nodiscard]] inline int run(int argc, char const* const* argv) {
    std::vector<std::string> const arguments(argv + (argc > 0 ? 1 : 0), argv + argc);
    try {
        auto const command = parse_flags(arguments);
        if (!command) {
            std::fprintf(stderr, "pushgateway: error: %s, try --help\n", command.error().message.c_str());
            return 1;
        }
        if (!command->help.empty() || command->version) {
            auto const& text = command->version ? version_text({}) : command->help;
            return std::fputs(text.c_str(), stdout) < 0 ? 1 : 0;
        }
        return detail::serve(command->flags);
    } catch (std::exception const& e) {
        std::fprintf(stderr, "pushgateway: error: %s\n", e.what());
        return 1;
    }
}

}  // namespace pushgateway::server
