#pragma once

/// \file
/// Whole-string zstd for tests, independent of the library's own codec.

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <zstd.h>
#include <zstd_errors.h>

namespace pushgateway::test {

/// What the frame of `zstd` is to be like.
struct zstd_frame {
    int level = 3;
    int window = 0;            ///< as a power of two; 0: as the level has it
    bool checksum = true;      ///< of the content
    bool content_size = true;  ///< told in the header
};

/// One zstd frame holding `plain`.
inline std::string zstd(std::string_view plain, zstd_frame const& frame = {}) {
    std::unique_ptr<ZSTD_CCtx, decltype([](ZSTD_CCtx* z) { ZSTD_freeCCtx(z); })> const z(ZSTD_createCCtx());
    ZSTD_CCtx_setParameter(z.get(), ZSTD_c_compressionLevel, frame.level);
    ZSTD_CCtx_setParameter(z.get(), ZSTD_c_windowLog, frame.window);
    ZSTD_CCtx_setParameter(z.get(), ZSTD_c_checksumFlag, frame.checksum ? 1 : 0);
    ZSTD_CCtx_setParameter(z.get(), ZSTD_c_contentSizeFlag, frame.content_size ? 1 : 0);
    std::string out(ZSTD_compressBound(plain.size()), '\0');
    auto const size = ZSTD_compress2(z.get(), out.data(), out.size(), plain.data(), plain.size());
    if (ZSTD_isError(size) != 0) return {};
    out.resize(size);
    return out;
}

/// What zstd frames unfold to, up to `most` bytes; nothing if that is exceeded, or they are damaged, cut short or
/// followed by anything.
inline std::optional<std::string> unzstd(std::string_view packed, std::size_t most = std::size_t{1} << 26) {
    for (std::size_t room = 1 << 16;; room *= 4) {
        std::string out(room, '\0');
        auto const size = ZSTD_decompress(out.data(), out.size(), packed.data(), packed.size());
        if (ZSTD_isError(size) == 0) {
            out.resize(size);
            return out;
        }
        if (ZSTD_getErrorCode(size) != ZSTD_error_dstSize_tooSmall || room >= most) return std::nullopt;
    }
}

}  // namespace pushgateway::test
