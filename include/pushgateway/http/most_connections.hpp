#pragma once

/// \file
/// How many connections a server may have.

#include <cstdint>

#include <sys/resource.h>

#include <pushgateway/base/limits.hpp>

namespace pushgateway::http::detail {

/// `limits::connections`, or what the process may open now; 0: there is no bound.
[[nodiscard]] inline std::uint64_t most_connections(limits const& bounds) noexcept {
    if (bounds.connections != 0) return bounds.connections;
    rlimit now{};
    if (::getrlimit(RLIMIT_NOFILE, &now) != 0 || now.rlim_cur == RLIM_INFINITY) return 0;
    return now.rlim_cur > 2 * spare_descriptors ? now.rlim_cur - spare_descriptors : now.rlim_cur / 2 + 1;
}

}  // namespace pushgateway::http::detail
