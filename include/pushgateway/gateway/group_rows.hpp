#pragma once

/// \file
/// A list of all groups, small enough to be kept while nothing changes.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string_view>
#include <utility>
#include <vector>

#include <pushgateway/base/ref_counted.hpp>
#include <pushgateway/model/label.hpp>
#include <pushgateway/store/family_meta.hpp>
#include <pushgateway/store/group_snapshot.hpp>
#include <pushgateway/store/stored_key.hpp>

namespace pushgateway {

/// What a list shows of a group.
struct group_row {
    ref<store::stored_key const> key;
    double push_time = 0;          ///< of the last push that succeeded, Unix time in seconds; 0: never
    double push_failure_time = 0;  ///< of the last one that failed
    std::uint64_t series = 0;      ///< lines in the text format, without the two times
    std::uint32_t families = 0;    ///< without the two times
    std::uint32_t kind = 0;        ///< groups with the same families are of one kind

    [[nodiscard]] model::labels labels() const noexcept { return key->pairs(); }
    /// True if a push failed after the last one that succeeded.
    [[nodiscard]] bool failed() const noexcept { return push_failure_time > push_time; }
    [[nodiscard]] std::string_view job() const noexcept {
        auto const pairs = labels();
        auto const at = std::ranges::find(pairs, model::job_label, &model::label::name);
        return at == pairs.end() ? std::string_view() : at->value;
    }
};

/// A row for each group of a snapshot, in the order of the keys. Immutable. Keeps no samples alive.
class group_rows {
public:
    group_rows() = default;

    explicit group_rows(store::group_snapshot const& groups) : generation_(groups.generation()) {
        rows_.reserve(groups.size());
        std::map<std::vector<store::family_meta const*>, std::uint32_t> known;
        std::vector<store::family_meta const*> families;
        for (std::size_t i = 0; i != groups.size(); ++i) {
            auto const group = groups[i];
            group_row row{group.shared_key(), group.push_time(), group.push_failure_time(), 0, 0, 0};
            families.clear();
            group.for_each_pushed_family([&](ref<store::family_meta const> const& family, std::uint64_t series) {
                families.push_back(family.get());
                row.series += series;
            });
            row.families = static_cast<std::uint32_t>(families.size());
            auto at = known.find(families);
            if (at == known.end()) {
                at = known.emplace(families, static_cast<std::uint32_t>(kinds_.size())).first;
                auto& kind = kinds_.emplace_back();
                group.for_each_pushed_family(
                    [&](ref<store::family_meta const> const& family, std::uint64_t) { kind.push_back(family); });
            }
            row.kind = at->second;
            rows_.push_back(std::move(row));
        }
    }

    [[nodiscard]] std::vector<group_row> const& rows() const noexcept { return rows_; }
    /// The families that groups of each kind hold.
    [[nodiscard]] std::vector<std::vector<ref<store::family_meta const>>> const& kinds() const noexcept {
        return kinds_;
    }
    /// The generation of the store that this shows.
    [[nodiscard]] std::uint64_t generation() const noexcept { return generation_; }

private:
    std::vector<group_row> rows_;
    std::vector<std::vector<ref<store::family_meta const>>> kinds_;
    std::uint64_t generation_ = 0;
};

}  // namespace pushgateway
