#pragma once

/// \file
/// The grouping key as the store keeps it: immutable, in one allocation, shared by everything that belongs to a group.

#include <algorithm>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
#include <string_view>

#include <pushgateway/base/hash.hpp>
#include <pushgateway/base/ref_counted.hpp>
#include <pushgateway/model/grouping_key.hpp>
#include <pushgateway/model/label.hpp>
#include <pushgateway/store/accounted.hpp>
#include <pushgateway/store/series_hash.hpp>
#include <pushgateway/store/series_rules.hpp>

namespace pushgateway::store {

/// A hash of a grouping key and what a series hash takes from it.
struct key_hash {
    std::uint64_t labels = 0;  ///< the sum of the label hashes

    [[nodiscard]] static key_hash of(model::grouping_key const& key, hash_key const& secret) noexcept {
        key_hash hash;
        for (auto const& [name, value] : key.pairs()) hash.labels += label_hash({name, value}, secret);
        return hash;
    }
};

/// A group's labels, sorted by name.
class stored_key final : public ref_counted<stored_key> {
public:
    /// A copy of `key`. `group` is the number of the group that it names.
    [[nodiscard]] static ref<stored_key const> make(model::grouping_key const& key, key_hash hash,
                                                    std::uint32_t group) {
        std::size_t bytes = sizeof(stored_key) + key.pairs().size() * sizeof(model::label);
        for (auto const& [name, value] : key.pairs()) bytes += name.size() + value.size();
        return ref<stored_key>::adopt(new (store::allocate(bytes)) stored_key(key, hash, group));
    }

    static void destroy(stored_key* key) noexcept {
        auto const size = key->size();
        store::deallocate(key, size);
    }

    /// The bytes that it takes.
    [[nodiscard]] std::size_t size() const noexcept {
        std::size_t bytes = sizeof(stored_key) + count_ * sizeof(model::label);
        for (auto const& label : pairs()) bytes += label.name.size() + label.value.size();
        return bytes;
    }

    [[nodiscard]] model::labels pairs() const noexcept { return {first(), count_}; }
    [[nodiscard]] bool has_instance() const noexcept { return has_instance_; }
    /// True if no series with these labels may be shown.
    [[nodiscard]] bool faulty() const noexcept { return faulty_; }
    [[nodiscard]] key_hash hash() const noexcept { return hash_; }
    [[nodiscard]] std::uint32_t group() const noexcept { return group_; }

    /// The order of `model::grouping_key`.
    friend std::strong_ordering operator<=>(stored_key const& a, stored_key const& b) noexcept {
        auto const x = a.pairs();
        auto const y = b.pairs();
        return std::lexicographical_compare_three_way(x.begin(), x.end(), y.begin(), y.end());
    }

    [[nodiscard]] bool equals(model::grouping_key const& key) const noexcept {
        return std::ranges::equal(pairs(), key.pairs(), [](model::label const& mine, auto const& theirs) {
            return mine.name == theirs.first && mine.value == theirs.second;
        });
    }

private:
    stored_key(model::grouping_key const& key, key_hash hash, std::uint32_t group)
        : count_(static_cast<std::uint32_t>(key.pairs().size())),
          group_(group),
          has_instance_(key.find(model::instance_label) != nullptr),
          faulty_(fault_of_key(key).has_value()),
          hash_(hash) {
        auto* at = const_cast<model::label*>(first());
        auto* text = reinterpret_cast<char*>(at + count_);
        auto const keep = [&text](std::string_view bytes) {
            if (!bytes.empty()) std::memcpy(text, bytes.data(), bytes.size());
            std::string_view const kept(text, bytes.size());
            text += bytes.size();
            return kept;
        };
        for (auto const& [name, value] : key.pairs()) {
            auto const kept_name = keep(name);
            new (at++) model::label{kept_name, keep(value)};
        }
    }

    [[nodiscard]] model::label const* first() const noexcept { return reinterpret_cast<model::label const*>(this + 1); }

    std::uint32_t count_;
    std::uint32_t group_;
    bool has_instance_;
    bool faulty_;
    key_hash hash_;
};

static_assert(alignof(stored_key) >= alignof(model::label) && sizeof(stored_key) % alignof(model::label) == 0);

}  // namespace pushgateway::store
