#pragma once

/// \file
/// A fast 64-bit hash under a secret key, for tables and identities that outsiders choose the contents of. Not a
/// cryptographic hash; its values mean nothing outside the process.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <random>
#include <string_view>

namespace pushgateway {

/// The secret of a hash: who does not know it cannot construct collisions.
struct hash_key {
    std::uint64_t a = 0x9e3779b97f4a7c15u;
    std::uint64_t b = 0xd1b54a32d192ed03u;

    /// A key from the system's randomness.
    [[nodiscard]] static hash_key random() {
        std::random_device source;
        auto const word = [&source] { return std::uint64_t{source()} << 32 | source(); };
        return {word() | 1, word() | 1};
    }
};

/// Mixes two words into one: both halves of their 128-bit product.
[[nodiscard]] inline std::uint64_t mix(std::uint64_t x, std::uint64_t y) noexcept {
    __extension__ using wide = unsigned __int128;
    wide const product = static_cast<wide>(x) * y;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

namespace detail {
template <class Word>
[[nodiscard]] inline std::uint64_t load(char const* from) noexcept {
    Word word;
    std::memcpy(&word, from, sizeof word);
    return word;
}
}  // namespace detail

/// The hash of `bytes` under `key`. The length takes part.
[[nodiscard]] inline std::uint64_t hash_bytes(std::string_view bytes, hash_key const& key) noexcept {
    char const* p = bytes.data();
    std::size_t left = bytes.size();
    std::uint64_t state = mix(key.a ^ left, key.b);
    for (; left > 16; p += 16, left -= 16) {
        state = mix(detail::load<std::uint64_t>(p) ^ key.a, detail::load<std::uint64_t>(p + 8) ^ state);
    }
    std::uint64_t low = 0;
    std::uint64_t high = 0;
    if (left >= 8) {
        low = detail::load<std::uint64_t>(p);
        high = detail::load<std::uint64_t>(p + left - 8);
    } else if (left >= 4) {
        low = detail::load<std::uint32_t>(p);
        high = detail::load<std::uint32_t>(p + left - 4);
    } else if (left > 0) {
        low = std::uint64_t{static_cast<unsigned char>(p[0])} << 16 |
              std::uint64_t{static_cast<unsigned char>(p[left / 2])} << 8 | static_cast<unsigned char>(p[left - 1]);
    }
    return mix(mix(low ^ key.b, high ^ state) ^ key.a, state ^ key.b);
}

}  // namespace pushgateway
