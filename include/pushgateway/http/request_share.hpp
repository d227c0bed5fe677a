#pragma once

/// \file
/// What one request takes of the memory for all of them.

#include <algorithm>
#include <cstdint>

#include <pushgateway/base/limit_usage.hpp>
#include <pushgateway/base/limits.hpp>

namespace pushgateway::http::detail {

/// Counts bytes as `Kind`, until they are given back.
template <limit_kind Kind>
class request_share {
public:
    explicit request_share(limit_usage& usage) noexcept : usage_(usage) {}
    request_share(request_share const&) = delete;
    request_share& operator=(request_share const&) = delete;
    ~request_share() { give_back(); }

    /// Makes room for what takes `size` bytes by now. False, and nothing changes, if there is not so much left.
    [[nodiscard]] bool cover(std::uint64_t size) noexcept {
        if (size <= taken_) return true;
        if (!usage_.take(Kind, size - taken_)) return false;
        taken_ = size;
        return true;
    }

    void give_back() noexcept {
        if (taken_ != 0) usage_.give_back(Kind, taken_);
        taken_ = 0;
    }

    [[nodiscard]] bool any() const noexcept { return taken_ != 0; }

private:
    limit_usage& usage_;
    std::uint64_t taken_ = 0;
};

/// That of a head. One that arrives at once is not counted.
using head_share = request_share<limit_kind::heads_in_flight>;

/// That of a body.
class body_share : public request_share<limit_kind::bodies_in_flight> {
public:
    /// `memory`: the limit on it, or 0.
    body_share(limit_usage& usage, std::uint64_t memory) noexcept
        : request_share(usage),
          ahead_(memory == 0 ? most_ahead : std::clamp(memory / 1024, most_ahead / 16, most_ahead)) {}

    /// Makes room for a body of which `arrived` bytes are here and `announced` are known of. False, and nothing
    /// changes, if there is not so much left.
    ///
    /// What is only announced counts up to a megabyte, or less if memory is bound: so a small body that was let in is
    /// refused later on only if memory is short, and nobody shuts others out with the promise of a large one.
    [[nodiscard]] bool cover(std::uint64_t arrived, std::uint64_t announced) noexcept {
        return request_share::cover(std::max(arrived, std::min(announced, ahead_)));
    }

private:
    static constexpr std::uint64_t most_ahead = std::uint64_t{1} << 20;

    std::uint64_t ahead_;
};

}  // namespace pushgateway::http::detail
