#pragma once

/// \file
/// The file of `--persistence.file`: opened, examined, read into a store, put aside when it is damaged.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <sys/stat.h>

#include <pushgateway/base/error.hpp>
#include <pushgateway/journal/sqlite/database.hpp>
#include <pushgateway/journal/sqlite/file_identity.hpp>
#include <pushgateway/journal/sqlite/file_lock.hpp>
#include <pushgateway/journal/sqlite/group_importer.hpp>
#include <pushgateway/journal/sqlite/inode_lock.hpp>
#include <pushgateway/journal/sqlite/keeper.hpp>
#include <pushgateway/journal/sqlite/put_aside.hpp>
#include <pushgateway/journal/sqlite/real_path.hpp>
#include <pushgateway/journal/sqlite/restorable.hpp>
#include <pushgateway/journal/sqlite/restorer.hpp>
#include <pushgateway/journal/sqlite/schema.hpp>
#include <pushgateway/journal/sqlite/space_reserve.hpp>

namespace pushgateway::journal::sqlite {

/// How a file is opened.
struct file_options {
    std::string path;
    sync_mode sync = sync_mode::always;
    /// For `sync_mode::interval`.
    std::chrono::milliseconds interval = std::chrono::minutes(5);
    /// The size of the log, in pages of 4 KiB, from which on it is moved into the tables.
    int checkpoint_pages = 4096;
    /// After which time something is tried again that the disk refused.
    std::chrono::milliseconds retry = std::chrono::seconds(1);
    /// The name of SQLite's file system layer; nullptr: the usual one.
    char const* vfs = nullptr;
    /// Keeps other processes away; a file system layer that is not the system's may do without.
    bool lock = true;
    /// Space on the disk that is set aside for deletions, in bytes. 0: none. As much as the log holds before it is
    /// moved into the tables, so that it always can be, and more than a wipe of a file of gigabytes writes.
    std::size_t reserve = std::size_t{16} << 20;
    /// Told what an operator should know, in a sentence, by the journal's thread.
    std::function<void(std::string_view)> warn = {};
};

/// What kind of file there is.
enum class file_kind : std::uint8_t {
    absent,   ///< none, or an empty one
    sqlite,   ///< a database of SQLite
    foreign,  ///< anything else
};

/// Fails with errc::unavailable if there is something else than a file: a folder, a pipe that would be waited for.
[[nodiscard]] inline result<> check_is_file(std::string const& path) {
    struct stat found{};
    if (::stat(path.c_str(), &found) != 0 || S_ISREG(found.st_mode)) return {};
    return fail(errc::unavailable, path + (S_ISDIR(found.st_mode) ? ": a folder, not a file" : ": not a file"));
}

/// Looks at the first bytes of a file. Fails with errc::unavailable if it cannot be read, and as `check_is_file`.
[[nodiscard]] inline result<file_kind> look_at(std::string const& path) {
    if (auto file = check_is_file(path); !file) return std::unexpected(std::move(file.error()));
    constexpr std::string_view magic("SQLite format 3\0", 16);
    std::unique_ptr<std::FILE, int (*)(std::FILE*)> const file(std::fopen(path.c_str(), "rb"), &std::fclose);
    if (!file) {
        if (errno == ENOENT) return file_kind::absent;
        return fail(errc::unavailable, path + ": " + std::generic_category().message(errno));
    }
    char head[16];
    auto const size = std::fread(head, 1, sizeof head, file.get());
    if (std::ferror(file.get()) != 0) return fail(errc::unavailable, path + ": cannot be read");
    if (size == 0) return file_kind::absent;
    return std::string_view(head, size) == magic ? file_kind::sqlite : file_kind::foreign;
}

/// Sets a connection up that only reads.
[[nodiscard]] inline result<> set_up_reading(database const& db) {
    return db.run("PRAGMA busy_timeout=2000;PRAGMA trusted_schema=OFF;PRAGMA cell_size_check=ON");
}

/// A copy of a database as it is at one moment, which vanishes with its connection. Small ones are in memory, others in
/// the system's folder for temporary files.
[[nodiscard]] inline result<database> copy_of(database const& db) {
    auto copy = database::open("");
    if (!copy) return copy;
    auto* const backup = sqlite3_backup_init(copy->get(), "main", db.get(), "main");
    if (backup == nullptr) return std::unexpected(copy->failure(sqlite3_errcode(copy->get())));
    int const code = sqlite3_backup_step(backup, -1);
    sqlite3_backup_finish(backup);
    if (code != SQLITE_DONE) return std::unexpected(copy->failure(code));
    return copy;
}

/// What the file holds at this moment, to be read beside a server that may be writing. Fails as
/// `persistence_file::open` does.
[[nodiscard]] inline result<database> open_for_reading(std::string const& path) {
    auto const kind = look_at(path);
    if (!kind) return std::unexpected(kind.error());
    if (*kind == file_kind::absent) return fail(errc::unavailable, path + ": there is no such file");
    if (*kind == file_kind::foreign) return fail(errc::unsupported, path + ": not a file of this program");
    struct stat file{};
    if (::stat(path.c_str(), &file) == 0) {
        if (auto alone = check_only_name(path, file); !alone) return std::unexpected(std::move(alone.error()));
    }
    auto db = database::open(path, SQLITE_OPEN_READONLY);
    if (!db) return db;
    if (auto set = set_up_reading(*db); !set) return std::unexpected(std::move(set.error()));
    auto const current = identify(*db, path);
    if (!current) return std::unexpected(current.error());
    if (!*current) return fail(errc::unsupported, path + ": has no groups of this program");
    // A server cannot cut its log as long as somebody reads: whoever takes what is read may take long.
    if (auto copy = copy_of(*db); copy && set_up_reading(*copy)) return copy;
    // Both tables as they are at one moment.
    if (auto begun = db->run("BEGIN"); !begun) return std::unexpected(std::move(begun.error()));
    return db;
}

/// An open file and its lock, which must be there as long as something writes into the file. For one thread at a time.
class persistence_file {
public:
    /// Takes the lock. What the file holds is not looked at yet. Fails with errc::unavailable if another process has
    /// the file, if the folder takes no files, and as `check_is_file`.
    static result<persistence_file> claim(file_options options) {
        persistence_file claimed;
        claimed.given_ = options.path;
        if (options.vfs == nullptr) {
            auto real = real_path_of(options.path);
            if (!real) return std::unexpected(std::move(real.error()));
            options.path = *std::move(real);
            if (auto file = check_is_file(options.path); !file) return std::unexpected(std::move(file.error()));
        }
        if (options.lock) {
            auto lock = file_lock::take(options.path);
            if (!lock) return std::unexpected(std::move(lock.error()));
            claimed.lock_ = std::make_shared<file_lock>(*std::move(lock));
        }
        claimed.options_ = std::move(options);
        return claimed;
    }

    /// Of the file itself, if a symbolic link was given.
    [[nodiscard]] std::string const& path() const noexcept { return options_.path; }

    /// Opens the file, or makes it if there is none. Fails with errc::corrupt if it is damaged, errc::unsupported if it
    /// is of something else or of a later version, errc::unavailable if the system refuses.
    result<> open() {
        if (options_.vfs == nullptr && has_log_alone()) {
            return fail(errc::corrupt, path() + ": the file is gone, and its log " + path() + "-wal is there");
        }
        if (options_.vfs == nullptr && options_.lock) {
            auto lock = inode_lock::take(path());
            if (!lock) return std::unexpected(std::move(lock.error()));
            inode_lock_ = std::make_shared<inode_lock>(*std::move(lock));
        }
        // What a full disk needs to begin with.
        if (options_.vfs == nullptr) reserve_file(path() + "-reserve", options_.reserve).release();
        auto db = database::open(path(), SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, options_.vfs);
        if (!db) return std::unexpected(std::move(db.error()));
        // Until the file is known to be whole, nothing is written into it, not even what its log holds.
        sqlite3_db_config(db->get(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
        auto const current = identify(*db, path());
        if (!current) return std::unexpected(current.error());
        if (auto done = set_up(*db, options_.sync); !done) return done;
        if (!*current) {
            if (auto done = make_tables(*db); !done) return done;
        }
        db_ = *std::move(db);
        return {};
    }

    /// Examines the structure of the whole file. Fails with errc::corrupt. `go_on` is asked now and then, and may end
    /// it by false: then it fails with errc::unavailable.
    [[nodiscard]] result<> examine(std::function<bool()> go_on = {}) const {
        // Steps of a statement take less than a microsecond; where pages are examined, a step is a page.
        constexpr int steps_between_questions = 1000;
        auto check = db_.prepare("PRAGMA integrity_check(1)");
        if (!check) return std::unexpected(std::move(check.error()));
        if (go_on) sqlite3_progress_handler(db_.get(), steps_between_questions, ends, &go_on);
        auto const row = check->step();
        sqlite3_progress_handler(db_.get(), 0, nullptr, nullptr);
        if (!row && go_on && !go_on()) return fail(errc::unavailable, path() + ": the examination was ended");
        if (!row) return std::unexpected(row.error());
        auto const verdict = std::string(check->bytes(0));
        if (verdict != "ok") return fail(errc::corrupt, path() + ": " + verdict);
        return {};
    }

    /// Reads all groups into `target` (`basic_store`, or what has its `restore`), and examines them on the way. Fails
    /// with errc::corrupt for damage; then some of the groups are there. `go_on` hears of every group, and may end it
    /// by false: then it fails with errc::unavailable. With more than one thread, which `target` must allow, `go_on` is
    /// still called by one at a time.
    template <class Store>
    result<> restore(Store& target, std::function<bool(restore_progress const&)> const& go_on,
                     unsigned threads = 1) const {
        std::vector<database> more;
        while (more.size() + 1 < threads) {
            auto db = database::open(path(), SQLITE_OPEN_READWRITE, options_.vfs);
            auto const set = db ? set_up_reading(*db) : result<>(std::unexpected(db.error()));
            if (!set) return std::unexpected(set.error());
            sqlite3_db_config(db->get(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
            more.push_back(*std::move(db));
        }
        std::vector<database const*> all{&db_};
        for (auto const& db : more) all.push_back(&db);
        return restorer(target, path(), go_on).run(all);
    }

    /// Lets `fill(group_importer&)` put groups into the file, all or none if it fails, or if there were something in
    /// the file then that cannot be restored: errc::unsupported.
    template <class Fill>
    result<import_summary> import(Fill&& fill) {
        import_summary summary;
        auto const done = in_transaction([&]() -> result<> {
            if (auto upgraded = bring_up_to_date(db_); !upgraded) return upgraded;
            auto importer = group_importer::prepare(db_);
            if (!importer) return std::unexpected(std::move(importer.error()));
            if (auto filled = fill(*importer); !filled) return filled;
            summary = importer->summary();
            return check_restorable(db_);
        });
        if (!done) return std::unexpected(done.error());
        sqlite3_db_config(db_.get(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, nullptr);
        return summary;
    }

    /// What writes into the file from now on. Once; the file must be restored before. A file of an earlier version is
    /// brought up to date first, in one transaction.
    result<std::unique_ptr<keeper>> make_keeper() {
        auto const current = is_up_to_date(db_);
        if (!current) return std::unexpected(current.error());
        auto upgraded = *current ? result<>() : in_transaction([this] { return bring_up_to_date(db_); });
        if (!upgraded) return std::unexpected(std::move(upgraded.error()));
        keeper_options how{.sync = options_.sync,
                           .interval = options_.interval,
                           .checkpoint_pages = options_.checkpoint_pages,
                           .retry = options_.retry,
                           .in_place = {},
                           .reserve = {},
                           .warn = options_.warn};
        if (options_.vfs == nullptr) {
            auto file = file_identity::of(path());
            if (!file) return std::unexpected(std::move(file.error()));
            auto log = file_identity::of(path() + "-wal");
            if (!log) return std::unexpected(std::move(log.error()));
            auto given = file_identity::of(given_);
            if (!given) return std::unexpected(std::move(given.error()));
            bool const linked = given_ != path();
            how.in_place = [file = *std::move(file), log = *std::move(log), given = *std::move(given), linked,
                            lock = lock_, inode = inode_lock_]() -> result<> {
                if (auto there = file.check(); !there) return there;
                if (auto there = log.check(); !there) return there;
                if (auto there = linked ? given.check() : result<>(); !there) return there;
                return lock ? lock->renew() : result<>();
            };
            if (options_.reserve != 0) {
                how.reserve = std::make_unique<reserve_file>(path() + "-reserve", options_.reserve);
            }
        }
        sqlite3_db_config(db_.get(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, nullptr);
        return keeper::make(std::move(db_), std::move(how));
    }

    /// As `put_aside`.
    result<std::string> quarantine() {
        db_ = database();
        return put_aside(path());
    }

private:
    /// Lets `write` change the file, all or nothing if it fails.
    result<> in_transaction(std::function<result<>()> const& write) const {
        auto done = db_.run("BEGIN IMMEDIATE");
        if (done) done = write();
        if (done) done = db_.run("COMMIT");
        if (!done && db_.in_transaction()) [[maybe_unused]]
            auto const undone = db_.run("ROLLBACK");
        return done;
    }

    static int ends(void* go_on) { return (*static_cast<std::function<bool()>*>(go_on))() ? 0 : 1; }

    /// SQLite would drop such a log.
    [[nodiscard]] bool has_log_alone() const {
        std::error_code why;
        auto const log = std::filesystem::file_size(path() + "-wal", why);
        if (why || log == 0) return false;
        auto const file = std::filesystem::file_size(path(), why);
        return why ? why == std::errc::no_such_file_or_directory : file == 0;
    }

    file_options options_;
    std::string given_;  ///< the path as it was given
    std::shared_ptr<file_lock> lock_;
    std::shared_ptr<inode_lock> inode_lock_;  ///< open longer than the connection
    database db_;
};

}  // namespace pushgateway::journal::sqlite
