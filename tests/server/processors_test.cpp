// How many processors the control groups allow, read below a root that is made up.

#include <cstdint>
#include <optional>
#include <string>

#include <gtest/gtest.h>
#include <sched.h>

#include <pushgateway/server/processors.hpp>

#include "cgroup_tree.hpp"

namespace pushgateway::server {
namespace {

struct processors : test::cgroup_tree {};

TEST_F(processors, are_those_of_the_machine_without_a_quota) {
    EXPECT_EQ(cgroup_processors(root), std::nullopt);
    cpu_set_t usable;
    ASSERT_EQ(::sched_getaffinity(0, sizeof usable, &usable), 0);
    EXPECT_EQ(available_processors(root), static_cast<std::size_t>(CPU_COUNT(&usable)));
}

TEST_F(processors, of_version_2_are_rounded_up) {
    write("proc/self/cgroup", "0::/\n");
    mounted("/sys/fs/cgroup", "cgroup2", "rw");
    struct expected {
        std::string text;
        std::optional<std::uint64_t> count;
    };
    for (auto const& [text, count] : {expected{"max 100000\n", std::nullopt},
                                      {"20000 100000\n", 1},
                                      {"100000 100000\n", 1},
                                      {"100001 100000\n", 2},
                                      {"250000 100000\n", 3},
                                      {"6400000 100000\n", 64},
                                      {"50000 20000\n", 3},
                                      {"1000 100000\n", 1},
                                      {"", std::nullopt},
                                      {"max", std::nullopt},
                                      {"0 100000\n", std::nullopt},
                                      {"100000 0\n", std::nullopt},
                                      {"100000", std::nullopt},
                                      {"what 5\n", std::nullopt}}) {
        write("sys/fs/cgroup/cpu.max", text);
        EXPECT_EQ(cgroup_processors(root), count) << text;
    }
    write("sys/fs/cgroup/cpu.max", "20000 100000\n");
    EXPECT_EQ(available_processors(root), 1U);
}

TEST_F(processors, are_those_of_the_strictest_group_above) {
    write("proc/self/cgroup", "0::/kubepods/pod1/container\n");
    mounted("/sys/fs/cgroup", "cgroup2", "rw");
    write("sys/fs/cgroup/kubepods/pod1/container/cpu.max", "max 100000\n");
    EXPECT_EQ(cgroup_processors(root), std::nullopt);
    write("sys/fs/cgroup/kubepods/cpu.max", "300000 100000\n");
    EXPECT_EQ(cgroup_processors(root), 3U);
    write("sys/fs/cgroup/kubepods/pod1/cpu.max", "150000 100000\n");
    EXPECT_EQ(cgroup_processors(root), 2U);
    write("sys/fs/cgroup/kubepods/pod1/container/cpu.max", "800000 100000\n");
    EXPECT_EQ(cgroup_processors(root), 2U);
}

TEST_F(processors, of_version_1) {
    write("proc/self/cgroup", "4:cpu,cpuacct:/docker/abc\n0::/\n");
    mounted("/sys/fs/cgroup/cpu,cpuacct", "cgroup", "rw,cpu,cpuacct");
    auto const set = [&](std::string const& quota, std::string const& period) {
        write("sys/fs/cgroup/cpu,cpuacct/docker/abc/cpu.cfs_quota_us", quota);
        write("sys/fs/cgroup/cpu,cpuacct/docker/abc/cpu.cfs_period_us", period);
    };
    set("-1\n", "100000\n");
    EXPECT_EQ(cgroup_processors(root), std::nullopt);
    set("20000\n", "100000\n");
    EXPECT_EQ(cgroup_processors(root), 1U);
    set("420000\n", "100000\n");
    EXPECT_EQ(cgroup_processors(root), 5U);
}

TEST_F(processors, of_both_versions_count_together) {
    write("proc/self/cgroup", "1:cpu:/\n0::/\n");
    mounted("/sys/fs/cgroup/cpu", "cgroup", "rw,cpu");
    mounted("/sys/fs/cgroup/unified", "cgroup2", "rw");
    write("sys/fs/cgroup/cpu/cpu.cfs_quota_us", "400000\n");
    write("sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n");
    EXPECT_EQ(cgroup_processors(root), 4U);
    write("sys/fs/cgroup/unified/cpu.max", "200000 100000\n");
    EXPECT_EQ(cgroup_processors(root), 2U);
}

}  // namespace
}  // namespace pushgateway::server
