#pragma once

/// \file
/// The content coding zstd (RFC 8878 and 9659): request bodies are unfolded with a limit, responses folded as they are
/// made.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <string>
#include <string_view>
#include <utility>

#include <zstd.h>
#include <zstd_errors.h>

#include <pushgateway/base/error.hpp>
#include <pushgateway/base/memory.hpp>
#include <pushgateway/format/decoded_bound.hpp>

namespace pushgateway::format {

namespace detail::zstd {

/// The largest window that a body may ask for, as a power of two: 8 MiB, as RFC 9659 has it for this coding.
inline constexpr int most_window = 23;

/// Frees what `Free` frees.
template <auto Free>
struct deleter {
    template <class T>
    void operator()(T* what) const noexcept {
        Free(what);
    }
};

using decompression = std::unique_ptr<ZSTD_DCtx, deleter<ZSTD_freeDCtx>>;
using compression = std::unique_ptr<ZSTD_CCtx, deleter<ZSTD_freeCCtx>>;

/// A context of this thread's, since making one takes longer than reading a small body. One with a larger window than
/// the usual levels have (2 MiB) is not kept.
class borrowed_decompression {
public:
    borrowed_decompression() : z_(std::move(kept())) {
        if (!z_) z_.reset(ZSTD_createDCtx());
        if (!z_) throw std::bad_alloc();
        ZSTD_DCtx_reset(z_.get(), ZSTD_reset_session_and_parameters);
        ZSTD_DCtx_setParameter(z_.get(), ZSTD_d_windowLogMax, most_window);
    }
    borrowed_decompression(borrowed_decompression const&) = delete;
    borrowed_decompression& operator=(borrowed_decompression const&) = delete;
    ~borrowed_decompression() {
        if (ZSTD_sizeof_DCtx(z_.get()) <= most_kept) kept() = std::move(z_);
    }

    [[nodiscard]] ZSTD_DCtx* get() const noexcept { return z_.get(); }

private:
    static constexpr std::size_t most_kept = 4 << 20;

    static decompression& kept() noexcept {
        static thread_local decompression one;
        return one;
    }

    decompression z_;
};

enum class beginning : std::uint8_t { frame, cut, other };

/// What stands at the beginning of `in`: a frame, perhaps one to be skipped, as far as its first four bytes tell. The
/// library would take frames of the time before the RFC too.
constexpr beginning beginning_of(std::string_view in) noexcept {
    constexpr std::string_view magic("\x28\xb5\x2f\xfd", 4);
    constexpr std::string_view skippable("\x2a\x4d\x18", 3);
    auto const head = in.substr(0, magic.size());
    bool const is_skippable =
        !head.empty() && (static_cast<std::uint8_t>(head[0]) & 0xf0) == 0x50 && skippable.starts_with(head.substr(1));
    if (!is_skippable && !magic.starts_with(head)) return beginning::other;
    return head.size() < magic.size() ? beginning::cut : beginning::frame;
}

inline std::string why(std::size_t code) {
    switch (ZSTD_getErrorCode(code)) {
        case ZSTD_error_frameParameter_windowTooLarge: return "a window of more than 8 MiB,";
        case ZSTD_error_dictionary_wrong:
        case ZSTD_error_dictionary_corrupted: return "a dictionary is needed, which there is not,";
        case ZSTD_error_checksum_wrong: return "a wrong checksum,";
        default: return std::string("corrupt, ") + ZSTD_getErrorName(code) + ',';
    }
}

}  // namespace detail::zstd

/// Unfolds a zstd body: one or more frames, and nothing after them; without dictionaries, in windows of up to 8 MiB.
/// Fails with errc::syntax for what is not zstd, is truncated or damaged, with the place where the frame begins, and
/// with errc::too_large as soon as the output would exceed the bound.
[[nodiscard]] inline result<std::string> decode_zstd(std::string_view in, decoded_bound const& bound) {
    using namespace detail::zstd;
    borrowed_decompression const z;
    std::string out;
    if (auto const size = ZSTD_getFrameContentSize(in.data(), in.size()); size < ZSTD_CONTENTSIZE_ERROR) {
        bound.reserve(out, size);
    }
    std::size_t used = 0;
    ZSTD_inBuffer source{in.data(), in.size(), 0};
    do {
        auto const frame = source.pos;
        auto const begins = beginning_of(in.substr(frame));
        if (begins == beginning::cut) return damaged("zstd", "truncated", in.size());
        if (begins == beginning::other) {
            return damaged("zstd", frame == 0 ? "invalid header" : "trailing bytes after the last frame", frame);
        }
        std::size_t left = 0;
        do {
            if (used == out.size()) {
                auto const room = bound.room(used, out.capacity());
                if (!bound.covers(used + room)) return finds_no_room(bound);
                out.resize(used + room);
            }
            ZSTD_outBuffer target{out.data(), out.size(), used};
            left = ZSTD_decompressStream(z.get(), &target, &source);
            used = target.pos;
            if (ZSTD_getErrorCode(left) == ZSTD_error_memory_allocation) throw std::bad_alloc();
            if (ZSTD_isError(left) != 0) return damaged("zstd", why(left) + " in the frame", frame);
            if (used > bound.bytes) return exceeds(bound);
            if (left != 0 && source.pos == source.size && used < out.size()) {
                return damaged("zstd", "truncated", in.size());
            }
        } while (left != 0);
    } while (source.pos != source.size);
    out.resize(used);
    return out;
}

/// Folds a stream into one zstd frame with a checksum, fast rather than small (level 1). Not thread-safe; not to be
/// used after `finish`.
class zstd_encoder {
public:
    zstd_encoder() : z_(ZSTD_createCCtx()) {
        if (!z_) throw std::bad_alloc();
        count();
        ZSTD_CCtx_setParameter(z_.get(), ZSTD_c_compressionLevel, 1);
        ZSTD_CCtx_setParameter(z_.get(), ZSTD_c_checksumFlag, 1);
    }

    zstd_encoder(zstd_encoder const&) = delete;
    zstd_encoder& operator=(zstd_encoder const&) = delete;
    ~zstd_encoder() { memory::subtract(memory::kind::heap, counted_); }

    /// Folds `in`; appends to `out` what is ready, which may be nothing yet.
    void append(std::string_view in, std::string& out) { run(in, ZSTD_e_continue, out); }

    /// Appends the rest and the checksum.
    void finish(std::string& out) { run({}, ZSTD_e_end, out); }

private:
    void run(std::string_view in, ZSTD_EndDirective directive, std::string& out) {
        ZSTD_inBuffer source{in.data(), in.size(), 0};
        std::size_t left = 0;
        do {
            auto const before = out.size();
            out.resize(before + 16 * 1024);
            ZSTD_outBuffer target{out.data(), out.size(), before};
            left = ZSTD_compressStream2(z_.get(), &target, &source, directive);
            if (ZSTD_isError(left) != 0) throw std::bad_alloc();
            out.resize(target.pos);
            count();
        } while (directive == ZSTD_e_end ? left != 0 : source.pos != source.size);
    }

    // The library allocates by itself, which is in no account.
    void count() noexcept {
        auto const now = ZSTD_sizeof_CCtx(z_.get());
        if (now == counted_) return;
        memory::add(memory::kind::heap, now);
        memory::subtract(memory::kind::heap, std::exchange(counted_, now));
    }

    detail::zstd::compression z_;
    std::size_t counted_ = 0;
};

}  // namespace pushgateway::format
