#pragma once

/// \file
/// Snappy's framing format for tests, independent of the library's own codec.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <snappy-c.h>

namespace pushgateway::test {

inline constexpr std::string_view snappy_identifier("\xff\x06\x00\x00sNaPpY", 10);

/// CRC-32C, a bit at a time.
inline std::uint32_t slow_crc32c(std::string_view bytes) {
    std::uint32_t crc = 0xffffffff;
    for (char const c : bytes) {
        crc ^= static_cast<std::uint8_t>(c);
        for (int bit = 0; bit != 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0x82f63b78U : 0U);
    }
    return crc ^ 0xffffffff;
}

/// A block, without frames.
inline std::string snappy_block(std::string_view plain) {
    std::string out(snappy_max_compressed_length(plain.size()), '\0');
    auto size = out.size();
    snappy_compress(plain.data(), plain.size(), out.data(), &size);
    out.resize(size);
    return out;
}

/// A number in `size` bytes, the lowest first.
inline std::string little_endian(std::size_t number, std::size_t size) {
    std::string out;
    for (; size != 0; --size, number >>= 8) out += static_cast<char>(number & 0xff);
    return out;
}

/// A chunk of any type.
inline std::string snappy_chunk(int type, std::string_view data) {
    return static_cast<char>(type) + little_endian(data.size(), 3) + std::string(data);
}

/// A chunk of data with its checksum, in whichever form.
inline std::string snappy_data(std::string_view plain, bool compressed) {
    auto const crc = slow_crc32c(plain);
    auto const masked = static_cast<std::uint32_t>(((crc >> 15) | (crc << 17)) + 0xa282ead8U);
    return snappy_chunk(compressed ? 0 : 1,
                        little_endian(masked, 4) + (compressed ? snappy_block(plain) : std::string(plain)));
}

/// A whole stream: chunks of at most `most` bytes, compressed where that pays.
inline std::string snappy_framed(std::string_view plain, std::size_t most = 65536) {
    std::string out(snappy_identifier);
    for (; !plain.empty(); plain.remove_prefix(std::min(most, plain.size()))) {
        auto const piece = plain.substr(0, most);
        out += snappy_data(piece, snappy_block(piece).size() < piece.size());
    }
    return out;
}

}  // namespace pushgateway::test
