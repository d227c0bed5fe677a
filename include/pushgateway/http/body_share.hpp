#pragma once

/// \file
/// What the body of one request takes of the memory for all of them.

#include <algorithm>
#include <cstdint>

#include <pushgateway/base/limit_usage.hpp>
#include <pushgateway/base/limits.hpp>

namespace pushgateway::http::detail {

/// Counts bytes of a body as `limit_kind::bodies_in_flight`, until they are given back.
class body_share {
public:
    /// `memory`: the limit on it, or 0.
    explicit body_share(limit_usage& usage, std::uint64_t memory = 0) noexcept
        : usage_(usage), ahead_(memory == 0 ? most_ahead : std::clamp(memory / 1024, most_ahead / 16, most_ahead)) {}
    body_share(body_share const&) = delete;
    body_share& operator=(body_share const&) = delete;
    ~body_share() { give_back(); }

    /// Makes room for a body of which `arrived` bytes are here and `announced` are known of. False, and nothing
    /// changes, if there is not so much left.
    ///
    /// What is only announced counts up to a megabyte, or less if memory is bound: so a small body that was let in is
    /// refused later on only if memory is short, and nobody shuts others out with the promise of a large one.
    [[nodiscard]] bool cover(std::uint64_t arrived, std::uint64_t announced) noexcept {
        auto const wanted = std::max(arrived, std::min(announced, ahead_));
        if (wanted <= taken_) return true;
        if (!usage_.take(limit_kind::bodies_in_flight, wanted - taken_)) return false;
        taken_ = wanted;
        return true;
    }

    void give_back() noexcept {
        if (taken_ != 0) usage_.give_back(limit_kind::bodies_in_flight, taken_);
        taken_ = 0;
    }

    [[nodiscard]] bool any() const noexcept { return taken_ != 0; }

private:
    static constexpr std::uint64_t most_ahead = std::uint64_t{1} << 20;

    limit_usage& usage_;
    std::uint64_t ahead_;
    std::uint64_t taken_ = 0;
};

}  // namespace pushgateway::http::detail
