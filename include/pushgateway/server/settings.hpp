#pragma once

/// \file
/// What the server is told by its flags.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <pushgateway/base/limits.hpp>
#include <pushgateway/base/logger.hpp>
#include <pushgateway/gateway/timestamp_policy.hpp>
#include <pushgateway/server/log.hpp>

namespace pushgateway::server {

/// When a push is answered, measured by what is on disk.
enum class persistence_sync : std::uint8_t {
    always,    ///< once it is safe
    interval,  ///< once the operating system has it; it is safe after `persistence_interval` at the latest
    off,       ///< once the operating system has it
};

/// What to do with a damaged persistence file.
enum class on_corruption : std::uint8_t {
    fail,        ///< do not start
    quarantine,  ///< put it aside and begin with nothing
};

/// Most threads that may serve connections: the mask of processors in Linux has no more.
inline constexpr std::size_t most_threads = 1024;

/// The settings, with the defaults of the flags. See `flags.hpp` for what each means.
struct settings {
    std::vector<std::string> listen_addresses{":9091"};
    bool systemd_socket = false;
    std::string config_file;
    std::string telemetry_path = "/metrics";
    std::string external_url;
    std::string route_prefix;
    bool enable_lifecycle = false;
    bool enable_admin_api = false;

    std::string persistence_file;
    std::chrono::nanoseconds persistence_interval = std::chrono::minutes(5);
    server::persistence_sync persistence_sync = server::persistence_sync::always;
    on_corruption persistence_on_corruption = on_corruption::fail;

    bool disable_consistency_check = false;
    bool enable_utf8_names = false;
    bool lenient = false;
    bool enable_openmetrics = false;
    bool ignore_stray_samples = false;
    bool openmetrics_created = false;
    timestamp_policy timestamps = timestamp_policy::reject;

    log_level lowest_level = log_level::info;
    log_format format = log_format::logfmt;

    std::vector<std::string> cors_origins;
    std::size_t threads = 0;       ///< 0: as many as there are processors for them; at most most_threads
    bool memory_by_system = true;  ///< `limits.memory` is what the control group or the machine allows
    bool own_metrics = true;
    std::string own_metrics_path;
    std::chrono::seconds shutdown_grace{25};
    pushgateway::limits limits;
    /// The prefix of all routes and the path of the external URL: empty, or with a slash at the beginning and none at
    /// the end.
    std::string internal_prefix;
    std::string external_prefix;
    /// Scheme, host and port of the external URL; empty if it has none.
    std::string external_origin;
};

}  // namespace pushgateway::server
