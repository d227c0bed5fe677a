#pragma once

/// \file
/// SQLite's connections and statements as objects, its failures as results.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include <sqlite3.h>

#include <pushgateway/base/error.hpp>

namespace pushgateway::journal::sqlite {

/// The kind of failure that an SQLite result code tells.
[[nodiscard]] constexpr errc kind_of(int code) noexcept {
    switch (code & 0xff) {
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB: return errc::corrupt;
        case SQLITE_TOOBIG: return errc::too_large;
        default: return errc::unavailable;
    }
}

/// A compiled statement. Parameters and columns count from 0.
class statement {
public:
    statement() = default;

    void bind(int at, std::int64_t value) noexcept { sqlite3_bind_int64(get(), at + 1, value); }
    void bind(int at, double value) noexcept { sqlite3_bind_double(get(), at + 1, value); }
    /// The text must stay where it is until `reset`.
    void bind(int at, std::string_view text) noexcept {
        sqlite3_bind_text64(get(), at + 1, text.data() == nullptr ? "" : text.data(), text.size(), SQLITE_STATIC,
                            SQLITE_UTF8);
    }
    void bind_blob(int at, std::string_view bytes) noexcept {
        sqlite3_bind_blob64(get(), at + 1, bytes.data() == nullptr ? "" : bytes.data(), bytes.size(), SQLITE_STATIC);
    }
    void bind_null(int at) noexcept { sqlite3_bind_null(get(), at + 1); }

    /// Goes to the next row; false if there is none. After a failure or the last row it is reset.
    result<bool> step() {
        int const code = sqlite3_step(get());
        if (code == SQLITE_ROW) return true;
        if (code == SQLITE_DONE) {
            sqlite3_reset(get());
            return false;
        }
        auto why = failure(code);
        sqlite3_reset(get());
        return std::unexpected(std::move(why));
    }

    /// Carries it out to its end.
    result<> run() {
        for (;;) {
            auto const row = step();
            if (!row) return std::unexpected(row.error());
            if (!*row) return {};
        }
    }

    void reset() noexcept { sqlite3_reset(get()); }

    /// The number of the row that was inserted last over this statement's connection.
    [[nodiscard]] std::int64_t inserted_id() const noexcept {
        return sqlite3_last_insert_rowid(sqlite3_db_handle(get()));
    }

    [[nodiscard]] std::int64_t integer(int column) const noexcept { return sqlite3_column_int64(get(), column); }
    [[nodiscard]] double real(int column) const noexcept { return sqlite3_column_double(get(), column); }
    [[nodiscard]] int type(int column) const noexcept { return sqlite3_column_type(get(), column); }
    /// Valid until the next step.
    [[nodiscard]] std::string_view bytes(int column) const noexcept {
        auto const* const data = static_cast<char const*>(sqlite3_column_blob(get(), column));
        return {data == nullptr ? "" : data, static_cast<std::size_t>(sqlite3_column_bytes(get(), column))};
    }

private:
    friend class database;
    struct finalize {
        void operator()(sqlite3_stmt* s) const noexcept { sqlite3_finalize(s); }
    };
    explicit statement(sqlite3_stmt* s) noexcept : handle_(s) {}

    [[nodiscard]] sqlite3_stmt* get() const noexcept { return handle_.get(); }
    [[nodiscard]] error failure(int code) const;

    std::unique_ptr<sqlite3_stmt, finalize> handle_;
};

/// A connection. For one thread at a time.
class database {
public:
    database() = default;

    /// Opens a file, and creates it if `flags` says so. `vfs`: the name of the file system layer, nullptr for the
    /// usual one.
    static result<database> open(std::string const& path, int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
                                 char const* vfs = nullptr) {
        sqlite3* handle = nullptr;
        int const code =
            sqlite3_open_v2(path.c_str(), &handle, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, vfs);
        database opened(handle);
        if (code != SQLITE_OK) return std::unexpected(opened.failure(code));
        return opened;
    }

    result<statement> prepare(std::string_view sql) const {
        sqlite3_stmt* handle = nullptr;
        int const code = sqlite3_prepare_v3(get(), sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT,
                                            &handle, nullptr);
        if (code != SQLITE_OK) return std::unexpected(failure(code));
        return statement(handle);
    }

    /// Carries out statements without parameters, and drops what they return.
    result<> run(std::string const& sql) const {
        int const code = sqlite3_exec(get(), sql.c_str(), nullptr, nullptr, nullptr);
        if (code != SQLITE_OK) return std::unexpected(failure(code));
        return {};
    }

    /// The first column of the first row, an integer; 0 if there is none.
    [[nodiscard]] result<std::int64_t> integer(std::string_view sql) const {
        auto query = prepare(sql);
        if (!query) return std::unexpected(std::move(query.error()));
        auto const row = query->step();
        if (!row) return std::unexpected(row.error());
        return *row ? query->integer(0) : 0;
    }

    [[nodiscard]] bool in_transaction() const noexcept { return sqlite3_get_autocommit(get()) == 0; }
    [[nodiscard]] sqlite3* get() const noexcept { return handle_.get(); }
    [[nodiscard]] explicit operator bool() const noexcept { return handle_ != nullptr; }

    /// The system's own number for the last failure; 0 if it had no part in it.
    [[nodiscard]] int system_error() const noexcept { return system_errno_of(get(), sqlite3_extended_errcode(get())); }

    /// What failed, in a sentence that names the file.
    [[nodiscard]] error failure(int code) const { return failure_of(get(), code); }

    static error failure_of(sqlite3* handle, int code) {
        std::string text;
        if (handle != nullptr) {
            if (auto const* name = sqlite3_db_filename(handle, "main"); name != nullptr && *name != '\0') {
                text = std::string(name) + ": ";
            }
        }
        text += sqlite3_errstr(code);
        std::string_view const more = handle == nullptr ? "" : sqlite3_errmsg(handle);
        if (!more.empty() && more != sqlite3_errstr(code) && sqlite3_errcode(handle) == code) {
            text += " (" + std::string(more) + ")";
        }
        // What failed on a file directly is unknown to the connection.
        bool const known = handle != nullptr && (sqlite3_errcode(handle) & 0xff) == (code & 0xff);
        auto const extended = known ? sqlite3_extended_errcode(handle) : code;
        if (int const number = handle == nullptr ? 0 : system_errno_of(handle, extended);
            number != 0 && (code & 0xff) != SQLITE_CORRUPT) {
            text += ": " + std::string(std::generic_category().message(number));
        }
        return {kind_of(extended), std::move(text), 0, 0, {}};
    }

private:
    /// What the system said. SQLite does not pass it on where a commit fails, but keeps it with the log.
    static int system_errno_of(sqlite3* handle, int code) noexcept {
        int number = sqlite3_system_errno(handle);
        if (number != 0 || (code & 0xff) != SQLITE_IOERR) return number;
        sqlite3_file* log = nullptr;
        int const got = sqlite3_file_control(handle, "main", SQLITE_FCNTL_JOURNAL_POINTER, static_cast<void*>(&log));
        if (got == SQLITE_OK && log != nullptr && log->pMethods != nullptr) {
            log->pMethods->xFileControl(log, SQLITE_FCNTL_LAST_ERRNO, &number);
        }
        return number;
    }

    struct close {
        void operator()(sqlite3* db) const noexcept { sqlite3_close_v2(db); }
    };
    explicit database(sqlite3* handle) noexcept : handle_(handle) {}

    std::unique_ptr<sqlite3, close> handle_;
};

inline error statement::failure(int code) const { return database::failure_of(sqlite3_db_handle(get()), code); }

}  // namespace pushgateway::journal::sqlite
