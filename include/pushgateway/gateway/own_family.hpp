#pragma once

/// \file
/// The metric families that belong to the gateway itself: their names, helps and types.

#include <array>
#include <memory>
#include <string_view>
#include <variant>
#include <vector>

#include <boost/container/small_vector.hpp>

#include <pushgateway/model/label.hpp>
#include <pushgateway/model/metric.hpp>
#include <pushgateway/model/metric_family.hpp>

namespace pushgateway {

/// One family of the gateway's own. Names and helps are those of the original, which dashboards show.
struct own_family {
    std::string_view name;
    std::string_view help;
    model::metric_type type;

    static own_family const process_cpu_seconds;
    static own_family const process_max_fds;
    static own_family const process_received_bytes;
    static own_family const process_transmitted_bytes;
    static own_family const process_open_fds;
    static own_family const process_resident_bytes;
    static own_family const process_start_time;
    static own_family const process_virtual_bytes;
    static own_family const process_max_virtual_bytes;
    static own_family const build;
    static own_family const clashing_series;
    static own_family const push_duration;
    static own_family const push_size;
    static own_family const requests;
    static own_family const limit;
    static own_family const limit_rejections;
    static own_family const limit_usage;

    /// All of them, sorted by name.
    [[nodiscard]] static std::array<own_family const*, 17> all() noexcept {
        return {&process_cpu_seconds,
                &process_max_fds,
                &process_received_bytes,
                &process_transmitted_bytes,
                &process_open_fds,
                &process_resident_bytes,
                &process_start_time,
                &process_virtual_bytes,
                &process_max_virtual_bytes,
                &build,
                &clashing_series,
                &push_duration,
                &push_size,
                &requests,
                &limit,
                &limit_rejections,
                &limit_usage};
    }
};

inline constexpr own_family own_family::process_cpu_seconds{
    "process_cpu_seconds_total", "Total user and system CPU time spent in seconds.", model::metric_type::counter};
inline constexpr own_family own_family::process_max_fds{"process_max_fds", "Maximum number of open file descriptors.",
                                                        model::metric_type::gauge};
inline constexpr own_family own_family::process_received_bytes{
    "process_network_receive_bytes_total", "Number of bytes received by the process over the network.",
    model::metric_type::counter};
inline constexpr own_family own_family::process_transmitted_bytes{
    "process_network_transmit_bytes_total", "Number of bytes sent by the process over the network.",
    model::metric_type::counter};
inline constexpr own_family own_family::process_open_fds{"process_open_fds", "Number of open file descriptors.",
                                                         model::metric_type::gauge};
inline constexpr own_family own_family::process_resident_bytes{
    "process_resident_memory_bytes", "Resident memory size in bytes.", model::metric_type::gauge};
inline constexpr own_family own_family::process_start_time{
    "process_start_time_seconds", "Start time of the process since unix epoch in seconds.", model::metric_type::gauge};
inline constexpr own_family own_family::process_virtual_bytes{
    "process_virtual_memory_bytes", "Virtual memory size in bytes.", model::metric_type::gauge};
inline constexpr own_family own_family::process_max_virtual_bytes{
    "process_virtual_memory_max_bytes", "Maximum amount of virtual memory available in bytes.",
    model::metric_type::gauge};
inline constexpr own_family own_family::build{
    "pushgateway_build_info",
    "A metric with a constant '1' value labeled by version, revision, branch, goversion from which pushgateway was "
    "built, and the goos and goarch for the build.",
    model::metric_type::gauge};
inline constexpr own_family own_family::clashing_series{
    "pushgateway_clashing_series", "Number of pushed series left out of the exposition because they clash with others.",
    model::metric_type::gauge};
inline constexpr own_family own_family::push_duration{"pushgateway_http_push_duration_seconds",
                                                      "HTTP request duration for pushes to the Pushgateway.",
                                                      model::metric_type::summary};
inline constexpr own_family own_family::push_size{"pushgateway_http_push_size_bytes",
                                                  "HTTP request size for pushes to the Pushgateway.",
                                                  model::metric_type::summary};
inline constexpr own_family own_family::requests{"pushgateway_http_requests_total",
                                                 "Total HTTP requests processed by the Pushgateway, excluding scrapes.",
                                                 model::metric_type::counter};

inline constexpr own_family own_family::limit{
    "pushgateway_limit", "Configured limit, by name. Without a series there is no limit.", model::metric_type::gauge};
inline constexpr own_family own_family::limit_rejections{
    "pushgateway_limit_rejections_total", "Number of requests and connections refused because of a limit, by its name.",
    model::metric_type::counter};
inline constexpr own_family own_family::limit_usage{
    "pushgateway_limit_usage", "What counts against the limit of this name at the moment.", model::metric_type::gauge};

/// A metric of an own family. Its labels and the ranks of its quantiles are views, see `own_family_metrics`.
struct own_metric {
    boost::container::small_vector<model::label, 3> labels;  ///< sorted by name
    model::metric_value value;
    std::vector<model::quantile> quantiles;  ///< of a summary

    /// The metric, as long as this lives and stays where it is.
    [[nodiscard]] model::metric view() const noexcept {
        model::metric out{{labels.data(), labels.size()}, value, {}};
        if (auto* summary = std::get_if<model::summary>(&out.value)) summary->quantiles = quantiles;
        return out;
    }
};

/// What an own family adds to an exposition at one moment.
struct own_family_metrics {
    own_family const* family = nullptr;
    std::vector<own_metric> metrics;
    std::shared_ptr<void const> owner = {};  ///< of the texts in labels that are no constants
};

}  // namespace pushgateway
