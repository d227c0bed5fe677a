#pragma once

/// \file
/// What is shown of the groups: which series are in the scrape, by family and page, and which are left out because they
/// clash with others. Not locked.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <ranges>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <boost/container/small_vector.hpp>

#include <pushgateway/base/hash.hpp>
#include <pushgateway/base/names.hpp>
#include <pushgateway/model/grouping_key.hpp>
#include <pushgateway/store/consistency.hpp>
#include <pushgateway/store/family_index.hpp>
#include <pushgateway/store/group.hpp>
#include <pushgateway/store/identity_index.hpp>
#include <pushgateway/store/shown_times.hpp>
#include <pushgateway/store/waiting_series.hpp>

namespace pushgateway::store {

/// The slots of one family in a group.
struct slot_run {
    group_content* group = nullptr;
    std::uint32_t first = 0;
    std::uint32_t count = 0;

    [[nodiscard]] std::span<slot> slots() const noexcept { return group->slots().subspan(first, count); }
};

/// Shows and hides runs of slots. A run is shown as far as it is consistent with all that is shown already.
class exposition {
public:
    exposition(group_table& groups, hash_key const& secret) : groups_(groups), secret_(secret), times_(groups) {}

    [[nodiscard]] family_index& families() noexcept { return families_; }
    [[nodiscard]] family_index const& families() const noexcept { return families_; }
    [[nodiscard]] identity_index const& identities() const noexcept { return identities_; }
    [[nodiscard]] shown_times& times() noexcept { return times_; }
    [[nodiscard]] shown_times const& times() const noexcept { return times_; }
    /// Of the groups' families and times.
    [[nodiscard]] std::uint64_t series() const noexcept { return series_ + times_.series(); }
    [[nodiscard]] std::uint64_t clashing_series() const noexcept { return clashing_ + times_.clashing_series(); }
    /// False if no name of a family or of a label is beyond the legacy set.
    [[nodiscard]] bool names_beyond_legacy() const noexcept { return names_beyond_legacy_; }

    /// Says what names are to come: the labels of a group, and whether others are beyond the legacy set.
    void expect_names(model::grouping_key const& key, bool others_beyond_legacy) noexcept {
        bool const legacy = std::ranges::all_of(key.pairs(), is_legacy_label_name, &model::grouping_key::pair::first);
        names_beyond_legacy_ = names_beyond_legacy_ || others_beyond_legacy || !legacy;
    }

    /// Takes all of a run out. True if some of it was left out before.
    bool hide(family& owner, slot_run const& run) {
        bool clashing = false;
        auto const type = owner.bound_type();
        waiting_series::waiter const who{owner.number, run.group->key().group()};
        // From the last one: taking out pages from the front would move all behind them each time.
        for (auto& s : run.slots() | std::views::reverse) {
            std::uint32_t shown = 0;
            if (s.shown_on != nullptr) {
                auto const entry = owner.pages.remove(place_of(s), relocate(owner));
                for_each_series_hash(*entry, owner.name_hash, secret_, [this](std::uint64_t series) {
                    identities_.erase(series);
                    if (!waiting_.empty() && waiting_.first(series)) released_.push_back(series);
                });
                shown = entry->series();
                owner.count(entry->meta(), -1);
                owner.count_out(entry->meta().type);
                owner.series -= shown;
                owner.irregular -= entry->irregular() ? 1 : 0;
                series_ -= shown;
                s.shown_on = nullptr;
            }
            if (s.clashing) {
                clashing_ -= s.pushed->series() - shown;
                if (!waiting_.empty()) {
                    for_each_series_hash(*s.pushed, owner.name_hash, secret_,
                                         [&](std::uint64_t series) { waiting_.remove(series, who); });
                }
            }
            clashing = clashing || s.clashing;
            s.clashing = 0;
        }
        if (clashing) owner.blocked.erase(who.group);
        if (type && clashing_ != 0 && owner.bound_type() != type) unbound_.emplace_back(&owner, *type);
        return clashing;
    }

    /// Shows a run, or what of it does not clash. If something does, the reason. `hashes`: those of its series, if
    /// known.
    std::optional<std::string> show(family& owner, slot_run const& run, std::span<std::uint64_t const> hashes = {}) {
        auto const& meta = run.slots().front().pushed->meta();
        auto const type = meta.type;
        std::optional<std::string> reason;
        bool blocked = false;
        if (run.group->key().faulty()) {
            reason = describe_group(run.group->key().pairs()) + " has labels that no scrape may show";
        } else if (!meta.legacy_name && !is_utf8_name(meta.name)) {
            reason = "family " + describe_name(meta.name) + " has a name that no scrape may show";
        } else {
            reason = find_clash(families_, owner, type, secret_,
                                [](family& f, bool want_text) { return bound_by_shown(f, want_text); });
            blocked = reason.has_value();
        }
        bool const none = reason.has_value();
        for (auto& s : run.slots()) {
            auto visible = none ? ref<stored_family const>() : admit(owner, s, run, hashes, reason);
            if (!hashes.empty()) hashes = hashes.subspan(s.pushed->metrics());
            std::uint32_t const shown = visible ? visible->series() : 0;
            if (!visible || visible->metrics() != s.pushed->metrics()) {
                s.clashing = 1;
                clashing_ += s.pushed->series() - shown;
            }
            if (!visible) continue;
            owner.count_in(type);
            owner.count(visible->meta(), 1);
            owner.series += shown;
            owner.irregular += visible->irregular() ? 1 : 0;
            series_ += shown;
            put(s, owner.pages.insert(std::move(visible), relocate(owner)));
        }
        if (blocked) owner.blocked.insert(run.group->key().group());
        return reason;
    }

    /// Gives a slot that is all shown the values of a part with the same label block, in place. False if somebody else
    /// may be reading what it holds, or if there is no room; then nothing happens. The slots must not be shared.
    [[nodiscard]] bool overwrite(family& owner, slot& s, stored_family const& part, timestamp pushed_at) noexcept {
        auto& content = *s.shown_on->content();
        bool const alone = content.unique() && s.pushed->references() == 2;  // this slot and that page
        auto const before = s.pushed->series();
        bool const irregular = s.pushed->irregular();
        if (!alone || !s.pushed->overwrite(part, pushed_at)) return false;
        content.revalue();
        count_change(owner, before, part.series());
        owner.irregular += (part.irregular() ? 1u : 0u) - (irregular ? 1u : 0u);
        return true;
    }

    /// As above, by exchange for `part`, which is the old one then.
    void exchange(family& owner, slot& s, ref<stored_family>& part) {
        count_change(owner, s.pushed->series(), part->series());
        owner.count(s.pushed->meta(), -1);
        owner.count(part->meta(), 1);
        owner.irregular += (part->irregular() ? 1u : 0u) - (s.pushed->irregular() ? 1u : 0u);
        auto const place = place_of(s);
        page_list::replace(place, part);
        s.position = place.position & max_position;
        std::swap(s.pushed, part);
    }

    /// Shows what was left out because of what was hidden since this was last called, as far as that was not shown
    /// again. Takes time in proportion to that and to what is shown now, whatever else is left out.
    void show_released() {
        for (auto const& [gone, type] : std::exchange(unbound_, {})) {
            if (gone->bound_type() == type) continue;
            show_blocked(*gone);
            for_each_relative(families_, gone->name, secret_, [this](family& relative) { show_blocked(relative); });
        }
        times_.show_released();
        // Showing hides first, and so may release more.
        // NOLINTNEXTLINE(modernize-loop-convert)
        for (std::size_t i = 0; i != released_.size(); ++i) {
            auto const series = released_[i];
            for (auto who = waiting_.first(series); who && !identities_.find(series);
                 who = waiting_.next(series, *who)) {
                show_again(families_[who->family], who->group);
            }
        }
        released_.clear();
        unbound_.clear();
    }

    /// How often something was tried that had been left out.
    [[nodiscard]] std::uint64_t tried_again() const noexcept { return tried_again_; }

    /// Who binds a family to its type, by what is shown.
    [[nodiscard]] static std::optional<binding> bound_by_shown(family const& f, bool want_text,
                                                               stored_key const* except = nullptr) {
        auto const type = f.bound_type();
        if (!type) return std::nullopt;
        binding bound{*type, {}};
        if (want_text) bound.by = f.reserved ? "the gateway itself" : holder(f, except);
        return bound;
    }

private:
    static constexpr std::uint32_t max_position = 0x7fffffff;

    /// Tells the slot of an entry where the entry went.
    struct relocation {
        group_table& groups;
        std::uint32_t family;

        void operator()(stored_family const& entry, page_place place) const noexcept {
            auto& content = *groups[entry.key().group()];
            auto const first = content.lower_bound(family);
            put(content.slots()[first + entry.part()], place);
        }
    };

    void count_change(family& owner, std::uint64_t before, std::uint64_t after) noexcept {
        owner.series += after - before;
        series_ += after - before;
    }

    void show_blocked(family& f) {
        if (f.blocked.empty()) return;
        auto const waiting = f.blocked;
        for (auto const number : waiting) show_again(f, number);
    }

    void show_again(family& f, std::uint32_t number) {
        ++tried_again_;
        auto& content = *groups_[number];
        auto const first = content.lower_bound(f.number);
        slot_run const run{&content, first, content.count(first, f.number)};
        hide(f, run);
        show(f, run);
    }

    /// The group of a shown series that is not `except`.
    [[nodiscard]] static std::string holder(family const& f, stored_key const* except) {
        for (auto const& p : f.pages.pages()) {
            for (auto const& entry : p->content()->entries()) {
                if (&entry->key() != except) return describe_group(entry->key().pairs());
            }
        }
        return "another group";
    }

    [[nodiscard]] static page_place place_of(slot const& s) noexcept {
        auto const& content = *s.shown_on->content();
        return {s.shown_on,
                s.clashing ? page_list::position_of(content, *s.pushed) : content.find(s.pushed.get(), s.position)};
    }

    static void put(slot& s, page_place place) noexcept {
        s.shown_on = place.at;
        s.position = place.position & max_position;
    }

    [[nodiscard]] relocation relocate(family const& owner) const noexcept { return {groups_, owner.number}; }

    /// Registers the series of a slot. What of it may be shown: all, a part, or nothing.
    ref<stored_family const> admit(family& owner, slot& s, slot_run const& run, std::span<std::uint64_t const> hashes,
                                   std::optional<std::string>& reason) {
        auto const& pushed = *s.pushed;
        boost::container::small_vector<std::uint32_t, 8> refused;
        if (pushed.suspect()) {
            std::uint32_t i = 0;
            for_each_metric(pushed, [&](model::metric const& metric) {
                if (auto const fault = fault_of_labels(metric.labels, pushed.meta().type)) {
                    refused.push_back(i);
                    if (!reason) reason = describe_series(owner.name, metric.labels) + " " + *fault;
                }
                ++i;
            });
        }
        std::size_t const faulty = refused.size();
        std::size_t next_faulty = 0;
        std::uint32_t i = 0;
        auto const insert = [&](std::uint64_t series) {
            if (next_faulty != faulty && refused[next_faulty] == i) {
                ++next_faulty;
            } else if (!identities_.insert(series, run.group->key().group())) {
                refused.push_back(i);
                waiting_.add(series, {owner.number, run.group->key().group()});
                if (!reason) reason = "a series of family " + describe_name(owner.name) + " is there already";
            }
            ++i;
        };
        if (hashes.empty()) {
            for_each_series_hash(pushed, owner.name_hash, secret_, insert);
        } else {
            for (auto const series : hashes.first(pushed.metrics())) insert(series);
        }
        if (refused.empty()) return s.pushed;
        if (refused.size() == pushed.metrics()) return {};
        std::ranges::sort(refused);
        return without(pushed, refused);
    }

    /// A copy of a part without some of its metrics, whose positions are sorted.
    [[nodiscard]] static ref<stored_family const> without(stored_family const& pushed,
                                                          std::span<std::uint32_t const> refused) {
        part_writer writer(0);
        writer.begin(pushed.meta().name, pushed.rich(), pushed.part());
        family_parts parts;
        label_block_reader reader(pushed.label_block().data());
        value_reader values(pushed);
        for (std::uint32_t i = 0; i != pushed.metrics(); ++i) {
            reader.next();
            auto const metric = values.next();
            if (!refused.empty() && refused.front() == i) {
                refused = refused.subspan(1);
            } else {
                writer.add(reader.labels(), metric, false, parts);
            }
        }
        writer.end(parts);
        parts.front()->attach(pushed.shared_key(), pushed.shared_meta(), pushed.pushed_at());
        return parts.front();
    }

    group_table& groups_;
    hash_key const& secret_;
    shown_times times_;
    family_index families_;
    identity_index identities_;
    waiting_series waiting_;
    // What was hidden since `show_released`: series that something waits for, and families with the types they had.
    std::vector<std::uint64_t> released_;
    std::vector<std::pair<family*, model::metric_type>> unbound_;
    std::uint64_t tried_again_ = 0;
    std::uint64_t series_ = 0;
    std::uint64_t clashing_ = 0;
    bool names_beyond_legacy_ = false;
};

}  // namespace pushgateway::store
