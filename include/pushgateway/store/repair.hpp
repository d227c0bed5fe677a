#pragma once

/// \file
/// What was stored by an earlier release, which took more: made into something that every scrape may show.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <pushgateway/base/utf8.hpp>
#include <pushgateway/model/metric.hpp>
#include <pushgateway/model/metric_family.hpp>
#include <pushgateway/model/native_rules.hpp>
#include <pushgateway/store/describe.hpp>
#include <pushgateway/store/value_rules.hpp>

namespace pushgateway::store {

/// Repairs families; the first repair of each is noted. One thread at a time.
class repair {
public:
    /// The family itself if nothing is wrong with it. Otherwise one in which what is wrong is replaced or left out:
    /// bytes of a help that are no UTF-8, native buckets that contradict each other, all exemplars of a metric if one
    /// is wrong, timestamps before 1970. Its help lives as long as this, its metrics until the next call.
    [[nodiscard]] model::metric_family operator()(model::metric_family family) {
        bool noted = false;
        auto const note = [&](std::string_view series, std::string_view what) {
            if (!std::exchange(noted, true)) notes_.push_back(std::string(series) + ' ' + std::string(what));
        };
        if (family.help && !valid_utf8(*family.help)) {
            family.help = helps_.emplace_back(as_utf8(*family.help));
            note(describe_name(family.name), "has a help that is not valid UTF-8");
        }
        auto const fault_of = [](model::metric const& metric) {
            auto fault = fault_of_metric(metric);
            return fault ? fault : fault_of_points(metric.value);
        };
        bool const sound = std::ranges::none_of(family.metrics, [&](auto const& m) { return fault_of(m).has_value(); });
        if (sound) return family;
        details_.clear();
        metrics_.assign(family.metrics.begin(), family.metrics.end());
        for (auto& metric : metrics_) {
            auto const fault = fault_of(metric);
            if (!fault) continue;
            note(describe_series(family.name, metric.labels), *fault);
            mend(metric);
        }
        family.metrics = metrics_;
        return family;
    }

    /// What was wrong, in words.
    [[nodiscard]] std::vector<std::string> const& notes() const noexcept { return notes_; }

private:
    [[nodiscard]] static std::string as_utf8(std::string_view text) {
        std::string out;
        while (!text.empty()) {
            auto const length = utf8_length(text);
            out += length == 0 ? std::string_view("\xEF\xBF\xBD") : text.substr(0, length);
            text.remove_prefix(std::max<std::size_t>(length, 1));
        }
        return out;
    }

    void mend(model::metric& metric) {
        if (metric.timestamp_ms) metric.timestamp_ms = std::max<std::int64_t>(*metric.timestamp_ms, 0);
        if (metric.details != nullptr) {
            bool const sound = std::ranges::none_of(metric.details->exemplars, [](auto const& exemplar) {
                return detail::fault_of_exemplar(exemplar).has_value();
            });
            if (!sound) metric.details = &details_.emplace_back(model::metric_details{metric.details->created, {}});
        }
        if (auto* h = std::get_if<model::histogram>(&metric.value)) drop_bad_native(*h);
        if (auto* h = std::get_if<model::float_histogram>(&metric.value)) drop_bad_native(*h);
    }

    template <class Histogram>
    static void drop_bad_native(Histogram& h) {
        if (model::fault_of_native(h)) h.native = nullptr;
    }

    std::vector<std::string> notes_;
    std::deque<std::string> helps_;
    std::vector<model::metric> metrics_;
    std::deque<model::metric_details> details_;
};

}  // namespace pushgateway::store
