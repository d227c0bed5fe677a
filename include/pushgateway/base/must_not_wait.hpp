#pragma once

/// \file
/// Threads that serve many and must not wait for what one of them does.

#include <utility>

namespace pushgateway {

/// Thrown where a thread that must not wait would have to. Nothing has happened then, and it may be done by another.
struct would_wait {};

/// While one of these lives, its thread must not wait for long.
class must_not_wait {
public:
    must_not_wait() noexcept : before_(std::exchange(here_, true)) {}
    must_not_wait(must_not_wait const&) = delete;
    must_not_wait& operator=(must_not_wait const&) = delete;
    ~must_not_wait() { here_ = before_; }

    /// True for a thread that must not.
    [[nodiscard]] static bool here() noexcept { return here_; }

private:
    inline static thread_local bool here_ = false;

    bool before_;
};

}  // namespace pushgateway
