#pragma once

/// \file
/// Memory for what is stored, counted as `memory::kind::stored`.

#include <cstddef>
#include <new>
#include <string>
#include <vector>

#include <pushgateway/base/memory.hpp>

namespace pushgateway::store {

/// `size` bytes, to be given back by `deallocate` with the same size.
[[nodiscard]] inline void* allocate(std::size_t size) {
    void* const block = ::operator new(size);
    memory::add(memory::kind::stored, memory::cost(size));
    return block;
}

inline void deallocate(void* block, std::size_t size) noexcept {
    memory::subtract(memory::kind::stored, memory::cost(size));
    ::operator delete(block);
}

/// The same as an allocator of containers.
template <class T>
struct accounted {
    using value_type = T;

    constexpr accounted() noexcept = default;
    template <class U>
    constexpr accounted(accounted<U> const&) noexcept {}

    [[nodiscard]] T* allocate(std::size_t n) {
        static_assert(alignof(T) <= __STDCPP_DEFAULT_NEW_ALIGNMENT__);
        if (n > static_cast<std::size_t>(-1) / size) throw std::bad_array_new_length();
        return static_cast<T*>(store::allocate(n * size));
    }
    void deallocate(T* block, std::size_t n) noexcept { store::deallocate(static_cast<void*>(block), n * size); }

    friend constexpr bool operator==(accounted, accounted) noexcept { return true; }

private:
    static constexpr std::size_t size = sizeof(T);  // NOLINT(bugprone-sizeof-expression): also of pointers
};

using accounted_string = std::basic_string<char, std::char_traits<char>, accounted<char>>;

template <class T>
using accounted_vector = std::vector<T, accounted<T>>;

}  // namespace pushgateway::store
