#pragma once

/// \file
/// The families of one parsed body.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include <pushgateway/format/detail/flat_exposition.hpp>
#include <pushgateway/format/detail/folding.hpp>
#include <pushgateway/format/family_source.hpp>
#include <pushgateway/model/metric_family.hpp>

namespace pushgateway::format {

class exposition_builder;

/// What a parser found in a body. It owns everything but the bytes of names, labels and helps: these are views into the
/// body, unless an escape had to be undone. So the body must outlive it.
///
/// Reuse saves the allocations of the next parse: a parser clears it first. One thread at a time, also for reading,
/// since metrics are folded into scratch memory.
class parsed_exposition {
public:
    /// Forgets everything, keeps the memory.
    void clear() {
        flat_.clear();
        order_.clear();
        ends_.clear();
    }

    /// The number of sample lines.
    [[nodiscard]] std::size_t sample_count() const noexcept { return flat_.samples.size(); }

    /// The number of families with at least one sample; the others are not families at all.
    [[nodiscard]] std::size_t family_count() const noexcept { return flat_.families_with_samples; }

    /// True if some sample carries a timestamp.
    [[nodiscard]] bool has_timestamps() const noexcept { return !flat_.timestamps.empty(); }

    /// True if all names of families and labels are known to be legacy names: see `family_source`.
    [[nodiscard]] bool names_are_legacy() const noexcept { return !flat_.quoted_names; }

    /// Calls `visit(model::metric_family const&)` for each family with a sample, in the order of first appearance. Its
    /// metrics are those of a folded family: one for all the lines of a summary or histogram that share their labels.
    /// Labels are in the order pushed, without `quantile` in a summary and `le` in a histogram. The metrics, their
    /// quantiles and buckets live until `visit` returns; labels, names and help as long as this object and the body.
    template <class Visit>
    void for_each_family(Visit&& visit) const {
        if (flat_.interleaved && order_.empty()) sort_samples();
        for (std::size_t i = 0; i < flat_.families.size(); ++i) {
            auto const& row = flat_.families[i];
            if (row.samples == 0) continue;
            std::size_t const first = flat_.interleaved ? ends_[i] - row.samples : row.first_sample;
            detail::family_samples const samples(flat_, row, order_, first);
            model::metric_family family;
            family.name = row.name;
            if (row.has_help) family.help = row.help;
            family.type = row.type;
            family.metrics = fold_(samples);
            visit(static_cast<model::metric_family const&>(family));
        }
    }

private:
    friend class exposition_builder;

    /// Brings the samples of each family together, in the order pushed.
    void sort_samples() const {
        ends_.resize(flat_.families.size());
        std::uint32_t begin = 0;
        for (std::size_t i = 0; i < ends_.size(); ++i) {
            ends_[i] = begin;
            begin += flat_.families[i].samples;
        }
        order_.resize(flat_.samples.size());
        for (std::uint32_t i = 0; i < order_.size(); ++i) order_[ends_[flat_.samples[i].family]++] = i;
    }

    detail::flat_exposition flat_;
    mutable detail::folding fold_;
    mutable std::vector<std::uint32_t> order_;
    mutable std::vector<std::uint32_t> ends_;
};

static_assert(family_source<parsed_exposition>);

}  // namespace pushgateway::format
