#pragma once

/// \file
/// How many connections a server may have.

#include <algorithm>
#include <cstdint>

#include <sys/resource.h>

#include <pushgateway/base/limits.hpp>

namespace pushgateway::http::detail {

/// How many file descriptors the process may open; 0: any number.
[[nodiscard]] inline std::uint64_t most_descriptors() noexcept {
    rlimit now{};
    if (::getrlimit(RLIMIT_NOFILE, &now) != 0 || now.rlim_cur == RLIM_INFINITY) return 0;
    return now.rlim_cur;
}

/// `limits::connections`, or what `descriptors` allow if that is less; 0: there is no bound.
[[nodiscard]] inline std::uint64_t most_connections(limits const& bounds,
                                                    std::uint64_t descriptors = most_descriptors()) noexcept {
    if (descriptors == 0) return bounds.connections;
    auto const possible = descriptors > 2 * spare_descriptors ? descriptors - spare_descriptors : descriptors / 2 + 1;
    return bounds.connections == 0 ? possible : std::min<std::uint64_t>(bounds.connections, possible);
}

/// How many connections beyond these are served with short answers: half of what is left for everything else, and not
/// more than is of use.
[[nodiscard]] inline std::uint64_t most_spare_seats(limits const& bounds,
                                                    std::uint64_t descriptors = most_descriptors()) noexcept {
    constexpr std::uint64_t useful = 32;
    if (descriptors == 0) return useful;
    return std::clamp<std::uint64_t>((descriptors - most_connections(bounds, descriptors)) / 2, 1, useful);
}

}  // namespace pushgateway::http::detail
