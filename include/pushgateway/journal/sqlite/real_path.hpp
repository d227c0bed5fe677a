#pragma once

/// \file
/// Which file a path names in the end.

#include <filesystem>
#include <string>
#include <system_error>
#include <utility>

#include <pushgateway/base/error.hpp>

namespace pushgateway::journal::sqlite {

/// Where a path leads that may be a symbolic link, also to a file that is not there yet. What belongs to a database
/// lies beside the file itself, not beside a link to it. Fails with errc::unavailable for links that lead in a circle.
[[nodiscard]] inline result<std::string> real_path_of(std::string const& path) {
    constexpr int most_links = 40;  // as the system has it
    std::filesystem::path at = path;
    for (int i = 0; i != most_links; ++i) {
        std::error_code why;
        if (!std::filesystem::is_symlink(at, why)) return at.string();
        auto const to = std::filesystem::read_symlink(at, why);
        if (why) return fail(errc::unavailable, at.string() + ": " + why.message());
        at = at.parent_path() / to;
    }
    return fail(errc::unavailable, path + ": too many symbolic links, or a circle of them");
}

}  // namespace pushgateway::journal::sqlite
