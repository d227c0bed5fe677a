#pragma once

/// \file
/// Finds out whether a file has changed without reading it.

#include <cstdint>
#include <string>

#include <sys/stat.h>

namespace pushgateway::http {

/// What the file system says about a file. Two stamps are equal if nothing was written between them: not to the file,
/// and not in its place (as when a mounted secret is renewed, which exchanges a symbolic link on the way).
struct file_stamp {
    bool exists = false;
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    std::int64_t size = 0;
    std::int64_t modified = 0;  ///< nanoseconds
    std::int64_t changed = 0;   ///< nanoseconds

    /// Takes about a microsecond.
    [[nodiscard]] static file_stamp of(std::string const& path) noexcept {
        struct stat info{};
        if (::stat(path.c_str(), &info) != 0) return {};
        auto const nanoseconds = [](timespec const& t) { return std::int64_t{t.tv_sec} * 1'000'000'000 + t.tv_nsec; };
        return {true, info.st_dev, info.st_ino, info.st_size, nanoseconds(info.st_mtim), nanoseconds(info.st_ctim)};
    }

    friend bool operator==(file_stamp const&, file_stamp const&) = default;
};

}  // namespace pushgateway::http
