#pragma once

/// \file
/// The identity of a group: the labels of a push path.

#include <algorithm>
#include <compare>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pushgateway::model {

/// An owning, ordered label set with at least the label `job`. Two paths with the same pairs in another order make
/// equal keys. Names are unique; what makes a name acceptable is decided by who reads the path.
class grouping_key {
public:
    using pair = std::pair<std::string, std::string>;

    /// The key of `{job="<job>"}` alone.
    explicit grouping_key(std::string_view job) { set("job", job); }

    /// Gives `name` a value, replacing an earlier one.
    grouping_key& set(std::string_view name, std::string_view value) {
        auto at = std::ranges::lower_bound(pairs_, name, {}, [](pair const& p) { return std::string_view(p.first); });
        if (at != pairs_.end() && at->first == name) {
            at->second = value;
        } else {
            pairs_.emplace(at, name, value);
        }
        return *this;
    }

    /// The value of `name`, or nullptr.
    [[nodiscard]] std::string const* find(std::string_view name) const noexcept {
        auto at = std::ranges::lower_bound(pairs_, name, {}, [](pair const& p) { return std::string_view(p.first); });
        return at != pairs_.end() && at->first == name ? &at->second : nullptr;
    }

    /// All pairs, sorted by name.
    [[nodiscard]] std::vector<pair> const& pairs() const noexcept { return pairs_; }
    [[nodiscard]] std::string const& job() const noexcept { return *find("job"); }

    friend bool operator==(grouping_key const&, grouping_key const&) = default;
    friend auto operator<=>(grouping_key const&, grouping_key const&) = default;

private:
    std::vector<pair> pairs_;
};

}  // namespace pushgateway::model
