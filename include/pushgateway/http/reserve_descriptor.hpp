#pragma once

/// \file
/// A file descriptor that is held for the time when there is no other.

#include <sys/eventfd.h>
#include <unistd.h>

namespace pushgateway::http::detail {

/// Holds a descriptor, if there is one. Not thread-safe.
class reserve_descriptor {
public:
    reserve_descriptor() noexcept { restore(); }
    reserve_descriptor(reserve_descriptor const&) = delete;
    reserve_descriptor& operator=(reserve_descriptor const&) = delete;
    ~reserve_descriptor() {
        if (held_ >= 0) ::close(held_);
    }

    /// Closes it, so that something else can be opened. False if it is not held.
    bool lend() noexcept {
        if (held_ < 0) return false;
        ::close(held_);
        held_ = -1;
        lent_ = true;
        return true;
    }

    /// Opens it again if it is not held and there is a descriptor left.
    void restore() noexcept {
        if (held_ < 0) held_ = ::eventfd(0, EFD_CLOEXEC);
        if (held_ >= 0) lent_ = false;
    }

    /// True from `lend` until it is held again: descriptors are scarce.
    [[nodiscard]] bool lent() const noexcept { return lent_; }

private:
    int held_ = -1;
    bool lent_ = false;
};

}  // namespace pushgateway::http::detail
