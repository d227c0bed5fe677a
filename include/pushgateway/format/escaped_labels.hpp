#pragma once

/// \file
/// Labels with their names escaped.

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

#include <boost/container/small_vector.hpp>

#include <pushgateway/base/name_escaping.hpp>
#include <pushgateway/base/names.hpp>
#include <pushgateway/model/label.hpp>
#include <pushgateway/model/metric_family.hpp>

namespace pushgateway::format {

/// True if a label name is beyond the legacy set.
[[nodiscard]] inline bool beyond_legacy(model::labels labels) noexcept {
    return !std::ranges::all_of(labels, is_legacy_label_name, &model::label::name);
}

/// One label set after the other with escaped names. A result lives until the next call.
class escaped_labels {
public:
    explicit escaped_labels(name_escaping scheme) noexcept : scheme_(scheme) {}

    /// Escapes the names; the order stays. False if no reader could take the outcome: two labels then have one name, or
    /// one is called `__name__`.
    [[nodiscard]] bool escape(model::labels labels) {
        text_.clear();
        ends_.clear();
        labels_.assign(labels.begin(), labels.end());
        for (auto const& label : labels) {
            append_escaped_label_name(text_, label.name, scheme_);
            ends_.push_back(text_.size());
        }
        // The views come last: until then the text may move.
        std::string_view const text = text_;
        std::size_t begin = 0;
        names_.clear();
        for (std::size_t i = 0; i != labels_.size(); ++i) {
            labels_[i].name = text.substr(begin, ends_[i] - begin);
            begin = ends_[i];
            names_.push_back(labels_[i].name);
        }
        std::ranges::sort(names_);
        return std::ranges::adjacent_find(names_) == names_.end() &&
               !std::ranges::binary_search(names_, model::name_label);
    }

    /// The labels that were escaped last.
    [[nodiscard]] model::labels labels() const noexcept { return {labels_.data(), labels_.size()}; }

private:
    name_escaping scheme_;
    std::string text_;
    boost::container::small_vector<std::size_t, 16> ends_;
    boost::container::small_vector<model::label, 16> labels_;
    boost::container::small_vector<std::string_view, 16> names_;
};

}  // namespace pushgateway::format
