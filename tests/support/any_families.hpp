#pragma once

/// \file
/// Random families that the text format can express: what is written of them reads as the same again. On demand also
/// with what only protobuf can say.

#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

#include <pushgateway/model/metric_family.hpp>
#include <pushgateway/model/points.hpp>

#include "support/random_families.hpp"

namespace pushgateway::test {

/// What random families may have beyond values.
struct more_than_text {
    bool rich = false;       ///< gauge histograms, native buckets, exemplars, created times
    bool timestamps = true;  ///< as the text format has them
};

/// Random families that text can express, or protobuf.
class any_families : public random_families {
public:
    /// `utf8` adds names beyond the legacy set.
    any_families(std::uint64_t seed, bool utf8, more_than_text more = {})
        : random_families(seed, utf8, pieces), more_(more) {
        for (auto left = below(5); left != 0; --left) add_family();
    }

private:
    static constexpr auto pieces =
        std::to_array<std::string_view>({"a", "B", "0", " ", "\t", "\"", "\\", "\n", "\r", "{", "}", ",", "=", "#", "n",
                                         "\xC3\xBC", "\xE2\x82\xAC", "\xF0\x9F\x98\x80", std::string_view("\0", 1)});

    double value() {
        constexpr auto infinity = std::numeric_limits<double>::infinity();
        switch (below(8)) {
            case 0: return std::numeric_limits<double>::quiet_NaN();
            case 1: return one_in(2) ? infinity : -infinity;
            case 2: return static_cast<double>(below(1'000'000'000));
            case 3: return number(std::bit_cast<double>(bits()));
            default: return number(static_cast<double>(below(1000)) / 8 - 20);
        }
    }

    /// Without what is printed as something else: a negative zero, and NaN with odd bits.
    static double number(double v) {
        if (std::isnan(v)) return std::numeric_limits<double>::quiet_NaN();
        return v == 0 ? 0 : v;
    }

    double rank() {
        auto const v = value();
        return std::isnan(v) ? 0.5 : v;
    }

    std::uint64_t count() {
        switch (below(4)) {
            case 0: return below(std::size_t{1} << 53);
            case 1: return below(std::size_t{1} << 52) << 11;
            default: return below(100);
        }
    }

    double float_count() { return one_in(3) ? static_cast<double>(below(10)) : std::abs(value()) + 0.5; }

    model::labels labels(std::size_t metric) {
        // Different values tell the metrics of a family apart.
        return random_families::labels(metric != 0 ? std::to_string(metric) : "",
                                       [this] { return utf8() && one_in(5) ? "l:" : "l"; });
    }

    model::metric_value any_value(model::metric_type type) {
        switch (type) {
            case model::metric_type::counter: return model::counter{value()};
            case model::metric_type::gauge: return model::gauge{value()};
            case model::metric_type::untyped: return model::untyped{value()};
            case model::metric_type::summary: {
                auto& own = quantiles_.emplace_back();
                for (auto left = below(4); left != 0; --left) add_point(own, model::quantile{rank(), value()});
                return model::summary{count(), value(), own};
            }
            default: break;
        }
        return one_in(2) ? model::metric_value(whole_histogram()) : model::metric_value(float_histogram());
    }

    model::histogram whole_histogram() {
        auto& own = buckets_.emplace_back();
        for (auto left = below(4); left != 0; --left) add_point(own, model::bucket{rank(), count()});
        add_point(own, model::bucket{std::numeric_limits<double>::infinity(), count()});
        auto const* const own_native = native(natives_);
        if (own_native == nullptr) return {count(), value(), own, nullptr};
        return {own_native->zero_count + held(own_native->negative) + held(own_native->positive), value(), own,
                own_native};
    }

    /// What the buckets of one side hold.
    static std::uint64_t held(model::native_side<std::int64_t> const& side) {
        std::int64_t last = 0;
        std::int64_t sum = 0;
        for (auto const delta : side.buckets) sum += last += delta;
        return static_cast<std::uint64_t>(sum);
    }

    /// Adds a point unless there is one of its bound.
    template <class Point>
    static void add_point(std::vector<Point>& points, Point point) {
        auto const there = [&point](Point const& p) { return model::bound_of(p) == model::bound_of(point); };
        if (std::ranges::none_of(points, there)) points.push_back(point);
    }

    model::float_histogram float_histogram() {
        auto& own = float_buckets_.emplace_back();
        for (auto left = below(4); left != 0; --left) add_point(own, model::float_bucket{rank(), float_count()});
        std::erase_if(own,
                      [](auto const& bucket) { return bucket.upper_bound == std::numeric_limits<double>::infinity(); });
        own.push_back({std::numeric_limits<double>::infinity(), 1.5});
        return {float_count(), value(), own, native(float_natives_)};
    }

    template <class Native>
    Native const* native(std::deque<Native>& all) {
        if (!more_.rich || one_in(2)) return nullptr;
        auto& own = all.emplace_back();
        own.schema = static_cast<std::int32_t>(below(13)) - 4;
        own.zero_threshold = one_in(2) ? 0 : 1e-3;
        own.zero_count = static_cast<decltype(own.zero_count)>(below(5));
        fill(own.negative);
        fill(own.positive);
        return &own;
    }

    template <class Number>
    void fill(model::native_side<Number>& side) {
        auto& spans = spans_.emplace_back();
        auto& numbers = [this]() -> auto& {
            if constexpr (std::is_same_v<Number, double>)
                return counts_.emplace_back();
            else
                return deltas_.emplace_back();
        }();
        for (auto left = below(4); left != 0; --left) {
            auto const length = below(4);
            spans.push_back(
                {static_cast<std::int32_t>(below(20)) - (spans.empty() ? 10 : 0), static_cast<std::uint32_t>(length)});
            for (std::size_t i = 0; i != length; ++i) numbers.push_back(static_cast<Number>(below(50)));
        }
        side = {spans, numbers};
    }

    model::instant instant() {
        if (one_in(8)) return {};
        return {static_cast<std::int64_t>(below(4'000'000'000)),
                one_in(2) ? 0 : static_cast<std::int32_t>(below(1'000'000'000))};
    }

    model::exemplar exemplar(std::uint32_t bucket) {
        model::exemplar e;
        e.bucket = bucket;
        e.labels = labels(below(3));
        e.value = value();
        if (one_in(2)) e.time = instant();
        return e;
    }

    model::metric_details const* details(model::metric_value const& of) {
        if (!more_.rich || one_in(2)) return nullptr;
        auto& own = details_.emplace_back();
        auto& exemplars = exemplars_.emplace_back();
        if (std::holds_alternative<model::gauge>(of) || std::holds_alternative<model::untyped>(of)) return nullptr;
        if (one_in(2)) own.created = instant();
        auto const histogram = [&](auto const& h) {
            for (std::uint32_t i = 0; i != h.buckets.size(); ++i) {
                if (one_in(3)) exemplars.push_back(exemplar(i));
            }
            for (auto left = below(3); left != 0; --left) exemplars.push_back(exemplar(model::exemplar::no_bucket));
        };
        if (std::holds_alternative<model::counter>(of) && one_in(2)) {
            exemplars.push_back(exemplar(model::exemplar::no_bucket));
        } else if (auto const* h = std::get_if<model::histogram>(&of)) {
            histogram(*h);
        } else if (auto const* f = std::get_if<model::float_histogram>(&of)) {
            histogram(*f);
        }
        if (!own.created && exemplars.empty()) own.created = instant();
        own.exemplars = exemplars;
        return &own;
    }

    void add_family() {
        using enum model::metric_type;
        constexpr auto types = std::to_array({counter, gauge, untyped, summary, histogram, gauge_histogram});
        model::metric_family family;
        family.name = keep(name(one_in(4) ? "a:f" : "f", families_.size()));
        if (one_in(2)) family.help = keep("h" + characters(12));
        family.type = types[below(types.size() - (more_.rich ? 0 : 1))];
        auto& own = metrics_.emplace_back();
        for (std::size_t i = 0, many = 1 + below(5); i < many; ++i) {
            model::metric m;
            m.labels = labels(i);
            m.value = any_value(family.type);
            m.details = details(m.value);
            if (more_.timestamps && one_in(8)) m.timestamp_ms = std::bit_cast<std::int64_t>(bits());
            own.push_back(m);
        }
        family.metrics = own;
        families_.push_back(family);
    }

    more_than_text more_;
    std::deque<std::vector<model::quantile>> quantiles_;
    std::deque<std::vector<model::bucket>> buckets_;
    std::deque<std::vector<model::float_bucket>> float_buckets_;
    std::deque<model::native_buckets> natives_;
    std::deque<model::float_native_buckets> float_natives_;
    std::deque<std::vector<model::bucket_span>> spans_;
    std::deque<std::vector<std::int64_t>> deltas_;
    std::deque<std::vector<double>> counts_;
    std::deque<model::metric_details> details_;
    std::deque<std::vector<model::exemplar>> exemplars_;
    std::deque<std::vector<model::metric>> metrics_;
};

}  // namespace pushgateway::test
