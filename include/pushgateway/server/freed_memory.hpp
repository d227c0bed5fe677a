#pragma once

/// \file
/// What becomes of memory that is free again.

#if defined(__GLIBC__)
#include <malloc.h>
#endif

namespace pushgateway::server {

/// Lets every arena of the C library keep a megabyte of what is freed. For a process whose threads free what others
/// allocated, like a journal that drops what it has kept: otherwise the C library would give back and demand the same
/// pages with every batch. Without glibc it does nothing.
inline void keep_freed_memory() noexcept {
#if defined(__GLIBC__)
    constexpr int megabyte = 1 << 20;
    ::mallopt(M_TOP_PAD, megabyte);
    // The former would fix it at an eighth of that.
    ::mallopt(M_MMAP_THRESHOLD, megabyte);
#endif
}

}  // namespace pushgateway::server
