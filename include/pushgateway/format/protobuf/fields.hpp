#pragma once

/// \file
/// The messages of `io.prometheus.client`, by their field numbers.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <protozero/types.hpp>

namespace pushgateway::format::protobuf {

// The messages of protozero are made for enumerations of this type alone.
// NOLINTBEGIN(performance-enum-size)
enum class family_field : protozero::pbf_tag_type { name = 1, help = 2, type = 3, metric = 4, unit = 5 };

/// What a message of a family has beside that where it is stored by this program: a model::gauge_kind. No such field is
/// read in what others send.
enum class stored_field : protozero::pbf_tag_type { gauge_kind = 100 };

enum class metric_field : protozero::pbf_tag_type {
    label = 1,
    gauge = 2,
    counter = 3,
    summary = 4,
    untyped = 5,
    timestamp_ms = 6,
    histogram = 7,
};

enum class label_field : protozero::pbf_tag_type { name = 1, value = 2 };

/// Of gauges, untyped values and, with the other two, counters.
enum class number_field : protozero::pbf_tag_type { value = 1, exemplar = 2, created = 3 };

enum class summary_field : protozero::pbf_tag_type { count = 1, sum = 2, quantile = 3, created = 4 };

enum class quantile_field : protozero::pbf_tag_type { rank = 1, value = 2 };

enum class histogram_field : protozero::pbf_tag_type {
    count = 1,
    sum = 2,
    bucket = 3,
    float_count = 4,
    schema = 5,
    zero_threshold = 6,
    zero_count = 7,
    float_zero_count = 8,
    negative_span = 9,
    negative_delta = 10,
    negative_count = 11,
    positive_span = 12,
    positive_delta = 13,
    positive_count = 14,
    created = 15,
    exemplar = 16,
};

enum class bucket_field : protozero::pbf_tag_type { count = 1, upper_bound = 2, exemplar = 3, float_count = 4 };

enum class span_field : protozero::pbf_tag_type { offset = 1, length = 2 };

enum class exemplar_field : protozero::pbf_tag_type { label = 1, value = 2, time = 3 };

enum class time_field : protozero::pbf_tag_type { seconds = 1, nanos = 2 };
// NOLINTEND(performance-enum-size)

/// \name The names of the fields, as the text form spells them
///@{
[[nodiscard]] constexpr std::string_view name_of(family_field field) noexcept {
    constexpr std::array<std::string_view, 6> names{"", "name", "help", "type", "metric", "unit"};
    return names[static_cast<std::size_t>(field)];
}
[[nodiscard]] constexpr std::string_view name_of(metric_field field) noexcept {
    constexpr std::array<std::string_view, 8> names{"",        "label",   "gauge",        "counter",
                                                    "summary", "untyped", "timestamp_ms", "histogram"};
    return names[static_cast<std::size_t>(field)];
}
[[nodiscard]] constexpr std::string_view name_of(label_field field) noexcept {
    return field == label_field::name ? "name" : "value";
}
[[nodiscard]] constexpr std::string_view name_of(number_field field) noexcept {
    constexpr std::array<std::string_view, 4> names{"", "value", "exemplar", "created_timestamp"};
    return names[static_cast<std::size_t>(field)];
}
[[nodiscard]] constexpr std::string_view name_of(summary_field field) noexcept {
    constexpr std::array<std::string_view, 5> names{"", "sample_count", "sample_sum", "quantile", "created_timestamp"};
    return names[static_cast<std::size_t>(field)];
}
[[nodiscard]] constexpr std::string_view name_of(quantile_field field) noexcept {
    return field == quantile_field::rank ? "quantile" : "value";
}
[[nodiscard]] constexpr std::string_view name_of(histogram_field field) noexcept {
    constexpr std::array<std::string_view, 17> names{"",
                                                     "sample_count",
                                                     "sample_sum",
                                                     "bucket",
                                                     "sample_count_float",
                                                     "schema",
                                                     "zero_threshold",
                                                     "zero_count",
                                                     "zero_count_float",
                                                     "negative_span",
                                                     "negative_delta",
                                                     "negative_count",
                                                     "positive_span",
                                                     "positive_delta",
                                                     "positive_count",
                                                     "created_timestamp",
                                                     "exemplars"};
    return names[static_cast<std::size_t>(field)];
}
[[nodiscard]] constexpr std::string_view name_of(bucket_field field) noexcept {
    constexpr std::array<std::string_view, 5> names{"", "cumulative_count", "upper_bound", "exemplar",
                                                    "cumulative_count_float"};
    return names[static_cast<std::size_t>(field)];
}
[[nodiscard]] constexpr std::string_view name_of(span_field field) noexcept {
    return field == span_field::offset ? "offset" : "length";
}
[[nodiscard]] constexpr std::string_view name_of(exemplar_field field) noexcept {
    constexpr std::array<std::string_view, 4> names{"", "label", "value", "timestamp"};
    return names[static_cast<std::size_t>(field)];
}
[[nodiscard]] constexpr std::string_view name_of(time_field field) noexcept {
    return field == time_field::seconds ? "seconds" : "nanos";
}
///@}

/// A field and how it lies on the wire, in one number: a field that lies in another way is an unknown one.
template <class Field>
[[nodiscard]] constexpr std::uint32_t varint(Field field) noexcept {
    return protozero::tag_and_type(field, protozero::pbf_wire_type::varint);
}
template <class Field>
[[nodiscard]] constexpr std::uint32_t fixed(Field field) noexcept {
    return protozero::tag_and_type(field, protozero::pbf_wire_type::fixed64);
}
template <class Field>
[[nodiscard]] constexpr std::uint32_t bytes(Field field) noexcept {
    return protozero::tag_and_type(field, protozero::pbf_wire_type::length_delimited);
}

}  // namespace pushgateway::format::protobuf
