#pragma once

/// \file
/// A journal for tests: keeps groups in memory, and fails when it is told to.

#include <chrono>
#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include <pushgateway/base/error.hpp>
#include <pushgateway/journal/group_commit.hpp>
#include <pushgateway/model/grouping_key.hpp>
#include <pushgateway/store/journal_record.hpp>

namespace pushgateway::journal {

/// What a faulty journal shares with the test that holds it. Any thread may call any function.
class faults {
public:
    /// Lets the commit after `good` further ones fail, and all behind it until `heal`.
    void fail_after(std::size_t good) {
        std::scoped_lock const lock(mutex_);
        good_ = good;
    }
    void heal() {
        std::scoped_lock const lock(mutex_);
        good_ = std::nullopt;
    }

    /// Keeps commits waiting until `let_go`.
    void hold() { gate_.lock(); }
    void let_go() { gate_.unlock(); }

    /// The groups that are kept.
    [[nodiscard]] std::map<model::grouping_key, ref<store::group_content>> kept() const {
        std::scoped_lock const lock(mutex_);
        return kept_;
    }

private:
    friend class faulty_keeper;

    mutable std::mutex mutex_;
    std::mutex gate_;
    std::optional<std::size_t> good_;
    std::map<model::grouping_key, ref<store::group_content>> kept_;
};

/// Keeps in memory what `faults` lets it keep.
class faulty_keeper {
public:
    explicit faulty_keeper(std::shared_ptr<faults> plan) : plan_(std::move(plan)) {}

    static void prepare(store::record_list const& /*batch*/) {}

    result<> commit(store::record_list const& batch) {
        std::scoped_lock const gate(plan_->gate_);
        std::scoped_lock const lock(plan_->mutex_);
        if (plan_->good_ && *plan_->good_ == 0) return fail(errc::unavailable, "a fault that was asked for");
        if (plan_->good_) --*plan_->good_;
        for (auto const* record = batch.front(); record != nullptr; record = record->next.get()) {
            if (record->changes_nothing()) continue;
            if (record->dropped) {
                plan_->kept_.clear();
            } else if (record->after) {
                plan_->kept_[key_of(*record->after)] = record->after;
            } else {
                plan_->kept_.erase(key_of(*record->before));
            }
        }
        return {};
    }

    result<> probe() {
        std::scoped_lock const lock(plan_->mutex_);
        if (plan_->good_ && *plan_->good_ == 0) return fail(errc::unavailable, "a fault that was asked for");
        return {};
    }

    static result<> upkeep() { return {}; }
    static std::optional<std::chrono::milliseconds> upkeep_within() { return std::nullopt; }

private:
    static model::grouping_key key_of(store::group_content const& content) {
        model::grouping_key key("");
        for (auto const& [name, value] : content.key().pairs()) key.set(name, value);
        return key;
    }

    std::shared_ptr<faults> plan_;
};

using faulty_journal = group_commit<faulty_keeper>;

static_assert(journal_policy<faulty_journal>);

}  // namespace pushgateway::journal
