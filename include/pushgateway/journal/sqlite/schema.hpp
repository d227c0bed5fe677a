#pragma once

/// \file
/// The tables of the file and its marks. Described in spec/persistence.md.

#include <cstdint>
#include <string>
#include <string_view>

#include <pushgateway/base/error.hpp>
#include <pushgateway/journal/sqlite/database.hpp>

namespace pushgateway::journal::sqlite {

/// What `PRAGMA application_id` says of a file of this project: "PUSH".
inline constexpr std::int64_t application_id = 0x50555348;
/// What `PRAGMA user_version` says of a file with these tables.
inline constexpr std::int64_t schema_version = 2;
/// The same of the first ones, which had no columns `lifetime`, `merge` and `extras`.
inline constexpr std::int64_t first_schema_version = 1;

inline constexpr std::string_view schema = R"sql(
CREATE TABLE groups (
  id INTEGER PRIMARY KEY,
  labels TEXT NOT NULL UNIQUE,
  push_time REAL NOT NULL,
  pushed_at INTEGER NOT NULL,
  push_failure_time REAL NOT NULL,
  failed_at INTEGER NOT NULL,
  crc32 INTEGER NOT NULL,
  lifetime INTEGER NOT NULL DEFAULT 0,
  merge INTEGER NOT NULL DEFAULT 0,
  extras BLOB NOT NULL DEFAULT x''
);
CREATE TABLE families (
  group_id INTEGER NOT NULL,
  name TEXT NOT NULL,
  part INTEGER NOT NULL,
  type TEXT NOT NULL,
  help TEXT,
  pushed_at INTEGER NOT NULL,
  metrics BLOB NOT NULL,
  crc32 INTEGER NOT NULL,
  PRIMARY KEY (group_id, name, part)
) WITHOUT ROWID;
CREATE TABLE probes (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  number INTEGER NOT NULL
);
)sql";

/// Looks at the marks of a file, without changing it: true if it has tables, of this version or of an earlier one,
/// false if it has none. Fails with errc::unsupported for a file of something else or of a later version.
[[nodiscard]] inline result<bool> identify(database const& db, std::string const& path) {
    auto const id = db.integer("PRAGMA application_id");
    if (!id) return std::unexpected(id.error());
    auto const version = db.integer("PRAGMA user_version");
    if (!version) return std::unexpected(version.error());
    auto const tables = db.integer("SELECT count(*) FROM sqlite_schema");
    if (!tables) return std::unexpected(tables.error());
    if (*id == application_id && *version >= first_schema_version && *version <= schema_version) return true;
    if (*id == application_id && *version > schema_version) {
        return fail(errc::unsupported, path + ": written by a later version of this program (schema " +
                                           std::to_string(*version) + ", known is " + std::to_string(schema_version) +
                                           ")");
    }
    if (*id != 0 || *version != 0 || *tables != 0) {
        return fail(errc::unsupported, path + ": a database of another program");
    }
    return false;
}

/// Makes the tables of an empty file, in one transaction.
[[nodiscard]] inline result<> make_tables(database const& db) {
    return db.run("BEGIN IMMEDIATE;" + std::string(schema) + "PRAGMA application_id=" + std::to_string(application_id) +
                  ";PRAGMA user_version=" + std::to_string(schema_version) + ";COMMIT");
}

/// True if the tables are those of this version.
[[nodiscard]] inline result<bool> is_up_to_date(database const& db) {
    auto const version = db.integer("PRAGMA user_version");
    if (!version) return std::unexpected(version.error());
    return *version == schema_version;
}

/// Gives the tables of an earlier version what they lack. Rows stay as they are: what is new has a default that says
/// nothing. Within a transaction of its user.
[[nodiscard]] inline result<> bring_up_to_date(database const& db) {
    auto const done = is_up_to_date(db);
    if (!done) return std::unexpected(done.error());
    if (*done) return {};
    // Who went back to the program before has set the version, but not taken the columns away.
    auto const there = db.integer("SELECT count(*) FROM pragma_table_info('groups') WHERE name = 'extras'");
    if (!there) return std::unexpected(there.error());
    std::string steps;
    if (*there == 0) {
        for (std::string const column : {"lifetime INTEGER NOT NULL DEFAULT 0", "merge INTEGER NOT NULL DEFAULT 0",
                                         "extras BLOB NOT NULL DEFAULT x''"}) {
            steps += "ALTER TABLE groups ADD COLUMN " + column + ';';
        }
    }
    return db.run(steps + "PRAGMA user_version=" + std::to_string(schema_version));
}

}  // namespace pushgateway::journal::sqlite
