#pragma once

/// \file
/// A parsed body as rows: what a parser fills without an allocation per sample or label.

#include <cstdint>
#include <limits>
#include <string_view>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include <pushgateway/format/detail/arena.hpp>
#include <pushgateway/format/detail/text_hash.hpp>
#include <pushgateway/model/label.hpp>
#include <pushgateway/model/metric_family.hpp>

namespace pushgateway::format::detail {

/// Absence of a row.
inline constexpr std::uint32_t no_row = std::numeric_limits<std::uint32_t>::max();

/// Which part of its metric a sample is. `value` includes the buckets and quantiles.
enum class role : std::uint8_t { value = 0, sum = 1, count = 2 };

/// Bits of the suffixed names that are known to belong to a summary or histogram.
enum suffix : std::uint8_t { sum_suffix = 1, count_suffix = 2, bucket_suffix = 4 };

struct family_row {
    std::string_view name;
    std::string_view help;
    model::metric_type type = model::metric_type::untyped;
    bool has_help = false;
    bool has_type = false;
    std::uint8_t known_suffixes = 0;
    std::uint32_t first_sample = 0;
    std::uint32_t samples = 0;
};

struct sample_row {
    double value;
    std::uint32_t family;
    std::uint32_t first_label;
    std::uint32_t bound;  ///< of a bucket or quantile: its place in `bounds`; else no_row
    std::uint16_t labels;
    detail::role role;
    bool has_timestamp;
};

struct timestamp_row {
    std::uint32_t sample;
    std::int64_t ms;
};

struct flat_exposition {
    std::vector<family_row> families;
    std::vector<sample_row> samples;
    std::vector<model::label> labels;
    std::vector<double> bounds;
    std::vector<timestamp_row> timestamps;  ///< ascending by sample
    boost::unordered_flat_map<std::string_view, std::uint32_t, text_hash> index;
    arena unescaped;
    std::uint32_t families_with_samples = 0;
    bool interleaved = false;   ///< some family's samples are not in one run
    bool quoted_names = false;  ///< some name was quoted, so it may be any text
    /// Read summaries and histograms as upstream does: of two sums or counts of a metric the last counts, and a count
    /// that is missing is 0. Otherwise a second one makes a second metric with the same labels, which is a conflict.
    bool as_upstream = false;

    [[nodiscard]] model::labels labels_of(sample_row const& s) const noexcept {
        return {labels.data() + s.first_label, s.labels};
    }

    void clear() {
        // Clearing a hash table takes time in proportion to its room: one huge body must not slow all later ones.
        if (index.bucket_count() / 64 > families.size()) {
            index = {};
        } else {
            index.clear();
        }
        families.clear();
        samples.clear();
        labels.clear();
        bounds.clear();
        timestamps.clear();
        unescaped.clear();
        families_with_samples = 0;
        interleaved = false;
        quoted_names = false;
    }
};

}  // namespace pushgateway::format::detail
