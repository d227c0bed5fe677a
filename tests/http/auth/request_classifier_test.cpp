#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <pushgateway/gateway/gateway.hpp>
#include <pushgateway/http/auth/request_classifier.hpp>
#include <pushgateway/http/router.hpp>

namespace pushgateway::http {
namespace {

request asked(std::string method, std::string target) {
    request head;
    head.method = std::move(method);
    head.target = std::move(target);
    return head;
}

std::string needs(request_classifier const& classify, std::string const& method, std::string const& target,
                  exemptions const& exempt = {}) {
    auto const found = classify(asked(method, target), exempt);
    std::string out(name_of(found.role));
    if (found.job) out += ' ' + *found.job;
    if (found.exempt) out += " exempt";
    return out;
}

struct example {
    std::string method;
    std::string target;
    std::string needs;
};

void check(request_classifier const& classify, std::vector<example> const& examples, exemptions const& exempt = {}) {
    for (auto const& e : examples)
        EXPECT_EQ(needs(classify, e.method, e.target, exempt), e.needs) << e.method << e.target;
}

TEST(request_classifier, finds_the_role) {
    check(request_classifier(), {{"PUT", "/metrics/job/x", "push x"},
                                 {"POST", "/metrics/job/x/a/b", "push x"},
                                 {"DELETE", "/metrics/job/x?a=b", "push x"},
                                 {"GET", "/metrics/job/x", "any"},
                                 {"GET", "/metrics", "read"},
                                 {"HEAD", "/metrics?name[]=x", "read"},
                                 {"GET", "/", "read"},
                                 {"GET", "/status", "read"},
                                 {"GET", "/static/page.js", "read"},
                                 {"GET", "/api/v1/metrics", "read"},
                                 {"GET", "/api/v1/status", "read"},
                                 {"GET", "/api/v1/groups?limit=1", "read"},
                                 {"GET", "/api/v1/groups/job/x/a/b", "read"},
                                 {"GET", "/api/v1/what-comes-later", "read"},
                                 {"POST", "/api/v1/metrics", "any"},
                                 {"OPTIONS", "/api/v1/metrics", "any"},
                                 {"OPTIONS", "*", "any"},
                                 {"PUT", "/api/v1/admin/wipe", "admin"},
                                 {"PUT", "/-/quit", "admin"},
                                 {"POST", "/-/quit", "admin"},
                                 {"GET", "/-/quit", "any"},
                                 {"GET", "/-/healthy", "any"},
                                 {"GET", "/-/ready", "any"},
                                 {"GET", "/nowhere", "any"},
                                 {"BREW", "/metrics", "any"}});
}

TEST(request_classifier, finds_the_job_however_it_is_written) {
    check(request_classifier(), {{"PUT", "/metrics/job/a%2Db", "push a-b"},
                                 {"PUT", "/metrics/job/a+b", "push a+b"},
                                 {"PUT", "/metrics/job/a%2Fb/c", "push a"},
                                 {"PUT", "/%6detrics%2fjob%2Fx", "push x"},
                                 {"PUT", "/metrics/job@base64/YS9i", "push a/b"},
                                 {"PUT", "/metrics/job%40base64/YS9i/x/y", "push a/b"},
                                 {"PUT", "/metrics/job@base64/=", "push "},
                                 {"PUT", "/metrics/job@base64/+", "push"},
                                 {"PUT", "/metrics/job/x/job/y", "push x"},
                                 {"PUT", "/metrics/job/x/", "push x"}});
}

// These the router redirects or refuses.
TEST(request_classifier, leaves_alone_what_does_nothing) {
    check(request_classifier(), {{"PUT", "//metrics/job/x", "any"},
                                 {"PUT", "/metrics//job/x", "any"},
                                 {"PUT", "/a/../metrics/job/x", "any"},
                                 {"PUT", "/METRICS/job/x", "any"},
                                 {"put", "/metrics/job/x", "any"},
                                 {"PUT", "/metrics/job/%zz", "any"},
                                 {"PUT", "/metrics/job", "any"},
                                 {"GET", "/metrics/", "any"}});
}

TEST(request_classifier, looks_below_the_route_prefix) {
    check(request_classifier({"/stats", "/own", "/push/er"}), {{"PUT", "/push/er/metrics/job/x", "push x"},
                                                               {"PUT", "/push%2Fer/metrics/job/x", "push x"},
                                                               {"GET", "/push/er/stats", "read"},
                                                               {"GET", "/push/er/own", "read"},
                                                               {"GET", "/push/er/metrics", "any"},
                                                               {"GET", "/push/er/", "read"},
                                                               {"GET", "/push/er", "any"},
                                                               {"GET", "/push/er/api/v1/metrics", "read"},
                                                               {"PUT", "/push/er/-/quit", "admin"},
                                                               {"PUT", "/metrics/job/x", "any"},
                                                               {"GET", "/-/quit", "any"},
                                                               {"PUT", "/PUSH/er/metrics/job/x", "any"},
                                                               {"PUT", "/push/ermetrics/job/x", "any"}});
}

TEST(request_classifier, knows_what_is_exempt) {
    exemptions exempt;
    exempt.probes = true;
    exempt.paths = {"/status", "/api/v1/admin/wipe", "/metrics/job/x"};
    exempt.folders = {"/static/"};
    check(request_classifier({"/metrics", "", "/p"}),
          {{"GET", "/p/-/healthy", "any exempt"},
           {"HEAD", "/p/-/ready", "any exempt"},
           {"PUT", "/p/-/healthy", "any"},
           {"GET", "/p/metrics", "read"},
           {"GET", "/p/status", "read exempt"},
           {"GET", "/p/st%61tus", "read exempt"},
           {"GET", "/p/status/", "any"},
           {"GET", "/status", "any"},
           {"GET", "/p/static/a/b", "read exempt"},
           {"GET", "/p/static/../metrics", "any"},
           {"GET", "/p/static", "any"},
           {"PUT", "/p/api/v1/admin/wipe", "admin"},
           {"PUT", "/p/metrics/job/x", "push x"},
           {"OPTIONS", "/p/metrics/job/x", "any"}},
          exempt);
    exemptions more;
    more.scrape = true;
    more.preflight = true;
    check(request_classifier({"/stats", "/own", ""}),
          {{"GET", "/stats", "read exempt"},
           {"GET", "/own", "read exempt"},
           {"GET", "/metrics", "any"},
           {"OPTIONS", "/metrics/job/x", "any exempt"}},
          more);
}

// ---- against the router

std::string escaped_somewhere(std::string const& path) {
    static constexpr char digits[] = "0123456789abcdefABCDEF";
    std::string out;
    for (char const c : path) {
        if (*rc::gen::weightedElement<int>({{6, 0}, {1, 1}}) == 0) {
            out += c;
            continue;
        }
        auto const byte = static_cast<unsigned char>(c);
        out += {'%', digits[byte / 16], digits[byte % 16 + (byte % 16 > 9 && byte % 2 == 0 ? 6 : 0)]};
    }
    return out;
}

std::string any_target() {
    auto const ordinary = rc::gen::element<std::string>("/a", "/b", "/YQ", "/YQ==", "/a@base64", "/job", "/instance",
                                                        "x", "%2F", "%2fc", "=", "/=");
    auto const odd = rc::gen::element<std::string>("/", "//", "/.", "/..", "/metrics", "/Metrics", "/JOB", "@base64",
                                                   "%", "%00", "?", "+", "/api/v1", "/admin/wipe", "/-/quit", "*");
    std::string out = escaped_somewhere(*rc::gen::element<std::string>(
        "/metrics/job/x", "/metrics/job@base64/YQ", "/metrics/job", "/metrics/job/kept/a/b", "/p/metrics/job/x",
        "/api/v1/admin/wipe", "/-/quit", ""));
    for (int left = *rc::gen::inRange(0, 5); left > 0; --left) {
        out += *rc::gen::inRange(0, 4) == 0 ? *odd : *ordinary;
    }
    return out.starts_with('/') ? out : '/' + out;
}

// What one request did to a gateway that holds the group of the job "kept".
struct effect {
    std::optional<std::string> pushed;
    bool dropped = false;
    bool quit = false;
};

effect effect_of(request const& req, known_paths const& paths) {
    effect out;
    gateway target;
    router_options options;
    options.telemetry_path = paths.telemetry;
    options.route_prefix = paths.route_prefix;
    options.enable_admin_api = options.enable_lifecycle = true;
    options.on_quit = [&out] { out.quit = true; };
    router route(target, options);
    (void)route(asked("PUT", paths.route_prefix + "/metrics/job/kept/a/b"));
    (void)route(req);
    out.dropped = true;
    auto const groups = target.groups();
    for (std::size_t i = 0; i != groups.size(); ++i) {
        auto const& key = groups[i].key();
        bool const kept = key.size() == 2 && key[0].value == "b" && key[1].value == "kept";
        if (kept) out.dropped = false;
        for (auto const& [name, value] : key) {
            if (!kept && name == "job") out.pushed = value;
        }
    }
    return out;
}

// What a request really does is what it was said to need.
TEST(request_classifier, misses_nothing_that_the_router_does) {
    int pushes = 0;
    int drops = 0;
    int quits = 0;
    EXPECT_TRUE(rc::check([&] {
        for (int i = 0; i != 60; ++i) {
            known_paths const paths{"/metrics", "", *rc::gen::element<std::string>("", "/p", "/p/metrics/job")};
            auto target = any_target();
            if (*rc::gen::inRange(0, 3) != 0) target.insert(0, escaped_somewhere(paths.route_prefix));
            if (!target.starts_with('/')) target.insert(0, "/");
            auto const req = asked(*rc::gen::element<std::string>("PUT", "POST", "DELETE", "GET", "put"), target);
            RC_LOG() << paths.route_prefix << ": " << req.method << ' ' << req.target << '\n';
            auto const found = request_classifier(paths)(req, {});
            auto const done = effect_of(req, paths);
            if (done.pushed) {
                ++pushes;
                RC_ASSERT(found.role == role::push);
                RC_ASSERT(found.job == done.pushed);
            }
            if (done.dropped) {
                ++drops;
                RC_ASSERT(found.role == role::admin || (found.role == role::push && found.job == "kept"));
            }
            if (done.quit) {
                ++quits;
                RC_ASSERT(found.role == role::admin);
            }
        }
    }));
    // They must have come by all of them: about 260, 55 and 65 times.
    EXPECT_GT(pushes, 100);
    EXPECT_GT(drops, 10);
    EXPECT_GT(quits, 10);
}

}  // namespace
}  // namespace pushgateway::http
