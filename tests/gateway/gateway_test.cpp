#include "compiled/gateway.hpp"

#include <array>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include <pushgateway/pushgateway.hpp>

namespace pushgateway {
namespace {

using namespace std::chrono_literals;

using test_gateway = test::steered_gateway;

model::grouping_key const job_x("x");

/// Lines of the exposition that neither are comments nor belong to the gateway itself.
std::string pushed_lines(std::string_view exposition) {
    std::string out;
    while (!exposition.empty()) {
        auto const end = exposition.find('\n') + 1;
        auto const line = exposition.substr(0, end);
        if (!line.starts_with('#') && !line.starts_with("process_") && !line.starts_with("pushgateway_")) out += line;
        exposition.remove_prefix(end);
    }
    return out;
}

TEST(gateway, shows_what_was_pushed_until_it_is_deleted) {
    manual_clock const clock(timestamp(1700000000500ms));
    test_gateway gateway({}, clock);
    auto const key = model::grouping_key("backup").set("host", "db1");
    ASSERT_TRUE(gateway.push(key, push_mode::replace, "backup_bytes 4.2e9\n"));
    EXPECT_EQ(pushed_lines(gateway.scrape()),
              "backup_bytes{host=\"db1\",instance=\"\",job=\"backup\"} 4.2e+09\n"
              "push_failure_time_seconds{host=\"db1\",instance=\"\",job=\"backup\"} 0\n"
              "push_time_seconds{host=\"db1\",instance=\"\",job=\"backup\"} 1.7000000005e+09\n");
    EXPECT_TRUE(gateway.erase(key));
    EXPECT_FALSE(gateway.erase(key));
    EXPECT_EQ(pushed_lines(gateway.scrape()), "");
}

TEST(gateway, replaces_the_group_or_updates_it) {
    test_gateway gateway;
    ASSERT_TRUE(gateway.push(job_x, push_mode::replace, "a 1\nb 1\n"));
    ASSERT_TRUE(gateway.push(job_x, push_mode::update, "b 2\n"));
    EXPECT_NE(gateway.scrape().find("\na{instance=\"\",job=\"x\"} 1\n"), std::string::npos);
    EXPECT_NE(gateway.scrape().find("\nb{instance=\"\",job=\"x\"} 2\n"), std::string::npos);
    ASSERT_TRUE(gateway.push(job_x, push_mode::replace, "b 3\n"));
    EXPECT_EQ(gateway.scrape().find("\na{"), std::string::npos);
    gateway.wipe();
    EXPECT_EQ(gateway.statistics().groups, 0u);
}

TEST(gateway, takes_families_of_its_embedder) {
    test_gateway gateway;
    std::array<model::metric, 1> const metrics{{{{}, model::gauge{5}, {}}}};
    std::array<model::metric_family, 1> const families{{{"depth", "How deep.", model::metric_type::gauge, metrics}}};
    ASSERT_TRUE(gateway.push(job_x, push_mode::replace, std::span<model::metric_family const>(families)));
    EXPECT_NE(gateway.scrape().find("# HELP depth How deep.\n# TYPE depth gauge\ndepth{instance=\"\",job=\"x\"} 5\n"),
              std::string::npos);
}

TEST(gateway, a_malformed_body_changes_nothing) {
    test_gateway gateway;
    auto const pushed = gateway.push(job_x, push_mode::replace, "a 1\nb\n");
    ASSERT_FALSE(pushed);
    EXPECT_EQ(pushed.error().code, errc::syntax);
    EXPECT_TRUE(pushed.error().message.starts_with("text format parsing error in line 2: ")) << pushed.error().message;
    EXPECT_EQ(gateway.statistics().groups, 0u);
}

TEST(gateway, refuses_keys_that_no_exposition_could_show) {
    test_gateway gateway;
    for (auto const& key :
         {model::grouping_key(""), model::grouping_key("x").set("a", "\xff"), model::grouping_key("x").set("0a", "b"),
          model::grouping_key("x").set("__a", "b"), model::grouping_key("\xc3\x28")}) {
        auto const pushed = gateway.push(key, push_mode::replace, "a 1\n");
        ASSERT_FALSE(pushed);
        EXPECT_EQ(pushed.error().code, errc::invalid);
    }
    EXPECT_EQ(gateway.statistics().groups, 0u);
}

TEST(gateway, an_inconsistent_push_is_refused_and_remembered) {
    manual_clock clock(timestamp(1000s));
    test_gateway gateway({}, clock);
    ASSERT_TRUE(gateway.push(job_x, push_mode::replace, "# TYPE a gauge\na 1\n"));
    clock.advance(1s);
    auto const pushed = gateway.push(job_x, push_mode::replace, "b 1 12345\n");
    ASSERT_FALSE(pushed);
    EXPECT_EQ(pushed.error().code, errc::inconsistent);
    EXPECT_TRUE(
        pushed.error().message.starts_with("pushed metrics are invalid or inconsistent with existing metrics: "));
    EXPECT_EQ(pushed_lines(gateway.scrape()),
              "a{instance=\"\",job=\"x\"} 1\n"
              "push_failure_time_seconds{instance=\"\",job=\"x\"} 1001\n"
              "push_time_seconds{instance=\"\",job=\"x\"} 1000\n");
    EXPECT_FALSE(gateway.groups()[0].last_push_successful());
}

TEST(gateway, a_push_is_held_against_the_gateways_own_metrics) {
    test_gateway gateway;
    for (auto const* body : {"# TYPE pushgateway_build_info counter\npushgateway_build_info 1\n",
                             "# TYPE process_open_fds summary\nprocess_open_fds_count 1\n",
                             "pushgateway_http_push_size_bytes_count 1\n"}) {
        auto const pushed = gateway.push(job_x, push_mode::replace, body);
        ASSERT_FALSE(pushed) << body;
        EXPECT_EQ(pushed.error().code, errc::inconsistent) << body;
    }
}

TEST(gateway, a_pushed_family_of_an_own_name_stands_under_the_own_header) {
    test_gateway gateway;
    ASSERT_TRUE(gateway.push(job_x, push_mode::replace,
                             "# HELP pushgateway_clashing_series mine\n# TYPE pushgateway_clashing_series gauge\n"
                             "pushgateway_clashing_series 9\n"));
    EXPECT_NE(gateway.scrape().find(
                  "# HELP pushgateway_clashing_series Number of pushed series left out of the exposition because they "
                  "clash with others.\n# TYPE pushgateway_clashing_series gauge\npushgateway_clashing_series 0\n"
                  "pushgateway_clashing_series{instance=\"\",job=\"x\"} 9\n"),
              std::string::npos);
}

TEST(gateway, lets_the_names_of_own_metrics_free_that_are_shown_elsewhere) {
    gateway_options options;
    options.own_names_reserved = false;
    test_gateway gateway(options);
    for (auto const* family : own_family::all()) {
        std::string const name(family->name);
        EXPECT_TRUE(gateway.push(job_x, push_mode::update, name + " 7\n")) << name;
    }
    EXPECT_TRUE(gateway.push(job_x, push_mode::update, "pushgateway_http_push_size_bytes_sum 1\n"));
    std::string shown;
    std::string piece;
    for (auto pieces = gateway.scrape_pieces({}, scrape_scope::pushed); pieces.next(piece);) shown += piece;
    EXPECT_NE(shown.find("\nprocess_open_fds{instance=\"\",job=\"x\"} 7\n"), std::string::npos) << shown;
    EXPECT_FALSE(gateway.push(job_x, push_mode::update,
                              "# TYPE push_time_seconds counter\npush_time_seconds 1\n"
                              "a 1\na 1\n"))
        << "other rules hold";
}

TEST(gateway, unchecked_leaves_clashes_out_and_counts_them) {
    test_gateway gateway({}, manual_clock(), selectable{false});
    EXPECT_FALSE(gateway.checks_consistency());
    ASSERT_TRUE(gateway.push(job_x, push_mode::replace, "# TYPE a gauge\na 1\n"));
    ASSERT_TRUE(gateway.push(model::grouping_key("y"), push_mode::replace, "# TYPE a counter\na 2\n"));
    auto const scrape = gateway.scrape();
    EXPECT_NE(scrape.find("\na{instance=\"\",job=\"x\"} 1\n"), std::string::npos);
    EXPECT_EQ(scrape.find("a{instance=\"\",job=\"y\"}"), std::string::npos);
    EXPECT_NE(scrape.find("\npushgateway_clashing_series 1\n"), std::string::npos);
}

TEST(gateway, hands_out_the_exposition_in_pieces_that_later_pushes_do_not_change) {
    test_gateway gateway;
    std::string body;
    for (int i = 0; i != 5000; ++i) body += "a{i=\"" + std::to_string(i) + "\"} 1\n";
    ASSERT_TRUE(gateway.push(job_x, push_mode::replace, body));
    auto pieces = gateway.scrape_pieces({"a"});
    std::string all;
    std::string piece;
    int count = 0;
    while (pieces.next(piece)) {
        EXPECT_LT(piece.size(), 256u * 1024);
        all += piece;
        ++count;
        gateway.wipe();
    }
    EXPECT_GT(count, 1);
    EXPECT_EQ(std::ranges::count(all, '\n'), 5001);
    EXPECT_FALSE(pieces.next(piece));
}

TEST(gateway, shows_only_the_families_that_are_asked_for) {
    test_gateway gateway;
    ASSERT_TRUE(gateway.push(job_x, push_mode::replace, "a 1\nb 1\n"));
    std::string piece;
    auto some = gateway.scrape_pieces({"pushgateway_clashing_series", "b", "none", "b"});
    ASSERT_TRUE(some.next(piece));
    EXPECT_EQ(pushed_lines(piece), "b{instance=\"\",job=\"x\"} 1\n");
    EXPECT_TRUE(piece.ends_with("\npushgateway_clashing_series 0\n"));
    EXPECT_FALSE(gateway.scrape_pieces({"none"}).next(piece));
}

TEST(gateway, shows_itself_when_nothing_was_pushed) {
    test_gateway gateway;
    gateway.count_request(request_handler::healthy, "GET", 200);
    gateway.observe_push("PUT", 1ms, 10);
    auto const scrape = gateway.scrape();
    EXPECT_EQ(pushed_lines(scrape), "");
    for (auto const* family : own_family::all()) {
        EXPECT_NE(scrape.find("# HELP " + std::string(family->name) + " " + std::string(family->help) + "\n# TYPE "),
                  std::string::npos)
            << family->name;
    }
    EXPECT_TRUE(gateway.healthy());
    EXPECT_TRUE(gateway.ready());
}

TEST(gateway, serves_threads_at_once) {
    gateway shared;
    std::vector<std::thread> threads;
    for (int t = 0; t != 4; ++t) {
        threads.emplace_back([&shared, t] {
            model::grouping_key const key("job" + std::to_string(t));
            for (int i = 0; i != 200; ++i) {
                auto const body = "a{t=\"" + std::to_string(t) + "\"} " + std::to_string(i) + "\n";
                EXPECT_TRUE(shared.push(key, i % 2 == 0 ? push_mode::replace : push_mode::update, body));
                shared.count_request(request_handler::push, "PUT", 200);
                if (i % 20 != 0) continue;
                EXPECT_NE(shared.scrape().find("\na{instance=\"\",job=\"job"), std::string::npos);
            }
        });
    }
    for (auto& t : threads) t.join();
    EXPECT_EQ(shared.groups().size(), 4u);
    EXPECT_NE(shared.scrape().find("code=\"200\",handler=\"push\",method=\"put\"} 800\n"), std::string::npos);
}

std::string own_line(std::string const& exposition, std::string const& series) {
    auto const at = exposition.find('\n' + series + ' ');
    if (at == std::string::npos) return {};
    auto const value = at + series.size() + 2;
    return exposition.substr(value, exposition.find('\n', value) - value);
}

TEST(gateway, refuses_a_push_that_is_too_large) {
    gateway_options options;
    options.limits.families_per_push = 2;
    options.limits.series_per_push = 4;
    options.limits.labels_per_sample = 1;
    test_gateway gateway(options);
    EXPECT_TRUE(gateway.push(job_x, push_mode::replace, "a{l=\"1\"} 1\na{l=\"2\"} 1\nb 1\nb{l=\"1\"} 1\n"));
    auto const refusal = [&](std::string_view body) {
        auto const pushed = gateway.push(job_x, push_mode::replace, body);
        return pushed ? error{} : pushed.error();
    };
    EXPECT_EQ(refusal("a 1\nb 1\nc 1\n").code, errc::too_large);
    EXPECT_EQ(refusal("a 1\nb 1\nc 1\n").message, "the push has more than 2 families (limit \"families-per-push\")");
    EXPECT_EQ(refusal("a 1\na 1\na 1\na 1\na 1\n").message,
              "the push has more than 4 series (limit \"series-per-push\")");
    EXPECT_EQ(refusal("a{l=\"1\",m=\"2\"} 1\n").limit, limit_kind::labels_per_series);
    auto const shown = gateway.scrape();
    EXPECT_EQ(own_line(shown, "pushgateway_limit_rejections_total{limit=\"families-per-push\"}"), "2");
    EXPECT_EQ(own_line(shown, "pushgateway_limit_rejections_total{limit=\"series-per-push\"}"), "1");
    EXPECT_EQ(own_line(shown, "pushgateway_limit_rejections_total{limit=\"labels-per-series\"}"), "1");
    EXPECT_EQ(own_line(shown, "b{instance=\"\",job=\"x\",l=\"1\"}"), "1") << "a refused push has changed the group";
    EXPECT_EQ(own_line(shown, "push_failure_time_seconds{instance=\"\",job=\"x\"}"), "0");
}

TEST(gateway, refuses_families_of_its_embedder_that_are_too_many) {
    gateway_options options;
    options.limits.families_per_push = 2;
    options.limits.series_per_push = 3;
    test_gateway gateway(options);
    model::metric const one{{}, model::gauge{1}, {}};
    model::metric const summary{{}, model::summary{1, 1, {}}, {}};
    auto const family = [](std::string_view name, model::metric_type type, std::span<model::metric const> metrics) {
        return model::metric_family{name, std::nullopt, type, metrics};
    };
    auto const gauge = model::metric_type::gauge;
    auto const push = [&](std::vector<model::metric_family> const& families) {
        return gateway.push(job_x, push_mode::replace, std::span(families));
    };
    EXPECT_TRUE(push({family("a", gauge, {&one, 1}), family("s", model::metric_type::summary, {&summary, 1})}));
    EXPECT_EQ(push({family("a", gauge, {}), family("b", gauge, {}), family("c", gauge, {})}).error().limit,
              limit_kind::families_per_push);
    EXPECT_EQ(push({family("s", model::metric_type::summary, {&summary, 1}),
                    family("t", model::metric_type::summary, {&summary, 1})})
                  .error()
                  .limit,
              limit_kind::series_per_push);
}

TEST(gateway, bounds_groups_and_series) {
    gateway_options options;
    options.limits.groups = 2;
    options.limits.series = 8;
    manual_clock clock(timestamp(1700000000s));
    test_gateway gateway(options, clock);
    model::grouping_key const job_y("y");
    model::grouping_key const job_z("z");
    ASSERT_TRUE(gateway.push(job_x, push_mode::replace, "a 1\nb 1\n"));
    clock.advance(1s);
    auto const refused = gateway.push(job_y, push_mode::replace, "a 1\nb 1\nc 1\n");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, errc::too_many);
    EXPECT_EQ(refused.error().message, "the gateway would hold more than 8 series (limit \"series\")");
    EXPECT_EQ(gateway.statistics().groups, 1U) << "no group for the failure";
    ASSERT_TRUE(gateway.push(job_y, push_mode::replace, "a 1\nb 1\n"));
    EXPECT_EQ(gateway.push(job_z, push_mode::replace, "").error().message,
              "the gateway would hold more than 2 groups (limit \"groups\")");
    EXPECT_EQ(gateway.push(job_z, push_mode::replace, "push_time_seconds 1 1\n").error().code, errc::inconsistent);
    EXPECT_EQ(gateway.statistics().groups, 2U) << "no group for the failure";

    EXPECT_EQ(gateway.push(job_x, push_mode::update, "c 1\n").error().limit, limit_kind::series);
    auto const shown = gateway.scrape();
    EXPECT_EQ(own_line(shown, "push_failure_time_seconds{instance=\"\",job=\"x\"}"), "1.700000001e+09");
    EXPECT_EQ(own_line(shown, "pushgateway_limit{limit=\"series\"}"), "8");
    EXPECT_EQ(own_line(shown, "pushgateway_limit_usage{limit=\"series\"}"), "8");
    EXPECT_EQ(own_line(shown, "pushgateway_limit_usage{limit=\"groups\"}"), "2");
    EXPECT_EQ(own_line(shown, "pushgateway_limit_rejections_total{limit=\"series\"}"), "2");
    EXPECT_EQ(own_line(shown, "pushgateway_limit_rejections_total{limit=\"groups\"}"), "1");

    // What makes no group larger is taken, also when everything is full.
    EXPECT_TRUE(gateway.push(job_x, push_mode::update, "b 2\n"));
    EXPECT_TRUE(gateway.push(job_x, push_mode::replace, "c 1\n"));
    EXPECT_TRUE(gateway.push(job_y, push_mode::update, "c 1\n"));
    EXPECT_FALSE(gateway.push(job_y, push_mode::update, "d 1\n"));
    gateway.erase(job_x);
    EXPECT_TRUE(gateway.push(job_z, push_mode::replace, "a 1\n"));
}

}  // namespace
}  // namespace pushgateway
