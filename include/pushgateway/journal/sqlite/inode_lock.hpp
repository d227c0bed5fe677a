#pragma once

/// \file
/// Keeps a second process from a database that it finds under another name.

#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <pushgateway/base/error.hpp>

namespace pushgateway::journal::sqlite {

/// Fails with errc::unavailable if a file has more than one name (hard links): SQLite has a log beside each, and who
/// opens the file under another name does not see what is in the log.
[[nodiscard]] inline result<> check_only_name(std::string const& path, struct stat const& file) {
    if (file.st_nlink < 2) return {};
    return fail(errc::unavailable, path + ": the file has " + std::to_string(file.st_nlink) +
                                       " names (hard links), and a log beside one of them: remove the others, or copy "
                                       "the file instead");
}

/// A lock on the file itself, whatever its name is; the system drops it with the process. It must be there before
/// SQLite opens the file, and longer than SQLite has it open: to close any descriptor of a file drops SQLite's locks.
class inode_lock {
public:
    /// Makes the file if there is none. Fails with errc::unavailable if it cannot be written, if somebody has the lock,
    /// and as `check_only_name`.
    static result<inode_lock> take(std::string const& path) {
        inode_lock lock(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
        struct stat file{};
        if (lock.descriptor_ < 0 || ::fstat(lock.descriptor_, &file) != 0) return failure(path);
        if (!S_ISREG(file.st_mode)) return fail(errc::unavailable, path + ": not a file");
        if (auto alone = check_only_name(path, file); !alone) return std::unexpected(std::move(alone.error()));
        // Beyond what SQLite locks. Of this kind: SQLite's own locks are of the process, and would take part.
        struct flock range{};
        range.l_type = F_WRLCK;
        range.l_whence = SEEK_SET;
        range.l_start = 0x7fff'ffff'ffff'0000;
        range.l_len = 1;
        if (::fcntl(lock.descriptor_, F_OFD_SETLK, &range) == 0) return lock;
        if (errno == EAGAIN || errno == EACCES) {
            return fail(errc::unavailable, path + ": another process is using this file, under another name");
        }
        // A system without such locks: the name alone is locked.
        if (errno == EINVAL || errno == ENOSYS) return lock;
        return failure(path);
    }

    inode_lock(inode_lock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
    inode_lock& operator=(inode_lock&& other) noexcept {
        std::swap(descriptor_, other.descriptor_);
        return *this;
    }
    ~inode_lock() {
        if (descriptor_ >= 0) ::close(descriptor_);
    }

private:
    explicit inode_lock(int descriptor) noexcept : descriptor_(descriptor) {}

    static result<inode_lock> failure(std::string const& path) {
        return fail(errc::unavailable, path + ": " + std::generic_category().message(errno));
    }

    int descriptor_;
};

}  // namespace pushgateway::journal::sqlite
