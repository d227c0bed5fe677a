#pragma once

/// \file
/// The wire format of Protocol Buffers, for writing: https://protobuf.dev/programming-guides/encoding/

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include <pushgateway/base/little_endian.hpp>
#include <pushgateway/model/metric_family.hpp>

namespace pushgateway::format::protobuf::detail {

/// The most bytes that a number takes, and that the number of a field takes together with its wire type.
inline constexpr std::size_t most_varint_bytes = 10;
inline constexpr std::size_t most_tag_bytes = 5;

/// How many bytes `put_varint` writes: seven bits in each.
constexpr std::size_t varint_bytes(std::uint64_t value) noexcept {
    return static_cast<std::size_t>(std::bit_width(value | 1) + 6) / 7;
}

/// Writes `value` to `to`, which has room for it, and returns where it ends.
constexpr char* put_varint(char* to, std::uint64_t value) noexcept {
    for (; value >= 0x80; value >>= 7) *to++ = static_cast<char>(value | 0x80);
    *to++ = static_cast<char>(value);
    return to;
}

/// A sink, see put.hpp: counts how many bytes `wire_sink` writes for the same fields, at most.
class wire_bound {
public:
    template <class Field>
    void text(Field /*field*/, std::string_view value) noexcept {
        bytes_ += most_tag_bytes + varint_bytes(value.size()) + value.size();
    }
    template <class Field>
    void number(Field /*field*/, double /*value*/) noexcept {
        bytes_ += most_tag_bytes + sizeof(double);
    }
    template <class Field, class Integer>
    void whole(Field /*field*/, Integer /*value*/) noexcept {
        bytes_ += most_tag_bytes + most_varint_bytes;
    }
    template <class Field>
    void zigzag(Field /*field*/, std::int64_t /*value*/) noexcept {
        bytes_ += most_tag_bytes + most_varint_bytes;
    }
    template <class Field>
    void type(Field /*field*/, model::metric_type /*value*/) noexcept {
        bytes_ += most_tag_bytes + most_varint_bytes;
    }
    template <class Field, class Fill>
    void message(Field /*field*/, Fill&& fill) {
        auto const before = bytes_;
        fill(*this);
        bytes_ += most_tag_bytes + varint_bytes(bytes_ - before);
    }

    /// The bytes for all fields so far.
    [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }

private:
    std::size_t bytes_ = 0;
};

/// A sink, see put.hpp: writes fields as they lie on the wire, to where there is room for them.
class wire_sink {
public:
    explicit wire_sink(char* to) noexcept : at_(to) {}

    template <class Field>
    void text(Field field, std::string_view value) noexcept {
        tag(field, 2);
        at_ = put_varint(at_, value.size());
        if (!value.empty()) std::memcpy(at_, value.data(), value.size());
        at_ += value.size();
    }
    template <class Field>
    void number(Field field, double value) noexcept {
        tag(field, 1);
        auto const bytes = little_endian_bytes(std::bit_cast<std::uint64_t>(value));
        std::memcpy(at_, bytes.data(), bytes.size());
        at_ += bytes.size();
    }
    template <class Field, class Integer>
    void whole(Field field, Integer value) noexcept {
        // A negative number takes ten bytes, as one of 64 bits.
        tag(field, 0);
        at_ = put_varint(at_, static_cast<std::uint64_t>(value));
    }
    template <class Field>
    void zigzag(Field field, std::int64_t value) noexcept {
        tag(field, 0);
        at_ = put_varint(at_, (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63));
    }
    template <class Field>
    void type(Field field, model::metric_type value) noexcept {
        whole(field, static_cast<std::int64_t>(value));
    }
    template <class Field, class Fill>
    void message(Field field, Fill&& fill) {
        tag(field, 2);
        // Most messages are shorter than 128 bytes: then their length takes one.
        auto* const length = at_++;
        fill(*this);
        auto const size = static_cast<std::size_t>(at_ - length - 1);
        if (auto const more = varint_bytes(size) - 1; more != 0) {
            std::memmove(length + 1 + more, length + 1, size);
            at_ += more;
        }
        put_varint(length, size);
    }

    /// The end of what is written.
    [[nodiscard]] char* end() const noexcept { return at_; }

private:
    template <class Field>
    void tag(Field field, unsigned wire_type) noexcept {
        at_ = put_varint(at_, static_cast<std::uint64_t>(field) << 3 | wire_type);
    }

    char* at_;
};

/// Appends what `put(sink)` writes. It is called twice, and must write the same both times, not throw the second time,
/// and not read `out`.
template <class Put>
void append_wire(std::string& out, Put const& put) {
    wire_bound bound;
    put(bound);
    auto const before = out.size();
    out.resize_and_overwrite(before + bound.bytes(), [&](char* data, std::size_t) {
        wire_sink sink(data + before);
        put(sink);
        return static_cast<std::size_t>(sink.end() - data);
    });
}

}  // namespace pushgateway::format::protobuf::detail
