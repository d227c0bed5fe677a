#include <cstdlib>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <support/child_process.hpp>
#include <sys/wait.h>

namespace {

using namespace pushgateway;

std::string port_flag(std::uint16_t port) { return "--web.listen-address=127.0.0.1:" + std::to_string(port); }

/// The exit code of a random comparison of two gateways, both started for it.
int compare(std::vector<std::string> ours, std::vector<std::string> theirs, std::string const& arguments) {
    auto const port = test::free_port();
    ours.push_back(port_flag(port));
    auto one = test::child_process::start(ours);
    EXPECT_TRUE(one && one->answers(port, "/-/ready"));
    auto const other_port = test::free_port();
    theirs.push_back(port_flag(other_port));
    auto other = test::child_process::start(theirs);
    EXPECT_TRUE(other && other->answers(other_port, "/-/ready"));
    auto const url = [](std::uint16_t p) { return " http://127.0.0.1:" + std::to_string(p); };
    auto const command = PYTHON_BINARY " " DIFFERENTIAL_SCRIPT + url(port) + url(other_port) + arguments;
    int const status = std::system(command.c_str());
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(differential, shows_no_difference_but_the_documented_ones) {
    EXPECT_EQ(compare({PUSHGATEWAY_BINARY, "--push.ignore-stray-samples"}, {UPSTREAM_BINARY, "--persistence.file="},
                      " --seed 1 --rounds 250"),
              0);
}

TEST(differential, finds_a_difference) {
    EXPECT_EQ(compare({PUSHGATEWAY_BINARY}, {PUSHGATEWAY_BINARY, "--push.disable-consistency-check"},
                      " --seed 1 --rounds 20"),
              1);
}

TEST(differential, finds_none_between_equals) {
    EXPECT_EQ(compare({PUSHGATEWAY_BINARY}, {PUSHGATEWAY_BINARY}, " --seed 3 --rounds 50"), 0);
}

}  // namespace
