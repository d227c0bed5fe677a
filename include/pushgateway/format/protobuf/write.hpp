#pragma once

/// \file
/// Writing metric families as protobuf messages of `io.prometheus.client`, each behind its length.
///
/// What is written reads as the same again, see parse.hpp; the other way round, unknown fields and the unit are lost.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <protozero/pbf_writer.hpp>
#include <protozero/varint.hpp>

#include <pushgateway/format/protobuf/detail/put.hpp>
#include <pushgateway/format/protobuf/fields.hpp>
#include <pushgateway/model/metric.hpp>
#include <pushgateway/model/metric_family.hpp>

namespace pushgateway::format::protobuf {

namespace detail {

/// Writes fields as they lie on the wire.
class wire_sink {
public:
    explicit wire_sink(std::string& out) : writer_(out) {}
    wire_sink(protozero::pbf_writer& parent, protozero::pbf_tag_type field) : writer_(parent, field) {}

    template <class Field>
    void text(Field field, std::string_view value) {
        writer_.add_string(tag(field), value.data(), value.size());
    }
    template <class Field>
    void number(Field field, double value) {
        writer_.add_double(tag(field), value);
    }
    template <class Field, class Integer>
    void whole(Field field, Integer value) {
        // A negative number takes ten bytes, as one of 64 bits.
        writer_.add_uint64(tag(field), static_cast<std::uint64_t>(value));
    }
    template <class Field>
    void zigzag(Field field, std::int64_t value) {
        writer_.add_sint64(tag(field), value);
    }
    template <class Field>
    void type(Field field, model::metric_type value) {
        writer_.add_enum(tag(field), static_cast<std::int32_t>(value));
    }
    template <class Field, class Fill>
    void message(Field field, Fill&& fill) {
        wire_sink inner(writer_, tag(field));
        fill(inner);
    }

private:
    template <class Field>
    [[nodiscard]] static constexpr protozero::pbf_tag_type tag(Field field) noexcept {
        return static_cast<protozero::pbf_tag_type>(field);
    }

    protozero::pbf_writer writer_;
};

}  // namespace detail

/// Appends one metric, as a field of the message of its family.
inline void append_metric(std::string& out, model::metric const& metric) {
    detail::wire_sink sink(out);
    detail::put_metric(sink, metric);
}

/// Appends what the message of a family has before its metrics.
inline void append_header(std::string& out, std::string_view name, std::optional<std::string_view> help,
                          model::metric_type type) {
    detail::wire_sink sink(out);
    detail::put_header(sink, name, help, type);
}

/// Appends the length of a message that follows.
inline void append_length(std::string& out, std::size_t length) {
    protozero::add_varint_to_buffer(&out, static_cast<std::uint64_t>(length));
}

/// Appends a family as one message behind its length.
inline void append_family(std::string& out, model::metric_family const& family) {
    std::string message;
    append_header(message, family.name, family.help, family.type);
    for (auto const& metric : family.metrics) append_metric(message, metric);
    append_length(out, message.size());
    out += message;
}

}  // namespace pushgateway::format::protobuf
