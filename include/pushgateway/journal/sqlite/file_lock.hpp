#pragma once

/// \file
/// Keeps a second process from a file.

#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <pushgateway/base/error.hpp>

namespace pushgateway::journal::sqlite {

/// A lock on a file of its own beside the one that it guards, which may be renamed meanwhile. The system drops it with
/// the process. The file stays there, empty.
class file_lock {
public:
    /// Fails with errc::unavailable if somebody has it, or if the file cannot be made.
    static result<file_lock> take(std::string const& guarded) {
        auto const path = guarded + "-lock";
        file_lock lock(guarded, ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
        if (lock.descriptor_ < 0) {
            return fail(errc::unavailable, path + ": " + std::generic_category().message(errno));
        }
        if (::flock(lock.descriptor_, LOCK_EX | LOCK_NB) != 0) {
            return fail(errc::unavailable, errno == EWOULDBLOCK ? guarded + ": another process is using this file"
                                                                : path + ": " + std::generic_category().message(errno));
        }
        return lock;
    }

    /// Takes it anew if its file has been removed meanwhile: then it keeps nobody away. Fails as `take`.
    result<> renew() {
        struct stat mine{};
        struct stat there{};
        bool const same = ::fstat(descriptor_, &mine) == 0 && ::stat((guarded_ + "-lock").c_str(), &there) == 0 &&
                          mine.st_dev == there.st_dev && mine.st_ino == there.st_ino;
        if (same) return {};
        auto again = take(guarded_);
        if (!again) return std::unexpected(std::move(again.error()));
        *this = *std::move(again);
        return {};
    }

    file_lock() = default;
    file_lock(file_lock&& other) noexcept
        : guarded_(std::move(other.guarded_)), descriptor_(std::exchange(other.descriptor_, -1)) {}
    file_lock& operator=(file_lock&& other) noexcept {
        std::swap(guarded_, other.guarded_);
        std::swap(descriptor_, other.descriptor_);
        return *this;
    }
    ~file_lock() {
        if (descriptor_ >= 0) ::close(descriptor_);
    }

private:
    file_lock(std::string guarded, int descriptor) noexcept : guarded_(std::move(guarded)), descriptor_(descriptor) {}

    std::string guarded_;
    int descriptor_ = -1;
};

}  // namespace pushgateway::journal::sqlite
