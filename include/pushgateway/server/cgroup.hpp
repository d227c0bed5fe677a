#pragma once

/// \file
/// The control groups that this process is in: where the kernel says what they may use. For version 1, version 2 and
/// both at once, with and without a namespace of their own.

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace pushgateway::server {

/// A folder of a control group.
struct cgroup_folder {
    std::filesystem::path path;
    bool unified = false;  ///< of version 2
};

namespace detail {

inline std::string text_of(std::filesystem::path const& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

template <class Visit>
void for_each_part(std::string_view text, char separator, Visit&& visit) {
    while (!text.empty()) {
        auto const end = std::min(text.find(separator), text.size());
        visit(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
}

inline std::vector<std::string_view> parts_of(std::string_view text, char separator) {
    std::vector<std::string_view> out;
    for_each_part(text, separator, [&out](std::string_view part) { out.push_back(part); });
    return out;
}

inline bool names(std::string_view list, std::string_view controller) {
    bool found = false;
    for_each_part(list, ',', [&](std::string_view one) { found = found || one == controller; });
    return found;
}

/// The path of the process in a hierarchy, as /proc/self/cgroup has it: lines `number:controllers:path`, no controllers
/// for version 2.
inline std::optional<std::string> cgroup_path(std::string_view groups, std::string_view controller, bool unified) {
    std::optional<std::string> found;
    for_each_part(groups, '\n', [&](std::string_view line) {
        auto const first = line.find(':');
        auto const second = first == std::string_view::npos ? first : line.find(':', first + 1);
        if (second == std::string_view::npos) return;
        auto const controllers = line.substr(first + 1, second - first - 1);
        bool const fits = unified ? controllers.empty() : names(controllers, controller);
        if (fits && !found) found = std::string(line.substr(second + 1));
    });
    return found;
}

/// Where `path` of a hierarchy is seen whose folder `shown` is mounted at `at`, from there up to the mount point.
inline void add_folders(std::vector<cgroup_folder>& out, std::filesystem::path const& at, std::string_view shown,
                        std::string path, bool unified) {
    if (shown != "/" && (path == shown || path.starts_with(std::string(shown) + '/'))) path.erase(0, shown.size());
    auto folder = at;
    // A path beyond the mount point is that of a process outside of the namespace.
    if (path.find("/..") == std::string::npos && path.size() > 1) folder += path;
    std::error_code ignored;
    if (!std::filesystem::is_directory(folder, ignored)) folder = at;
    for (; folder.native().size() > at.native().size(); folder = folder.parent_path()) out.push_back({folder, unified});
    out.push_back({at, unified});
}

}  // namespace detail

/// The folders of the control groups that bind this process in what `controller` controls, its own first. `root`: where
/// the file system begins, for tests.
[[nodiscard]] inline std::vector<cgroup_folder> cgroup_folders(std::string_view controller,
                                                               std::filesystem::path const& root = "/") {
    std::vector<cgroup_folder> out;
    auto const groups = detail::text_of(root / "proc/self/cgroup");
    auto const mounts = detail::text_of(root / "proc/self/mountinfo");
    detail::for_each_part(mounts, '\n', [&](std::string_view line) {
        // number parent device root mount-point options … - type source options
        auto const words = detail::parts_of(line, ' ');
        std::size_t dash = 6;
        while (dash < words.size() && words[dash] != "-") ++dash;
        if (dash + 3 >= words.size()) return;
        bool const unified = words[dash + 1] == "cgroup2";
        if (!unified && (words[dash + 1] != "cgroup" || !detail::names(words[dash + 3], controller))) return;
        auto path = detail::cgroup_path(groups, controller, unified);
        if (!path) return;
        auto const at = root / std::filesystem::path(words[4]).relative_path();
        detail::add_folders(out, at, words[3], *std::move(path), unified);
    });
    return out;
}

/// The memory that the control groups of this process allow it, in bytes; nothing if they set no limit.
[[nodiscard]] inline std::optional<std::uint64_t> cgroup_memory_limit(std::filesystem::path const& root = "/") {
    std::optional<std::uint64_t> least;
    for (auto const& [path, unified] : cgroup_folders("memory", root)) {
        for (auto const* name : {"memory.max", "memory.high", "memory.limit_in_bytes"}) {
            bool const of_version_1 = std::string_view(name) == "memory.limit_in_bytes";
            if (unified == of_version_1) continue;
            auto const text = detail::text_of(path / name);
            std::uint64_t value = 0;
            auto const [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
            // "max" is no number, and version 1 has one of about 2^63 for it.
            if (ec != std::errc{} || end == text.data() || value >= std::uint64_t{1} << 60) continue;
            least = std::min(value, least.value_or(value));
        }
    }
    return least;
}

}  // namespace pushgateway::server
