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

/// Has large blocks go back to the system as soon as they are free: for a process that may not take much.
inline void give_back_large_blocks() noexcept {
#if defined(__GLIBC__)
    constexpr int large = 512 << 10;
    ::mallopt(M_MMAP_THRESHOLD, large);
    ::mallopt(M_TRIM_THRESHOLD, large);
#endif
}

/// Gives what is free back to the system, of all threads. Takes some milliseconds for every hundred megabytes.
inline void give_back_freed_memory() noexcept {
#if defined(__GLIBC__)
    ::malloc_trim(0);
#endif
}

}  // namespace pushgateway::server
