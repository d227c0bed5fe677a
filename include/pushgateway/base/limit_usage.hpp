#pragma once

/// \file
/// How much of the limits is used at the moment, and how often one refused something.

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include <pushgateway/base/limits.hpp>

namespace pushgateway {

/// Counts by limit. Any thread may call any function.
class limit_usage {
public:
    /// Says that `limit` is kept here, and is `most` (0: there is no bound).
    void keep(limit_kind limit, std::uint64_t most) noexcept {
        auto& e = of(limit);
        e.most.store(most, std::memory_order_relaxed);
        e.kept.store(true, std::memory_order_release);
    }

    /// True once `keep` was called for it.
    [[nodiscard]] bool kept(limit_kind limit) const noexcept { return of(limit).kept.load(std::memory_order_acquire); }
    [[nodiscard]] std::uint64_t most(limit_kind limit) const noexcept {
        return of(limit).most.load(std::memory_order_relaxed);
    }
    [[nodiscard]] std::uint64_t used(limit_kind limit) const noexcept {
        return of(limit).used.load(std::memory_order_relaxed);
    }

    /// Takes `amount` if so much is left. Never lets `used` exceed `most`, not even for a moment.
    [[nodiscard]] bool take(limit_kind limit, std::uint64_t amount) noexcept {
        auto& e = of(limit);
        auto const bound = e.most.load(std::memory_order_relaxed);
        auto now = e.used.load(std::memory_order_relaxed);
        do {
            if (bound != 0 && (now > bound || amount > bound - now)) return false;
        } while (!e.used.compare_exchange_weak(now, now + amount, std::memory_order_relaxed));
        return true;
    }

    /// Gives back what was taken.
    void give_back(limit_kind limit, std::uint64_t amount) noexcept {
        of(limit).used.fetch_sub(amount, std::memory_order_relaxed);
    }

    /// Counts something that was refused for this limit.
    void count_rejection(limit_kind limit) noexcept { of(limit).rejections.fetch_add(1, std::memory_order_relaxed); }
    [[nodiscard]] std::uint64_t rejections(limit_kind limit) const noexcept {
        return of(limit).rejections.load(std::memory_order_relaxed);
    }

private:
    struct entry {
        std::atomic<bool> kept{false};
        std::atomic<std::uint64_t> most{0};
        std::atomic<std::uint64_t> used{0};
        std::atomic<std::uint64_t> rejections{0};
    };

    [[nodiscard]] entry& of(limit_kind limit) noexcept { return entries_[static_cast<std::size_t>(limit)]; }
    [[nodiscard]] entry const& of(limit_kind limit) const noexcept { return entries_[static_cast<std::size_t>(limit)]; }

    std::array<entry, limit_names.size()> entries_{};
};

}  // namespace pushgateway
