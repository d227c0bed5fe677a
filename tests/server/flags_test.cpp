#include <chrono>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <unistd.h>

#include <pushgateway/server/flags.hpp>

namespace pushgateway::server {
namespace {

using namespace std::chrono_literals;
using arguments = std::vector<std::string>;
using variables = std::map<std::string, std::string>;

result<command> parse(arguments const& given, variables const& environment = {}) {
    return parse_flags(given, [&](std::string const& name) {
        auto const at = environment.find(name);
        return at == environment.end() ? std::nullopt : std::optional(at->second);
    });
}

settings settings_of(arguments const& given, variables const& environment = {}) {
    auto const parsed = parse(given, environment);
    EXPECT_TRUE(parsed) << parsed.error().message;
    return parsed ? parsed->settings : settings();
}

std::string message_of(arguments const& given, variables const& environment = {}) {
    auto const parsed = parse(given, environment);
    EXPECT_FALSE(parsed);
    return parsed ? "" : parsed.error().message;
}

TEST(flags, have_the_defaults_of_the_original) {
    auto const parsed = parse({});
    ASSERT_TRUE(parsed) << parsed.error().message;
    auto shown = parsed->flags;
    for (auto const& [name, text] : std::map<std::string, std::string>{{"log.format", "logfmt"},
                                                                       {"log.level", "info"},
                                                                       {"persistence.file", ""},
                                                                       {"persistence.interval", "5m0s"},
                                                                       {"push.disable-consistency-check", "false"},
                                                                       {"push.enable-utf8-names", "false"},
                                                                       {"web.config.file", ""},
                                                                       {"web.enable-admin-api", "false"},
                                                                       {"web.enable-lifecycle", "false"},
                                                                       {"web.external-url", ""},
                                                                       {"web.listen-address", ":9091"},
                                                                       {"web.route-prefix", ""},
                                                                       {"web.systemd-socket", "false"},
                                                                       {"web.telemetry-path", "/metrics"}}) {
        EXPECT_EQ(shown[name], text) << name;
        shown.erase(name);
    }
    // What is left is ours.
    for (auto const& [name, text] : shown) {
        EXPECT_TRUE(name.starts_with("limit.") || name.starts_with("timeout.") || name == "persistence.sync" ||
                    name == "persistence.on-corruption" || name == "web.cors-origin" || name == "web.own-metrics" ||
                    name == "web.own-metrics-path" || name == "web.shutdown-grace" || name == "push.lenient" ||
                    name == "push.timestamps" || name == "push.ignore-stray-samples" ||
                    name == "web.openmetrics-created" || name == "web.threads" || name == "web.enable-openmetrics")
            << name;
    }
    EXPECT_FALSE(parsed->version);
    EXPECT_EQ(parsed->help, "");
}

TEST(flags, say_what_a_push_may_have) {
    EXPECT_FALSE(settings_of({}).lenient);
    EXPECT_FALSE(settings_of({}).ignore_stray_samples);
    EXPECT_TRUE(settings_of({"--push.ignore-stray-samples"}).ignore_stray_samples);
    EXPECT_FALSE(settings_of({}).openmetrics_created);
    EXPECT_TRUE(settings_of({"--web.openmetrics-created"}).openmetrics_created);
    EXPECT_FALSE(settings_of({}).enable_openmetrics);
    EXPECT_TRUE(settings_of({"--web.enable-openmetrics"}).enable_openmetrics);
    EXPECT_EQ(settings_of({}).timestamps, timestamp_policy::reject);
    EXPECT_TRUE(settings_of({"--push.lenient"}).lenient);
    EXPECT_EQ(settings_of({"--push.timestamps=drop"}).timestamps, timestamp_policy::drop);
    EXPECT_EQ(settings_of({"--push.timestamps", "keep"}).timestamps, timestamp_policy::keep);
    EXPECT_NE(message_of({"--push.timestamps=ignore"}).find("timestamp policy"), std::string::npos);
}

TEST(flags, of_limits_have_the_defaults_of_the_library) {
    auto const told = settings_of({});
    limits const library;
    EXPECT_EQ(told.limits.body, library.body);
    EXPECT_EQ(told.limits.idle_timeout, library.idle_timeout);
    auto const shown = parse({})->flags;
    EXPECT_EQ(shown.at("limit.body"), "256MiB");
    EXPECT_EQ(shown.at("limit.header-fields"), "256");
    EXPECT_EQ(shown.at("timeout.idle"), "3m0s");
}

TEST(flags, take_values_with_and_without_equals_sign) {
    for (auto const& given :
         {arguments{"--web.listen-address=:1", "--web.listen-address", "[::1]:2", "--web.telemetry-path=/a//b/",
                    "--web.enable-lifecycle", "--web.enable-admin-api", "--push.disable-consistency-check",
                    "--log.level=WARN", "--log.format", "json", "--limit.body=1KiB", "--timeout.idle", "1m30s"},
          arguments{"--log.format=json", "--push.disable-consistency-check=true", "--log.level", "warn",
                    "--web.enable-admin-api", "--web.enable-lifecycle", "--web.telemetry-path", "/a/b/",
                    "--web.listen-address", ":1", "--web.listen-address=[::1]:2", "--limit.body", "1024",
                    "--timeout.idle=90s"}}) {
        auto const parsed = parse(given);
        ASSERT_TRUE(parsed) << parsed.error().message;
        auto const& told = parsed->settings;
        EXPECT_EQ(told.listen_addresses, (arguments{":1", "[::1]:2"}));
        EXPECT_EQ(told.telemetry_path, "/a/b/");
        EXPECT_TRUE(told.enable_lifecycle);
        EXPECT_TRUE(told.enable_admin_api);
        EXPECT_TRUE(told.disable_consistency_check);
        EXPECT_EQ(told.lowest_level, log_level::warn);
        EXPECT_EQ(told.format, log_format::json);
        EXPECT_EQ(told.limits.body, 1024u);
        EXPECT_EQ(told.limits.idle_timeout, 90s);
        EXPECT_EQ(parsed->flags.at("web.listen-address"), ":1,[::1]:2");
        EXPECT_EQ(parsed->flags.at("limit.body"), "1KiB");
    }
}

TEST(flags, take_empty_values) {
    auto const told =
        settings_of({"--persistence.file=", "--web.route-prefix=", "--web.config.file", "", "--log.level=debug"});
    EXPECT_EQ(told.persistence_file, "");
    EXPECT_EQ(told.lowest_level, log_level::debug);
}

TEST(flags, turn_off_with_no) {
    auto const told = settings_of({"--no-web.enable-lifecycle", "--no-push.disable-consistency-check",
                                   "--no-web.own-metrics", "--web.enable-admin-api=false"});
    EXPECT_FALSE(told.enable_lifecycle);
    EXPECT_FALSE(told.disable_consistency_check);
    EXPECT_FALSE(told.own_metrics);
    EXPECT_FALSE(told.enable_admin_api);
}

TEST(flags, name_what_is_wrong) {
    EXPECT_EQ(message_of({"--x"}), "unknown long flag '--x'");
    EXPECT_EQ(message_of({"--x=1"}), "unknown long flag '--x'");
    EXPECT_EQ(message_of({"--no-web.telemetry-path"}),
              "unknown long flag '--no-web.telemetry-path': perhaps --web.telemetry-path is meant");
    EXPECT_EQ(message_of({"-x"}), "unknown short flag '-x'");
    EXPECT_EQ(message_of({"--log.level=info", "y"}), "unexpected y");
    EXPECT_EQ(message_of({"--web.listen-address=:1", ":2"}), "unexpected :2");
    EXPECT_EQ(message_of({"--", "--log.level=info"}), "unexpected --");
    EXPECT_EQ(message_of({""}), "unexpected ");
    EXPECT_EQ(message_of({"--log.level=foo"}), "unrecognized log level foo: it is one of debug, info, warn, error");
    EXPECT_EQ(message_of({"--log.format=JSON"}), "unrecognized log format JSON: it is one of logfmt, json");
    EXPECT_EQ(message_of({"--web.enable-lifecycle", "--web.enable-lifecycle"}),
              "flag 'web.enable-lifecycle' cannot be repeated");
    EXPECT_EQ(message_of({"--log.level=info", "--log.level=debug"}), "flag 'log.level' cannot be repeated");
    EXPECT_EQ(message_of({"--web.telemetry-path"}), "expected argument for flag '--web.telemetry-path'");
    EXPECT_EQ(message_of({"--web.telemetry-path", "--log.level=info"}),
              "expected argument for flag '--web.telemetry-path'");
    EXPECT_EQ(message_of({"--web.enable-lifecycle=maybe"}),
              "flag 'web.enable-lifecycle' is true or false, not \"maybe\"");
    EXPECT_EQ(message_of({"--no-web.enable-lifecycle=true"}), "unexpected true");
    EXPECT_EQ(
        message_of({"--persistence.interval=5x"}),
        "time: unknown unit \"x\" in duration \"5x\": flag 'persistence.interval' takes a number with its unit, such "
        "as 90s, 5m or 1h30m");
    EXPECT_EQ(message_of({"--persistence.interval=-5m"}), "flag 'persistence.interval' cannot be negative");
    EXPECT_EQ(message_of({"--timeout.idle=1500ms"}), "flag 'timeout.idle' takes whole seconds, not 1500ms");
    EXPECT_EQ(message_of({"--limit.header-fields=many"}),
              "flag 'limit.header-fields' takes a whole number, not \"many\"");
    EXPECT_NE(message_of({"--limit.body=1XB"}).find("\"1XB\" is no size"), std::string::npos);
    EXPECT_EQ(message_of({"--persistence.sync=sometimes"}),
              "unrecognized persistence sync sometimes: it is one of always, interval, off");
}

TEST(flags, say_what_was_meant) {
    for (auto const& [given, message] : std::vector<std::pair<arguments, std::string>>{
             {{"-persistence.file"},
              "unknown short flag '-p': flags begin with two dashes, perhaps --persistence.file is meant"},
             {{"-web.listen-address=:9091"},
              "unknown short flag '-w': flags begin with two dashes, perhaps --web.listen-address is meant"},
             {{"--persistence-file=x"}, "unknown long flag '--persistence-file': perhaps --persistence.file is meant"},
             {{"--web.listen_address=:1"},
              "unknown long flag '--web.listen_address': perhaps --web.listen-address is meant"},
             {{"--web.listenAddress=:1"},
              "unknown long flag '--web.listenAddress': perhaps --web.listen-address is meant"},
             {{"--listen-address=:1"}, "unknown long flag '--listen-address': perhaps --web.listen-address is meant"},
             {{"--log.levle=info"}, "unknown long flag '--log.levle': perhaps --log.level is meant"},
             {{"--web.enable-admin-apis"},
              "unknown long flag '--web.enable-admin-apis': perhaps --web.enable-admin-api is meant"},
             {{"--web.enable-lifecycle", "true"}, "unexpected true: write --web.enable-lifecycle=true"},
             {{"\u2013\u2013log.level=info"},
              "unexpected \u2013\u2013log.level=info: flags begin with two plain dashes, not with a typographic one"},
             {{"log.level=info"},
              "unexpected log.level=info: flags begin with two dashes, perhaps --log.level is meant"},
             {{"--persistence.interval=5"},
              "time: missing unit in duration \"5\": flag 'persistence.interval' takes a number with its unit, such as "
              "90s, "
              "5m or 1h30m"},
             {{"--storage.tsdb.path=x"}, "unknown long flag '--storage.tsdb.path'"},
         }) {
        EXPECT_EQ(message_of(given), message);
    }
}

TEST(flags, do_not_take_mebibytes_for_bytes) {
    EXPECT_EQ(message_of({"--limit.memory=128"}),
              "--limit.memory 128 is in bytes and too little for anything: it takes 8MiB or more, as in 128MiB");
    EXPECT_EQ(settings_of({"--limit.memory=0"}).limits.memory, 0U);
    EXPECT_EQ(settings_of({"--limit.memory=8MiB"}).limits.memory, std::size_t{8} << 20);
}

TEST(flags, bound_the_number_of_threads) {
    for (auto const* given : {"1025", "100000", "18446744073709551615"}) {
        EXPECT_EQ(message_of({std::string("--web.threads=") + given}),
                  std::string("--web.threads ") + given +
                      " is too many: it takes 1 to 1024, or 0 for as many as there are processors");
    }
    EXPECT_EQ(settings_of({"--web.threads=1024"}).threads, 1024U);
    EXPECT_EQ(settings_of({"--web.threads=0"}).threads, 0U);
}

TEST(flags, check_paths_of_expositions) {
    EXPECT_EQ(message_of({"--web.telemetry-path=metrics"}),
              "--web.telemetry-path must begin with a slash, as in /metrics, not be \"metrics\"");
    EXPECT_EQ(message_of({"--web.own-metrics-path=metrics"}),
              "--web.own-metrics-path must begin with a slash, as in /metrics, not be \"metrics\"");
    for (auto const* taken : {"/", "/status", "/-/healthy", "//status", "/static/a", "/api/v1/metrics",
                              "/metrics/job/x", "/metrics/job@base64/eA/a/b", "/-/quit"}) {
        EXPECT_NE(message_of({"--web.telemetry-path", taken}).find("is taken by something else"), std::string::npos);
    }
    for (auto const* path : {"/m?x=1", "/m#x", "/%6d"}) {
        EXPECT_NE(message_of({"--web.telemetry-path", path}).find("without escapes, query and fragment"),
                  std::string::npos);
        EXPECT_NE(message_of({"--web.route-prefix", path}).find("without escapes, query and fragment"),
                  std::string::npos);
    }
    EXPECT_EQ(settings_of({"--web.own-metrics-path=//own"}).own_metrics_path, "/own");
    EXPECT_EQ(settings_of({"--web.own-metrics-path=/metrics"}).own_metrics_path, "") << "that is where they are anyway";
}

TEST(flags, make_prefixes_of_url_and_route_prefix) {
    struct {
        arguments given;
        std::string internal;
        std::string external;
    } const cases[] = {
        {{}, "", ""},
        {{"--web.external-url=http://example.org"}, "", ""},
        {{"--web.external-url=http://example.org/"}, "", ""},
        {{"--web.external-url=http://example.org:9091/push"}, "/push", "/push"},
        {{"--web.external-url=https://example.org/push/"}, "/push", "/push"},
        {{"--web.external-url=https://example.org/a/b%20c?x=/y#/z"}, "/a/b c", "/a/b c"},
        {{"--web.external-url=/push/"}, "/push", "/push"},
        {{"--web.external-url=push"}, "/push", "/push"},
        {{"--web.external-url=http://example.org/é"}, "/é", "/é"},
        {{"--web.external-url=localhost:9091"}, "", ""},
        {{"--web.external-url=gateway.example:9091/"}, "", ""},
        {{"--web.external-url=http://example.org/push", "--web.route-prefix=/"}, "", "/push"},
        {{"--web.external-url=http://example.org/push", "--web.route-prefix=inner/"}, "/inner", "/push"},
        {{"--web.route-prefix=/inner//deep/"}, "/inner/deep", ""},
    };
    for (auto const& c : cases) {
        auto const told = settings_of(c.given);
        EXPECT_EQ(told.internal_prefix, c.internal);
        EXPECT_EQ(told.external_prefix, c.external);
    }
    EXPECT_NE(message_of({"--web.external-url=http://x/%zz"}).find("invalid URL \"http://x/%zz\": invalid percent"),
              std::string::npos);
    EXPECT_NE(message_of({"--web.external-url=http:///x"}).find("it has no host"), std::string::npos);
    EXPECT_NE(message_of({"--web.external-url=http://a b"}).find("it has a blank in it"), std::string::npos);
}

TEST(flags, refuse_prefixes_that_would_only_answer_404) {
    struct {
        std::string given;
        std::string_view why;
    } const cases[] = {
        {"--web.route-prefix=http://host/p", "is a URL: it takes the path alone"},
        {"--web.route-prefix=https://host", "is a URL: it takes the path alone"},
        {"--web.route-prefix=http:/host/p", "is a URL: it takes the path alone"},
        {"--web.route-prefix=\"/p\"", "--web.route-prefix \"\\\"/p\\\"\" has quotes in it"},
        {"--web.route-prefix='/p'", "has quotes in it"},
        {"--web.external-url=\"http://host/p\"", "--web.external-url \"\\\"http://host/p\\\"\" has quotes in it"},
        {"--web.external-url='http://host/p'", "has quotes in it"},
        {"--web.external-url=http://host/p\"", "has quotes in it"},
        {"--web.external-url=host.example/p", "it has no scheme, such as http://"},
        {"--web.external-url=localhost:9091/p", "it has no scheme, such as http://"},
        {"--web.external-url=10.0.0.1:9091", "it has no scheme, such as http://"},
    };
    for (auto const& c : cases)
        EXPECT_NE(message_of({c.given}).find(c.why), std::string::npos) << message_of({c.given});
    EXPECT_EQ(settings_of({"--web.external-url=https://host.example:8443/p?q"}).external_origin,
              "https://host.example:8443");
    EXPECT_EQ(settings_of({"--web.external-url=/p"}).external_origin, "");
}

TEST(flags, check_origins) {
    EXPECT_EQ(settings_of({"--web.cors-origin=https://a.example", "--web.cors-origin=*"}).cors_origins,
              (arguments{"https://a.example", "*"}));
    for (auto const* wrong : {"a.example", "https://a.example/", "https://a.example,https://b.example", ""}) {
        EXPECT_NE(message_of({std::string("--web.cors-origin=") + wrong}).find("is no origin"), std::string::npos);
    }
}

TEST(flags, help_and_version) {
    for (auto const* flag : {"-h", "--help", "--help-long"}) {
        auto const parsed = parse({"--log.level=debug", flag});
        ASSERT_TRUE(parsed) << parsed.error().message;
        for (auto const& [name, text] : parsed->flags) {
            EXPECT_NE(parsed->help.find(name), std::string::npos) << name;
        }
        EXPECT_TRUE(parsed->help.starts_with(
            "usage: pushgateway [<flags>]\n\nThe Pushgateway\n\n\nFlags:\n  -h, --[no-]help "));
        EXPECT_NE(parsed->help.find("\n      --log.level=info           Only log messages with"), std::string::npos)
            << parsed->help;
        EXPECT_NE(
            parsed->help.find("\n      --web.telemetry-path=\"/metrics\"  \n                                 Path"),
            std::string::npos);
        EXPECT_NE(parsed->help.find("\n      --web.listen-address=:9091 ...  \n"), std::string::npos);
        for (std::size_t at = 0; at < parsed->help.size();) {
            auto const end = parsed->help.find('\n', at);
            EXPECT_LE(end - at, 80u) << parsed->help.substr(at, end - at);
            at = end + 1;
        }
    }
    auto const parsed = parse({"--version"});
    ASSERT_TRUE(parsed);
    EXPECT_TRUE(parsed->version);
}

// Every flag stands in the pages for operators, with its default.
TEST(flags, are_in_the_specification) {
    std::string pages;
    for (std::string const page : {"flags.md", "limits.md"}) {
        std::ifstream file(std::string(PUSHGATEWAY_SPEC_DIR) + '/' + page);
        pages.append(std::istreambuf_iterator<char>(file), {});
    }
    auto const told = parse({}).value();
    for (auto const& [name, text] : told.flags) {
        auto const begin = pages.find("| `--" + name + "` |");
        ASSERT_NE(begin, std::string::npos) << name;
        auto const row = pages.substr(begin, pages.find('\n', begin) - begin);
        auto const shown = text == "true"    ? "| on |"
                           : text == "false" ? "| off |"
                           : text.empty()    ? "| |"
                                             : "`" + text + "`";
        EXPECT_NE(row.find(shown), std::string::npos) << row << " must show " << shown;
    }
}

struct arguments_file {
    explicit arguments_file(std::string const& text)
        : name(testing::TempDir() + "pushgateway_flags_" + std::to_string(::getpid())) {
        std::ofstream(name) << text;
    }
    ~arguments_file() { std::remove(name.c_str()); }
    std::string name;
};

TEST(flags, come_from_a_file) {
    arguments_file const file("# what we use\n--web.listen-address=:1\n\n--log.level\ndebug\n");
    auto const told = settings_of({"--web.enable-admin-api", "@" + file.name, "--log.format=json"});
    EXPECT_EQ(told.listen_addresses, arguments{":1"});
    EXPECT_EQ(told.lowest_level, log_level::debug);
    EXPECT_EQ(told.format, log_format::json);
    EXPECT_TRUE(told.enable_admin_api);
    EXPECT_EQ(message_of({"@/does/not/exist"}), "cannot read the arguments file \"/does/not/exist\"");
    arguments_file const huge("--web.route-prefix=" + std::string(2'000'000, 'x'));
    EXPECT_NE(message_of({"@" + huge.name}).find("is larger than 1 MiB"), std::string::npos);
}

TEST(flags, come_from_the_environment) {
    variables const environment{{"PUSHGATEWAY_WEB_LISTEN_ADDRESS", ":1,unix:/run/x"},
                                {"PUSHGATEWAY_WEB_ENABLE_ADMIN_API", "true"},
                                {"PUSHGATEWAY_LOG_LEVEL", "debug"},
                                {"PUSHGATEWAY_PERSISTENCE_FILE", ""},
                                // What Kubernetes sets for a service of this name.
                                {"PUSHGATEWAY_PORT", "tcp://10.0.0.1:9091"},
                                {"PUSHGATEWAY_SERVICE_HOST", "10.0.0.1"}};
    auto const told = settings_of({}, environment);
    EXPECT_EQ(told.listen_addresses, (arguments{":1", "unix:/run/x"}));
    EXPECT_TRUE(told.enable_admin_api);
    EXPECT_EQ(told.lowest_level, log_level::debug);
    auto const overruled =
        settings_of({"--web.listen-address=:2", "--no-web.enable-admin-api", "--log.level=error"}, environment);
    EXPECT_EQ(overruled.listen_addresses, arguments{":2"});
    EXPECT_FALSE(overruled.enable_admin_api);
    EXPECT_EQ(overruled.lowest_level, log_level::error);
    EXPECT_EQ(message_of({}, {{"PUSHGATEWAY_LOG_LEVEL", "loud"}}),
              "PUSHGATEWAY_LOG_LEVEL: unrecognized log level loud: it is one of debug, info, warn, error");
    EXPECT_EQ(
        message_of({}, {{"PUSHGATEWAY_LIMIT_BODY", "big"}}),
        "PUSHGATEWAY_LIMIT_BODY: flag 'limit.body': \"big\" is no size: it must begin with a number, as in 64KiB");
}

}  // namespace
}  // namespace pushgateway::server
