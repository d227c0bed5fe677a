#pragma once

/// \file
/// What the operating system knows about this process: the values of the `process_*` metrics. Linux's /proc is read;
/// what cannot be read is left out.

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

namespace pushgateway {

/// One reading. Bytes and seconds.
struct process_statistics {
    std::optional<double> cpu_seconds;
    std::optional<double> virtual_bytes;
    std::optional<double> resident_bytes;
    std::optional<double> start_time;  ///< Unix time
    std::optional<double> open_fds;
    std::optional<double> max_fds;
    std::optional<double> max_virtual_bytes;
    std::optional<double> received_bytes;     ///< of the network namespace, as the kernel counts them
    std::optional<double> transmitted_bytes;  ///< as above
};

namespace detail {

inline std::string file_text(char const* path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

inline std::optional<double> as_number(std::string_view text) noexcept {
    std::uint64_t value = 0;
    auto const [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (ec != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return static_cast<double>(value);
}

/// The word number `index` (from 0) of a line.
inline std::string_view word(std::string_view line, std::size_t index) noexcept {
    for (;;) {
        auto const begin = line.find_first_not_of(" \t");
        if (begin == std::string_view::npos) return {};
        line.remove_prefix(begin);
        auto const end = std::min(line.find_first_of(" \t"), line.size());
        if (index-- == 0) return line.substr(0, end);
        line.remove_prefix(end);
    }
}

/// What follows `key` on the first line that begins with it.
inline std::string_view line_after(std::string_view text, std::string_view key) noexcept {
    while (!text.empty()) {
        auto const end = std::min(text.find('\n'), text.size());
        if (text.starts_with(key)) return text.substr(key.size(), end - key.size());
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return {};
}

/// A soft limit of /proc/self/limits.
inline std::optional<double> soft_limit(std::string_view limits, std::string_view name) noexcept {
    auto const value = word(line_after(limits, name), 0);
    if (value == "unlimited") return 18446744073709551615.0;
    return as_number(value);
}

/// A counter of the section `IpExt` of /proc/self/net/netstat: one line names the columns, the next has the values.
inline std::optional<double> ip_counter(std::string_view netstat, std::string_view name) noexcept {
    auto const names = line_after(netstat, "IpExt:");
    if (names.empty()) return std::nullopt;
    auto const values = line_after(netstat.substr(static_cast<std::size_t>(names.data() - netstat.data())), "IpExt:");
    for (std::size_t i = 0;; ++i) {
        auto const column = word(names, i);
        if (column.empty()) return std::nullopt;
        if (column == name) return as_number(word(values, i));
    }
}

inline std::optional<double> open_file_descriptors() {
    // Since Linux 6.2 the size of the directory is their number, which spares listing them.
    struct stat info{};
    if (::stat("/proc/self/fd", &info) == 0 && info.st_size > 0) return static_cast<double>(info.st_size);
    DIR* const directory = ::opendir("/proc/self/fd");
    if (directory == nullptr) return std::nullopt;
    double count = 0;
    while (auto const* entry = ::readdir(directory)) {
        if (entry->d_name[0] != '.') ++count;
    }
    ::closedir(directory);
    return count - 1;  // less the one that was open for listing
}

}  // namespace detail

/// Reads /proc/self. Takes some tens of microseconds.
[[nodiscard]] inline process_statistics read_process_statistics() {
    process_statistics out;
    auto const stat = detail::file_text("/proc/self/stat");
    if (auto const end_of_name = stat.rfind(')'); end_of_name != std::string::npos) {
        auto const rest = std::string_view(stat).substr(end_of_name + 1);
        // Word 0 here is field 3 of proc(5).
        auto const field = [rest](std::size_t number) { return detail::as_number(detail::word(rest, number - 3)); };
        auto const ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
        auto const user = field(14);
        auto const system = field(15);
        if (user && system) out.cpu_seconds = (*user + *system) / ticks;
        out.virtual_bytes = field(23);
        if (auto const pages = field(24)) out.resident_bytes = *pages * static_cast<double>(::sysconf(_SC_PAGESIZE));
        auto const kernel = detail::file_text("/proc/stat");
        auto const boot = detail::as_number(detail::word(detail::line_after(kernel, "btime"), 0));
        if (auto const started = field(22); started && boot) out.start_time = *boot + *started / ticks;
    }
    out.open_fds = detail::open_file_descriptors();
    auto const limits = detail::file_text("/proc/self/limits");
    out.max_fds = detail::soft_limit(limits, "Max open files");
    out.max_virtual_bytes = detail::soft_limit(limits, "Max address space");
    auto const netstat = detail::file_text("/proc/self/net/netstat");
    out.received_bytes = detail::ip_counter(netstat, "InOctets");
    out.transmitted_bytes = detail::ip_counter(netstat, "OutOctets");
    return out;
}

}  // namespace pushgateway
