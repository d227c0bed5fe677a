#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <support/routed.hpp>

namespace pushgateway::http {
namespace {

using test::header;
using test::routed;
using fields = std::vector<field>;

struct change {
    std::string method;
    std::string target;
    std::string body;
    int done;
};

/// One request for each thing that a client can change.
std::vector<change> const changes{
    {"PUT", "/metrics/job/x", "m 1\n", 200},
    {"POST", "/metrics/job/x", "m 2\n", 200},
    {"DELETE", "/metrics/job/x", "", 202},
    {"POST", "/metrics/job@base64/eA/a/b", "m 1\n", 200},
    {"PUT", "/api/v1/admin/wipe", "", 202},
    {"POST", "/-/quit", "", 200},
    {"PUT", "/-/quit", "", 200},
};

/// A gateway where all of that is switched on.
struct open_gateway {
    explicit open_gateway(std::vector<std::string> origins = {}, std::string external = {}) {
        router_options options;
        options.enable_admin_api = true;
        options.enable_lifecycle = true;
        options.on_quit = [this] { ++stopped; };
        options.cors_origins = std::move(origins);
        options.external_origin = std::move(external);
        held.emplace(std::move(options));
        held->send("PUT", "/metrics/job/before", "before 1\n");
    }

    void takes(fields const& sent, std::string_view why) {
        for (auto const& [method, target, body, done] : changes) {
            EXPECT_EQ(held->send(method, target, body, sent).status, done) << method << ' ' << target << ": " << why;
        }
        EXPECT_EQ(stopped, 2) << why;
    }

    void refuses(fields const& sent, std::string_view why) {
        for (auto const& [method, target, body, done] : changes) {
            auto const refused = held->send(method, target, body, sent);
            EXPECT_EQ(refused.status, 403) << method << ' ' << target << ": " << why;
            EXPECT_NE(refused.body.find("for a page of another site"), std::string::npos) << refused.body;
            EXPECT_NE(refused.body.find("--web.cors-origin"), std::string::npos) << refused.body;
        }
        EXPECT_EQ(stopped, 0) << why;
        auto scrape = held->send("GET", "/metrics");
        auto const shown = test::body_of(scrape);
        EXPECT_NE(shown.find("\nbefore{"), std::string::npos) << why;
        EXPECT_EQ(shown.find("\nm{"), std::string::npos) << why;
    }

    std::optional<routed> held;
    int stopped = 0;
};

TEST(cross_site, pages_of_other_sites_change_nothing) {
    std::string const evil = "https://evil.example";
    for (auto const& sent :
         {fields{{"Sec-Fetch-Site", "cross-site"}}, fields{{"Sec-Fetch-Site", "cross-site"}, {"Origin", evil}},
          fields{{"Sec-Fetch-Site", "same-site"}, {"Origin", "https://other.gateway.example"}},
          fields{{"Sec-Fetch-Site", "Cross-Site"}, {"Origin", "null"}}, fields{{"Sec-Fetch-Site", "something new"}},
          fields{{"Origin", evil}, {"Host", "gateway.example:9091"}},
          fields{{"Origin", "null"}, {"Host", "gateway.example"}},
          fields{{"Origin", "http://gateway.example"}, {"Host", "gateway.example:9091"}},
          fields{{"Origin", "http://gateway.example.evil"}, {"Host", "gateway.example"}},
          // A page of the same host that somebody else serves: the browser knows.
          fields{
              {"Sec-Fetch-Site", "cross-site"}, {"Origin", "http://gateway.example"}, {"Host", "gateway.example"}}}) {
        std::string shown;
        for (auto const& f : sent) shown += f.name + ": " + f.value + "; ";
        open_gateway().refuses(sent, shown);
        open_gateway({"https://jobs.example"}, "https://push.example").refuses(sent, shown);
    }
}

TEST(cross_site, programs_and_the_gateways_own_page_do) {
    for (auto const& sent :
         {fields{}, fields{{"Sec-Fetch-Site", "same-origin"}, {"Origin", "https://push.example"}, {"Host", "10.0.0.1"}},
          fields{{"Sec-Fetch-Site", "none"}}, fields{{"Origin", "http://gateway:9091"}, {"Host", "gateway:9091"}},
          fields{{"Origin", "https://gateway.example"}, {"Host", "Gateway.example:443"}},
          fields{{"Origin", "http://gateway.example"}, {"Host", "gateway.example:80"}},
          fields{{"Origin", "https://a.example"}, {"Host", "10.0.0.1:9091"}, {"X-Forwarded-Host", "a.example, b"}}}) {
        open_gateway().takes(sent, sent.empty() ? "" : sent.front().value);
    }
    open_gateway({}, "https://push.example")
        .takes({{"Origin", "https://push.example"}, {"Host", "10.0.0.1:9091"}}, "the external URL's origin");
}

TEST(cross_site, pages_of_allowed_origins_do) {
    fields const sent{{"Sec-Fetch-Site", "cross-site"}, {"Origin", "https://jobs.example"}};
    open_gateway({"https://a.example", "https://jobs.example"}).takes(sent, "named");
    open_gateway({"*"}).takes(sent, "any");
    open_gateway({"https://a.example"}).refuses(sent, "another one is named");
}

TEST(cross_site, reading_is_not_concerned) {
    open_gateway gateway;
    for (std::string const target : {"/metrics", "/", "/-/healthy", "/-/ready", "/api/v1/status", "/api/v1/groups"}) {
        EXPECT_EQ(gateway.held->send("GET", target, {}, {{"Sec-Fetch-Site", "cross-site"}}).status, 200) << target;
    }
    EXPECT_EQ(gateway.held->send("OPTIONS", "/metrics/job/x", {}, {{"Sec-Fetch-Site", "cross-site"}}).status, 200);
}

}  // namespace
}  // namespace pushgateway::http
