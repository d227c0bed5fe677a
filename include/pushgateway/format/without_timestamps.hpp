#pragma once

/// \file
/// Families without the timestamps that their metrics have.

#include <algorithm>
#include <utility>
#include <vector>

#include <pushgateway/format/family_source.hpp>
#include <pushgateway/model/metric.hpp>
#include <pushgateway/model/metric_family.hpp>

namespace pushgateway::format {

/// The families of another source, which must outlive it, as if they had been sent without timestamps. One thread at a
/// time.
template <family_source Source>
class without_timestamps {
public:
    explicit without_timestamps(Source const& source) noexcept : source_(source) {}

    template <class Visit>
    void for_each_family(Visit&& visit) const {
        source_.for_each_family([&](model::metric_family const& family) {
            bool const any =
                std::ranges::any_of(family.metrics, [](auto const& m) { return m.timestamp_ms.has_value(); });
            if (!any) return visit(family);
            metrics_.assign(family.metrics.begin(), family.metrics.end());
            for (auto& metric : metrics_) metric.timestamp_ms.reset();
            auto changed = family;
            changed.metrics = metrics_;
            visit(std::as_const(changed));
        });
    }

private:
    Source const& source_;
    mutable std::vector<model::metric> metrics_;
};

}  // namespace pushgateway::format
