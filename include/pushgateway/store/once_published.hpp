#pragma once

/// \file
/// A value that is made when somebody first wants it.

#include <atomic>
#include <memory>
#include <utility>

namespace pushgateway::store {

/// Holds nothing until it is asked for. Several threads may ask at once; then more than one may make the value, and all
/// get the one that was ready first.
template <class T>
class once_published {
public:
    once_published() = default;
    once_published(once_published const&) = delete;
    once_published& operator=(once_published const&) = delete;
    ~once_published() { reset(); }

    /// The value; `make()` returns it if there is none yet. Stays where it is until `reset`.
    template <class Make>
    [[nodiscard]] T const& get(Make&& make) const {
        if (auto const* ready = value_.load(std::memory_order_acquire)) return *ready;
        auto mine = std::make_unique<T const>(std::forward<Make>(make)());
        T const* expected = nullptr;
        if (value_.compare_exchange_strong(expected, mine.get(), std::memory_order_acq_rel)) return *mine.release();
        return *expected;
    }

    /// Forgets the value. Nobody may be using it or asking for it.
    void reset() noexcept {
        // No exchange: a locked instruction would wait for memory where a load, mostly of nothing, need not.
        auto const* const old = value_.load(std::memory_order_relaxed);
        if (old == nullptr) return;
        delete old;
        value_.store(nullptr, std::memory_order_relaxed);
    }

    [[nodiscard]] bool ready() const noexcept { return peek() != nullptr; }

    /// The value, if it is there.
    [[nodiscard]] T const* peek() const noexcept { return value_.load(std::memory_order_acquire); }

private:
    mutable std::atomic<T const*> value_{nullptr};
};

}  // namespace pushgateway::store
