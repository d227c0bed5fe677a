#pragma once

/// \file
/// The persistence file of a Prometheus Pushgateway: a gob stream with a map of groups.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include <pushgateway/base/clock.hpp>
#include <pushgateway/journal/gob_reader.hpp>

namespace pushgateway::journal {

/// A family as such a file has it. Views into the file.
struct upstream_family {
    std::string_view name;
    timestamp pushed_at{};
    std::string_view message;  ///< io.prometheus.client.MetricFamily
};

/// A group as such a file has it. Views into the file.
struct upstream_group {
    std::vector<std::pair<std::string_view, std::string_view>> labels;
    std::vector<upstream_family> families;
};

/// Reads what Go's time.Time writes: a version, seconds since the year 1, nanoseconds, an offset of no interest.
[[nodiscard]] inline std::optional<timestamp> read_go_time(std::string_view bytes) noexcept {
    constexpr std::int64_t from_year_1_to_1970 = 62'135'596'800;
    constexpr std::int64_t most_seconds = 9'000'000'000;
    if (bytes.size() < 15 || bytes.size() > 16 || (bytes[0] != 1 && bytes[0] != 2)) return std::nullopt;
    std::uint64_t seconds = 0;
    for (char const c : bytes.substr(1, 8)) seconds = seconds << 8 | static_cast<unsigned char>(c);
    std::uint32_t nanoseconds = 0;
    for (char const c : bytes.substr(9, 4)) nanoseconds = nanoseconds << 8 | static_cast<unsigned char>(c);
    auto const unix_time = static_cast<std::int64_t>(seconds) - from_year_1_to_1970;
    if (nanoseconds >= 1'000'000'000) return std::nullopt;
    // A time that was never set.
    if (unix_time < -most_seconds || unix_time > most_seconds) return timestamp{};
    return timestamp(std::chrono::seconds(unix_time) + std::chrono::nanoseconds(nanoseconds));
}

/// Calls `visit(upstream_group const&)` for every group; `visit` returns false to end it. False if `file` is not wholly
/// such a file, or if it was ended.
template <class Visit>
[[nodiscard]] bool read_upstream_file(std::string_view file, Visit&& visit) {
    gob::stream_reader in;
    if (!in.open(file)) return false;
    auto& value = in.value();
    auto const read_family = [&](std::string_view name, std::int64_t type, upstream_group& group) {
        auto& family = group.families.emplace_back();
        family.name = name;
        in.for_each_field(type, [&](std::string_view field, std::int64_t field_type) {
            bool const opaque = in.is(field_type, gob::type::kind::opaque);
            if (field == "Timestamp" && opaque) {
                auto const at = read_go_time(value.text());
                if (at) {
                    family.pushed_at = *at;
                } else {
                    value.fail();
                }
            } else if (field == "GobbableMetricFamily" && opaque) {
                family.message = value.text();
            } else {
                value.fail();
            }
        });
    };
    in.for_each_entry(in.value_type(), [&](std::string_view, std::int64_t group_type) {
        upstream_group group;
        in.for_each_field(group_type, [&](std::string_view field, std::int64_t field_type) {
            if (field == "Labels") {
                in.for_each_entry(field_type, [&](std::string_view name, std::int64_t type) {
                    if (type != static_cast<std::int64_t>(gob::basic_type::text)) return value.fail();
                    group.labels.emplace_back(name, value.text());
                });
            } else if (field == "Metrics") {
                in.for_each_entry(field_type,
                                  [&](std::string_view name, std::int64_t type) { read_family(name, type, group); });
            } else {
                value.fail();
            }
        });
        if (!value.failed() && !visit(std::as_const(group))) value.fail();
    });
    return !value.failed() && value.at_end();
}

}  // namespace pushgateway::journal
