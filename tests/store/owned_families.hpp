#pragma once

/// \file
/// Families that own what they are made of, for tests that make them up.

#include <cstdint>
#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include <pushgateway/model/grouping_key.hpp>
#include <pushgateway/model/metric_family.hpp>

namespace pushgateway::test {

using label_pairs = std::vector<std::pair<std::string, std::string>>;

/// A metric of any type: which members count depends on the type of its family.
struct owned_metric {
    label_pairs labels;
    double value = 0;                                 ///< or the sum
    std::uint64_t count = 0;                          ///< of a summary or histogram
    std::vector<std::pair<double, double>> points{};  ///< quantiles or buckets
    bool floats = false;                              ///< a float histogram
    std::optional<std::int64_t> timestamp_ms{};

    friend bool operator==(owned_metric const&, owned_metric const&) = default;
};

struct owned_family {
    std::string name;
    std::optional<std::string> help;
    model::metric_type type = model::metric_type::untyped;
    std::vector<owned_metric> metrics;

    friend bool operator==(owned_family const&, owned_family const&) = default;
};

/// A family source over owned families, which must outlive it. `visit` may use what it gets during the call only.
class owned_source {
public:
    explicit owned_source(std::vector<owned_family> const& families) noexcept : families_(&families) {}

    template <class Visit>
    void for_each_family(Visit&& visit) const {
        for (auto const& family : *families_) with_view(family, visit);
    }

    /// Calls `visit` with `family` as the library sees it.
    template <class Visit>
    static void with_view(owned_family const& family, Visit&& visit) {
        std::vector<std::vector<model::label>> labels;
        std::vector<std::vector<model::quantile>> quantiles;
        std::vector<std::vector<model::bucket>> buckets;
        std::vector<std::vector<model::float_bucket>> float_buckets;
        std::vector<model::metric> metrics;
        for (auto const& metric : family.metrics) {
            auto& names = labels.emplace_back();
            for (auto const& [name, value] : metric.labels) names.push_back({name, value});
            auto& q = quantiles.emplace_back();
            auto& b = buckets.emplace_back();
            auto& f = float_buckets.emplace_back();
            for (auto const& [x, y] : metric.points) {
                q.push_back({x, y});
                b.push_back({x, static_cast<std::uint64_t>(y)});
                f.push_back({x, y});
            }
            model::metric view;
            view.labels = names;
            view.timestamp_ms = metric.timestamp_ms;
            switch (family.type) {
                case model::metric_type::counter: view.value = model::counter{metric.value}; break;
                case model::metric_type::gauge: view.value = model::gauge{metric.value}; break;
                case model::metric_type::untyped: view.value = model::untyped{metric.value}; break;
                case model::metric_type::summary: view.value = model::summary{metric.count, metric.value, q}; break;
                case model::metric_type::histogram:
                case model::metric_type::gauge_histogram:
                    if (metric.floats) {
                        view.value = model::float_histogram{static_cast<double>(metric.count), metric.value, f};
                    } else {
                        view.value = model::histogram{metric.count, metric.value, b};
                    }
                    break;
            }
            metrics.push_back(view);
        }
        std::optional<std::string_view> help;
        if (family.help) help = *family.help;
        visit(model::metric_family{family.name, help, family.type, metrics});
    }

private:
    std::vector<owned_family> const* families_;
};

/// The owned form of a metric that the library shows.
inline owned_metric own(model::metric const& metric) {
    owned_metric out;
    for (auto const& [name, value] : metric.labels) out.labels.emplace_back(name, value);
    out.timestamp_ms = metric.timestamp_ms;
    std::visit(
        [&out]<class Value>(Value const& v) {
            if constexpr (requires { v.quantiles; }) {
                out.count = v.count;
                out.value = v.sum;
                for (auto const& q : v.quantiles) out.points.emplace_back(q.rank, q.value);
            } else if constexpr (requires { v.buckets; }) {
                out.floats = std::is_same_v<Value, model::float_histogram>;
                out.count = static_cast<std::uint64_t>(v.count);
                out.value = v.sum;
                for (auto const& b : v.buckets) out.points.emplace_back(b.upper_bound, static_cast<double>(b.count));
            } else {
                out.value = v.value;
            }
        },
        metric.value);
    return out;
}

inline std::ostream& operator<<(std::ostream& out, owned_metric const& m) {
    out << '{';
    for (auto const& [name, value] : m.labels) out << name << "=\"" << value << "\",";
    out << "} " << m.value << " count " << m.count;
    for (auto const& [x, y] : m.points) out << " (" << x << ", " << y << ')';
    if (m.timestamp_ms) out << " at " << *m.timestamp_ms;
    return out;
}

inline std::ostream& operator<<(std::ostream& out, owned_family const& f) {
    out << upper_case_name(f.type) << ' ' << f.name << (f.help ? " help " + *f.help : "");
    for (auto const& m : f.metrics) out << "\n      " << m;
    return out;
}

}  // namespace pushgateway::test
