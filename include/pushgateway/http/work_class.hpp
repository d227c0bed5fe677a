#pragma once

/// \file
/// What kind of work a request is: decides where it runs, and before whom.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <pushgateway/base/limits.hpp>

namespace pushgateway::http {

/// Classes of requests. Those of all classes but the first run on worker threads and wait in a bounded queue each.
enum class work_class : std::uint8_t {
    immediate,  ///< takes no longer than a small push: runs on the thread of its connection, behind nothing
    scrape,     ///< the exposition: has a worker of its own, and comes first on the others
    push,       ///< changes that take long
    list,       ///< lists of groups, and everything else that takes long
};

/// The number of classes that wait for workers.
inline constexpr std::size_t queued_classes = 3;

/// The position of a class that waits for workers among these.
[[nodiscard]] constexpr std::size_t queue_of(work_class c) noexcept { return static_cast<std::size_t>(c) - 1; }

/// The limit on the requests of a class that wait for workers.
[[nodiscard]] constexpr limit_kind queue_limit_of(work_class c) noexcept {
    constexpr std::array limits{limit_kind::queued_scrapes, limit_kind::queued_pushes, limit_kind::queued_lists};
    return limits[queue_of(c)];
}

/// What error texts call the requests of a class that waits for workers.
[[nodiscard]] constexpr std::string_view plural_of(work_class c) noexcept {
    constexpr std::array<std::string_view, queued_classes> names{"scrapes", "pushes", "lists"};
    return names[queue_of(c)];
}

}  // namespace pushgateway::http
