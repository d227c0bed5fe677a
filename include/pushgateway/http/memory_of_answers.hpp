#pragma once

/// \file
/// How much memory may be taken for which answers.

#include <algorithm>
#include <cstdint>

#include <pushgateway/base/limits.hpp>
#include <pushgateway/base/memory.hpp>
#include <pushgateway/base/memory_budget.hpp>
#include <pushgateway/http/routes.hpp>

namespace pushgateway::http {

/// How many bytes the process may take while a request to this endpoint is answered. Scrapes are answered also if it
/// takes too much already; pushes have bounds of their own.
[[nodiscard]] inline std::uint64_t most_memory(endpoint where, limits const& bounds) noexcept {
    constexpr std::uint64_t always = std::uint64_t{16} << 20;
    memory_budget const budget{bounds.memory};
    switch (where) {
        case endpoint::api_group:
        case endpoint::api_groups:
        case endpoint::api_metrics: return budget.requests();
        case endpoint::telemetry:
        case endpoint::own_telemetry: return std::max(budget.most(), memory::used() + always);
        default: return UINT64_MAX;
    }
}

}  // namespace pushgateway::http
