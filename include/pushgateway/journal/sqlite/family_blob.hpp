#pragma once

/// \file
/// Metrics as bytes on disk: the message io.prometheus.client.MetricFamily of Prometheus' client model, in the wire
/// format of Protocol Buffers. Every number comes back bit for bit.

#include <cstddef>
#include <deque>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include <pushgateway/base/error.hpp>
#include <pushgateway/format/protobuf/parse.hpp>
#include <pushgateway/format/protobuf/write.hpp>
#include <pushgateway/model/metric.hpp>
#include <pushgateway/model/metric_family.hpp>
#include <pushgateway/store/series_rules.hpp>

namespace pushgateway::journal::sqlite {

/// Appends what a message MetricFamily says of its metrics together beside name, help and type.
inline void append_traits(std::string& blob, std::string_view unit, model::gauge_kind kind) {
    format::protobuf::append_stored_traits(blob, unit, kind);
}

/// Appends one metric to a message MetricFamily.
inline void append_metric(std::string& blob, model::metric const& metric) {
    format::protobuf::append_metric(blob, metric);
}

/// Reads messages MetricFamily. What it gives refers to the message and to the reader, until `clear`.
class family_blob_reader {
public:
    /// Reads name, help, type, unit and kind as far as they are there, and all metrics, which it appends to `metrics`.
    /// `type` must be known beforehand if the message does not say it. Fails with errc::corrupt.
    result<> read(std::string_view message, model::metric_family& family, std::vector<model::metric>& metrics) {
        constexpr auto any = std::numeric_limits<std::size_t>::max();
        if (used_ == decoded_.size()) decoded_.emplace_back();
        auto& decoded = decoded_[used_++];
        auto const parsed = format::protobuf::parse_message(message, family.type, {any, any, any}, decoded);
        if (!parsed) return fail(errc::corrupt, parsed.error().message);
        bool fits = true;
        decoded.for_each_family([&](model::metric_family const& read) {
            if (!read.name.empty()) family.name = read.name;
            if (read.help) family.help = read.help;
            family.type = read.type;
            family.unit = read.unit;
            family.kind = read.type == model::metric_type::gauge ? read.kind : model::gauge_kind::plain;
            for (auto const& metric : read.metrics) {
                fits = fits && store::value_fits(metric.value, read.type);
                metrics.push_back(metric);
            }
        });
        if (!fits) return fail(errc::corrupt, "a metric has no value of its family's type");
        return {};
    }

    /// Forgets what was read before, and keeps its memory for what is read next.
    void clear() noexcept { used_ = 0; }

private:
    // They stay where they are while more are added.
    std::deque<format::decoded_families> decoded_;
    std::size_t used_ = 0;
};

}  // namespace pushgateway::journal::sqlite
