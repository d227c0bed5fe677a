#pragma once

/// \file
/// What all series of a family share: kept once per name, type, help, unit and kind.

#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>

#include <pushgateway/base/names.hpp>
#include <pushgateway/base/ref_counted.hpp>
#include <pushgateway/model/metric_family.hpp>
#include <pushgateway/store/accounted.hpp>

namespace pushgateway::store {

/// Name, type, help, unit and kind of a family. Immutable.
struct family_meta final : ref_counted<family_meta> {
    family_meta(std::string_view n, model::metric_type t, std::optional<std::string_view> h, std::string_view u = {},
                model::gauge_kind k = model::gauge_kind::plain)
        : name(n),
          help(h ? std::optional<accounted_string>(*h) : std::nullopt),
          unit(u),
          type(t),
          kind(k),
          legacy_name(is_legacy_metric_name(n)) {}

    static void* operator new(std::size_t size) { return store::allocate(size); }
    static void operator delete(void* block, std::size_t size) noexcept { store::deallocate(block, size); }

    accounted_string const name;
    std::optional<accounted_string> const help;
    accounted_string const unit;
    model::metric_type const type;
    model::gauge_kind const kind;
    bool const legacy_name;

    /// True if this is what a family of the same name brings: anything with its type, help, unit and kind.
    template <class Family>
    [[nodiscard]] bool fits(Family const& family) const noexcept {
        return type == family.type && help == family.help && unit == family.unit && kind == family.kind;
    }

    /// The same for a family that brings it.
    template <class Family>
    [[nodiscard]] static ref<family_meta const> of(Family const& family) {
        return make_ref<family_meta>(family.name, family.type, family.help, family.unit, family.kind);
    }
};

}  // namespace pushgateway::store
