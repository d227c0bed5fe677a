#pragma once

/// \file
/// The gateway's metrics about itself.

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <pushgateway/base/clock.hpp>
#include <pushgateway/base/limit_usage.hpp>
#include <pushgateway/base/limits.hpp>
#include <pushgateway/base/memory.hpp>
#include <pushgateway/base/utf8.hpp>
#include <pushgateway/gateway/build_info.hpp>
#include <pushgateway/gateway/own_family.hpp>
#include <pushgateway/gateway/process_statistics.hpp>
#include <pushgateway/gateway/request_counters.hpp>
#include <pushgateway/gateway/sliding_quantiles.hpp>
#include <pushgateway/model/label.hpp>
#include <pushgateway/model/metric.hpp>
#include <pushgateway/model/metric_family.hpp>
#include <pushgateway/store/store.hpp>

namespace pushgateway {

/// Counts requests and measures pushes, and makes the families of `own_family::all`. Any thread may call any function.
class own_metrics {
public:
    explicit own_metrics(build_info build) : build_(valid(std::move(build))) {}

    void count_request(request_handler handler, std::string_view method, int status) noexcept {
        requests_.count(handler, method, status);
    }

    /// Adds a push by `PUT` or `POST`; other methods are not measured. `size` in bytes.
    void observe_push(std::string_view method, std::chrono::nanoseconds duration, std::size_t size, timestamp now) {
        for (std::size_t i = 0; i != push_methods.size(); ++i) {
            if (method != push_methods[i].first) continue;
            auto& seen = pushes_of(i);
            seen.duration.observe(std::chrono::duration<double>(duration).count(), now);
            seen.size.observe(static_cast<double>(size), now);
        }
    }

    /// All families that have a series at the moment, sorted by name.
    [[nodiscard]] std::vector<own_family_metrics> collect(store::store_statistics const& stored, limits const& bounds,
                                                          limit_usage const& usage, timestamp now) const {
        std::vector<own_family_metrics> out;
        auto const process = read_process_statistics();
        auto const values = std::to_array<std::pair<own_family const*, std::optional<double>>>(
            {{&own_family::process_cpu_seconds, process.cpu_seconds},
             {&own_family::process_max_fds, process.max_fds},
             {&own_family::process_received_bytes, process.received_bytes},
             {&own_family::process_transmitted_bytes, process.transmitted_bytes},
             {&own_family::process_open_fds, process.open_fds},
             {&own_family::process_resident_bytes, process.resident_bytes},
             {&own_family::process_start_time, process.start_time},
             {&own_family::process_virtual_bytes, process.virtual_bytes},
             {&own_family::process_max_virtual_bytes, process.max_virtual_bytes}});
        for (auto const& [family, value] : values) {
            if (value) write(out, *family, {}, *value);
        }
        std::array<model::label, 7> const build{{{"branch", build_->branch},
                                                 {"goarch", build_->goarch},
                                                 {"goos", build_->goos},
                                                 {"goversion", build_->goversion},
                                                 {"revision", build_->revision},
                                                 {"tags", build_->tags},
                                                 {"version", build_->version}}};
        write(out, own_family::build, build, 1);
        out.back().owner = build_;
        write(out, own_family::clashing_series, {}, static_cast<double>(stored.clashing_series));
        write_summaries(out, own_family::push_duration, &push_statistics::duration, now);
        write_summaries(out, own_family::push_size, &push_statistics::size, now);
        requests_.for_each([&](std::string_view code, std::string_view handler, std::string_view method, auto count) {
            std::array<model::label, 3> const labels{{{"code", code}, {"handler", handler}, {"method", method}}};
            write(out, own_family::requests, labels, static_cast<double>(count));
        });
        write_limits(out, stored, bounds, usage);
        return out;
    }

private:
    struct push_statistics {
        sliding_quantiles duration;
        sliding_quantiles size;
    };
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 2> push_methods{
        {{"POST", "post"}, {"PUT", "put"}}};
    static constexpr std::array<double, 3> ranks{0.1, 0.5, 0.9};

    // Made on first use: the buckets take a few hundred kilobytes.
    push_statistics& pushes_of(std::size_t method) {
        if (auto* ready = pushes_[method].load(std::memory_order_acquire)) return *ready;
        std::lock_guard const guard(mutex_);
        if (!owned_[method]) {
            owned_[method] = std::make_unique<push_statistics>();
            pushes_[method].store(owned_[method].get(), std::memory_order_release);
        }
        return *owned_[method];
    }

    // What no scraper could read is replaced.
    static std::shared_ptr<build_info const> valid(build_info build) {
        for (auto* text : {&build.branch, &build.goarch, &build.goos, &build.goversion, &build.revision, &build.tags,
                           &build.version}) {
            *text = valid_text(*text);
        }
        return std::make_shared<build_info const>(std::move(build));
    }

    static own_metric& add(std::vector<own_family_metrics>& out, own_family const& family, model::labels labels) {
        if (out.empty() || out.back().family != &family) out.push_back({&family, {}});
        return out.back().metrics.emplace_back(own_metric{{labels.begin(), labels.end()}, {}, {}});
    }

    static void write(std::vector<own_family_metrics>& out, own_family const& family, model::labels labels,
                      double value) {
        bool const counts = family.type == model::metric_type::counter;
        add(out, family, labels).value =
            counts ? model::metric_value(model::counter{value}) : model::metric_value(model::gauge{value});
    }

    /// Use and limit of what is held, and how often each limit refused something.
    static void write_limits(std::vector<own_family_metrics>& out, store::store_statistics const& stored,
                             limits const& bounds, limit_usage const& usage) {
        struct row {
            limit_kind kind;
            bool kept;
            std::uint64_t most;
            std::uint64_t used;
        };
        auto const of = [&usage](limit_kind kind) {
            return row{kind, usage.kept(kind), usage.most(kind), usage.used(kind)};
        };
        std::array<row, 6> const rows{
            {of(limit_kind::bodies_in_flight),
             of(limit_kind::connections),
             {limit_kind::groups, true, bounds.groups, stored.groups},
             of(limit_kind::heads_in_flight),
             {limit_kind::memory, usage.kept(limit_kind::memory), bounds.memory, memory::used()},
             {limit_kind::series, true, bounds.series, stored.series + stored.clashing_series}}};
        auto const put = [&out](own_family const& family, std::string_view limit, std::uint64_t value) {
            std::array<model::label, 1> const labels{{{"limit", limit}}};
            write(out, family, labels, static_cast<double>(value));
        };
        for (auto const& r : rows) {
            if (r.kept && r.most != 0) put(own_family::limit, name_of(r.kind), r.most);
        }
        for (std::size_t i = 0; i != limit_names.size(); ++i) {
            put(own_family::limit_rejections, limit_names[i], usage.rejections(static_cast<limit_kind>(i)));
        }
        for (auto const& r : rows) {
            if (r.kept) put(own_family::limit_usage, name_of(r.kind), r.used);
        }
    }

    void write_summaries(std::vector<own_family_metrics>& out, own_family const& family,
                         sliding_quantiles push_statistics::* member, timestamp now) const {
        for (std::size_t i = 0; i != push_methods.size(); ++i) {
            auto const* pushes = pushes_[i].load(std::memory_order_acquire);
            if (pushes == nullptr) continue;
            auto const& observed = pushes->*member;
            auto const values = observed.quantiles(ranks, now);
            std::array<model::label, 1> const labels{{{"method", push_methods[i].second}}};
            auto& metric = add(out, family, labels);
            metric.value = model::summary{observed.count(), observed.sum(), {}};
            for (std::size_t k = 0; k != ranks.size(); ++k) metric.quantiles.push_back({ranks[k], values[k]});
        }
    }

    std::shared_ptr<build_info const> build_;
    request_counters requests_;
    std::array<std::atomic<push_statistics*>, 2> pushes_{};
    std::array<std::unique_ptr<push_statistics>, 2> owned_;
    std::mutex mutex_;
};

}  // namespace pushgateway
