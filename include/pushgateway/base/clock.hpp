#pragma once

/// \file
/// The clock policy: where the gateway takes the time of a push from.

#include <atomic>
#include <chrono>
#include <concepts>
#include <cstdint>
#include <memory>

namespace pushgateway {

/// A point in time, Unix epoch, nanoseconds.
using timestamp = std::chrono::sys_time<std::chrono::nanoseconds>;

/// Unix time in seconds, with the precision a sample value has.
[[nodiscard]] constexpr double unix_seconds(timestamp at) noexcept {
    return static_cast<double>(at.time_since_epoch().count()) / 1e9;
}

/// Gives the current time. Copies tell the same time; `now` may be called from any thread.
template <class C>
concept clock_policy = std::copy_constructible<C> && requires(C const& clock) {
    { clock.now() } -> std::same_as<timestamp>;
};

/// The wall clock of the system.
struct system_clock {
    [[nodiscard]] static timestamp now() noexcept {
        return std::chrono::time_point_cast<timestamp::duration>(std::chrono::system_clock::now());
    }
};

/// A clock that stands still until it is moved: for tests, and for embedders that replay recorded pushes. All copies
/// share one time.
class manual_clock {
public:
    manual_clock() : manual_clock(timestamp{}) {}
    explicit manual_clock(timestamp start)
        : ticks_(std::make_shared<std::atomic<std::int64_t>>(start.time_since_epoch().count())) {}

    [[nodiscard]] timestamp now() const noexcept { return timestamp(std::chrono::nanoseconds(ticks_->load())); }
    void set(timestamp at) noexcept { ticks_->store(at.time_since_epoch().count()); }
    void advance(std::chrono::nanoseconds by) noexcept { ticks_->fetch_add(by.count()); }

private:
    std::shared_ptr<std::atomic<std::int64_t>> ticks_;
};

static_assert(clock_policy<system_clock> && clock_policy<manual_clock>);

}  // namespace pushgateway
