#pragma once

/// \file
/// From the bytes of messages to rows.

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>

#include <protozero/exception.hpp>
#include <protozero/pbf_reader.hpp>
#include <protozero/varint.hpp>

#include <pushgateway/base/error.hpp>
#include <pushgateway/base/limits.hpp>
#include <pushgateway/base/quote.hpp>
#include <pushgateway/base/utf8.hpp>
#include <pushgateway/format/decoded_families.hpp>
#include <pushgateway/format/protobuf/detail/histogram_decoder.hpp>
#include <pushgateway/format/protobuf/detail/message.hpp>
#include <pushgateway/format/protobuf/fields.hpp>

namespace pushgateway::format::protobuf {

/// Bounds on what a body may hold. Exceeded: errc::too_large, but for labels, which are errc::invalid.
struct parse_options {
    std::size_t labels_per_sample = limits{}.labels_per_sample;
    /// Messages, each of which is a family.
    std::size_t families = limits{}.families_per_push;
    /// Lines that the metrics would have in the text format, native buckets, and exemplars.
    std::size_t series = limits{}.series_per_push;
};

namespace detail {

/// Decodes one body.
class decoder {
public:
    decoder(std::string_view body, parse_options const& options, decoded_families& out)
        : body_(body), options_(options), rows_(out.rows_), series_{options.series} {
        out.clear();
    }

    /// A body of messages, each behind its length.
    [[nodiscard]] result<> run() {
        return guarded([this] { decode(); });
    }

    /// A body that is one message. `type`: the family's, if the message says none.
    [[nodiscard]] result<> run_alone(model::metric_type type) {
        return guarded([this, type] {
            place_ = {body_.data(), 0, {}, 0};
            stored_ = true;
            decode_family(body_, type);
        });
    }

private:
    template <class Decode>
    [[nodiscard]] result<> guarded(Decode&& decode) {
        if (body_.size() > std::numeric_limits<std::uint32_t>::max()) {
            return fail(errc::too_large, "a protobuf body must be smaller than 4 GiB");
        }
        try {
            decode();
        } catch (protozero::exception const& malformed) {
            return explain({errc::syntax, what_is_wrong(malformed)});
        } catch (refusal const& refused) {
            return explain(refused);
        }
        rows_.connect();
        return {};
    }

    void decode() {
        char const* at = body_.data();
        char const* const end = at + body_.size();
        while (at != end) {
            place_ = {at, 0, {}, 0};
            auto const size = protozero::decode_varint(&at, end);
            if (size > static_cast<std::size_t>(end - at)) {
                throw refusal{errc::syntax, "a message that goes on behind the end of the body"};
            }
            if (rows_.families.size() == options_.families) {
                throw refusal{errc::too_large, "more families than a push may have", limit_kind::families_per_push};
            }
            decode_family({at, static_cast<std::size_t>(size)}, model::metric_type::counter);
            at += size;
        }
    }

    void decode_family(std::string_view message, model::metric_type unless_said) {
        auto const position = rows_.families.size();
        rows_.families.emplace_back();
        place_.number = rows_.families.size();
        // Name and type decide how a metric is read, wherever they stand.
        auto type = static_cast<std::uint64_t>(unless_said);
        for_each_field(message, place_, [&](protozero::pbf_reader& field) {
            auto& family = rows_.families.back();
            switch (field.tag_and_type()) {
                case bytes(family_field::name): family.name = place_.family = text(field); break;
                case bytes(family_field::help):
                    family.help = text(field);
                    family.has_help = true;
                    break;
                // Of a number that is longer, an enumeration has 32 bits.
                case varint(family_field::type): type = static_cast<std::uint32_t>(field.get_uint64()); break;
                case bytes(family_field::unit):
                    family.unit = text(field);
                    if (!valid_utf8(family.unit)) throw refusal{errc::invalid, "a unit that is not valid UTF-8"};
                    break;
                case varint(stored_field::gauge_kind):
                    if (auto const kind = field.get_uint64(); stored_ && kind <= most_kind) {
                        family.kind = static_cast<model::gauge_kind>(kind);
                    }
                    break;
                default: field.skip();
            }
        });
        place_.at = message.data();
        if (type > static_cast<std::uint64_t>(model::metric_type::gauge_histogram)) {
            throw refusal{errc::invalid, "a type that is not known"};
        }
        auto const known = static_cast<model::metric_type>(type);
        rows_.families[position].type = known;
        rows_.families[position].metrics.first = size_of(rows_.metrics);
        for_each_field(message, place_, [&](protozero::pbf_reader& field) {
            if (field.tag_and_type() != bytes(family_field::metric)) return field.skip();
            ++place_.metric;
            decode_metric(text(field), known);
        });
        rows_.families[position].metrics.count = size_of(rows_.metrics) - rows_.families[position].metrics.first;
    }

    void decode_metric(std::string_view message, model::metric_type type) {
        series_.take();
        metric_row row;
        row.labels.first = size_of(rows_.labels);
        for_each_field(message, place_, [&](protozero::pbf_reader& field) {
            auto const tag = field.tag_and_type();
            if (tag == bytes(metric_field::label)) {
                if (size_of(rows_.labels) - row.labels.first == options_.labels_per_sample) {
                    throw refusal{errc::invalid, "more labels than a sample may have", limit_kind::labels_per_series};
                }
                rows_.labels.push_back(decode_label(text(field), place_));
            } else if (tag == value_tag(type)) {
                decode_value(text(field), type, row);
            } else if (tag == varint(metric_field::timestamp_ms)) {
                rows_.rest_of(row).timestamp_ms = field.get_int64();
            } else {
                field.skip();
            }
        });
        row.labels.count = size_of(rows_.labels) - row.labels.first;
        rows_.metrics.push_back(row);
    }

    /// The field that holds the value of a metric in a family of this type.
    [[nodiscard]] static constexpr std::uint32_t value_tag(model::metric_type type) noexcept {
        switch (type) {
            case model::metric_type::counter: return bytes(metric_field::counter);
            case model::metric_type::gauge: return bytes(metric_field::gauge);
            case model::metric_type::summary: return bytes(metric_field::summary);
            case model::metric_type::untyped: return bytes(metric_field::untyped);
            case model::metric_type::histogram:
            case model::metric_type::gauge_histogram: break;
        }
        return bytes(metric_field::histogram);
    }

    void decode_value(std::string_view message, model::metric_type type, metric_row& row) {
        switch (type) {
            case model::metric_type::counter: return decode_number(message, value_kind::counter, row);
            case model::metric_type::gauge: return decode_number(message, value_kind::gauge, row);
            case model::metric_type::untyped: return decode_number(message, value_kind::untyped, row);
            case model::metric_type::summary: return decode_summary(message, row);
            case model::metric_type::histogram:
            case model::metric_type::gauge_histogram: break;
        }
        if (row.kind != value_kind::none) throw refusal{errc::syntax, "a second histogram in one metric"};
        decode_histogram(message, rows_, row, place_, series_);
    }

    void decode_number(std::string_view message, value_kind kind, metric_row& row) {
        row.kind = kind;
        for_each_field(message, place_, [&](protozero::pbf_reader& field) {
            auto const tag = field.tag_and_type();
            if (tag == fixed(number_field::value)) {
                row.value = field.get_double();
            } else if (kind == value_kind::counter && tag == bytes(number_field::exemplar)) {
                decode_exemplar(text(field), model::exemplar::no_bucket, rows_, row, place_, series_);
            } else if (kind == value_kind::counter && tag == bytes(number_field::created)) {
                rows_.details_of(row).details.created = decode_instant(text(field), place_);
            } else {
                field.skip();
            }
        });
    }

    void decode_summary(std::string_view message, metric_row& row) {
        row.kind = value_kind::summary;
        if (row.points.count == 0) row.points.first = size_of(rows_.quantiles);
        for_each_field(message, place_, [&](protozero::pbf_reader& field) {
            switch (field.tag_and_type()) {
                case varint(summary_field::count): row.count = field.get_uint64(); break;
                case fixed(summary_field::sum): row.value = field.get_double(); break;
                case bytes(summary_field::quantile): decode_quantile(text(field)); break;
                case bytes(summary_field::created):
                    rows_.details_of(row).details.created = decode_instant(text(field), place_);
                    break;
                default: field.skip();
            }
        });
        row.points.count = size_of(rows_.quantiles) - row.points.first;
    }

    void decode_quantile(std::string_view message) {
        series_.take();
        auto& added = rows_.quantiles.emplace_back();
        for_each_field(message, place_, [&added](protozero::pbf_reader& field) {
            switch (field.tag_and_type()) {
                case fixed(quantile_field::rank): added.rank = field.get_double(); break;
                case fixed(quantile_field::value): added.value = field.get_double(); break;
                default: field.skip();
            }
        });
    }

    [[nodiscard]] std::unexpected<error> explain(refusal const& refused) const {
        constexpr std::size_t longest_name = 128;
        auto message =
            "protobuf parsing error at byte " + std::to_string(static_cast<std::size_t>(place_.at - body_.data()));
        if (place_.number != 0) {
            message +=
                place_.metric != 0 ? ", in metric " + std::to_string(place_.metric) + " of family " : ", in family ";
            message += place_.family.empty() ? "number " + std::to_string(place_.number)
                                             : in_quotes(place_.family.substr(0, longest_name));
        }
        message += ": ";
        message += refused.what;
        if (refused.limit) return fail(refused.code, *refused.limit, message);
        return fail(refused.code, std::move(message));
    }

    static constexpr auto most_kind = static_cast<std::uint64_t>(model::gauge_kind::state_set);

    std::string_view body_;
    parse_options const& options_;
    rows& rows_;
    budget series_;
    place place_;
    bool stored_ = false;  ///< a message that this program has written
};

}  // namespace detail
}  // namespace pushgateway::format::protobuf
