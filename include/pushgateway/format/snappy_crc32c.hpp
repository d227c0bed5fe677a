#pragma once

/// \file
/// The checksum CRC-32C (RFC 3720 section 12.1, Castagnoli's polynomial), as Snappy frames carry it.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace pushgateway::format {

namespace detail {

inline constexpr std::size_t crc32c_stride = 8;
using crc32c_tables = std::array<std::array<std::uint32_t, 256>, crc32c_stride>;

// Table k: what a byte adds to the remainder with k bytes behind it.
consteval crc32c_tables make_crc32c_tables() {
    constexpr std::uint32_t reversed_polynomial = 0x82f63b78;
    crc32c_tables tables{};
    for (std::uint32_t byte = 0; byte != 256; ++byte) {
        auto crc = byte;
        for (int bit = 0; bit != 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? reversed_polynomial : 0);
        tables[0][byte] = crc;
    }
    for (std::size_t k = 1; k != crc32c_stride; ++k) {
        for (std::size_t byte = 0; byte != 256; ++byte) {
            auto const before = tables[k - 1][byte];
            tables[k][byte] = (before >> 8) ^ tables[0][before & 0xff];
        }
    }
    return tables;
}

inline constexpr crc32c_tables crc32c_table = make_crc32c_tables();

}  // namespace detail

/// The CRC-32C of `bytes`, eight at a step.
[[nodiscard]] constexpr std::uint32_t crc32c(std::string_view bytes) noexcept {
    constexpr auto const& table = detail::crc32c_table;
    auto const byte_at = [&](std::size_t i) -> std::uint32_t { return static_cast<std::uint8_t>(bytes[i]); };
    auto const word_at = [&](std::size_t i) {
        return byte_at(i) | byte_at(i + 1) << 8 | byte_at(i + 2) << 16 | byte_at(i + 3) << 24;
    };
    std::uint32_t crc = ~std::uint32_t{0};
    for (; bytes.size() >= detail::crc32c_stride; bytes.remove_prefix(detail::crc32c_stride)) {
        auto const low = word_at(0) ^ crc;
        auto const high = word_at(4);
        crc = table[7][low & 0xff] ^ table[6][low >> 8 & 0xff] ^ table[5][low >> 16 & 0xff] ^ table[4][low >> 24] ^
              table[3][high & 0xff] ^ table[2][high >> 8 & 0xff] ^ table[1][high >> 16 & 0xff] ^ table[0][high >> 24];
    }
    for (char const c : bytes) crc = (crc >> 8) ^ table[0][(crc ^ static_cast<std::uint8_t>(c)) & 0xff];
    return ~crc;
}

}  // namespace pushgateway::format
