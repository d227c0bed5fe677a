#pragma once

/// \file
/// A folder that a test may fill, gone when it ends.

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>

namespace pushgateway::test {

class scratch_folder {
public:
    scratch_folder() {
        auto pattern = (std::filesystem::temp_directory_path() / "pushgateway_XXXXXX").string();
        if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no folder for the test");
        path_ = pattern;
    }
    scratch_folder(scratch_folder const&) = delete;
    scratch_folder& operator=(scratch_folder const&) = delete;
    ~scratch_folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }

    [[nodiscard]] std::string const& path() const noexcept { return path_; }
    [[nodiscard]] std::string path_of(std::string_view name) const { return path_ + '/' + std::string(name); }

    /// Writes a file, in place of what was there: into the same file, or as another one that takes its name.
    std::string write(std::string_view name, std::string_view text) const {
        auto path = path_of(name);
        std::ofstream(path, std::ios::binary | std::ios::trunc) << text;
        return path;
    }
    std::string exchange(std::string_view name, std::string_view text) const {
        auto path = path_of(name);
        std::filesystem::rename(write("new", text), path);
        return path;
    }

private:
    std::string path_;
};

}  // namespace pushgateway::test
