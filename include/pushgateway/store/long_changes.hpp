#pragma once

/// \file
/// Who must not wait for the store's lock learns here when it is held for long.

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <thread>

#include <pushgateway/base/must_not_wait.hpp>
#include <pushgateway/store/change.hpp>
#include <pushgateway/store/group.hpp>

namespace pushgateway::store {

/// The changes under way that take the lock for long. Any thread may call any function.
class long_changes {
public:
    /// A part is some tens of kilobytes: with so many a change takes some milliseconds.
    static constexpr std::size_t many_parts = 64;

    /// One of them, from before it takes the lock until it is done.
    class mark {
    public:
        /// Those that did not see the mark are small, and are done in this time.
        static constexpr std::chrono::milliseconds ahead{1};

        explicit mark(long_changes& of) : of_(of) {
            of_.count_.fetch_add(1, std::memory_order_relaxed);
            std::this_thread::sleep_for(ahead);
        }
        mark(mark const&) = delete;
        mark& operator=(mark const&) = delete;
        ~mark() { of_.count_.fetch_sub(1, std::memory_order_relaxed); }

    private:
        long_changes& of_;
    };

    [[nodiscard]] bool any() const noexcept { return count_.load(std::memory_order_relaxed) != 0; }

    /// Takes the lock. Throws `would_wait` in a thread that must not wait if a marked change has it, or will have it.
    template <class Lock>
    void take(Lock& lock) const {
        if constexpr (requires { lock.mutex()->try_lock(); }) {
            if (!must_not_wait::here()) return lock.lock();
            while (!lock.try_lock()) {
                if (any()) throw would_wait();
                std::this_thread::yield();
            }
        } else {
            lock.lock();
        }
    }

    /// As above, of a mutex.
    template <class Mutex>
    [[nodiscard]] std::unique_lock<Mutex> lock(Mutex& mutex) const {
        std::unique_lock<Mutex> out(mutex, std::defer_lock);
        take(out);
        return out;
    }

    /// Makes a mark, unless there is one, if the change brings much. Without the lock. Throws `would_wait` in a thread
    /// that must not wait: the change is one to wait for.
    void announce(std::optional<mark>& made, change& prepared) {
        std::size_t parts = 0;
        for (auto const& f : prepared.families()) parts += f.parts.size();
        if (made || parts < many_parts) return;
        if (must_not_wait::here()) throw would_wait();
        made.emplace(*this);
    }

    /// True if there is such a group, and dropping what it has takes long.
    [[nodiscard]] static bool is_long(group_table const& groups, key_probe const& probe) noexcept {
        return has_many(groups, groups.find(probe));
    }

    /// The same for what a prepared push replaces.
    [[nodiscard]] static bool is_long(group_table const& groups, change const& prepared) noexcept {
        return prepared.mode() == push_mode::replace && has_many(groups, prepared.group);
    }

    /// Makes a mark, for which `lock` is released. Throws as above, with the lock.
    template <class Lock>
    void announce(std::optional<mark>& made, Lock& lock) {
        if (must_not_wait::here()) throw would_wait();
        lock.unlock();
        made.emplace(*this);
        lock.lock();
    }

private:
    static bool has_many(group_table const& groups, std::uint32_t number) noexcept {
        return number != group_table::none && groups[number]->slots().size() >= many_parts;
    }

    std::atomic<int> count_{0};
};

}  // namespace pushgateway::store
