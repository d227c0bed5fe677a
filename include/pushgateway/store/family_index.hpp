#pragma once

/// \file
/// All families of the store by name: what decides whether a pushed one fits, and where its pages are.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include <boost/unordered/unordered_flat_set.hpp>

#include <pushgateway/base/hash.hpp>
#include <pushgateway/base/names.hpp>
#include <pushgateway/model/metric_family.hpp>
#include <pushgateway/store/accounted.hpp>
#include <pushgateway/store/family_meta.hpp>
#include <pushgateway/store/page_list.hpp>

namespace pushgateway::store {

/// A family of the exposition, over all groups.
struct family {
    accounted_string name;
    std::uint64_t name_hash = 0;
    std::uint32_t number = 0;
    std::uint32_t slots = 0;             ///< parts that groups hold
    std::uint32_t shown = 0;             ///< entries on its pages
    std::uint32_t irregular = 0;         ///< entries on its pages with a value that is not what its type calls for
    std::uint64_t series = 0;            ///< series on its pages
    std::uint32_t with_unit = 0;         ///< entries on its pages that have a unit
    std::uint32_t infos = 0;             ///< entries on its pages that are infos
    std::uint32_t state_sets = 0;        ///< entries on its pages that are state sets
    std::uint32_t gauge_histograms = 0;  ///< entries on its pages that are gauge histograms
    model::metric_type type{};  ///< of the entries on its pages; histogram if some of them are, some gauge histograms
    ref<family_meta const> latest;    ///< of the last push that brought another one than the push before
    ref<family_meta const> reserved;  ///< set if the family is one of the gateway's own
    page_list pages;
    /// Groups of which nothing is shown because the family is bound otherwise.
    std::set<std::uint32_t, std::less<>, accounted<std::uint32_t>> blocked;
    std::uint32_t pushed = 0;  ///< scratch of a push: its number in the push, from 1; 0 if it is not in it

    static void* operator new(std::size_t size) { return store::allocate(size); }
    static void operator delete(void* block, std::size_t size) noexcept { store::deallocate(block, size); }

    /// The type that every series of this name must have at the moment, if any.
    [[nodiscard]] std::optional<model::metric_type> bound_type() const noexcept {
        if (reserved) return reserved->type;
        if (shown != 0) return type;
        return std::nullopt;
    }

    /// Counts the unit and the kind of an entry that comes to its pages, or goes with `by` -1.
    void count(family_meta const& meta, int by) noexcept {
        auto const step = static_cast<std::uint32_t>(by);
        if (!meta.unit.empty()) with_unit += step;
        if (meta.kind == model::gauge_kind::info) infos += step;
        if (meta.kind == model::gauge_kind::state_set) state_sets += step;
    }

    /// The kind that all entries on its pages are of.
    [[nodiscard]] model::gauge_kind kind() const noexcept {
        if (infos != 0 && infos == shown) return model::gauge_kind::info;
        return state_sets != 0 && state_sets == shown ? model::gauge_kind::state_set : model::gauge_kind::plain;
    }

    /// True if there are histograms and gauge histograms on its pages.
    [[nodiscard]] bool mixed() const noexcept { return gauge_histograms != 0 && gauge_histograms != shown; }

    /// Counts an entry of this type that comes onto its pages.
    void count_in(model::metric_type added) noexcept {
        ++shown;
        gauge_histograms += added == model::metric_type::gauge_histogram ? 1 : 0;
        type = mixed() ? model::metric_type::histogram : added;
    }

    /// Counts one that leaves them.
    void count_out(model::metric_type removed) noexcept {
        --shown;
        gauge_histograms -= removed == model::metric_type::gauge_histogram ? 1 : 0;
        if (shown != 0 && gauge_histograms == shown) type = model::metric_type::gauge_histogram;
    }
};

/// Finds families by name and by number, and lists them in the order of their names.
class family_index {
public:
    using family_map =
        std::map<std::string_view, family*, std::less<>, accounted<std::pair<std::string_view const, family*>>>;

    [[nodiscard]] family* find(std::string_view name, std::uint64_t hash) const noexcept {
        auto const at = by_name_.find(probe{name, hash});
        return at == by_name_.end() ? nullptr : *at;
    }

    family& find_or_add(std::string_view name, std::uint64_t hash) {
        if (auto* known = find(name, hash)) return *known;
        auto const number = free_.empty() ? static_cast<std::uint32_t>(families_.size()) : free_.back();
        auto added = std::make_unique<family>();
        added->name = name;
        added->name_hash = hash;
        added->number = number;
        // Room first: what comes after the family is listed must not fail.
        if (free_.empty()) families_.emplace_back();
        by_name_.reserve(by_name_.size() + 1);
        sorted_.emplace(added->name, added.get());
        by_name_.insert(added.get());
        if (!is_legacy_metric_name(name)) ++beyond_legacy_;
        if (!free_.empty()) free_.pop_back();
        families_[number] = std::move(added);
        return *families_[number];
    }

    /// Forgets a family that nobody holds and that is not reserved.
    void remove_if_unused(family& candidate) {
        if (candidate.slots != 0 || candidate.reserved) return;
        free_.push_back(candidate.number);
        by_name_.erase(&candidate);
        if (!is_legacy_metric_name(candidate.name)) --beyond_legacy_;
        sorted_.erase(candidate.name);
        families_[candidate.number].reset();
    }

    [[nodiscard]] family& operator[](std::uint32_t number) const noexcept { return *families_[number]; }

    /// The families by name, also those without series.
    [[nodiscard]] family_map const& sorted() const noexcept { return sorted_; }

    /// The number of families with a name beyond the legacy set.
    [[nodiscard]] std::size_t beyond_legacy() const noexcept { return beyond_legacy_; }

    /// Drops rendered pages that nobody is reading: those of at most `most` families from the one numbered `first` on.
    /// Gives the number to go on with; nothing at the end.
    std::optional<std::uint32_t> drop_texts(std::uint32_t first, std::uint32_t most) const noexcept {
        auto const end = std::min<std::size_t>(families_.size(), std::size_t{first} + most);
        for (std::size_t i = first; i < end; ++i) {
            if (families_[i]) families_[i]->pages.drop_texts();
        }
        return end == families_.size() ? std::nullopt : std::optional(static_cast<std::uint32_t>(end));
    }

private:
    struct probe {
        std::string_view name;
        std::uint64_t hash;
    };
    struct hasher {
        using is_transparent = void;
        std::size_t operator()(family const* f) const noexcept { return f->name_hash; }
        std::size_t operator()(probe const& p) const noexcept { return p.hash; }
    };
    struct equal {
        using is_transparent = void;
        bool operator()(family const* a, family const* b) const noexcept { return a == b; }
        bool operator()(probe const& a, family const* b) const noexcept { return a.name == b->name; }
        bool operator()(family const* a, probe const& b) const noexcept { return a->name == b.name; }
    };

    accounted_vector<std::unique_ptr<family>> families_;
    accounted_vector<std::uint32_t> free_;
    boost::unordered_flat_set<family*, hasher, equal, accounted<family*>> by_name_;
    family_map sorted_;
    std::size_t beyond_legacy_ = 0;
};

}  // namespace pushgateway::store
