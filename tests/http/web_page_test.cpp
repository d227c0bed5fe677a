#include <cstddef>
#include <regex>
#include <string>
#include <string_view>

#include <gtest/gtest.h>
#include <support/gzip.hpp>
#include <support/routed.hpp>

#include <pushgateway/http/page/assets.hpp>
#include <pushgateway/http/router.hpp>

namespace pushgateway::http {
namespace {

using test::body_of;
using test::header;
using test::routed;

TEST(web_page, may_run_and_load_nothing_but_its_files) {
    routed gateway;
    for (std::string const path : {"/", "/status"}) {
        auto r = gateway.send("GET", path);
        EXPECT_EQ(r.status, 200);
        EXPECT_EQ(header(r, "Content-Type"), "text/html; charset=utf-8");
        EXPECT_EQ(header(r, "Content-Security-Policy"),
                  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
                  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
                  "require-trusted-types-for 'script'; trusted-types 'none'");
        EXPECT_EQ(header(r, "X-Content-Type-Options"), "nosniff");
        EXPECT_EQ(header(r, "Cross-Origin-Resource-Policy"), "same-origin");
        EXPECT_EQ(header(r, "Referrer-Policy"), "no-referrer");
        EXPECT_EQ(header(r, "X-Frame-Options"), "DENY");
        EXPECT_EQ(header(r, "Cache-Control"), "no-cache");
        auto const page = body_of(r);
        EXPECT_EQ(page.find("{{"), std::string::npos);
        EXPECT_EQ(page.find(" style="), std::string::npos);
        EXPECT_EQ(page.find(" onclick="), std::string::npos);
        EXPECT_FALSE(std::regex_search(page, std::regex("<script[^>]*>[^<]"))) << "a script inside of the page";
        EXPECT_FALSE(std::regex_search(page, std::regex("(src|href)=\"(https?:)?//")));
    }
}

TEST(web_page, names_files_that_are_there_and_may_be_kept) {
    routed gateway;
    auto front = gateway.send("GET", "/");
    auto const page = body_of(front);
    std::regex const link("(?:src|href)=\"(static/[^\"]*)\"");
    std::size_t files = 0;
    for (std::sregex_iterator at(page.begin(), page.end(), link), end; at != end; ++at, ++files) {
        auto const r = gateway.send("GET", '/' + (*at)[1].str());
        EXPECT_EQ(r.status, 200) << (*at)[1];
        EXPECT_EQ(header(r, "Cache-Control"), "public, max-age=31536000, immutable");
        EXPECT_EQ(header(r, "X-Content-Type-Options"), "nosniff");
        EXPECT_FALSE(header(r, "Content-Type").empty());
    }
    EXPECT_GE(files, page::assets.size());
    for (auto const& asset : page::assets) {
        if (!asset.name.ends_with(".js")) continue;
        EXPECT_NE(page.find('/' + std::string(asset.name) + '"'), std::string::npos) << asset.name << " is not named";
    }
    auto const place = "/static/" + std::string(page::version);
    for (auto const& none : {std::string("/static/"), std::string("/static/main.js"), place, place + "/",
                             place + "/page.html", place + "/x", std::string("/static/x/main.js")}) {
        EXPECT_EQ(gateway.send("GET", none).status, 404) << none;
    }
}

TEST(web_page, is_small) {
    routed gateway;
    auto const compressed = [&](std::string target) {
        auto r = gateway.send("GET", std::move(target), {}, {{"Accept-Encoding", "gzip"}});
        EXPECT_EQ(header(r, "Content-Encoding"), "gzip");
        EXPECT_EQ(header(r, "Vary"), "Accept-Encoding");
        EXPECT_GT(test::gunzip(r.body).value_or("").size(), r.body.size());
        return r.body.size();
    };
    auto all = compressed("/");
    for (auto const& asset : page::assets) {
        if (asset.name == "page.html") continue;
        all += compressed("/static/" + std::string(page::version) + '/' + std::string(asset.name));
    }
    EXPECT_LT(all, 100'000u);
    RecordProperty("compressed_bytes", static_cast<int>(all));
}

TEST(web_page, knows_where_the_own_metrics_are) {
    auto const own = [](router_options options) {
        routed gateway(std::move(options));
        auto front = gateway.send("GET", "/");
        auto const page = body_of(front);
        std::smatch found;
        return std::regex_search(page, found, std::regex("data-own=\"([^\"]*)\"")) ? found[1].str() : "none";
    };
    EXPECT_EQ(own({}), "./metrics");
    router_options options;
    options.telemetry_path = "/stats/x";
    EXPECT_EQ(own(options), "./stats/x");
    options.telemetry_scope = scrape_scope::pushed;
    EXPECT_EQ(own(options), "");
    options.own_telemetry_path = "/own";
    EXPECT_EQ(own(options), "./own");
}

TEST(web_page, can_be_left_out) {
    gateway held;
    router<gateway, null_logger, no_page> bare(held);
    request req;
    req.method = "GET";
    for (std::string const path : {"/", "/status", "/static/x"}) {
        req.target = path;
        EXPECT_EQ(bare(req).status, 404) << path;
    }
    req.target = "/api/v1/groups";
    EXPECT_EQ(bare(req).status, 200);
}

}  // namespace
}  // namespace pushgateway::http
