#pragma once

/// \file
/// Pages of an exposition with their names escaped: rendered for one scrape, not kept.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <boost/unordered/unordered_flat_set.hpp>

#include <pushgateway/base/hash.hpp>
#include <pushgateway/base/name_escaping.hpp>
#include <pushgateway/format/escaped_labels.hpp>
#include <pushgateway/gateway/line_style.hpp>
#include <pushgateway/gateway/plain_value.hpp>
#include <pushgateway/model/metric.hpp>
#include <pushgateway/store/exposition_snapshot.hpp>
#include <pushgateway/store/series_hash.hpp>

namespace pushgateway {

/// Renders the pages of what is shown under one name after the other. What no scraper could take is left out: a series
/// of which two labels get one name, or one the name `__name__`, a series that is the same as one shown already, and
/// exemplars with names beyond the legacy set.
class escaped_pages {
public:
    explicit escaped_pages(name_escaping scheme) : labels_(scheme) {}

    /// Begins another family, shown as `name`.
    void begin(std::string_view name, line_style const& style) {
        name_ = name;
        style_ = style;
        shown_.clear();
    }

    /// Remembers the series of a page that is shown already, so that none is shown again.
    void remember(store::page_view const& page) {
        page.for_each_metric([this](model::metric const& metric) {
            if (labels_.escape(metric.labels)) shown_.insert(hash());
        });
    }

    /// Appends the lines of a page, less what is shown already.
    void append_new(std::string& out, store::page_view const& page) {
        page.for_each_metric([&](model::metric const& metric) {
            if (labels_.escape(metric.labels) && shown_.insert(hash()).second) append(out, metric, labels_.labels());
        });
    }

    /// Appends the lines of a page none of whose labels needs to be escaped.
    void append_all(std::string& out, store::page_view const& page) {
        page.for_each_metric([&](model::metric const& metric) { append(out, metric, metric.labels); });
    }

private:
    void append(std::string& out, model::metric const& metric, model::labels labels) {
        auto shown = metric;
        shown.labels = labels;
        shown.value = value_as(style_.type, metric.value);
        model::metric_details details;
        if (metric.details != nullptr) {
            details.created = metric.details->created;
            details.exemplars = legacy_ones(metric.details->exemplars);
            shown.details = &details;
        }
        style_.append_metric(out, name_, shown);
    }

    /// Exemplars less those that a reader of legacy names could not take.
    [[nodiscard]] std::span<model::exemplar const> legacy_ones(std::span<model::exemplar const> all) {
        exemplars_.clear();
        for (auto const& exemplar : all) {
            if (!format::beyond_legacy(exemplar.labels)) exemplars_.push_back(exemplar);
        }
        return exemplars_;
    }

    [[nodiscard]] std::uint64_t hash() const noexcept {
        std::uint64_t sum = 0;
        for (auto const& label : labels_.labels()) sum += store::label_hash(label, secret_);
        return sum;
    }

    format::escaped_labels labels_;
    std::string name_;
    line_style style_;
    std::vector<model::exemplar> exemplars_;
    hash_key secret_ = hash_key::random();
    boost::unordered_flat_set<std::uint64_t> shown_;
};

/// True if a label of the page has a name beyond the legacy set.
[[nodiscard]] inline bool beyond_legacy(store::page_view const& page) {
    bool found = false;
    page.for_each_metric(
        [&found](model::metric const& metric) { found = found || format::beyond_legacy(metric.labels); });
    return found;
}

}  // namespace pushgateway
