#include <cstdio>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <unistd.h>

#include <pushgateway/server/flags.hpp>

namespace pushgateway::server {
namespace {

using arguments = std::vector<std::string>;

std::string message_of(arguments const& given) {
    auto const parsed = parse_flags(given);
    EXPECT_FALSE(parsed);
    return parsed ? "" : parsed.error().message;
}

TEST(flags, have_the_defaults_of_the_original) {
    auto const parsed = parse_flags({});
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->flags.texts(), (std::map<std::string, std::string>{{"log.format", "logfmt"},
                                                                         {"log.level", "info"},
                                                                         {"push.disable-consistency-check", "false"},
                                                                         {"web.enable-admin-api", "false"},
                                                                         {"web.enable-lifecycle", "false"},
                                                                         {"web.listen-address", ":9091"},
                                                                         {"web.telemetry-path", "/metrics"}}));
    EXPECT_FALSE(parsed->version);
    EXPECT_EQ(parsed->help, "");
}

TEST(flags, take_values_with_and_without_equals_sign) {
    for (auto const& given :
         {arguments{"--web.listen-address=:1", "--web.listen-address", "[::1]:2", "--web.telemetry-path=/a//b/",
                    "--web.enable-lifecycle", "--web.enable-admin-api", "--push.disable-consistency-check",
                    "--log.level=WARN", "--log.format", "json"},
          arguments{"--log.format=json", "--push.disable-consistency-check", "--log.level", "warn",
                    "--web.enable-admin-api", "--web.enable-lifecycle", "--web.telemetry-path", "/a/b/",
                    "--web.listen-address", ":1", "--web.listen-address=[::1]:2"}}) {
        auto const parsed = parse_flags(given);
        ASSERT_TRUE(parsed) << parsed.error().message;
        EXPECT_EQ(parsed->flags.listen_addresses, (arguments{":1", "[::1]:2"}));
        EXPECT_EQ(parsed->flags.telemetry_path, "/a/b/");
        EXPECT_TRUE(parsed->flags.enable_lifecycle);
        EXPECT_TRUE(parsed->flags.enable_admin_api);
        EXPECT_TRUE(parsed->flags.disable_consistency_check);
        EXPECT_EQ(parsed->flags.lowest_level, log_level::warn);
        EXPECT_EQ(parsed->flags.format, log_format::json);
        EXPECT_EQ(parsed->flags.texts().at("web.listen-address"), ":1,[::1]:2");
    }
}

TEST(flags, turn_off_with_no) {
    auto const parsed = parse_flags({"--no-web.enable-lifecycle", "--no-push.disable-consistency-check"});
    ASSERT_TRUE(parsed);
    EXPECT_FALSE(parsed->flags.enable_lifecycle);
    EXPECT_FALSE(parsed->flags.disable_consistency_check);
}

TEST(flags, name_what_is_wrong) {
    EXPECT_EQ(message_of({"--x"}), "unknown long flag '--x'");
    EXPECT_EQ(message_of({"--x=1"}), "unknown long flag '--x'");
    EXPECT_EQ(message_of({"--no-web.telemetry-path"}), "unknown long flag '--no-web.telemetry-path'");
    EXPECT_EQ(message_of({"-x"}), "unknown short flag '-x'");
    EXPECT_EQ(message_of({"--log.level=info", "y"}), "unexpected 'y'");
    EXPECT_EQ(message_of({"--web.listen-address=:1", ":2"}), "unexpected ':2'");
    EXPECT_EQ(message_of({"--log.level=foo"}), "unrecognized log level \"foo\"");
    EXPECT_EQ(message_of({"--log.format=JSON"}), "unrecognized log format \"JSON\"");
    EXPECT_EQ(message_of({"--web.enable-lifecycle", "--web.enable-lifecycle"}),
              "flag '--web.enable-lifecycle' cannot be repeated");
    EXPECT_NE(message_of({"--web.telemetry-path"}).find("--web.telemetry-path"), std::string::npos);
    EXPECT_NE(message_of({"--log.level=info", "--log.level=debug"}).find("--log.level"), std::string::npos);
    EXPECT_NE(message_of({"--web.enable-lifecycle=maybe"}).find("web.enable-lifecycle"), std::string::npos);
    EXPECT_EQ(message_of({"--web.telemetry-path=metrics"}), "--web.telemetry-path must begin with a slash");
    for (auto const* taken : {"/", "/status", "/-/healthy", "//status", "/static/a", "/api/v1/metrics"}) {
        EXPECT_NE(message_of({"--web.telemetry-path", taken}).find("is taken by something else"), std::string::npos);
    }
}

TEST(flags, help_and_version) {
    for (auto const* flag : {"-h", "--help"}) {
        auto const parsed = parse_flags({flag});
        ASSERT_TRUE(parsed);
        for (auto const& [name, text] : flags().texts()) {
            EXPECT_NE(parsed->help.find("--" + name), std::string::npos) << name;
        }
    }
    auto const parsed = parse_flags({"--version"});
    ASSERT_TRUE(parsed);
    EXPECT_TRUE(parsed->version);
}

TEST(flags, come_from_a_file) {
    auto const name = testing::TempDir() + "pushgateway_flags_" + std::to_string(::getpid());
    std::ofstream(name) << "# what we use\n--web.listen-address=:1\n\n--log.level\ndebug\n";
    auto const parsed = parse_flags({"--web.enable-admin-api", "@" + name, "--log.format=json"});
    std::remove(name.c_str());
    ASSERT_TRUE(parsed) << parsed.error().message;
    EXPECT_EQ(parsed->flags.listen_addresses, arguments{":1"});
    EXPECT_EQ(parsed->flags.lowest_level, log_level::debug);
    EXPECT_EQ(parsed->flags.format, log_format::json);
    EXPECT_TRUE(parsed->flags.enable_admin_api);
    EXPECT_EQ(message_of({"@/does/not/exist"}), "cannot read the arguments file \"/does/not/exist\"");
}

}  // namespace
}  // namespace pushgateway::server
