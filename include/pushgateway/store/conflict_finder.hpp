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

/// Finds out why a prepared push with hashes contradicts what is stored. `content`: of the group that it changes, or
/// nullptr.
struct conflict_finder {
    group_table const& groups;
    exposition const& shown;
    hash_key const& secret;
    change& push;
    group_content* content;

    /// The first contradiction, or nothing.
    [[nodiscard]] std::optional<std::string> find() const {
        auto const* key = content != nullptr ? &content->key() : nullptr;
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
        if (other.pushed != 0 && !self) {
            return binding{push.families()[other.pushed - 1].type, want_text ? "the same push" : ""};
        }
        std::uint32_t own = 0;
        if (content != nullptr && (self || push.mode() == push_mode::replace)) {
            auto const first = content->lower_bound(other.number);
            for (auto const& s : content->slots().subspan(first, content->count(first, other.number))) {
                own += s.shown_on != nullptr ? 1 : 0;
            }
        }
        if (other.shown == own) return std::nullopt;
        return exposition::bound_by_shown(other, want_text, own != 0 ? &content->key() : nullptr);
    }
};

}  // namespace pushgateway::store
