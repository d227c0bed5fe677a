#pragma once

/// \file
/// How the slots of a group compare with what is pushed into it.

#include <cstddef>
#include <cstdint>

#include <pushgateway/base/ref_counted.hpp>
#include <pushgateway/store/change.hpp>
#include <pushgateway/store/exposition.hpp>
#include <pushgateway/store/family_index.hpp>
#include <pushgateway/store/family_meta.hpp>
#include <pushgateway/store/group.hpp>

namespace pushgateway::store {

/// True if the slot at `cursor` is of this family.
[[nodiscard]] inline bool cursor_at(group_content const& content, std::uint32_t cursor, std::uint32_t family) noexcept {
    return cursor < content.slots().size() && content.slots()[cursor].family == family;
}

/// Asks for the memory of the pages that show a run.
inline void prefetch_pages(slot_run const& run) noexcept {
    for (auto const& s : run.slots()) {
        if (s.shown_on != nullptr) __builtin_prefetch(s.shown_on->content().get(), 1);
    }
}

/// True if a pushed family has the series that the run has, all of them shown: only values change.
[[nodiscard]] inline bool is_steady(family_change const& f, slot_run const& run) noexcept {
    if (f.parts.size() != run.count) return false;
    auto const before = run.count != 0 ? run.slots().front().pushed->meta().type : f.target->type;
    if (before != f.type) return false;
    for (std::size_t i = 0; i != f.parts.size(); ++i) {
        auto const& s = run.slots()[i];
        if (s.clashing || s.pushed->label_block() != f.parts[i]->label_block() ||
            s.pushed->metrics() != f.parts[i]->metrics() || s.pushed->estimate() != f.parts[i]->estimate()) {
            return false;
        }
    }
    return true;
}

/// What all series of a pushed family share: shared with what the group had, or else with the push before.
[[nodiscard]] inline ref<family_meta const> const& meta_of(family_change const& f, group_content const& content) {
    auto const fits = [&f](ref<family_meta const> const& meta) { return meta && meta->fits(f); };
    if (f.slots != 0) {
        auto const& before = content.slots()[f.first_slot].pushed->shared_meta();
        if (fits(before)) return before;
    }
    if (!fits(f.target->latest)) f.target->latest = family_meta::of(f);
    return f.target->latest;
}

}  // namespace pushgateway::store
