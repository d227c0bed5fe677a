#pragma once

/// \file
/// Which families exclude each other: one name has one type, and a summary or histogram keeps the names of its parts to
/// itself.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <pushgateway/model/metric_family.hpp>
#include <pushgateway/store/describe.hpp>
#include <pushgateway/store/family_index.hpp>

namespace pushgateway::store {

/// What the names of a part of some types end in.
struct reserved_suffix {
    std::string_view text;
    bool histogram_only;
};

inline constexpr std::array<reserved_suffix, 3> reserved_suffixes{
    {{"_count", false}, {"_sum", false}, {"_bucket", true}}};

/// True if a family of this type writes lines whose names end so.
[[nodiscard]] constexpr bool claims(model::metric_type type, reserved_suffix const& suffix) noexcept {
    return model::has_buckets(type) || (type == model::metric_type::summary && !suffix.histogram_only);
}

/// True if families of one name may have these types: Prometheus' own types know no gauge histograms, which are shown
/// as histograms.
[[nodiscard]] constexpr bool share_name(model::metric_type a, model::metric_type b) noexcept {
    return a == b || (model::has_buckets(a) && model::has_buckets(b));
}

/// The type that a name has, and who says so.
struct binding {
    model::metric_type type{};
    std::string by;  ///< such as `group {job="a"}`
};

/// Calls `visit(family&)` for every family that a series of `name` may clash with because of the names of parts.
template <class Visit>
void for_each_relative(family_index const& families, std::string_view name, hash_key const& secret, Visit&& visit) {
    auto const look = [&](std::string_view other) {
        if (auto* found = families.find(other, hash_bytes(other, secret))) visit(*found);
    };
    for (auto const& suffix : reserved_suffixes) {
        look(std::string(name).append(suffix.text));
        if (name.ends_with(suffix.text) && name.size() > suffix.text.size()) {
            look(name.substr(0, name.size() - suffix.text.size()));
        }
    }
}

/// Why a family of this name and type cannot be added, or nothing. `bound(family&, bool want_text)` gives the binding
/// of a family as `std::optional<binding>`, without the text unless it is wanted.
template <class Bound>
[[nodiscard]] std::optional<std::string> find_clash(family_index const& families, family& added,
                                                    model::metric_type type, hash_key const& secret, Bound&& bound) {
    if (auto const other = bound(added, false); other && !share_name(other->type, type)) {
        return "family " + describe_name(added.name) + " has type " + std::string(describe_type(type)) + ", but type " +
               std::string(describe_type(other->type)) + " in " + bound(added, true)->by;
    }
    std::optional<std::string> clash;
    for_each_relative(families, added.name, secret, [&](family& relative) {
        if (clash) return;
        auto const other = bound(relative, false);
        if (!other) return;
        for (auto const& suffix : reserved_suffixes) {
            bool const below = claims(type, suffix) && relative.name.size() > added.name.size() &&
                               relative.name.ends_with(suffix.text);
            bool const above = claims(other->type, suffix) && added.name.size() > relative.name.size() &&
                               added.name.ends_with(suffix.text);
            if (!below && !above) continue;
            clash = std::string(describe_type(type)) + " " + describe_name(added.name) + " collides with " +
                    std::string(describe_type(other->type)) + " " + describe_name(relative.name) + " in " +
                    bound(relative, true)->by;
            return;
        }
    });
    return clash;
}

}  // namespace pushgateway::store
