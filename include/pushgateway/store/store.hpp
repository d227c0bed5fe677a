#pragma once

/// \file
/// The store: groups of pushed metrics, checked against each other, and their common exposition.

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <pushgateway/base/error.hpp>
#include <pushgateway/base/hash.hpp>
#include <pushgateway/base/limits.hpp>
#include <pushgateway/base/names.hpp>
#include <pushgateway/format/family_source.hpp>
#include <pushgateway/model/grouping_key.hpp>
#include <pushgateway/store/change.hpp>
#include <pushgateway/store/exposition_snapshot.hpp>
#include <pushgateway/store/group_snapshot.hpp>
#include <pushgateway/store/policies.hpp>
#include <pushgateway/store/state.hpp>

namespace pushgateway::store {

/// How much a store holds.
struct store_statistics {
    std::uint64_t groups = 0;
    std::uint64_t families = 0;         ///< names with at least one series in the exposition
    std::uint64_t series = 0;           ///< lines of the exposition that are samples
    std::uint64_t clashing_series = 0;  ///< lines that are left out of it because they clash with others
    std::uint64_t bytes = 0;            ///< taken by pushed metrics, roughly; rendered pages come on top
};

/// Keeps what is pushed. Every function may be called from any thread, if the locking policy says so. A push is seen by
/// a snapshot as a whole or not at all.
template <store_policies Policies = default_policies>
class basic_store {
public:
    using clock = typename Policies::clock;
    using consistency = typename Policies::consistency;
    using logger = typename Policies::logger;

    /// Of `bounds`, `groups` and `series` are used here.
    explicit basic_store(clock time = {}, consistency mode = {}, logger log = {}, limits const& bounds = {})
        : bounds_(bounds),
          clock_(std::move(time)),
          consistency_(std::move(mode)),
          logger_(std::move(log)),
          state_(std::make_unique<state>(secret_)) {}

    basic_store(basic_store const&) = delete;
    basic_store& operator=(basic_store const&) = delete;

    /// Puts the families of `source` into the group `key`, all or nothing, and sets its `push_time_seconds`. A family
    /// that is named twice counts as pushed last. Families with the names of the group's own times are not kept.
    ///
    /// Fails with `errc::inconsistent` if a series carries a timestamp or a value that is not of its family's type;
    /// when consistency is checked, also if a series is no valid one, or contradicts the push or what is stored. Then
    /// nothing changes but the group's `push_failure_time_seconds`; the group is created if there was none. Unchecked,
    /// what contradicts is kept in its group but left out of the exposition until it fits.
    ///
    /// Fails with `errc::too_many`, before it is held against what is stored, if there would be more groups or series
    /// than the limits say and the push does not make its group smaller. Then nothing changes but the
    /// `push_failure_time_seconds` of a group that is there already. Nor is a group made for the failure of an
    /// inconsistent push if there is no room for it.
    /// `names`: with `legacy`, families and labels with names beyond the legacy set fail as timestamps do.
    ///
    /// Takes time in proportion to what is pushed and what it replaces, and to the number of families in the group if
    /// that changes.
    template <format::family_source Source>
    result<> push(model::grouping_key const& key, push_mode mode, Source const& source,
                  name_scheme names = name_scheme::utf8) {
        change prepared(key, mode, secret_, names);
        source.for_each_family([&prepared](model::metric_family const& family) { prepared.add(family); });
        return commit(prepared);
    }

    /// Drops a group. False if there was none.
    bool erase(model::grouping_key const& key) {
        key_probe const probe{key, key_hash::of(key, secret_)};
        ref<group_content> discarded;
        std::scoped_lock const lock(mutex_);
        discarded = state_->erase(probe);
        return static_cast<bool>(discarded);
    }

    /// Drops all groups.
    void wipe() {
        auto empty = std::make_unique<state>(secret_);
        std::unique_lock lock(mutex_);
        for (auto const& [name, family] : state_->shown().families().sorted()) {
            if (family->reserved) empty->reserve(name, *family->reserved->help, family->reserved->type);
        }
        state_.swap(empty);
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
        return exposition_snapshot(state_->shown());
    }

    /// All groups now.
    [[nodiscard]] group_snapshot groups() const {
        std::unique_lock lock(mutex_);
        group_snapshot snapshot(state_->groups());
        lock.unlock();
        snapshot.sort();
        return snapshot;
    }

    [[nodiscard]] store_statistics statistics() const {
        std::scoped_lock const lock(mutex_);
        store_statistics now;
        now.groups = state_->groups().size();
        for (auto const& [name, family] : state_->shown().families().sorted()) now.families += family->series != 0;
        now.series = state_->shown().series();
        now.clashing_series = state_->shown().clashing_series();
        now.bytes = state_->bytes();
        return now;
    }

    /// True if inconsistent pushes are refused.
    [[nodiscard]] bool checks() const noexcept { return consistency_.check(); }

private:
    /// Undoes what is prepared if memory runs out before it is applied.
    struct release_on_failure {
        std::unique_ptr<state>& of;  // a wipe may exchange it while the lock is not held
        change& prepared;
        bool done = false;

        ~release_on_failure() {
            if (!done) of->release(prepared);
        }
    };

    std::unexpected<error> refuse(limit_kind limit) const {
        bool const groups = limit == limit_kind::groups;
        return fail(errc::too_many, limit,
                    "the gateway would hold more than " + std::to_string(groups ? bounds_.groups : bounds_.series) +
                        (groups ? " groups" : " series"));
    }

    result<> commit(change& prepared) {
        bool const check = consistency_.check();
        auto const refused = [&] { return prepared.problem().fatal || (check && !prepared.problem().text.empty()); };
        std::optional<limit_kind> excess;
        {
            std::unique_lock lock(mutex_);
            release_on_failure guard{state_, prepared};
            while (!refused() && state_->prepare(prepared)) {
                state_->release(prepared);
                lock.unlock();
                prepared.hash_series();
                lock.lock();
            }
            if (!refused()) excess = state_->find_excess(prepared, bounds_);
            if (check && !refused() && !excess) {
                if (auto conflict = state_->find_conflict(prepared)) {
                    prepared.problem().text = *std::move(conflict);
                    state_->release(prepared);
                }
            }
            auto const now = clock_.now();
            bool applicable = true;
            if (excess) state_->release(prepared);
            if (refused() || excess) {
                prepared.become_failure();
                state_->prepare(prepared);
                bool const added = prepared.group == group_table::none;
                applicable = !added || (!excess && !state_->find_excess(prepared, bounds_));
            }
            if (applicable) {
                guard.done = true;
                state_->apply(prepared, now);
            }
        }
        for (auto const& note : prepared.notes) {
            std::array const fields{log_field{"reason", note}};
            logger_.log(log_level::warn, "pushed series are left out of the exposition", fields);
        }
        if (excess) return refuse(*excess);
        if (!refused()) return {};
        return fail(errc::inconsistent,
                    "pushed metrics are invalid or inconsistent with existing metrics: " + prepared.problem().text);
    }

    hash_key const secret_ = hash_key::random();
    limits const bounds_;
    clock clock_;
    consistency consistency_;
    mutable logger logger_;
    mutable typename Policies::locking::mutex mutex_;
    std::unique_ptr<state> state_;
};

}  // namespace pushgateway::store
