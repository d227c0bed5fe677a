// A redirect keeps the body of a push and the group that its path names, or there is none.

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <pushgateway/http/key_path.hpp>

#include "compiled/router.hpp"
#include "support/routed.hpp"

namespace pushgateway::http {
namespace {

using test::header;

// Sends a request as clients do that follow redirects.
response follow(test::routed& gateway, std::string const& method, std::string target, std::string const& body) {
    for (int hops = 0; hops != 5; ++hops) {
        auto r = gateway.send(method, target, body);
        if (r.status < 300 || r.status > 399) return r;
        EXPECT_EQ(r.status, 307) << method << ' ' << target;
        target = header(r, "Location");
    }
    ADD_FAILURE() << "goes round in circles: " << target;
    return {};
}

TEST(redirects, keep_method_and_body_but_of_those_who_only_look) {
    test::routed gateway;
    for (auto const* method : {"PUT", "POST", "DELETE", "PATCH", "OPTIONS", "BREW"}) {
        auto const r = gateway.send(method, "//metrics/./job/x%20y/a/b?q=%2F");
        EXPECT_EQ(r.status, 307) << method;
        EXPECT_EQ(header(r, "Location"), "/metrics/job/x%20y/a/b?q=%2F") << method;
    }
    for (auto const* method : {"GET", "HEAD"}) EXPECT_EQ(gateway.send(method, "//metrics").status, 301) << method;
}

TEST(redirects, do_not_lead_to_the_group_of_another_job) {
    for (auto const& [target, says] : std::vector<std::pair<std::string, std::string>>{
             {"/metrics/job/n/host//zone//disk/sda", "here host@base64/=\n"},
             {"//metrics/job/n/host//zone/z", "here host@base64/=\n"},
             {"/x/../metrics/job/n/host//zone/z", "here host@base64/=\n"},
             {"/metrics/job/n//", "NAME@base64/=\n"},
             {"/metrics/job/n/a/1//b/2", "a label name cannot be empty"},
             {"/metrics/job@base64/bg/host//zone//disk/sda", "here host@base64/=\n"},
             {"/METRICS/Job/n/host//zone//disk/sda", "here host@base64/=\n"},
             {"/METRICS/job/n/host/%2Fzone/%2Fdisk/sda", "here host@base64/=\n"},
             {"/metrics/job/n/host/%2Fzone/%2Fdisk/sda", "here host@base64/=\n"},
             {"/metrics/job/n/dir@base64//zone/z", "here dir@base64/=\n"},
             {"/metrics/job/n/../victim", "as in n@base64/Li4\n"},
             {"/metrics/job/n/dir/../zone/z", "as in dir@base64/Li4\n"},
             {"/metrics/job/n/dir/./zone/z", "as in dir@base64/Lg\n"},
             {"/metrics/job/../job/victim", "as in job@base64/Li4\n"},
             {"/metrics/%6Aob/n/../victim", "as in n@base64/Li4\n"},
             {"/metrics/job//host/h", "job name is required"},
             {"/metrics/job//host/h/", "job name is required"},
             {"/metrics/job//host/", "job name is required"},
             {"/metrics/job//host/h/zone/", "job name is required"},
             {"/metrics/job///j", "job name is required"},
             {"/metrics/job////j", "job name is required"},
         }) {
        for (auto const* method : {"PUT", "POST", "DELETE"}) {
            test::routed gateway;
            auto const r = gateway.send(method, target, "x 1\n");
            EXPECT_EQ(r.status, 400) << method << ' ' << target;
            EXPECT_EQ(header(r, "Location"), "");
            EXPECT_NE(r.body.find(says), std::string::npos) << method << ' ' << target << ": " << r.body;
        }
    }
}

// A client that makes its body while it sends it has none left for the next request: some send an empty one.
TEST(redirects, are_not_for_bodies_that_cannot_be_sent_again) {
    test::routed gateway;
    for (auto const* method : {"PUT", "POST"}) {
        auto const r = gateway.send(method, "//metrics/job/x", "x 1\n", {{"Transfer-Encoding", "chunked"}});
        EXPECT_EQ(r.status, 400) << method;
        EXPECT_TRUE(r.body.starts_with("the path must be /metrics/job/x: ")) << r.body;
        EXPECT_EQ(header(r, "Location"), "");
    }
}

TEST(redirects, show_no_other_group) {
    test::routed gateway;
    for (auto const* target : {"/api/v1/groups/job/n/host//zone//disk/sda", "/api/v1//groups/job/n/../victim"}) {
        EXPECT_EQ(gateway.send("GET", target).status, 400) << target;
    }
    auto const cleaned = gateway.send("GET", "/api/v1//groups/job/n/host/h");
    EXPECT_EQ(cleaned.status, 301);
    EXPECT_EQ(header(cleaned, "Location"), "/api/v1/groups/job/n/host/h");
}

TEST(redirects, stand_below_the_prefix_as_well) {
    router_options options;
    options.route_prefix = "/in/ner";
    test::routed gateway(options);
    EXPECT_EQ(header(gateway.send("PUT", "/in//ner/metrics/job/x", "x 1\n"), "Location"), "/in/ner/metrics/job/x");
    EXPECT_EQ(gateway.send("PUT", "/in/ner/metrics/job/x/a//b/c", "x 1\n").status, 400);
    EXPECT_EQ(gateway.send("PUT", "/metrics/job/x/a//b/c", "x 1\n").status, 307) << "no route";
}

// Whatever slashes and steps stand in a path: who follows redirects either pushes into the group that it names, or not
// at all.
TEST(redirects, name_the_group_of_the_path_or_none) {
    EXPECT_TRUE(rc::check([] {
        auto const noise = [] { return *rc::gen::element<std::string>("/", "//", "/./", "/x/../", "/%2F", "/%2E/"); };
        auto const key = *rc::gen::container<std::vector<std::string>>(
            rc::gen::element<std::string>("a", "b", "job", "metrics", "..", ".", ""));
        RC_PRE(!key.empty());
        std::string target = noise() + *rc::gen::element<std::string>("metrics", "Metrics") + noise() + "job";
        for (auto const& element : key) target += '/' + element;
        test::routed gateway;
        auto const answer = follow(gateway, "PUT", target, "pushed 7\n");
        RC_ASSERT(answer.status == 200 || answer.status == 400 || answer.status == 404 || answer.status == 405);
        auto scrape = gateway.send("GET", "/metrics?name[]=pushed");
        auto const shown = test::body_of(scrape);
        RC_ASSERT((answer.status == 200) == (shown.find("} 7\n") != std::string::npos));
        if (answer.status != 200) return;
        // A slash at the end is none too many, and one before the job alone is one too many.
        auto named = key;
        if (named.size() > 1 && named.front().empty()) named.erase(named.begin());
        if (named.size() == 2 && named.back().empty()) named.pop_back();
        std::string path = "/metrics/job";
        for (auto const& element : named) path += '/' + element;
        auto const group = gateway.send("GET", "/api/v1/groups" + path.substr(std::string("/metrics").size()));
        RC_ASSERT(group.status == 200);
        for (auto const& element : named) RC_ASSERT(element != "." && element != "..");
    }));
}

}  // namespace
}  // namespace pushgateway::http
