#pragma once

/// \file
/// The hash of names and label sets in a parsed body: keyed, since the body may come from an enemy.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <pushgateway/base/hash.hpp>
#include <pushgateway/model/label.hpp>

namespace pushgateway::format::detail {

/// One secret for the life of the process.
[[nodiscard]] inline hash_key const& body_key() {
    static hash_key const key = hash_key::random();
    return key;
}

struct text_hash {
    using is_avalanching = void;

    hash_key key = body_key();

    [[nodiscard]] std::size_t operator()(std::string_view text) const noexcept { return hash_bytes(text, key); }

    /// The same for every order of the labels.
    [[nodiscard]] std::uint64_t operator()(model::labels labels) const noexcept {
        std::uint64_t sum = labels.size();
        for (auto const& l : labels) sum += mix((*this)(l.name) ^ key.b, (*this)(l.value) ^ key.a);
        return sum;
    }
};

}  // namespace pushgateway::format::detail
