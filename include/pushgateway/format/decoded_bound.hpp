#pragma once

/// \file
/// How much a compressed body may unfold to.

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

#include <pushgateway/base/error.hpp>
#include <pushgateway/base/limit_usage.hpp>
#include <pushgateway/base/limits.hpp>

namespace pushgateway::format {

/// What a body that is unpacked takes of `limits::bodies_in_flight`, until the object ends.
class decode_budget {
public:
    explicit decode_budget(limit_usage& usage) noexcept : usage_(usage) {}
    decode_budget(decode_budget const&) = delete;
    decode_budget& operator=(decode_budget const&) = delete;
    ~decode_budget() { usage_.give_back(limit_kind::bodies_in_flight, taken_); }

    /// Makes room for `size` bytes, all together. False, and nothing changes, if there is not so much left.
    [[nodiscard]] bool cover(std::uint64_t size) noexcept {
        if (size <= taken_) return true;
        if (!usage_.take(limit_kind::bodies_in_flight, size - taken_)) return false;
        taken_ = size;
        return true;
    }

    /// The bytes that bodies may take together.
    [[nodiscard]] std::uint64_t most() const noexcept { return usage_.most(limit_kind::bodies_in_flight); }

private:
    limit_usage& usage_;
    std::uint64_t taken_ = 0;
};

/// A bound on the bytes that a decoder gives out.
struct decoded_bound {
    std::size_t bytes = limits{}.decoded_body;
    limit_kind limit = limit_kind::decoded_body;  ///< the one that sets the bound
    std::size_t value = bytes;                    ///< of that limit, for the error text
    decode_budget* budget = nullptr;              ///< from which it is taken as it grows; null: from none

    /// The bound for a body of `encoded` bytes.
    [[nodiscard]] static decoded_bound of(std::size_t encoded, limits const& bounds,
                                          decode_budget* budget = nullptr) noexcept {
        decoded_bound const by_size{bounds.decoded_body, limit_kind::decoded_body, bounds.decoded_body, budget};
        auto const ratio = bounds.decoded_ratio;
        if (ratio == 0 || encoded > bounds.decoded_body / ratio || free_decoded >= bounds.decoded_body) return by_size;
        return {std::max(free_decoded, encoded * ratio), limit_kind::decoded_ratio, ratio, budget};
    }

    /// How many bytes to make room for behind `decoded` bytes that are within the bound: what is reserved, and
    /// otherwise as many again, but at most one byte more than may come, which is enough to see that the bound is
    /// exceeded. At least 1.
    [[nodiscard]] std::size_t room(std::size_t decoded, std::size_t capacity) const noexcept {
        constexpr std::size_t least = 16 * 1024;
        auto const wanted = std::clamp<std::size_t>(decoded, least, 16 * 1024 * 1024);
        auto const left = bytes - decoded;
        auto const most = wanted <= left ? wanted : left + 1;
        return capacity > std::max(decoded, least) ? std::min(most, capacity - decoded) : most;
    }

    /// True if what is decoded may take `size` bytes now, among all bodies.
    [[nodiscard]] bool covers(std::size_t size) const noexcept { return budget == nullptr || budget->cover(size); }

    /// Makes room in `out` for what is said to come, if it may come: so that it is not copied while it grows.
    void reserve(std::string& out, std::uint64_t announced) const {
        if (announced > free_decoded && announced <= bytes && covers(announced)) out.reserve(announced + 1);
    }
};

/// The failure of a decoder that would exceed its bound.
[[nodiscard]] inline std::unexpected<error> exceeds(decoded_bound const& bound) {
    auto const value = std::to_string(bound.value);
    return fail(errc::too_large, bound.limit,
                bound.limit == limit_kind::decoded_ratio ? "the body unfolds to more than " + value + " times its size"
                                                         : "the decompressed body is larger than " + value + " bytes");
}

/// The failure of a decoder whose output finds no room among all bodies.
[[nodiscard]] inline std::unexpected<error> finds_no_room(decoded_bound const& bound) {
    return fail(errc::unavailable, limit_kind::bodies_in_flight,
                "request bodies would take more than " + std::to_string(bound.budget->most()) + " bytes");
}

/// The failure of a decoder that cannot read on, with the coding's name and the place: a byte of what was sent, from 0.
[[nodiscard]] inline std::unexpected<error> damaged(std::string_view coding, std::string_view what, std::size_t at) {
    std::string message(coding);
    for (auto const part : {std::string_view(": "), what, std::string_view(" at byte ")}) message += part;
    return fail(errc::syntax, message + std::to_string(at));
}

}  // namespace pushgateway::format
