#pragma once

/// \file
/// Keeps the changes of a store in an SQLite file: one transaction for all that wait.

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <pushgateway/base/error.hpp>
#include <pushgateway/journal/group_commit.hpp>
#include <pushgateway/journal/sqlite/database.hpp>
#include <pushgateway/journal/sqlite/keeper_options.hpp>
#include <pushgateway/journal/sqlite/log_file.hpp>
#include <pushgateway/journal/sqlite/net_changes.hpp>
#include <pushgateway/journal/sqlite/schema.hpp>
#include <pushgateway/journal/sqlite/table_writer.hpp>
#include <pushgateway/store/journal_record.hpp>

namespace pushgateway::journal::sqlite {

/// See `journal::keeper`.
class keeper {
public:
    /// Takes a connection that is set up, to a file with current tables.
    static result<std::unique_ptr<keeper>> make(database db, keeper_options options) {
        auto const largest = std::int64_t{options.checkpoint_pages} * 2 * log_frame_size;
        if (auto set = db.run("PRAGMA journal_size_limit=" + std::to_string(largest)); !set) {
            return std::unexpected(std::move(set.error()));
        }
        auto writer = table_writer::prepare(db);
        if (!writer) return std::unexpected(std::move(writer.error()));
        auto begin = db.prepare("BEGIN IMMEDIATE");
        if (!begin) return std::unexpected(std::move(begin.error()));
        auto commit = db.prepare("COMMIT");
        if (!commit) return std::unexpected(std::move(commit.error()));
        auto made = std::unique_ptr<keeper>(new keeper(std::move(db), *std::move(writer), std::move(options)));
        made->begin_ = *std::move(begin);
        made->commit_ = *std::move(commit);
        made->largest_log_ = largest;
        made->refill();
        sqlite3_wal_hook(made->db_.get(), note_pages, made.get());
        return made;
    }
    keeper(keeper const&) = delete;
    keeper& operator=(keeper const&) = delete;
    ~keeper() {
        // Who closes a file last drops its log when a sync succeeds, which says nothing after one that has failed.
        bool const sound = !lost_ && (!suspect_ || write_log_again());
        if (!sound) sqlite3_db_config(db_.get(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    }

    void prepare(store::record_list const& batch) {
        if (prepared_) {
            if (auto done = write(batch); !done) prepared_ = std::move(done);
        }
    }

    result<> commit(store::record_list const& batch) {
        if (auto sound = repair(); !sound) return sound;
        if (used_up_ && !frees_space(batch)) return refuse();
        auto done = write_all(batch);
        if (done || !full_) return done;
        // What the log holds may be in the tables already, or find room there: then the log begins anew.
        if (auto moved = checkpoint(); !moved) note_failure(moved.error());
        done = write_all(batch);
        if (done || !full_ || !frees_space(batch) || !release()) return done;
        done = write_all(batch);
        if (!done) {
            refill();
            return done;
        }
        // What is left of it must not go to others, nor what the deletion has made room for in the log: later deletions
        // need it.
        used_up_ = true;
        tidy_ = true;
        tried_ = {};
        return done;
    }

    /// Writes something that says nothing.
    result<> probe() {
        if (auto sound = repair(); !sound) return sound;
        if (used_up_) return refuse();
        auto done = write_probe();
        if (done || !full_) return done;
        if (auto moved = checkpoint(); !moved) note_failure(moved.error());
        return write_probe();
    }

    /// Moves what the log holds into the tables, when that is due. After a failure it fails until it succeeds; it is
    /// tried again after a second. So is what somebody who reads the file was in the way of.
    result<> upkeep() {
        if (lost_) return std::unexpected(*lost_);
        auto const now = std::chrono::steady_clock::now();
        bool const again = now >= tried_ + options_.retry;
        if (problem_ && !again) return std::unexpected(*problem_);
        bool const due = is_due() && now >= synced_ + options_.interval;
        // Behind somebody who reads for long there is nothing to move at every batch.
        bool const large = pages_ >= options_.checkpoint_pages && !behind_;
        if (!problem_ && !tidy_ && !large && !due && !(waits() && again)) return {};
        tried_ = now;
        if (auto done = tidy(); !done) {
            note_failure(done.error());
            return done;
        }
        problem_.reset();
        synced_ = now;
        return {};
    }

    [[nodiscard]] std::optional<std::chrono::milliseconds> upkeep_within() const {
        if (!problem_ && !waits() && !is_due()) return std::nullopt;
        auto const then = problem_ || waits() ? tried_ + options_.retry : synced_ + options_.interval;
        auto const left = std::chrono::ceil<std::chrono::milliseconds>(then - std::chrono::steady_clock::now());
        return std::max(left, std::chrono::milliseconds(1));
    }

private:
    static constexpr std::int64_t log_frame_size = 4096 + 24;
    /// Up to how many pages in use the file is written anew to make it smaller.
    static constexpr std::int64_t few_pages = 256;

    keeper(database db, table_writer writer, keeper_options options)
        : options_(std::move(options)), db_(std::move(db)), writer_(std::move(writer)) {}

    static int note_pages(void* self, sqlite3*, char const*, int pages) {
        static_cast<keeper*>(self)->pages_ = pages;
        return SQLITE_OK;
    }

    /// True if something is to be on the disk within the interval.
    [[nodiscard]] bool is_due() const noexcept { return options_.sync == sync_mode::interval && pages_ != 0; }

    /// True if something is to be tried again soon, though nothing has failed.
    [[nodiscard]] bool waits() const noexcept { return behind_ || !reserved_ || suspect_; }

    void refill() {
        auto const had = options_.reserve ? options_.reserve->refill() : 0;
        reserved_ = !options_.reserve || had == options_.reserve->size();
        // On a disk that is too small for it, half of what there was must do.
        used_up_ = used_up_ && had < most_reserved_ / 2;
        most_reserved_ = std::max(most_reserved_, had);
    }
    bool release() {
        if (!options_.reserve || !options_.reserve->release()) return false;
        reserved_ = false;
        return true;
    }

    /// After a failure of upkeep or of a checkpoint in between.
    void note_failure(error const& why) {
        // What was not written for want of space is not lost; what is not synced for that may be.
        bool const unwritten = (sqlite3_errcode(db_.get()) & 0xff) == SQLITE_FULL;
        if (options_.sync != sync_mode::off && !unwritten) suspect_ = true;
        problem_ = why;
    }

    /// All that upkeep does.
    result<> tidy() {
        if (suspect_) {
            if (auto done = write_log_again(); !done) return done;
        }
        bool const small = std::exchange(cleared_, false) && shrink();
        // A checkpoint may use the reserve if it is enough for that: then the log begins anew.
        bool const enough = small || std::int64_t{pages_} * log_frame_size <= static_cast<std::int64_t>(most_reserved_);
        if (!reserved_ && !enough) refill();
        auto done = checkpoint();
        if (!done && tidy_ && is_full() && enough && release()) done = checkpoint();
        // After a wipe the log is of no use at its size either.
        if (done && small) static_cast<void>(cut_log());
        tidy_ = tidy_ && !done;
        // Last: a checkpoint may need room in the file.
        if (!reserved_) refill();
        return done;
    }

    /// Before a change: where it counts as kept when it is on the disk, all of the log before it must be there, too.
    result<> repair() {
        if (lost_) return std::unexpected(*lost_);
        if (!suspect_ || options_.sync != sync_mode::always) return {};
        abandon();
        return write_log_again();
    }

    /// Undoes what is written of the batch under way.
    void abandon() {
        prepared_ = {};
        written_ = nullptr;
        if (db_.in_transaction()) [[maybe_unused]]
            auto const undone = db_.run("ROLLBACK");
    }

    /// A later sync says nothing of what was written before one that failed.
    result<> write_log_again() {
        auto const log = log_file(db_);
        if (auto synced = log.sync(); !synced) return synced;
        if (auto begun = begin_.run(); !begun) return begun;
        auto done = log.write_again();
        [[maybe_unused]] auto const ended = db_.run("ROLLBACK");
        if (!done && done.error().code == errc::corrupt) {
            done.error().code = errc::unavailable;
            lost_ = done.error();
        }
        if (done) suspect_ = false;
        return done;
    }

    /// Gives the disk back what a wipe has left unused, unless much was stored since. What is not given back is used by
    /// later changes. True if the file is small then.
    bool shrink() {
        auto const unused = db_.integer("PRAGMA freelist_count");
        auto const pages = db_.integer("PRAGMA page_count");
        if (!unused || !pages || *pages - *unused > few_pages) return false;
        auto done = db_.run("VACUUM");
        if (!done && is_full() && release()) done = db_.run("VACUUM");
        return done.has_value();
    }

    /// The answer to changes that need space while there is only that of deletions.
    [[nodiscard]] result<> refuse() {
        abandon();
        return fail(errc::unavailable, std::string(sqlite3_db_filename(db_.get(), "main")) +
                                           ": the disk is full: until there is space again, only deletions are taken");
    }

    result<> checkpoint() {
        int in_log = 0;
        int moved = 0;
        int const code = sqlite3_wal_checkpoint_v2(db_.get(), nullptr, SQLITE_CHECKPOINT_PASSIVE, &in_log, &moved);
        bool const busy = code == SQLITE_BUSY || code == SQLITE_LOCKED;
        if (code != SQLITE_OK && !busy) return std::unexpected(db_.failure(code));
        // Who reads the file may be in the way of some of it: the rest is moved later, and in the log till then.
        bool const all = !busy && moved == in_log;
        auto const size = log_file(db_).size();
        behind_ = size > largest_log_ && !(all && cut_log());
        tell_size(size);
        if (options_.sync == sync_mode::interval && !all && pages_ != 0) {
            if (auto synced = log_file(db_).sync(); !synced) return synced;
        }
        pages_ = 0;
        return {};
    }

    /// Makes the file of the log, all of which is in the tables, as small as it can be. False if somebody is in the
    /// way.
    bool cut_log() {
        sqlite3_busy_timeout(db_.get(), 0);
        int const code = sqlite3_wal_checkpoint_v2(db_.get(), nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
        sqlite3_busy_timeout(db_.get(), static_cast<int>(busy_timeout.count()));
        return code == SQLITE_OK;
    }

    /// Warns of a log that somebody who reads the file lets grow, once, and says when that is over.
    void tell_size(std::int64_t size) {
        bool const large = behind_ && size > 2 * largest_log_;
        if (!options_.warn || (warned_ ? behind_ : !large)) return;
        warned_ = large;
        std::string const name = std::string(sqlite3_db_filename(db_.get(), "main")) + "-wal";
        options_.warn(large ? name + ": has grown to " + std::to_string(size >> 20) +
                                  " MiB, because another process has been reading the file for long; it is cut when "
                                  "that ends"
                            : name + ": was cut");
    }

    /// Writes a whole batch, in one transaction, whatever of it is prepared.
    result<> write_all(store::record_list const& batch) {
        prepare(batch);
        auto done = std::exchange(prepared_, {});
        written_ = nullptr;
        return finish(std::move(done));
    }

    result<> write_probe() {
        auto done = begin_.run();
        if (done) done = db_.run("INSERT INTO probes VALUES (1, 1) ON CONFLICT DO UPDATE SET number = number + 1");
        return finish(std::move(done));
    }

    /// True if what the connection did last failed because the disk is full, or what of it one may use.
    [[nodiscard]] bool is_full() const noexcept {
        int const code = sqlite3_errcode(db_.get()) & 0xff;
        if (code != SQLITE_IOERR && code != SQLITE_CANTOPEN) return code == SQLITE_FULL;
        int const reason = db_.system_error();
        return reason == ENOSPC || reason == EDQUOT;
    }

    /// True if a batch drops groups.
    [[nodiscard]] static bool frees_space(store::record_list const& batch) noexcept {
        for (auto const* record = batch.front(); record != nullptr; record = record->next.get()) {
            if (record->dropped || (record->before && !record->after)) return true;
        }
        return false;
    }

    /// Ends a transaction, in which all has gone well until now, or not.
    result<> finish(result<> done) {
        bool const written = done.has_value();
        if (done && options_.in_place) done = options_.in_place();
        bool const refused = written && !done;
        if (done) done = commit_.run();
        full_ = !done && !refused && is_full();
        // What was synced before is on the disk, but not what was written behind it and before the sync that failed.
        bool const unsynced = !done && !refused && (sqlite3_errcode(db_.get()) & 0xff) == SQLITE_IOERR;
        if (unsynced && options_.sync != sync_mode::off) suspect_ = true;
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
        if (changes_.gather(first)) {
            cleared_ = true;
            tidy_ = true;
            if (auto done = writer_.clear(); !done) return done;
        }
        for (auto const& [before, after] : changes_.all()) {
            if (before == nullptr && after == nullptr) continue;
            if (auto done = writer_.change(before, after); !done) return done;
        }
        return {};
    }

    keeper_options options_;  // first: what it locks must be open longer than the connection
    database db_;
    table_writer writer_;
    statement begin_;
    statement commit_;
    std::chrono::steady_clock::time_point synced_ = std::chrono::steady_clock::now();
    std::int64_t largest_log_ = 0;
    int pages_ = 0;                  ///< in the log, since it was moved last
    bool full_ = false;              ///< the last transaction failed for want of space
    bool reserved_ = true;           ///< all of the reserve is there
    bool used_up_ = false;           ///< a deletion has used it, and little of it is there
    std::size_t most_reserved_ = 0;  ///< how much of it there was at most
    bool cleared_ = false;           ///< a wipe was written
    bool tidy_ = false;              ///< upkeep is due whatever the log's size is
    bool behind_ = false;            ///< the log is larger than it should be
    bool warned_ = false;
    bool suspect_ = false;          ///< something that a sync was to bring to the disk may be lost
    std::optional<error> lost_;     ///< it is, for good
    std::optional<error> problem_;  ///< of the last upkeep
    std::chrono::steady_clock::time_point tried_;
    store::journal_record const* written_ = nullptr;  ///< the last one of the batch under way
    result<> prepared_;                               ///< how that has gone until now
    net_changes changes_;
};

static_assert(journal::keeper<keeper>);

using sqlite_journal = group_commit<keeper>;

}  // namespace pushgateway::journal::sqlite
