#pragma once

/// \file
/// The groups and what is shown of them, changed by whole pushes. Not locked: its owner lets one thread in at a time.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/container/small_vector.hpp>
#include <boost/unordered/unordered_flat_set.hpp>

#include <pushgateway/base/clock.hpp>
#include <pushgateway/base/hash.hpp>
#include <pushgateway/base/limits.hpp>
#include <pushgateway/base/memory.hpp>
#include <pushgateway/store/change.hpp>
#include <pushgateway/store/conflict_finder.hpp>
#include <pushgateway/store/excess_finder.hpp>
#include <pushgateway/store/exposition.hpp>
#include <pushgateway/store/generation.hpp>
#include <pushgateway/store/group.hpp>
#include <pushgateway/store/slot_match.hpp>

namespace pushgateway::store {

/// The content of a store.
class state {
    using touched_families = boost::container::small_vector<family*, 16>;

public:
    using group_parts = boost::container::small_vector<ref<stored_family>, 16>;

    explicit state(hash_key const& secret) : secret_(secret), shown_(groups_, secret) {}
    state(state const&) = delete;
    state& operator=(state const&) = delete;
    ~state() { memory::subtract(memory::kind::live, live_); }

    [[nodiscard]] group_table const& groups() const noexcept { return groups_; }
    [[nodiscard]] exposition const& shown() const noexcept { return shown_; }
    [[nodiscard]] std::uint64_t bytes() const noexcept {
        return bytes_ + groups_.size() * (sizeof(group_header) + sizeof(shown_header));
    }
    /// Sample lines of all groups, shown or not.
    [[nodiscard]] std::uint64_t series() const noexcept { return shown_.series() + shown_.clashing_series(); }

    /// Another number after every change; no other state of this process ever has it.
    [[nodiscard]] std::uint64_t generation() const noexcept { return generation_.value(); }

    /// Declares a family of the gateway itself.
    void reserve(std::string_view name, std::string_view help, model::metric_type type) {
        auto& f = shown_.families().find_or_add(name, hash_bytes(name, secret_));
        f.reserved = make_ref<family_meta>(name, type, help);
        if (!f.latest) f.latest = f.reserved;
    }

    /// Finds what the push changes. True if some of it needs the series hashes, and they are not computed. Until
    /// `release`, `apply`, no other push may be prepared.
    bool prepare(change& push) {
        push.group = groups_.find(push.probe());
        auto* const content = content_of(push);
        std::uint32_t cursor = 0;
        std::uint32_t number = 0;
        for (auto& f : push.families()) {
            ++number;
            f.first_slot = 0;
            f.slots = 0;
            f.steady = false;
            f.skipped = false;
            f.target = &target_of(f, content, cursor);
            if (f.target->pushed != 0) {
                auto& superseded = push.families()[f.target->pushed - 1];
                superseded.skipped = true;
                superseded.target = nullptr;
            }
            f.target->pushed = number;
            if (content == nullptr) continue;
            f.first_slot =
                cursor_at(*content, cursor, f.target->number) ? cursor : content->lower_bound(f.target->number);
            f.slots = content->count(f.first_slot, f.target->number);
            if (f.slots != 0) cursor = f.first_slot + f.slots;
        }
        if (content == nullptr) return !push.hashed() && !push.families().empty();
        shown_times::prefetch(*content);
        for (auto& f : push.families()) {
            if (!f.skipped) prefetch_pages(run_of(f, *content));
        }
        bool all_steady = true;
        for (auto& f : push.families()) {
            f.steady = !f.skipped && is_steady(f, run_of(f, *content));
            all_steady = all_steady && (f.steady || f.skipped);
        }
        return !all_steady && !push.hashed();
    }

    /// Undoes `prepare`.
    void release(change& push) {
        for (auto& f : push.families()) {
            if (f.target == nullptr) continue;
            f.target->pushed = 0;
            shown_.families().remove_if_unused(*f.target);
            f.target = nullptr;
        }
    }

    /// Why a prepared push with hashes contradicts what is stored, or nothing.
    [[nodiscard]] std::optional<std::string> find_conflict(change& push) {
        return conflict_finder{groups_, shown_, secret_, push, content_of(push)}.find();
    }

    /// The limit that a prepared push would exceed, or nothing.
    [[nodiscard]] std::optional<limit_kind> find_excess(change& push, limits const& bounds) noexcept {
        return excess_finder{groups_, shown_, push, content_of(push)}.find(bounds);
    }

    /// Drops rendered pages that nobody is reading: those of at most `most` families from the one numbered `first` on.
    /// Gives the number to go on with; nothing at the end.
    std::optional<std::uint32_t> drop_texts(std::uint32_t first, std::uint32_t most) noexcept {
        if (first == 0) shown_.times().list().drop_texts();
        return shown_.families().drop_texts(first, most);
    }

    /// Carries a prepared push out. Must not fail half way: without the memory that it needs the program ends.
    void apply(change& push, timestamp now) noexcept {
        ++generation_;
        bool const added = push.group == group_table::none;
        if (added) push.group = groups_.add(push.probe());
        if (added || push.names_beyond_legacy()) shown_.expect_names(push.probe().key, push.names_beyond_legacy());
        auto& content = groups_[push.group];
        if (!content->unique()) content = group_content::copy(*content);
        if (added) content->header() = group_header::made_at(now);
        content->header().note(push.outcome(), now);
        if (!added) {
            shown_.times().update(*content, push.outcome());
        } else if (auto reason = shown_.times().show(*content)) {
            push.notes.push_back(*std::move(reason));
        }

        std::size_t covered = 0;
        bool all_steady = true;
        for (auto& f : push.families()) {
            if (f.skipped) continue;
            auto const& meta = meta_of(f, *content);
            if (f.steady) {
                revalue(f, *content, meta, now);
            } else {
                for (auto& part : f.parts) part->attach(content->shared_key(), meta, now);
                all_steady = false;
            }
            covered += f.slots;
        }
        bool const drops = push.mode() == push_mode::replace && covered != content->slots().size();
        if (!all_steady || drops) rebuild(push);
        for (auto& f : push.families()) {
            if (f.target != nullptr) f.target->pushed = 0;
        }
    }

    /// Removes a group. Gives back its content, to be freed, or nothing if there is none.
    ref<group_content> erase(key_probe const& probe) noexcept {
        auto const number = groups_.find(probe);
        if (number == group_table::none) return {};
        ++generation_;
        touched_families touched;
        drop_all(*groups_[number], touched);
        auto removed = groups_.remove(number);
        settle(touched);
        return removed;
    }

    /// The group that a prepared or carried out push changes; null if there is none yet.
    [[nodiscard]] ref<group_content> group_of(change const& push) const noexcept {
        return push.group == group_table::none ? nullptr : groups_[push.group];
    }

    /// Makes of a group what it was: `before` it was changed, null if there was none, and `after`, null if that removed
    /// it. All later changes must have been undone.
    void undo(ref<group_content> const& before, ref<group_content> const& after) noexcept {
        ++generation_;
        touched_families touched;
        if (after) drop_all(*groups_[after->key().group()], touched);
        if (!before) {
            groups_.remove(after->key().group());
        } else {
            if (!after) groups_.put_back(before);
            group_parts parts;
            for (auto const& s : before->slots()) parts.push_back(s.pushed);
            fill(before->shared_key(), before->header(), parts);
        }
        settle(touched);
    }

    /// Adds a group that was kept. `kept(stored key)` gives its parts, attached, those of a family in order.
    /// `names_beyond_legacy`: some name in them is so. False if there is a group of that key already. `notes` gets the
    /// reasons why something of it is left out of the exposition.
    template <class Kept>
    bool restore(key_probe const& probe, group_header const& header, bool names_beyond_legacy, Kept&& kept,
                 std::vector<std::string>& notes) {
        if (groups_.find(probe) != group_table::none) return false;
        ++generation_;
        shown_.expect_names(probe.key, names_beyond_legacy);
        auto const key = groups_[groups_.add(probe)]->shared_key();
        fill(key, header, kept(key), &notes);
        return true;
    }

private:
    /// Gives a group of the table, of which nothing is shown, this header and these parts, and shows them.
    void fill(ref<stored_key const> const& key, group_header const& header, group_parts const& parts,
              std::vector<std::string>* notes = nullptr) {
        struct place {
            family* owner;
            std::size_t position;  // the parts of a family stay in their order
            ref<stored_family> part;
        };
        boost::container::small_vector<place, 16> placed;
        for (auto const& part : parts) {
            auto const& meta = part->shared_meta();
            auto& owner = shown_.families().find_or_add(meta->name, hash_bytes(meta->name, secret_));
            owner.latest = meta;
            owner.slots += 1;
            placed.push_back({&owner, placed.size(), part});
        }
        std::ranges::sort(placed, {}, [](place const& p) { return std::pair(p.owner->number, p.position); });
        auto& content = groups_[key->group()];
        content = group_content::make(key, static_cast<std::uint32_t>(placed.size()));
        content->header() = header;
        for (std::size_t i = 0; i != placed.size(); ++i) {
            auto& s = content->slots()[i];
            s.family = placed[i].owner->number;
            s.pushed = std::move(placed[i].part);
            count(*s.pushed);
        }
        auto left_out = shown_.times().show(*content);
        if (left_out && notes != nullptr) notes->push_back(*std::move(left_out));
        for (std::uint32_t first = 0; first != placed.size();) {
            auto& owner = *placed[first].owner;
            slot_run const run{content.get(), first, content->count(first, owner.number)};
            auto reason = shown_.show(owner, run);
            if (reason && notes != nullptr) notes->push_back(*std::move(reason));
            first += run.count;
        }
    }

    /// Takes all of a group out of the exposition.
    void drop_all(group_content& content, touched_families& touched) {
        shown_.times().hide(content);
        auto const slots = static_cast<std::uint32_t>(content.slots().size());
        for (std::uint32_t first = 0; first != slots;) {
            auto const count = content.count(first, content.slots()[first].family);
            drop(slot_run{&content, first, count}, touched);
            first += count;
        }
    }

    [[nodiscard]] group_content* content_of(change const& push) noexcept {
        return push.group == group_table::none ? nullptr : groups_[push.group].get();
    }

    [[nodiscard]] static slot_run run_of(family_change const& f, group_content& content) noexcept {
        return {&content, f.first_slot, f.slots};
    }

    /// The family of a pushed one; as a rule the next one of the group.
    [[nodiscard]] family& target_of(family_change const& f, group_content const* content, std::uint32_t cursor) {
        if (content != nullptr && cursor < content->slots().size()) {
            auto& next = shown_.families()[content->slots()[cursor].family];
            if (next.name == f.name) return next;
        }
        return shown_.families().find_or_add(f.name, f.name_hash);
    }

    /// Gives the slots of a steady family their new values.
    void revalue(family_change& f, group_content& content, ref<family_meta const> const& meta, timestamp now) {
        auto const run = run_of(f, content);
        for (std::size_t i = 0; i != f.parts.size(); ++i) {
            auto& s = run.slots()[i];
            auto& part = f.parts[i];
            if (s.pushed->shared_meta() == meta && shown_.overwrite(*f.target, s, *part, now)) continue;
            part->attach(content.shared_key(), meta, now);
            count(*part);
            shown_.exchange(*f.target, s, part);
            discount(*part);
        }
    }

    /// Hides a run and takes it out of the counts of its family.
    bool drop(slot_run const& run, touched_families& touched) {
        auto& owner = shown_.families()[run.slots().front().family];
        for (auto const& s : run.slots()) discount(*s.pushed);
        owner.slots -= run.count;
        touched.push_back(&owner);
        return shown_.hide(owner, run);
    }

    /// Shows what clashed with the families that were dropped, and forgets those that are gone.
    void settle(touched_families const& touched) {
        shown_.show_released();
        for (auto* f : touched) shown_.families().remove_if_unused(*f);
    }

    /// Gives the group new slots: for the families that are pushed and not steady, and without those that go.
    void rebuild(change& push) {
        auto& content = groups_[push.group];
        touched_families touched;
        boost::container::small_vector<family_change*, 16> fresh;
        boost::container::small_vector<bool, 64> kept(content->slots().size());
        boost::unordered_flat_set<family const*> clashed_before;
        std::uint32_t size = 0;
        for (std::uint32_t first = 0; first != content->slots().size();) {
            auto& owner = shown_.families()[content->slots()[first].family];
            auto const count = content->count(first, owner.number);
            bool const keep =
                owner.pushed != 0 ? push.families()[owner.pushed - 1].steady : push.mode() == push_mode::update;
            if (keep) {
                std::fill_n(kept.begin() + first, count, true);
                size += count;
            } else if (drop(slot_run{content.get(), first, count}, touched)) {
                clashed_before.insert(&owner);
            }
            first += count;
        }
        for (auto& f : push.families()) {
            if (f.skipped || f.steady) continue;
            fresh.push_back(&f);
            size += static_cast<std::uint32_t>(f.parts.size());
        }
        auto const in_push_order = fresh;
        std::ranges::sort(fresh, {}, [](family_change const* f) { return f->target->number; });
        exchange_slots(content, size, kept, fresh, push);

        for (auto* f : in_push_order) {
            auto const first = content->lower_bound(f->target->number);
            slot_run const run{content.get(), first, static_cast<std::uint32_t>(f->parts.size())};
            auto const hashes = push.hashed() ? push.hashes(*f) : std::span<std::uint64_t const>();
            auto reason = shown_.show(*f->target, run, hashes);
            if (reason && !clashed_before.contains(f->target)) {
                push.notes.push_back(*std::move(reason));
            }
        }
        settle(touched);
    }

    template <class Kept, class Fresh>
    void exchange_slots(ref<group_content>& content, std::uint32_t size, Kept const& kept, Fresh const& fresh,
                        change& push) {
        auto exchanged = group_content::with_header_of(*content, size);
        auto* to = exchanged->slots().data();
        auto next = fresh.begin();
        auto const put_fresh_below = [&](std::uint64_t number) {
            for (; next != fresh.end() && (*next)->target->number < number; ++next) {
                auto& f = **next;
                for (auto& part : f.parts) {
                    to->pushed = part;
                    to->family = f.target->number;
                    count(*part);
                    ++to;
                }
                f.target->slots += static_cast<std::uint32_t>(f.parts.size());
            }
        };
        for (std::uint32_t i = 0; i != content->slots().size(); ++i) {
            if (!kept[i]) continue;
            auto& old = content->slots()[i];
            put_fresh_below(old.family);
            *to++ = std::move(old);
        }
        put_fresh_below(UINT64_MAX);
        push.discarded = std::exchange(content, std::move(exchanged));
    }

    /// Notes that a part belongs to the present version now, or does not any more.
    void count(stored_family const& part) noexcept {
        auto const cost = memory::cost(part.size());
        memory::add(memory::kind::live, cost);
        live_ += cost;
        bytes_ += part.size() + sizeof(slot);
    }
    void discount(stored_family const& part) noexcept {
        auto const cost = memory::cost(part.size());
        memory::subtract(memory::kind::live, cost);
        live_ -= cost;
        bytes_ -= part.size() + sizeof(slot);
    }

    hash_key const& secret_;
    group_table groups_;
    exposition shown_;
    std::uint64_t bytes_ = 0;
    std::uint64_t live_ = 0;  // of the parts, with what the allocator takes
    store::generation generation_;
};

}  // namespace pushgateway::store
