#pragma once

/// \file
/// Which group shows which series: so that a push finds a duplicate by looking up what it carries.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>

#include <boost/unordered/unordered_flat_set.hpp>

#include <pushgateway/store/accounted.hpp>

namespace pushgateway::store {

/// All series of the exposition by their hash. Two series of equal hash count as one: with a secret 64-bit hash that is
/// one chance in 30 million for a million series.
class identity_index {
public:
    /// The group that shows the series.
    [[nodiscard]] std::optional<std::uint32_t> find(std::uint64_t series) const noexcept {
        auto const at = entries_.find(series);
        return at == entries_.end() ? std::nullopt : std::optional(at->group);
    }

    /// False if the series is there already; then nothing changes.
    bool insert(std::uint64_t series, std::uint32_t group) {
        return entries_
            .insert(entry{static_cast<std::uint32_t>(series), static_cast<std::uint32_t>(series >> 32), group})
            .second;
    }

    void erase(std::uint64_t series) noexcept { entries_.erase(series); }

    [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }

    /// The bytes that it needs at once, beside what it has, to take so many more; 0 if there is room for them.
    [[nodiscard]] std::uint64_t growth(std::size_t more) const noexcept {
        if (entries_.size() + more <= entries_.max_load()) return 0;
        // It doubles, and holds both while it moves.
        auto capacity = std::max<std::uint64_t>(entries_.bucket_count(), 16);
        while (capacity / 8 * 7 < entries_.size() + more) capacity *= 2;
        return capacity * (sizeof(entry) + 1);
    }

private:
    // Three words of 32 bits, since a 64-bit member would pad every entry to 16 bytes.
    struct entry {
        std::uint32_t low;
        std::uint32_t high;
        std::uint32_t group;

        [[nodiscard]] std::uint64_t series() const noexcept { return std::uint64_t{high} << 32 | low; }
    };
    struct hasher {
        using is_transparent = void;
        using is_avalanching = void;
        std::size_t operator()(entry const& e) const noexcept { return e.series(); }
        std::size_t operator()(std::uint64_t series) const noexcept { return series; }
    };
    struct equal {
        using is_transparent = void;
        bool operator()(entry const& a, entry const& b) const noexcept { return a.series() == b.series(); }
        bool operator()(entry const& a, std::uint64_t b) const noexcept { return a.series() == b; }
        bool operator()(std::uint64_t a, entry const& b) const noexcept { return a == b.series(); }
    };

    boost::unordered_flat_set<entry, hasher, equal, accounted<entry>> entries_;
};

}  // namespace pushgateway::store
