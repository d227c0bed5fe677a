// A server that may not take much memory, over real sockets: what would take more is refused, and the rest goes on. A
// program of its own, whose allocation functions count.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include <pushgateway/base/limit_usage.hpp>
#include <pushgateway/base/memory.hpp>
#include <pushgateway/base/memory_budget.hpp>
#include <pushgateway/base/memory_counting.hpp>
#include <pushgateway/http/router.hpp>
#include <pushgateway/http/server.hpp>

#include "compiled/router.hpp"
#include "support/gzip.hpp"
#include "support/http_client.hpp"
#include "support/running_server.hpp"
#include "support/snappy.hpp"
#include "support/zstd.hpp"

namespace pushgateway::http {
namespace {

using memory::bytes;
using memory::kind;
using test::comes_true;
using test::http_reply;
using test::receive;
using test::running;
using test::tcp_stream;
using test::with_host;

constexpr std::size_t mega = std::size_t{1} << 20;
constexpr std::string_view delimited =
    "Content-Type: application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited\r\n";

struct tight_memory : testing::Test {
    explicit tight_memory(std::size_t room = 32 * mega) {
        memory::note_measured(bytes(kind::heap));
        bounds.memory = memory::used() + room;
        bounds.decoded_ratio = 0;
    }

    void serve() {
        gateway_options about;
        about.limits = bounds;
        held = std::make_unique<gateway>(about);
        router_options routes;
        routes.limits = bounds;
        routes.enable_admin_api = true;
        routed = std::make_unique<router<gateway>>(*held, routes);
        auto options = test::local(1);
        options.limits = bounds;
        options.usage = held->usage();
        server = std::make_unique<running>([this](request const& r) { return (*routed)(r); }, options,
                                           [this](request const& r) { return routed->class_of(r); });
    }

    http_reply ask(std::string_view method, std::string_view target, std::string_view body = {},
                   std::string_view fields = {}) const {
        std::string bytes(method);
        bytes += ' ';
        bytes += target;
        bytes += " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n";
        bytes += fields;
        bytes += "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n";
        bytes += body;
        auto const all = server->replies(bytes);
        return all.empty() ? http_reply() : all.back();
    }

    std::uint64_t refused() const { return held->usage()->rejections(limit_kind::memory); }

    /// With a limit on the memory, bodies have one of their own, which may be reached before.
    std::uint64_t bodies_refused() const { return refused() + held->usage()->rejections(limit_kind::bodies_in_flight); }

    /// The exposition. It comes compressed, since what the client of this process holds counts as well.
    std::string scraped() const {
        auto const scrape = ask("GET", "/metrics", {}, "Accept-Encoding: gzip\r\n");
        EXPECT_EQ(scrape.status, 200);
        return test::gunzip(scrape.body).value_or("");
    }

    /// What must be answered whatever happens.
    void expect_alive() const {
        EXPECT_EQ(ask("GET", "/-/healthy").status, 200);
        EXPECT_EQ(ask("GET", "/-/ready").status, 200);
        EXPECT_NE(scraped().find("pushgateway_build_info"), std::string::npos);
        // What the client of this process holds is gone again.
        EXPECT_LE(memory::used(), bounds.memory);
    }

    limits bounds;
    std::unique_ptr<gateway> held;
    std::unique_ptr<router<gateway>> routed;
    std::unique_ptr<running> server;
};

std::string series(std::size_t count, std::size_t first, std::size_t size = 100) {
    std::string out;
    for (std::size_t i = 0; i != count; ++i) {
        out += "m{l=\"" + std::to_string(first + i) + std::string(size, 'l') + "\"} 1\n";
    }
    return out;
}

TEST_F(tight_memory, refuses_pushes_that_make_more_of_what_is_stored) {
    serve();
    std::optional<http_reply> full;
    std::size_t groups = 0;
    for (; groups != 1000 && !full; ++groups) {
        auto const target = "/metrics/job/j/group/" + std::to_string(groups);
        if (auto r = ask("PUT", target, series(2000, 0)); r.status != 200) full = r;
        ASSERT_LE(memory::used(), bounds.memory);
    }
    ASSERT_TRUE(full);
    EXPECT_EQ(full->status, 429);
    EXPECT_NE(full->body.find("(limit \"memory\")"), std::string::npos) << full->body;
    EXPECT_EQ(refused(), 1U);
    EXPECT_GT(groups, 10U);
    expect_alive();
    {
        auto const text = scraped();
        auto const shown = std::ranges::count(text, '\n') - std::ranges::count(text, '#');
        EXPECT_GE(shown, static_cast<std::ptrdiff_t>((groups - 1) * 2000)) << "what was accepted is shown, in full";
    }
    EXPECT_EQ(ask("PUT", "/metrics/job/j/group/0", series(2000, 0)).status, 200) << "as much as before";
    EXPECT_EQ(ask("PUT", "/metrics/job/j/group/0", series(10, 0)).status, 200) << "less";
    EXPECT_EQ(ask("DELETE", "/metrics/job/j/group/1").status, 202);
    EXPECT_EQ(ask("PUT", "/metrics/job/j/group/1", series(1000, 0)).status, 200) << "there is room again";
    EXPECT_EQ(ask("PUT", "/api/v1/admin/wipe").status, 202);
    EXPECT_EQ(ask("PUT", "/metrics/job/j/group/1", series(2000, 0)).status, 200);
    expect_alive();
}

struct bomb {
    std::string_view name;
    std::string_view fields;
    std::function<std::string()> body;
};

struct tight_memory_and : tight_memory, testing::WithParamInterface<bomb> {};

std::string repeated(std::string_view what, std::size_t size) {
    std::string out;
    out.reserve(size + what.size());
    while (out.size() < size) out += what;
    return out;
}

TEST_P(tight_memory_and, refuses_a_body_that_would_take_too_much) {
    // Made before the limit is set, and freed after it: so it takes nothing of it.
    auto const body = GetParam().body();
    memory::note_measured(bytes(kind::heap));
    bounds.memory = memory::used() + 32 * mega;
    serve();
    auto const before = memory::used();
    for (int i = 0; i != 3; ++i) {
        auto const r = ask("PUT", "/metrics/job/j", body, GetParam().fields);
        EXPECT_EQ(r.status, 503) << r.body;
        EXPECT_NE(r.body.find("(limit \""), std::string::npos) << r.body;
        EXPECT_TRUE(r.header("Retry-After"));
    }
    EXPECT_EQ(bodies_refused(), 3U);
    EXPECT_TRUE(comes_true([&] { return memory::used() < before + 4 * mega; })) << "nothing of it is left";
    EXPECT_EQ(ask("PUT", "/metrics/job/j", "x 1\n").status, 200);
    expect_alive();
}

INSTANTIATE_TEST_SUITE_P(
    bodies, tight_memory_and,
    testing::Values(
        bomb{"gzip", "Content-Encoding: gzip\r\n", [] { return test::gzip(std::string(100 * mega, '\n')); }},
        bomb{"zstd", "Content-Encoding: zstd\r\n", [] { return test::zstd(std::string(100 * mega, '\n')); }},
        bomb{"snappy", "Content-Encoding: snappy\r\n",
             [] { return test::snappy_framed(std::string(100 * mega, '\n')); }},
        // What is read takes more than its text.
        bomb{"short_lines", "Content-Encoding: gzip\r\n", [] { return test::gzip(repeated("a 1\n", 20 * mega)); }},
        bomb{"openmetrics", "Content-Encoding: gzip\r\nContent-Type: application/openmetrics-text; version=1.0.0\r\n",
             [] { return test::gzip(repeated("a 1\n", 20 * mega)); }},
        bomb{"protobuf", std::string_view(delimited),
             [] {
                 // A family of gauges without labels, three bytes each, and as often.
                 std::string metrics = repeated(std::string_view("\x22\x02\x12\x00", 4), 3 * mega);
                 std::string family("\x0a\x01g\x18\x01", 5);
                 family += metrics;
                 std::string size;
                 for (auto n = family.size(); n != 0; n >>= 7) {
                     size += static_cast<char>((n & 0x7f) | (n >= 0x80 ? 0x80 : 0));
                 }
                 return repeated(size + family, 12 * mega);
             }}),
    [](auto const& instance) { return std::string(instance.param.name); });

TEST_F(tight_memory, refuses_a_body_before_all_of_it_has_arrived) {
    serve();
    for (bool const chunked : {false, true}) {
        auto stream = server->connect();
        auto const* const how = chunked ? "Transfer-Encoding: chunked" : "Content-Length: 100000000";
        ASSERT_TRUE(stream.send(with_host("PUT /metrics/job/j HTTP/1.1", std::string(how) + "\r\n")));
        ASSERT_TRUE(stream.send(chunked ? "5f5e100\r\n" : ""));
        std::string const piece(mega, '\n');
        bool taken = true;
        for (int i = 0; i != 90 && taken; ++i) {
            taken = stream.send(piece);
            EXPECT_LE(memory::used(), bounds.memory);
        }
        std::string answer;
        EXPECT_TRUE(receive(stream, answer, "HTTP/1.1 503 "));
        EXPECT_TRUE(receive(stream, answer, "(limit \""));
    }
    EXPECT_EQ(bodies_refused(), 2U);
    expect_alive();
}

TEST_F(tight_memory, bounds_what_bodies_unfold_to_together) {
    bounds.memory = 0;
    bounds.bodies_in_flight = 4 * mega;
    serve();
    auto const body = test::gzip(std::string(64 * mega, '\n'));
    auto const r = ask("PUT", "/metrics/job/j", body, "Content-Encoding: gzip\r\n");
    EXPECT_EQ(r.status, 503) << r.body;
    EXPECT_NE(r.body.find("(limit \"bodies-in-flight\")"), std::string::npos) << r.body;
    EXPECT_EQ(held->usage()->rejections(limit_kind::bodies_in_flight), 1U);
    auto const small = test::gzip(std::string(mega, '\n'));
    EXPECT_EQ(ask("PUT", "/metrics/job/j", small, "Content-Encoding: gzip\r\n").status, 200);
    EXPECT_EQ(held->usage()->used(limit_kind::bodies_in_flight), 0U);
}

TEST_F(tight_memory, bounds_heads_that_do_not_end) {
    bounds.heads_in_flight = mega;
    serve();
    std::vector<tcp_stream> streams;
    std::string const field = "A: " + std::string(60'000, 'a') + "\r\n";
    std::string const forms[] = {
        "GET /metrics HTTP/1.1\r\nHost: a\r\n" + field + field + field,         // fields
        "GET /metrics HTTP/1.1\r\nHost: a\r\nA: " + std::string(180'000, 'a'),  // one field
        "GET /" + std::string(60'000, 'a'),                                     // a target
        "PUT /metrics/job/j HTTP/1.1\r\nHost: a\r\n" + field + field + field + "Content-Length: 10\r\n\r\nx",  // a head
    };
    for (int i = 0; i != 32; ++i) {
        streams.push_back(server->connect());
        ASSERT_TRUE(streams.back().send(forms[i % 4]));
    }
    EXPECT_TRUE(comes_true([&] { return held->usage()->rejections(limit_kind::heads_in_flight) >= 16; }));
    EXPECT_LE(held->usage()->used(limit_kind::heads_in_flight), mega);
    std::string answer;
    EXPECT_TRUE(receive(streams.back(), answer, "HTTP/1.1 503 "));
    EXPECT_TRUE(receive(streams.back(), answer, "(limit \"heads-in-flight\")"));
    expect_alive();
    streams.clear();
    EXPECT_TRUE(comes_true([&] { return held->usage()->used(limit_kind::heads_in_flight) == 0; }));
}

TEST_F(tight_memory, takes_what_makes_nothing_larger_if_all_is_taken) {
    serve();
    auto const body = series(500, 0);
    std::string const chunks = "c8\r\n" + body.substr(0, 200) + "\r\n0\r\n\r\n";
    ASSERT_EQ(ask("PUT", "/metrics/job/j", body).status, 200);
    ASSERT_EQ(ask("PUT", "/metrics/job/k", body).status, 200);
    auto const hoard = std::make_unique<char[]>(bounds.memory - memory::used());
    auto const push = ask("PUT", "/metrics/job/j", body);
    EXPECT_EQ(push.status, 200) << push.body;
    auto const smaller = ask("POST", "/metrics/job/j", series(400, 0));
    EXPECT_EQ(smaller.status, 200) << smaller.body;
    EXPECT_EQ(ask("PUT", "/metrics/job/n", body).status, 429);
    EXPECT_EQ(ask("DELETE", "/metrics/job/k", body).status, 202);
    auto const in_chunks = server->replies(
        with_host("DELETE /metrics/job/j HTTP/1.1", "Transfer-Encoding: chunked\r\nConnection: close\r\n") + chunks);
    ASSERT_EQ(in_chunks.size(), 1U);
    EXPECT_EQ(in_chunks.front().status, 202) << in_chunks.front().body;
    // What is large is refused, and says why once.
    auto const large = ask("PUT", "/metrics/job/l", series(20'000, 0));
    EXPECT_EQ(large.status, 503);
    EXPECT_TRUE(large.body.ends_with(" bytes (limit \"memory\")\n")) << large.body;
    EXPECT_EQ(large.body.find("(limit"), large.body.rfind("(limit"));
}

// A scrape has room for each metric that is stored, whatever was stored later.
TEST_F(tight_memory, refuses_a_metric_that_a_scrape_would_have_no_room_for) {
    serve();
    for (std::size_t const size : {mega / 2, 3 * mega}) {
        auto const r = ask("PUT", "/metrics/job/j", "m{l=\"" + std::string(size, 'l') + "\"} 1\n");
        EXPECT_EQ(r.status, size < mega ? 200 : 429) << r.body;
        auto const help = ask("PUT", "/metrics/job/h", "# HELP h " + std::string(size, 'h') + "\nh 1\n");
        EXPECT_EQ(help.status, size < mega ? 200 : 429) << help.body;
    }
    std::size_t groups = 0;
    while (ask("PUT", "/metrics/job/j/group/" + std::to_string(groups), series(500, 0)).status == 200) ++groups;
    auto const all = scraped();
    auto const value = all.find("l=\"ll");
    ASSERT_NE(value, std::string::npos);
    EXPECT_EQ(all.find_first_not_of('l', value + 3), value + 3 + mega / 2);
}

TEST_F(tight_memory, is_shown_whatever_takes_it) {
    serve();
    auto const value_of = [this](std::string const& name) {
        auto const text = scraped();
        auto const line = '\n' + name + "{limit=\"memory\"} ";
        auto const at = text.find(line);
        return at == std::string::npos ? 0.0 : std::stod(text.substr(at + line.size(), 40));
    };
    EXPECT_EQ(value_of("pushgateway_limit"), static_cast<double>(bounds.memory));
    constexpr std::size_t size = 50'000;
    constexpr int many = 60;
    for (std::string const what : {"help", "value", "name"}) {
        auto const before = value_of("pushgateway_limit_usage");
        EXPECT_GT(before, 0);
        for (int i = 0; i != many; ++i) {
            auto const n = std::to_string(i);
            std::string const text(size, what.front());
            auto body = what == "help"    ? "# HELP h" + n + ' ' + text + "\nh" + n + " 1\n"
                        : what == "value" ? "v{l=\"" + text + n + "\"} 1\n"
                                          : text + n + " 1\n";
            ASSERT_EQ(ask("PUT", "/metrics/job/" + what + "/i/" + n, body).status, 200) << what << ' ' << i;
        }
        EXPECT_GT(value_of("pushgateway_limit_usage"), before + 0.9 * size * many) << what;
    }
}

struct unread_answers : tight_memory {
    unread_answers() : tight_memory(128 * mega) {}
};

TEST_F(unread_answers, are_cut_off_the_oldest_first) {
    serve();
    std::vector<tcp_stream> readers;
    for (std::string const target :
         {"/metrics", "/api/v1/metrics", "/metrics", "/metrics", "/api/v1/metrics", "/metrics"}) {
        // All series are others each time, and more than sockets hold.
        auto const body = series(60'000, 100'000 * readers.size(), 100);
        ASSERT_EQ(ask("PUT", "/metrics/job/j", body).status, 200);
        readers.push_back(server->connect());
        // The first one by HTTP/1.0, where the end of the connection ends the response.
        ASSERT_TRUE(
            readers.back().send(with_host("GET " + target + (readers.size() == 1 ? " HTTP/1.0" : " HTTP/1.1"))));
        std::string bytes;
        ASSERT_TRUE(receive(readers.back(), bytes, " 200 "));
        ASSERT_LE(memory::used(), bounds.memory);
    }
    // As the server's watch does: those go that have not been read for a second.
    EXPECT_TRUE(comes_true([&] {
        if (memory::old_versions() <= memory_budget{bounds.memory}.old_versions()) return true;
        server->it.cut_oldest_answer();
        return false;
    }));
    EXPECT_GE(refused(), 1U);
    // The first one ends too soon, and its client does not take it for whole.
    std::string all;
    auto more = readers.front().receive(all);
    while (more && *more) more = readers.front().receive(all);
    EXPECT_FALSE(more) << "it ends as if it were whole, after " << all.size() << " bytes";
    // The last one is whole.
    all.clear();
    EXPECT_TRUE(receive(readers.back(), all, "0\r\n\r\n"));
    expect_alive();
}

struct unread_scrapes : tight_memory {
    unread_scrapes() : tight_memory(24 * mega) {}
};

// Many at once, with as much stored as may be.
TEST_F(unread_scrapes, that_come_at_once_stay_within_the_limit) {
    serve();
    std::size_t groups = 0;
    auto const push = [&] {
        return ask("PUT", "/metrics/job/j/group/" + std::to_string(groups), series(2000, groups * 2000));
    };
    while (push().status == 200) ++groups;
    ASSERT_GT(groups, 10U);
    constexpr std::array codings{"gzip", "identity", "zstd"};
    std::vector<tcp_stream> readers;
    for (std::size_t i = 0; i != 60; ++i) {
        readers.push_back(server->connect());
        std::string const coding = codings[i % codings.size()];
        readers.back().send("GET /metrics HTTP/1.1\r\nHost: a\r\nAccept-Encoding: " + coding + "\r\n\r\n");
        EXPECT_LE(memory::used(), bounds.memory);
    }
    std::size_t answered = 0;
    for (auto& reader : readers) {
        std::string bytes;
        // It may have been cut off since.
        answered += receive(reader, bytes, " 200 ") ? 1U : 0U;
        EXPECT_LE(memory::used(), bounds.memory);
    }
    EXPECT_GE(answered, 4U);
    EXPECT_GT(refused(), 10U);
    // A client that reads is answered while they are there.
    EXPECT_NE(scraped().find("group=\"" + std::to_string(groups - 1) + '"'), std::string::npos);
    readers.clear();
    expect_alive();
}

TEST_F(tight_memory, refuses_lists_for_which_there_is_no_room) {
    serve();
    std::size_t groups = 0;
    while (ask("PUT", "/metrics/job/j/group/" + std::to_string(groups), series(500, 0, 10)).status == 200) ++groups;
    ASSERT_GT(groups, 200U);
    {
        auto const hoard = std::make_unique<char[]>(memory_budget{bounds.memory}.requests() - memory::used());
        EXPECT_EQ(ask("GET", "/api/v1/groups?limit=1").status, 503) << "the rows of all groups";
        EXPECT_GT(refused(), 1U);
        EXPECT_NE(scraped().find("group=\"200\""), std::string::npos);
    }
    EXPECT_EQ(ask("GET", "/api/v1/groups?limit=1").status, 200);
    expect_alive();
}

}  // namespace
}  // namespace pushgateway::http
