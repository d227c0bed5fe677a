#pragma once

/// \file
/// Holds a prepared push against what is stored.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include <pushgateway/base/hash.hpp>
#include <pushgateway/store/change.hpp>
#include <pushgateway/store/consistency.hpp>
#include <pushgateway/store/describe.hpp>
#include <pushgateway/store/exposition.hpp>
#include <pushgateway/store/family_index.hpp>
#include <pushgateway/store/group.hpp>

namespace pushgateway::store {

/// Finds out why a prepared push, with the hashes of all that is not steady, contradicts what is stored. `content`: of
/// the group that it changes, or nullptr.
struct conflict_finder {
    group_table const& groups;
    exposition const& shown;
    hash_key const& secret;
    change& push;
    group_content* content;

    /// The first contradiction, or nothing.
    [[nodiscard]] std::optional<std::string> find() const {
        auto const* key = content != nullptr ? &content->key() : nullptr;
        if (content == nullptr || content->times().at == nullptr) {
            if (auto const holder = shown.times().holder(push.probe().hash)) {
                return describe_same_group(groups[*holder]->key().pairs());
            }
        }
        for (auto& f : push.families()) {
            if (f.skipped || f.steady) continue;
            auto const bound = [&](family& other, bool want_text) {
                return binding_beside(other, &other == f.target, want_text);
            };
            if (auto clash = find_clash(shown.families(), *f.target, f.type, secret, bound)) return clash;
            auto const hashes = push.hashes(f);
            for (std::size_t i = 0; i != hashes.size(); ++i) {
                auto const holder = shown.identities().find(hashes[i]);
                if (!holder || (key != nullptr && *holder == key->group())) continue;
                return push.describe(f, i) + " is already there, in " + describe_group(groups[*holder]->key().pairs());
            }
        }
        return std::nullopt;
    }

    /// What binds `other` to a type once the push is carried out; without the pushed series themselves if `self`.
    [[nodiscard]] std::optional<binding> binding_beside(family& other, bool self, bool want_text) const {
        if (other.reserved) return exposition::bound_by_shown(other, want_text);
        std::uint32_t own = 0;
        std::uint32_t own_gauges = 0;
        bool const replaced = self || other.pushed != 0 || push.mode() == push_mode::replace;
        if (content != nullptr && replaced) {
            auto const first = content->lower_bound(other.number);
            for (auto const& s : content->slots().subspan(first, content->count(first, other.number))) {
                if (s.shown_on == nullptr) continue;
                ++own;
                own_gauges += s.pushed->meta().type == model::metric_type::gauge_histogram ? 1 : 0;
            }
        }
        std::optional<binding> others;
        if (other.shown != own) {
            others = exposition::bound_by_shown(other, want_text, own != 0 ? &content->key() : nullptr);
            bool const gauges = other.gauge_histograms - own_gauges == other.shown - own;
            if (gauges) others->type = model::metric_type::gauge_histogram;
        }
        if (self || other.pushed == 0) return others;
        auto const pushed = push.families()[other.pushed - 1].type;
        // Beside a gauge histogram, a histogram of another group keeps the names of its parts to itself.
        if (others && pushed == model::metric_type::gauge_histogram && share_name(others->type, pushed)) return others;
        return binding{pushed, want_text ? "the same push" : ""};
    }
};

}  // namespace pushgateway::store
