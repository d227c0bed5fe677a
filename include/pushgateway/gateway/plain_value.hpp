#pragma once

/// \file
/// Values under the header of another family.

#include <variant>

#include <pushgateway/model/metric.hpp>
#include <pushgateway/model/metric_family.hpp>

namespace pushgateway {

/// The value of a counter, gauge or untyped metric as one of another of these types, which formats spell in ways of
/// their own; any other value as it is.
[[nodiscard]] inline model::metric_value value_as(model::metric_type type, model::metric_value const& value) {
    return std::visit(
        [&]<class Value>(Value const& v) -> model::metric_value {
            if constexpr (requires { v.value; }) {
                switch (type) {
                    case model::metric_type::counter: return model::counter{v.value};
                    case model::metric_type::gauge: return model::gauge{v.value};
                    case model::metric_type::untyped: return model::untyped{v.value};
                    default: break;
                }
            }
            return v;
        },
        value);
}

}  // namespace pushgateway
