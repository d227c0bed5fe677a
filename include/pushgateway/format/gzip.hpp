#pragma once

/// \file
/// The gzip content coding (RFC 1952): request bodies are unfolded with a limit, responses folded as they are made.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <new>
#include <string>
#include <string_view>

#include <zlib.h>

#include <pushgateway/base/error.hpp>
#include <pushgateway/format/decoded_bound.hpp>

namespace pushgateway::format {

namespace detail {

/// A stream of zlib's, ended when it goes out of scope.
template <int (*End)(z_stream*)>
struct zlib_stream : z_stream {
    zlib_stream() : z_stream{} {
        zalloc = [](voidpf, uInt count, uInt size) -> voidpf {
            return ::operator new(std::size_t{count} * size, std::nothrow);
        };
        zfree = [](voidpf, voidpf block) { ::operator delete(block); };
    }
    zlib_stream(zlib_stream const&) = delete;
    zlib_stream& operator=(zlib_stream const&) = delete;
    ~zlib_stream() { End(this); }

    /// Offers input; returns how much of it: zlib counts in 32 bits.
    std::size_t offer(std::string_view in) noexcept {
        auto const size = std::min<std::size_t>(in.size(), std::numeric_limits<uInt>::max());
        // zlib takes a pointer to non-const, and does not write there.
        next_in = reinterpret_cast<Bytef*>(const_cast<char*>(in.data()));
        avail_in = static_cast<uInt>(size);
        return size;
    }

    /// Where output goes: `size` bytes at the end of `out`, by which it grows.
    void make_room(std::string& out, std::size_t size) {
        auto const old = out.size();
        out.resize(old + size);
        next_out = reinterpret_cast<Bytef*>(out.data() + old);
        avail_out = static_cast<uInt>(size);
    }

    /// Takes back what was not used of the room.
    void trim(std::string& out) noexcept { out.erase(out.size() - avail_out); }
};

inline constexpr int gzip_window_bits = 15 + 16;

}  // namespace detail

/// Unfolds a gzip body: one or more members, and nothing after them. Fails with errc::syntax for what is not gzip, is
/// truncated or damaged, and with errc::too_large as soon as the output would exceed the bound.
[[nodiscard]] inline result<std::string> gunzip(std::string_view in, decoded_bound const& bound) {
    auto const size = in.size();
    auto const damage = [&](std::string_view what) { return damaged("gzip", what, size - in.size()); };
    detail::zlib_stream<inflateEnd> z;
    if (inflateInit2(&z, detail::gzip_window_bits) != Z_OK) throw std::bad_alloc();
    std::string out;
    // What the end of the last member says; deflate cannot decompress to more than 1032 times its size.
    if (size > 18 && bound.bytes / 1032 < SIZE_MAX) {
        std::uint32_t announced = 0;
        for (auto i = size; i != size - 4; --i) announced = announced << 8 | static_cast<std::uint8_t>(in[i - 1]);
        if (announced / 1032 <= size) bound.reserve(out, announced);
    }
    bool first = true;
    // Room that one member leaves is the next one's: many members must not cost more than their bytes.
    z.avail_out = 0;
    do {
        if (in.size() < 2 || in[0] != '\x1f' || in[1] != '\x8b') {
            if (in.empty() || (in.size() == 1 && in[0] == '\x1f')) return damaged("gzip", "truncated", size);
            return damage(first ? "invalid header" : "trailing bytes after the last member");
        }
        inflateReset(&z);
        int rc = Z_OK;
        while (rc == Z_OK) {
            if (z.avail_out == 0) {
                if (out.size() > bound.bytes) break;
                auto const room = bound.room(out.size(), out.capacity());
                if (!bound.covers(out.size() + room)) return finds_no_room(bound);
                z.make_room(out, room);
            }
            auto const offered = z.offer(in);
            rc = inflate(&z, Z_NO_FLUSH);
            in.remove_prefix(offered - z.avail_in);
        }
        if (out.size() - z.avail_out > bound.bytes) return exceeds(bound);
        if (rc == Z_MEM_ERROR) throw std::bad_alloc();
        if (rc == Z_BUF_ERROR) return damage("truncated");
        if (rc != Z_STREAM_END) {
            return damage(std::string("corrupt, ") + (z.msg != nullptr ? z.msg : "unknown damage") + ',');
        }
        first = false;
    } while (!in.empty());
    z.trim(out);
    return out;
}

/// Folds a stream into one gzip member, fast rather than small (level 1). Not thread-safe; not to be used after
/// `finish`.
class gzip_encoder {
public:
    gzip_encoder() {
        if (deflateInit2(&z_, Z_BEST_SPEED, Z_DEFLATED, detail::gzip_window_bits, memory_level, Z_DEFAULT_STRATEGY) !=
            Z_OK) {
            throw std::bad_alloc();
        }
    }

    /// Folds `in`; appends to `out` what is ready, which may be nothing yet.
    void append(std::string_view in, std::string& out) {
        while (!in.empty()) {
            in.remove_prefix(z_.offer(in));
            run(Z_NO_FLUSH, out);
        }
    }

    /// Appends the rest and the trailer.
    void finish(std::string& out) {
        z_.offer({});
        run(Z_FINISH, out);
    }

private:
    static constexpr int memory_level = 8;

    void run(int flush, std::string& out) {
        do {
            z_.make_room(out, 16 * 1024);
            deflate(&z_, flush);
            z_.trim(out);
        } while (z_.avail_out == 0);
    }

    detail::zlib_stream<deflateEnd> z_;
};

}  // namespace pushgateway::format
