#pragma once

/// \file
/// Whether there is room for a prepared push.

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>

#include <pushgateway/base/error.hpp>
#include <pushgateway/base/limits.hpp>
#include <pushgateway/base/memory_budget.hpp>
#include <pushgateway/store/change.hpp>
#include <pushgateway/store/exposition.hpp>
#include <pushgateway/store/family_meta.hpp>
#include <pushgateway/store/group.hpp>
#include <pushgateway/store/stored_family.hpp>
#include <pushgateway/store/stored_key.hpp>

namespace pushgateway::store {

/// Finds out which limit a prepared push would exceed. `content`: of the group that it changes, or nullptr. What does
/// not make a group larger is always let in.
struct excess_finder {
    group_table const& groups;
    exposition const& shown;
    change& push;
    group_content const* content;

    /// The first limit that would be exceeded, or nothing.
    [[nodiscard]] std::optional<limit_kind> find(limits const& bounds) const noexcept {
        if (content == nullptr && bounds.groups != 0 && groups.size() >= bounds.groups) return limit_kind::groups;
        if (bounds.series != 0 && too_many_series(bounds.series)) return limit_kind::series;
        if (bounds.memory != 0 && too_large(memory_budget{bounds.memory})) return limit_kind::memory;
        return std::nullopt;
    }

private:
    [[nodiscard]] bool too_many_series(std::uint64_t most) const noexcept {
        auto const held = shown.series() + shown.clashing_series();
        std::uint64_t const times = content == nullptr ? all_time_series.size() : 0;
        if (held + times + push.most_series() <= most) return false;
        std::uint64_t brings = times;
        for_each_new([&brings](stored_family const& part) { brings += part.series(); });
        if (held + brings <= most) return false;
        std::uint64_t frees = 0;
        for_each_replaced([&frees](stored_family const& part) { frees += part.series(); });
        return brings > frees && held - frees + brings > most;
    }

    [[nodiscard]] bool too_large(memory_budget budget) const noexcept {
        // What is allocated already, and what will be.
        std::uint64_t brings = 0;
        std::uint64_t needs = content == nullptr ? needed_by_group() : 0;
        std::uint64_t metrics = 0;
        std::uint64_t largest = 0;
        for_each_new([&](stored_family const& part) {
            brings += memory::cost(part.size());
            metrics += part.metrics();
            largest = std::max<std::uint64_t>(largest, part.size());
        });
        std::uint64_t frees = 0;
        for_each_replaced([&frees](stored_family const& part) { frees += memory::cost(part.size()); });
        for (auto const& f : push.families()) {
            if (f.skipped) continue;
            if (f.target->slots == 0) needs += needed_by_family;
            if (has_meta(f)) continue;
            needs += size_of(f);
            if (f.help) largest = std::max<std::uint64_t>(largest, f.help->size());
            if (content == nullptr || f.slots == 0) continue;
            auto const& before = content->slots()[f.first_slot].pushed->shared_meta();
            bool const goes = before->references() <= f.slots + 1;
            if (goes) frees += size_of(*before);
        }
        if (content != nullptr && brings + needs <= frees) return false;
        needs += shown.identities().growth(metrics);
        auto const stored = memory::taken_by_stored();
        if (stored - std::min(frees, stored) + needs > budget.stored()) return true;
        if (!memory::fits(needs, budget.requests())) return true;
        return largest > budget.largest_metric();
    }

    /// True if name, type and help of a pushed family are there: see `meta_of`.
    [[nodiscard]] bool has_meta(family_change const& f) const noexcept {
        auto const fits = [&f](ref<family_meta const> const& meta) { return meta && meta->fits(f); };
        bool const has = f.slots != 0 && fits(content->slots()[f.first_slot].pushed->shared_meta());
        return has || fits(f.target->latest);
    }

    /// What all series of a family share.
    template <class Family>
    [[nodiscard]] static std::uint64_t size_of(Family const& family) noexcept {
        return memory::cost(sizeof(family_meta)) + memory::cost(family.name.size()) + memory::cost(family.unit.size()) +
               (family.help ? memory::cost(family.help->size()) : 0);
    }

    /// What a new group takes beside its parts.
    [[nodiscard]] std::uint64_t needed_by_group() const noexcept {
        std::uint64_t slots = 0;
        for (auto const& f : push.families()) slots += f.parts.size();
        std::uint64_t labels = 0;
        for (auto const& [name, value] : push.probe().key.pairs())
            labels += sizeof(model::label) + name.size() + value.size();
        return groups.growth() + memory::cost(sizeof(stored_key) + labels) +
               memory::cost(sizeof(group_content) + slots * sizeof(slot)) + shown.times().growth();
    }

    template <class Visit>
    void for_each_new(Visit visit) const noexcept {
        for (auto const& f : push.families()) {
            if (f.skipped) continue;
            for (auto const& part : f.parts) visit(*part);
        }
    }

    template <class Visit>
    void for_each_replaced(Visit visit) const noexcept {
        if (content == nullptr) return;
        for (auto const& f : push.families()) {
            if (f.skipped) continue;
            for (auto const& s : content->slots().subspan(f.first_slot, f.slots)) visit(*s.pushed);
        }
        if (push.mode() == push_mode::update) return;
        for (auto const& s : content->slots()) {
            if (shown.families()[s.family].pushed == 0) visit(*s.pushed);
        }
    }

    /// A page and its place in a list, roughly.
    static constexpr std::uint64_t needed_by_family = 256;
};

/// Why a push is refused that would exceed `limit`.
[[nodiscard]] inline error excess_error(limit_kind limit, limits const& bounds) {
    std::string text = "the gateway would ";
    if (limit == limit_kind::memory) {
        text += "need more memory, to store this and to show it, than its limit of " + std::to_string(bounds.memory) +
                " bytes leaves for that: delete groups, or raise the limit";
    } else if (limit == limit_kind::groups) {
        text += "hold more than " + std::to_string(bounds.groups) + " groups";
    } else {
        text += "hold more than " + std::to_string(bounds.series) + " series";
    }
    return fail(errc::too_many, limit, text).error();
}

}  // namespace pushgateway::store
