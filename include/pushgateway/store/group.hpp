#pragma once

/// \file
/// Groups: what was pushed under one grouping key, and the table that finds a group by its key or its number.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <span>
#include <utility>
#include <vector>

#include <boost/unordered/unordered_flat_set.hpp>

#include <pushgateway/base/ref_counted.hpp>
#include <pushgateway/model/grouping_key.hpp>
#include <pushgateway/store/group_header.hpp>
#include <pushgateway/store/page_list.hpp>
#include <pushgateway/store/stored_family.hpp>
#include <pushgateway/store/stored_key.hpp>
#include <pushgateway/store/times_page.hpp>

namespace pushgateway::store {

/// One part of a family in a group, and where the exposition shows it. Only `pushed` may be read without the store's
/// lock.
struct slot {
    ref<stored_family> pushed;  ///< as it was pushed
    page* shown_on = nullptr;   ///< nullptr: nothing of it is in the exposition
    std::uint32_t family = 0;
    std::uint32_t position : 31 = 0;  ///< on that page, probably
    std::uint32_t clashing : 1 = 0;   ///< some of it is left out of the exposition
};

/// The header of a group and its slots, ordered by the number of the family and by part. Whoever holds the only
/// reference may change them; shared, only what belongs to the store's own bookkeeping changes.
class group_content final : public ref_counted<group_content> {
public:
    [[nodiscard]] static ref<group_content> make(ref<stored_key const> key, std::uint32_t slots) {
        void* memory = store::allocate(sizeof(group_content) + slots * sizeof(slot));
        return ref<group_content>::adopt(new (memory) group_content(std::move(key), slots));
    }

    /// One with the header of another one of the group, which is shown where that is, and empty slots.
    [[nodiscard]] static ref<group_content> with_header_of(group_content const& other, std::uint32_t slots) {
        auto content = make(other.key_, slots);
        content->header_ = other.header_;
        content->times_ = other.times_;
        return content;
    }

    [[nodiscard]] static ref<group_content> copy(group_content const& other) {
        auto content = with_header_of(other, other.size_);
        for (std::uint32_t i = 0; i != other.size_; ++i) content->slots()[i] = other.slots()[i];
        return content;
    }

    static void destroy(group_content* content) noexcept {
        auto const size = sizeof(group_content) + content->size_ * sizeof(slot);
        content->~group_content();
        store::deallocate(content, size);
    }

    ~group_content() { std::destroy_n(slots().data(), size_); }

    [[nodiscard]] stored_key const& key() const noexcept { return *key_; }
    [[nodiscard]] ref<stored_key const> const& shared_key() const noexcept { return key_; }
    [[nodiscard]] group_header& header() noexcept { return header_; }
    [[nodiscard]] group_header const& header() const noexcept { return header_; }
    /// Where the exposition shows its times; nowhere if they are left out. The store's own bookkeeping, as in slots.
    [[nodiscard]] times_place& times() noexcept { return times_; }
    [[nodiscard]] times_place const& times() const noexcept { return times_; }
    [[nodiscard]] std::span<slot> slots() noexcept { return {reinterpret_cast<slot*>(this + 1), size_}; }
    [[nodiscard]] std::span<slot const> slots() const noexcept {
        return {reinterpret_cast<slot const*>(this + 1), size_};
    }

    /// Asks for the memory that a push into the group will need, unless it is so much that a push hardly needs it all.
    void prefetch() const noexcept {
        __builtin_prefetch(key_.get());
        __builtin_prefetch(reinterpret_cast<char const*>(key_.get()) + 64);
        __builtin_prefetch(times_.at);
        if (size_ > prefetched_slots) return;
        for (auto const& s : slots()) {
            __builtin_prefetch(s.pushed.get(), 1);
            __builtin_prefetch(reinterpret_cast<char const*>(s.pushed.get()) + 64, 1);
            __builtin_prefetch(s.shown_on);
        }
    }

    /// The first slot whose family is not below `family`.
    [[nodiscard]] std::uint32_t lower_bound(std::uint32_t family) const noexcept {
        auto const all = slots();
        auto const at = std::ranges::lower_bound(all, family, {}, &slot_family);
        return static_cast<std::uint32_t>(at - all.begin());
    }

    /// The number of slots from `first` on that are of `family`.
    [[nodiscard]] std::uint32_t count(std::uint32_t first, std::uint32_t family) const noexcept {
        std::uint32_t n = 0;
        while (first + n < size_ && slots()[first + n].family == family) ++n;
        return n;
    }

private:
    static constexpr std::size_t prefetched_slots = 64;

    group_content(ref<stored_key const> key, std::uint32_t slots) noexcept : key_(std::move(key)), size_(slots) {
        std::uninitialized_default_construct_n(this->slots().data(), size_);
    }

    [[nodiscard]] static std::uint32_t slot_family(slot const& s) noexcept { return s.family; }

    ref<stored_key const> key_;
    std::uint32_t size_;
    group_header header_;
    times_place times_;
};

static_assert(sizeof(group_content) % alignof(slot) == 0 && sizeof(slot) == 24);

/// A grouping key that is looked for.
struct key_probe {
    model::grouping_key const& key;
    key_hash hash;
};

/// All groups. A group keeps its number for life.
class group_table {
public:
    /// The number of the group, or `none`.
    static constexpr std::uint32_t none = UINT32_MAX;

    group_table() : numbers_(0, {}, equal{&contents_}) {}
    group_table(group_table const&) = delete;
    group_table& operator=(group_table const&) = delete;

    [[nodiscard]] std::uint32_t find(key_probe const& probe) const noexcept {
        auto const at = numbers_.find(probe);
        return at == numbers_.end() ? none : at->number;
    }

    /// Adds a group without slots.
    std::uint32_t add(key_probe const& probe) {
        auto const number = free_.empty() ? static_cast<std::uint32_t>(contents_.size()) : free_.back();
        auto content = group_content::make(stored_key::make(probe.key, probe.hash, number), 0);
        if (free_.empty()) {
            contents_.push_back(std::move(content));
        } else {
            contents_[number] = std::move(content);
        }
        numbers_.insert(entry{probe.hash.labels, number});
        if (!free_.empty()) free_.pop_back();
        return number;
    }

    /// Puts a group into the table that was taken out of it, under the number it had, which must be free.
    void put_back(ref<group_content> content) {
        auto const number = content->key().group();
        numbers_.insert(entry{content->key().hash().labels, number});
        contents_[number] = std::move(content);
        std::erase(free_, number);
    }

    /// Takes a group out of the table.
    ref<group_content> remove(std::uint32_t number) {
        free_.push_back(number);
        numbers_.erase(entry{contents_[number]->key().hash().labels, number});
        return std::move(contents_[number]);
    }

    [[nodiscard]] ref<group_content>& operator[](std::uint32_t number) noexcept { return contents_[number]; }
    [[nodiscard]] ref<group_content> const& operator[](std::uint32_t number) const noexcept {
        return contents_[number];
    }

    [[nodiscard]] std::size_t size() const noexcept { return numbers_.size(); }

    /// The bytes that one more group needs at once in the table, beside what it has.
    [[nodiscard]] std::uint64_t growth() const noexcept {
        std::uint64_t bytes = 0;
        if (free_.empty() && contents_.size() == contents_.capacity()) bytes += 2 * contents_.size() * sizeof(void*);
        if (numbers_.size() == numbers_.max_load()) bytes += 2 * numbers_.bucket_count() * (sizeof(entry) + 1);
        return bytes;
    }

    /// All contents by number; those of free numbers are null.
    [[nodiscard]] accounted_vector<ref<group_content>> const& contents() const noexcept { return contents_; }

private:
    struct entry {
        std::uint64_t hash;
        std::uint32_t number;
    };
    struct hasher {
        using is_transparent = void;
        std::size_t operator()(entry const& e) const noexcept { return e.hash; }
        std::size_t operator()(key_probe const& probe) const noexcept { return probe.hash.labels; }
    };
    struct equal {
        using is_transparent = void;
        accounted_vector<ref<group_content>> const* contents;

        bool operator()(entry const& a, entry const& b) const noexcept { return a.number == b.number; }
        bool operator()(key_probe const& a, entry const& b) const noexcept { return (*this)(b, a); }
        bool operator()(entry const& a, key_probe const& b) const noexcept {
            if (a.hash != b.hash.labels) return false;
            // With equal hashes it is this group but for one chance in 2^64: its memory is fetched while the key is
            // compared.
            auto const& content = *(*contents)[a.number];
            content.prefetch();
            return content.key().equals(b.key);
        }
    };

    accounted_vector<ref<group_content>> contents_;
    accounted_vector<std::uint32_t> free_;
    boost::unordered_flat_set<entry, hasher, equal, accounted<entry>> numbers_;
};

}  // namespace pushgateway::store
