#pragma once

/// \file
/// Bounds of buckets and quantiles: each is a label, so none may be there twice.

#include <algorithm>
#include <cmath>
#include <optional>
#include <span>

#include <boost/container/small_vector.hpp>

#include <pushgateway/model/metric.hpp>

namespace pushgateway::model {

[[nodiscard]] constexpr double bound_of(quantile const& q) noexcept { return q.rank; }
template <class Count>
[[nodiscard]] constexpr double bound_of(basic_bucket<Count> const& b) noexcept {
    return b.upper_bound;
}

/// True if two bounds are spelled alike.
[[nodiscard]] inline bool same_bound(double a, double b) noexcept { return a == b || (std::isnan(a) && std::isnan(b)); }

/// A bound that two of the points have, or nothing.
template <class Point>
[[nodiscard]] std::optional<double> repeated_bound(std::span<Point const> points) {
    auto const below = [](Point const& a, Point const& b) { return bound_of(a) < bound_of(b); };
    bool ascending = true;
    for (std::size_t i = 1; i < points.size() && ascending; ++i) ascending = below(points[i - 1], points[i]);
    if (ascending) return std::nullopt;
    boost::container::small_vector<double, 32> bounds;
    for (auto const& point : points) bounds.push_back(bound_of(point));
    std::ranges::sort(bounds, [](double a, double b) { return std::isnan(b) ? !std::isnan(a) : a < b; });
    auto const twice = std::ranges::adjacent_find(bounds, same_bound);
    return twice == bounds.end() ? std::nullopt : std::optional(*twice);
}

}  // namespace pushgateway::model
