#pragma once

/// \file
/// A metric of OpenMetrics in the making: what its samples, which come one after the other, say together.

#include <algorithm>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include <pushgateway/base/number.hpp>
#include <pushgateway/format/decoded_rows.hpp>
#include <pushgateway/format/detail/folding.hpp>
#include <pushgateway/format/metric_set_type.hpp>
#include <pushgateway/format/problem.hpp>
#include <pushgateway/model/exemplar.hpp>
#include <pushgateway/model/metric.hpp>

namespace pushgateway::format::detail {

/// Adds metrics to rows, sample by sample.
class metric_parts {
public:
    explicit metric_parts(decoded::rows& rows) noexcept : rows_(rows) {}

    /// Begins a metric with these labels.
    void begin(metric_set_type type, decoded::run labels) {
        type_ = type;
        row_ = {};
        row_.labels = labels;
        row_.kind = kind_of(type);
        seen_ = 0;
        buckets_.clear();
        open_ = true;
    }

    /// True between `begin` and `end`.
    [[nodiscard]] bool open() const noexcept { return open_; }

    [[nodiscard]] model::labels labels() const noexcept { return row_.labels.of(rows_.labels); }

    /// A sample. `bound`: of a bucket or quantile.
    [[nodiscard]] problem take(sample_part part, double value, double bound) {
        if (part == sample_part::bucket) return take_bucket(bound, value);
        if (part == sample_part::value && type_ == metric_set_type::summary) return take_quantile(bound, value);
        if ((std::exchange(seen_, seen_ | bit(part)) & bit(part)) != 0)
            return "a second line of this kind for one metric";
        if (part == sample_part::count) return take_count(value);
        switch (type_) {
            case metric_set_type::counter:
                if (!(value >= 0)) return "a counter that is negative or no number";
                break;
            case metric_set_type::info:
                if (value != 1) return "an info whose value is not 1";
                break;
            case metric_set_type::state_set:
                if (value != 0 && value != 1) return "a state that is neither 0 nor 1";
                break;
            default: break;
        }
        row_.value = value;
        return nullptr;
    }

    /// The sample that says since when the metric counts.
    [[nodiscard]] problem take_created(model::instant const& time) {
        auto const created = bit(sample_part::created);
        if ((std::exchange(seen_, seen_ | created) & created) != 0) return "a second line of this kind for one metric";
        rows_.details_of(row_).details.created = time;
        return nullptr;
    }

    void set_timestamp(std::int64_t ms) { rows_.rest_of(row_).timestamp_ms = ms; }

    /// An exemplar of the sample that came last, whose labels follow.
    void add_exemplar() {
        auto& exemplars = rows_.details_of(row_).exemplars;
        if (exemplars.count++ == 0) exemplars.first = decoded::size_of(rows_.exemplars);
        auto& added = rows_.exemplars.emplace_back();
        if (has_buckets(type_)) added.bucket = static_cast<std::uint32_t>(buckets_.size() - 1);
        rows_.exemplar_labels.push_back({decoded::size_of(rows_.labels_of_exemplars), 0});
    }

    /// Puts the metric into the rows.
    [[nodiscard]] problem end() {
        open_ = false;
        if (type_ == metric_set_type::counter && (seen_ & bit(sample_part::value)) == 0) {
            return "a counter without a sample whose name ends in \"_total\"";
        }
        if (has_buckets(type_)) {
            if (auto const wrong = end_histogram()) return wrong;
        }
        rows_.metrics.push_back(row_);
        ++rows_.families.back().metrics.count;
        return nullptr;
    }

private:
    using kind = decoded::value_kind;

    [[nodiscard]] static constexpr std::uint8_t bit(sample_part part) noexcept {
        return static_cast<std::uint8_t>(1 << static_cast<int>(part));
    }

    [[nodiscard]] static constexpr kind kind_of(metric_set_type type) noexcept {
        switch (kept_type(type)) {
            case model::metric_type::counter: return kind::counter;
            case model::metric_type::gauge: return kind::gauge;
            case model::metric_type::summary: return kind::summary;
            case model::metric_type::untyped: return kind::untyped;
            case model::metric_type::histogram:
            case model::metric_type::gauge_histogram: break;
        }
        return kind::histogram;
    }

    [[nodiscard]] problem take_bucket(double bound, double count) {
        if (!(count >= 0)) return "a negative count in a histogram, or one that is no number";
        if (!buckets_.empty()) {
            if (!(bound > buckets_.back().upper_bound)) return "a bucket that is not above the one before";
            if (count < buckets_.back().count) return "a bucket with a smaller count than the one before";
        }
        buckets_.push_back({bound, count});
        return nullptr;
    }

    [[nodiscard]] problem take_quantile(double rank, double value) {
        if (!(rank >= 0 && rank <= 1)) return "a quantile that is not from 0 to 1";
        if (row_.points.count++ == 0) row_.points.first = decoded::size_of(rows_.quantiles);
        rows_.quantiles.push_back({rank, value});
        return nullptr;
    }

    [[nodiscard]] problem take_count(double count) {
        if (!(count >= 0)) return "a count that is negative or no number";
        if (type_ == metric_set_type::summary) {
            if (!is_whole_count(count)) return "a count of a summary that is no whole number";
            row_.count = to_unsigned(count);
        }
        row_.float_count = count;
        return nullptr;
    }

    [[nodiscard]] problem end_histogram() {
        if (buckets_.empty() || buckets_.back().upper_bound != std::numeric_limits<double>::infinity()) {
            return "a histogram without a bucket \"+Inf\"";
        }
        auto const all = buckets_.back().count;
        if ((seen_ & bit(sample_part::count)) != 0 && row_.float_count != all) {
            return "a histogram whose count is not that of its bucket \"+Inf\"";
        }
        bool const whole = std::ranges::all_of(buckets_, [](auto const& b) { return is_whole_count(b.count); });
        row_.points.count = decoded::size_of(buckets_);
        if (whole) {
            row_.count = to_unsigned(all);
            row_.points.first = decoded::size_of(rows_.buckets);
            for (auto const& [bound, count] : buckets_) rows_.buckets.push_back({bound, to_unsigned(count)});
        } else {
            row_.kind = kind::float_histogram;
            row_.float_count = all;
            row_.points.first = decoded::size_of(rows_.float_buckets);
            rows_.float_buckets.insert(rows_.float_buckets.end(), buckets_.begin(), buckets_.end());
        }
        return nullptr;
    }

    decoded::rows& rows_;
    metric_set_type type_ = metric_set_type::unknown;
    decoded::metric_row row_;
    std::uint8_t seen_ = 0;
    std::vector<model::float_bucket> buckets_;  ///< of a histogram, until it is known whether their counts are whole
    bool open_ = false;
};

}  // namespace pushgateway::format::detail
