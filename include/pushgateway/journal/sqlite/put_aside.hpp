#pragma once

/// \file
/// Gives a database and its log another name, so that at no moment one of them looks whole without the other.

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include <pushgateway/base/error.hpp>

namespace pushgateway::journal::sqlite {

/// Brings the names in the folder of a file to the disk.
inline void sync_folder_of(std::string const& path) {
    auto const folder = std::filesystem::path(path).parent_path();
    int const descriptor = ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) return;
    ::fsync(descriptor);
    ::close(descriptor);
}

/// Puts the database `path` aside as `<path>.corrupt-<Unix time>`, with its log, and returns that name. Killed at any
/// step, it leaves a file that is damaged as it was, or a log without its file; called again, it goes on under the same
/// name. Fails with errc::unavailable if the system refuses. `step` is called after each change to the folder.
[[nodiscard]] inline result<std::string> put_aside(std::string const& path, std::function<void()> const& step = {}) {
    namespace fs = std::filesystem;
    std::error_code why;
    auto const log = path + "-wal";
    auto const done = [&step] {
        if (step) step();
    };
    auto const failure = [](std::string const& name, std::error_code reason) -> result<std::string> {
        return fail(errc::unavailable, name + ": cannot be put aside: " + reason.message());
    };

    // What is made of the log can be made again.
    if (fs::remove(path + "-shm", why)) done();
    if (fs::file_size(log, why) == 0 && !why && fs::remove(log, why)) done();

    bool const with_log = fs::exists(log, why);
    std::string aside;
    if (with_log) {
        // One that was begun.
        std::string const prefix = fs::path(path).filename().string() + ".corrupt-";
        auto const folder = fs::path(path).parent_path();
        for (auto at = fs::directory_iterator(folder.empty() ? "." : folder, why);
             !why && at != fs::directory_iterator(); at.increment(why)) {
            auto const name = at->path().filename().string();
            std::error_code other;
            if (name.starts_with(prefix) && name.ends_with("-wal") && fs::equivalent(at->path(), log, other)) {
                aside = (folder / name.substr(0, name.size() - 4)).string();
            }
        }
    }
    bool linked = !aside.empty();
    if (!linked) {
        auto const now =
            std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch());
        auto const base = path + ".corrupt-" + std::to_string(now.count());
        aside = base;
        for (int i = 1; fs::exists(aside, why) || fs::exists(aside + "-wal", why); ++i) {
            aside = base + '-' + std::to_string(i);
        }
        // The log gets its new name beside the old one: then it is not missing under either.
        if (with_log) {
            fs::create_hard_link(log, aside + "-wal", why);
            linked = !why;
            if (linked) done();
        }
    }
    fs::rename(path, aside, why);
    if (why && why != std::errc::no_such_file_or_directory) return failure(path, why);
    if (!why) done();
    sync_folder_of(path);
    if (!with_log) return aside;
    // A log alone is taken for damage; the file alone would be taken for a whole one.
    if (linked) {
        fs::remove(log, why);
    } else {
        fs::rename(log, aside + "-wal", why);
    }
    if (why) return failure(log, why);
    done();
    sync_folder_of(path);
    return aside;
}

}  // namespace pushgateway::journal::sqlite
