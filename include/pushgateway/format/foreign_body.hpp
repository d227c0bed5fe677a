#pragma once

/// \file
/// What a body is that is none of the formats in lines, by its first bytes: people send the right thing in the wrong
/// wrapping, or come to the wrong door.

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>
#include <utility>

#include <pushgateway/base/names.hpp>

namespace pushgateway::format {

/// A message `MetricFamily` that begins with its name, as all writers have it.
[[nodiscard]] inline bool is_family_message(std::string_view bytes) noexcept {
    if (bytes.size() < 4 || bytes[0] != '\x0a') return false;
    auto const size = static_cast<std::size_t>(static_cast<unsigned char>(bytes[1]));
    if (size == 0 || size >= 0x80 || bytes.size() < size + 3) return false;
    auto const next = bytes[2 + size];
    bool const is_field = next == '\x12' || next == '\x18' || next == '\x22' || next == '\x2a';
    return is_field && is_legacy_metric_name(bytes.substr(2, size));
}

/// A length, and then a message.
[[nodiscard]] inline bool is_delimited_message(std::string_view bytes) noexcept {
    for (std::size_t i = 0; i < std::min<std::size_t>(bytes.size(), 5); ++i) {
        if (static_cast<unsigned char>(bytes[i]) < 0x80) return is_family_message(bytes.substr(i + 1));
    }
    return false;
}

namespace detail {

/// What stands at the beginning of a body of another kind.
struct signature {
    std::string_view bytes;
    std::string_view meaning;
};

inline constexpr std::array<signature, 11> signatures{{
    {"\x1f\x8b",
     R"(the body is compressed with gzip, which the request does not say: send "Content-Encoding: gzip" with it)"},
    {"\x28\xb5\x2f\xfd",
     R"(the body is compressed with zstd, which the request does not say: send "Content-Encoding: zstd" with it)"},
    {std::string_view("\xff\x06\x00\x00sNaPpY", 10),
     R"(the body is compressed with snappy, which the request does not say: send "Content-Encoding: snappy" with it)"},
    {"BZh91AY&SY", "the body is compressed with bzip2, which is not known here: gzip, zstd and snappy are"},
    {std::string_view("\xfd"
                      "7zXZ\0",
                      6),
     "the body is compressed with xz, which is not known here: gzip, zstd and snappy are"},
    {"\x04\x22\x4d\x18", "the body is compressed with lz4, which is not known here: gzip, zstd and snappy are"},
    {"PK\x03\x04", "the body is a zip file: send what is in it, or compress it with gzip, zstd or snappy"},
    {"\xff\xfe", "the body is UTF-16, as Windows PowerShell writes files: send UTF-8 without a byte order mark"},
    {"\xfe\xff", "the body is UTF-16: send UTF-8 without a byte order mark"},
    {"---\n", "the body is YAML: metrics are lines such as \"name 1\""},
    {"%PDF", "the body is a PDF file: metrics are lines such as \"name 1\""},
}};

/// Deflate with zlib's header; the text format knows no control characters.
[[nodiscard]] inline bool is_zlib(std::string_view body) noexcept {
    if (body.size() < 6 || body[0] != 'x') return false;
    constexpr std::string_view levels = "\x01\x5e\x9c\xda";
    auto const is_binary = [](char c) {
        auto const byte = static_cast<unsigned char>(c);
        return byte >= 0x80 || (byte < 0x20 && c != '\n' && c != '\t' && c != '\r');
    };
    return levels.find(body[1]) != std::string_view::npos && std::ranges::any_of(body.substr(1, 16), is_binary);
}

/// `{"a": …`: a quoted text and a colon in braces.
[[nodiscard]] inline bool is_json_object(std::string_view text) noexcept {
    constexpr std::string_view white = " \t\r\n";
    if (!text.starts_with('{')) return false;
    text.remove_prefix(std::min(text.find_first_not_of(white, 1), text.size()));
    if (!text.starts_with('"')) return false;
    auto const closing = text.find('"', 1);
    if (closing == std::string_view::npos) return false;
    auto const colon = text.find_first_not_of(white, closing + 1);
    return colon != std::string_view::npos && text[colon] == ':';
}

[[nodiscard]] inline bool is_tar(std::string_view body) noexcept {
    constexpr std::size_t magic = 257;
    return body.substr(std::min(magic, body.size())).starts_with("ustar");
}

/// Two characters of two bytes each, none of them beyond ASCII, the lower byte first.
[[nodiscard]] inline bool is_utf16(std::string_view body) noexcept {
    return body.size() >= 4 && body[0] != '\0' && body[1] == '\0' && body[2] != '\0' && body[3] == '\0';
}

[[nodiscard]] inline bool is_form_with_parts(std::string_view text) noexcept {
    constexpr std::size_t part_head = 1024;
    return text.starts_with("--") && text.substr(0, part_head).find("Content-Disposition:") != std::string_view::npos;
}

}  // namespace detail

/// What a body in a length-delimited format is that is sent without its Content-Type.
inline constexpr std::string_view unannounced_protobuf =
    "the body is protobuf, which the request does not say: send \"Content-Type: application/vnd.google.protobuf; "
    "proto=io.prometheus.client.MetricFamily; encoding=delimited\" with it";

/// A message without the length that comes before each.
inline constexpr std::string_view undelimited_protobuf =
    "the body is a protobuf message alone: each message comes behind its length as a varint, and the Content-Type is "
    "\"application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited\"";

/// A sentence for people about a body that a reader of lines refused near its beginning; empty if nothing is known of
/// it.
[[nodiscard]] inline std::string_view foreign_body(std::string_view body) noexcept {
    if (is_family_message(body)) return undelimited_protobuf;
    if (is_delimited_message(body)) return unannounced_protobuf;
    if (detail::is_zlib(body)) {
        return "the body is compressed with zlib (\"deflate\"), which is not known here: gzip, zstd and snappy are";
    }
    for (auto const& [bytes, meaning] : detail::signatures) {
        if (body.starts_with(bytes)) return meaning;
    }
    if (detail::is_tar(body)) return "the body is a tar file: send the file that is in it, as it is or compressed";
    auto const text = body.substr(std::min(body.find_first_not_of(" \t\r\n"), body.size()));
    if (detail::is_form_with_parts(text)) {
        return "the body is a form with parts, as \"curl -F\" sends it: send the file alone, as \"curl --data-binary "
               "@FILE\" does";
    }
    if (detail::is_json_object(text)) return "the body is JSON: metrics are lines such as \"name 1\"";
    for (auto const first : {'<', '['}) {
        if (!text.starts_with(first)) continue;
        return first == '<' ? "the body is HTML or XML: metrics are lines such as \"name 1\""
                            : "the body is JSON: metrics are lines such as \"name 1\"";
    }
    if (detail::is_utf16(body)) return "the body is UTF-16: send UTF-8 without a byte order mark";
    return {};
}

}  // namespace pushgateway::format
