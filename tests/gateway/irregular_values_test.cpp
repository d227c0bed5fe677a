// Values that are not what their type calls for, in formats whose readers would give up for them.

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include <pushgateway/format/decoded_families.hpp>
#include <pushgateway/format/protobuf/parse.hpp>
#include <pushgateway/format/protobuf/write.hpp>
#include <pushgateway/format/regular.hpp>
#include <pushgateway/format/text/write.hpp>
#include <pushgateway/gateway/gateway.hpp>

namespace pushgateway {
namespace {

constexpr auto nan = std::numeric_limits<double>::quiet_NaN();
constexpr auto infinity = std::numeric_limits<double>::infinity();

void push(gateway& g, std::string_view job, std::string_view body) {
    auto const pushed = g.push(model::grouping_key(job), push_mode::replace, body);
    ASSERT_TRUE(pushed) << pushed.error().message;
}

std::string without_times(std::string const& all) {
    std::string out;
    for (std::size_t at = 0; at < all.size();) {
        auto const end = all.find('\n', at) + 1;
        auto const line = std::string_view(all).substr(at, end - at);
        if (!line.contains("push_time") && !line.contains("push_failure_time")) out += line;
        at = end;
    }
    return out;
}

std::string openmetrics(gateway const& g, name_escaping escaping = name_escaping::allow_utf8) {
    std::string all;
    std::string piece;
    for (auto pieces = g.scrape_pieces({}, scrape_scope::pushed, escaping, line_format::openmetrics);
         pieces.next(piece);) {
        all += piece;
    }
    return without_times(all);
}

struct message_writer {
    static constexpr bool needs_size = true;
    static void begin(std::string& out, std::size_t size) { format::protobuf::append_length(out, size); }
    static void header(std::string& out, std::string_view name, std::optional<std::string_view> help,
                       model::metric_type type, std::string_view unit) {
        format::protobuf::append_header(out, name, help, type, unit);
    }
    static void metric(std::string& out, model::metric const& metric) { format::protobuf::append_metric(out, metric); }
    static void end(std::string&) {}
};

/// What a reader of the messages finds, in the text format.
std::string protobuf(gateway const& g, name_escaping escaping = name_escaping::allow_utf8) {
    std::string body;
    std::string piece;
    for (auto pieces = g.metric_pieces({}, scrape_scope::pushed, escaping, message_writer{}); pieces.next(piece);) {
        body += piece;
    }
    format::decoded_families read;
    auto const parsed = format::protobuf::parse(body, {}, read);
    EXPECT_TRUE(parsed) << parsed.error().message;
    std::string text;
    read.for_each_family([&text](model::metric_family const& family) {
        format::text::append_family(text, family);
        for (auto const& metric : family.metrics) {
            std::visit(
                [](auto const& value) {
                    if constexpr (requires { value.buckets; }) {
                        EXPECT_TRUE(format::converts(value));
                    }
                },
                metric.value);
        }
    });
    return without_times(text);
}

TEST(irregular_values, make_counters_unknown_in_openmetrics_while_they_are_there) {
    gateway g;
    push(g, "a", "# HELP c_total Help.\n# TYPE c_total counter\nc_total 1\n");
    std::string const regular = "# HELP c Help.\n# TYPE c counter\nc_total{instance=\"\",job=\"a\"} 1\n# EOF\n";
    for (auto const& [bad, shown] : {std::pair("-1", "-1"), std::pair("NaN", "NaN")}) {
        EXPECT_EQ(openmetrics(g), regular);
        push(g, "b", std::string("# TYPE c_total counter\nc_total ") + bad + '\n');
        EXPECT_EQ(openmetrics(g), std::string("# HELP c_total Help.\n# TYPE c_total unknown\n"
                                              "c_total{instance=\"\",job=\"a\"} 1\nc_total{instance=\"\",job=\"b\"} ") +
                                      shown + "\n# EOF\n");
        push(g, "b", "# TYPE c_total counter\nc_total 2\n");
        EXPECT_TRUE(openmetrics(g).starts_with("# HELP c Help.\n# TYPE c counter\n")) << "the labels stay the same";
        EXPECT_TRUE(g.erase(model::grouping_key("b")));
    }
    EXPECT_EQ(openmetrics(g), regular);
}

constexpr std::string_view going_down =
    "# HELP h Help.\n# TYPE h histogram\nh_bucket{le=\"1\"} 5\nh_bucket{le=\"+Inf\"} 2\nh_sum 1\nh_count 2\n";

TEST(irregular_values, make_histograms_series_of_their_own_in_openmetrics) {
    gateway g;
    push(g, "a", going_down);
    push(g, "b", "# TYPE h histogram\nh_bucket{le=\"0.5\"} 1\nh_sum 1\nh_count 2\n");
    EXPECT_EQ(openmetrics(g),
              "# HELP h_bucket Help.\n# TYPE h_bucket unknown\n"
              "h_bucket{instance=\"\",job=\"a\",le=\"1.0\"} 5\nh_bucket{instance=\"\",job=\"a\",le=\"+Inf\"} 2\n"
              "h_bucket{instance=\"\",job=\"b\",le=\"0.5\"} 1\nh_bucket{instance=\"\",job=\"b\",le=\"+Inf\"} 2\n"
              "# HELP h_count Help.\n# TYPE h_count unknown\n"
              "h_count{instance=\"\",job=\"a\"} 2\nh_count{instance=\"\",job=\"b\"} 2\n"
              "# HELP h_sum Help.\n# TYPE h_sum unknown\n"
              "h_sum{instance=\"\",job=\"a\"} 1\nh_sum{instance=\"\",job=\"b\"} 1\n# EOF\n");
    EXPECT_EQ(openmetrics(g, name_escaping::underscores), openmetrics(g));
    EXPECT_TRUE(g.scrape().contains("h_bucket{instance=\"\",job=\"a\",le=\"1\"} 5\n")) << "the text stays";
}

TEST(irregular_values, make_summaries_series_of_their_own_in_openmetrics) {
    gateway g;
    push(g, "a", "# TYPE s summary\ns{quantile=\"1.5\"} 3\ns_sum -4\ns_count 1\n");
    EXPECT_EQ(openmetrics(g),
              "# TYPE s unknown\ns{instance=\"\",job=\"a\",quantile=\"1.5\"} 3\n"
              "# TYPE s_count unknown\ns_count{instance=\"\",job=\"a\"} 1\n"
              "# TYPE s_sum unknown\ns_sum{instance=\"\",job=\"a\"} -4\n# EOF\n");
}

TEST(irregular_values, leave_the_other_histograms_of_a_family_whole_in_protobuf) {
    gateway g;
    push(g, "a", going_down);
    push(g, "b", "# TYPE h histogram\nh_bucket{le=\"0.5\"} 1\nh_sum 1\nh_count 2\n");
    auto const shown = protobuf(g);
    EXPECT_EQ(shown,
              "# HELP h Help.\n# TYPE h histogram\nh_bucket{instance=\"\",job=\"b\",le=\"0.5\"} 1\n"
              "h_bucket{instance=\"\",job=\"b\",le=\"+Inf\"} 2\nh_sum{instance=\"\",job=\"b\"} 1\n"
              "h_count{instance=\"\",job=\"b\"} 2\n"
              "# HELP h_bucket Help.\n# TYPE h_bucket untyped\nh_bucket{instance=\"\",job=\"a\",le=\"1.0\"} 5\n"
              "h_bucket{instance=\"\",job=\"a\",le=\"+Inf\"} 2\n"
              "# HELP h_count Help.\n# TYPE h_count untyped\nh_count{instance=\"\",job=\"a\"} 2\n"
              "# HELP h_sum Help.\n# TYPE h_sum untyped\nh_sum{instance=\"\",job=\"a\"} 1\n");
    EXPECT_EQ(protobuf(g, name_escaping::underscores), shown);
}

TEST(irregular_values, in_a_family_of_many_pages_are_all_shown) {
    gateway g;
    std::string body = "# TYPE h histogram\n";
    constexpr int many = 3000;
    for (int i = 0; i != many; ++i) {
        auto const labels = "i=\"" + std::to_string(i) + "\"";
        body += "h_bucket{" + labels + ",le=\"1\"} " + (i % 3 == 0 ? "5" : "1") + "\nh_sum{" + labels +
                "} 1\nh_count{" + labels + "} 2\n";
    }
    push(g, "a", body);
    auto const count = [](std::string const& text, std::string_view what) {
        int found = 0;
        for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++found;
        return found;
    };
    for (auto const& text : {openmetrics(g), protobuf(g)}) {
        EXPECT_EQ(count(text, "\nh_bucket{"), 2 * many);
        EXPECT_EQ(count(text, "\nh_sum{"), many);
        EXPECT_EQ(count(text, "\nh_count{"), many);
        EXPECT_EQ(count(text, "# TYPE h_bucket "), 1);
    }
}

TEST(irregular_values, of_classic_buckets_leave_the_native_ones) {
    gateway g;
    model::bucket const buckets[] = {{1, 9}, {2, 1}};
    std::vector<model::bucket_span> const spans{{0, 1}};
    std::vector<std::int64_t> const deltas{3};
    model::native_buckets const native{0, 0, 0, {}, {spans, deltas}};
    model::metric const metric{{}, model::histogram{3, 1, buckets, &native}};
    model::metric_family const family{"h", {}, model::metric_type::histogram, {&metric, 1}};
    ASSERT_TRUE(g.push(model::grouping_key("j"), push_mode::replace, std::span(&family, 1)));
    EXPECT_EQ(protobuf(g),
              "# TYPE h histogram\nh_bucket{instance=\"\",job=\"j\",le=\"+Inf\"} 3\nh_sum{instance=\"\",job=\"j\"} 1\n"
              "h_count{instance=\"\",job=\"j\"} 3\n");
}

// Without them it would be no better: a count that is no number cannot be shown as what it is.
TEST(irregular_values, keep_classic_buckets_beside_native_ones_that_cannot_be_shown) {
    gateway g;
    model::float_bucket const buckets[] = {{1, 2}, {2, 5}};
    std::vector<model::bucket_span> const spans{{0, 1}};
    std::vector<double> const counts{2.5};
    model::float_native_buckets const native{0, 0, 0, {}, {spans, counts}};
    model::metric const metric{{}, model::float_histogram{nan, 1, buckets, &native}};
    model::metric_family const family{"h", {}, model::metric_type::histogram, {&metric, 1}};
    ASSERT_TRUE(g.push(model::grouping_key("j"), push_mode::replace, std::span(&family, 1)));
    for (auto const escaping : {name_escaping::allow_utf8, name_escaping::underscores}) {
        auto const shown = protobuf(g, escaping);
        for (std::string const line :
             {"le=\"1.0\"} 2\n", "le=\"2.0\"} 5\n", "le=\"+Inf\"} NaN\n", "h_count{instance=\"\",job=\"j\"} NaN\n"}) {
            EXPECT_NE(shown.find(line), std::string::npos) << line << "in\n" << shown;
        }
    }
}

TEST(irregular_values, are_these) {
    auto const whole = [](std::uint64_t count, double sum, std::vector<model::bucket> const& buckets) {
        model::histogram const h{count, sum, buckets};
        return std::pair(format::converts(h), format::is_regular(h));
    };
    constexpr std::pair sound(true, true);
    constexpr std::pair only_converts(true, false);
    constexpr std::pair neither(false, false);
    EXPECT_EQ(whole(0, 0, {}), sound);
    EXPECT_EQ(whole(3, 1, {{1, 1}, {2, 1}, {infinity, 3}}), sound);
    EXPECT_EQ(whole(3, 1, {{1, 1}}), sound);
    EXPECT_EQ(whole(3, nan, {{1, 1}}), only_converts);
    EXPECT_EQ(whole(3, -1, {{1, 1}}), only_converts);
    EXPECT_EQ(whole(3, 1, {{-1, 1}}), only_converts);
    EXPECT_EQ(whole(3, 1, {{-infinity, 1}}), only_converts);
    EXPECT_EQ(whole(3, 1, {{nan, 1}}), neither);
    EXPECT_EQ(whole(3, 1, {{1, 2}, {2, 1}}), neither);
    EXPECT_EQ(whole(3, 1, {{2, 1}, {1, 1}}), neither);
    EXPECT_EQ(whole(3, 1, {{1, 4}}), neither);
    EXPECT_EQ(whole(3, 1, {{infinity, 2}}), neither);
    auto const floats = [](double count, std::vector<model::float_bucket> const& buckets) {
        model::float_histogram const h{count, 1, buckets};
        return std::pair(format::converts(h), format::is_regular(h));
    };
    EXPECT_EQ(floats(3, {{1, 1}}), sound);
    EXPECT_EQ(floats(1.5, {{1, 1}}), only_converts);
    EXPECT_EQ(floats(infinity, {}), only_converts);
    EXPECT_EQ(floats(nan, {}), neither);
    EXPECT_EQ(floats(-1, {}), neither);
    EXPECT_EQ(floats(3, {{1, -1}}), neither);
    EXPECT_EQ(floats(3, {{1, nan}}), neither);
    auto const summary = [](double sum, double rank, double at_rank) {
        model::quantile const quantile{rank, at_rank};
        return format::is_regular(model::summary{1, sum, {&quantile, 1}});
    };
    EXPECT_TRUE(summary(1, 0.5, nan));
    EXPECT_FALSE(summary(-1, 0.5, 1) || summary(nan, 0.5, 1) || summary(1, nan, 1) || summary(1, 2, 1) ||
                 summary(1, 0.5, -1));
}

}  // namespace
}  // namespace pushgateway
