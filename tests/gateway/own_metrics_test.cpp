#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <pushgateway/format/parsed_exposition.hpp>
#include <pushgateway/format/text/parse.hpp>
#include <pushgateway/format/text/write.hpp>
#include <pushgateway/gateway/own_family.hpp>
#include <pushgateway/gateway/own_metrics.hpp>
#include <pushgateway/model/metric.hpp>
#include <pushgateway/model/metric_family.hpp>

namespace pushgateway {
namespace {

using namespace std::chrono_literals;

constexpr timestamp start{std::chrono::hours(1000)};

/// The lines of the text format that a family of them is.
std::string lines_of(own_family_metrics const& own) {
    std::string out;
    for (auto const& metric : own.metrics) {
        format::text::append_metric(out, own.family->name, own.family->type, metric.view());
    }
    return out;
}

std::string lines_of(own_metrics const& metrics, own_family const& family, timestamp now = start) {
    store::store_statistics stored;
    stored.clashing_series = 7;
    for (auto const& own : metrics.collect(stored, {}, {}, now)) {
        if (own.family == &family) return lines_of(own);
    }
    return {};
}

TEST(own_metrics, families_are_sorted_and_complete) {
    own_metrics metrics({});
    metrics.count_request(request_handler::push, "PUT", 200);
    metrics.observe_push("PUT", 1ms, 100, start);
    auto const all = own_family::all();
    EXPECT_TRUE(std::ranges::is_sorted(all, {}, &own_family::name));
    auto const families = metrics.collect({}, {}, {}, start);
    EXPECT_TRUE(std::ranges::is_sorted(families, {}, [](auto const& own) { return own.family->name; }));
#ifdef __linux__
    EXPECT_EQ(families.size(), all.size());
#endif
}

TEST(own_metrics, can_be_read_back) {
    own_metrics metrics({});
    metrics.count_request(request_handler::api_metrics, "GET", 200);
    metrics.observe_push("POST", 1ms, 100, start);
    for (auto const& own : metrics.collect({}, {}, {}, start)) {
        std::string body;
        format::text::append_header(body, own.family->name, own.family->help, own.family->type);
        body += lines_of(own);
        format::parsed_exposition parsed;
        auto const read = format::text::parse(body, {}, parsed);
        EXPECT_TRUE(read) << body;
        EXPECT_EQ(parsed.family_count(), 1u) << body;
        std::vector<model::metric> metrics_of;
        for (auto const& metric : own.metrics) metrics_of.push_back(metric.view());
        model::metric_family const made{own.family->name, own.family->help, own.family->type, metrics_of};
        parsed.for_each_family([&](model::metric_family const& family) { EXPECT_EQ(family, made) << body; });
    }
}

// An embedder may say anything, and what is no UTF-8 would cost it every scrape.
TEST(own_metrics, build_is_valid_text) {
    build_info build;
    build.version = "1\xff";
    build.branch = "\xc3(";
    own_metrics const metrics(build);
    EXPECT_NE(lines_of(metrics, own_family::build).find("{branch=\"\uFFFD(\","), std::string::npos);
    EXPECT_NE(lines_of(metrics, own_family::build).find(",version=\"1\uFFFD\"}"), std::string::npos);
}

// What was made lasts longer than what made it.
TEST(own_metrics, families_own_what_they_show) {
    build_info build;
    build.version = "a version that has more characters than fit into a string itself";
    auto made = std::make_unique<own_metrics>(build);
    auto families = made->collect({}, {}, {}, start);
    made.reset();
    auto const moved = std::move(families);
    auto const found = std::ranges::find(moved, &own_family::build, &own_family_metrics::family);
    ASSERT_NE(found, moved.end());
    EXPECT_NE(lines_of(*found).find(build.version), std::string::npos);
}

TEST(own_metrics, build_and_clashes) {
    build_info build;
    build.version = "1\"2";
    build.goversion = "x";
    build.goos = "os";
    build.goarch = "arch";
    own_metrics const metrics(build);
    EXPECT_EQ(lines_of(metrics, own_family::build),
              "pushgateway_build_info{branch=\"\",goarch=\"arch\",goos=\"os\",goversion=\"x\",revision=\"unknown\","
              "tags=\"unknown\",version=\"1\\\"2\"} 1\n");
    EXPECT_EQ(lines_of(metrics, own_family::clashing_series), "pushgateway_clashing_series 7\n");
}

TEST(own_metrics, requests_by_code_handler_and_method) {
    own_metrics metrics({});
    EXPECT_EQ(lines_of(metrics, own_family::requests), "");
    metrics.count_request(request_handler::wipe, "PUT", 202);
    metrics.count_request(request_handler::push, "PUT", 200);
    metrics.count_request(request_handler::push, "POST", 200);
    metrics.count_request(request_handler::push, "POST", 200);
    metrics.count_request(request_handler::erase, "DELETE", 202);
    metrics.count_request(request_handler::push, "BREW", 299);
    EXPECT_EQ(lines_of(metrics, own_family::requests),
              "pushgateway_http_requests_total{code=\"200\",handler=\"push\",method=\"post\"} 2\n"
              "pushgateway_http_requests_total{code=\"200\",handler=\"push\",method=\"put\"} 1\n"
              "pushgateway_http_requests_total{code=\"202\",handler=\"delete\",method=\"delete\"} 1\n"
              "pushgateway_http_requests_total{code=\"202\",handler=\"wipe\",method=\"put\"} 1\n"
              "pushgateway_http_requests_total{code=\"unknown\",handler=\"push\",method=\"unknown\"} 1\n");
}

TEST(own_metrics, pushes_by_method) {
    own_metrics metrics({});
    EXPECT_EQ(lines_of(metrics, own_family::push_size), "");
    metrics.observe_push("PUT", 2ms, 100, start);
    metrics.observe_push("POST", 1s, 50, start);
    metrics.observe_push("PATCH", 1s, 50, start);
    EXPECT_EQ(lines_of(metrics, own_family::push_duration),
              "pushgateway_http_push_duration_seconds{method=\"post\",quantile=\"0.1\"} 1\n"
              "pushgateway_http_push_duration_seconds{method=\"post\",quantile=\"0.5\"} 1\n"
              "pushgateway_http_push_duration_seconds{method=\"post\",quantile=\"0.9\"} 1\n"
              "pushgateway_http_push_duration_seconds_sum{method=\"post\"} 1\n"
              "pushgateway_http_push_duration_seconds_count{method=\"post\"} 1\n"
              "pushgateway_http_push_duration_seconds{method=\"put\",quantile=\"0.1\"} 0.002\n"
              "pushgateway_http_push_duration_seconds{method=\"put\",quantile=\"0.5\"} 0.002\n"
              "pushgateway_http_push_duration_seconds{method=\"put\",quantile=\"0.9\"} 0.002\n"
              "pushgateway_http_push_duration_seconds_sum{method=\"put\"} 0.002\n"
              "pushgateway_http_push_duration_seconds_count{method=\"put\"} 1\n");
    EXPECT_EQ(lines_of(metrics, own_family::push_size, start + 1h),
              "pushgateway_http_push_size_bytes{method=\"post\",quantile=\"0.1\"} NaN\n"
              "pushgateway_http_push_size_bytes{method=\"post\",quantile=\"0.5\"} NaN\n"
              "pushgateway_http_push_size_bytes{method=\"post\",quantile=\"0.9\"} NaN\n"
              "pushgateway_http_push_size_bytes_sum{method=\"post\"} 50\n"
              "pushgateway_http_push_size_bytes_count{method=\"post\"} 1\n"
              "pushgateway_http_push_size_bytes{method=\"put\",quantile=\"0.1\"} NaN\n"
              "pushgateway_http_push_size_bytes{method=\"put\",quantile=\"0.5\"} NaN\n"
              "pushgateway_http_push_size_bytes{method=\"put\",quantile=\"0.9\"} NaN\n"
              "pushgateway_http_push_size_bytes_sum{method=\"put\"} 100\n"
              "pushgateway_http_push_size_bytes_count{method=\"put\"} 1\n");
}

TEST(own_metrics, show_use_against_limits) {
    own_metrics const metrics({});
    store::store_statistics stored;
    stored.groups = 3;
    stored.series = 40;
    stored.clashing_series = 2;
    limits bounds;
    bounds.groups = 10;
    bounds.series = 0;
    limit_usage usage;
    auto const lines = [&](own_family const& family) {
        for (auto const& own : metrics.collect(stored, bounds, usage, start)) {
            if (own.family == &family) return lines_of(own);
        }
        return std::string();
    };
    EXPECT_EQ(lines(own_family::limit), "pushgateway_limit{limit=\"groups\"} 10\n");
    EXPECT_EQ(lines(own_family::limit_usage),
              "pushgateway_limit_usage{limit=\"groups\"} 3\npushgateway_limit_usage{limit=\"series\"} 42\n");
    usage.keep(limit_kind::connections, 100);
    usage.keep(limit_kind::bodies_in_flight, 0);
    EXPECT_TRUE(usage.take(limit_kind::connections, 7));
    EXPECT_TRUE(usage.take(limit_kind::bodies_in_flight, 4096));
    EXPECT_EQ(lines(own_family::limit),
              "pushgateway_limit{limit=\"connections\"} 100\npushgateway_limit{limit=\"groups\"} 10\n");
    EXPECT_EQ(lines(own_family::limit_usage),
              "pushgateway_limit_usage{limit=\"bodies-in-flight\"} 4096\n"
              "pushgateway_limit_usage{limit=\"connections\"} 7\n"
              "pushgateway_limit_usage{limit=\"groups\"} 3\n"
              "pushgateway_limit_usage{limit=\"series\"} 42\n");
}

TEST(own_metrics, count_rejections_of_every_limit_from_zero) {
    own_metrics const metrics({});
    limit_usage usage;
    usage.count_rejection(limit_kind::body);
    usage.count_rejection(limit_kind::body);
    for (auto const& own : metrics.collect({}, {}, usage, start)) {
        if (own.family != &own_family::limit_rejections) continue;
        auto const lines = lines_of(own);
        EXPECT_EQ(std::ranges::count(lines, '\n'), static_cast<std::ptrdiff_t>(limit_names.size()));
        EXPECT_NE(lines.find("pushgateway_limit_rejections_total{limit=\"body\"} 2\n"), std::string::npos);
        EXPECT_NE(lines.find("pushgateway_limit_rejections_total{limit=\"series\"} 0\n"), std::string::npos);
    }
}

TEST(own_metrics, lose_nothing_between_threads) {
    own_metrics metrics({});
    std::vector<std::thread> threads;
    for (int t = 0; t != 4; ++t) {
        threads.emplace_back([&] {
            for (int i = 0; i != 1000; ++i) {
                metrics.count_request(request_handler::push, "PUT", 200);
                metrics.observe_push("PUT", 1ms, 1, start);
            }
        });
    }
    for (auto& t : threads) t.join();
    EXPECT_EQ(lines_of(metrics, own_family::requests),
              "pushgateway_http_requests_total{code=\"200\",handler=\"push\",method=\"put\"} 4000\n");
    EXPECT_TRUE(lines_of(metrics, own_family::push_size).ends_with("_count{method=\"put\"} 4000\n"));
}

#ifdef __linux__
TEST(process_statistics, are_plausible) {
    auto const now = read_process_statistics();
    ASSERT_TRUE(now.cpu_seconds && now.virtual_bytes && now.resident_bytes && now.start_time && now.open_fds &&
                now.max_fds && now.max_virtual_bytes);
    EXPECT_GE(*now.cpu_seconds, 0);
    EXPECT_GT(*now.resident_bytes, 1 << 20);
    EXPECT_GE(*now.virtual_bytes, *now.resident_bytes);
    EXPECT_GT(*now.start_time, 1.6e9);
    EXPECT_LE(*now.start_time, unix_seconds(system_clock::now()) + 1);
    EXPECT_GE(*now.open_fds, 3);
    EXPECT_GE(*now.max_fds, *now.open_fds);
}
#endif

TEST(process_statistics, read_the_formats_of_proc) {
    EXPECT_EQ(detail::word("  a \tbc  d", 1), "bc");
    EXPECT_EQ(detail::word("a b", 2), "");
    EXPECT_EQ(detail::soft_limit("Max open files            1024                 4096   files\n", "Max open files"),
              1024);
    EXPECT_EQ(
        detail::soft_limit("Max address space         unlimited            unlimited  bytes", "Max address space"),
        18446744073709551615.0);
    EXPECT_EQ(detail::soft_limit("", "Max address space"), std::nullopt);
    std::string_view const netstat = "TcpExt: A InOctets\nTcpExt: 1 2\nIpExt: X InOctets\nIpExt: 3 4\n";
    EXPECT_EQ(detail::ip_counter(netstat, "InOctets"), 4);
    EXPECT_EQ(detail::ip_counter(netstat, "OutOctets"), std::nullopt);
    EXPECT_EQ(detail::ip_counter("IpExt: InOctets\n", "InOctets"), std::nullopt);
}

}  // namespace
}  // namespace pushgateway
