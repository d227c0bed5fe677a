#pragma once

/// \file
/// How much a compressed body may unfold to.

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

#include <pushgateway/base/error.hpp>
#include <pushgateway/base/limits.hpp>

namespace pushgateway::format {

/// A bound on the bytes that a decoder gives out.
struct decoded_bound {
    std::size_t bytes = limits{}.decoded_body;
    limit_kind limit = limit_kind::decoded_body;  ///< the one that sets the bound
    std::size_t value = bytes;                    ///< of that limit, for the error text

    /// The bound for a body of `encoded` bytes.
    [[nodiscard]] static decoded_bound of(std::size_t encoded, limits const& bounds) noexcept {
        decoded_bound const by_size{bounds.decoded_body};
        auto const ratio = bounds.decoded_ratio;
        if (ratio == 0 || encoded > bounds.decoded_body / ratio || free_decoded >= bounds.decoded_body) return by_size;
        return {std::max(free_decoded, encoded * ratio), limit_kind::decoded_ratio, ratio};
    }

    /// How many bytes to make room for behind `decoded` bytes that are within the bound: as many again, but at most one
    /// byte more than may come, which is enough to see that the bound is exceeded. At least 1.
    [[nodiscard]] std::size_t room(std::size_t decoded) const noexcept {
        auto const wanted = std::clamp<std::size_t>(decoded, 16 * 1024, 16 * 1024 * 1024);
        auto const left = bytes - decoded;
        return wanted <= left ? wanted : left + 1;
    }
};

/// The failure of a decoder that would exceed its bound.
[[nodiscard]] inline std::unexpected<error> exceeds(decoded_bound const& bound) {
    auto const value = std::to_string(bound.value);
    return fail(errc::too_large, bound.limit,
                bound.limit == limit_kind::decoded_ratio ? "the body unfolds to more than " + value + " times its size"
                                                         : "the decompressed body is larger than " + value + " bytes");
}

/// The failure of a decoder that cannot read on, with the coding's name and the place: a byte of what was sent, from 0.
[[nodiscard]] inline std::unexpected<error> damaged(std::string_view coding, std::string_view what, std::size_t at) {
    std::string message(coding);
    for (auto const part : {std::string_view(": "), what, std::string_view(" at byte ")}) message += part;
    return fail(errc::syntax, message + std::to_string(at));
}

}  // namespace pushgateway::format
