#pragma once

/// \file
/// The native buckets of a histogram as JSON, a piece at a time: there may be a million of them.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>

#include <pushgateway/base/number.hpp>
#include <pushgateway/format/native_bounds.hpp>
#include <pushgateway/model/metric.hpp>
#include <pushgateway/model/metric_family.hpp>
#include <pushgateway/model/native_buckets.hpp>

namespace pushgateway::http::detail {

/// A bucket and its place.
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

    native_walk() = default;
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

/// Appends the buckets that are not empty, from low to high, each as `[1 if only the lower bound belongs to it, 0 if
/// only the upper one, 3 if both, lower, upper, count]`.
template <class Count>
class native_cells_json {
public:
    explicit native_cells_json(model::basic_native_buckets<Count> const& native) noexcept
        : native_(native), negative_(native.negative), positive_(native.positive) {
        negative_.go_to_end();
    }

    /// Appends until `out` has `size` bytes; false if that was all.
    bool next(std::string& out, std::size_t size) {
        while (out.size() < size) {
            if (!zero_written_) {
                if (auto const bucket = negative_.previous()) {
                    append(out, 1, -bound(bucket->index), -bound(bucket->index - 1), bucket->count);
                    continue;
                }
                zero_written_ = true;
                append(out, 3, -native_.zero_threshold, native_.zero_threshold, native_.zero_count);
            } else if (auto const bucket = positive_.next()) {
                append(out, 0, bound(bucket->index - 1), bound(bucket->index), bucket->count);
            } else {
                return false;
            }
        }
        return true;
    }

private:
    [[nodiscard]] double bound(std::int64_t index) const noexcept {
        return format::native_bound(index, native_.schema);
    }

    void append(std::string& out, int bounds, double low, double high, Count count) {
        if (count == 0) return;
        out += std::exchange(begun_, true) ? ",[" : "[";
        out += static_cast<char>('0' + bounds);
        out += ",\"";
        append_go_value(out, low);
        out += "\",\"";
        append_go_value(out, high);
        out += "\",\"";
        if constexpr (std::is_floating_point_v<Count>) {
            append_go_value(out, count);
        } else {
            out += std::to_string(count);
        }
        out += "\"]";
    }

    model::basic_native_buckets<Count> native_;
    native_walk<Count> negative_;
    native_walk<Count> positive_;
    bool zero_written_ = false;
    bool begun_ = false;
};

/// The same for either kind of histogram.
class native_json {
public:
    native_json() = default;
    template <class Count>
    explicit native_json(model::basic_native_buckets<Count> const& native) noexcept
        : cells_(native_cells_json<Count>(native)) {}

    /// Appends until `out` has `size` bytes; false if that was all.
    bool next(std::string& out, std::size_t size) {
        return std::visit(
            [&]<class Cells>(Cells& cells) {
                if constexpr (std::is_same_v<Cells, std::monostate>) {
                    return false;
                } else {
                    return cells.next(out, size);
                }
            },
            cells_);
    }

private:
    std::variant<std::monostate, native_cells_json<std::uint64_t>, native_cells_json<double>> cells_;
};

/// The native buckets by which the API shows a metric; nothing if it does not.
[[nodiscard]] inline std::optional<native_json> native_of(model::metric_type type, model::metric const& metric) {
    std::optional<native_json> out;
    if (type == model::metric_type::gauge_histogram) return out;
    std::visit(
        [&out](auto const& value) {
            if constexpr (requires { value.native; }) {
                auto const* native = value.native;
                if (native == nullptr || (native->negative.spans.empty() && native->positive.spans.empty())) return;
                out.emplace(*native);
            }
        },
        metric.value);
    return out;
}

}  // namespace pushgateway::http::detail
