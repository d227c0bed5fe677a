#pragma once

/// \file
/// A disk in memory, under SQLite: counts what is done to it, fails when told to, and loses power.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <sqlite3.h>

namespace pushgateway::test {

/// A file system layer of SQLite of its own, registered as long as it lives.
class memory_disk {
public:
    explicit memory_disk(std::string name = "memory_disk") : name_(std::move(name)) {
        auto const* const usual = sqlite3_vfs_find(nullptr);
        vfs_ = *usual;
        vfs_.szOsFile = sizeof(handle);
        vfs_.pNext = nullptr;
        vfs_.zName = name_.c_str();
        vfs_.pAppData = this;
        vfs_.xOpen = open;
        vfs_.xDelete = remove;
        vfs_.xAccess = access;
        vfs_.xFullPathname = full_name;
        sqlite3_vfs_register(&vfs_, 0);
    }
    memory_disk(memory_disk const&) = delete;
    memory_disk& operator=(memory_disk const&) = delete;
    ~memory_disk() { sqlite3_vfs_unregister(&vfs_); }

    [[nodiscard]] char const* name() const noexcept { return name_.c_str(); }

    /// Lets the operation fail that comes after `good` further ones, and with `lasting` all behind it, until `heal`.
    void fail_after(std::uint64_t good, bool lasting) {
        std::scoped_lock const lock(mutex_);
        fail_at_ = operations_ + good;
        lasting_ = lasting;
    }
    void heal() {
        std::scoped_lock const lock(mutex_);
        fail_at_ = UINT64_MAX;
    }

    /// Lets a sync that fails also forget what it was to bring to the disk: it does not read as it was written any
    /// more. Otherwise it does, and is lost by a power cut all the same, unless it is written again.
    void forget_with_failed_syncs() {
        std::scoped_lock const lock(mutex_);
        forgetful_ = true;
    }

    /// How many bytes all files may take together.
    void set_capacity(std::size_t bytes) {
        std::scoped_lock const lock(mutex_);
        capacity_ = bytes;
    }
    [[nodiscard]] std::size_t used() const {
        std::scoped_lock const lock(mutex_);
        return used_bytes();
    }

    /// Lets it look as if another connection went on reading what the log held last.
    void hold_reader() {
        std::scoped_lock const lock(mutex_);
        read_ = true;
    }
    void release_reader() {
        std::scoped_lock const lock(mutex_);
        read_ = false;
    }

    /// True if a power cut would take nothing of a file.
    [[nodiscard]] bool synced(std::string const& path) const {
        std::scoped_lock const lock(mutex_);
        return files_.at(path)->durable == files_.at(path)->current;
    }

    /// How many operations failed, and how many there were: opening, writing, cutting, syncing, deleting.
    [[nodiscard]] std::uint64_t failed() const {
        std::scoped_lock const lock(mutex_);
        return failed_;
    }
    [[nodiscard]] std::uint64_t operations() const {
        std::scoped_lock const lock(mutex_);
        return operations_;
    }

    /// What is not synced is lost, all or in parts, sector by sector. Nothing may be open any more, or be used again.
    void lose_power(std::mt19937& random) {
        std::scoped_lock const lock(mutex_);
        auto const luck = random() % 3;  // none, all, or some of it is on the disk
        for (auto& [name, f] : files_) {
            auto survived = f->durable;
            for (auto const& op : f->unsynced) {
                if (luck == 0) break;
                if (op.cut) {
                    if (luck == 1 || random() % 2 == 0) survived.resize(op.at);
                    continue;
                }
                for (std::size_t from = 0; from < op.bytes.size(); from += sector) {
                    if (luck == 2 && random() % 2 == 0) continue;
                    auto const size = std::min(sector, op.bytes.size() - from);
                    if (survived.size() < op.at + from + size) survived.resize(op.at + from + size);
                    survived.replace(op.at + from, size, op.bytes, from, size);
                }
            }
            f = std::make_shared<file>();
            f->current = f->durable = std::move(survived);
        }
    }

    /// The bytes of a file.
    [[nodiscard]] std::string& bytes(std::string const& path) { return files_.at(path)->current; }
    [[nodiscard]] bool exists(std::string const& path) const { return files_.contains(path); }
    void put(std::string const& path, std::string bytes) {
        auto f = std::make_shared<file>();
        f->current = std::move(bytes);
        f->durable = f->current;
        files_[path] = std::move(f);
    }
    void clear() { files_.clear(); }

private:
    static constexpr std::size_t sector = 512;

    struct operation {
        std::size_t at;
        std::string bytes;
        bool cut;
    };
    struct file {
        std::string current;
        std::string durable;
        std::vector<operation> unsynced;
        std::vector<std::unique_ptr<std::vector<char>>> shared_memory;
    };
    struct handle {
        sqlite3_file base;
        memory_disk* disk;
        std::shared_ptr<file>* of;
    };

    std::size_t used_bytes() const {
        std::size_t sum = 0;
        for (auto const& [name, f] : files_) sum += f->current.size();
        return sum;
    }

    static memory_disk& disk_of(sqlite3_vfs* vfs) { return *static_cast<memory_disk*>(vfs->pAppData); }
    static handle& of(sqlite3_file* f) { return *reinterpret_cast<handle*>(f); }
    static file& content(sqlite3_file* f) { return **of(f).of; }

    /// Counts an operation; true if it is to fail.
    bool fails() {
        auto const now = operations_++;
        bool const does = lasting_ ? now >= fail_at_ : now == fail_at_;
        failed_ += does ? 1 : 0;
        return does;
    }

    static int open(sqlite3_vfs* vfs, char const* path, sqlite3_file* out, int flags, int* out_flags) {
        auto& disk = disk_of(vfs);
        std::scoped_lock const lock(disk.mutex_);
        out->pMethods = nullptr;
        if (disk.fails()) return SQLITE_CANTOPEN;
        std::string const name = path == nullptr ? "" : path;
        auto at = name.empty() ? disk.files_.end() : disk.files_.find(name);
        std::shared_ptr<file> found;
        if (at != disk.files_.end()) {
            found = at->second;
        } else {
            if ((flags & SQLITE_OPEN_CREATE) == 0) return SQLITE_CANTOPEN;
            found = std::make_shared<file>();
            if (!name.empty()) disk.files_[name] = found;
        }
        of(out).disk = &disk;
        of(out).of = new std::shared_ptr<file>(std::move(found));
        out->pMethods = &methods;
        if (out_flags != nullptr) *out_flags = flags;
        return SQLITE_OK;
    }

    static int remove(sqlite3_vfs* vfs, char const* path, int) {
        auto& disk = disk_of(vfs);
        std::scoped_lock const lock(disk.mutex_);
        if (disk.fails()) return SQLITE_IOERR_DELETE;
        return disk.files_.erase(path) == 0 ? SQLITE_IOERR_DELETE_NOENT : SQLITE_OK;
    }

    static int access(sqlite3_vfs* vfs, char const* path, int flags, int* out) {
        auto& disk = disk_of(vfs);
        std::scoped_lock const lock(disk.mutex_);
        auto const at = disk.files_.find(path);
        *out = at != disk.files_.end() && (flags != SQLITE_ACCESS_EXISTS || !at->second->current.empty()) ? 1 : 0;
        return SQLITE_OK;
    }

    static int full_name(sqlite3_vfs*, char const* path, int size, char* out) {
        sqlite3_snprintf(size, out, "%s", path);
        return SQLITE_OK;
    }

    static int close(sqlite3_file* f) {
        delete of(f).of;
        return SQLITE_OK;
    }

    static int read(sqlite3_file* f, void* out, int size, sqlite3_int64 from) {
        std::scoped_lock const lock(of(f).disk->mutex_);
        auto const& bytes = content(f).current;
        auto const at = static_cast<std::size_t>(from);
        auto const wanted = static_cast<std::size_t>(size);
        auto const there = at >= bytes.size() ? 0 : std::min(wanted, bytes.size() - at);
        if (there != 0) std::memcpy(out, bytes.data() + at, there);
        if (there == wanted) return SQLITE_OK;
        std::memset(static_cast<char*>(out) + there, 0, wanted - there);
        return SQLITE_IOERR_SHORT_READ;
    }

    static int write(sqlite3_file* f, void const* from, int size, sqlite3_int64 to) {
        auto& disk = *of(f).disk;
        std::scoped_lock const lock(disk.mutex_);
        bool const fails = disk.fails();
        auto& bytes = content(f);
        auto const at = static_cast<std::size_t>(to);
        // A write that fails may have written some of it.
        std::string written(static_cast<char const*>(from), static_cast<std::size_t>(size) / (fails ? 2 : 1));
        auto const grows = at + written.size() - std::min(bytes.current.size(), at + written.size());
        if (grows != 0 && disk.used_bytes() + grows > disk.capacity_) return SQLITE_FULL;
        if (bytes.current.size() < at + written.size()) bytes.current.resize(at + written.size());
        bytes.current.replace(at, written.size(), written);
        bytes.unsynced.push_back({at, std::move(written), false});
        if (!fails) return SQLITE_OK;
        return disk.operations_ % 2 == 0 ? SQLITE_FULL : SQLITE_IOERR_WRITE;
    }

    static int truncate(sqlite3_file* f, sqlite3_int64 size) {
        auto& disk = *of(f).disk;
        std::scoped_lock const lock(disk.mutex_);
        if (disk.fails()) return SQLITE_IOERR_TRUNCATE;
        content(f).current.resize(static_cast<std::size_t>(size));
        content(f).unsynced.push_back({static_cast<std::size_t>(size), {}, true});
        return SQLITE_OK;
    }

    static int sync(sqlite3_file* f, int) {
        auto& disk = *of(f).disk;
        std::scoped_lock const lock(disk.mutex_);
        auto& bytes = content(f);
        auto const unsynced = std::exchange(bytes.unsynced, {});
        if (disk.fails()) {
            if (disk.forgetful_) bytes.current = bytes.durable;
            return SQLITE_IOERR_FSYNC;
        }
        for (auto const& op : unsynced) {
            if (op.cut || bytes.durable.size() < op.at + op.bytes.size()) {
                bytes.durable.resize(op.cut ? op.at : op.at + op.bytes.size());
            }
            bytes.durable.replace(op.at, op.bytes.size(), op.bytes);
        }
        return SQLITE_OK;
    }

    static int size_of(sqlite3_file* f, sqlite3_int64* out) {
        std::scoped_lock const lock(of(f).disk->mutex_);
        *out = static_cast<sqlite3_int64>(content(f).current.size());
        return SQLITE_OK;
    }

    // One process, one connection at a time: nobody to be kept away.
    static int lock(sqlite3_file*, int) { return SQLITE_OK; }
    static int is_reserved(sqlite3_file*, int* out) {
        *out = 0;
        return SQLITE_OK;
    }
    static int control(sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; }
    static int sector_size(sqlite3_file*) { return static_cast<int>(sector); }
    static int characteristics(sqlite3_file*) { return 0; }

    static int map_shared(sqlite3_file* f, int region, int size, int, void volatile** out) {
        auto& all = content(f).shared_memory;
        while (all.size() <= static_cast<std::size_t>(region)) {
            all.push_back(std::make_unique<std::vector<char>>(static_cast<std::size_t>(size)));
        }
        *out = all[static_cast<std::size_t>(region)]->data();
        return SQLITE_OK;
    }
    static int lock_shared(sqlite3_file* f, int at, int, int flags) {
        constexpr int first_reader = 4;
        std::scoped_lock const lock(of(f).disk->mutex_);
        bool const exclusive = (flags & SQLITE_SHM_LOCK) != 0 && (flags & SQLITE_SHM_EXCLUSIVE) != 0;
        return exclusive && at == first_reader && of(f).disk->read_ ? SQLITE_BUSY : SQLITE_OK;
    }
    static void barrier(sqlite3_file*) {}
    static int unmap_shared(sqlite3_file* f, int gone) {
        if (gone != 0) content(f).shared_memory.clear();
        return SQLITE_OK;
    }

    static constexpr sqlite3_io_methods methods{
        2,           close,   read,        write,           truncate,   sync,        size_of, lock,         lock,
        is_reserved, control, sector_size, characteristics, map_shared, lock_shared, barrier, unmap_shared, nullptr,
        nullptr};

    std::string name_;
    sqlite3_vfs vfs_{};
    mutable std::mutex mutex_;
    std::map<std::string, std::shared_ptr<file>> files_;
    std::uint64_t operations_ = 0;
    std::uint64_t fail_at_ = UINT64_MAX;
    std::uint64_t failed_ = 0;
    std::size_t capacity_ = SIZE_MAX;
    bool lasting_ = false;
    bool read_ = false;
    bool forgetful_ = false;
};

}  // namespace pushgateway::test
