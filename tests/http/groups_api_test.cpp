#include <atomic>
#include <chrono>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <boost/json.hpp>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <pushgateway/gateway/gateway.hpp>
#include <pushgateway/http/router.hpp>

#include "compiled/gateway.hpp"
#include "support/routed.hpp"

namespace pushgateway::http {
namespace {

using namespace std::chrono_literals;
using test::body_of;
using test::header;
using test::routed;

boost::json::value data(response& r) {
    EXPECT_EQ(r.status, 200) << r.body;
    EXPECT_EQ(header(r, "Content-Type"), "application/json");
    EXPECT_EQ(header(r, "Access-Control-Allow-Origin"), "*");
    return boost::json::parse(body_of(r)).at("data");
}
boost::json::value get(routed& gateway, std::string target) {
    auto r = gateway.send("GET", std::move(target));
    return data(r);
}
std::string paths(boost::json::value const& list) {
    std::string out;
    for (auto const& group : list.at("groups").as_array()) {
        out += out.empty() ? "" : " ";
        out += std::string_view(group.at("path").as_string());
    }
    return out;
}

TEST(groups_api, lists_what_is_asked_for) {
    routed gateway;
    EXPECT_EQ(get(gateway, "/api/v1/groups"),
              boost::json::parse(R"({"groups":[],"next_cursor":null,"counts":{"all":0,"found":0,"failed":0,"stale":0,
                  "matched":0},"permitted":{"push":true,"delete":true,"wipe":false}})"));
    ASSERT_EQ(gateway.send("PUT", "/metrics/job/b", "m 1\nn{a=\"1\"} 1\nn{a=\"2\"} 1\n").status, 200);
    ASSERT_EQ(gateway.send("PUT", "/metrics/job/a/host/x%20y/path@base64/L3Zhcg", "m 1\n").status, 200);
    ASSERT_EQ(gateway.send("PUT", "/metrics/job/c", "m 1 5\n").status, 400);
    auto const all = get(gateway, "/api/v1/groups");
    EXPECT_EQ(paths(all), "/metrics/job/a/host/x%20y/path@base64/L3Zhcg /metrics/job/b /metrics/job/c");
    auto const& first = all.at("groups").at(0);
    EXPECT_EQ(first.at("labels"), (boost::json::value{{"host", "x y"}, {"job", "a"}, {"path", "/var"}}));
    EXPECT_GT(first.at("push_time").as_double(), 1.6e9);
    EXPECT_TRUE(first.at("push_failure_time").is_null());
    EXPECT_EQ(all.at("groups").at(1).at("families"), 2);
    EXPECT_EQ(all.at("groups").at(1).at("series"), 3);
    auto const& failed = all.at("groups").at(2);
    EXPECT_TRUE(failed.at("push_time").is_null());
    EXPECT_EQ(failed.at("last_push_successful"), false);
    EXPECT_NE(failed.at("failure").as_string().find("carries a timestamp"), std::string::npos);
    EXPECT_EQ(paths(get(gateway, "/api/v1/groups?match[]=n")), "/metrics/job/b");
    EXPECT_EQ(paths(get(gateway, "/api/v1/groups?match%5B%5D=%7Bjob%3D~%22b%7Cc%22%7D&sort=-job")),
              "/metrics/job/c /metrics/job/b");
    EXPECT_EQ(paths(get(gateway, "/api/v1/groups?search=x+y")), "/metrics/job/a/host/x%20y/path@base64/L3Zhcg");
    EXPECT_EQ(paths(get(gateway, "/api/v1/groups?condition=failed")), "/metrics/job/c");
}

TEST(groups_api, follows_cursors) {
    routed gateway;
    std::string const odd = "%F0%9F%98%80/x@base64/=";
    ASSERT_EQ(gateway.send("PUT", "/metrics/job/j/i/" + odd, "m 1\n").status, 200);
    for (int i = 0; i != 9; ++i) {
        ASSERT_EQ(gateway.send("PUT", "/metrics/job/j/i/" + std::to_string(i), "m 1\n").status, 200);
    }
    for (std::string const sort : {"job", "-job", "pushed", "-pushed", "series", "-failed"}) {
        std::string all = paths(get(gateway, "/api/v1/groups?sort=" + sort));
        std::string found;
        std::string cursor;
        for (int round = 0; round != 10; ++round) {
            auto const list = get(gateway, "/api/v1/groups?limit=3&sort=" + sort + "&cursor=" + cursor);
            found += (found.empty() ? "" : " ") + paths(list);
            if (list.at("next_cursor").is_null()) break;
            cursor = std::string_view(list.at("next_cursor").as_string());
        }
        EXPECT_EQ(found, all) << sort;
    }
    auto const cursor = std::string(get(gateway, "/api/v1/groups?limit=3").at("next_cursor").as_string());
    EXPECT_EQ(gateway.send("GET", "/api/v1/groups?sort=-job&cursor=" + cursor).status, 400) << "of another order";
    for (std::string const wrong : {"x", "=", "YWJj", "ZDAvbWV0cmljcw"}) {
        EXPECT_EQ(gateway.send("GET", "/api/v1/groups?cursor=" + wrong).status, 400) << wrong;
    }
}

TEST(groups_api, makes_its_rows_once_for_all_who_wait) {
    using clock = std::chrono::steady_clock;
    gateway stored;
    groups_api api;
    ASSERT_TRUE(stored.push(model::grouping_key("a"), push_mode::replace, "m 1\n"));
    auto const ask = [&](clock::time_point received, std::string_view query) {
        request req;
        req.received = received;
        auto out = api.answer(stored, req, query, {});
        return boost::json::parse(out.body).at("data").at("counts").at("all").to_number<int>();
    };
    auto const before = clock::now();
    EXPECT_EQ(ask(before, ""), 1);
    EXPECT_EQ(api.made(), 1U);
    ASSERT_TRUE(stored.push(model::grouping_key("b"), push_mode::replace, "m 1\n"));
    // Those that waited while the rows were made see what these show.
    EXPECT_EQ(ask(before, "search=m"), 1);
    EXPECT_EQ(ask(before, ""), 1);
    EXPECT_EQ(api.made(), 1U);
    // Who asks after a push was answered sees the push.
    EXPECT_EQ(ask(clock::now(), ""), 2);
    EXPECT_EQ(api.made(), 2U);
    EXPECT_EQ(ask(clock::now(), ""), 2) << "nothing has changed";
    EXPECT_EQ(api.made(), 2U);
    ASSERT_TRUE(stored.push(model::grouping_key("c"), push_mode::replace, "m 1\n"));
    EXPECT_EQ(ask(request().received, ""), 3) << "without a server";
    EXPECT_EQ(api.made(), 3U);
}

TEST(groups_api, refuses_what_it_does_not_understand) {
    routed gateway;
    for (std::string const query :
         {"limit=x", "limit=1001", "limit=-1", "offset=-1", "sort=host", "condition=good", "stale_after=1",
          "limit=1&limit=2", "stale_after=0s", "match[]=%7B", "match[]=%7Ba%3D~%22%5B%22%7D"}) {
        auto const r = gateway.send("GET", "/api/v1/groups?" + query);
        EXPECT_EQ(r.status, 400) << query;
        EXPECT_TRUE(r.body.ends_with('\n')) << r.body;
        EXPECT_EQ(header(r, "Access-Control-Allow-Origin"), "*");
    }
    std::string many;
    for (std::size_t i = 0; i <= most_selectors; ++i) many += "match[]=m&";
    EXPECT_EQ(gateway.send("GET", "/api/v1/groups?" + many).status, 400);
    EXPECT_EQ(gateway.send("GET", "/api/v1/groups?search=" + std::string(1025, 'a')).status, 400);
    EXPECT_EQ(gateway.send("GET", "/api/v1/groups?search=a+a+a+a+a+a+a+a+a+a+a+a+a+a+a+a+a").status, 400);
    EXPECT_EQ(gateway.send("GET", "/api/v1/groups/").status, 301);
    EXPECT_EQ(gateway.send("GET", "/api/v1/groups/x").status, 404);
    EXPECT_EQ(header(gateway.send("POST", "/api/v1/groups/job/x"), "Allow"), "GET, OPTIONS");
    EXPECT_EQ(header(gateway.send("POST", "/api/v1/groups"), "Allow"), "GET, OPTIONS");
}

TEST(groups_api, says_304_while_nothing_has_changed) {
    manual_clock clock{timestamp(1'700'000'000s)};
    test::steered_gateway gateway({}, clock);
    groups_api api;
    auto const ask = [&](std::string const& tag, std::string_view query = {}, permitted_actions may = {}) {
        request req;
        if (!tag.empty()) req.fields.push_back({"If-None-Match", tag});
        return api.answer(gateway, req, query, may, clock.now());
    };
    auto const push = [&](std::string_view text) {
        static_cast<void>(gateway.push(model::grouping_key("j"), push_mode::replace, text));
    };
    push("m 1\n");
    auto tag = header(ask(""), "ETag");
    EXPECT_TRUE(tag.starts_with("W/\"")) << tag;
    auto same = ask(tag);
    EXPECT_EQ(same.status, 304);
    EXPECT_EQ(same.body, "");
    EXPECT_EQ(header(same, "ETag"), tag);
    auto const one_of_two = ask("\"other\", " + tag + ", \"another\"");
    EXPECT_EQ(one_of_two.status, 304);
    EXPECT_EQ(header(one_of_two, "ETag"), tag) << "the one that is right, alone";
    EXPECT_EQ(ask(tag, "limit=1").status, 200);
    EXPECT_EQ(ask(tag, {}, {.erase = false}).status, 200);
    EXPECT_EQ(ask("\"x\"").status, 200);
    EXPECT_EQ(groups_api().answer(gateway, {"GET", "/", 1, {{"If-None-Match", tag}}, {}, {}}, {}, {}).status, 200)
        << "of another process";
    clock.advance(24h - 1s);
    EXPECT_EQ(ask(tag).status, 304);
    clock.advance(2s);
    EXPECT_EQ(ask(tag).status, 200) << "stale by now";
    tag = header(ask(""), "ETag");
    clock.advance(1000h);
    EXPECT_EQ(ask(tag).status, 304) << "cannot become more stale";
    push("m 1\n");
    EXPECT_EQ(ask(tag).status, 200);
    tag = header(ask(""), "ETag");
    gateway.wipe();
    EXPECT_EQ(ask(tag).status, 200);
}

TEST(groups_api, answers_again_when_the_reason_of_a_failure_is_known) {
    gateway gateway;
    groups_api api;
    model::grouping_key const key("j");
    auto const list = [&](std::string const& tag) {
        return api.answer(gateway, {"GET", "/", 1, {{"If-None-Match", tag}}, {}, {}}, {}, {});
    };
    auto const one = [&](std::string const& tag) {
        return group_answer(gateway, {"GET", "/", 1, {{"If-None-Match", tag}}, {}, {}}, "/metrics/job/j", {},
                            api.tags(), 10);
    };
    auto const refused = gateway.push(key, push_mode::replace, "m 1 1\n");
    ASSERT_FALSE(refused);
    auto const list_tag = header(list(""), "ETag");
    auto const one_tag = header(one(""), "ETag");
    EXPECT_EQ(list(list_tag).status, 304);
    EXPECT_EQ(one(one_tag).status, 304);
    gateway.note_failure(key, refused.error());
    for (auto const& answer : {list(list_tag), one(one_tag)}) {
        EXPECT_EQ(answer.status, 200);
        EXPECT_NE(answer.body.find(R"("failure":)"), std::string::npos) << answer.body;
    }
}

TEST(groups_api, answers_many_threads_while_groups_change) {
    gateway gateway;
    groups_api api;
    web_page const page({"/metrics", "/metrics", {}});
    model::grouping_key const key("j");
    std::atomic<bool> done = false;
    std::vector<std::jthread> readers;
    for (int i = 0; i != 3; ++i) {
        readers.emplace_back([&] {
            std::string tag;
            do {
                request const req{"GET", "/", 1, {{"If-None-Match", tag}, {"Accept-Encoding", "gzip"}}, {}, {}};
                auto const list = api.answer(gateway, req, "search=m&sort=-failed", {});
                EXPECT_TRUE(list.status == 200 || list.status == 304) << list.status;
                tag = header(list, "ETag");
                auto const one = group_answer(gateway, req, "/metrics/job/j", {}, api.tags(), 10);
                EXPECT_TRUE(one.status == 200 || one.status == 304 || one.status == 404) << one.status;
                EXPECT_EQ(page.front(req).status, 200);
                EXPECT_EQ(web_page::file(req, "/static/" + std::string(page::version) + "/main.js").status, 200);
            } while (!done);
        });
    }
    for (int i = 0; i != 300; ++i) {
        EXPECT_TRUE(gateway.push(key, push_mode::replace, "m 1\n"));
        auto const refused = gateway.push(key, push_mode::replace, "m 1 1\n");
        gateway.note_failure(key, refused.error());
        if (i % 10 == 0) gateway.wipe();
    }
    done = true;
}

TEST(groups_api, shows_one_group) {
    routed gateway;
    std::string body = "# HELP a Help\n# TYPE a counter\n";
    for (int i = 0; i != 3000; ++i) body += "a{i=\"" + std::to_string(i) + "\"} " + std::to_string(i) + "\n";
    body +=
        "# TYPE h histogram\nh_bucket{le=\"1\"} 1\nh_bucket{le=\"+Inf\"} 2\nh_sum 3.5\nh_count 2\n"
        "# TYPE s summary\ns{quantile=\"0.5\"} NaN\ns_sum 1\ns_count 7\n";
    ASSERT_EQ(gateway.send("PUT", "/metrics/job/j/host/h", body).status, 200);
    auto const group = get(gateway, "/api/v1/groups/job/j/host/h");
    EXPECT_EQ(group.at("path").as_string(), "/metrics/job/j/host/h");
    EXPECT_EQ(group.at("family_count"), 3);
    EXPECT_EQ(group.at("series"), 3007);
    auto const& families = group.at("families").as_array();
    ASSERT_EQ(families.size(), 3u);
    EXPECT_EQ(families[0].at("metric_count"), 3000);
    EXPECT_EQ(families[0].at("metrics").as_array().size(), 10u);
    EXPECT_EQ(families[0].at("help").as_string(), "Help");
    EXPECT_EQ(families[0].at("type").as_string(), "counter");
    EXPECT_EQ(families[0].at("metrics").at(3), boost::json::parse(R"({"labels":{"i":"3"},"value":"3"})"));
    EXPECT_EQ(families[1].at("metrics"), boost::json::parse(R"([{"labels":{},"count":"2","sum":"3.5",
        "buckets":[["1","1"],["+Inf","2"]]}])"));
    EXPECT_EQ(families[2].at("metrics"),
              boost::json::parse(R"([{"labels":{},"count":"7","sum":"1","quantiles":[["0.5","NaN"]]}])"));
    auto const some = get(gateway, "/api/v1/groups/job/j/host/h?family=a&offset=2995&limit=1000");
    ASSERT_EQ(some.at("families").as_array().size(), 1u);
    ASSERT_EQ(some.at("families").at(0).at("metrics").as_array().size(), 5u);
    EXPECT_EQ(some.at("families").at(0).at("metrics").at(0).at("value").as_string(), "2995");
    auto const last = get(gateway, "/api/v1/groups/job/j/host/h?offset=2&limit=1&samples=0");
    ASSERT_EQ(last.at("families").as_array().size(), 1u);
    EXPECT_EQ(last.at("families").at(0).at("name").as_string(), "s");
    EXPECT_TRUE(last.at("families").at(0).at("metrics").as_array().empty());

    auto text = gateway.send("GET", "/api/v1/groups/job/j/host/h?format=text");
    EXPECT_EQ(header(text, "Content-Type"), "text/plain; version=0.0.4; charset=utf-8");
    ASSERT_TRUE(text.stream);
    EXPECT_EQ(body_of(text), body);
    EXPECT_EQ(gateway.send("GET", "/api/v1/groups/job/j").status, 404);
    EXPECT_EQ(gateway.send("GET", "/api/v1/groups/job/j/host/h?family=x").status, 404);
    EXPECT_EQ(gateway.send("GET", "/api/v1/groups/job/j/host").status, 400);
    EXPECT_EQ(gateway.send("GET", "/api/v1/groups/job/j/host/h?format=xml").status, 400);
    auto const tag = header(gateway.send("GET", "/api/v1/groups/job/j/host/h"), "ETag");
    EXPECT_EQ(gateway.send("GET", "/api/v1/groups/job/j/host/h", {}, {{"If-None-Match", tag}}).status, 304);
    EXPECT_EQ(gateway.send("GET", "/api/v1/groups/job/j/host/h?limit=1", {}, {{"If-None-Match", tag}}).status, 200);
    ASSERT_EQ(gateway.send("PUT", "/metrics/job/k", "m 1\n").status, 200);
    EXPECT_EQ(gateway.send("GET", "/api/v1/groups/job/j/host/h", {}, {{"If-None-Match", tag}}).status, 200);
}

TEST(groups_api, tells_what_is_permitted) {
    router_options options;
    options.enable_admin_api = true;
    routed open(options);
    EXPECT_EQ(get(open, "/api/v1/groups").at("permitted"),
              (boost::json::value{{"push", true}, {"delete", true}, {"wipe", true}}));
    options.permitted = [](request const& req) { return permitted_actions{true, req.header("X") == "1", true}; };
    options.enable_admin_api = false;
    routed narrow(options);
    EXPECT_EQ(get(narrow, "/api/v1/groups").at("permitted"),
              (boost::json::value{{"push", true}, {"delete", false}, {"wipe", false}}));
}

}  // namespace
}  // namespace pushgateway::http
