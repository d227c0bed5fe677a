#pragma once

/// \file
/// What stands behind each value of a rich part: the timestamp, native buckets, exemplars, the moment since which it
/// counts. Parts none of whose metrics has any of that are not rich, and pay nothing.
///
///     rich      = flags [ timestamp ] [ created ] [ native ] [ exemplars ]        ; in words of 64 bits
///     created   = seconds nanos
///     native    = schema zero-threshold zero-count 2side
///     side      = span-count bucket-count *span *bucket
///     exemplars = count *exemplar
///     exemplar  = bucket value flags [ seconds nanos ] label-count text-size *( text, as in a label block )

#include <algorithm>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <variant>
#include <vector>

#include <boost/container/small_vector.hpp>

#include <pushgateway/model/metric.hpp>
#include <pushgateway/store/label_block.hpp>

namespace pushgateway::store {

/// Words of values that are being written.
using value_buffer = boost::container::small_vector<std::uint64_t, 64>;

/// The native buckets of a value, or null: calls `visit` with a pointer to those of its kind if it is a histogram.
template <class Visit>
void with_native(model::metric_value const& value, Visit&& visit) {
    if (auto const* h = std::get_if<model::histogram>(&value); h != nullptr && h->native != nullptr) visit(*h->native);
    if (auto const* h = std::get_if<model::float_histogram>(&value); h != nullptr && h->native != nullptr) {
        visit(*h->native);
    }
}

/// True if a metric has more than labels and a classic value.
[[nodiscard]] inline bool is_rich(model::metric const& metric) noexcept {
    if (metric.details != nullptr || metric.timestamp_ms) return true;
    bool native = false;
    with_native(metric.value, [&native](auto const&) { native = true; });
    return native;
}

/// The bytes that the rest of a metric takes, roughly.
[[nodiscard]] inline std::size_t rich_size_of(model::metric const& metric) noexcept {
    std::size_t size = 0;
    with_native(metric.value, [&size](auto const& native) {
        size += 8 * (native.negative.spans.size() + native.negative.buckets.size());
        size += 8 * (native.positive.spans.size() + native.positive.buckets.size());
    });
    if (metric.details == nullptr) return size;
    for (auto const& exemplar : metric.details->exemplars) {
        size += sizeof exemplar;
        for (auto const& label : exemplar.labels) size += label.name.size() + label.value.size();
    }
    return size;
}

namespace detail {

enum rich_flag : std::uint8_t {
    has_timestamp = 1,
    has_created = 2,
    has_native = 4,
    has_exemplars = 8,
    has_details = 16
};

template <class Number>
void put_word(value_buffer& out, Number number) {
    if constexpr (std::integral<Number>) {
        out.push_back(static_cast<std::uint64_t>(number));
    } else {
        out.push_back(std::bit_cast<std::uint64_t>(number));
    }
}

inline void put_instant(value_buffer& out, model::instant const& time) {
    put_word(out, time.seconds);
    put_word(out, time.nanos);
}

/// Any bytes, filled up to whole words.
inline void put_bytes(value_buffer& out, void const* bytes, std::size_t size) {
    auto const at = out.size();
    out.resize(at + (size + 7) / 8);
    if (size != 0) std::memcpy(out.data() + at, bytes, size);
}

template <class Side>
void put_side(value_buffer& out, Side const& side) {
    static_assert(sizeof(model::bucket_span) == 8);
    put_word(out, side.spans.size());
    put_word(out, side.buckets.size());
    put_bytes(out, side.spans.data(), side.spans.size_bytes());
    put_bytes(out, side.buckets.data(), side.buckets.size_bytes());
}

inline void put_exemplar(value_buffer& out, model::exemplar const& exemplar) {
    put_word(out, exemplar.bucket);
    put_word(out, exemplar.value);
    put_word(out, exemplar.time ? 1 : 0);
    if (exemplar.time) put_instant(out, *exemplar.time);
    byte_buffer text;
    for (auto const& label : exemplar.labels) {
        put_text(text, label.name);
        put_text(text, label.value);
    }
    put_word(out, exemplar.labels.size());
    put_word(out, text.size());
    put_bytes(out, text.data(), text.size());
}

}  // namespace detail

/// Appends the rest of a metric.
inline void put_rich(value_buffer& out, model::metric const& metric) {
    auto const* details = metric.details;
    auto const flags = out.size();
    std::uint64_t present = details != nullptr ? detail::has_details : 0;
    out.push_back(0);
    if (metric.timestamp_ms) {
        present |= detail::has_timestamp;
        detail::put_word(out, *metric.timestamp_ms);
    }
    if (details != nullptr && details->created) {
        present |= detail::has_created;
        detail::put_instant(out, *details->created);
    }
    with_native(metric.value, [&](auto const& native) {
        present |= detail::has_native;
        detail::put_word(out, native.schema);
        detail::put_word(out, native.zero_threshold);
        detail::put_word(out, native.zero_count);
        detail::put_side(out, native.negative);
        detail::put_side(out, native.positive);
    });
    if (details != nullptr && !details->exemplars.empty()) {
        present |= detail::has_exemplars;
        detail::put_word(out, details->exemplars.size());
        for (auto const& exemplar : details->exemplars) detail::put_exemplar(out, exemplar);
    }
    out[flags] = present;
}

/// Reads the rest of one metric after the other.
class rich_reader {
public:
    /// Completes a metric whose value has been read, and moves `at` behind its rest. What the metric then refers to
    /// lives until the next call, its numbers and texts as long as the words.
    void read(std::uint64_t const*& at, model::metric& metric) {
        auto const present = *at++;
        if ((present & detail::has_timestamp) != 0) metric.timestamp_ms = static_cast<std::int64_t>(*at++);
        details_ = {};
        if ((present & detail::has_created) != 0) details_.created = take_instant(at);
        if ((present & detail::has_native) != 0) {
            if (auto* h = std::get_if<model::histogram>(&metric.value)) h->native = take_native(at, native_);
            if (auto* h = std::get_if<model::float_histogram>(&metric.value)) h->native = take_native(at, floats_);
        }
        if ((present & detail::has_exemplars) != 0) take_exemplars(at);
        if ((present & detail::has_details) != 0) metric.details = &details_;
    }

private:
    [[nodiscard]] static model::instant take_instant(std::uint64_t const*& at) noexcept {
        auto const seconds = static_cast<std::int64_t>(*at++);
        return {seconds, static_cast<std::int32_t>(*at++)};
    }

    template <class Native>
    [[nodiscard]] static Native const* take_native(std::uint64_t const*& at, Native& native) noexcept {
        native.schema = static_cast<std::int32_t>(*at++);
        native.zero_threshold = std::bit_cast<double>(*at++);
        native.zero_count = std::bit_cast<decltype(native.zero_count)>(*at++);
        take_side(at, native.negative);
        take_side(at, native.positive);
        return &native;
    }

    template <class Number>
    static void take_side(std::uint64_t const*& at, model::native_side<Number>& side) noexcept {
        auto const spans = static_cast<std::size_t>(*at++);
        auto const buckets = static_cast<std::size_t>(*at++);
        side.spans = {reinterpret_cast<model::bucket_span const*>(at), spans};
        at += spans;
        side.buckets = {reinterpret_cast<Number const*>(at), buckets};
        at += buckets;
    }

    void take_exemplars(std::uint64_t const*& at) {
        exemplars_.resize(static_cast<std::size_t>(*at++));
        labels_.clear();
        ends_.clear();
        for (auto& exemplar : exemplars_) {
            exemplar = {};
            exemplar.bucket = static_cast<std::uint32_t>(*at++);
            exemplar.value = std::bit_cast<double>(*at++);
            if (*at++ != 0) exemplar.time = take_instant(at);
            auto const labels = static_cast<std::size_t>(*at++);
            auto const size = static_cast<std::size_t>(*at++);
            auto const* text = reinterpret_cast<char const*>(at);
            ends_.push_back(labels_.size() + labels);
            for (std::size_t i = 0; i != labels; ++i) {
                auto const name = detail::take_text(text);
                labels_.push_back({name, detail::take_text(text)});
            }
            at += (size + 7) / 8;
        }
        // The views come last: until then the labels may move.
        std::size_t first = 0;
        for (std::size_t i = 0; i != exemplars_.size(); ++i) {
            exemplars_[i].labels = std::span(labels_).subspan(first, ends_[i] - first);
            first = ends_[i];
        }
        details_.exemplars = exemplars_;
    }

    model::metric_details details_;
    model::native_buckets native_;
    model::float_native_buckets floats_;
    std::vector<model::exemplar> exemplars_;
    std::vector<model::label> labels_;
    std::vector<std::size_t> ends_;  // of each exemplar's labels
};

}  // namespace pushgateway::store
