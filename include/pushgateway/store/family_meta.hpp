#pragma once

/// \file
/// What all series of a family share: kept once per name, type and help.

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <pushgateway/base/names.hpp>
#include <pushgateway/base/ref_counted.hpp>
#include <pushgateway/model/metric_family.hpp>

namespace pushgateway::store {

/// Name, type and help of a family. Immutable.
struct family_meta final : ref_counted<family_meta> {
    family_meta(std::string_view n, model::metric_type t, std::optional<std::string_view> h)
        : name(n),
          help(h ? std::optional<std::string>(*h) : std::nullopt),
          type(t),
          legacy_name(is_legacy_metric_name(n)) {}

    std::string const name;
    std::optional<std::string> const help;
    model::metric_type const type;
    bool const legacy_name;
};

}  // namespace pushgateway::store
