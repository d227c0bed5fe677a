#pragma once

/// \file
/// What a user of the store chooses at compile time: a bundle of types, each with a concept and a default.

#include <concepts>
#include <memory>
#include <mutex>

#include <pushgateway/base/clock.hpp>
#include <pushgateway/base/error.hpp>
#include <pushgateway/base/logger.hpp>

namespace pushgateway {

namespace store {
struct journal_record;
class journaled;
}  // namespace store

/// Says whether a push that contradicts what is stored is refused. Must always give the same answer.
template <class C>
concept consistency_policy = std::copy_constructible<C> && requires(C const& consistency) {
    { consistency.check() } -> std::same_as<bool>;
};

/// An inconsistent push is refused.
struct checked {
    [[nodiscard]] static constexpr bool check() noexcept { return true; }
};

/// Every push is taken; series that clash are left out of the scrape until what they clash with is gone.
struct unchecked {
    [[nodiscard]] static constexpr bool check() noexcept { return false; }
};

/// Decided when the store is made.
struct selectable {
    bool enabled = true;
    [[nodiscard]] bool check() const noexcept { return enabled; }
};

/// Gives the mutex that guards a store.
template <class L>
concept locking_policy = std::default_initializable<typename L::mutex> && requires(typename L::mutex& mutex) {
    mutex.lock();
    mutex.unlock();
};

/// Any number of threads may use the store.
struct shared_locking {
    using mutex = std::mutex;
};

/// One thread at a time uses the store; what a snapshot holds may be read by others all the same.
struct no_locking {
    struct mutex {
        static void lock() noexcept {}
        static void unlock() noexcept {}
    };
};

/// Keeps changes beyond the life of the process, see store/journal_record.hpp. Copies are handles of one journal.
/// `keeps` says that it keeps anything at all; then
/// - `admit()` fails, with the reason, as long as no change is taken; `status()` also if the last ones could not be
/// kept;
/// - `attach(memory)` names who undoes what could not be kept, and `detach()` waits until all is told and ends that;
/// - `append(record)` takes a change, must not block nor throw, and has its `done` called later, once and by any
/// thread.
///   It is called under the store's lock, so the order of the calls is that of the changes.
template <class J>
concept journal_policy =
    std::copy_constructible<J> &&
    (!J::keeps || requires(J& journal, store::journaled& memory, std::unique_ptr<store::journal_record>&& record) {
        { journal.admit() } -> std::same_as<result<>>;
        { journal.status() } -> std::same_as<result<>>;
        journal.attach(memory);
        journal.detach();
        journal.append(std::move(record));
    });

/// Keeps nothing, and costs nothing.
struct null_journal {
    static constexpr bool keeps = false;
};

/// The sensible choice. Derive from it to change one thing.
struct default_policies {
    using clock = system_clock;
    using consistency = checked;
    using locking = shared_locking;
    using logger = null_logger;
    using journal = null_journal;
};

/// A bundle of policies.
template <class P>
concept store_policies =
    clock_policy<typename P::clock> && consistency_policy<typename P::consistency> &&
    locking_policy<typename P::locking> && logger_policy<typename P::logger> && journal_policy<typename P::journal> &&
    // A journal undoes what it could not keep from a thread of its own.
    (!P::journal::keeps || !std::same_as<typename P::locking, no_locking>);

static_assert(store_policies<default_policies>);

}  // namespace pushgateway
