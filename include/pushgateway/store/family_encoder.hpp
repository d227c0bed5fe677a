#pragma once

/// \file
/// From pushed metrics to stored families: the labels of the grouping key taken out, the others sorted, all of it
/// examined.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <boost/container/small_vector.hpp>

#include <pushgateway/model/grouping_key.hpp>
#include <pushgateway/model/metric_family.hpp>
#include <pushgateway/store/distinct_points.hpp>
#include <pushgateway/store/part_writer.hpp>
#include <pushgateway/store/rich_values.hpp>
#include <pushgateway/store/series_rules.hpp>
#include <pushgateway/store/value_rules.hpp>

namespace pushgateway::store {

/// What is wrong with a push.
struct push_problem {
    std::string text;    ///< empty: nothing
    bool fatal = false;  ///< the push cannot be kept, even if nothing is checked
};

/// Encodes the families of a push for one group.
class family_encoder {
public:
    /// `key` must outlive the encoder. `timestamps`: metrics may have one.
    explicit family_encoder(model::grouping_key const& key, bool timestamps = false)
        : key_(key),
          timestamps_(timestamps),
          writer_(part_writer::text_of(key.pairs()) +
                  (key.find(model::instance_label) == nullptr ? model::instance_label.size() + 4 : 0)) {}

    /// Appends the parts of `family` to `parts`, of equal bounds the first. Reports the first thing that is wrong with
    /// it to `problem`, unless there is one already; after a fatal one the parts are incomplete. `known_legacy`: the
    /// names of its labels are known to be legacy names.
    void encode(model::metric_family const& family, family_parts& parts, push_problem& problem,
                bool known_legacy = false) {
        auto const point = point_label(family.type);
        bool const point_twice = !point.empty() && key_.find(point) != nullptr;
        bool const rich = std::ranges::any_of(family.metrics, is_rich);
        writer_.begin(family.name, rich, static_cast<std::uint32_t>(parts.size()));
        for (auto const& metric : family.metrics) {
            auto const complain = [&](std::string_view what) {
                if (problem.text.empty()) {
                    problem.text = describe_series(family.name, metric.labels);
                    problem.text += ' ';
                    problem.text += what;
                }
            };
            bool const fits = value_fits(metric.value, family.type);
            if (!fits || (metric.timestamp_ms && !timestamps_)) {
                if (!problem.fatal) problem = {{}, true};
                complain(fits ? "carries a timestamp, which a pushed series must not: leave it out, or have the "
                                "gateway do so "
                                "by --push.timestamps=drop"
                              : "has a value that is not of its family's type");
                break;
            }
            if (auto const fault = rich ? fault_of_metric(metric) : std::nullopt) {
                if (!problem.fatal) problem = {{}, true};
                complain(*fault);
                break;
            }
            bool const twice = take_own_labels(metric.labels);
            auto const series = series_of(metric.value);
            series_ += series;
            auto const size = own_size_ + series * sizeof(model::quantile);
            if (size + (rich ? rich_size_of(metric) : 0) > largest_metric) {
                if (!problem.fatal) problem = {{}, true};
                complain("is larger than any metric may be");
                break;
            }
            model::labels const own{own_.data(), own_.size()};
            auto const fault = fault_of_labels(own, family.type, known_legacy, beyond_legacy_);
            auto const points = point.empty() ? std::nullopt : fault_of_points(metric.value);
            if (fault || points) {
                complain(fault ? *fault : *points);
            } else if (point_twice) {
                complain(
                    family.type == model::metric_type::summary
                        ? "is a summary and gets the label quantile, which names its quantiles, from the grouping key"
                        : "is a histogram and gets the label le, which names its buckets, from the grouping key");
            } else if (twice) {
                complain("has a label of the grouping key twice");
            }
            bool const suspect = fault || point_twice;
            if (points) [[unlikely]] {
                writer_.add(own, distinct_points_(metric), suspect, parts);
            } else {
                writer_.add(own, metric, suspect, parts);
            }
        }
        writer_.end(parts);
    }

    /// True if a label of what was encoded has a name beyond the legacy set.
    [[nodiscard]] bool beyond_legacy() const noexcept { return beyond_legacy_; }

    /// The series of all that was encoded.
    [[nodiscard]] std::uint64_t series() const noexcept { return series_; }

private:
    // Sizes within the store are counted in 32 bits.
    static constexpr std::size_t largest_metric = std::size_t{1} << 30;

    /// True if a label that the key overrides was there twice.
    bool take_own_labels(model::labels labels) {
        own_.clear();
        own_size_ = 0;
        overridden_.clear();
        bool twice = false;
        for (auto const& label : labels) {
            if (key_.find(label.name) == nullptr) {
                own_.push_back(label);
                own_size_ += label.name.size() + label.value.size();
            } else {
                twice = twice || std::ranges::find(overridden_, label.name) != overridden_.end();
                overridden_.push_back(label.name);
            }
        }
        if (!std::ranges::is_sorted(own_)) std::ranges::sort(own_);
        return twice;
    }

    model::grouping_key const& key_;
    bool timestamps_;
    bool beyond_legacy_ = false;
    std::uint64_t series_ = 0;
    part_writer writer_;
    distinct_points distinct_points_;
    boost::container::small_vector<model::label, 16> own_;
    std::size_t own_size_ = 0;  ///< of their names and values, in bytes
    boost::container::small_vector<std::string_view, 4> overridden_;
};

}  // namespace pushgateway::store
