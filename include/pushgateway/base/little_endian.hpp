#pragma once

/// \file
/// Numbers as bytes, the lowest first.

#include <array>
#include <bit>
#include <cstdint>

namespace pushgateway {

/// The bytes of `value`, the lowest first, whatever the machine.
[[nodiscard]] constexpr std::array<char, 8> little_endian_bytes(std::uint64_t value) noexcept {
    static_assert(std::endian::native == std::endian::little || std::endian::native == std::endian::big);
    if constexpr (std::endian::native == std::endian::big) {
        auto const bytes = std::bit_cast<std::array<char, 8>>(value);
        return {bytes[7], bytes[6], bytes[5], bytes[4], bytes[3], bytes[2], bytes[1], bytes[0]};
    } else {
        return std::bit_cast<std::array<char, 8>>(value);
    }
}

}  // namespace pushgateway
