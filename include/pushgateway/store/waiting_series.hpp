#pragma once

/// \file
/// Which groups wait for a series that another one shows.

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <tuple>

#include <pushgateway/store/accounted.hpp>

namespace pushgateway::store {

/// By the hash of the series, the family and the group, each in the order of their numbers.
class waiting_series {
public:
    /// The slots of a family in a group.
    struct waiter {
        std::uint32_t family = 0;
        std::uint32_t group = 0;

        auto operator<=>(waiter const&) const = default;
    };

    [[nodiscard]] bool empty() const noexcept { return entries_.empty(); }
    void add(std::uint64_t series, waiter who) { entries_.emplace(series, who.family, who.group); }
    void remove(std::uint64_t series, waiter who) noexcept { entries_.erase(entry(series, who.family, who.group)); }

    /// The first who waits for a series, or the first behind `last`; nothing if there is none.
    [[nodiscard]] std::optional<waiter> first(std::uint64_t series) const noexcept {
        return found(series, entries_.lower_bound(entry(series, 0, 0)));
    }
    [[nodiscard]] std::optional<waiter> next(std::uint64_t series, waiter last) const noexcept {
        return found(series, entries_.upper_bound(entry(series, last.family, last.group)));
    }

private:
    using entry = std::tuple<std::uint64_t, std::uint32_t, std::uint32_t>;
    using entries = std::set<entry, std::less<>, accounted<entry>>;

    [[nodiscard]] std::optional<waiter> found(std::uint64_t series, entries::const_iterator at) const noexcept {
        if (at == entries_.end() || std::get<0>(*at) != series) return std::nullopt;
        return waiter{std::get<1>(*at), std::get<2>(*at)};
    }

    entries entries_;
};

}  // namespace pushgateway::store
