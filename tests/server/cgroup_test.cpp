// What the control groups allow, read below a root that is made up.

#include <cstdint>
#include <optional>
#include <string>

#include <gtest/gtest.h>

#include <pushgateway/server/cgroup.hpp>
#include <pushgateway/server/memory_limit.hpp>

#include "cgroup_tree.hpp"

namespace pushgateway::server {
namespace {

constexpr std::uint64_t mega = std::uint64_t{1} << 20;
constexpr std::uint64_t machine = 1000 * mega;

struct cgroups : test::cgroup_tree {};

TEST_F(cgroups, are_none) {
    EXPECT_EQ(cgroup_memory_limit(root), std::nullopt);
    auto const [bytes, source] = default_memory_limit(root, machine);
    EXPECT_EQ(bytes, 500 * mega);
    EXPECT_EQ(source, "half of the machine's memory");
}

TEST_F(cgroups, of_version_2_in_a_container) {
    write("proc/self/cgroup", "0::/\n");
    mounted("/sys/fs/cgroup", "cgroup2", "rw");
    write("sys/fs/cgroup/memory.max", "134217728\n");
    EXPECT_EQ(cgroup_memory_limit(root), 128 * mega);
    auto const [bytes, source] = default_memory_limit(root, machine);
    EXPECT_EQ(bytes, 112 * mega);
    EXPECT_EQ(source, "control group");
}

TEST_F(cgroups, of_version_2_without_a_namespace_count_with_all_above) {
    write("proc/self/cgroup", "0::/system.slice/pushgateway.service\n");
    mounted("/sys/fs/cgroup", "cgroup2", "rw");
    write("sys/fs/cgroup/system.slice/pushgateway.service/memory.max", "max\n");
    EXPECT_EQ(cgroup_memory_limit(root), std::nullopt);
    write("sys/fs/cgroup/system.slice/memory.max", "268435456\n");
    EXPECT_EQ(cgroup_memory_limit(root), 256 * mega);
    write("sys/fs/cgroup/system.slice/pushgateway.service/memory.max", "536870912\n");
    EXPECT_EQ(cgroup_memory_limit(root), 256 * mega);
    write("sys/fs/cgroup/system.slice/pushgateway.service/memory.high", "67108864\n");
    EXPECT_EQ(cgroup_memory_limit(root), 64 * mega);
}

TEST_F(cgroups, of_version_1) {
    write("proc/self/cgroup", "5:cpu,cpuacct:/x\n4:memory:/docker/abc\n0::/\n");
    mounted("/sys/fs/cgroup/memory", "cgroup", "rw,memory");
    mounted("/sys/fs/cgroup/cpu", "cgroup", "rw,cpu,cpuacct");
    write("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
    write("sys/fs/cgroup/memory/docker/abc/memory.limit_in_bytes", "134217728\n");
    EXPECT_EQ(cgroup_memory_limit(root), 128 * mega);
    write("sys/fs/cgroup/memory/docker/memory.limit_in_bytes", "67108864\n");
    EXPECT_EQ(cgroup_memory_limit(root), 64 * mega);
    auto const cpu = cgroup_folders("cpu", root);
    ASSERT_EQ(cpu.size(), 1U) << "its own folder is not there";
    EXPECT_EQ(cpu.front().path, root / "sys/fs/cgroup/cpu");
    EXPECT_FALSE(cpu.front().unified);
}

TEST_F(cgroups, of_version_1_in_a_container_are_mounted_by_their_own_folder) {
    write("proc/self/cgroup", "4:memory:/docker/abc\n");
    mounted("/sys/fs/cgroup/memory", "cgroup", "rw,memory", "/docker/abc");
    write("sys/fs/cgroup/memory/memory.limit_in_bytes", "134217728\n");
    EXPECT_EQ(cgroup_memory_limit(root), 128 * mega);
    EXPECT_EQ(cgroup_folders("memory", root).size(), 1U);
}

TEST_F(cgroups, of_both_versions) {
    write("proc/self/cgroup", "4:memory:/a\n0::/b\n");
    mounted("/sys/fs/cgroup/memory", "cgroup", "rw,memory");
    mounted("/sys/fs/cgroup/unified", "cgroup2", "rw");
    write("sys/fs/cgroup/memory/a/memory.limit_in_bytes", "134217728\n");
    write("sys/fs/cgroup/unified/b/cgroup.procs", "1\n");
    EXPECT_EQ(cgroup_memory_limit(root), 128 * mega);
    EXPECT_EQ(cgroup_folders("memory", root).size(), 4U);
}

TEST_F(cgroups, seen_from_outside_of_their_namespace) {
    write("proc/self/cgroup", "0::/../../other\n");
    mounted("/sys/fs/cgroup", "cgroup2", "rw");
    write("sys/fs/cgroup/memory.max", "134217728\n");
    EXPECT_EQ(cgroup_memory_limit(root), 128 * mega);
}

TEST_F(cgroups, that_allow_more_than_there_is) {
    write("proc/self/cgroup", "0::/\n");
    mounted("/sys/fs/cgroup", "cgroup2", "rw");
    write("sys/fs/cgroup/memory.max", std::to_string(2 * machine) + '\n');
    EXPECT_EQ(default_memory_limit(root, machine).bytes, machine / 2);
}

TEST_F(cgroups, with_files_that_make_no_sense) {
    write("proc/self/cgroup", "\n:\n::\n4:memory\n0::/\n");
    write("proc/self/mountinfo", "31\n31 23 0:28 / /x rw\n31 23 0:28 / /sys/fs/cgroup rw - cgroup2\n\n");
    EXPECT_EQ(cgroup_memory_limit(root), std::nullopt);
    mounted("/sys/fs/cgroup", "cgroup2", "rw");
    for (auto const* text : {"", "\n", "many\n", "-1\n", "99999999999999999999999\n"}) {
        write("sys/fs/cgroup/memory.max", text);
        EXPECT_EQ(cgroup_memory_limit(root), std::nullopt) << text;
    }
}

TEST_F(cgroups, leave_a_reserve_of_a_size_that_fits) {
    write("proc/self/cgroup", "0::/\n");
    mounted("/sys/fs/cgroup", "cgroup2", "rw");
    for (auto const& [allowed, bytes] :
         {std::pair{32 * mega, 24 * mega}, {64 * mega, 48 * mega}, {512 * mega, 448 * mega}}) {
        write("sys/fs/cgroup/memory.max", std::to_string(allowed));
        EXPECT_EQ(default_memory_limit(root, machine).bytes, bytes);
    }
}

}  // namespace
}  // namespace pushgateway::server
