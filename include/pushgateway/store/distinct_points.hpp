#pragma once

/// \file
/// Summaries and histograms of which no two quantiles or buckets have the same bound.

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <variant>
#include <vector>

#include <boost/unordered/unordered_flat_set.hpp>

#include <pushgateway/model/metric.hpp>
#include <pushgateway/model/points.hpp>

namespace pushgateway::store {

/// Leaves out of metrics the second of two equal bounds, and with it all exemplars, which are told by position. Reuses
/// its memory: a result lives until the next call.
class distinct_points {
public:
    [[nodiscard]] model::metric operator()(model::metric metric) {
        if (auto* s = std::get_if<model::summary>(&metric.value)) s->quantiles = distinct(s->quantiles, quantiles_);
        if (auto* h = std::get_if<model::histogram>(&metric.value)) h->buckets = distinct(h->buckets, buckets_);
        if (auto* h = std::get_if<model::float_histogram>(&metric.value)) {
            h->buckets = distinct(h->buckets, float_buckets_);
        }
        if (metric.details != nullptr && !metric.details->exemplars.empty()) {
            details_ = {metric.details->created, {}};
            metric.details = &details_;
        }
        return metric;
    }

private:
    template <class Point>
    [[nodiscard]] std::span<Point const> distinct(std::span<Point const> points, std::vector<Point>& kept) {
        kept.clear();
        seen_.clear();
        for (auto const& point : points) {
            auto const bound = model::bound_of(point);
            // The two zeros are spelled alike, and so are all NaN.
            auto const alike = std::isnan(bound) ? std::numeric_limits<double>::quiet_NaN() : bound + 0.0;
            if (seen_.insert(std::bit_cast<std::uint64_t>(alike)).second) kept.push_back(point);
        }
        return kept;
    }

    boost::unordered_flat_set<std::uint64_t> seen_;
    std::vector<model::quantile> quantiles_;
    std::vector<model::bucket> buckets_;
    std::vector<model::float_bucket> float_buckets_;
    model::metric_details details_;
};

}  // namespace pushgateway::store
