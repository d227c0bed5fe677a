#pragma once

/// \file
/// What a builder says of what a parser reports to it.

#include <cstddef>
#include <optional>

#include <pushgateway/base/limits.hpp>

namespace pushgateway::format {

/// What is wrong with what a parser reported; null if nothing is. A constant string, to follow a place in the input;
/// `%n` in it stands for a name that the builder has beside it.
using problem = char const*;

/// \name Too much of something
/// Told apart by their addresses.
///@{
inline constexpr char too_many_families[] = "more families than a push may have";
inline constexpr char too_many_samples[] = "more samples than a push may have";
inline constexpr char too_many_labels[] = "more labels than a sample may have";
///@}

/// A mistake of both formats in lines.
inline constexpr char label_given_twice[] = "a label name given twice: %n";

/// The limit that a problem is about, if it is about one.
[[nodiscard]] inline std::optional<limit_kind> limit_of(problem p) noexcept {
    if (p == too_many_families) return limit_kind::families_per_push;
    if (p == too_many_samples) return limit_kind::series_per_push;
    if (p == too_many_labels) return limit_kind::labels_per_series;
    return std::nullopt;
}

/// How much a body may hold.
struct exposition_bounds {
    std::size_t labels_per_sample = limits{}.labels_per_sample;  ///< above 65,535 this makes no difference
    std::size_t families = limits{}.families_per_push;           ///< names, those without a sample included
    std::size_t samples = limits{}.series_per_push;

    /// The bound that belongs to a limit of these three.
    [[nodiscard]] std::size_t of(limit_kind limit) const noexcept {
        if (limit == limit_kind::families_per_push) return families;
        return limit == limit_kind::series_per_push ? samples : labels_per_sample;
    }
};

}  // namespace pushgateway::format
