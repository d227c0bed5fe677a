#pragma once

/// \file
/// The content coding snappy: the framing format of Snappy, in which chunks of at most 64 KiB have a checksum each
/// (framing_format.txt of github.com/google/snappy).

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <snappy-c.h>

#include <pushgateway/base/error.hpp>
#include <pushgateway/format/decoded_bound.hpp>
#include <pushgateway/format/snappy_crc32c.hpp>

namespace pushgateway::format {

namespace detail::snappy {

inline constexpr std::size_t most_in_chunk = 65536;
inline constexpr std::string_view identifier("\xff\x06\x00\x00sNaPpY", 10);
inline constexpr std::size_t header_size = 4;
inline constexpr std::size_t checksum_size = 4;

inline constexpr std::uint8_t compressed = 0x00;
inline constexpr std::uint8_t uncompressed = 0x01;
inline constexpr std::uint8_t first_skippable = 0x80;
inline constexpr std::uint8_t stream_identifier = 0xff;

/// The number in these bytes, the lowest first.
constexpr std::uint32_t little_endian(std::string_view bytes) noexcept {
    std::uint32_t number = 0;
    for (auto i = bytes.size(); i-- != 0;) number = number << 8 | static_cast<std::uint8_t>(bytes[i]);
    return number;
}

/// How the framing format writes a checksum.
constexpr std::uint32_t masked(std::uint32_t crc) noexcept { return ((crc >> 15) | (crc << 17)) + 0xa282ead8U; }

/// Appends to `out` what a chunk holds that begins at byte `at`.
inline result<> append_chunk(std::uint8_t type, std::string_view data, std::size_t at, decoded_bound const& bound,
                             std::string& out) {
    auto const damage = [at](std::string_view what) { return damaged("snappy", what, at); };
    if (data.size() < checksum_size) return damage("a chunk without a checksum");
    auto const checksum = little_endian(data.substr(0, checksum_size));
    data.remove_prefix(checksum_size);
    auto size = data.size();
    if (type == compressed && snappy_uncompressed_length(data.data(), data.size(), &size) != SNAPPY_OK) {
        return damage("a corrupt chunk");
    }
    if (size > most_in_chunk) return damage("a chunk of more than 65536 bytes");
    auto const before = out.size();
    if (size > bound.bytes - before) return exceeds(bound);
    if (!bound.covers(before + size)) return finds_no_room(bound);
    if (type == compressed) {
        out.resize(before + size);
        if (snappy_uncompress(data.data(), data.size(), out.data() + before, &size) != SNAPPY_OK) {
            return damage("a corrupt chunk");
        }
    } else {
        out += data;
    }
    if (masked(crc32c(std::string_view(out).substr(before))) != checksum) {
        return damage("a chunk with a wrong checksum");
    }
    return {};
}

/// Why a body that does not begin as a stream is none.
inline std::unexpected<error> not_a_stream(std::string_view in) {
    if (identifier.starts_with(in)) return damaged("snappy", "truncated", in.size());
    if (snappy_validate_compressed_buffer(in.data(), in.size()) == SNAPPY_OK) {
        return fail(
            errc::syntax,
            "snappy: this is a block, as remote write sends it, and not the framing format, which begins with a "
            "stream identifier: let the client write a stream, or use gzip or zstd");
    }
    return damaged("snappy", "no stream identifier", 0);
}

}  // namespace detail::snappy

/// Unfolds a body in Snappy's framing format; an empty one is empty. Fails with errc::syntax for what is another format
/// (a block without frames is named as such), is truncated or damaged, and with errc::too_large as soon as the output
/// would exceed the bound.
[[nodiscard]] inline result<std::string> decode_snappy(std::string_view in, decoded_bound const& bound) {
    using namespace detail::snappy;
    if (!in.empty() && !in.starts_with(identifier)) return not_a_stream(in);
    std::string out;
    for (std::size_t at = 0; at != in.size();) {
        auto const rest = in.substr(at);
        if (rest.size() < header_size) return damaged("snappy", "truncated", in.size());
        auto const type = static_cast<std::uint8_t>(rest.front());
        auto const size = little_endian(rest.substr(1, header_size - 1));
        if (size > rest.size() - header_size) return damaged("snappy", "truncated", in.size());
        auto const data = rest.substr(header_size, size);
        if (type == compressed || type == uncompressed) {
            if (auto const ok = append_chunk(type, data, at, bound, out); !ok) return std::unexpected(ok.error());
        } else if (type == stream_identifier && data != identifier.substr(header_size)) {
            return damaged("snappy", "a wrong stream identifier", at);
        } else if (type < first_skippable) {
            return damaged("snappy", "a chunk of a reserved type", at);
        }
        at += header_size + size;
    }
    return out;
}

}  // namespace pushgateway::format
