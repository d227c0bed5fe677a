#pragma once

/// \file
/// Which families of an exposition are called alike once their names are escaped.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <boost/unordered/unordered_flat_set.hpp>

#include <pushgateway/base/name_escaping.hpp>
#include <pushgateway/gateway/own_family.hpp>
#include <pushgateway/model/metric_family.hpp>
#include <pushgateway/store/exposition_snapshot.hpp>

namespace pushgateway {

namespace detail {

/// True if the lines of families of these types may stand under one header: both have one value per series, or both
/// have the same parts.
[[nodiscard]] constexpr bool lines_mix(model::metric_type a, model::metric_type b) noexcept {
    // A summary has parts that nothing else has.
    bool const one_is_summary = a == model::metric_type::summary || b == model::metric_type::summary;
    return a == b || (!one_is_summary && model::has_buckets(a) == model::has_buckets(b));
}

/// True if some line of a family of this name and type is called like one of another family. `type_under(name)`: the
/// type of the family that is shown under a name, if there is one.
template <class TypeUnder>
[[nodiscard]] bool parts_clash(std::string_view name, model::metric_type type, TypeUnder&& type_under) {
    auto const has_part = [](model::metric_type of, std::string_view suffix) {
        return model::has_buckets(of) || (of == model::metric_type::summary && suffix != "_bucket");
    };
    for (std::string_view const suffix : {"_bucket", "_count", "_sum"}) {
        if (has_part(type, suffix) && type_under(std::string(name).append(suffix))) return true;
        if (!name.ends_with(suffix)) continue;
        auto const whole = type_under(name.substr(0, name.size() - suffix.size()));
        if (whole && has_part(*whole, suffix)) return true;
    }
    return false;
}

}  // namespace detail

/// Families that get the same name by escaping stand under one header: that of the family whose legacy name it is, or
/// else of the first one. Those whose lines cannot stand there are left out, and those whose lines get the names of
/// parts of another family.
class shared_names {
public:
    shared_names() = default;

    /// `wanted(name)` says whether a family is shown at all. Takes time in proportion to the families with names beyond
    /// the legacy set, unless there are none.
    template <class Wanted>
    shared_names(store::exposition_snapshot const& pushed, std::span<own_family_metrics const> own,
                 name_escaping scheme, Wanted&& wanted) {
        if (scheme == name_escaping::allow_utf8 || !pushed.beyond_legacy()) return;
        std::map<std::string, model::metric_type, std::less<>> leaders;
        auto const type_under = [&](std::string_view name) {
            auto const type = type_of(name, pushed, own, wanted);
            auto const leader = type ? leaders.end() : leaders.find(name);
            return leader == leaders.end() ? type : std::optional(leader->second);
        };
        auto const families = pushed.families();
        for (std::uint32_t i = 0; i != pushed.family_count(); ++i) {
            auto const family = families[static_cast<std::ptrdiff_t>(i)];
            if (family.legacy_name() || !wanted(family.name())) continue;
            auto const name = escape_metric_name(family.name(), scheme);
            auto const type = type_under(name);
            if (!type && !detail::parts_clash(name, family.type(), type_under)) {
                escaped_.insert(name);
                leaders.emplace(name, family.type());
                continue;
            }
            following_.insert(i);
            if (type && detail::lines_mix(*type, family.type())) followers_[name].push_back(i);
        }
    }

    /// True if the family at this position has no header of its own.
    [[nodiscard]] bool follows(std::size_t family) const noexcept {
        return !following_.empty() && following_.contains(static_cast<std::uint32_t>(family));
    }

    /// True if a family is shown under this name, which is not its own.
    [[nodiscard]] bool shows(std::string_view name) const noexcept { return escaped_.contains(name); }

    /// The positions of the families that follow the one that is shown under `name`.
    [[nodiscard]] std::span<std::uint32_t const> followers(std::string_view name) const noexcept {
        if (followers_.empty()) return {};
        auto const found = followers_.find(name);
        return found == followers_.end() ? std::span<std::uint32_t const>() : found->second;
    }

private:
    /// The type of the family that has this name without being escaped.
    template <class Wanted>
    static std::optional<model::metric_type> type_of(std::string_view name, store::exposition_snapshot const& pushed,
                                                     std::span<own_family_metrics const> own, Wanted&& wanted) {
        if (!wanted(name)) return std::nullopt;
        for (auto const& o : own) {
            if (o.family->name == name) return o.family->type;
        }
        auto const at = pushed.find(name);
        if (!at) return std::nullopt;
        return pushed.families()[static_cast<std::ptrdiff_t>(*at)].type();
    }

    boost::unordered_flat_set<std::uint32_t> following_;
    std::set<std::string, std::less<>> escaped_;
    std::map<std::string, std::vector<std::uint32_t>, std::less<>> followers_;
};

}  // namespace pushgateway
