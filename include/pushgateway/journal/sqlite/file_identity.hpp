#pragma once

/// \file
/// Notices that a file which is in use is no longer the one of its name: what is written into it then would be lost
/// with the process.

#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

#include <sys/stat.h>

#include <pushgateway/base/error.hpp>

namespace pushgateway::journal::sqlite {

/// Which file a path named at a moment. Immutable.
class file_identity {
public:
    /// Fails with errc::unavailable if the path names no file.
    static result<file_identity> of(std::string path) {
        file_identity out;
        out.path_ = std::move(path);
        if (::stat(out.path_.c_str(), &out.known_) != 0) return fail(errc::unavailable, out.path_ + ": " + reason());
        return out;
    }

    /// Fails with errc::unavailable and says what happened if the path names no file now, or another one.
    [[nodiscard]] result<> check() const {
        struct stat now{};
        if (::stat(path_.c_str(), &now) != 0) {
            return fail(errc::unavailable, path_ + ": gone while it is in use: " + reason());
        }
        if (now.st_dev != known_.st_dev || now.st_ino != known_.st_ino) {
            return fail(errc::unavailable, path_ + ": replaced by another file while it is in use");
        }
        return {};
    }

private:
    file_identity() = default;

    static std::string reason() { return std::generic_category().message(errno); }

    std::string path_;
    struct stat known_{};
};

}  // namespace pushgateway::journal::sqlite
