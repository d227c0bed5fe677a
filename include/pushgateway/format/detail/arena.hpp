#pragma once

/// \file
/// Storage for the few strings of a parsed body that cannot be views of it.

#include <algorithm>
#include <cstddef>
#include <memory>
#include <vector>

namespace pushgateway::format::detail {

/// Hands out bytes that stay where they are until `clear`. Grows in blocks of doubling size.
class arena {
public:
    /// At least `size` bytes; what is used of them is claimed by `take`.
    [[nodiscard]] char* room(std::size_t size) {
        if (size > left_) grow(size);
        return free_;
    }

    /// Claims the first `size` bytes of the last `room`.
    void take(std::size_t size) noexcept {
        free_ += size;
        left_ -= size;
    }

    void clear() noexcept {
        blocks_.clear();
        free_ = nullptr;
        left_ = 0;
        next_size_ = smallest_block;
    }

private:
    static constexpr std::size_t smallest_block = 4096;
    static constexpr std::size_t largest_block = std::size_t{1} << 20;

    void grow(std::size_t size) {
        auto const block = std::max(size, next_size_);
        blocks_.push_back(std::make_unique_for_overwrite<char[]>(block));
        free_ = blocks_.back().get();
        left_ = block;
        next_size_ = std::min(next_size_ * 2, largest_block);
    }

    std::vector<std::unique_ptr<char[]>> blocks_;
    char* free_ = nullptr;
    std::size_t left_ = 0;
    std::size_t next_size_ = smallest_block;
};

}  // namespace pushgateway::format::detail
