#pragma once

/// \file
/// How changes are written into an SQLite file: the settings of a connection and of what writes over it.

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include <pushgateway/base/error.hpp>
#include <pushgateway/journal/sqlite/database.hpp>
#include <pushgateway/journal/sqlite/space_reserve.hpp>

namespace pushgateway::journal::sqlite {

/// When a change counts as kept.
enum class sync_mode : std::uint8_t {
    always,    ///< when it is on the disk: it outlives a power cut
    interval,  ///< when the operating system has it: it outlives the process; on the disk at most an interval later
    off,       ///< when the operating system has it; a power cut may damage the file
};

/// How long somebody who is in the way is waited for.
inline constexpr std::chrono::milliseconds busy_timeout{2000};

/// Sets a connection up for this project's way of writing.
[[nodiscard]] inline result<> set_up(database const& db, sync_mode sync) {
    std::string const level = sync == sync_mode::always ? "FULL" : sync == sync_mode::interval ? "NORMAL" : "OFF";
    // Checkpoints are made between batches, when nobody waits. Some build SQLite so that what is deleted is
    // overwritten: then a wipe would write as much as there is.
    return db.run("PRAGMA busy_timeout=" + std::to_string(busy_timeout.count()) +
                  ";PRAGMA trusted_schema=OFF;PRAGMA cell_size_check=ON;PRAGMA journal_mode=WAL;"
                  "PRAGMA wal_autocheckpoint=0;PRAGMA secure_delete=OFF;PRAGMA synchronous=" +
                  level);
}

/// How a keeper keeps.
struct keeper_options {
    sync_mode sync = sync_mode::always;
    /// For `sync_mode::interval`.
    std::chrono::milliseconds interval = std::chrono::minutes(5);
    /// The size of the log, in pages, from which on it is moved into the tables. The file of the log is cut when it has
    /// become larger than twice that.
    int checkpoint_pages = 4096;
    /// After which time something is tried again that could not be done.
    std::chrono::milliseconds retry = std::chrono::seconds(1);
    /// Asked in every transaction, which fails if it does.
    std::function<result<>()> in_place = {};
    /// For changes that free space on a full disk; may be null.
    std::unique_ptr<space_reserve> reserve = {};
    /// Told what an operator should know, in a sentence.
    std::function<void(std::string_view)> warn = {};
};

}  // namespace pushgateway::journal::sqlite
