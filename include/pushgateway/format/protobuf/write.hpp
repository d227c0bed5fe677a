#pragma once

/// \file
/// Writing metric families as protobuf messages of `io.prometheus.client`.
///
/// What is written reads as the same again, see parse.hpp; the other way round, unknown fields and the unit are lost.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>

#include <protozero/pbf_builder.hpp>
#include <protozero/varint.hpp>

#include <pushgateway/format/protobuf/fields.hpp>
#include <pushgateway/model/metric.hpp>
#include <pushgateway/model/metric_family.hpp>

namespace pushgateway::format::protobuf {

namespace detail {

template <class Field>
using builder = protozero::pbf_builder<Field>;

inline void write_label(protozero::pbf_writer& parent, protozero::pbf_tag_type field, model::label const& label) {
    builder<label_field> out(parent, field);
    out.add_string(label_field::name, label.name.data(), label.name.size());
    out.add_string(label_field::value, label.value.data(), label.value.size());
}

inline void write_instant(protozero::pbf_writer& parent, protozero::pbf_tag_type field, model::instant const& time) {
    builder<time_field> out(parent, field);
    // As everywhere in version 3 of the language, a zero is not written.
    if (time.seconds != 0) out.add_int64(time_field::seconds, time.seconds);
    if (time.nanos != 0) out.add_int32(time_field::nanos, time.nanos);
}

inline void write_exemplar(protozero::pbf_writer& parent, protozero::pbf_tag_type field,
                           model::exemplar const& exemplar) {
    builder<exemplar_field> out(parent, field);
    for (auto const& label : exemplar.labels) {
        write_label(out, static_cast<protozero::pbf_tag_type>(exemplar_field::label), label);
    }
    out.add_double(exemplar_field::value, exemplar.value);
    if (exemplar.time) write_instant(out, static_cast<protozero::pbf_tag_type>(exemplar_field::time), *exemplar.time);
}

template <class Field>
void write_created(builder<Field>& out, model::metric_details const* details) {
    if (details != nullptr && details->created) {
        write_instant(out, static_cast<protozero::pbf_tag_type>(Field::created), *details->created);
    }
}

template <class Field, class Count>
void write_count(builder<Field>& out, Field whole, Field floating, Count count) {
    if constexpr (std::is_floating_point_v<Count>) {
        out.add_double(floating, count);
    } else {
        out.add_uint64(whole, count);
    }
}

template <class Number>
void write_side(builder<histogram_field>& out, model::native_side<Number> const& side, histogram_field spans,
                histogram_field deltas, histogram_field counts) {
    for (auto const& span : side.spans) {
        builder<span_field> one(out, spans);
        one.add_sint32(span_field::offset, span.offset);
        one.add_uint32(span_field::length, span.length);
    }
    for (auto const number : side.buckets) {
        if constexpr (std::is_floating_point_v<Number>) {
            out.add_double(counts, number);
        } else {
            out.add_sint64(deltas, number);
        }
    }
}

template <class Count>
void write_native(builder<histogram_field>& out, model::basic_native_buckets<Count> const& native) {
    out.add_sint32(histogram_field::schema, native.schema);
    out.add_double(histogram_field::zero_threshold, native.zero_threshold);
    write_count(out, histogram_field::zero_count, histogram_field::float_zero_count, native.zero_count);
    write_side(out, native.negative, histogram_field::negative_span, histogram_field::negative_delta,
               histogram_field::negative_count);
    write_side(out, native.positive, histogram_field::positive_span, histogram_field::positive_delta,
               histogram_field::positive_count);
}

/// The exemplars that belong to one bucket, or to none.
template <class Field>
void write_exemplars(builder<Field>& out, model::metric_details const* details, std::uint32_t bucket) {
    if (details == nullptr) return;
    for (auto const& exemplar : details->exemplars) {
        if (exemplar.bucket != bucket) continue;
        write_exemplar(out, static_cast<protozero::pbf_tag_type>(Field::exemplar), exemplar);
    }
}

/// Writes the value of a metric into its message.
class value_writer {
public:
    value_writer(builder<metric_field>& out, model::metric_details const* details) noexcept
        : out_(out), details_(details) {}

    void operator()(model::gauge const& g) { write_number(metric_field::gauge, g.value); }
    void operator()(model::untyped const& u) { write_number(metric_field::untyped, u.value); }

    void operator()(model::counter const& c) {
        builder<number_field> number(out_, metric_field::counter);
        number.add_double(number_field::value, c.value);
        write_exemplars(number, details_, model::exemplar::no_bucket);
        write_created(number, details_);
    }

    void operator()(model::summary const& s) {
        builder<summary_field> summary(out_, metric_field::summary);
        summary.add_uint64(summary_field::count, s.count);
        summary.add_double(summary_field::sum, s.sum);
        for (auto const& q : s.quantiles) {
            builder<quantile_field> quantile(summary, summary_field::quantile);
            quantile.add_double(quantile_field::rank, q.rank);
            quantile.add_double(quantile_field::value, q.value);
        }
        write_created(summary, details_);
    }

    template <class Count>
    void operator()(model::basic_histogram<Count> const& h) {
        builder<histogram_field> histogram(out_, metric_field::histogram);
        write_count(histogram, histogram_field::count, histogram_field::float_count, h.count);
        histogram.add_double(histogram_field::sum, h.sum);
        for (std::uint32_t i = 0; i != h.buckets.size(); ++i) {
            builder<bucket_field> bucket(histogram, histogram_field::bucket);
            write_count(bucket, bucket_field::count, bucket_field::float_count, h.buckets[i].count);
            bucket.add_double(bucket_field::upper_bound, h.buckets[i].upper_bound);
            write_exemplars(bucket, details_, i);
        }
        if (h.native != nullptr) write_native(histogram, *h.native);
        write_created(histogram, details_);
        write_exemplars(histogram, details_, model::exemplar::no_bucket);
    }

private:
    void write_number(metric_field field, double value) {
        builder<number_field> number(out_, field);
        number.add_double(number_field::value, value);
    }

    builder<metric_field>& out_;
    model::metric_details const* details_;
};

}  // namespace detail

/// Appends one metric, as a field of the message of its family.
inline void append_metric(std::string& out, model::metric const& metric) {
    protozero::pbf_builder<family_field> family(out);
    protozero::pbf_builder<metric_field> message(family, family_field::metric);
    for (auto const& label : metric.labels) {
        detail::write_label(message, static_cast<protozero::pbf_tag_type>(metric_field::label), label);
    }
    std::visit(detail::value_writer(message, metric.details), metric.value);
    if (metric.timestamp_ms) message.add_int64(metric_field::timestamp_ms, *metric.timestamp_ms);
}

/// Appends what the message of a family has before its metrics.
inline void append_header(std::string& out, std::string_view name, std::optional<std::string_view> help,
                          model::metric_type type) {
    protozero::pbf_builder<family_field> family(out);
    family.add_string(family_field::name, name.data(), name.size());
    if (help) family.add_string(family_field::help, help->data(), help->size());
    family.add_enum(family_field::type, static_cast<std::int32_t>(type));
}

/// Appends the length of a message that follows.
inline void append_length(std::string& out, std::size_t length) {
    protozero::add_varint_to_buffer(&out, length);
}

/// Appends a family as one message behind its length.
inline void append_family(std::string& out, model::metric_family const& family) {
    std::string message;
    append_header(message, family.name, family.help, family.type);
    for (auto const& metric : family.metrics) append_metric(message, metric);
    append_length(out, message.size());
    out += message;
}

}  // namespace pushgateway::format::protobuf
