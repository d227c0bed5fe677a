#pragma once

/// \file
/// How the memory that the process may take is divided.

#include <algorithm>
#include <cstdint>

#include <pushgateway/base/memory.hpp>

namespace pushgateway {

/// The bounds that follow from `limits::memory`. Each says how much the process may take, all together, for something
/// to be let in: so whatever is needed most finds memory when the rest has used up its own.
struct memory_budget {
    std::uint64_t limit = 0;  ///< in bytes; 0: no bound

    /// For a push that makes more of what is stored, and for a rendered page in the cache. What is left is for bodies,
    /// answers, and one scrape of everything that is stored.
    [[nodiscard]] constexpr std::uint64_t stored() const noexcept {
        return less(limit / 8 * 3, std::uint64_t{1} << 30);
    }

    /// For a request: what arrives, what it decompresses to, and what is read of it. What is left is for scrapes.
    [[nodiscard]] constexpr std::uint64_t requests() const noexcept {
        return less(limit / 8, std::uint64_t{128} << 20);
    }

    /// For a request that needs `size` bytes: a small one is always let in, since it may make less of what is stored.
    [[nodiscard]] std::uint64_t requests(std::uint64_t size) const noexcept {
        constexpr std::uint64_t small = std::uint64_t{1} << 20;
        return limit == 0 || size > small ? requests() : std::max(requests(), memory::used() + small);
    }

    /// For one metric, or one help: a scrape holds it as lines, compressed, and as it is sent, and several scrapes
    /// together must find room for that in what is left for them.
    [[nodiscard]] constexpr std::uint64_t largest_metric() const noexcept {
        constexpr std::uint64_t always = std::uint64_t{1} << 20;
        return limit == 0 ? UINT64_MAX : std::max(always, limit / 64);
    }

    /// For everything.
    [[nodiscard]] constexpr std::uint64_t most() const noexcept { return limit == 0 ? UINT64_MAX : limit; }

    /// True if rendered pages take memory that is needed otherwise.
    [[nodiscard]] bool drops_texts() const noexcept {
        constexpr std::uint64_t few = std::uint64_t{1} << 20;  // less is not worth a walk over all of them
        return limit != 0 && memory::bytes(memory::kind::texts) > few && !memory::fits(0, stored());
    }

    /// True if memory is short, and answers or bodies hold so much of it that ending one may help.
    [[nodiscard]] bool held_in_flight() const noexcept {
        return limit != 0 && !memory::fits(0, requests()) && memory::in_flight() > limit / 8;
    }

    /// For old versions of what is stored, which unread answers hold.
    [[nodiscard]] std::uint64_t old_versions() const noexcept {
        auto const as_much = std::max(memory::bytes(memory::kind::live), std::uint64_t{64} << 20);
        return limit == 0 ? as_much : std::min(as_much, limit / 8);
    }

private:
    [[nodiscard]] constexpr std::uint64_t less(std::uint64_t share, std::uint64_t enough) const noexcept {
        return limit == 0 ? UINT64_MAX : limit - std::min(share, enough);
    }
};

}  // namespace pushgateway
