#pragma once

/// \file
/// The hash that identifies a series: of its family's name and its label set, in whatever order the labels come.

#include <cstdint>
#include <string_view>

#include <pushgateway/base/hash.hpp>
#include <pushgateway/model/label.hpp>

namespace pushgateway::store {

/// What one label contributes. The contributions of a series add up, so that neither the order of the labels matters
/// nor which of them come from the grouping key. To Prometheus a label without a value is none: it contributes nothing.
[[nodiscard]] inline std::uint64_t label_hash(std::uint64_t name, std::string_view value,
                                              hash_key const& secret) noexcept {
    return value.empty() ? 0 : mix(name ^ secret.a, hash_bytes(value, secret) ^ secret.b);
}

[[nodiscard]] inline std::uint64_t label_hash(model::label const& label, hash_key const& secret) noexcept {
    return label_hash(hash_bytes(label.name, secret), label.value, secret);
}

/// The hash of a series from the hash of its family's name and the sum of its label hashes.
[[nodiscard]] inline std::uint64_t series_hash(std::uint64_t name, std::uint64_t labels,
                                               hash_key const& secret) noexcept {
    return mix(name ^ secret.b, labels ^ secret.a);
}

}  // namespace pushgateway::store
