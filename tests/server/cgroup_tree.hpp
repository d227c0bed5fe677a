#pragma once

/// \file
/// Control groups below a root that is made up.

#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include "support/scratch_folder.hpp"

namespace pushgateway::test {

class cgroup_tree : public testing::Test {
protected:
    void write(std::string const& file, std::string const& text) const {
        auto const path = root / file;
        std::filesystem::create_directories(path.parent_path());
        std::ofstream(path) << text;
    }

    /// Mounts the folder of the group `shown`.
    void mounted(std::string const& at, std::string const& type, std::string const& options,
                 std::string const& shown = "/") {
        mounts += "31 23 0:28 " + shown + ' ' + at + " rw,relatime shared:9 - " + type + " cgroup " + options + '\n';
        write("proc/self/mountinfo", mounts);
        std::filesystem::create_directories(root / std::filesystem::path(at).relative_path());
    }

    scratch_folder const folder;
    std::filesystem::path const root = folder.path();
    std::string mounts = "23 1 8:1 / / rw - ext4 /dev/sda1 rw\n";
};

}  // namespace pushgateway::test
