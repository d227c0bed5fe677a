#pragma once

/// \file
/// Keeps the changes of a store in an SQLite file: one transaction for all that wait.

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include <pushgateway/base/error.hpp>
#include <pushgateway/journal/group_commit.hpp>
#include <pushgateway/journal/sqlite/database.hpp>
#include <pushgateway/journal/sqlite/schema.hpp>
#include <pushgateway/journal/sqlite/table_writer.hpp>
#include <pushgateway/store/journal_record.hpp>
#include <pushgateway/store/stored_key.hpp>

namespace pushgateway::journal::sqlite {

/// When a change counts as kept.
enum class sync_mode : std::uint8_t {
    always,    ///< when it is on the disk: it outlives a power cut
    interval,  ///< when the operating system has it: it outlives the process; on the disk at most an interval later
    off,       ///< when the operating system has it; a power cut may damage the file
};

/// Sets a connection up for this project's way of writing.
[[nodiscard]] inline result<> set_up(database const& db, sync_mode sync) {
    std::string const level = sync == sync_mode::always ? "FULL" : sync == sync_mode::interval ? "NORMAL" : "OFF";
    // Checkpoints are made between batches, when nobody waits.
    return db.run(
        "PRAGMA busy_timeout=2000;PRAGMA trusted_schema=OFF;PRAGMA cell_size_check=ON;"
        "PRAGMA journal_mode=WAL;PRAGMA wal_autocheckpoint=0;PRAGMA synchronous=" +
        level);
}

/// See `journal::keeper`.
class keeper {
public:
    /// Takes a connection that is set up, to a file with current tables.
    /// `checkpoint_pages`: the size of the log, in pages, from which on it is moved into the tables.
    /// `in_place`: asked in every transaction, which fails if it does.
    static result<std::unique_ptr<keeper>> make(database db, sync_mode sync, std::chrono::milliseconds interval,
                                                int checkpoint_pages, std::function<result<>()> in_place = {}) {
        auto writer = table_writer::prepare(db);
        if (!writer) return std::unexpected(std::move(writer.error()));
        auto begin = db.prepare("BEGIN IMMEDIATE");
        if (!begin) return std::unexpected(std::move(begin.error()));
        auto commit = db.prepare("COMMIT");
        if (!commit) return std::unexpected(std::move(commit.error()));
        auto made =
            std::unique_ptr<keeper>(new keeper(std::move(db), *std::move(writer), sync, interval, checkpoint_pages));
        made->begin_ = *std::move(begin);
        made->commit_ = *std::move(commit);
        made->in_place_ = std::move(in_place);
        sqlite3_wal_hook(made->db_.get(), note_pages, made.get());
        return made;
    }
    keeper(keeper const&) = delete;
    keeper& operator=(keeper const&) = delete;

    void prepare(store::record_list const& batch) {
        if (prepared_) {
            if (auto done = write(batch); !done) prepared_ = std::move(done);
        }
    }

    result<> commit(store::record_list const& batch) {
        prepare(batch);
        auto done = std::exchange(prepared_, {});
        written_ = nullptr;
        return finish(std::move(done));
    }

    /// Writes something that says nothing.
    result<> probe() {
        auto done = begin_.run();
        if (done) done = db_.run("INSERT INTO probes VALUES (1, 1) ON CONFLICT DO UPDATE SET number = number + 1");
        return finish(std::move(done));
    }

    /// Moves what the log holds into the tables, when that is due. After a failure it fails until it succeeds; it is
    /// tried again after a second.
    result<> upkeep() {
        auto const now = std::chrono::steady_clock::now();
        if (problem_) {
            if (now < tried_ + retry_interval) return std::unexpected(*problem_);
        } else if (pages_ < checkpoint_pages_ && !(is_due() && now >= synced_ + interval_)) {
            return {};
        }
        tried_ = now;
        if (auto done = checkpoint(); !done) {
            problem_ = done.error();
            return done;
        }
        problem_.reset();
        synced_ = now;
        pages_ = 0;
        return {};
    }

    [[nodiscard]] std::optional<std::chrono::milliseconds> upkeep_within() const {
        if (!problem_ && !is_due()) return std::nullopt;
        auto const then = problem_ ? tried_ + retry_interval : synced_ + interval_;
        auto const left = std::chrono::ceil<std::chrono::milliseconds>(then - std::chrono::steady_clock::now());
        return std::max(left, std::chrono::milliseconds(1));
    }

private:
    static constexpr std::chrono::seconds retry_interval{1};

    struct net_change {
        store::group_content const* before;
        store::group_content const* after;
    };
    struct key_hash {
        std::size_t operator()(store::stored_key const* key) const noexcept { return key->hash().labels; }
    };
    struct key_equal {
        bool operator()(store::stored_key const* a, store::stored_key const* b) const noexcept {
            return (*a <=> *b) == std::strong_ordering::equal;
        }
    };

    keeper(database db, table_writer writer, sync_mode sync, std::chrono::milliseconds interval, int checkpoint_pages)
        : db_(std::move(db)),
          writer_(std::move(writer)),
          sync_(sync),
          interval_(interval),
          checkpoint_pages_(checkpoint_pages) {}

    static int note_pages(void* self, sqlite3*, char const*, int pages) {
        static_cast<keeper*>(self)->pages_ = pages;
        return SQLITE_OK;
    }

    /// True if something is to be on the disk within the interval.
    [[nodiscard]] bool is_due() const noexcept { return sync_ == sync_mode::interval && pages_ != 0; }

    result<> checkpoint() {
        int in_log = 0;
        int moved = 0;
        int const code = sqlite3_wal_checkpoint_v2(db_.get(), nullptr, SQLITE_CHECKPOINT_PASSIVE, &in_log, &moved);
        if (code != SQLITE_OK && code != SQLITE_BUSY && code != SQLITE_LOCKED) {
            return std::unexpected(db_.failure(code));
        }
        // Who reads the file may be in the way of some of it: the rest is moved the next time, and in the log till
        // then.
        if (sync_ == sync_mode::interval && (code != SQLITE_OK || moved != in_log)) return sync_log();
        return {};
    }

    result<> sync_log() {
        sqlite3_file* log = nullptr;
        int code = sqlite3_file_control(db_.get(), "main", SQLITE_FCNTL_JOURNAL_POINTER, static_cast<void*>(&log));
        if (code == SQLITE_OK && log != nullptr && log->pMethods != nullptr) {
            code = log->pMethods->xSync(log, SQLITE_SYNC_NORMAL);
        }
        if (code != SQLITE_OK) return std::unexpected(db_.failure(code));
        return {};
    }

    /// Ends a transaction, in which all has gone well until now, or not.
    result<> finish(result<> done) {
        if (done && in_place_) done = in_place_();
        if (done) done = commit_.run();
        // It may be over already.
        if (!done && db_.in_transaction()) [[maybe_unused]]
            auto const undone = db_.run("ROLLBACK");
        return done;
    }

    /// Writes those records of a batch that are not written yet, in the transaction that the first ones begin.
    result<> write(store::record_list const& batch) {
        auto const* const first = written_ == nullptr ? batch.front() : written_->next.get();
        if (written_ == nullptr) {
            if (auto begun = begin_.run(); !begun) return begun;
        }
        written_ = batch.back();
        bool const all_dropped = net_changes(first);
        if (all_dropped) {
            if (auto done = writer_.clear(); !done) return done;
        }
        for (auto const& [before, after] : changes_) {
            if (before == nullptr && after == nullptr) continue;
            if (auto done = writer_.change(before, after); !done) return done;
        }
        return {};
    }

    /// What the records from `first` on change in the end, group by group. True if all that was there before is to be
    /// dropped first.
    bool net_changes(store::journal_record const* first) {
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

    database db_;
    table_writer writer_;
    statement begin_;
    statement commit_;
    sync_mode sync_;
    std::chrono::milliseconds interval_;
    std::chrono::steady_clock::time_point synced_ = std::chrono::steady_clock::now();
    int checkpoint_pages_;
    std::function<result<>()> in_place_;
    int pages_ = 0;
    std::optional<error> problem_;  ///< of the last upkeep
    std::chrono::steady_clock::time_point tried_;
    store::journal_record const* written_ = nullptr;  ///< the last one of the batch under way
    result<> prepared_;                               ///< how that has gone until now
    std::vector<net_change> changes_;
    boost::unordered_flat_map<store::stored_key const*, std::size_t, key_hash, key_equal> places_;
};

static_assert(journal::keeper<keeper>);

using sqlite_journal = group_commit<keeper>;

}  // namespace pushgateway::journal::sqlite
