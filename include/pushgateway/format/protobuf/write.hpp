#pragma once

/// \file
/// Writing metric families as protobuf messages of `io.prometheus.client`, each behind its length.
///
/// What is written reads as the same again, see parse.hpp; the other way round, unknown fields are lost, and a unit
/// that does not end the name of its family: Prometheus does not take it.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <pushgateway/format/protobuf/detail/put.hpp>
#include <pushgateway/format/protobuf/detail/wire.hpp>
#include <pushgateway/format/protobuf/fields.hpp>
#include <pushgateway/model/metric.hpp>
#include <pushgateway/model/metric_family.hpp>

namespace pushgateway::format::protobuf {

/// Appends one metric, as a field of the message of its family.
inline void append_metric(std::string& out, model::metric const& metric) {
    detail::append_wire(out, [&metric](auto& sink) { detail::put_metric(sink, metric); });
}

/// Appends what the message of a family has before its metrics.
inline void append_header(std::string& out, std::string_view name, std::optional<std::string_view> help,
                          model::metric_type type, std::string_view unit = {}) {
    detail::append_wire(out, [&](auto& sink) { detail::put_header(sink, name, help, type, unit); });
}

/// Appends what parse_message reads of a family beside name, help and type: the unit, whatever the name, and of which
/// kind gauges are.
inline void append_stored_traits(std::string& out, std::string_view unit, model::gauge_kind kind) {
    detail::append_wire(out, [&](auto& sink) {
        if (!unit.empty()) sink.text(family_field::unit, unit);
        if (kind != model::gauge_kind::plain) sink.whole(stored_field::gauge_kind, static_cast<std::int64_t>(kind));
    });
}

/// Appends the length of a message that follows.
inline void append_length(std::string& out, std::size_t length) {
    char bytes[detail::most_varint_bytes];
    out.append(bytes, detail::put_varint(bytes, length));
}

/// Appends a family as one message behind its length.
inline void append_family(std::string& out, model::metric_family const& family) {
    std::string message;
    append_header(message, family.name, family.help, family.type, family.unit);
    for (auto const& metric : family.metrics) append_metric(message, metric);
    append_length(out, message.size());
    out += message;
}

}  // namespace pushgateway::format::protobuf
