#pragma once

/// \file
/// The flags of the server, in the manner of Prometheus' own programs: `--name=value`, `--name value`, `--no-name` for
/// what is on or off, `@file` for a file with one argument on each line.

#include <algorithm>
#include <fstream>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <pushgateway/base/error.hpp>
#include <pushgateway/base/logger.hpp>
#include <pushgateway/base/quote.hpp>
#include <pushgateway/http/path.hpp>
#include <pushgateway/http/routes.hpp>
#include <pushgateway/server/log.hpp>

namespace pushgateway::server {

/// What the command line says.
struct flags {
    std::vector<std::string> listen_addresses{":9091"};
    std::string telemetry_path = "/metrics";
    bool enable_lifecycle = false;
    bool enable_admin_api = false;
    bool disable_consistency_check = false;
    log_level lowest_level = log_level::info;
    log_format format = log_format::logfmt;

    /// Every flag by its name, as the status page and the API show it.
    [[nodiscard]] std::map<std::string, std::string> texts() const {
        auto const yes_no = [](bool on) { return std::string(on ? "true" : "false"); };
        std::string addresses;
        for (auto const& address : listen_addresses) addresses += (addresses.empty() ? "" : ",") + address;
        return {{"log.format", format == log_format::json ? "json" : "logfmt"},
                {"log.level", std::string(name_of(lowest_level))},
                {"push.disable-consistency-check", yes_no(disable_consistency_check)},
                {"web.enable-admin-api", yes_no(enable_admin_api)},
                {"web.enable-lifecycle", yes_no(enable_lifecycle)},
                {"web.listen-address", addresses},
                {"web.telemetry-path", telemetry_path}};
    }
};

/// What to do after reading the command line.
struct command {
    server::flags flags;
    bool version = false;  ///< print the version and end
    std::string help;      ///< print this and end, if there is something
};

namespace detail {

inline result<std::vector<std::string>> expand_files(std::vector<std::string> const& arguments) {
    std::vector<std::string> out;
    for (auto const& argument : arguments) {
        if (!argument.starts_with('@')) {
            out.push_back(argument);
            continue;
        }
        std::ifstream file(argument.substr(1));
        if (!file) return fail(errc::invalid, "cannot read the arguments file " + in_quotes(argument.substr(1)));
        for (std::string line; std::getline(file, line);) {
            if (line.find_first_not_of(" \t\r") != std::string::npos && line.front() != '#') out.push_back(line);
        }
    }
    return out;
}

inline result<> check_telemetry_path(std::string& path) {
    if (!path.starts_with('/')) return fail(errc::invalid, "--web.telemetry-path must begin with a slash");
    path = http::clean_path(path);
    if (http::routes({}, false).find("GET", path) || http::routes::is_api(path)) {
        return fail(errc::invalid, "--web.telemetry-path " + in_quotes(path) + " is taken by something else");
    }
    return {};
}

inline error unknown_argument(std::string argument) {
    argument = argument.substr(0, argument.starts_with("--") ? argument.find('=') : std::string::npos);
    std::string const kind = argument.starts_with("--")  ? "unknown long flag '"
                             : argument.starts_with('-') ? "unknown short flag '"
                                                         : "unexpected '";
    return {errc::invalid, kind + argument + "'", 0, 0, argument};
}

}  // namespace detail

/// Reads the arguments, without the name of the program. Fails with errc::invalid and a sentence for what is unknown,
/// repeated, incomplete or wrong.
[[nodiscard]] inline result<command> parse_flags(std::vector<std::string> const& arguments) {
    auto expanded = detail::expand_files(arguments);
    if (!expanded) return std::unexpected(std::move(expanded.error()));
    command out;
    std::string level = "info";
    std::string format = "logfmt";
    CLI::App app("Takes pushed metrics, keeps them, and shows them to Prometheus.", "pushgateway");
    app.allow_extras();
    app.set_help_flag("-h,--help", "Show this help and end.");
    app.get_formatter()->column_width(44);
    auto const text = [&](char const* name, auto& value, char const* help) {
        return app.add_option(name, value, help)->capture_default_str();
    };
    auto const on_off = [&](std::string const& name, bool& value, char const* help) {
        app.add_flag("--" + name + ",!--no-" + name, value, help)->disable_flag_override();
    };
    text("--web.listen-address", out.flags.listen_addresses,
         "Address to listen on, such as :9091 or [::1]:9091. Repeatable.")
        ->type_name("ADDRESS")
        ->expected(1)
        ->allow_extra_args(false)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    text("--web.telemetry-path", out.flags.telemetry_path, "Path under which to expose metrics.")->type_name("PATH");
    on_off("web.enable-lifecycle", out.flags.enable_lifecycle, "Let PUT /-/quit end the program.");
    on_off("web.enable-admin-api", out.flags.enable_admin_api, "Let PUT /api/v1/admin/wipe drop all groups.");
    on_off("push.disable-consistency-check", out.flags.disable_consistency_check,
           "Take pushes without a check. What clashes is left out of the exposition.");
    text("--log.level", level, "Log messages of this level or above: debug, info, warn, error.")->type_name("LEVEL");
    text("--log.format", format, "Form of the log: logfmt, json.")->type_name("FORMAT");
    app.add_flag("--version", out.version, "Show the version and end.")->disable_flag_override();

    std::ranges::reverse(*expanded);
    try {
        app.parse(*std::move(expanded));
    } catch (CLI::CallForHelp const&) {
        out.help = app.help();
        return out;
    } catch (CLI::ParseError const& e) {
        return fail(errc::invalid, e.what());
    }
    if (auto const unknown = app.remaining(); !unknown.empty()) {
        return std::unexpected(detail::unknown_argument(unknown.front()));
    }
    for (auto const* option : app.get_options()) {
        if (option->count() > 1 && option->get_name() != "--web.listen-address") {
            return fail(errc::invalid, "flag '" + option->get_name() + "' cannot be repeated");
        }
    }
    std::ranges::transform(level, level.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    for (auto const known : {log_level::debug, log_level::info, log_level::warn, log_level::error}) {
        if (level == name_of(known)) {
            out.flags.lowest_level = known;
            level.clear();
        }
    }
    if (!level.empty()) return fail(errc::invalid, "unrecognized log level " + in_quotes(level));
    if (format != "logfmt" && format != "json")
        return fail(errc::invalid, "unrecognized log format " + in_quotes(format));
    out.flags.format = format == "json" ? log_format::json : log_format::logfmt;
    if (auto checked = detail::check_telemetry_path(out.flags.telemetry_path); !checked) {
        return std::unexpected(std::move(checked.error()));
    }
    return out;
}

}  // namespace pushgateway::server
