#pragma once

/// \file
/// Replaces the global `operator new` and `operator delete` by some that count what they give out, as
/// `memory::kind::heap`, and that keep the limit of a `memory::bounded` scope. To be included by one source file of a
/// program: a program that does not include it is as fast and has the memory limit measured only.

#include <cstddef>
#include <cstdlib>
#include <new>

#include <malloc.h>

#include <pushgateway/base/memory.hpp>

namespace pushgateway::memory::detail {

inline bool const counting = [] {
    counts_heap.store(true, std::memory_order_relaxed);
    return true;
}();

[[nodiscard]] inline std::size_t taken_by(void* block) noexcept { return cost(::malloc_usable_size(block)); }

}  // namespace pushgateway::memory::detail

// All forms but those with an alignment: a sanitizer's own would not end up in the first one.
// NOLINTBEGIN(misc-definitions-in-headers): they may stand in one source file of a program, and cannot be inline.
void* operator new(std::size_t size) {
    namespace memory = pushgateway::memory;
    auto const reserved = memory::reserve(size) ? size : 0;
    void* const block = std::malloc(size);
    if (block == nullptr) {
        memory::subtract(memory::kind::heap, reserved);
        throw std::bad_alloc();
    }
    // As much as was reserved, or a little more.
    memory::add(memory::kind::heap, memory::detail::taken_by(block) - reserved);
    return block;
}

void operator delete(void* block) noexcept {
    if (block == nullptr) return;
    pushgateway::memory::subtract(pushgateway::memory::kind::heap, pushgateway::memory::detail::taken_by(block));
    std::free(block);
}

void operator delete(void* block, std::size_t) noexcept { operator delete(block); }

void* operator new(std::size_t size, std::nothrow_t const&) noexcept {
    try {
        return operator new(size);
    } catch (std::bad_alloc const&) {
        return nullptr;
    }
}

void operator delete(void* block, std::nothrow_t const&) noexcept { operator delete(block); }

void* operator new[](std::size_t size) { return operator new(size); }
void* operator new[](std::size_t size, std::nothrow_t const&) noexcept { return operator new(size, std::nothrow); }
void operator delete[](void* block) noexcept { operator delete(block); }
void operator delete[](void* block, std::size_t) noexcept { operator delete(block); }
void operator delete[](void* block, std::nothrow_t const&) noexcept { operator delete(block); }
// NOLINTEND(misc-definitions-in-headers)
