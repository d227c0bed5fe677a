#pragma once

/// \file
/// The entries of a page, in one allocation with it.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <span>
#include <utility>

#include <pushgateway/base/ref_counted.hpp>
#include <pushgateway/store/accounted.hpp>

namespace pushgateway::store {

/// Base of the content of a page. Whoever holds the only reference may change it; shared, it is immutable.
///
/// A `Page` has a constructor that takes its capacity, `estimate_of(Entry const&)`, the bytes of the lines that it
/// makes of an entry, roughly, and `forget_texts()`, called at every change. If a copy of all entries can do with what
/// was made of them, it has `share_texts(Page const&)`.
template <class Page, class Entry>
class page_entries : public ref_counted<Page> {
public:
    using entry = Entry;

    /// An empty one with room for `capacity` entries.
    [[nodiscard]] static ref<Page> make(std::uint32_t capacity) {
        static_assert(sizeof(Page) % alignof(Entry) == 0);
        return ref<Page>::adopt(new (store::allocate(bytes_of(capacity))) Page(capacity));
    }

    /// One with the entries `[from, to)` of `other`, and room for `room` more.
    [[nodiscard]] static ref<Page> copy(Page const& other, std::uint32_t from, std::uint32_t to, std::uint32_t room) {
        auto content = make(to - from + room);
        for (auto i = from; i != to; ++i) content->append(other[i]);
        if constexpr (requires { content->share_texts(other); }) {
            if (to - from == other.size()) content->share_texts(other);
        }
        return content;
    }

    /// One with the entries of `other`, which the caller alone holds, and more room.
    [[nodiscard]] static ref<Page> grown(Page& other) {
        auto content = make(other.capacity_ + other.capacity_ / 2 + 1);
        for (std::uint32_t i = 0; i != other.size_; ++i) content->append(std::move(other.first()[i]));
        return content;
    }

    static void destroy(Page* content) noexcept {
        auto const size = bytes_of(content->capacity_);
        std::destroy_n(content->first(), content->size_);
        content->~Page();
        store::deallocate(content, size);
    }

    [[nodiscard]] std::uint32_t size() const noexcept { return size_; }
    [[nodiscard]] bool full() const noexcept { return size_ == capacity_; }
    /// The bytes of its lines, roughly.
    [[nodiscard]] std::uint32_t estimate() const noexcept { return estimate_; }
    [[nodiscard]] Entry const& operator[](std::uint32_t at) const noexcept { return first()[at]; }
    [[nodiscard]] std::span<Entry const> entries() const noexcept { return {first(), size_}; }

    /// Must not be full.
    void insert(std::uint32_t at, Entry added) {
        self().forget_texts();
        estimate_ += Page::estimate_of(added);
        new (first() + size_) Entry();
        std::move_backward(first() + at, first() + size_, first() + size_ + 1);
        first()[at] = std::move(added);
        ++size_;
    }

    /// Takes the entry out.
    Entry remove(std::uint32_t at) noexcept {
        self().forget_texts();
        estimate_ -= Page::estimate_of(first()[at]);
        auto removed = std::move(first()[at]);
        std::move(first() + at + 1, first() + size_, first() + at);
        std::destroy_at(first() + --size_);
        return removed;
    }

    /// Puts an entry into the place of another with the same key.
    void replace(std::uint32_t at, Entry other) noexcept {
        self().forget_texts();
        estimate_ += Page::estimate_of(other) - Page::estimate_of(first()[at]);
        first()[at] = std::move(other);
    }

protected:
    explicit page_entries(std::uint32_t capacity) noexcept : capacity_(capacity) {}
    ~page_entries() = default;

    /// The bytes of a page with so much room.
    [[nodiscard]] static std::size_t bytes_of(std::uint32_t capacity) noexcept {
        return sizeof(Page) + capacity * sizeof(Entry);
    }
    [[nodiscard]] std::uint32_t capacity() const noexcept { return capacity_; }
    [[nodiscard]] Entry& at(std::uint32_t position) noexcept { return first()[position]; }

private:
    [[nodiscard]] Page& self() noexcept { return static_cast<Page&>(*this); }
    [[nodiscard]] Entry* first() noexcept { return reinterpret_cast<Entry*>(static_cast<Page*>(this) + 1); }
    [[nodiscard]] Entry const* first() const noexcept {
        return reinterpret_cast<Entry const*>(static_cast<Page const*>(this) + 1);
    }

    /// Of a page of which nothing is rendered yet.
    void append(Entry added) noexcept {
        estimate_ += Page::estimate_of(added);
        new (first() + size_++) Entry(std::move(added));
    }

    std::uint32_t size_ = 0;
    std::uint32_t capacity_;
    std::uint32_t estimate_ = 0;
};

}  // namespace pushgateway::store
