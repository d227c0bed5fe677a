#pragma once

/// \file
/// Anything that can hand out metric families one by one: a parsed body, or an embedder's own arrays.

#include <span>

#include <pushgateway/model/metric_family.hpp>

namespace pushgateway::format {

/// `source.for_each_family(f)` calls `f(model::metric_family const&)` for every family, in any number of rounds, each
/// round with the same families in the same order. A family is valid during the call; its names, labels and help as
/// long as the source. A source that knows that every name in it is a legacy name may say so by
/// `names_are_legacy() -> bool`: then nobody looks at the names again, so it must be true.
template <class Source>
concept family_source =
    requires(Source const& source, void (*visit)(model::metric_family const&)) { source.for_each_family(visit); };

/// True if `source` knows that all its names are legacy names.
template <family_source Source>
[[nodiscard]] bool knows_legacy_names(Source const& source) noexcept {
    if constexpr (requires { source.names_are_legacy(); }) return source.names_are_legacy();
    return false;
}

/// Families that lie in an array of their owner.
class families {
public:
    explicit families(std::span<model::metric_family const> all) noexcept : all_(all) {}

    template <class Visit>
    void for_each_family(Visit&& visit) const {
        for (auto const& family : all_) visit(family);
    }

private:
    std::span<model::metric_family const> all_;
};

static_assert(family_source<families>);

}  // namespace pushgateway::format
