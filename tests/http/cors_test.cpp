#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>
#include <support/routed.hpp>

namespace pushgateway::http {
namespace {

using test::header;
using test::routed;

router_options allowing(std::vector<std::string> origins) {
    router_options options;
    options.cors_origins = std::move(origins);
    return options;
}

std::vector<field> from(std::string origin) { return {{"Origin", std::move(origin)}}; }

TEST(cors, is_off_for_pushes_without_origins) {
    routed gateway;
    auto const pushed = gateway.send("PUT", "/metrics/job/x", "m 1\n", from("https://a.example"));
    EXPECT_EQ(pushed.status, 403);
    EXPECT_EQ(header(pushed, "Access-Control-Allow-Origin"), "");
    EXPECT_EQ(header(pushed, "Vary"), "");
    auto const asked = gateway.send("OPTIONS", "/metrics/job/x", {},
                                    {{"Origin", "https://a.example"}, {"Access-Control-Request-Method", "PUT"}});
    EXPECT_EQ(asked.status, 200);
    EXPECT_EQ(header(asked, "Access-Control-Allow-Methods"), "");
    EXPECT_EQ(header(asked, "Allow"), "DELETE, OPTIONS, POST, PUT");
}

TEST(cors, lets_pages_of_named_origins_push_and_delete) {
    routed gateway(allowing({"https://a.example", "https://b.example:8443"}));
    for (std::string const origin : {"https://a.example", "https://b.example:8443"}) {
        auto const asked = gateway.send("OPTIONS", "/metrics/job/x/a/b", {},
                                        {{"Origin", origin}, {"Access-Control-Request-Method", "PUT"}});
        EXPECT_EQ(asked.status, 200);
        EXPECT_EQ(header(asked, "Access-Control-Allow-Origin"), origin);
        EXPECT_EQ(header(asked, "Access-Control-Allow-Methods"), "DELETE, OPTIONS, POST, PUT");
        EXPECT_EQ(header(asked, "Access-Control-Allow-Headers"), "Authorization, Content-Encoding, Content-Type");
        EXPECT_EQ(header(asked, "Access-Control-Max-Age"), "86400");
        EXPECT_EQ(header(asked, "Vary"), "Origin");
        for (auto const& [method, body, status] :
             {std::tuple{"PUT", "m 1\n", 200}, {"POST", "m 2\n", 200}, {"POST", "m x\n", 400}, {"DELETE", "", 202}}) {
            auto const got = gateway.send(method, "/metrics/job/x/a/b", body, from(origin));
            EXPECT_EQ(got.status, status);
            EXPECT_EQ(header(got, "Access-Control-Allow-Origin"), origin) << "also for what failed";
        }
    }
}

TEST(cors, says_nothing_to_others) {
    routed gateway(allowing({"https://a.example"}));
    for (std::string const origin :
         {"https://evil.example", "http://a.example", "https://a.example.evil", "null", ""}) {
        auto const got = gateway.send("PUT", "/metrics/job/x", "m 1\n", from(origin));
        EXPECT_EQ(header(got, "Access-Control-Allow-Origin"), "") << origin;
        EXPECT_EQ(header(got, "Vary"), "Origin") << "a cache must not give it to an allowed one";
        auto const asked = gateway.send("OPTIONS", "/metrics/job/x", {},
                                        {{"Origin", origin}, {"Access-Control-Request-Method", "PUT"}});
        EXPECT_EQ(header(asked, "Access-Control-Allow-Methods"), "") << origin;
    }
    EXPECT_EQ(header(gateway.send("GET", "/metrics", {}, from("https://a.example")), "Access-Control-Allow-Origin"), "")
        << "reading is not for pages of other origins";
}

TEST(cors, may_be_open_to_all) {
    routed gateway(allowing({"*"}));
    auto const got = gateway.send("PUT", "/metrics/job/x", "m 1\n", from("https://any.example"));
    EXPECT_EQ(header(got, "Access-Control-Allow-Origin"), "*");
    EXPECT_EQ(header(got, "Vary"), "");
    EXPECT_EQ(header(gateway.send("PUT", "/metrics/job/x", "m 1\n"), "Access-Control-Allow-Origin"), "");
}

}  // namespace
}  // namespace pushgateway::http
