#pragma once

/// \file
/// The file of a Unix socket: made by binding, removed when the server ends.

#include <string>
#include <utility>

#include <sys/stat.h>
#include <unistd.h>

namespace pushgateway::http::detail {

/// Removes the file of a socket when it goes out of scope, unless somebody has put another one in its place: that may
/// have the same number, and is younger.
class socket_file {
public:
    socket_file() = default;
    /// Of a socket that was just bound to `path`.
    explicit socket_file(std::string path) : path_(std::move(path)) {
        if (::stat(path_.c_str(), &made_) != 0) path_.clear();
    }
    socket_file(socket_file&& other) noexcept : path_(std::exchange(other.path_, {})), made_(other.made_) {}
    socket_file& operator=(socket_file&& other) noexcept {
        std::swap(path_, other.path_);
        std::swap(made_, other.made_);
        return *this;
    }
    ~socket_file() { remove(); }

    void remove() noexcept {
        struct stat now{};
        if (!path_.empty() && ::stat(path_.c_str(), &now) == 0 && now.st_dev == made_.st_dev &&
            now.st_ino == made_.st_ino && now.st_mtim.tv_sec == made_.st_mtim.tv_sec &&
            now.st_mtim.tv_nsec == made_.st_mtim.tv_nsec) {
            ::unlink(path_.c_str());
        }
        path_.clear();
    }

private:
    std::string path_;
    struct stat made_{};
};

}  // namespace pushgateway::http::detail
