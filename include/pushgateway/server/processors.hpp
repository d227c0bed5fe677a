#pragma once

/// \file
/// How many processors this process may use.

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string_view>
#include <thread>

#include <sched.h>

#include <pushgateway/server/cgroup.hpp>

namespace pushgateway::server {

namespace detail {

/// The number at the beginning of `text`; nothing if there is none, or no positive one.
inline std::optional<std::uint64_t> leading_number(std::string_view text) noexcept {
    std::uint64_t value = 0;
    auto const [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (ec != std::errc{} || value == 0) return std::nullopt;
    return value;
}

/// Time of processors in each period of time, rounded up to whole processors; nothing without a quota.
inline std::optional<std::uint64_t> processors_of(std::string_view quota, std::string_view period) noexcept {
    auto const time = leading_number(quota);
    auto const each = leading_number(period);
    if (!time || !each) return std::nullopt;
    return (*time - 1) / *each + 1;
}

}  // namespace detail

/// The processors that the control groups of this process allow it, a fraction rounded up; nothing if they set no
/// quota. `root`: where the file system begins, for tests.
[[nodiscard]] inline std::optional<std::uint64_t> cgroup_processors(std::filesystem::path const& root = "/") {
    std::optional<std::uint64_t> least;
    for (auto const& [path, unified] : cgroup_folders("cpu", root)) {
        std::optional<std::uint64_t> allowed;
        if (unified) {
            // Quota and period; "max" is no quota.
            auto const both = detail::text_of(path / "cpu.max");
            auto const blank = std::min(both.find(' '), both.size());
            auto const period = std::string_view(both).substr(std::min(blank + 1, both.size()));
            allowed = detail::processors_of(std::string_view(both).substr(0, blank), period);
        } else {
            // -1 is no quota.
            allowed = detail::processors_of(detail::text_of(path / "cpu.cfs_quota_us"),
                                            detail::text_of(path / "cpu.cfs_period_us"));
        }
        if (allowed) least = std::min(*allowed, least.value_or(*allowed));
    }
    return least;
}

/// How many threads can run at the same time: the processors that this process may run on, and no more than its control
/// groups allow; at least 1.
[[nodiscard]] inline std::size_t available_processors(std::filesystem::path const& root = "/") {
    std::size_t count = std::max(1U, std::thread::hardware_concurrency());
    cpu_set_t usable;
    if (::sched_getaffinity(0, sizeof usable, &usable) == 0) {
        count = static_cast<std::size_t>(std::max(1, CPU_COUNT(&usable)));
    }
    auto const quota = cgroup_processors(root);
    return quota ? std::min<std::size_t>(count, *quota) : count;
}

}  // namespace pushgateway::server
