#pragma once

/// \file
/// What a group has beside its families: when it was changed last, and what later versions keep with it.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include <pushgateway/base/clock.hpp>
#include <pushgateway/base/ref_counted.hpp>
#include <pushgateway/store/accounted.hpp>

namespace pushgateway::store {

inline constexpr std::string_view push_time_name = "push_time_seconds";
inline constexpr std::string_view push_time_help =
    "Last Unix time when changing this group in the Pushgateway succeeded.";
inline constexpr std::string_view push_failure_time_name = "push_failure_time_seconds";
inline constexpr std::string_view push_failure_time_help =
    "Last Unix time when changing this group in the Pushgateway failed.";

/// The two gauges that show the times of a group, in the order of their names.
enum class time_series : std::uint8_t {
    push_failure,  ///< `push_failure_time_seconds`
    push,          ///< `push_time_seconds`
};

inline constexpr std::array<time_series, 2> all_time_series{time_series::push_failure, time_series::push};

[[nodiscard]] constexpr std::string_view name_of(time_series which) noexcept {
    return which == time_series::push ? push_time_name : push_failure_time_name;
}
[[nodiscard]] constexpr std::string_view help_of(time_series which) noexcept {
    return which == time_series::push ? push_time_help : push_failure_time_help;
}

/// Which of the two has this name; nothing for other names. Nobody may push a family of such a name.
[[nodiscard]] constexpr std::optional<time_series> time_series_of(std::string_view name) noexcept {
    for (auto const which : all_time_series) {
        if (name == name_of(which)) return which;
    }
    return std::nullopt;
}

/// One time of a group.
struct group_time {
    double seconds = 0;  ///< as it is shown, in seconds of Unix time; 0: never
    timestamp set_at{};  ///< when it got that value

    friend bool operator==(group_time const&, group_time const&) = default;
};

/// Bytes that a later version has stored with a group, which this one does not read but keeps. Immutable.
struct group_extras final : ref_counted<group_extras> {
    explicit group_extras(std::string_view content) : bytes(content) {}

    static void* operator new(std::size_t size) { return store::allocate(size); }
    static void operator delete(void* block, std::size_t size) noexcept { store::deallocate(block, size); }

    accounted_string const bytes;
};

/// The header of a group: a value. The two times are series only where groups are shown.
struct group_header {
    group_time push;                 ///< of the last push that succeeded
    group_time push_failure;         ///< of the last one that failed
    ref<group_extras const> extras;  ///< null if there are none

    /// Of a group that is made at this time, to which nothing has happened yet.
    [[nodiscard]] static group_header made_at(timestamp now) noexcept { return {{0, now}, {0, now}, {}}; }

    [[nodiscard]] group_time const& time(time_series which) const noexcept {
        return which == time_series::push ? push : push_failure;
    }

    /// Notes that a push succeeded or failed at this time.
    void note(time_series which, timestamp now) noexcept {
        (which == time_series::push ? push : push_failure) = {unix_seconds(now), now};
    }

    /// False if a push failed after the last one that succeeded.
    [[nodiscard]] bool last_push_successful() const noexcept { return push_failure.seconds <= push.seconds; }
};

}  // namespace pushgateway::store
