#pragma once

/// \file
/// How much memory the server may take if nobody says so.

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include <unistd.h>

#include <pushgateway/server/cgroup.hpp>

namespace pushgateway::server {

/// A bound on the memory of the process, and where it is from.
struct memory_limit {
    std::uint64_t bytes = 0;
    std::string_view source;
};

/// What the control groups of the process allow, less a reserve for what is charged to them beside: buffers of sockets,
/// tables of the kernel, the program itself. Without such a bound, half of the machine's memory. `root` and `machine`,
/// the machine's memory in bytes, are for tests.
[[nodiscard]] inline memory_limit default_memory_limit(std::filesystem::path const& root, std::uint64_t machine) {
    auto const allowed = cgroup_memory_limit(root);
    if (!allowed || (machine != 0 && *allowed > machine)) return {machine / 2, "half of the machine's memory"};
    auto const reserve = std::clamp<std::uint64_t>(*allowed / 8, std::min(*allowed / 4, std::uint64_t{16} << 20),
                                                   std::uint64_t{256} << 20);
    return {*allowed - reserve, "control group"};
}

[[nodiscard]] inline memory_limit default_memory_limit() {
    auto const pages = ::sysconf(_SC_PHYS_PAGES);
    auto const size = ::sysconf(_SC_PAGESIZE);
    bool const known = pages > 0 && size > 0;
    return default_memory_limit("/", known ? static_cast<std::uint64_t>(pages) * static_cast<std::uint64_t>(size) : 0);
}

}  // namespace pushgateway::server
