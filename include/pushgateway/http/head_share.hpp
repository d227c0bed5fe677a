#pragma once

/// \file
/// What the head of one request takes of the memory for all of them.

#include <cstdint>

#include <pushgateway/base/limit_usage.hpp>

namespace pushgateway::http::detail {

/// Counts bytes of a head as `limit_kind::heads_in_flight`, until they are given back. A request that arrives at once
/// is not counted.
class head_share {
public:
    explicit head_share(limit_usage& usage) noexcept : usage_(usage) {}
    head_share(head_share const&) = delete;
    head_share& operator=(head_share const&) = delete;
    ~head_share() { give_back(); }

    /// Makes room for a head that takes `size` bytes by now. False, and nothing changes, if there is not so much left.
    [[nodiscard]] bool cover(std::uint64_t size) noexcept {
        if (size <= taken_) return true;
        if (!usage_.take(limit_kind::heads_in_flight, size - taken_)) return false;
        taken_ = size;
        return true;
    }

    void give_back() noexcept {
        if (taken_ != 0) usage_.give_back(limit_kind::heads_in_flight, taken_);
        taken_ = 0;
    }

private:
    limit_usage& usage_;
    std::uint64_t taken_ = 0;
};

}  // namespace pushgateway::http::detail
