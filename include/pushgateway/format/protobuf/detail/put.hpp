#pragma once

/// \file
/// Which fields the messages of a family get, in whatever form they are written.
///
/// A sink has `text(field, string)`, `number(field, double)`, `whole(field, integer)`, `zigzag(field, integer)`,
/// `type(field, metric_type)` and `message(field, fill)`, which calls `fill` with the sink of a message inside. Fields
/// come in the order in which the messages declare them.

#include <cstdint>
#include <optional>
#include <string_view>
#include <type_traits>
#include <variant>

#include <pushgateway/format/protobuf/fields.hpp>
#include <pushgateway/format/unit.hpp>
#include <pushgateway/model/metric.hpp>
#include <pushgateway/model/metric_family.hpp>

namespace pushgateway::format::protobuf::detail {

template <class Sink, class Field>
void put_labels(Sink& out, Field field, model::labels labels) {
    for (auto const& label : labels) {
        out.message(field, [&label](Sink& inner) {
            inner.text(label_field::name, label.name);
            inner.text(label_field::value, label.value);
        });
    }
}

template <class Sink, class Field>
void put_instant(Sink& out, Field field, model::instant const& time) {
    out.message(field, [&time](Sink& inner) {
        // As everywhere in version 3 of the language, a zero is not written.
        if (time.seconds != 0) inner.whole(time_field::seconds, time.seconds);
        if (time.nanos != 0) inner.whole(time_field::nanos, time.nanos);
    });
}

template <class Sink, class Field>
void put_created(Sink& out, Field field, model::metric_details const* details) {
    if (details != nullptr && details->created) put_instant(out, field, *details->created);
}

/// The exemplars that belong to one bucket, or to none.
template <class Sink, class Field>
void put_exemplars(Sink& out, Field field, model::metric_details const* details, std::uint32_t bucket) {
    if (details == nullptr) return;
    for (auto const& exemplar : details->exemplars) {
        if (exemplar.bucket != bucket) continue;
        out.message(field, [&exemplar](Sink& inner) {
            put_labels(inner, exemplar_field::label, exemplar.labels);
            inner.number(exemplar_field::value, exemplar.value);
            if (exemplar.time) put_instant(inner, exemplar_field::time, *exemplar.time);
        });
    }
}

template <class Sink, class Field, class Count>
void put_count(Sink& out, Field whole, Field floating, Count count) {
    if constexpr (std::is_floating_point_v<Count>) {
        out.number(floating, count);
    } else {
        out.whole(whole, count);
    }
}

template <class Sink, class Number>
void put_side(Sink& out, model::native_side<Number> const& side, histogram_field spans, histogram_field deltas,
              histogram_field counts) {
    for (auto const& span : side.spans) {
        out.message(spans, [&span](Sink& inner) {
            inner.zigzag(span_field::offset, span.offset);
            inner.whole(span_field::length, span.length);
        });
    }
    for (auto const number : side.buckets) {
        if constexpr (std::is_floating_point_v<Number>) {
            out.number(counts, number);
        } else {
            out.zigzag(deltas, number);
        }
    }
}

template <class Sink, class Count>
void put_native(Sink& out, model::basic_native_buckets<Count> const& native) {
    out.zigzag(histogram_field::schema, native.schema);
    out.number(histogram_field::zero_threshold, native.zero_threshold);
    put_count(out, histogram_field::zero_count, histogram_field::float_zero_count, native.zero_count);
    put_side(out, native.negative, histogram_field::negative_span, histogram_field::negative_delta,
             histogram_field::negative_count);
    put_side(out, native.positive, histogram_field::positive_span, histogram_field::positive_delta,
             histogram_field::positive_count);
}

template <class Sink>
void put_value(Sink& out, model::gauge const& gauge, model::metric_details const*) {
    out.message(metric_field::gauge, [&](Sink& inner) { inner.number(number_field::value, gauge.value); });
}

template <class Sink>
void put_value(Sink& out, model::untyped const& untyped, model::metric_details const*) {
    out.message(metric_field::untyped, [&](Sink& inner) { inner.number(number_field::value, untyped.value); });
}

template <class Sink>
void put_value(Sink& out, model::counter const& counter, model::metric_details const* details) {
    out.message(metric_field::counter, [&](Sink& inner) {
        inner.number(number_field::value, counter.value);
        put_exemplars(inner, number_field::exemplar, details, model::exemplar::no_bucket);
        put_created(inner, number_field::created, details);
    });
}

template <class Sink>
void put_value(Sink& out, model::summary const& summary, model::metric_details const* details) {
    out.message(metric_field::summary, [&](Sink& inner) {
        inner.whole(summary_field::count, summary.count);
        inner.number(summary_field::sum, summary.sum);
        for (auto const& quantile : summary.quantiles) {
            inner.message(summary_field::quantile, [&quantile](Sink& one) {
                one.number(quantile_field::rank, quantile.rank);
                one.number(quantile_field::value, quantile.value);
            });
        }
        put_created(inner, summary_field::created, details);
    });
}

template <class Sink, class Count>
void put_value(Sink& out, model::basic_histogram<Count> const& histogram, model::metric_details const* details) {
    out.message(metric_field::histogram, [&](Sink& inner) {
        put_count(inner, histogram_field::count, histogram_field::float_count, histogram.count);
        inner.number(histogram_field::sum, histogram.sum);
        std::uint32_t position = 0;
        for (auto const& bucket : histogram.buckets) {
            inner.message(histogram_field::bucket, [&](Sink& one) {
                put_count(one, bucket_field::count, bucket_field::float_count, bucket.count);
                one.number(bucket_field::upper_bound, bucket.upper_bound);
                put_exemplars(one, bucket_field::exemplar, details, position);
            });
            ++position;
        }
        put_created(inner, histogram_field::created, details);
        if (histogram.native != nullptr) put_native(inner, *histogram.native);
        put_exemplars(inner, histogram_field::exemplar, details, model::exemplar::no_bucket);
    });
}

/// One metric, as a field of the message of its family.
template <class Sink>
void put_metric(Sink& family, model::metric const& metric) {
    family.message(family_field::metric, [&metric](Sink& out) {
        put_labels(out, metric_field::label, metric.labels);
        std::visit([&](auto const& value) { put_value(out, value, metric.details); }, metric.value);
        if (metric.timestamp_ms) out.whole(metric_field::timestamp_ms, *metric.timestamp_ms);
    });
}

/// What the message of a family has before its metrics.
template <class Sink>
void put_header(Sink& family, std::string_view name, std::optional<std::string_view> help, model::metric_type type,
                std::string_view unit = {}) {
    family.text(family_field::name, name);
    if (help) family.text(family_field::help, *help);
    family.type(family_field::type, type);
    if (auto const shown = shown_unit(name, type, unit); !shown.empty()) family.text(family_field::unit, shown);
}

}  // namespace pushgateway::format::protobuf::detail
