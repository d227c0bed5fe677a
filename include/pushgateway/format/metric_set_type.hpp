#pragma once

/// \file
/// The types of OpenMetrics, and what the names of their samples say.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include <pushgateway/model/metric_type.hpp>

namespace pushgateway::format {

/// The types that a family of OpenMetrics may have; the numbers are those of `model::all_type_names`.
enum class metric_set_type : std::uint8_t {
    counter,
    gauge,
    summary,
    unknown,
    histogram,
    gauge_histogram,
    info,
    state_set,
};

/// What a sample is to its metric.
enum class sample_part : std::uint8_t { value, bucket, sum, count, created };

/// The type under which a family is kept.
[[nodiscard]] constexpr model::metric_type kept_type(metric_set_type type) noexcept {
    return model::all_type_names[static_cast<std::size_t>(type)].type;
}

/// The kind of gauges that a family of this type is kept as.
[[nodiscard]] constexpr model::gauge_kind kept_kind(metric_set_type type) noexcept {
    return model::all_type_names[static_cast<std::size_t>(type)].kind;
}

/// The end of the name of a sample behind the name of its family, and what it means.
struct sample_suffix {
    std::string_view text;
    sample_part part;
};

/// The suffixes that the samples of a type may have.
[[nodiscard]] inline std::span<sample_suffix const> suffixes_of(metric_set_type type) noexcept {
    using enum sample_part;
    static constexpr std::array<sample_suffix, 1> plain = {{{"", value}}};
    static constexpr std::array<sample_suffix, 2> counter = {{{"_total", value}, {"_created", created}}};
    static constexpr std::array<sample_suffix, 1> info = {{{"_info", value}}};
    static constexpr std::array<sample_suffix, 4> histogram = {
        {{"_bucket", bucket}, {"_count", count}, {"_sum", sum}, {"_created", created}}};
    static constexpr std::array<sample_suffix, 5> gauge_histogram = {
        {{"_bucket", bucket}, {"_gcount", count}, {"_gsum", sum}, {"_count", count}, {"_sum", sum}}};
    static constexpr std::array<sample_suffix, 4> summary = {
        {{"", value}, {"_count", count}, {"_sum", sum}, {"_created", created}}};
    switch (type) {
        case metric_set_type::counter: return counter;
        case metric_set_type::info: return info;
        case metric_set_type::histogram: return histogram;
        case metric_set_type::gauge_histogram: return gauge_histogram;
        case metric_set_type::summary: return summary;
        case metric_set_type::unknown:
        case metric_set_type::gauge:
        case metric_set_type::state_set: break;
    }
    return plain;
}

/// What a sample is whose name ends so behind the name of a family; nothing if the family has no such samples.
[[nodiscard]] inline std::optional<sample_part> part_of(metric_set_type type, std::string_view suffix) noexcept {
    for (auto const& known : suffixes_of(type)) {
        if (known.text == suffix) return known.part;
    }
    return std::nullopt;
}

/// True if several samples make a metric.
[[nodiscard]] constexpr bool has_parts(metric_set_type type) noexcept {
    using enum metric_set_type;
    return type == counter || type == histogram || type == gauge_histogram || type == summary;
}

/// True for the two types whose metrics have buckets.
[[nodiscard]] constexpr bool has_buckets(metric_set_type type) noexcept {
    return type == metric_set_type::histogram || type == metric_set_type::gauge_histogram;
}

/// Reads the name of a type as a TYPE line spells it.
[[nodiscard]] inline bool parse_metric_set_type(std::string_view spelled, metric_set_type& type) noexcept {
    auto const found = std::ranges::find(model::all_type_names, spelled, &model::type_names::openmetrics);
    if (found == model::all_type_names.end()) return false;
    type = static_cast<metric_set_type>(found - model::all_type_names.begin());
    return true;
}

}  // namespace pushgateway::format
