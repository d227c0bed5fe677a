#pragma once

/// \file
/// The families of one decoded body.

#include <cstddef>
#include <utility>
#include <vector>

#include <pushgateway/format/decoded_rows.hpp>
#include <pushgateway/format/family_source.hpp>
#include <pushgateway/model/metric_family.hpp>

namespace pushgateway::format {

namespace protobuf::detail {
class decoder;
}
class metric_set_builder;

/// What a decoder found in a body. Names, labels and helps are views into the body, unless an escape had to be undone.
/// So the body must outlive it.
///
/// Reuse saves the allocations of the next parse: a parser clears it first. One thread at a time, also for reading,
/// since metrics are put together in scratch memory.
class decoded_families {
public:
    decoded_families() = default;
    decoded_families(decoded_families const&) = delete;
    decoded_families& operator=(decoded_families const&) = delete;

    /// Forgets everything, keeps the memory.
    void clear() noexcept { rows_.clear(); }

    /// The number of messages, those without metrics and those that a later one replaces included.
    [[nodiscard]] std::size_t family_count() const noexcept { return rows_.families.size(); }

    [[nodiscard]] std::size_t metric_count() const noexcept { return rows_.metrics.size(); }

    /// Calls `visit(model::metric_family const&)` for each message, in the order sent. A metric without the value that
    /// its family's type calls for has a value of another type. The metrics live until `visit` returns; what they refer
    /// to as long as this object and the body.
    template <class Visit>
    void for_each_family(Visit&& visit) const {
        for (auto const& row : rows_.families) {
            model::metric_family family;
            family.name = row.name;
            if (row.has_help) family.help = row.help;
            family.type = row.type;
            family.unit = row.unit;
            family.kind = row.kind;
            metrics_.clear();
            for (auto const& metric : row.metrics.of(rows_.metrics)) metrics_.push_back(assemble(metric, row.type));
            family.metrics = metrics_;
            visit(std::as_const(family));
        }
    }

private:
    friend class protobuf::detail::decoder;
    friend class metric_set_builder;

    [[nodiscard]] model::metric assemble(decoded::metric_row const& row, model::metric_type type) const {
        model::metric metric;
        metric.labels = row.labels.of(rows_.labels);
        auto const* const rest = row.rest == decoded::no_row ? nullptr : &rows_.rests[row.rest];
        if (rest != nullptr) {
            metric.timestamp_ms = rest->timestamp_ms;
            if (rest->has_details) metric.details = &rest->details;
        }
        auto const native = rest == nullptr ? decoded::no_row : rest->native;
        switch (row.kind) {
            case decoded::value_kind::counter: metric.value = model::counter{row.value}; break;
            case decoded::value_kind::gauge: metric.value = model::gauge{row.value}; break;
            case decoded::value_kind::untyped: metric.value = model::untyped{row.value}; break;
            case decoded::value_kind::summary:
                metric.value = model::summary{row.count, row.value, row.points.of(rows_.quantiles)};
                break;
            case decoded::value_kind::histogram:
                metric.value = model::histogram{row.count, row.value, row.points.of(rows_.buckets),
                                                native == decoded::no_row ? nullptr : &rows_.natives[native].buckets};
                break;
            case decoded::value_kind::float_histogram:
                metric.value =
                    model::float_histogram{row.float_count, row.value, row.points.of(rows_.float_buckets),
                                           native == decoded::no_row ? nullptr : &rows_.float_natives[native].buckets};
                break;
            case decoded::value_kind::none:
                if (type == model::metric_type::untyped) {
                    metric.value = model::gauge{};
                } else {
                    metric.value = model::untyped{};
                }
                break;
        }
        return metric;
    }

    decoded::rows rows_;
    mutable std::vector<model::metric> metrics_;
};

static_assert(family_source<decoded_families>);

}  // namespace pushgateway::format
