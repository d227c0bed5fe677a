#pragma once

/// \file
/// The flags of the server: those of Prometheus' Pushgateway with their defaults, and those that it does not have.

#include <cstdlib>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <pushgateway/base/error.hpp>
#include <pushgateway/base/logger.hpp>
#include <pushgateway/base/quote.hpp>
#include <pushgateway/http/path.hpp>
#include <pushgateway/http/routes.hpp>
#include <pushgateway/server/flag_help.hpp>
#include <pushgateway/server/flag_kinds.hpp>
#include <pushgateway/server/flag_set.hpp>
#include <pushgateway/server/log.hpp>
#include <pushgateway/server/route_prefix.hpp>
#include <pushgateway/server/settings.hpp>

namespace pushgateway::server {

/// What to do after reading the command line.
struct command {
    server::settings settings;
    std::map<std::string, std::string> flags;  ///< every flag with its value, as the status page and the API show it
    bool version = false;                      ///< print the version and end
    std::string help;                          ///< print this and end, if there is something
};

namespace detail {

inline void add_upstream_flags(flag_set& flags, settings& s) {
    flags.add(on_off_flag("web.systemd-socket", s.systemd_socket,
                          "Use systemd socket activation listeners instead of port listeners (Linux only)."));
    flags.add(repeatable_flag("web.listen-address", s.listen_addresses,
                              "Addresses to listen on, such as :9091, [::1]:9091, unix:/run/pushgateway.sock, "
                              "unix:@name or vsock://:9091. Repeatable."));
    flags.add(text_flag("web.config.file", s.config_file,
                        "Path to a configuration file that can turn on TLS, authentication and roles."));
    flags.add(text_flag("web.telemetry-path", s.telemetry_path, "Path under which to expose metrics."));
    auto url =
        text_flag("web.external-url", s.external_url, "The URL under which the Pushgateway is externally reachable.");
    url.is_text = false;
    flags.add(std::move(url));
    flags.add(
        text_flag("web.route-prefix", s.route_prefix,
                  "Prefix for the internal routes of web endpoints. Defaults to the path of --web.external-url."));
    flags.add(on_off_flag("web.enable-lifecycle", s.enable_lifecycle, "Enable shutdown via HTTP request."));
    flags.add(
        on_off_flag("web.enable-admin-api", s.enable_admin_api, "Enable API endpoints for admin control actions."));
    flags.add(text_flag("persistence.file", s.persistence_file,
                        "File to persist metrics. If empty, metrics are only kept in memory."));
    flags.add(duration_flag("persistence.interval", s.persistence_interval,
                            "With --persistence.sync=interval, the longest time until a push is safe on disk."));
    flags.add(on_off_flag("push.disable-consistency-check", s.disable_consistency_check,
                          "Do not check consistency of pushed metrics. What clashes is left out of the exposition."));
    flags.add(on_off_flag("push.enable-utf8-names", s.enable_utf8_names,
                          "Allow UTF-8 characters in metric and label names."));
    auto level = choice_flag<log_level>("log.level", s.lowest_level,
                                        {{"debug", log_level::debug},
                                         {"info", log_level::info},
                                         {"warn", log_level::warn},
                                         {"error", log_level::error}},
                                        "log level",
                                        "Only log messages with the given severity or above. One of: [debug, info, "
                                        "warn, error]");
    level.set = [exact = std::move(level.set)](std::string_view text) {
        std::string lower(text);
        for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
        return exact(lower);
    };
    flags.add(std::move(level));
    flags.add(choice_flag<log_format>("log.format", s.format,
                                      {{"logfmt", log_format::logfmt}, {"json", log_format::json}}, "log format",
                                      "Output format of log messages. One of: [logfmt, json]"));
}

inline void add_own_flags(flag_set& flags, settings& s) {
    flags.add(choice_flag<persistence_sync>("persistence.sync", s.persistence_sync,
                                            {{"always", persistence_sync::always},
                                             {"interval", persistence_sync::interval},
                                             {"off", persistence_sync::off}},
                                            "persistence sync",
                                            "When a push is answered: always: once it is safe on disk; interval, off: "
                                            "once the operating system has it. One of: [always, interval, off]"));
    flags.add(choice_flag<on_corruption>(
        "persistence.on-corruption", s.persistence_on_corruption,
        {{"fail", on_corruption::fail}, {"quarantine", on_corruption::quarantine}}, "reaction to corruption",
        "What a damaged persistence file leads to: fail: the program ends; quarantine: "
        "the file is put aside and the program starts empty. One of: [fail, "
        "quarantine]"));
    flags.add(on_off_flag("push.lenient", s.lenient,
                          "Take text with CR LF, without a newline at the very end, with a byte order mark, with "
                          "several HELP or TYPE lines for one name."));
    flags.add(on_off_flag("push.ignore-stray-samples", s.ignore_stray_samples,
                          "Drop samples that are no part of their summary or histogram, as the Go Pushgateway does, "
                          "instead of refusing the push."));
    flags.add(
        on_off_flag("web.enable-openmetrics", s.enable_openmetrics,
                    "Offer OpenMetrics to scrapers. Counters whose names do not end in _total have no type there."));
    flags.add(
        on_off_flag("web.openmetrics-created", s.openmetrics_created,
                    "Show in OpenMetrics since when counters, histograms and summaries count, as series _created."));
    flags.add(choice_flag<timestamp_policy>(
        "push.timestamps", s.timestamps,
        {{"reject", timestamp_policy::reject}, {"drop", timestamp_policy::drop}, {"keep", timestamp_policy::keep}},
        "timestamp policy",
        "What becomes of pushed series with a timestamp: reject: the push is "
        "refused; drop: the timestamp is left out; keep: it is shown. One of: "
        "[reject, drop, keep]"));
    flags.add(repeatable_flag("web.cors-origin", s.cors_origins,
                              "Origin whose web pages may push and delete, such as https://jobs.example, or * for any. "
                              "Repeatable."));
    flags.add(
        count_flag("web.threads", s.threads,
                   "Threads that serve connections, 1 to 1024, and as many again for what takes long; 0 for as many "
                   "as there are processors, or as the control group's quota of them allows."));
    flags.add(on_off_flag("web.own-metrics", s.own_metrics, "Expose the metrics of the gateway itself."));
    flags.add(text_flag("web.own-metrics-path", s.own_metrics_path,
                        "Path under which to expose the metrics of the gateway itself. If empty, they are exposed with "
                        "the pushed ones."));
    flags.add(duration_flag("web.shutdown-grace", s.shutdown_grace,
                            "Time for requests under way to finish when the gateway is stopped."));
}

inline void add_limits(flag_set& flags, settings& s) {
    auto& l = s.limits;
    flags.add(size_flag("limit.request-line", l.request_line, "Largest request line."));
    flags.add(size_flag("limit.header", l.header, "Largest request head."));
    flags.add(count_flag("limit.header-fields", l.header_fields, "Most header fields of a request."));
    flags.add(size_flag("limit.body", l.body, "Largest request body as it is sent."));
    flags.add(size_flag("limit.decoded-body", l.decoded_body, "Largest request body after decompression."));
    flags.add(
        count_flag("limit.decoded-ratio", l.decoded_ratio,
                   "How many times its size a request body of more than a megabyte may unfold to, 0 for any number "
                   "of times."));
    flags.add(count_flag("limit.families-per-push", l.families_per_push, "Most families of a push."));
    flags.add(count_flag("limit.series-per-push", l.series_per_push, "Most sample lines of a push."));
    flags.add(count_flag("limit.labels-per-series", l.labels_per_sample, "Most labels of a pushed series."));
    flags.add(count_flag("limit.grouping-labels", l.grouping_labels, "Most labels of a grouping key."));
    flags.add(count_flag("limit.groups", l.groups, "Most groups held at a time, 0 for any number."));
    flags.add(count_flag("limit.series", l.series, "Most sample lines held at a time, 0 for any number."));
    flags.add(count_flag("limit.connections", l.connections,
                         "Most connections at a time, 0 for as many as file descriptors allow."));
    flags.add(size_flag("limit.bodies-in-flight", l.bodies_in_flight,
                        "Most that request bodies may take of the memory together, 0 for any size."));
    flags.add(size_flag("limit.heads-in-flight", l.heads_in_flight,
                        "Most that request heads that wait for their rest may take of the memory together, 0 for any "
                        "size."));
    flags.add(count_flag("limit.queued-scrapes", l.queued_scrapes, "Most scrapes that wait, 0 for any number."));
    flags.add(count_flag("limit.queued-pushes", l.queued_pushes,
                         "Most pushes that are large or compressed, deletions and wipes that wait, 0 for any number."));
    flags.add(count_flag("limit.queued-lists", l.queued_lists,
                         "Most lists of groups and the like that wait, 0 for any number."));
    auto memory = size_flag("limit.memory", l.memory,
                            "Most that the process may take of the memory: a size, 0 for any, or auto for what the "
                            "control group allows less a reserve, or half of the machine.");
    memory.set = [&s, size = std::move(memory.set)](std::string_view text) -> result<> {
        s.memory_by_system = text == "auto";
        return s.memory_by_system ? result<>() : size(text);
    };
    memory.show = [&s, size = std::move(memory.show)] { return s.memory_by_system ? "auto" : size(); };
    flags.add(std::move(memory));
    flags.add(duration_flag("timeout.header", l.header_timeout, "Longest time for a request head to arrive."));
    flags.add(duration_flag("timeout.progress", l.progress_timeout,
                            "Longest time for the next kilobyte of a body to arrive or of a response to be taken."));
    flags.add(duration_flag("timeout.idle", l.idle_timeout, "Longest pause between two requests of a connection."));
}

/// A path of an exposition, cleaned. Fails with errc::invalid if it is none or leads elsewhere.
inline result<std::string> exposition_path(std::string_view flag_name, std::string_view path) {
    if (!path.starts_with('/')) {
        return fail(errc::invalid, "--" + std::string(flag_name) + " must begin with a slash, as in /metrics, not be " +
                                       in_quotes(path));
    }
    if (auto plain = without_url_syntax(flag_name, path); !plain) return std::unexpected(std::move(plain.error()));
    auto cleaned = http::clean_path(path);
    http::routes const taken({}, false);
    if (taken.find("GET", cleaned) || taken.find("PUT", cleaned) || http::routes::is_api(cleaned)) {
        return fail(errc::invalid,
                    "--" + std::string(flag_name) + ' ' + in_quotes(cleaned) + " is taken by something else");
    }
    return cleaned;
}

/// What depends on several flags, or on more than their form.
inline result<> complete(settings& s) {
    if (s.threads > most_threads) {
        return fail(errc::invalid, "--web.threads " + std::to_string(s.threads) + " is too many: it takes 1 to " +
                                       std::to_string(most_threads) + ", or 0 for as many as there are processors");
    }
    constexpr std::size_t least_memory = std::size_t{8} << 20;
    if (s.limits.memory != 0 && s.limits.memory < least_memory) {
        return fail(errc::invalid, "--limit.memory " + std::to_string(s.limits.memory) +
                                       " is in bytes and too little for anything: it takes 8MiB or more, as in 128MiB");
    }
    auto telemetry = exposition_path("web.telemetry-path", s.telemetry_path);
    if (!telemetry) return std::unexpected(std::move(telemetry.error()));
    s.telemetry_path = *std::move(telemetry);
    if (!s.own_metrics_path.empty()) {
        auto own = exposition_path("web.own-metrics-path", s.own_metrics_path);
        if (!own) return std::unexpected(std::move(own.error()));
        s.own_metrics_path = *std::move(own);
        if (s.own_metrics_path == s.telemetry_path) s.own_metrics_path.clear();
    }
    auto const external = path_of_url(s.external_url);
    if (!external) return std::unexpected(external.error());
    s.external_prefix = normalized_prefix(*external);
    auto internal = s.route_prefix.empty() ? s.external_prefix : prefix_of_routes(s.route_prefix);
    if (!internal) return std::unexpected(std::move(internal.error()));
    s.internal_prefix = *std::move(internal);
    s.external_origin = origin_of_url(s.external_url);
    for (auto const& origin : s.cors_origins) {
        bool const fits = origin == "*" || (origin.find("://") != std::string::npos && !origin.ends_with('/') &&
                                            origin.find_first_of(" ,\t\"") == std::string::npos);
        if (!fits) {
            return fail(errc::invalid, "--web.cors-origin " + in_quotes(origin) +
                                           " is no origin, such as https://jobs.example, and not *");
        }
    }
    return {};
}

inline std::optional<std::string> system_environment(std::string const& name) {
    char const* const value = std::getenv(name.c_str());
    if (value == nullptr) return std::nullopt;
    return value;
}

}  // namespace detail

/// Reads the environment and the arguments, without the name of the program. Fails with errc::invalid and a sentence
/// for what is unknown, repeated, incomplete or wrong.
[[nodiscard]] inline result<command> parse_flags(std::vector<std::string> const& arguments,
                                                 flag_set::environment const& variables = detail::system_environment) {
    command out;
    flag_set flags;
    detail::add_upstream_flags(flags, out.settings);
    detail::add_own_flags(flags, out.settings);
    detail::add_limits(flags, out.settings);
    auto help = help_text("pushgateway", "The Pushgateway", flags);
    auto const asked = flags.parse(arguments, variables);
    if (!asked) return std::unexpected(asked.error());
    if (*asked == request_to_show::help) out.help = std::move(help);
    out.version = *asked == request_to_show::version;
    if (auto completed = detail::complete(out.settings); !completed) {
        return std::unexpected(std::move(completed.error()));
    }
    out.flags = flags.texts();
    return out;
}

}  // namespace pushgateway::server
