#pragma once

/// \file
/// Space on a disk for those changes that free some: without it nothing could be deleted from a full disk.

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace pushgateway::journal::sqlite {

/// Space that is kept from others until it is needed. For one thread at a time.
class space_reserve {
public:
    space_reserve() = default;
    space_reserve(space_reserve const&) = delete;
    space_reserve& operator=(space_reserve const&) = delete;
    virtual ~space_reserve() = default;

    /// Gives the space back to the disk; false if there was none.
    virtual bool release() = 0;
    /// Takes the space again, or as much of it as there is. How much that is, in bytes.
    virtual std::size_t refill() = 0;
    /// All that there may be, in bytes.
    [[nodiscard]] virtual std::size_t size() const noexcept = 0;
};

/// Space that a file takes up. The file stays when this ends; one that is there already is emptied by the first
/// `release`.
class reserve_file final : public space_reserve {
public:
    /// `size` in bytes.
    reserve_file(std::string path, std::size_t size) : path_(std::move(path)), size_(size) {}
    ~reserve_file() override { close(); }

    bool release() override {
        if (!open(O_RDWR)) return false;
        struct stat now{};
        bool const had = ::fstat(descriptor_, &now) == 0 && now.st_blocks != 0;
        return ::ftruncate(descriptor_, 0) == 0 && had;
    }

    std::size_t refill() override {
        // It may have been removed meanwhile.
        close();
        if (!open(O_RDWR | O_CREAT)) return 0;
        for (auto size = size_; size >= least; size /= 2) {
            if (take(size)) return size;
            // Some of it may have been taken.
            if (::ftruncate(descriptor_, 0) != 0) return 0;
        }
        return 0;
    }

    [[nodiscard]] std::size_t size() const noexcept override { return size_; }

private:
    static constexpr std::size_t least = std::size_t{64} << 10;

    bool open(int flags) {
        if (descriptor_ < 0) descriptor_ = ::open(path_.c_str(), flags | O_CLOEXEC, 0600);
        return descriptor_ >= 0;
    }
    void close() {
        if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
    }

    bool take(std::size_t size) {
        auto const bytes = static_cast<off_t>(size);
        if (::fallocate(descriptor_, 0, 0, bytes) == 0) return true;
        if (errno != EOPNOTSUPP && errno != ENOSYS) return false;
        std::vector<char> const zeros(least);
        for (std::size_t at = 0; at < size; at += zeros.size()) {
            auto const piece = std::min(zeros.size(), size - at);
            if (::pwrite(descriptor_, zeros.data(), piece, static_cast<off_t>(at)) != static_cast<ssize_t>(piece)) {
                return false;
            }
        }
        return true;
    }

    std::string path_;
    std::size_t size_;
    int descriptor_ = -1;
};

}  // namespace pushgateway::journal::sqlite
