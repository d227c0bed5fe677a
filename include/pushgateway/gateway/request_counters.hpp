#pragma once

/// \file
/// How many requests there were, by what served them, by method and by status.

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace pushgateway {

/// What serves a request: the label `handler` of `pushgateway_http_requests_total`. Scrapes are not counted.
enum class request_handler : std::uint8_t {
    push,
    erase,
    status_page,
    static_file,
    healthy,
    ready,
    wipe,
    api_status,
    api_metrics,
    api_options,
    api_groups,
};

/// The value of the label `handler`.
[[nodiscard]] constexpr std::string_view label_of(request_handler handler) noexcept {
    constexpr std::array<std::string_view, 11> names{
        "push", "delete",        "status",         "static",         "healthy",      "ready",
        "wipe", "api/v1/status", "api/v1/metrics", "api/v1/options", "api/v1/groups"};
    return names[static_cast<std::size_t>(handler)];
}

/// Counters for every combination of handler, method and status, all in place. Methods and statuses are bounded: what
/// is not known counts as `unknown`. Any thread may call any function.
class request_counters {
public:
    void count(request_handler handler, std::string_view method, int status) noexcept {
        counts_[static_cast<std::size_t>(handler)][index_of_method(method)][index_of_status(status)].fetch_add(
            1, std::memory_order_relaxed);
    }

    /// Calls `visit(code, handler, method, count)` for every combination that occurred, sorted by these labels.
    template <class Visit>
    void for_each(Visit&& visit) const {
        for (std::size_t c = 0; c != statuses.size(); ++c) {
            for (auto const h : sorted_handlers) {
                for (std::size_t m = 0; m != methods.size(); ++m) {
                    auto const n = counts_[static_cast<std::size_t>(h)][m][c].load(std::memory_order_relaxed);
                    if (n != 0) visit(statuses[c].label, label_of(h), methods[m].label, n);
                }
            }
        }
    }

private:
    struct known_method {
        std::string_view name;
        std::string_view label;
    };
    struct known_status {
        int status;
        std::string_view label;
    };
    static constexpr std::array<known_method, 11> methods{{{"CONNECT", "connect"},
                                                           {"DELETE", "delete"},
                                                           {"GET", "get"},
                                                           {"HEAD", "head"},
                                                           {"NOTIFY", "notify"},
                                                           {"OPTIONS", "options"},
                                                           {"PATCH", "patch"},
                                                           {"POST", "post"},
                                                           {"PUT", "put"},
                                                           {"TRACE", "trace"},
                                                           {"", "unknown"}}};
    static constexpr std::array<known_status, 12> statuses{{{200, "200"},
                                                            {202, "202"},
                                                            {304, "304"},
                                                            {400, "400"},
                                                            {403, "403"},
                                                            {404, "404"},
                                                            {413, "413"},
                                                            {415, "415"},
                                                            {429, "429"},
                                                            {500, "500"},
                                                            {503, "503"},
                                                            {0, "unknown"}}};
    static constexpr std::array<request_handler, 11> sorted_handlers{
        request_handler::api_groups,  request_handler::api_metrics, request_handler::api_options,
        request_handler::api_status,  request_handler::erase,       request_handler::healthy,
        request_handler::push,        request_handler::ready,       request_handler::static_file,
        request_handler::status_page, request_handler::wipe};

    static std::size_t index_of_method(std::string_view method) noexcept {
        auto const at = std::ranges::find(methods, method, &known_method::name);
        return at == methods.end() ? methods.size() - 1 : static_cast<std::size_t>(at - methods.begin());
    }
    static std::size_t index_of_status(int status) noexcept {
        auto const at = std::ranges::find(statuses, status, &known_status::status);
        return at == statuses.end() ? statuses.size() - 1 : static_cast<std::size_t>(at - statuses.begin());
    }

    std::array<std::array<std::array<std::atomic<std::uint64_t>, 12>, 11>, 11> counts_{};
};

}  // namespace pushgateway
