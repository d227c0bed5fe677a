#pragma once

/// \file
/// The store: groups of pushed metrics, checked against each other, and their common exposition.

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <pushgateway/base/error.hpp>
#include <pushgateway/base/hash.hpp>
#include <pushgateway/base/limits.hpp>
#include <pushgateway/base/memory_budget.hpp>
#include <pushgateway/base/must_not_wait.hpp>
#include <pushgateway/base/names.hpp>
#include <pushgateway/format/family_source.hpp>
#include <pushgateway/model/grouping_key.hpp>
#include <pushgateway/store/change.hpp>
#include <pushgateway/store/exposition_snapshot.hpp>
#include <pushgateway/store/group_header.hpp>
#include <pushgateway/store/group_snapshot.hpp>
#include <pushgateway/store/journal_record.hpp>
#include <pushgateway/store/log_reasons.hpp>
#include <pushgateway/store/long_changes.hpp>
#include <pushgateway/store/policies.hpp>
#include <pushgateway/store/release_on_failure.hpp>
#include <pushgateway/store/restoration.hpp>
#include <pushgateway/store/state.hpp>
#include <pushgateway/store/statistics.hpp>
#include <pushgateway/store/wait_for.hpp>

namespace pushgateway::store {

/// Keeps what is pushed. Every function may be called from any thread, if the locking policy says so. A push is seen by
/// a snapshot as a whole or not at all.
template <store_policies Policies = default_policies>
class basic_store {
public:
    using clock = typename Policies::clock;
    using consistency = typename Policies::consistency;
    using logger = typename Policies::logger;
    using journal = typename Policies::journal;

    /// True if changes outlive the process. Then every change is answered when it is kept, or undone: functions that
    /// return wait for that, those with a completion do not.
    static constexpr bool keeps = journal::keeps;

    /// What dropping a group returns: if there was one.
    using erased = std::conditional_t<keeps, result<bool>, bool>;
    using wiped = std::conditional_t<keeps, result<>, void>;

    /// Of `bounds`, `groups`, `series` and `memory` are used here.
    explicit basic_store(clock time = {}, consistency mode = {}, logger log = {}, limits const& bounds = {},
                         journal keeper = {})
        : bounds_(bounds),
          clock_(std::move(time)),
          consistency_(std::move(mode)),
          logger_(std::move(log)),
          journal_(std::move(keeper)),
          state_(std::make_unique<state>(secret_)) {
        if constexpr (keeps) journal_.attach(memory_);
    }

    basic_store(basic_store const&) = delete;
    basic_store& operator=(basic_store const&) = delete;

    /// Waits until the journal has told what became of every change.
    ~basic_store() {
        if constexpr (keeps) journal_.detach();
    }

    /// Puts the families of `source` into the group `key`, all or nothing, and sets its `push_time_seconds`. A family
    /// that is named twice counts as pushed last. Families with the names of the group's own times are not kept.
    ///
    /// Fails with `errc::inconsistent` if a series carries a timestamp, unless `rules` take them, or a value that is
    /// not of its family's type; when consistency is checked, also if a series is no valid one, or contradicts the push
    /// or what is stored. Then nothing changes but the group's `push_failure_time_seconds`; the group is created if
    /// there was none, unless its two times are series of another group. Unchecked, what contradicts is kept in its
    /// group but left out of the exposition until it fits.
    ///
    /// Fails with `errc::too_many`, before it is held against what is stored, if there would be more groups, series or
    /// bytes than the limits say and the push does not make its group smaller. Then nothing changes but the
    /// `push_failure_time_seconds` of a group that is there already. Nor is a group made for the failure of an
    /// inconsistent push if there is no room for it.
    ///
    /// Takes time in proportion to what is pushed and what it replaces, and to the number of families in the group if
    /// that changes.
    ///
    /// With a journal it fails with `errc::unavailable`, too, if the push cannot be kept; then nothing has changed.
    template <format::family_source Source>
    result<> push(model::grouping_key const& key, push_mode mode, Source const& source, push_rules rules = {}) {
        if constexpr (keeps) {
            return detail::wait_for([&](completion done) { push(key, mode, source, rules, std::move(done)); });
        } else {
            change prepared(key, mode, secret_, rules);
            prepared.add(source);
            return commit(prepared, {});
        }
    }

    /// As above, told by `done`: before this returns, or later by the journal's thread. Nothing of the arguments is
    /// needed after this returns.
    template <format::family_source Source>
    void push(model::grouping_key const& key, push_mode mode, Source const& source, push_rules rules, completion done)
        requires keeps
    {
        if (auto admitted = journal_.admit(); !admitted) return done(std::move(admitted));
        change prepared(key, mode, secret_, rules);
        prepared.add(source);
        auto record = std::make_unique<journal_record>();
        record->done = std::move(done);
        [[maybe_unused]] auto const told_by_record = commit(prepared, std::move(record));
    }

    /// Drops a group. False if there was none.
    erased erase(model::grouping_key const& key) {
        if constexpr (keeps) {
            bool found = false;
            auto outcome = detail::wait_for([&](completion done) { found = erase(key, std::move(done)); });
            if (!outcome) return std::unexpected(std::move(outcome.error()));
            return found;
        } else {
            key_probe const probe{key, key_hash::of(key, secret_)};
            ref<group_content> discarded;
            std::optional<long_changes::mark> marked;
            std::unique_lock lock(mutex_);
            if (long_changes::is_long(state_->groups(), probe)) long_.announce(marked, lock);
            discarded = state_->erase(probe);
            return static_cast<bool>(discarded);
        }
    }

    /// As above, told by `done` as a push is. False if there was none: then `done` hears when that is certain, as a
    /// change before may have dropped it and be undone.
    bool erase(model::grouping_key const& key, completion done)
        requires keeps
    {
        if (auto admitted = journal_.admit(); !admitted) {
            done(std::move(admitted));
            return false;
        }
        key_probe const probe{key, key_hash::of(key, secret_)};
        auto record = std::make_unique<journal_record>();
        record->done = std::move(done);
        std::optional<long_changes::mark> marked;
        std::unique_lock lock(mutex_);
        if (long_changes::is_long(state_->groups(), probe)) long_.announce(marked, lock);
        record->before = state_->erase(probe);
        bool const found = static_cast<bool>(record->before);
        // If there was none, that may be because of a change that is yet to be kept, or undone.
        journal_.append(std::move(record));
        return found;
    }

    /// Drops all groups.
    wiped wipe() {
        if constexpr (keeps) {
            return detail::wait_for([&](completion done) { wipe(std::move(done)); });
        } else {
            forget();
        }
    }

    /// As above, told by `done` as a push is.
    void wipe(completion done)
        requires keeps
    {
        if (auto admitted = journal_.admit(); !admitted) return done(std::move(admitted));
        auto record = std::make_unique<journal_record>();
        record->dropped = std::make_unique<state>(secret_);
        record->done = std::move(done);
        std::scoped_lock const lock(mutex_);
        exchange(record->dropped);
        journal_.append(std::move(record));
    }

    /// Puts a group back that was kept, with its header and the times of its pushes: `source` as for `push`, but asked
    /// once and free to give a family in consecutive pieces, together with the times `at(name)` of its families. What
    /// clashes is kept, but left out of the exposition. The journal hears nothing of it.
    ///
    /// Fails with `errc::invalid` if there is such a group already, or something that no push leaves behind.
    template <class Source, class At>
    result<> restore(model::grouping_key const& key, group_header header, Source&& source, At&& at) {
        restoration restored(key, std::move(header), secret_);
        auto outcome = restored.restore(source, at, mutex_, state_);
        log_reasons(logger_, restored.repaired(), "stored series are shown repaired");
        log_reasons(logger_, restored.left_out(), "stored series are left out of the exposition");
        return outcome;
    }

    /// Forgets all groups. The journal hears nothing of it.
    void forget() {
        auto empty = std::make_unique<state>(secret_);
        std::unique_lock lock(mutex_);
        exchange(empty);
        lock.unlock();
    }

    /// Declares a family of the gateway itself: pushes are checked against it, and its help wins.
    void reserve(std::string_view name, std::string_view help, model::metric_type type) {
        std::scoped_lock const lock(mutex_);
        state_->reserve(name, help, type);
    }

    /// What a scrape shows now.
    [[nodiscard]] exposition_snapshot scrape() const {
        std::scoped_lock const lock(mutex_);
        return exposition_snapshot::of(state_->shown(), state_->generation(), budget_.stored(), last_scraped_);
    }

    /// Drops rendered pages that nobody is reading. They are rendered again when they are needed.
    void drop_texts() {
        constexpr std::uint32_t at_once = 1000;
        for (std::optional<std::uint32_t> next = 0; next;) {
            std::scoped_lock const lock(mutex_);
            next = state_->drop_texts(*next, at_once);
        }
    }

    /// All groups now.
    [[nodiscard]] group_snapshot groups() const {
        std::unique_lock lock(mutex_);
        group_snapshot snapshot(state_->groups(), state_->generation());
        lock.unlock();
        snapshot.sort();
        return snapshot;
    }

    /// One group now, alone in a snapshot; an empty snapshot if there is none.
    [[nodiscard]] group_snapshot group(model::grouping_key const& key) const {
        key_probe const probe{key, key_hash::of(key, secret_)};
        std::scoped_lock const lock(mutex_);
        auto const& all = state_->groups();
        auto const number = all.find(probe);
        if (number == group_table::none) return group_snapshot(state_->generation());
        return {all[number], state_->generation()};
    }

    /// Another number after every change: what `groups` gives is new only if this is.
    [[nodiscard]] std::uint64_t generation() const {
        std::scoped_lock const lock(mutex_);
        return state_->generation();
    }

    [[nodiscard]] store_statistics statistics() const {
        std::scoped_lock const lock(mutex_);
        store_statistics now;
        now.groups = state_->groups().size();
        for (auto const& [name, family] : state_->shown().families().sorted()) now.families += family->series != 0;
        if (state_->shown().times().series() != 0) now.families += all_time_series.size();
        now.series = state_->shown().series();
        now.clashing_series = state_->shown().clashing_series();
        now.bytes = state_->bytes();
        return now;
    }

    /// Fails with errc::unavailable and the reason if the journal takes no changes, or could not keep the last ones.
    [[nodiscard]] result<> journal_status() const {
        if constexpr (keeps) return journal_.status();
        return {};
    }

    /// True while a change keeps the others waiting for milliseconds. Who must not wait leaves them to another thread.
    [[nodiscard]] bool occupied() const noexcept { return long_.any(); }

    /// True if inconsistent pushes are refused.
    [[nodiscard]] bool checks() const noexcept { return consistency_.check(); }

private:
    /// Lets the journal undo what it could not keep.
    struct memory final : journaled {
        explicit memory(basic_store& s) noexcept : store(s) {}
        basic_store& store;

        void roll_back(record_list& failed, std::function<record_list()> const& take_rest) noexcept override {
            std::scoped_lock const lock(store.mutex_);
            failed.append(take_rest());
            for (auto* record = failed.back(); record != nullptr; record = record->previous) {
                if (record->changes_nothing()) continue;
                if (record->dropped) {
                    store.state_.swap(record->dropped);
                } else {
                    store.state_->undo(record->before, record->after);
                }
            }
        }
    };
    struct no_memory {
        explicit no_memory(basic_store&) noexcept {}
    };

    /// Makes `empty` the state. Under the lock.
    void exchange(std::unique_ptr<state>& empty) {
        for (auto const& [name, family] : state_->shown().families().sorted()) {
            if (family->reserved) empty->reserve(name, *family->reserved->help, family->reserved->type);
        }
        state_.swap(empty);
    }

    /// Why a push cannot be taken.
    [[nodiscard]] error refusal(change& prepared, std::optional<limit_kind> excess) const {
        if (excess) return excess_error(*excess, bounds_);
        constexpr auto what = "pushed metrics are invalid or inconsistent with existing metrics: ";
        return fail(errc::inconsistent, what + prepared.problem().text).error();
    }

    /// With a journal, `record` says whom to tell, and what is returned is of no interest.
    result<> commit(change& prepared, std::unique_ptr<journal_record> record) {
        pushgateway::memory::unbounded const granted;  // a push that was read is not given up for its last step
        if (budget_.drops_texts() && !must_not_wait::here()) drop_texts();
        bool const check = consistency_.check();
        auto const refused = [&] { return prepared.problem().fatal || (check && !prepared.problem().text.empty()); };
        std::optional<limit_kind> excess;
        std::optional<long_changes::mark> marked;
        long_.announce(marked, prepared);
        {
            auto lock = long_.lock(mutex_);
            release_on_failure guard{state_, prepared};
            while (!refused()) {
                bool const hashes = state_->prepare(prepared);
                bool const marks = !marked && long_changes::is_long(state_->groups(), prepared);
                if (!hashes && !marks) break;
                state_->release(prepared);
                if (marks) long_.announce(marked, lock);
                guard.done = true;
                lock.unlock();
                if (hashes) prepared.hash_series();
                long_.take(lock);
                guard.done = false;
            }
            if (!refused()) excess = state_->find_excess(prepared, bounds_);
            if (auto conflict = check && !refused() && !excess ? state_->find_conflict(prepared) : std::nullopt) {
                prepared.problem().text = *std::move(conflict);
                state_->release(prepared);
            }
            auto const now = clock_.now();
            bool applicable = true;
            if (excess) state_->release(prepared);
            if (refused() || excess) {
                prepared.become_failure();
                state_->prepare(prepared);
                bool const added = prepared.group == group_table::none;
                applicable = !added || (!excess && !state_->find_excess(prepared, bounds_) &&
                                        !(check && state_->find_conflict(prepared)));
                if constexpr (keeps) {
                    // Whether the time of the failure is kept changes nothing about the push.
                    record->done = [done = std::move(record->done), why = refusal(prepared, excess)](
                                       result<> const&) mutable { done(std::unexpected(std::move(why))); };
                }
            }
            if (applicable) {
                guard.done = true;
                if constexpr (keeps) record->before = state_->group_of(prepared);
                state_->apply(prepared, now);
                if constexpr (keeps) {
                    record->after = state_->group_of(prepared);
                    journal_.append(std::exchange(record, nullptr));
                }
            }
        }
        log_reasons(logger_, prepared.notes, "pushed series are left out of the exposition");
        if constexpr (keeps) {
            if (record) record->done({});
            return {};
        } else {
            if (!refused() && !excess) return {};
            return std::unexpected(refusal(prepared, excess));
        }
    }

    hash_key const secret_ = hash_key::random();
    limits const bounds_;
    memory_budget const budget_{bounds_.memory};
    clock clock_;
    consistency consistency_;
    mutable logger logger_;
    mutable typename Policies::locking::mutex mutex_;
    long_changes long_;
    [[no_unique_address]] journal journal_;
    std::unique_ptr<state> state_;
    mutable exposition_snapshot::version_hint last_scraped_;
    [[no_unique_address]] std::conditional_t<keeps, memory, no_memory> memory_{*this};
};

}  // namespace pushgateway::store
