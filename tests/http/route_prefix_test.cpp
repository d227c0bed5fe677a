#include <cstddef>
#include <regex>
#include <string>
#include <string_view>

#include <gtest/gtest.h>
#include <support/routed.hpp>

#include <pushgateway/http/routes.hpp>

namespace pushgateway::http {
namespace {

using test::body_of;
using test::header;
using test::routed;

router_options below(std::string prefix) {
    router_options options;
    options.route_prefix = std::move(prefix);
    options.enable_admin_api = true;
    return options;
}

TEST(route_prefix, stands_before_every_route) {
    routed gateway(below("/push"));
    EXPECT_EQ(gateway.send("PUT", "/push/metrics/job/x/a/b", "m 1\n").status, 200);
    auto scrape = gateway.send("GET", "/push/metrics");
    EXPECT_NE(body_of(scrape).find("m{a=\"b\",instance=\"\",job=\"x\"} 1\n"), std::string::npos);
    for (std::string const path : {"/", "/status", "/-/healthy", "/-/ready", "/api/v1/status", "/api/v1/metrics"}) {
        EXPECT_EQ(gateway.send("GET", "/push" + path).status, 200) << path;
        EXPECT_EQ(gateway.send("GET", path).status, 404) << path;
    }
    EXPECT_EQ(gateway.send("PUT", "/metrics/job/x", "m 1\n").status, 404);
    EXPECT_EQ(gateway.send("GET", "/pushmetrics").status, 404);
    EXPECT_EQ(gateway.send("PUT", "/push/-/quit").status, 403);
    EXPECT_EQ(gateway.send("GET", "/push/-/quit").status, 405);
    EXPECT_EQ(gateway.send("GET", "/-/quit").status, 405) << "as the original";
    EXPECT_EQ(gateway.send("DELETE", "/push/metrics/job/x/a/b").status, 202);
    EXPECT_EQ(gateway.send("PUT", "/push/api/v1/admin/wipe").status, 202);
    EXPECT_EQ(header(gateway.send("OPTIONS", "/push/metrics/job/x"), "Allow"), "DELETE, OPTIONS, POST, PUT");
    EXPECT_EQ(header(gateway.send("PATCH", "/push/status"), "Allow"), "GET, OPTIONS");
}

TEST(route_prefix, stays_in_redirects) {
    routed gateway(below("/a/push"));
    struct {
        std::string_view method, from, to;
        int status;
    } const cases[] = {
        {"GET", "/a/push", "/a/push/", 301},
        {"GET", "/a/push/metrics/", "/a/push/metrics", 301},
        {"GET", "/a/push/STATUS?x=1", "/a/push/status?x=1", 301},
        {"GET", "/A/Push/status", "/a/push/status", 301},
        {"GET", "/a/push//metrics", "/a/push/metrics", 301},
        {"PUT", "/a/push/metrics/job/", "/a/push/metrics/job", 307},
        {"PUT", "/a/push/Metrics/Job/X", "/a/push/metrics/job/X", 307},
        {"GET", "/a/push/api/v1", "/a/push/api/v1/", 307},
    };
    for (auto const& c : cases) {
        auto const got = gateway.send(std::string(c.method), std::string(c.from));
        EXPECT_EQ(got.status, c.status) << c.from;
        EXPECT_EQ(header(got, "Location"), c.to) << c.from;
    }
    EXPECT_EQ(gateway.send("GET", "/a").status, 404);
    EXPECT_EQ(gateway.send("GET", "/").status, 404);
}

TEST(route_prefix, may_need_encoding) {
    routed gateway(below("/a b"));
    EXPECT_EQ(gateway.send("GET", "/a%20b/-/ready").status, 200);
    EXPECT_EQ(header(gateway.send("GET", "/a%20b/status/"), "Location"), "/a%20b/status");
    EXPECT_EQ(header(gateway.send("GET", "/a%20b/api/v1"), "Location"), "/a%20b/api/v1/");
}

TEST(route_prefix, is_not_needed_by_the_links_of_the_page) {
    auto options = below("/inner");
    options.telemetry_path = "/a b:\"c\"";
    routed gateway(options);
    auto answer = gateway.send("GET", "/inner/");
    auto const page = body_of(answer);
    EXPECT_NE(page.find(" data-telemetry=\"./a%20b:%22c%22\""), std::string::npos) << page;
    for (std::string_view const absolute : {"href=\"/", "src=\"/", "=\"http", "/inner"}) {
        EXPECT_EQ(page.find(absolute), std::string::npos) << absolute;
    }
}

router_options behind_proxy(std::string external, std::string inner) {
    auto options = below(std::move(inner));
    options.external_prefix = std::move(external);
    return options;
}

TEST(external_prefix, is_in_locations) {
    struct {
        std::string_view external, inner, method, from, to;
    } const cases[] = {
        {"/outer", "", "GET", "/metrics/", "/outer/metrics"},
        {"/outer", "", "GET", "//metrics", "/outer/metrics"},
        {"/outer", "", "GET", "/STATUS?x=1", "/outer/status?x=1"},
        {"/outer", "", "PUT", "/metrics/job/", "/outer/metrics/job"},
        {"/outer", "", "GET", "/api/v1", "/outer/api/v1/"},
        {"/outer", "/inner", "GET", "/inner/metrics/", "/outer/metrics"},
        {"/outer", "/inner", "GET", "/inner", "/outer/"},
        {"", "/inner", "GET", "/inner/metrics/", "/metrics"},
        {"", "/inner", "GET", "/inner", "/"},
        {"/a b", "/c d", "GET", "/c%20d/metrics/", "/a%20b/metrics"},
        {"/push", "/push", "GET", "/push/metrics/", "/push/metrics"},
        {"/outer", "/inner", "GET", "/innermost//x", "/innermost/x"},
    };
    for (auto const& c : cases) {
        routed gateway(behind_proxy(std::string(c.external), std::string(c.inner)));
        auto const got = gateway.send(std::string(c.method), std::string(c.from));
        EXPECT_EQ(header(got, "Location"), c.to) << c.from;
    }
}

TEST(external_prefix, is_in_the_links_of_the_page) {
    for (std::string const inner : {"", "/inner"}) {
        auto options = behind_proxy("/push \"gateway", inner);
        options.own_telemetry_path = "/own";
        routed gateway(options);
        auto answer = gateway.send("GET", inner + "/");
        auto const page = body_of(answer);
        std::string const outer = "/push%20%22gateway";
        std::regex const link("(?:src|href|data-telemetry|data-own)=\"([^?#][^\"]*)\"");
        std::size_t links = 0;
        for (std::sregex_iterator at(page.begin(), page.end(), link), end; at != end; ++at, ++links) {
            auto const to = (*at)[1].str();
            ASSERT_TRUE(to.starts_with(outer + '/')) << to;
            // What the proxy passes on.
            EXPECT_EQ(gateway.send("GET", inner + to.substr(outer.size())).status, 200) << to;
        }
        EXPECT_GT(links, 15u);
        EXPECT_EQ(page.find("/inner"), std::string::npos);
    }
}

TEST(route_prefix, does_not_change_what_takes_long) {
    routed gateway(below("/push"));
    auto const heavy = [&](std::string method, std::string target) {
        request req;
        req.method = std::move(method);
        req.target = std::move(target);
        return gateway.router().class_of(req) != work_class::immediate;
    };
    EXPECT_FALSE(heavy("GET", "/push/-/healthy"));
    EXPECT_FALSE(heavy("GET", "/push/-/ready"));
    EXPECT_FALSE(heavy("PUT", "/push/metrics/job/x"));
    EXPECT_TRUE(heavy("GET", "/push/metrics"));
    EXPECT_TRUE(heavy("DELETE", "/push/metrics/job/x"));
}

TEST(own_metrics, may_have_a_path_of_their_own) {
    router_options options;
    options.telemetry_scope = scrape_scope::pushed;
    options.own_telemetry_path = "/own";
    routed gateway(options);
    ASSERT_EQ(gateway.send("PUT", "/metrics/job/x", "m 1\nprocess_max_fds{a=\"b\"} 2\n").status, 400);
    ASSERT_EQ(gateway.send("PUT", "/metrics/job/x", "m 1\n").status, 200);
    auto pushed = gateway.send("GET", "/metrics");
    auto const without = body_of(pushed);
    EXPECT_NE(without.find("\nm{"), std::string::npos);
    EXPECT_NE(without.find("push_time_seconds{"), std::string::npos);
    EXPECT_EQ(without.find("pushgateway_build_info"), std::string::npos);
    EXPECT_EQ(without.find("process_"), std::string::npos);
    auto own = gateway.send("GET", "/own");
    auto const apart = body_of(own);
    EXPECT_EQ(apart.find("\nm{"), std::string::npos);
    EXPECT_EQ(apart.find("push_time_seconds{"), std::string::npos);
    EXPECT_NE(apart.find("pushgateway_build_info{"), std::string::npos);
    EXPECT_NE(apart.find("process_max_fds "), std::string::npos);
    EXPECT_EQ(header(own, "Content-Type"), header(pushed, "Content-Type"));
    auto filtered = gateway.send("GET", "/own?name[]=pushgateway_build_info&name[]=m");
    auto const one = body_of(filtered);
    EXPECT_TRUE(one.starts_with("# HELP pushgateway_build_info ")) << one;
    EXPECT_EQ(one.find("process_"), std::string::npos);
}

TEST(own_metrics, may_be_hidden) {
    router_options options;
    options.telemetry_scope = scrape_scope::pushed;
    routed gateway(options);
    auto scrape = gateway.send("GET", "/metrics");
    EXPECT_EQ(body_of(scrape), "");
    EXPECT_EQ(gateway.send("GET", "/own").status, 404);
}

}  // namespace
}  // namespace pushgateway::http
