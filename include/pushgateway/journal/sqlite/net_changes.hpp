#pragma once

/// \file
/// What a batch of changes comes to in the end, group by group.

#include <compare>
#include <cstddef>
#include <span>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include <pushgateway/store/group.hpp>
#include <pushgateway/store/journal_record.hpp>
#include <pushgateway/store/stored_key.hpp>

namespace pushgateway::journal::sqlite {

/// A group before a batch and after it; null: there was or is none.
struct net_change {
    store::group_content const* before;
    store::group_content const* after;
};

/// Gathers the changes of a batch. Keeps its memory from one to the next.
class net_changes {
public:
    /// Takes the records from `first` on, which must outlive the use of `all`. True if all groups that there were
    /// before are to be dropped first.
    bool gather(store::journal_record const* first) {
        changes_.clear();
        places_.clear();
        bool all_dropped = false;
        for (auto const* record = first; record != nullptr; record = record->next.get()) {
            if (record->changes_nothing()) continue;
            if (record->dropped) {
                all_dropped = true;
                changes_.clear();
                places_.clear();
                continue;
            }
            auto const& key = (record->after ? record->after : record->before)->key();
            auto const [at, added] = places_.try_emplace(&key, changes_.size());
            if (added) {
                changes_.push_back({record->before.get(), record->after.get()});
            } else {
                changes_[at->second].after = record->after.get();
            }
        }
        return all_dropped;
    }

    [[nodiscard]] std::span<net_change const> all() const noexcept { return changes_; }

private:
    struct key_hash {
        std::size_t operator()(store::stored_key const* key) const noexcept { return key->hash().labels; }
    };
    struct key_equal {
        bool operator()(store::stored_key const* a, store::stored_key const* b) const noexcept {
            return (*a <=> *b) == std::strong_ordering::equal;
        }
    };

    std::vector<net_change> changes_;
    boost::unordered_flat_map<store::stored_key const*, std::size_t, key_hash, key_equal> places_;
};

}  // namespace pushgateway::journal::sqlite
