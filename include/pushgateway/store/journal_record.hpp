#pragma once

/// \file
/// What the store tells its journal: a change that memory shows already, with all that is needed to keep it or to undo
/// it.

#include <functional>
#include <memory>
#include <utility>

#include <pushgateway/base/error.hpp>
#include <pushgateway/base/ref_counted.hpp>
#include <pushgateway/store/group.hpp>
#include <pushgateway/store/state.hpp>

namespace pushgateway::store {

/// Hears once what became of a change. May be called by the journal's own thread: it must not wait for another change.
using completion = std::move_only_function<void(result<>)>;

/// One change, or none: then its completion hears what became of the changes before it. Of the contents only the key,
/// the header and what `slot::pushed` refers to may be read.
struct journal_record {
    ref<group_content> before;       ///< the group as it was; null if there was none
    ref<group_content> after;        ///< the group as it is now; null if it was dropped
    std::unique_ptr<state> dropped;  ///< set for a wipe: all that there was
    completion done;

    /// True for one that only waits for those before it.
    [[nodiscard]] bool changes_nothing() const noexcept { return !before && !after && !dropped; }

    std::unique_ptr<journal_record> next;
    journal_record* previous = nullptr;
};

/// Records in the order of their changes. Not locked.
class record_list {
public:
    record_list() = default;
    record_list(record_list&& other) noexcept
        : first_(std::move(other.first_)), last_(std::exchange(other.last_, nullptr)) {}
    record_list& operator=(record_list&& other) noexcept {
        if (this == &other) return *this;
        clear();
        first_ = std::move(other.first_);
        last_ = std::exchange(other.last_, nullptr);
        return *this;
    }
    ~record_list() { clear(); }

    [[nodiscard]] bool empty() const noexcept { return last_ == nullptr; }
    /// True if it is empty, too.
    [[nodiscard]] bool changes_nothing() const noexcept {
        for (auto const* record = front(); record != nullptr; record = record->next.get()) {
            if (!record->changes_nothing()) return false;
        }
        return true;
    }
    [[nodiscard]] journal_record* front() const noexcept { return first_.get(); }
    [[nodiscard]] journal_record* back() const noexcept { return last_; }

    void push_back(std::unique_ptr<journal_record> record) noexcept {
        record->previous = last_;
        auto* const added = record.get();
        (last_ == nullptr ? first_ : last_->next) = std::move(record);
        last_ = added;
    }

    /// Puts all records of `other` behind these.
    void append(record_list other) noexcept {
        if (other.empty()) return;
        other.first_->previous = last_;
        (last_ == nullptr ? first_ : last_->next) = std::move(other.first_);
        last_ = std::exchange(other.last_, nullptr);
    }

    /// Takes the first record out; null if there is none.
    [[nodiscard]] std::unique_ptr<journal_record> pop_front() noexcept {
        auto record = std::move(first_);
        if (!record) return record;
        first_ = std::move(record->next);
        if (first_) {
            first_->previous = nullptr;
        } else {
            last_ = nullptr;
        }
        return record;
    }

    /// Tells every record, in order, what became of it, and drops it.
    void complete(result<> const& outcome) {
        while (auto record = pop_front()) {
            if (record->done) record->done(outcome);
        }
    }

private:
    // One by one: a chain would end by recursion.
    void clear() noexcept {
        while (pop_front()) {
        }
    }

    std::unique_ptr<journal_record> first_;
    journal_record* last_ = nullptr;
};

/// The memory behind a journal: what undoes changes that could not be kept.
class journaled {
public:
    /// Undoes `failed`, and before that what `take_rest` gives: everything that was appended behind it until now. No
    /// change happens meanwhile. Then `failed` holds all that was undone.
    virtual void roll_back(record_list& failed, std::function<record_list()> const& take_rest) noexcept = 0;

protected:
    ~journaled() = default;
};

}  // namespace pushgateway::store
