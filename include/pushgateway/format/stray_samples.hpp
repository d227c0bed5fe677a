#pragma once

/// \file
/// What is said of samples in the text format that are no part of their summary or histogram: nothing would be left of
/// their values.

#include <algorithm>
#include <array>

#include <pushgateway/format/problem.hpp>

namespace pushgateway::format::stray {

inline constexpr char in_histogram[] =
    "a sample %n of the histogram %n, whose samples are %n_bucket with a label \"le\", %n_sum and %n_count: a single "
    "value is a gauge, a counter or untyped";
inline constexpr char bucket_without_bound[] =
    "a sample %n_bucket of the histogram %n without the label \"le\", which says up to which value it counts";
inline constexpr char no_bound[] = "a bucket of the histogram %n whose label \"le\" is not a number but NaN";
inline constexpr char bound_elsewhere[] =
    "a label \"le\" on %n_sum or %n_count of the histogram %n: only %n_bucket has it";
inline constexpr char in_summary[] =
    "a sample %n of the summary %n without the label \"quantile\", the others are %n_sum and %n_count: a single "
    "value is a gauge, a counter or untyped";
inline constexpr char no_quantile[] = "a sample of the summary %n whose label \"quantile\" is not a number but NaN";
inline constexpr char quantile_elsewhere[] =
    "a label \"quantile\" on %n_sum or %n_count of the summary %n: only %n itself has it";
inline constexpr char count_of_summary[] = "a sample %n_count of the summary %n that is not a whole number from 0 on";

/// True for those that are about a whole line.
[[nodiscard]] inline bool is_stray(problem what) noexcept {
    static constexpr std::array<problem, 8> all{in_histogram,       bucket_without_bound, no_bound,
                                                bound_elsewhere,    in_summary,           no_quantile,
                                                quantile_elsewhere, count_of_summary};
    return std::ranges::find(all, what) != all.end();
}

}  // namespace pushgateway::format::stray
