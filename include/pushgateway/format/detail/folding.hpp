#pragma once

/// \file
/// Makes the metrics of one family out of its samples. The lines of a summary or histogram that have the same labels,
/// in any order and wherever they stand, are one metric.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include <pushgateway/base/number.hpp>
#include <pushgateway/format/detail/flat_exposition.hpp>
#include <pushgateway/model/metric.hpp>

namespace pushgateway::format::detail {

/// True if a count is a whole number that 64 unsigned bits hold. Others make a histogram one of floats.
[[nodiscard]] inline bool is_whole_count(double value) noexcept {
    return value == static_cast<double>(to_unsigned(value));
}

/// Same labels, in whatever order. Both have unique names.
[[nodiscard]] inline bool same_label_set(model::labels a, model::labels b) {
    constexpr std::size_t few = 16;
    if (a.size() != b.size()) return false;
    if (std::ranges::equal(a, b)) return true;
    if (a.size() <= few) {
        return std::ranges::all_of(a, [b](model::label const& l) { return std::ranges::find(b, l) != b.end(); });
    }
    std::vector<model::label> left(a.begin(), a.end());
    std::vector<model::label> right(b.begin(), b.end());
    std::ranges::sort(left);
    std::ranges::sort(right);
    return left == right;
}

/// The samples of one family, in the order pushed.
class family_samples {
public:
    /// `order` lists the rows of all families one after another; empty if the rows already lie so.
    family_samples(flat_exposition const& flat, family_row const& family, std::span<std::uint32_t const> order,
                   std::size_t first) noexcept
        : flat_(flat), family_(family), order_(order), first_(first) {}

    [[nodiscard]] model::metric_type type() const noexcept { return family_.type; }
    [[nodiscard]] bool as_upstream() const noexcept { return flat_.as_upstream; }

    [[nodiscard]] std::size_t size() const noexcept { return family_.samples; }
    [[nodiscard]] sample_row const& operator[](std::size_t i) const noexcept { return flat_.samples[row(i)]; }
    [[nodiscard]] model::labels labels(std::size_t i) const noexcept { return flat_.labels_of((*this)[i]); }
    [[nodiscard]] double bound(std::size_t i) const noexcept { return flat_.bounds[(*this)[i].bound]; }

    [[nodiscard]] std::optional<std::int64_t> timestamp(std::size_t i) const noexcept {
        if (!(*this)[i].has_timestamp) return std::nullopt;
        return std::ranges::lower_bound(flat_.timestamps, row(i), {}, &timestamp_row::sample)->ms;
    }

private:
    [[nodiscard]] std::size_t row(std::size_t i) const noexcept {
        return order_.empty() ? first_ + i : order_[first_ + i];
    }

    flat_exposition const& flat_;
    family_row const& family_;
    std::span<std::uint32_t const> order_;
    std::size_t first_;
};

/// Folds one family after the other; a result lives until the next call.
class folding {
public:
    [[nodiscard]] std::span<model::metric const> operator()(family_samples const& samples) {
        metrics_.clear();
        switch (samples.type()) {
            case model::metric_type::counter: fold_plain<model::counter>(samples); break;
            case model::metric_type::gauge: fold_plain<model::gauge>(samples); break;
            case model::metric_type::untyped: fold_plain<model::untyped>(samples); break;
            case model::metric_type::summary: fold_summary(samples); break;
            case model::metric_type::histogram:
            case model::metric_type::gauge_histogram: fold_histogram(samples); break;
        }
        return metrics_;
    }

private:
    /// A metric in the making.
    struct group {
        model::labels labels;
        std::uint32_t next = no_row;  ///< another group of the same hash
        std::uint32_t bounds = 0;     ///< how many buckets or quantiles
        std::uint32_t next_bound = 0;
        bool in_floats = false;
        bool has_sum = false;
        bool has_count = false;
        std::uint64_t count = 0;
        std::optional<double> float_count;  ///< the last count that was not whole: it stays, whatever follows
        double sum = 0;
        std::optional<std::int64_t> timestamp;
    };

    template <class Value>
    void fold_plain(family_samples const& samples) {
        metrics_.reserve(samples.size());
        for (std::size_t i = 0; i < samples.size(); ++i) {
            metrics_.push_back({samples.labels(i), Value{samples[i].value}, samples.timestamp(i)});
        }
    }

    void fold_summary(family_samples const& samples) {
        collect(samples);
        quantiles_.resize(lay_out_bounds());
        for (std::size_t i = 0; i < samples.size(); ++i) {
            if (samples[i].role != role::value || samples[i].bound == no_row) continue;
            quantiles_[groups_[group_of_sample_[i]].next_bound++] = {samples.bound(i), samples[i].value};
        }
        for (group const& g : groups_) {
            auto const own = std::span(quantiles_).subspan(g.next_bound - g.bounds, g.bounds);
            metrics_.push_back({g.labels, model::summary{g.count, g.sum, own}, g.timestamp});
        }
    }

    void fold_histogram(family_samples const& samples) {
        collect(samples);
        auto const bounds = lay_out_bounds();
        buckets_.resize(bounds);
        float_buckets_.resize(bounds);
        for (std::size_t i = 0; i < samples.size(); ++i) {
            if (samples[i].role != role::value || samples[i].bound == no_row) continue;
            group& g = groups_[group_of_sample_[i]];
            auto const at = g.next_bound++;
            // Without a count, as in the gauge histograms of some clients, the last bucket has it.
            if (!g.has_count && !samples.as_upstream() && samples.bound(i) == std::numeric_limits<double>::infinity()) {
                if (is_whole_count(samples[i].value)) {
                    g.count = to_unsigned(samples[i].value);
                } else {
                    g.float_count = samples[i].value;
                }
            }
            if (g.in_floats) {
                // Whole counts pass through an integer, so that a negative zero becomes a positive one.
                float_buckets_[at] = {samples.bound(i), samples[i].value + 0.0};
            } else {
                buckets_[at] = {samples.bound(i), to_unsigned(samples[i].value)};
            }
        }
        for (group const& g : groups_) {
            auto const first = g.next_bound - g.bounds;
            if (g.in_floats) {
                auto const count = g.float_count.value_or(static_cast<double>(g.count));
                auto const own = std::span(float_buckets_).subspan(first, g.bounds);
                metrics_.push_back({g.labels, model::float_histogram{count, g.sum, own}, g.timestamp});
            } else {
                auto const own = std::span(buckets_).subspan(first, g.bounds);
                metrics_.push_back({g.labels, model::histogram{g.count, g.sum, own}, g.timestamp});
            }
        }
    }

    /// Finds the group of every sample, and takes all but the bounds into it.
    void collect(family_samples const& samples) {
        groups_.clear();
        by_labels_.clear();
        group_of_sample_.resize(samples.size());
        bool const histogram = model::has_buckets(samples.type());
        auto likely = no_row;
        for (std::size_t i = 0; i < samples.size(); ++i) {
            sample_row const& s = samples[i];
            likely = group_of(samples.labels(i), likely);
            auto index = likely;
            if (s.role != role::value) {
                auto& has_part = s.role == role::sum ? groups_[index].has_sum : groups_[index].has_count;
                if (std::exchange(has_part, true) && !samples.as_upstream()) index = group_like(index);
            }
            group_of_sample_[i] = index;
            group& g = groups_[index];
            if (s.has_timestamp) g.timestamp = samples.timestamp(i);
            if (s.role == role::sum) {
                g.sum = s.value;
            } else if (s.role == role::count) {
                if (!histogram || is_whole_count(s.value)) {
                    g.count = to_unsigned(s.value);
                } else {
                    g.float_count = s.value;
                    g.in_floats = true;
                }
            } else if (s.bound != no_row) {
                ++g.bounds;
                if (histogram && !is_whole_count(s.value)) g.in_floats = true;
            }
        }
    }

    /// `likely`: the group of the sample before.
    [[nodiscard]] std::uint32_t group_of(model::labels labels, std::uint32_t likely) {
        if (likely != no_row && groups_[likely].labels.data() == labels.data() &&
            groups_[likely].labels.size() == labels.size()) {
            return likely;
        }
        auto const fresh = static_cast<std::uint32_t>(groups_.size());
        auto const [at, is_new] = by_labels_.try_emplace(hash_(labels), fresh);
        std::uint32_t next = no_row;
        if (!is_new) {
            for (auto i = at->second; i != no_row; i = groups_[i].next) {
                if (same_label_set(groups_[i].labels, labels)) return i;
            }
            next = std::exchange(at->second, fresh);
        }
        group& added = groups_.emplace_back();
        added.labels = labels;
        added.next = next;
        return fresh;
    }

    /// Another group with the same labels, for what is there twice.
    [[nodiscard]] std::uint32_t group_like(std::uint32_t index) {
        auto const fresh = static_cast<std::uint32_t>(groups_.size());
        group twin;
        twin.labels = groups_[index].labels;
        twin.has_sum = twin.has_count = true;
        groups_.push_back(twin);
        return fresh;
    }

    /// Gives each group its run of buckets or quantiles; returns how many there are in all.
    [[nodiscard]] std::uint32_t lay_out_bounds() noexcept {
        std::uint32_t total = 0;
        for (group& g : groups_) {
            g.next_bound = total;
            total += g.bounds;
        }
        return total;
    }

    std::vector<model::metric> metrics_;
    std::vector<group> groups_;
    std::vector<std::uint32_t> group_of_sample_;
    boost::unordered_flat_map<std::uint64_t, std::uint32_t> by_labels_;
    std::vector<model::quantile> quantiles_;
    std::vector<model::bucket> buckets_;
    std::vector<model::float_bucket> float_buckets_;
    text_hash hash_;
};

}  // namespace pushgateway::format::detail
