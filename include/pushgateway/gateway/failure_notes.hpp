#pragma once

/// \file
/// Why pushes failed, for people who look at a group.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include <pushgateway/model/grouping_key.hpp>
#include <pushgateway/model/label.hpp>

namespace pushgateway {

/// The reason of the last failure of each group, in memory only. Bounded: at most `most` groups, those that failed
/// last; a long reason is cut; a group with a key of more than `longest_key` bytes is left out. Any thread may call any
/// function.
class failure_notes {
public:
    static constexpr std::size_t most = 1000;
    static constexpr std::size_t longest_key = 4096;
    static constexpr std::size_t longest_text = 1000;

    /// Keeps `text` in place of what was known of the group.
    void note(model::grouping_key const& key, std::string_view text) {
        std::string id;
        for (auto const& [name, value] : key.pairs()) append(id, name, value);
        if (id.size() > longest_key) return;
        std::lock_guard const guard(mutex_);
        if (auto const known = by_id_.find(id); known != by_id_.end()) {
            notes_.erase(known->second);
            by_id_.erase(known);
        }
        notes_.push_front({std::move(id), shortened(text)});
        by_id_.emplace(notes_.front().id, notes_.begin());
        written_.fetch_add(1, std::memory_order_release);
        if (notes_.size() <= most) return;
        by_id_.erase(notes_.back().id);
        notes_.pop_back();
    }

    /// What is known of a group, if anything. `key`: sorted by name.
    [[nodiscard]] std::optional<std::string> find(model::labels key) const {
        std::string id;
        for (auto const& [name, value] : key) append(id, name, value);
        std::lock_guard const guard(mutex_);
        auto const known = by_id_.find(id);
        if (known == by_id_.end()) return std::nullopt;
        return known->second->text;
    }

    /// How many were ever kept: another number after every `note` that keeps something.
    [[nodiscard]] std::uint64_t written() const noexcept { return written_.load(std::memory_order_acquire); }

private:
    struct note_entry {
        std::string id;
        std::string text;
    };

    static void append(std::string& id, std::string_view name, std::string_view value) {
        id += std::to_string(name.size()) + ' ' + std::to_string(value.size()) + ' ';
        id += name;
        id += value;
    }

    // Not in the middle of a character.
    static std::string shortened(std::string_view text) {
        if (text.size() <= longest_text) return std::string(text);
        auto end = longest_text;
        while (end != 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
        return std::string(text.substr(0, end)) + "…";
    }

    std::atomic<std::uint64_t> written_ = 0;
    mutable std::mutex mutex_;
    std::list<note_entry> notes_;  // the newest first
    std::unordered_map<std::string_view, std::list<note_entry>::iterator> by_id_;
};

}  // namespace pushgateway
