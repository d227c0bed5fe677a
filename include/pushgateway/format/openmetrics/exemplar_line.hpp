#pragma once

/// \file
/// Exemplars as OpenMetrics spells them.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include <pushgateway/base/names.hpp>
#include <pushgateway/base/number.hpp>
#include <pushgateway/base/utf8.hpp>
#include <pushgateway/format/seconds.hpp>
#include <pushgateway/format/text/sample_writer.hpp>
#include <pushgateway/model/exemplar.hpp>
#include <pushgateway/model/label.hpp>

namespace pushgateway::format::openmetrics {

/// True for labels that every reader takes on an exemplar: valid, none twice, not too long, none of the reserved name,
/// without a NUL, at which Prometheus gives up the whole scrape.
[[nodiscard]] inline bool may_label_an_exemplar(model::labels labels) {
    std::size_t size = 0;
    for (std::size_t i = 0; i != labels.size(); ++i) {
        auto const& [name, value] = labels[i];
        if (!is_utf8_name(name) || !valid_utf8(value) || name == model::name_label) return false;
        if (name.contains('\0') || value.contains('\0')) return false;
        size += count_characters(name) + count_characters(value);
        if (size > model::longest_exemplar) return false;
        auto const given = labels.first(i);
        if (std::ranges::find(given, name, &model::label::name) != given.end()) return false;
    }
    return true;
}

/// Finds the exemplars of one bucket after the other.
class exemplars_of_buckets {
public:
    /// `all`: those of a histogram, in the order of its buckets; those without a bucket may stand anywhere.
    explicit exemplars_of_buckets(std::span<model::exemplar const> all) noexcept : left_(all) {}

    /// The first one of a bucket, or null. Buckets are asked for in their order.
    [[nodiscard]] model::exemplar const* of(std::uint32_t bucket) noexcept {
        while (!left_.empty() &&
               (left_.front().bucket < bucket || left_.front().bucket == model::exemplar::no_bucket)) {
            left_ = left_.subspan(1);
        }
        return !left_.empty() && left_.front().bucket == bucket ? &left_.front() : nullptr;
    }

private:
    std::span<model::exemplar const> left_;
};

/// Appends an exemplar behind a sample. True if the name of some label had to be quoted.
inline bool append_exemplar(std::string& out, model::exemplar const& exemplar) {
    bool quoted = false;
    out += " # {";
    for (auto const& label : exemplar.labels) {
        if (&label != exemplar.labels.data()) out += ',';
        bool const legacy = is_legacy_label_name(label.name);
        if (legacy) {
            out += label.name;
        } else {
            text::append_quoted(out, label.name);
        }
        quoted = quoted || !legacy;
        out += '=';
        text::append_quoted(out, label.value);
    }
    out += "} ";
    append_float(out, exemplar.value);
    if (exemplar.time && is_moment(*exemplar.time)) {
        out += ' ';
        append_instant(out, *exemplar.time);
    }
    return quoted;
}

}  // namespace pushgateway::format::openmetrics
