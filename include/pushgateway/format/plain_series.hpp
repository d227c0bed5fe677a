#pragma once

/// \file
/// A summary or histogram as the series that it is in the text format, each an untyped metric of a family of its own:
/// for values that a format cannot show as what they are.

#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>

#include <boost/container/small_vector.hpp>

#include <pushgateway/base/number.hpp>
#include <pushgateway/model/label.hpp>
#include <pushgateway/model/metric.hpp>
#include <pushgateway/model/metric_family.hpp>

namespace pushgateway::format {

/// What a family is shown as: whole, or one part of all its metrics.
enum class series_part : std::uint8_t {
    whole,
    points,  ///< quantiles or buckets
    count,
    sum,
};

/// The parts that are shown instead of the whole, in the order of their names.
inline constexpr std::array<series_part, 3> plain_parts{series_part::points, series_part::count, series_part::sum};

/// True for the types that have such parts.
[[nodiscard]] constexpr bool has_parts(model::metric_type type) noexcept {
    return type == model::metric_type::summary || model::has_buckets(type);
}

/// What the names of a part's series end in.
[[nodiscard]] constexpr std::string_view suffix_of(series_part part, model::metric_type type) noexcept {
    switch (part) {
        case series_part::points: return model::has_buckets(type) ? "_bucket" : "";
        case series_part::sum: return "_sum";
        case series_part::count: return "_count";
        case series_part::whole: break;
    }
    return "";
}

/// Appends a bound as Prometheus spells it in a label, whatever the format of the scrape: `1.0`, `+Inf`, `0.005`.
inline void append_bound(std::string& out, double bound) {
    auto const begin = out.size();
    append_float(out, bound);
    if (std::isfinite(bound) && out.find_first_of(".e", begin) == std::string::npos) out += ".0";
}

/// Makes such metrics. Reuses its memory.
class plain_series {
public:
    /// Calls `visit(model::metric const&)` for each series of a part. The metric lives until it returns.
    template <class Visit>
    void for_each(model::metric const& whole, series_part part, Visit&& visit) {
        std::visit([&](auto const& value) { of_value(whole, value, part, visit); }, whole.value);
    }

private:
    template <class Value, class Visit>
    void of_value(model::metric const& whole, Value const& value, series_part part, Visit& visit) {
        if constexpr (requires { value.sum; }) {
            if (part == series_part::sum) return plain(whole, value.sum, visit);
            if (part == series_part::count) return plain(whole, static_cast<double>(value.count), visit);
        }
        if (part != series_part::points) return;
        if constexpr (requires { value.quantiles; }) {
            for (auto const& [rank, at_rank] : value.quantiles)
                point(whole, model::quantile_label, rank, at_rank, visit);
        } else if constexpr (requires { value.buckets; }) {
            constexpr auto infinity = std::numeric_limits<double>::infinity();
            bool complete = false;
            for (auto const& [bound, count] : value.buckets) {
                point(whole, model::bucket_label, bound, static_cast<double>(count), visit);
                complete = complete || bound == infinity;
            }
            if (!complete) point(whole, model::bucket_label, infinity, static_cast<double>(value.count), visit);
        }
    }

    template <class Visit>
    void plain(model::metric const& whole, double value, Visit& visit) {
        visit(model::metric{whole.labels, model::untyped{value}, whole.timestamp_ms, nullptr});
    }

    template <class Visit>
    void point(model::metric const& whole, std::string_view label, double bound, double value, Visit& visit) {
        bound_.clear();
        append_bound(bound_, bound);
        labels_.clear();
        bool placed = false;
        for (auto const& own : whole.labels) {
            if (!placed && label < own.name) {
                labels_.push_back({label, bound_});
                placed = true;
            }
            labels_.push_back(own);
        }
        if (!placed) labels_.push_back({label, bound_});
        visit(model::metric{{labels_.data(), labels_.size()}, model::untyped{value}, whole.timestamp_ms, nullptr});
    }

    std::string bound_;
    boost::container::small_vector<model::label, 16> labels_;
};

}  // namespace pushgateway::format
