#pragma once

/// \file
/// Large expositions as machines produce them, the same in every run: for benchmarks.

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>

#include <pushgateway/base/number.hpp>

namespace pushgateway::test {

/// An exposition and what is in it.
struct exposition_sample {
    std::string body;
    std::size_t samples = 0;
    std::size_t families = 0;
};

/// About 98 KB of what a host's exporter shows: many small families of gauges and counters, some wider ones with a few
/// labels, and one summary.
inline exposition_sample node_exposition() {
    exposition_sample made;
    std::mt19937_64 random(1);
    auto const value = [&random] {
        switch (random() % 4) {
            case 0: return static_cast<double>(random() % 1000);
            case 1: return static_cast<double>(random() % 100'000'000'000);
            case 2: return static_cast<double>(random() % 10'000'000) / 100;
            default: return static_cast<double>(random() % 2);
        }
    };
    auto const header = [&made](std::string const& name, char const* type) {
        made.body += "# HELP " + name + " Some statistic of the system, as the kernel reports it.\n# TYPE " + name +
                     ' ' + type + '\n';
        ++made.families;
    };
    auto const sample = [&](std::string const& series) {
        made.body += series + ' ';
        append_float(made.body, value());
        made.body += '\n';
        ++made.samples;
    };
    header("node_cpu_seconds_total", "counter");
    for (int cpu = 0; cpu < 16; ++cpu) {
        for (char const* mode : {"idle", "iowait", "irq", "nice", "softirq", "steal", "system", "user"}) {
            sample("node_cpu_seconds_total{cpu=\"" + std::to_string(cpu) + "\",mode=\"" + mode + "\"}");
        }
    }
    for (int i = 0; i < 30; ++i) {
        auto const name = "node_network_statistic_" + std::to_string(i) + "_total";
        header(name, "counter");
        for (char const* device : {"eth0", "eth1", "lo", "docker0", "br-3f9c1a2b"})
            sample(name + "{device=\"" + device + "\"}");
    }
    for (int i = 0; i < 12; ++i) {
        auto const name = "node_filesystem_statistic_" + std::to_string(i);
        header(name, "gauge");
        for (char const* mount : {"/", "/boot", "/var/lib/docker", "/home", "/run/user/1000"}) {
            sample(name + "{device=\"/dev/mapper/vg-root\",fstype=\"ext4\",mountpoint=\"" + mount + "\"}");
        }
    }
    header("go_gc_duration_seconds", "summary");
    for (char const* rank : {"0", "0.25", "0.5", "0.75", "1"})
        sample(std::string("go_gc_duration_seconds{quantile=\"") + rank + "\"}");
    sample("go_gc_duration_seconds_sum");
    sample("go_gc_duration_seconds_count");
    for (int i = 0; made.body.size() < 98'000; ++i) {
        auto const name = "node_memory_statistic_" + std::to_string(i) + "_bytes";
        header(name, "gauge");
        sample(name);
    }
    return made;
}

/// About 94 MB with 1,004,700 samples: an application's histograms, counters and gauges by path, method and code.
inline exposition_sample million_samples() {
    exposition_sample made;
    std::mt19937_64 random(2);
    made.body.reserve(100'000'000);
    auto const sample = [&](std::string const& series) {
        made.body += series;
        append_float(made.body, random() % 3 == 0 ? static_cast<double>(random() % 100'000'000) / 1000
                                                  : static_cast<double>(random() % 1'000'000));
        made.body += '\n';
        ++made.samples;
    };
    constexpr int series = 2'955;
    for (int f = 0; f < 20; ++f) {
        auto const name = "app_request_duration_seconds_" + std::to_string(f);
        made.body += "# HELP " + name + " How long requests took.\n# TYPE " + name + " histogram\n";
        ++made.families;
        for (int s = 0; s < series; ++s) {
            auto const labels = "path=\"/api/v1/things/" + std::to_string(s) + "\",method=\"GET\",code=\"200\"";
            for (char const* le : {"0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "0.5", "1", "2.5", "5", "+Inf"}) {
                sample(name + "_bucket{" + labels + ",le=\"" + le + "\"} ");
            }
            sample(name + "_sum{" + labels + "} ");
            sample(name + "_count{" + labels + "} ");
        }
    }
    for (int f = 0; f < 50; ++f) {
        auto const name = "app_requests_" + std::to_string(f) + "_total";
        made.body += "# HELP " + name + " How many requests came.\n# TYPE " + name + " counter\n";
        ++made.families;
        for (int s = 0; s < 4728; ++s)
            sample(name + "{path=\"/api/v1/things/" + std::to_string(s) + "\",method=\"GET\",code=\"200\"} ");
    }
    return made;
}

}  // namespace pushgateway::test
