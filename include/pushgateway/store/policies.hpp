#pragma once

/// \file
/// What a user of the store chooses at compile time: a bundle of types, each with a concept and a default.

#include <concepts>
#include <mutex>

#include <pushgateway/base/clock.hpp>
#include <pushgateway/base/logger.hpp>

namespace pushgateway {

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

/// The sensible choice. Derive from it to change one thing.
struct default_policies {
    using clock = system_clock;
    using consistency = checked;
    using locking = shared_locking;
    using logger = null_logger;
};

/// A bundle of policies.
template <class P>
concept store_policies = clock_policy<typename P::clock> && consistency_policy<typename P::consistency> &&
                         locking_policy<typename P::locking> && logger_policy<typename P::logger>;

static_assert(store_policies<default_policies>);

}  // namespace pushgateway
