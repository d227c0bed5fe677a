#pragma once

/// \file
/// The native buckets of a histogram one by one, each with its bounds and its count: there may be a million of them.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <type_traits>

#include <pushgateway/format/native_bounds.hpp>
#include <pushgateway/model/native_buckets.hpp>

namespace pushgateway::format {

/// Which of its bounds belong to a bucket, by the number that Prometheus' API has for it.
enum class native_bounds : std::uint8_t { upper = 0, lower = 1, both = 3 };

/// A native bucket that holds something.
template <class Count>
struct native_cell {
    native_bounds bounds{};
    double low = 0;
    double high = 0;
    Count count = 0;
};

/// A bucket of one side and its place.
template <class Count>
struct placed_bucket {
    std::int64_t index = 0;
    Count count = 0;
};

/// Goes through the buckets of one side, which fit their spans.
template <class Count>
class native_walk {
public:
    using side = model::native_side<typename model::basic_native_buckets<Count>::number>;

    explicit native_walk(side const& of) noexcept : side_(of) {}

    /// The next one away from zero; nothing behind the last one.
    std::optional<placed_bucket<Count>> next() noexcept {
        while (span_ != side_.spans.size() && inside_ == side_.spans[span_].length) {
            if (inside_ == 0) index_ += side_.spans[span_].offset;
            ++span_;
            inside_ = 0;
        }
        if (span_ == side_.spans.size() || number_ == side_.buckets.size()) return std::nullopt;
        if (inside_ == 0) index_ += side_.spans[span_].offset;
        if constexpr (is_float) {
            sum_ = side_.buckets[number_];
        } else {
            sum_ += side_.buckets[number_];
        }
        ++number_;
        ++inside_;
        return placed_bucket<Count>{index_++, static_cast<Count>(sum_)};
    }

    /// The one that `next` gave last, and goes back before it; nothing before the first one.
    std::optional<placed_bucket<Count>> previous() noexcept {
        if (number_ == 0) return std::nullopt;
        while (inside_ == 0) {
            --span_;
            inside_ = side_.spans[span_].length;
            if (inside_ == 0) index_ -= side_.spans[span_].offset;
        }
        --index_;
        placed_bucket<Count> const found{index_, static_cast<Count>(is_float ? side_.buckets[number_ - 1] : sum_)};
        --number_;
        --inside_;
        if constexpr (!is_float) sum_ -= side_.buckets[number_];
        if (inside_ == 0) index_ -= side_.spans[span_].offset;
        return found;
    }

    /// Goes behind the last one.
    void go_to_end() noexcept {
        while (next()) {
        }
    }

private:
    static constexpr bool is_float = std::is_floating_point_v<Count>;

    side side_;
    std::size_t span_ = 0;      // where the next one is
    std::uint32_t inside_ = 0;  // how many of that span are behind
    std::size_t number_ = 0;    // how many are behind, all together
    std::int64_t index_ = 0;    // behind the last one
    std::conditional_t<is_float, double, std::int64_t> sum_{};
};

/// Goes through the buckets of both sides and of zero that are not empty, from low to high. What a histogram holds must
/// fit its spans, and live as long as this.
template <class Count>
class native_cells {
public:
    explicit native_cells(model::basic_native_buckets<Count> const& native) noexcept
        : native_(native), negative_(native.negative), positive_(native.positive) {
        negative_.go_to_end();
    }

    /// The next one; nothing behind the last one.
    std::optional<native_cell<Count>> next() noexcept {
        while (!zero_passed_) {
            if (auto const bucket = negative_.previous()) {
                if (bucket->count == 0) continue;
                return cell{native_bounds::lower, -bound(bucket->index), -bound(bucket->index - 1), bucket->count};
            }
            zero_passed_ = true;
            if (native_.zero_count == 0) break;
            return cell{native_bounds::both, -native_.zero_threshold, native_.zero_threshold, native_.zero_count};
        }
        while (auto const bucket = positive_.next()) {
            if (bucket->count == 0) continue;
            return cell{native_bounds::upper, bound(bucket->index - 1), bound(bucket->index), bucket->count};
        }
        return std::nullopt;
    }

private:
    using cell = native_cell<Count>;

    [[nodiscard]] double bound(std::int64_t index) const noexcept { return native_bound(index, native_.schema); }

    model::basic_native_buckets<Count> native_;
    native_walk<Count> negative_;
    native_walk<Count> positive_;
    bool zero_passed_ = false;
};

}  // namespace pushgateway::format
