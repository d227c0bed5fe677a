#pragma once

/// \file
/// One account of the memory of this process: what is allocated, what of it is stored metrics, and what is left.

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <new>

namespace pushgateway::memory {

/// What is counted. Each is a part of `heap`.
enum class kind : std::uint8_t {
    heap,    ///< everything that `operator new` gave out, if the program includes memory_counting.hpp
    stored,  ///< stored metrics: groups, families, labels, values, help, pages and indexes, old versions included
    parts,   ///< of these, labels, values and the times of groups
    live,    ///< of these, those of the present version; the others are only there because somebody reads an old one
    texts,   ///< rendered pages, which may be dropped at any time
};

inline constexpr std::size_t kinds = 5;

/// Thrown instead of an allocation that would exceed the limit of the scope (see `bounded`).
struct exceeded final : std::bad_alloc {
    [[nodiscard]] char const* what() const noexcept override { return "the memory limit is reached"; }
};

/// What the allocator of glibc takes for `size` bytes: a word of its own, in steps of 16 bytes.
[[nodiscard]] constexpr std::size_t cost(std::size_t size) noexcept {
    constexpr std::size_t least = 32;
    auto const chunk = (size + sizeof(void*) + 15) & ~std::size_t{15};
    return chunk < least ? least : chunk;
}

namespace detail {

/// A thread adds up to so many bytes by itself before others see them.
inline constexpr std::ptrdiff_t batch = 16 * 1024;

struct alignas(64) total {
    std::atomic<std::int64_t> bytes{0};
};
inline constinit std::array<total, kinds> totals{};
/// What the process takes beyond `heap`: what the allocator holds back, other libraries, stacks.
inline constinit std::atomic<std::int64_t> beyond{0};
/// So much of it stays with the process whatever is freed.
inline constinit std::atomic<std::uint64_t> beyond_for_good{UINT64_MAX};
/// True if `heap` is counted.
inline constinit std::atomic<bool> counts_heap{false};

/// What one thread has not added to the totals yet, and how much it may allocate. Has no destructor, which every use
/// would have to ask for: see `last_flush`.
struct thread_share {
    std::array<std::ptrdiff_t, kinds> pending{};
    std::ptrdiff_t batch = 0;  ///< what is more than this is flushed; 0 until `last_flush` is there, and after it
    std::uint64_t most = UINT64_MAX;  ///< see `bounded`

    void flush(std::size_t i) noexcept {
        totals[i].bytes.fetch_add(pending[i], std::memory_order_relaxed);
        pending[i] = 0;
    }
};
inline constinit thread_local thread_share mine;

/// Adds to the totals what is left of a thread when it ends.
struct last_flush {
    last_flush() noexcept { mine.batch = batch; }
    last_flush(last_flush const&) = delete;
    last_flush& operator=(last_flush const&) = delete;
    ~last_flush() {
        mine.batch = 0;
        for (std::size_t i = 0; i != kinds; ++i) mine.flush(i);
    }
};
inline thread_local last_flush at_end;

inline void flush(std::size_t i) noexcept {
    // Makes it, if that has not been done.
    [[maybe_unused]] auto const& made = at_end;
    mine.flush(i);
}

}  // namespace detail

/// Adds bytes to the account, or takes them from it. Any thread may do so for what another thread added.
inline void add(kind of, std::size_t bytes) noexcept {
    auto const i = static_cast<std::size_t>(of);
    auto& share = detail::mine;
    share.pending[i] += static_cast<std::ptrdiff_t>(bytes);
    if (share.pending[i] >= share.batch) [[unlikely]]
        detail::flush(i);
}
inline void subtract(kind of, std::size_t bytes) noexcept {
    auto const i = static_cast<std::size_t>(of);
    auto& share = detail::mine;
    share.pending[i] -= static_cast<std::ptrdiff_t>(bytes);
    if (share.pending[i] <= -share.batch) [[unlikely]]
        detail::flush(i);
}

/// The bytes of a kind: exact for what this thread and ended ones did, and short of less than `detail::batch` for every
/// other thread.
[[nodiscard]] inline std::uint64_t bytes(kind of) noexcept {
    auto const i = static_cast<std::size_t>(of);
    auto const sum = detail::totals[i].bytes.load(std::memory_order_relaxed) + detail::mine.pending[i];
    return sum > 0 ? static_cast<std::uint64_t>(sum) : 0;
}

/// What stored metrics take that are no longer the present version: somebody reads them still.
[[nodiscard]] inline std::uint64_t old_versions() noexcept {
    auto const all = bytes(kind::parts);
    auto const live = bytes(kind::live);
    return all > live ? all - live : 0;
}

/// What requests and answers under way hold, old versions included, and whatever else is not stored. Rendered pages
/// count as well: where these are dropped for want of memory, what is left is held by answers.
[[nodiscard]] inline std::uint64_t in_flight() noexcept {
    auto const all = bytes(kind::heap) + old_versions();
    auto const stored = bytes(kind::stored);
    return all > stored ? all - stored : 0;
}

/// Notes what the process really takes, in bytes, so that `used` counts what no account sees. Measured by who can, now
/// and then.
inline void note_measured(std::uint64_t taken) noexcept {
    detail::beyond.store(static_cast<std::int64_t>(taken) - static_cast<std::int64_t>(bytes(kind::heap)),
                         std::memory_order_relaxed);
}

/// What the process takes beyond what is counted, as it was measured last.
[[nodiscard]] inline std::uint64_t beyond_account() noexcept {
    auto const more = detail::beyond.load(std::memory_order_relaxed);
    return more > 0 ? static_cast<std::uint64_t>(more) : 0;
}

/// Notes how much of that stays with the process whatever is freed, in bytes, as it was found when what is free was
/// given back.
inline void note_beyond_for_good(std::uint64_t bytes) noexcept {
    detail::beyond_for_good.store(bytes, std::memory_order_relaxed);
}

/// What the process would take if it held only what is stored.
[[nodiscard]] inline std::uint64_t taken_by_stored() noexcept {
    auto const stored = bytes(kind::stored);
    // Without an account of the heap, what is measured has what is stored in it.
    if (!detail::counts_heap.load(std::memory_order_relaxed)) return std::max(stored, beyond_account());
    auto const for_good = detail::beyond_for_good.load(std::memory_order_relaxed);
    return stored + std::min(beyond_account(), for_good);
}

/// What the process takes now.
[[nodiscard]] inline std::uint64_t used() noexcept {
    if (detail::counts_heap.load(std::memory_order_relaxed)) return bytes(kind::heap) + beyond_account();
    auto const stored = bytes(kind::stored) + bytes(kind::texts);
    return stored > beyond_account() ? stored : beyond_account();
}

/// True if `size` more bytes would leave the process within `most`.
[[nodiscard]] inline bool fits(std::uint64_t size, std::uint64_t most) noexcept {
    auto const now = used();
    return now <= most && size <= most - now;
}

/// While it lives, allocations of this thread that would let the process take more than `most` bytes fail with
/// `exceeded`. Seen are large ones, and small ones by the batch. UINT64_MAX: none fails, also within another scope.
class bounded {
public:
    explicit bounded(std::uint64_t most) noexcept : before_(detail::mine.most) { detail::mine.most = most; }
    bounded(bounded const&) = delete;
    bounded& operator=(bounded const&) = delete;
    ~bounded() { detail::mine.most = before_; }

private:
    std::uint64_t before_;
};

/// No allocation fails for the limit while it lives.
class unbounded : bounded {
public:
    unbounded() noexcept : bounded(UINT64_MAX) {}
};

/// Adds `size` bytes to the heap before they are allocated, so that several threads together do not exceed the bound of
/// their scopes. Throws `exceeded` if this thread is in a scope that does not let it have them. False if there was
/// nothing to bind, and nothing is added.
[[nodiscard]] inline bool reserve(std::size_t size) {
    auto& share = detail::mine;
    if (share.most == UINT64_MAX) [[likely]]
        return false;
    constexpr auto heap = static_cast<std::size_t>(kind::heap);
    if (share.pending[heap] + static_cast<std::ptrdiff_t>(size) < detail::batch) return false;
    share.flush(heap);
    auto& all = detail::totals[heap].bytes;
    auto const more = static_cast<std::int64_t>(size);
    auto const now = all.fetch_add(more, std::memory_order_relaxed) + more;
    if (now > 0 && static_cast<std::uint64_t>(now) + beyond_account() > share.most) {
        all.fetch_sub(more, std::memory_order_relaxed);
        throw exceeded();
    }
    return true;
}

}  // namespace pushgateway::memory
