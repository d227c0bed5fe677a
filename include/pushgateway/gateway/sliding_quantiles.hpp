#pragma once

/// \file
/// Quantiles of what was observed during the last minutes, cheap enough for every request.

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <mutex>
#include <vector>

#include <pushgateway/base/clock.hpp>

namespace pushgateway {

/// Counts positive values in buckets a sixteenth of a power of two wide, in five slices of two minutes each, so that an
/// observation leaves the quantiles after eight to ten minutes. A quantile is the mean of the bucket it falls into: off
/// by at most a sixteenth, exact if all values there are equal. All functions may be called from any thread; an
/// observation takes no lock except the first one of a slice.
class sliding_quantiles {
public:
    /// Adds one value. Values below 2^-30 and above 2^40 share the outermost buckets.
    void observe(double value, timestamp now) noexcept {
        auto const epoch = epoch_of(now);
        auto& slice = slices_[static_cast<std::uint64_t>(epoch) % slices_.size()];
        if (slice.epoch.load(std::memory_order_acquire) != epoch) begin(slice, epoch);
        auto& cell = slice.cells[bucket_of(value)];
        // The sum first: who sees the count sees at least the values that it counts.
        cell.sum.fetch_add(value, std::memory_order_relaxed);
        cell.count.fetch_add(1, std::memory_order_release);
        sum_.fetch_add(value, std::memory_order_relaxed);
        count_.fetch_add(1, std::memory_order_relaxed);
    }

    /// How many values there were since the beginning.
    [[nodiscard]] std::uint64_t count() const noexcept { return count_.load(std::memory_order_relaxed); }
    /// Their sum.
    [[nodiscard]] double sum() const noexcept { return sum_.load(std::memory_order_relaxed); }

    /// The value at each rank of `ranks` (in [0, 1]) among those of the last minutes; NaN if there were none.
    template <std::size_t N>
    [[nodiscard]] std::array<double, N> quantiles(std::array<double, N> const& ranks, timestamp now) const {
        std::vector<total> totals(buckets);
        std::uint64_t all = 0;
        auto const epoch = epoch_of(now);
        for (auto const& slice : slices_) {
            auto const at = slice.epoch.load(std::memory_order_acquire);
            if (at > epoch || at <= epoch - static_cast<std::int64_t>(slices_.size())) continue;
            for (std::size_t i = 0; i != buckets; ++i) {
                auto const n = slice.cells[i].count.load(std::memory_order_acquire);
                if (n == 0) continue;
                totals[i].count += n;
                totals[i].sum += slice.cells[i].sum.load(std::memory_order_relaxed);
                all += n;
            }
        }
        std::array<double, N> out{};
        for (std::size_t i = 0; i != N; ++i) out[i] = at_rank(totals, all, ranks[i]);
        return out;
    }

private:
    static constexpr int sub_bits = 4;
    static constexpr int lowest_exponent = -30;
    static constexpr int highest_exponent = 40;
    static constexpr std::size_t buckets = std::size_t{highest_exponent - lowest_exponent} << sub_bits;
    static constexpr std::uint64_t first_bits = static_cast<std::uint64_t>(1023 + lowest_exponent) << sub_bits;
    static constexpr std::chrono::nanoseconds slice_length = std::chrono::minutes(2);

    struct cell {
        std::atomic<std::uint64_t> count{0};
        std::atomic<double> sum{0};
    };
    struct slice {
        std::atomic<std::int64_t> epoch{std::numeric_limits<std::int64_t>::min()};
        std::array<cell, buckets> cells;
    };
    struct total {
        std::uint64_t count = 0;
        double sum = 0;
    };

    static std::int64_t epoch_of(timestamp now) noexcept { return now.time_since_epoch() / slice_length; }

    // The exponent and the first bits of the fraction of a double are the number of its bucket.
    static std::size_t bucket_of(double value) noexcept {
        if (!(value > 0)) return 0;
        auto const bits = std::bit_cast<std::uint64_t>(value) >> (52 - sub_bits);
        if (bits < first_bits) return 0;
        return std::min<std::size_t>(bits - first_bits, buckets - 1);
    }

    static double lower_bound_of(std::size_t bucket) noexcept {
        return std::bit_cast<double>((first_bits + bucket) << (52 - sub_bits));
    }

    static double at_rank(std::vector<total> const& totals, std::uint64_t all, double rank) noexcept {
        if (all == 0) return std::numeric_limits<double>::quiet_NaN();
        auto const wanted = std::max(1.0, std::ceil(rank * static_cast<double>(all)));
        std::uint64_t seen = 0;
        for (std::size_t i = 0; i != totals.size(); ++i) {
            seen += totals[i].count;
            if (totals[i].count == 0 || static_cast<double>(seen) < wanted) continue;
            auto const mean = totals[i].sum / static_cast<double>(totals[i].count);
            if (i == 0 || i + 1 == totals.size()) return mean;
            return std::clamp(mean, lower_bound_of(i), lower_bound_of(i + 1));
        }
        return std::numeric_limits<double>::quiet_NaN();
    }

    void begin(slice& s, std::int64_t epoch) noexcept {
        std::lock_guard const guard(mutex_);
        if (s.epoch.load(std::memory_order_relaxed) == epoch) return;
        for (auto& c : s.cells) {
            c.count.store(0, std::memory_order_relaxed);
            c.sum.store(0, std::memory_order_relaxed);
        }
        s.epoch.store(epoch, std::memory_order_release);
    }

    std::array<slice, 5> slices_;
    std::atomic<std::uint64_t> count_{0};
    std::atomic<double> sum_{0};
    std::mutex mutex_;
};

}  // namespace pushgateway
