#pragma once

/// \file
/// Metrics as bytes on disk: the message io.prometheus.client.MetricFamily of Prometheus' client model, in the wire
/// format of Protocol Buffers. Every number comes back bit for bit.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

#include <protozero/exception.hpp>
#include <protozero/pbf_reader.hpp>
#include <protozero/pbf_writer.hpp>

#include <pushgateway/base/error.hpp>
#include <pushgateway/model/metric.hpp>
#include <pushgateway/model/metric_family.hpp>

namespace pushgateway::journal::sqlite {

namespace detail {

// The field numbers of the messages.
namespace family_field {
inline constexpr std::uint32_t name = 1, help = 2, type = 3, metric = 4;
}
namespace metric_field {
inline constexpr std::uint32_t label = 1, gauge = 2, counter = 3, summary = 4, untyped = 5, timestamp_ms = 6,
                               histogram = 7;
}
namespace value_field {
inline constexpr std::uint32_t count = 1, sum = 2, point = 3, float_count = 4;
}
namespace point_field {
inline constexpr std::uint32_t first = 1, second = 2, float_count = 4;
}

// A field with the form that it must have; in another one it counts as unknown.
constexpr std::uint32_t varint(std::uint32_t field) noexcept {
    return protozero::tag_and_type(field, protozero::pbf_wire_type::varint);
}
constexpr std::uint32_t fixed(std::uint32_t field) noexcept {
    return protozero::tag_and_type(field, protozero::pbf_wire_type::fixed64);
}
constexpr std::uint32_t bytes(std::uint32_t field) noexcept {
    return protozero::tag_and_type(field, protozero::pbf_wire_type::length_delimited);
}

inline void put_value(protozero::pbf_writer& out, model::metric_value const& value) {
    std::visit(
        [&out]<class Value>(Value const& v) {
            if constexpr (requires { v.quantiles; }) {
                protozero::pbf_writer summary(out, metric_field::summary);
                summary.add_uint64(value_field::count, v.count);
                summary.add_double(value_field::sum, v.sum);
                for (auto const& q : v.quantiles) {
                    protozero::pbf_writer point(summary, value_field::point);
                    point.add_double(point_field::first, q.rank);
                    point.add_double(point_field::second, q.value);
                }
            } else if constexpr (requires { v.buckets; }) {
                constexpr bool floats = std::is_floating_point_v<decltype(v.count)>;
                protozero::pbf_writer histogram(out, metric_field::histogram);
                if constexpr (floats) {
                    histogram.add_double(value_field::float_count, v.count);
                } else {
                    histogram.add_uint64(value_field::count, v.count);
                }
                histogram.add_double(value_field::sum, v.sum);
                for (auto const& b : v.buckets) {
                    protozero::pbf_writer point(histogram, value_field::point);
                    point.add_double(point_field::second, b.upper_bound);
                    if constexpr (floats) {
                        point.add_double(point_field::float_count, b.count);
                    } else {
                        point.add_uint64(point_field::first, b.count);
                    }
                }
            } else {
                constexpr auto field = std::is_same_v<Value, model::gauge>     ? metric_field::gauge
                                       : std::is_same_v<Value, model::counter> ? metric_field::counter
                                                                               : metric_field::untyped;
                protozero::pbf_writer number(out, field);
                number.add_double(1, v.value);
            }
        },
        value);
}

}  // namespace detail

/// Appends one metric to a message MetricFamily. A timestamp is not kept.
inline void append_metric(std::string& blob, model::metric const& metric) {
    protozero::pbf_writer family(blob);
    protozero::pbf_writer out(family, detail::family_field::metric);
    for (auto const& [name, value] : metric.labels) {
        protozero::pbf_writer label(out, detail::metric_field::label);
        label.add_string(1, name.data(), name.size());
        label.add_string(2, value.data(), value.size());
    }
    detail::put_value(out, metric.value);
}

/// Reads messages MetricFamily. What it gives refers to the message and to the reader, until `clear`.
class family_blob_reader {
public:
    /// Things of a message that a metric of this project has no place for.
    struct left_out {
        std::uint64_t native_histograms = 0;
        std::uint64_t timestamps = 0;
        std::uint64_t exemplars = 0;
    };

    /// Reads name, help and type as far as they are there, and all metrics, which it appends to `metrics`. `type` must
    /// be known beforehand if the message does not say it. Fails with errc::corrupt.
    result<> read(std::string_view message, model::metric_family& family, std::vector<model::metric>& metrics) {
        try {
            protozero::pbf_reader in(message.data(), message.size());
            while (in.next()) {
                switch (in.tag_and_type()) {
                    case detail::bytes(detail::family_field::name): family.name = text(in); break;
                    case detail::bytes(detail::family_field::help): family.help = text(in); break;
                    case detail::varint(detail::family_field::type): {
                        auto const type = in.get_enum();
                        if (type < 0 || type > 5) return fail(errc::corrupt, "a metric family has an unknown type");
                        family.type = static_cast<model::metric_type>(type);
                        break;
                    }
                    case detail::bytes(detail::family_field::metric):
                        if (!read_metric(in.get_message(), family.type, metrics)) {
                            return fail(errc::corrupt, "a metric has no value of its family's type");
                        }
                        break;
                    default: in.skip();
                }
            }
        } catch (protozero::exception const& e) {
            return fail(errc::corrupt, std::string("not a message MetricFamily: ") + e.what());
        }
        return {};
    }

    [[nodiscard]] left_out const& omitted() const noexcept { return omitted_; }

    /// Forgets what was read before, and keeps its memory for what is read next.
    void clear() noexcept {
        labels_.clear();
        quantiles_.clear();
        buckets_.clear();
        float_buckets_.clear();
    }

private:
    /// Arrays that stay where they are while more are added.
    template <class T>
    class arrays {
    public:
        void clear() noexcept { used_ = 0; }
        std::vector<T>& next() {
            if (used_ == all_.size()) all_.emplace_back();
            auto& array = all_[used_++];
            array.clear();
            return array;
        }

    private:
        std::deque<std::vector<T>> all_;
        std::size_t used_ = 0;
    };

    static std::string_view text(protozero::pbf_reader& in) {
        auto const view = in.get_view();
        return {view.data(), view.size()};
    }

    bool read_metric(protozero::pbf_reader in, model::metric_type type, std::vector<model::metric>& metrics) {
        auto& labels = labels_.next();
        std::optional<model::metric_value> value;
        while (in.next()) {
            switch (in.tag_and_type()) {
                case detail::bytes(detail::metric_field::label): labels.push_back(read_label(in.get_message())); break;
                case detail::bytes(detail::metric_field::gauge): {
                    double const v = read_number(in.get_message());
                    if (type == model::metric_type::gauge) value = model::gauge{v};
                    break;
                }
                case detail::bytes(detail::metric_field::counter): {
                    double const v = read_number(in.get_message());
                    if (type == model::metric_type::counter) value = model::counter{v};
                    break;
                }
                case detail::bytes(detail::metric_field::untyped): {
                    double const v = read_number(in.get_message());
                    if (type == model::metric_type::untyped) value = model::untyped{v};
                    break;
                }
                case detail::bytes(detail::metric_field::summary): {
                    auto const v = read_summary(in.get_message());
                    if (type == model::metric_type::summary) value = v;
                    break;
                }
                case detail::bytes(detail::metric_field::histogram): {
                    auto const v = read_histogram(in.get_message());
                    if (model::has_buckets(type)) value = v;
                    break;
                }
                case detail::varint(detail::metric_field::timestamp_ms):
                    ++omitted_.timestamps;
                    in.skip();
                    break;
                default: in.skip();
            }
        }
        if (!value) return false;
        metrics.push_back({labels, *value, {}});
        return true;
    }

    static model::label read_label(protozero::pbf_reader in) {
        model::label label;
        while (in.next()) {
            switch (in.tag_and_type()) {
                case detail::bytes(1): label.name = text(in); break;
                case detail::bytes(2): label.value = text(in); break;
                default: in.skip();
            }
        }
        return label;
    }

    double read_number(protozero::pbf_reader in) {
        double value = 0;
        while (in.next()) {
            if (in.tag_and_type() == detail::fixed(1)) {
                value = in.get_double();
            } else {
                omitted_.exemplars += in.tag() == 2 ? 1 : 0;
                in.skip();
            }
        }
        return value;
    }

    model::metric_value read_summary(protozero::pbf_reader in) {
        model::summary out;
        auto& points = quantiles_.next();
        while (in.next()) {
            switch (in.tag_and_type()) {
                case detail::varint(detail::value_field::count): out.count = in.get_uint64(); break;
                case detail::fixed(detail::value_field::sum): out.sum = in.get_double(); break;
                case detail::bytes(detail::value_field::point): {
                    auto point = in.get_message();
                    auto& q = points.emplace_back();
                    while (point.next()) {
                        switch (point.tag_and_type()) {
                            case detail::fixed(detail::point_field::first): q.rank = point.get_double(); break;
                            case detail::fixed(detail::point_field::second): q.value = point.get_double(); break;
                            default: point.skip();
                        }
                    }
                    break;
                }
                default: in.skip();
            }
        }
        out.quantiles = points;
        return out;
    }

    model::metric_value read_histogram(protozero::pbf_reader in) {
        model::histogram whole;
        model::float_histogram broken;
        bool floats = false;
        bool float_count = false;
        bool native = false;
        auto& points = buckets_.next();
        auto& float_points = float_buckets_.next();
        while (in.next()) {
            switch (in.tag_and_type()) {
                case detail::varint(detail::value_field::count): whole.count = in.get_uint64(); break;
                case detail::fixed(detail::value_field::sum): whole.sum = in.get_double(); break;
                case detail::fixed(detail::value_field::float_count):
                    broken.count = in.get_double();
                    float_count = true;
                    break;
                case detail::bytes(detail::value_field::point):
                    floats |= read_bucket(in.get_message(), points, float_points);
                    break;
                default: native = true; in.skip();
            }
        }
        omitted_.native_histograms += native ? 1 : 0;
        if (!floats && !float_count) {
            whole.buckets = points;
            return whole;
        }
        // A count may be whole in one place and not in another: then all are floats.
        if (!float_count) broken.count = static_cast<double>(whole.count);
        broken.sum = whole.sum;
        for (std::size_t i = 0; i != points.size(); ++i) {
            if (points[i].count != 0) float_points[i].count = static_cast<double>(points[i].count);
        }
        broken.buckets = float_points;
        return broken;
    }

    /// Puts a bucket into both arrays. True if its count is a float.
    bool read_bucket(protozero::pbf_reader in, std::vector<model::bucket>& whole,
                     std::vector<model::float_bucket>& floats) {
        auto& bucket = whole.emplace_back();
        auto& twin = floats.emplace_back();
        bool is_float = false;
        while (in.next()) {
            switch (in.tag_and_type()) {
                case detail::varint(detail::point_field::first): bucket.count = in.get_uint64(); break;
                case detail::fixed(detail::point_field::second): bucket.upper_bound = in.get_double(); break;
                case detail::fixed(detail::point_field::float_count):
                    twin.count = in.get_double();
                    is_float = true;
                    break;
                default: {
                    omitted_.exemplars += 1;
                    in.skip();
                }
            }
        }
        twin.upper_bound = bucket.upper_bound;
        return is_float;
    }

    arrays<model::label> labels_;
    arrays<model::quantile> quantiles_;
    arrays<model::bucket> buckets_;
    arrays<model::float_bucket> float_buckets_;
    left_out omitted_;
};

}  // namespace pushgateway::journal::sqlite
