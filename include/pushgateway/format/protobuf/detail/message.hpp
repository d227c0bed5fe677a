#pragma once

/// \file
/// What all messages have in common: how they are gone through, and how a failure finds its place.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include <protozero/exception.hpp>
#include <protozero/pbf_reader.hpp>

#include <pushgateway/base/error.hpp>
#include <pushgateway/base/limits.hpp>
#include <pushgateway/format/decoded_rows.hpp>
#include <pushgateway/format/protobuf/fields.hpp>
#include <pushgateway/model/metric.hpp>

namespace pushgateway::format::protobuf::detail {

using namespace decoded;

/// Where the decoder is.
struct place {
    char const* at = nullptr;  ///< the field that is being read
    std::size_t number = 0;    ///< of the family, from 1; 0: between families
    std::string_view family;
    std::size_t metric = 0;  ///< from 1; 0: not in a metric
};

/// Ends a decoding of bytes that are well-formed. Never leaves the decoder.
struct refusal {
    errc code;
    char const* what;
    std::optional<limit_kind> limit = std::nullopt;
};

/// How much more may come.
struct budget {
    std::size_t left;

    void take(std::size_t count = 1) {
        if (count > left)
            throw refusal{errc::too_large, "more series than a push may have", limit_kind::series_per_push};
        left -= count;
    }
};

[[nodiscard]] inline char const* what_is_wrong(protozero::exception const& malformed) noexcept {
    if (dynamic_cast<protozero::end_of_buffer_exception const*>(&malformed) != nullptr) {
        return "a field that goes on behind the end of its message";
    }
    if (dynamic_cast<protozero::varint_too_long_exception const*>(&malformed) != nullptr) {
        return "a number of more than ten bytes";
    }
    if (dynamic_cast<protozero::invalid_length_exception const*>(&malformed) != nullptr) {
        return "a list of numbers that ends in the middle of one";
    }
    return "no field of a message";
}

/// Calls `visit(protozero::pbf_reader&)` for each field, which it must read or skip.
template <class Visit>
void for_each_field(std::string_view message, place& where, Visit&& visit) {
    protozero::pbf_reader reader(message.data(), message.size());
    while (true) {
        where.at = reader.data().data();
        if (!reader.next()) return;
        visit(reader);
    }
}

/// The bytes of the current field.
[[nodiscard]] inline std::string_view text(protozero::pbf_reader& field) {
    auto const view = field.get_view();
    return {view.data(), view.size()};
}

[[nodiscard]] inline model::label decode_label(std::string_view message, place& where) {
    model::label label;
    for_each_field(message, where, [&label](protozero::pbf_reader& field) {
        switch (field.tag_and_type()) {
            case bytes(label_field::name): label.name = text(field); break;
            case bytes(label_field::value): label.value = text(field); break;
            default: field.skip();
        }
    });
    if (label.name.empty()) throw refusal{errc::invalid, "a label without a name"};
    return label;
}

[[nodiscard]] inline model::instant decode_instant(std::string_view message, place& where) {
    model::instant time;
    for_each_field(message, where, [&time](protozero::pbf_reader& field) {
        switch (field.tag_and_type()) {
            case varint(time_field::seconds): time.seconds = field.get_int64(); break;
            case varint(time_field::nanos): time.nanos = field.get_int32(); break;
            default: field.skip();
        }
    });
    return time;
}

/// Appends an exemplar to those of a metric. `bucket`: as in model::exemplar.
inline void decode_exemplar(std::string_view message, std::uint32_t bucket, rows& all, metric_row& row, place& where,
                            budget& series) {
    series.take();
    auto& rest = all.details_of(row);
    if (rest.exemplars.count++ == 0) rest.exemplars.first = size_of(all.exemplars);
    model::exemplar exemplar;
    exemplar.bucket = bucket;
    run labels{size_of(all.labels_of_exemplars), 0};
    for_each_field(message, where, [&](protozero::pbf_reader& field) {
        switch (field.tag_and_type()) {
            case bytes(exemplar_field::label):
                all.labels_of_exemplars.push_back(decode_label(text(field), where));
                ++labels.count;
                break;
            case fixed(exemplar_field::value): exemplar.value = field.get_double(); break;
            case bytes(exemplar_field::time): exemplar.time = decode_instant(text(field), where); break;
            default: field.skip();
        }
    });
    all.exemplars.push_back(exemplar);
    all.exemplar_labels.push_back(labels);
}

}  // namespace pushgateway::format::protobuf::detail
