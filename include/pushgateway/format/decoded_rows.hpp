#pragma once

/// \file
/// A body as rows, for formats that send the metrics of a family one after the other: what a decoder fills without an
/// allocation per metric or label.

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

#include <pushgateway/format/detail/arena.hpp>
#include <pushgateway/model/metric.hpp>
#include <pushgateway/model/metric_family.hpp>

namespace pushgateway::format::decoded {

/// Absence of a row.
inline constexpr std::uint32_t no_row = std::numeric_limits<std::uint32_t>::max();

template <class Row>
[[nodiscard]] std::uint32_t size_of(std::vector<Row> const& all) noexcept {
    return static_cast<std::uint32_t>(all.size());
}

/// Neighbouring rows of one kind.
struct run {
    std::uint32_t first = 0;
    std::uint32_t count = 0;

    /// The rows of this run in `all`.
    template <class Row>
    [[nodiscard]] std::span<Row const> of(std::vector<Row> const& all) const noexcept {
        return std::span<Row const>(all).subspan(first, count);
    }
};

struct family_row {
    std::string_view name;
    std::string_view help;
    bool has_help = false;
    std::string_view unit;
    model::metric_type type = model::metric_type::counter;
    model::gauge_kind kind = model::gauge_kind::plain;
    run metrics;
};

/// Which value a metric has.
enum class value_kind : std::uint8_t { none, counter, gauge, untyped, summary, histogram, float_histogram };

struct metric_row {
    run labels;
    run points;        ///< quantiles or buckets
    double value = 0;  ///< or the sum
    std::uint64_t count = 0;
    double float_count = 0;
    std::uint32_t rest = no_row;
    value_kind kind = value_kind::none;
};

/// What few metrics have.
struct rest_row {
    std::optional<std::int64_t> timestamp_ms;
    model::metric_details details;
    bool has_details = false;
    run exemplars;
    std::uint32_t native = no_row;  ///< in `natives` or `float_natives`
};

/// The native buckets of a histogram in the making.
template <class Count>
struct native_row {
    model::basic_native_buckets<Count> buckets;
    run negative_spans;
    run negative;
    run positive_spans;
    run positive;
};

/// The native buckets of all histograms on one side of zero.
struct side_rows {
    std::vector<model::bucket_span> spans;
    std::vector<std::int64_t> deltas;
    std::vector<double> counts;

    void clear() noexcept {
        spans.clear();
        deltas.clear();
        counts.clear();
    }

    template <class Count>
    [[nodiscard]] auto& numbers() noexcept {
        if constexpr (std::is_floating_point_v<Count>) {
            return counts;
        } else {
            return deltas;
        }
    }
};

struct rows {
    std::vector<family_row> families;
    std::vector<metric_row> metrics;
    std::vector<model::label> labels;
    std::vector<model::quantile> quantiles;
    std::vector<model::bucket> buckets;
    std::vector<model::float_bucket> float_buckets;
    std::vector<rest_row> rests;
    std::vector<model::exemplar> exemplars;
    std::vector<run> exemplar_labels;  ///< as many as exemplars
    std::vector<model::label> labels_of_exemplars;
    std::vector<native_row<std::uint64_t>> natives;
    std::vector<native_row<double>> float_natives;
    side_rows negative;
    side_rows positive;
    detail::arena unescaped;  ///< strings that differ from the bytes of the body

    void clear() noexcept {
        unescaped.clear();
        families.clear();
        metrics.clear();
        labels.clear();
        quantiles.clear();
        buckets.clear();
        float_buckets.clear();
        rests.clear();
        exemplars.clear();
        exemplar_labels.clear();
        labels_of_exemplars.clear();
        natives.clear();
        float_natives.clear();
        negative.clear();
        positive.clear();
    }

    /// The rest of a metric, which gets one if it has none.
    [[nodiscard]] rest_row& rest_of(metric_row& metric) {
        if (metric.rest == no_row) {
            metric.rest = size_of(rests);
            rests.emplace_back();
        }
        return rests[metric.rest];
    }

    [[nodiscard]] rest_row& details_of(metric_row& metric) {
        auto& rest = rest_of(metric);
        rest.has_details = true;
        return rest;
    }

    /// The classic buckets of a kind.
    template <class Count>
    [[nodiscard]] auto& buckets_of() noexcept {
        if constexpr (std::is_floating_point_v<Count>) {
            return float_buckets;
        } else {
            return buckets;
        }
    }

    /// The native buckets of a kind.
    template <class Count>
    [[nodiscard]] auto& natives_of() noexcept {
        if constexpr (std::is_floating_point_v<Count>) {
            return float_natives;
        } else {
            return natives;
        }
    }

    /// Turns places into views, once nothing grows any more.
    void connect() noexcept {
        for (std::size_t i = 0; i != exemplars.size(); ++i) {
            exemplars[i].labels = exemplar_labels[i].of(labels_of_exemplars);
        }
        for (auto& rest : rests) rest.details.exemplars = rest.exemplars.of(exemplars);
        for (auto& native : natives) connect(native);
        for (auto& native : float_natives) connect(native);
    }

    /// The same for one histogram.
    template <class Count>
    void connect(native_row<Count>& native) noexcept {
        native.buckets.negative = {native.negative_spans.of(negative.spans),
                                   native.negative.of(negative.numbers<Count>())};
        native.buckets.positive = {native.positive_spans.of(positive.spans),
                                   native.positive.of(positive.numbers<Count>())};
    }
};

}  // namespace pushgateway::format::decoded
