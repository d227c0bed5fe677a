#pragma once

/// \file
/// The messages of `io.prometheus.client`, by their field numbers.

#include <cstdint>

#include <protozero/types.hpp>

namespace pushgateway::format::protobuf {

enum class family_field : protozero::pbf_tag_type { name = 1, help = 2, type = 3, metric = 4 };

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
