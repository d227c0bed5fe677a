#pragma once

/// \file
/// Histograms: classic and native, of integers and of floats.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

#include <protozero/pbf_reader.hpp>

#include <pushgateway/format/decoded_rows.hpp>
#include <pushgateway/format/protobuf/detail/message.hpp>
#include <pushgateway/format/protobuf/fields.hpp>
#include <pushgateway/model/metric.hpp>

namespace pushgateway::format::protobuf::detail {

/// A count in both of its spellings.
struct count {
    std::uint64_t whole = 0;
    double floating = 0;
    bool has_whole = false;
    bool has_floating = false;

    /// A float count wins if it is positive, or alone.
    template <class Count>
    [[nodiscard]] Count as() const noexcept {
        if constexpr (std::is_floating_point_v<Count>) {
            return has_floating && (floating > 0 || !has_whole) ? floating : static_cast<double>(whole);
        } else {
            return whole;
        }
    }
};

/// Which spellings of counts there are.
struct spellings {
    bool whole = false;           ///< an integer that is not zero
    bool floating = false;        ///< any float
    bool positive_float = false;  ///< one that overrides an integer

    void add(count const& c) noexcept {
        whole = whole || c.whole != 0;
        floating = floating || c.has_floating;
        positive_float = positive_float || c.floating > 0;
    }

    [[nodiscard]] bool in_floats() const noexcept { return positive_float || (floating && !whole); }
};

/// Decodes one histogram with counts of one kind.
template <class Count>
class histogram_decoder {
public:
    histogram_decoder(rows& all, metric_row& row, place& where, budget& series) noexcept
        : all_(all), row_(row), where_(where), series_(series) {}

    /// False if the counts are of the other kind; then the rows hold more than they should.
    [[nodiscard]] bool operator()(std::string_view message) {
        auto& buckets = all_.buckets_of<Count>();
        row_.points.first = size_of(buckets);
        row_.kind = std::is_floating_point_v<Count> ? value_kind::float_histogram : value_kind::histogram;
        native_.negative_spans.first = size_of(all_.negative.spans);
        native_.positive_spans.first = size_of(all_.positive.spans);
        native_.negative.first = size_of(all_.negative.template numbers<Count>());
        native_.positive.first = size_of(all_.positive.template numbers<Count>());
        for_each_field(message, where_, [this](protozero::pbf_reader& field) {
            if (take_classic(field)) return;
            if (take_native(field)) {
                is_native_ = true;
            } else {
                field.skip();
            }
        });
        seen_.add(total_);
        seen_.add(zero_);
        if (std::is_floating_point_v<Count> != seen_.in_floats()) return false;
        row_.points.count = size_of(buckets) - row_.points.first;
        row_.count = total_.template as<std::uint64_t>();
        row_.float_count = total_.template as<double>();
        if (is_native_) keep_native();
        return true;
    }

private:
    bool take_classic(protozero::pbf_reader& field) {
        switch (field.tag_and_type()) {
            case varint(histogram_field::count): take_whole(total_, field); return true;
            case fixed(histogram_field::float_count): take_float(total_, field); return true;
            case fixed(histogram_field::sum): row_.value = field.get_double(); return true;
            case bytes(histogram_field::bucket): take_bucket(text(field)); return true;
            case bytes(histogram_field::created):
                all_.details_of(row_).details.created = decode_instant(text(field), where_);
                return true;
            case bytes(histogram_field::exemplar):
                decode_exemplar(text(field), model::exemplar::no_bucket, all_, row_, where_, series_);
                return true;
            default: return false;
        }
    }

    bool take_native(protozero::pbf_reader& field) {
        switch (field.tag_and_type()) {
            case varint(histogram_field::schema): native_.buckets.schema = field.get_sint32(); return true;
            case fixed(histogram_field::zero_threshold):
                native_.buckets.zero_threshold = field.get_double();
                return true;
            case varint(histogram_field::zero_count): take_whole(zero_, field); return true;
            case fixed(histogram_field::float_zero_count): take_float(zero_, field); return true;
            case bytes(histogram_field::negative_span): take_span(text(field), all_.negative.spans); return true;
            case bytes(histogram_field::positive_span): take_span(text(field), all_.positive.spans); return true;
            case varint(histogram_field::negative_delta): take_delta(field, all_.negative); return true;
            case varint(histogram_field::positive_delta): take_delta(field, all_.positive); return true;
            case bytes(histogram_field::negative_delta): take_deltas(field, all_.negative); return true;
            case bytes(histogram_field::positive_delta): take_deltas(field, all_.positive); return true;
            case fixed(histogram_field::negative_count): take_count(field, all_.negative); return true;
            case fixed(histogram_field::positive_count): take_count(field, all_.positive); return true;
            case bytes(histogram_field::negative_count): take_counts(field, all_.negative); return true;
            case bytes(histogram_field::positive_count): take_counts(field, all_.positive); return true;
            default: return false;
        }
    }

    static void take_whole(count& c, protozero::pbf_reader& field) {
        c.whole = field.get_uint64();
        c.has_whole = true;
    }

    static void take_float(count& c, protozero::pbf_reader& field) {
        c.floating = field.get_double();
        c.has_floating = true;
    }

    void take_bucket(std::string_view message) {
        series_.take();
        auto& buckets = all_.buckets_of<Count>();
        auto const position = size_of(buckets) - row_.points.first;
        count counted;
        double bound = 0;
        for_each_field(message, where_, [&](protozero::pbf_reader& field) {
            switch (field.tag_and_type()) {
                case varint(bucket_field::count): take_whole(counted, field); break;
                case fixed(bucket_field::float_count): take_float(counted, field); break;
                case fixed(bucket_field::upper_bound): bound = field.get_double(); break;
                case bytes(bucket_field::exemplar):
                    decode_exemplar(text(field), position, all_, row_, where_, series_);
                    break;
                default: field.skip();
            }
        });
        seen_.add(counted);
        buckets.push_back({bound, counted.template as<Count>()});
    }

    void take_span(std::string_view message, std::vector<model::bucket_span>& spans) {
        series_.take();
        auto& added = spans.emplace_back();
        for_each_field(message, where_, [&added](protozero::pbf_reader& field) {
            switch (field.tag_and_type()) {
                case varint(span_field::offset): added.offset = field.get_sint32(); break;
                case varint(span_field::length): added.length = field.get_uint32(); break;
                default: field.skip();
            }
        });
    }

    void add_delta(std::int64_t delta, side_rows& side) {
        series_.take();
        seen_.whole = true;
        side.deltas.push_back(delta);
    }

    void add_count(double number, side_rows& side) {
        series_.take();
        seen_.floating = seen_.positive_float = true;
        side.counts.push_back(number);
    }

    void take_delta(protozero::pbf_reader& field, side_rows& side) { add_delta(field.get_sint64(), side); }
    void take_count(protozero::pbf_reader& field, side_rows& side) { add_count(field.get_double(), side); }

    void take_deltas(protozero::pbf_reader& field, side_rows& side) {
        for (auto const delta : field.get_packed_sint64()) add_delta(delta, side);
    }

    void take_counts(protozero::pbf_reader& field, side_rows& side) {
        for (auto const number : field.get_packed_double()) add_count(number, side);
    }

    void keep_native() {
        native_.buckets.zero_count = zero_.template as<Count>();
        auto const close = [](run& r, std::size_t size) { r.count = static_cast<std::uint32_t>(size) - r.first; };
        close(native_.negative_spans, all_.negative.spans.size());
        close(native_.positive_spans, all_.positive.spans.size());
        close(native_.negative, all_.negative.template numbers<Count>().size());
        close(native_.positive, all_.positive.template numbers<Count>().size());
        all_.connect(native_);
        // Buckets without spans are read by nobody.
        auto const& read = native_.buckets;
        bool const has_spans = !read.negative.spans.empty() || !read.positive.spans.empty();
        bool const has_buckets = !read.negative.buckets.empty() || !read.positive.buckets.empty();
        if (has_buckets && !has_spans && !(read.zero_threshold > 0) && zero_.whole == 0) return;
        auto& natives = all_.natives_of<Count>();
        all_.rest_of(row_).native = size_of(natives);
        natives.push_back(native_);
    }

    rows& all_;
    metric_row& row_;
    place& where_;
    budget& series_;
    native_row<Count> native_;
    count total_;
    count zero_;
    spellings seen_;
    bool is_native_ = false;
};

/// Decodes the histogram of one metric.
inline void decode_histogram(std::string_view message, rows& all, metric_row& row, place& where, budget& series) {
    auto const before = row;
    auto const series_before = series;
    auto const buckets = all.buckets.size();
    auto const rests = all.rests.size();
    auto const rest = before.rest == no_row ? rest_row() : all.rests[before.rest];
    auto const exemplars = all.exemplars.size();
    auto const exemplar_labels = all.labels_of_exemplars.size();
    if (histogram_decoder<std::uint64_t>(all, row, where, series)(message)) return;
    // Only now it is known that the counts are floats.
    row = before;
    series = series_before;
    all.buckets.resize(buckets);
    all.rests.resize(rests);
    if (before.rest != no_row) all.rests[before.rest] = rest;
    all.exemplars.resize(exemplars);
    all.exemplar_labels.resize(exemplars);
    all.labels_of_exemplars.resize(exemplar_labels);
    if (!histogram_decoder<double>(all, row, where, series)(message)) {
        throw refusal{errc::invalid, "a histogram of integers and of floats"};
    }
}

}  // namespace pushgateway::format::protobuf::detail
