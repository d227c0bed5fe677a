#pragma once

/// \file
/// The log of a database as SQLite has it open: its size, its checksums, and what to do after a sync of it has failed.
/// The format is that of https://www.sqlite.org/fileformat.html#the_write_ahead_log and
/// https://www.sqlite.org/walformat.html.

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <sqlite3.h>

#include <pushgateway/base/error.hpp>
#include <pushgateway/journal/sqlite/database.hpp>

namespace pushgateway::journal::sqlite {

namespace detail {

[[nodiscard]] inline std::uint32_t big_endian(unsigned char const* at) noexcept {
    return std::uint32_t{at[0]} << 24 | std::uint32_t{at[1]} << 16 | std::uint32_t{at[2]} << 8 | at[3];
}
[[nodiscard]] inline std::uint32_t little_endian(unsigned char const* at) noexcept {
    return std::uint32_t{at[3]} << 24 | std::uint32_t{at[2]} << 16 | std::uint32_t{at[1]} << 8 | at[0];
}

/// The checksum of a log, which goes on from frame to frame.
struct log_checksum {
    bool big = false;  ///< in which byte order words are read
    std::uint32_t a = 0;
    std::uint32_t b = 0;

    /// `size` is a multiple of 8.
    void add(unsigned char const* at, std::size_t size) noexcept {
        for (auto const* const end = at + size; at != end; at += 8) {
            a += (big ? big_endian(at) : little_endian(at)) + b;
            b += (big ? big_endian(at + 4) : little_endian(at + 4)) + a;
        }
    }
    [[nodiscard]] bool is(unsigned char const* at) const noexcept {
        return big_endian(at) == a && big_endian(at + 4) == b;
    }
};

}  // namespace detail

/// The log of a connection. For one thread at a time, with the connection.
class log_file {
public:
    explicit log_file(database const& db) noexcept : db_(&db) {}

    /// In bytes; 0 if there is none.
    [[nodiscard]] std::int64_t size() const noexcept {
        auto* const log = file(SQLITE_FCNTL_JOURNAL_POINTER);
        sqlite3_int64 bytes = 0;
        if (log == nullptr || log->pMethods->xFileSize(log, &bytes) != SQLITE_OK) return 0;
        return bytes;
    }

    /// Brings it to the disk.
    [[nodiscard]] result<> sync() const {
        auto* const log = file(SQLITE_FCNTL_JOURNAL_POINTER);
        int const code = log == nullptr ? SQLITE_OK : log->pMethods->xSync(log, SQLITE_SYNC_NORMAL);
        if (code != SQLITE_OK) return std::unexpected(db_->failure(code));
        return {};
    }

    /// After a sync has failed, the system may have dropped what was to be synced, and the next sync succeeds all the
    /// same. Writes the log once more, syncs it, and lets the next checkpoint move all of it, also what was moved into
    /// the file before. Nobody else may write meanwhile. Fails with errc::corrupt if the log does not read any more as
    /// it was written.
    [[nodiscard]] result<> write_again() const {
        auto* const log = file(SQLITE_FCNTL_JOURNAL_POINTER);
        auto* const main = file(SQLITE_FCNTL_FILE_POINTER);
        if (log == nullptr || main == nullptr) return {};
        char volatile* index = nullptr;
        if (int const code = index_of(main, index); code != SQLITE_OK) return std::unexpected(db_->failure(code));
        // What lies behind these belongs to a change that was refused.
        std::size_t const frames = index == nullptr ? 0 : *word(index, committed_frames);
        std::size_t sound = 0;
        auto const rest = static_cast<std::size_t>(size());
        int code = for_each_sound_frame(
            [log, rest](std::size_t at, std::span<unsigned char> out) {
                if (at + out.size() > rest) return SQLITE_IOERR_SHORT_READ;
                return log->pMethods->xRead(log, out.data(), static_cast<int>(out.size()), offset(at));
            },
            [log, frames, &sound](std::size_t at, std::span<unsigned char const> bytes) {
                if (sound == frames) return SQLITE_DONE;
                sound += at == 0 ? 0 : 1;
                return log->pMethods->xWrite(log, bytes.data(), static_cast<int>(bytes.size()), offset(at));
            });
        if (code == SQLITE_DONE) code = SQLITE_OK;
        if (code != SQLITE_OK) return std::unexpected(db_->failure(code));
        if (sound < frames) {
            return fail(errc::corrupt,
                        std::string(sqlite3_db_filename(db_->get(), "main")) +
                            "-wal: the disk has lost changes that it had taken; they are in memory: copy "
                            "them by pushgateway import into another file");
        }
        code = log->pMethods->xSync(log, SQLITE_SYNC_NORMAL);
        if (code == SQLITE_OK && index != nullptr) code = forget_moved(main, index);
        if (code != SQLITE_OK) return std::unexpected(db_->failure(code));
        return {};
    }

    /// Reads the header of a log and its frames by `read(offset, span)`, which returns a code of SQLite, as far as they
    /// are what was written, and gives each to `visit(offset, span)`, which does the same. The code of the first
    /// failure that is not the end of the log.
    template <class Read, class Visit>
    [[nodiscard]] static int for_each_sound_frame(Read&& read, Visit&& visit) {
        constexpr std::size_t frame_header_size = 24;
        std::array<unsigned char, 32> header{};
        if (int const code = read(0, std::span(header)); code != SQLITE_OK) return end_of_log(code);
        auto const magic = detail::big_endian(header.data());
        auto const page = std::size_t{detail::big_endian(header.data() + 8)};
        if ((magic & ~1U) != 0x377f0682 || page < 512 || page > 65536) return SQLITE_OK;
        detail::log_checksum sum{(magic & 1) != 0};
        sum.add(header.data(), 24);
        if (!sum.is(header.data() + 24)) return SQLITE_OK;
        if (int const code = visit(0, std::span(header)); code != SQLITE_OK) return code;
        std::vector<unsigned char> frame(frame_header_size + page);
        for (auto at = header.size();; at += frame.size()) {
            if (int const code = read(at, std::span(frame)); code != SQLITE_OK) return end_of_log(code);
            if (std::memcmp(frame.data() + 8, header.data() + 16, 8) != 0) return SQLITE_OK;
            sum.add(frame.data(), 8);
            sum.add(frame.data() + frame_header_size, page);
            if (!sum.is(frame.data() + 16)) return SQLITE_OK;
            if (int const code = visit(at, std::span(frame)); code != SQLITE_OK) return code;
        }
    }

private:
    [[nodiscard]] static sqlite3_int64 offset(std::size_t at) noexcept { return static_cast<sqlite3_int64>(at); }
    [[nodiscard]] static int end_of_log(int code) noexcept {
        return code == SQLITE_IOERR_SHORT_READ ? SQLITE_OK : code;
    }

    [[nodiscard]] sqlite3_file* file(int which) const noexcept {
        sqlite3_file* out = nullptr;
        int const code = sqlite3_file_control(db_->get(), "main", which, static_cast<void*>(&out));
        return code == SQLITE_OK && out != nullptr && out->pMethods != nullptr ? out : nullptr;
    }

    /// Where the words of the index are that are of interest here: mxFrame and nBackfill.
    static constexpr std::size_t committed_frames = 16;
    static constexpr std::size_t moved_frames = 96;

    [[nodiscard]] static std::uint32_t volatile* word(char volatile* index, std::size_t at) noexcept {
        return reinterpret_cast<std::uint32_t volatile*>(index + at);
    }

    /// The first region of the index of the log; null if there is none.
    [[nodiscard]] static int index_of(sqlite3_file* main, char volatile*& out) noexcept {
        constexpr int region_size = 32768;
        void volatile* region = nullptr;
        if (main->pMethods->iVersion < 2) return SQLITE_OK;
        int const code = main->pMethods->xShmMap(main, 0, region_size, 0, &region);
        out = static_cast<char volatile*>(region);
        return code;
    }

    /// Notes that nothing of the log is in the file yet.
    [[nodiscard]] static int forget_moved(sqlite3_file* main, char volatile* index) noexcept {
        constexpr int checkpoint_lock = 1;
        auto const* const methods = main->pMethods;
        int const code = methods->xShmLock(main, checkpoint_lock, 1, SQLITE_SHM_LOCK | SQLITE_SHM_EXCLUSIVE);
        if (code != SQLITE_OK) return code;
        *word(index, moved_frames) = 0;
        methods->xShmBarrier(main);
        return methods->xShmLock(main, checkpoint_lock, 1, SQLITE_SHM_UNLOCK | SQLITE_SHM_EXCLUSIVE);
    }

    database const* db_;
};

}  // namespace pushgateway::journal::sqlite
