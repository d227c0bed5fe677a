#pragma once

/// \file
/// A number that tells apart what a store held at different times.

#include <atomic>
#include <cstdint>

namespace pushgateway::store {

/// Counts changes. No two counters of a process ever have the same value. For one thread at a time.
class generation {
public:
    [[nodiscard]] std::uint64_t value() const noexcept { return value_; }
    void operator++() noexcept { ++value_; }

private:
    [[nodiscard]] static std::uint64_t first() noexcept {
        static std::atomic<std::uint64_t> counters{1};
        return counters.fetch_add(1, std::memory_order_relaxed) << 40;
    }

    std::uint64_t value_ = first();
};

}  // namespace pushgateway::store
