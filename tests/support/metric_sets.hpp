#pragma once

/// \file
/// Random families that OpenMetrics can express: what is written of them reads as the same again.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <pushgateway/model/metric_family.hpp>

#include "support/random_families.hpp"

namespace pushgateway::test {

/// Random families that OpenMetrics can express.
class metric_sets : public random_families {
public:
    /// `utf8` adds names beyond the legacy set.
    metric_sets(std::uint64_t seed, bool utf8) : random_families(seed, utf8, pieces) {
        for (auto left = below(5); left != 0; --left) add_family();
    }

private:
    static constexpr auto pieces = std::to_array<std::string_view>(
        {"a", "0", " ", "\t", "\"", "\\", "\n", "{", "}", ",", "=", " # ", "\xE2\x82\xAC", std::string_view("\0", 1)});

    double positive() {
        return one_in(4) ? std::ldexp(1.0 + static_cast<double>(below(1000)), static_cast<int>(below(600)) - 300)
                         : static_cast<double>(below(100)) / 8;
    }
    double value() {
        if (one_in(8)) return std::numeric_limits<double>::quiet_NaN();
        if (one_in(8)) return -std::numeric_limits<double>::infinity();
        return one_in(2) ? positive() : -1 - positive();
    }

    std::optional<std::int64_t> timestamp() {
        return one_in(8) ? std::optional(static_cast<std::int64_t>(bits())) : std::nullopt;
    }

    model::instant instant() {
        return {static_cast<std::int64_t>(below(4'000'000'000)) - 1000,
                one_in(2) ? 0 : static_cast<std::int32_t>(below(1'000'000'000))};
    }

    model::labels labels(std::size_t metric) {
        // Different values tell the metrics of a family apart.
        return random_families::labels(std::to_string(metric), [] { return "l"; });
    }

    // Exemplars that have one are not written.
    static std::string without_nul(std::string text) {
        std::erase(text, '\0');
        return text;
    }

    model::exemplar exemplar(std::uint32_t bucket, double most) {
        auto& own = labels_.emplace_back();
        for (std::size_t i = 0, many = below(4); i < many; ++i)
            own.push_back({keep(without_nul(name("e", i))), keep(without_nul(characters(8)))});
        model::exemplar e;
        e.bucket = bucket;
        e.labels = own;
        e.value = std::min(most, value());
        if (one_in(2)) e.time = instant();
        return e;
    }

    template <class Count>
    model::basic_histogram<Count> histogram(std::deque<std::vector<model::basic_bucket<Count>>>& all,
                                            std::vector<model::exemplar>& exemplars) {
        auto& own = all.emplace_back();
        double bound = -5;
        Count count = 0;
        auto const add = [&](double upper) {
            if (one_in(3)) exemplars.push_back(exemplar(static_cast<std::uint32_t>(own.size()), upper));
            own.push_back({upper, count});
        };
        for (auto left = below(4); left != 0; --left) {
            bound += static_cast<double>(1 + below(1000)) / 8;
            count += static_cast<Count>(below(one_in(8) ? std::size_t{1} << 50 : 10));
            add(bound);
        }
        // A histogram of floats has a count that is not whole.
        if constexpr (std::is_same_v<Count, double>) count += 0.5;
        add(std::numeric_limits<double>::infinity());
        return {count, value(), own, nullptr};
    }

    model::metric_value any_value(model::metric_type type, std::vector<model::exemplar>& exemplars) {
        switch (type) {
            case model::metric_type::counter:
                if (one_in(2))
                    exemplars.push_back(exemplar(model::exemplar::no_bucket, std::numeric_limits<double>::infinity()));
                return model::counter{positive()};
            case model::metric_type::gauge: return model::gauge{value()};
            case model::metric_type::untyped: return model::untyped{value()};
            case model::metric_type::summary: {
                auto& own = quantiles_.emplace_back();
                for (auto left = below(4); left != 0; --left)
                    own.push_back({static_cast<double>(below(9)) / 8, value()});
                return model::summary{below(1000), value(), own};
            }
            default: break;
        }
        if (one_in(3)) return histogram(float_buckets_, exemplars);
        return histogram(buckets_, exemplars);
    }

    void add_family() {
        using enum model::metric_type;
        constexpr auto types = std::to_array({counter, gauge, untyped, summary, histogram_type, gauge_histogram});
        model::metric_family family;
        family.type = types[below(types.size())];
        family.name = keep(name(one_in(4) ? "a:f" : "f", families_.size()) + (family.type == counter ? "_total" : ""));
        if (one_in(2)) family.help = keep("h" + characters(12));
        auto& own = metrics_.emplace_back();
        for (std::size_t i = 0, many = 1 + below(5); i < many; ++i) {
            auto& exemplars = exemplars_.emplace_back();
            model::metric m;
            m.labels = labels(i);
            m.value = any_value(family.type, exemplars);
            m.timestamp_ms = timestamp();
            bool const counts = family.type == counter || family.type == summary || family.type == histogram_type;
            model::metric_details details;
            if (counts && one_in(2)) details.created = instant();
            details.exemplars = exemplars;
            if (details.created || !exemplars.empty()) m.details = &details_.emplace_back(details);
            own.push_back(m);
        }
        family.metrics = own;
        families_.push_back(family);
    }

    static constexpr auto histogram_type = model::metric_type::histogram;

    std::deque<std::vector<model::quantile>> quantiles_;
    std::deque<std::vector<model::bucket>> buckets_;
    std::deque<std::vector<model::float_bucket>> float_buckets_;
    std::deque<std::vector<model::exemplar>> exemplars_;
    std::deque<model::metric_details> details_;
    std::deque<std::vector<model::metric>> metrics_;
};

}  // namespace pushgateway::test
