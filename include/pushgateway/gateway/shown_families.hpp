#pragma once

/// \file
/// The families of an exposition in their order: what was pushed and the gateway's own, merged by name.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <pushgateway/base/name_escaping.hpp>
#include <pushgateway/gateway/own_family.hpp>
#include <pushgateway/gateway/shared_names.hpp>
#include <pushgateway/store/exposition_snapshot.hpp>

namespace pushgateway {

/// A family of an exposition: where it is among what was pushed, what the gateway itself has under its name, or both.
struct shown_family {
    std::optional<std::size_t> pushed;
    own_family_metrics const* own = nullptr;
};

/// Goes through the families that are shown under a name of their own, sorted by their real names. For one thread at a
/// time.
class shown_families {
public:
    /// `own`: sorted by name. `names`: only these families, by their real names, all if there is none. Without
    /// `with_pushed`, `own` alone. `escaping`: what becomes of names beyond the legacy set.
    shown_families(store::exposition_snapshot pushed, std::vector<own_family_metrics> own,
                   std::vector<std::string> names, bool with_pushed, name_escaping escaping)
        : pushed_(std::move(pushed)),
          own_(std::move(own)),
          names_(std::move(names)),
          next_pushed_(with_pushed ? 0 : pushed_.family_count()) {
        std::ranges::sort(names_);
        if (!with_pushed) return;
        shared_ = shared_names(pushed_, own_, escaping, [this](std::string_view name) { return wanted(name); });
    }

    /// The next one; nothing if there is none left. What it points to lives as long as this.
    std::optional<shown_family> next() {
        while (true) {
            bool const pushed_left = next_pushed_ != pushed_.family_count();
            bool const own_left = next_own_ != own_.size();
            if (!pushed_left && !own_left) return std::nullopt;
            auto const pushed_name = pushed_left ? at(next_pushed_).name() : std::string_view();
            auto const own_name = own_left ? own_[next_own_].family->name : std::string_view();
            shown_family family;
            if (pushed_left && (!own_left || pushed_name <= own_name)) family.pushed = next_pushed_++;
            if (own_left && (!pushed_left || own_name <= pushed_name)) family.own = &own_[next_own_++];
            if (!wanted(family.own != nullptr ? own_name : pushed_name)) continue;
            if (!family.pushed || !shared_.follows(*family.pushed)) return family;
        }
    }

    /// The pushed family at a position.
    [[nodiscard]] store::exposition_snapshot::family_view at(std::size_t position) const {
        return pushed_.families()[static_cast<std::ptrdiff_t>(position)];
    }

    /// The positions of other pushed families that are shown under this name.
    [[nodiscard]] std::span<std::uint32_t const> followers(std::string_view name) const {
        return shared_.followers(name);
    }

    /// True if some family has this name, or is shown under it.
    [[nodiscard]] bool has(std::string_view name) const {
        return pushed_.find(name).has_value() || shared_.shows(name) ||
               std::ranges::binary_search(own_, name, {},
                                          [](own_family_metrics const& own) { return own.family->name; });
    }

private:
    [[nodiscard]] bool wanted(std::string_view name) const {
        return names_.empty() || std::ranges::binary_search(names_, name, std::ranges::less{});
    }

    store::exposition_snapshot pushed_;
    std::vector<own_family_metrics> own_;
    std::vector<std::string> names_;
    shared_names shared_;
    std::size_t next_pushed_;
    std::size_t next_own_ = 0;
};

}  // namespace pushgateway
