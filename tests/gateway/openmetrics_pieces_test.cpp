#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include <gtest/gtest.h>

#include <pushgateway/format/decoded_families.hpp>
#include <pushgateway/format/openmetrics/parse.hpp>
#include <pushgateway/gateway/gateway.hpp>

namespace pushgateway {
namespace {

/// Pushes a body in OpenMetrics.
void push_openmetrics(gateway& g, std::string_view job, std::string_view body) {
    format::decoded_families families;
    auto const read = format::openmetrics::parse(body, {.utf8_names = true}, families);
    ASSERT_TRUE(read) << read.error().message;
    auto const pushed = g.push(model::grouping_key(job), push_mode::replace, families);
    ASSERT_TRUE(pushed) << pushed.error().message;
}

gateway_options with_created() {
    gateway_options options;
    options.created_samples = true;
    return options;
}

/// What is shown of all that was pushed, but for the push times.
std::string shown_openmetrics(gateway const& g, name_escaping escaping = name_escaping::allow_utf8,
                              line_format format = line_format::openmetrics) {
    std::string all;
    std::string piece;
    for (auto pieces = g.scrape_pieces({}, scrape_scope::pushed, escaping, format); pieces.next(piece);) all += piece;
    for (std::string_view const name : {"push_time_seconds", "push_failure_time_seconds"}) {
        auto const begin = all.find("# HELP " + std::string(name));
        if (begin == std::string::npos) continue;
        auto end = all.find('#', all.find("# TYPE", begin) + 1);
        all.erase(begin, std::min(end, all.size()) - begin);
    }
    return all;
}

constexpr std::string_view rich =
    "# TYPE a counter\na_total 1 # {t=\"x\"} 1 5\na_created 1.5\n# TYPE b histogram\nb_bucket{le=\"+Inf\"} 2 # {} 7\n"
    "b_sum 7\nb_count 2\n# EOF\n";

TEST(openmetrics_pieces, show_exemplars_and_if_wanted_times_of_creation) {
    gateway g(with_created());
    push_openmetrics(g, "j", rich);
    EXPECT_EQ(shown_openmetrics(g),
              "# TYPE a counter\na_total{instance=\"\",job=\"j\"} 1 # {t=\"x\"} 1 5\n"
              "a_created{instance=\"\",job=\"j\"} 1.5\n# TYPE b histogram\n"
              "b_bucket{instance=\"\",job=\"j\",le=\"+Inf\"} 2 # {} 7\nb_sum{instance=\"\",job=\"j\"} 7\n"
              "b_count{instance=\"\",job=\"j\"} 2\n# EOF\n");
    EXPECT_EQ(shown_openmetrics(g, name_escaping::allow_utf8, line_format::text),
              "# TYPE a_total counter\na_total{instance=\"\",job=\"j\"} 1\n# TYPE b histogram\n"
              "b_bucket{instance=\"\",job=\"j\",le=\"+Inf\"} 2\nb_sum{instance=\"\",job=\"j\"} 7\n"
              "b_count{instance=\"\",job=\"j\"} 2\n")
        << "both formats of a page are kept";
    gateway other;
    push_openmetrics(other, "j", rich);
    auto expected = shown_openmetrics(g);
    std::string_view const created = "a_created{instance=\"\",job=\"j\"} 1.5\n";
    expected.erase(expected.find(created), created.size());
    EXPECT_EQ(shown_openmetrics(other), expected);
}

TEST(openmetrics_pieces, follow_every_change) {
    gateway g;
    push_openmetrics(g, "j", rich);
    auto const before = shown_openmetrics(g);
    push_openmetrics(
        g, "j",
        "# TYPE a counter\na_total 1 # {t=\"y\"} 1 5\na_created 1.5\n# TYPE b histogram\nb_bucket{le=\"+Inf\"} 2 "
        "# {} 7\nb_sum 7\nb_count 2\n# EOF\n");
    auto changed = before;
    changed.replace(changed.find("t=\"x\""), 5, "t=\"y\"");
    EXPECT_EQ(shown_openmetrics(g), changed);
    push_openmetrics(g, "j", "# TYPE a counter\na_total 1\n# EOF\n");
    EXPECT_EQ(shown_openmetrics(g), "# TYPE a counter\na_total{instance=\"\",job=\"j\"} 1\n# EOF\n");
}

TEST(openmetrics_pieces, can_be_pushed_again) {
    gateway g(with_created());
    push_openmetrics(g, "j", rich);
    push_openmetrics(
        g, "k",
        "# TYPE s summary\ns{quantile=\"0.5\"} 1\ns_sum 1\ns_count 1\ns_created 2\n# TYPE q gaugehistogram\n"
        "q_bucket{le=\"+Inf\"} 0.5\nq_gsum -1\nq_gcount 0.5\n# TYPE i info\ni_info{v=\"1\"} 1\n# EOF\n");
    auto const first = shown_openmetrics(g);
    gateway other(with_created());
    format::decoded_families families;
    ASSERT_TRUE(format::openmetrics::parse(first, {}, families));
    // The labels of both groups are in it.
    ASSERT_TRUE(other.push(model::grouping_key("all"), push_mode::replace, families));
    auto const again = shown_openmetrics(other);
    auto const without = [](std::string text, std::string_view label) {
        for (auto at = text.find(label); at != std::string::npos; at = text.find(label)) text.erase(at, label.size());
        return text;
    };
    EXPECT_EQ(without(without(first, "job=\"j\""), "job=\"k\""), without(again, "job=\"all\""));
}

TEST(openmetrics_pieces, avoid_names_that_clash_with_other_families) {
    gateway g(with_created());
    push_openmetrics(g, "j", rich);
    ASSERT_TRUE(g.push(model::grouping_key("k"), push_mode::replace, "a_created 5\n"));
    EXPECT_EQ(shown_openmetrics(g).substr(0, shown_openmetrics(g).find("# TYPE b ")),
              "# TYPE a_created unknown\na_created{instance=\"\",job=\"k\"} 5\n# TYPE a counter\n"
              "a_total{instance=\"\",job=\"j\"} 1 # {t=\"x\"} 1 5\n");
    ASSERT_TRUE(g.push(model::grouping_key("k"), push_mode::replace, "a 5\n"));
    EXPECT_EQ(shown_openmetrics(g).substr(0, shown_openmetrics(g).find("# TYPE b ")),
              "# TYPE a unknown\na{instance=\"\",job=\"k\"} 5\n# TYPE a_total unknown\n"
              "a_total{instance=\"\",job=\"j\"} 1\n");
    ASSERT_TRUE(g.push(model::grouping_key("l"), push_mode::replace, "process_cpu_seconds 5\n"));
    std::string all;
    std::string piece;
    auto pieces = g.scrape_pieces({"process_cpu_seconds_total"}, scrape_scope::everything, name_escaping::allow_utf8,
                                  line_format::openmetrics);
    while (pieces.next(piece)) all += piece;
    EXPECT_NE(all.find("# TYPE process_cpu_seconds_total unknown\n"), std::string::npos) << all;
}

TEST(openmetrics_pieces, describe_gauge_histograms_as_histograms_where_their_names_are_taken) {
    gateway g;
    auto const* const pushed =
        "# TYPE x gaugehistogram\nx_bucket{le=\"+Inf\"} 1\nx_count 1\nx_sum 5\n# TYPE x_gcount gauge\nx_gcount 7\n";
    ASSERT_TRUE(g.push(model::grouping_key("j"), push_mode::replace, pushed));
    EXPECT_EQ(
        shown_openmetrics(g),
        "# TYPE x histogram\nx_bucket{instance=\"\",job=\"j\",le=\"+Inf\"} 1\nx_sum{instance=\"\",job=\"j\"} 5\n"
        "x_count{instance=\"\",job=\"j\"} 1\n# TYPE x_gcount gauge\nx_gcount{instance=\"\",job=\"j\"} 7\n# EOF\n");
}

TEST(openmetrics_pieces, show_gauge_histograms_beside_histograms_as_these) {
    auto const* const gauges = "# TYPE x gaugehistogram\nx_bucket{le=\"+Inf\"} 1\nx_count 1\nx_sum 5\n";
    auto const* const counts = "# TYPE x histogram\nx_bucket{le=\"+Inf\"} 1\nx_count 1\nx_sum 5\n";
    std::string const header = "# TYPE x histogram\n";
    auto const lines = [](std::string const& job) {
        std::string const labels = "{instance=\"\",job=\"" + job + "\"";
        return "x_bucket" + labels + ",le=\"+Inf\"} 1\nx_sum" + labels + "} 5\nx_count" + labels + "} 1\n";
    };
    for (auto const& [first, second] : {std::pair(gauges, counts), std::pair(counts, gauges)}) {
        gateway g;
        ASSERT_TRUE(g.push(model::grouping_key("j"), push_mode::replace, first));
        static_cast<void>(shown_openmetrics(g));
        ASSERT_TRUE(g.push(model::grouping_key("k"), push_mode::replace, second));
        EXPECT_EQ(shown_openmetrics(g), header + lines("j") + lines("k") + "# EOF\n");
        EXPECT_EQ(shown_openmetrics(g, name_escaping::allow_utf8, line_format::text), header + lines("j") + lines("k"));
        ASSERT_TRUE(g.erase(model::grouping_key(first == counts ? "j" : "k")));
        EXPECT_EQ(shown_openmetrics(g).substr(0, 24), "# TYPE x gaugehistogram\n");
    }
}

TEST(openmetrics_pieces, avoid_clashes_with_escaped_names) {
    gateway_options options;
    options.names = name_scheme::utf8;
    gateway g(options);
    ASSERT_TRUE(g.push(model::grouping_key("j"), push_mode::replace,
                       "# TYPE a_b_total counter\na_b_total 1\n# TYPE \"a.b\" gauge\n{\"a.b\"} 2\n"));
    EXPECT_EQ(shown_openmetrics(g, name_escaping::underscores),
              "# TYPE a_b gauge\na_b{instance=\"\",job=\"j\"} 2\n# TYPE a_b_total unknown\n"
              "a_b_total{instance=\"\",job=\"j\"} 1\n# EOF\n");
}

TEST(openmetrics_pieces, show_series_as_what_the_header_says_that_they_stand_under) {
    gateway_options options;
    options.names = name_scheme::utf8;
    gateway g(options);
    ASSERT_TRUE(g.push(model::grouping_key("j"), push_mode::replace, "# TYPE a_total counter\na_total 1\n"));
    ASSERT_TRUE(g.push(model::grouping_key("k"), push_mode::replace, "# TYPE \"a.total\" gauge\n{\"a.total\"} 2\n"));
    EXPECT_EQ(shown_openmetrics(g, name_escaping::underscores),
              "# TYPE a counter\na_total{instance=\"\",job=\"j\"} 1\na_total{instance=\"\",job=\"k\"} 2\n# EOF\n");
}

constexpr std::string_view described =
    "# TYPE build info\nbuild_info{v=\"1\"} 1\n# TYPE size_bytes gauge\n# UNIT size_bytes bytes\nsize_bytes 5\n"
    "# TYPE phase stateset\nphase{phase=\"a\"} 1\n# EOF\n";

/// The lines that describe families.
std::string headers(std::string const& exposition) {
    std::string out;
    for (std::string_view rest = exposition; !rest.empty();) {
        auto const line = rest.substr(0, rest.find('\n') + 1);
        rest.remove_prefix(line.size());
        if (line.starts_with("# TYPE") || line.starts_with("# UNIT")) out += line;
    }
    return out;
}

TEST(openmetrics_pieces, describe_units_infos_and_state_sets_as_pushed) {
    gateway g;
    push_openmetrics(g, "j", described);
    auto const all = "# TYPE build info\n# TYPE phase stateset\n# TYPE size_bytes gauge\n# UNIT size_bytes bytes\n";
    EXPECT_EQ(headers(shown_openmetrics(g)), all);
    EXPECT_NE(shown_openmetrics(g).find("build_info{instance=\"\",job=\"j\",v=\"1\"} 1\n"), std::string::npos);
    push_openmetrics(g, "k", described);
    push_openmetrics(g, "k", described);
    EXPECT_EQ(headers(shown_openmetrics(g)), all);
    EXPECT_EQ(headers(shown_openmetrics(g, name_escaping::allow_utf8, line_format::text)),
              "# TYPE build_info gauge\n# TYPE phase gauge\n# TYPE size_bytes gauge\n");
}

TEST(openmetrics_pieces, describe_infos_and_state_sets_as_gauges_where_some_group_does) {
    std::string_view const gauges =
        "# TYPE build_info gauge\nbuild_info{v=\"2\"} 7\n# TYPE size_bytes gauge\nsize_bytes 6\n"
        "# TYPE phase gauge\nphase 5\n# EOF\n";
    auto const mixed =
        "# TYPE build_info gauge\n# TYPE phase gauge\n# TYPE size_bytes gauge\n# UNIT size_bytes bytes\n";
    gateway g;
    push_openmetrics(g, "j", described);
    auto const all = headers(shown_openmetrics(g));
    for (int i = 0; i != 2; ++i) {
        push_openmetrics(g, "k", gauges);
        EXPECT_EQ(headers(shown_openmetrics(g)), mixed);
        // The same series as what they were, and as gauges again.
        push_openmetrics(g, "k", i == 0 ? described : "# EOF\n");
        EXPECT_EQ(headers(shown_openmetrics(g)), all);
    }
    push_openmetrics(g, "j", gauges);
    EXPECT_EQ(headers(shown_openmetrics(g)), "# TYPE build_info gauge\n# TYPE phase gauge\n# TYPE size_bytes gauge\n");
}

TEST(openmetrics_pieces, describe_infos_as_gauges_where_their_names_are_taken) {
    for (auto const* other : {"build 1\n", "# TYPE build_total counter\nbuild_total 1\n"}) {
        gateway g;
        push_openmetrics(g, "j", described);
        ASSERT_TRUE(g.push(model::grouping_key("k"), push_mode::replace, other));
        EXPECT_NE(headers(shown_openmetrics(g)).find("# TYPE build_info gauge\n"), std::string::npos) << other;
        EXPECT_EQ(headers(shown_openmetrics(g)).find(" info\n"), std::string::npos) << other;
    }
}

TEST(openmetrics_pieces, describe_a_state_set_as_gauges_if_no_label_can_have_its_name) {
    gateway g;
    push_openmetrics(g, "j", "# TYPE a:b stateset\na:b{\"a:b\"=\"x\"} 1\n# EOF\n");
    EXPECT_EQ(headers(shown_openmetrics(g)), "# TYPE a:b gauge\n");
}

TEST(openmetrics_pieces, spell_timestamps_in_seconds) {
    gateway_options options;
    options.timestamps = timestamp_policy::keep;
    gateway g(options);
    push_openmetrics(g, "j", "# TYPE a counter\na_total 1 1520879607.789 # {} 2\n# EOF\n");
    EXPECT_EQ(shown_openmetrics(g),
              "# TYPE a counter\na_total{instance=\"\",job=\"j\"} 1 1520879607.789 # {} 2\n# EOF\n");
    EXPECT_EQ(shown_openmetrics(g, name_escaping::allow_utf8, line_format::text),
              "# TYPE a_total counter\na_total{instance=\"\",job=\"j\"} 1 1520879607789\n");
}

TEST(openmetrics_pieces, escape_names_and_leave_out_exemplars_that_cannot_be) {
    gateway_options options;
    options.names = name_scheme::utf8;
    options.created_samples = true;
    gateway g(options);
    push_openmetrics(
        g, "j",
        "# TYPE \"a.b\" counter\n{\"a.b_total\"} 1 # {\"c.d\"=\"x\"} 1\n{\"a.b_created\"} 2\n# TYPE e counter\n"
        "e_total 1 # {\"c.d\"=\"x\"} 1\ne_created 2\n# EOF\n");
    EXPECT_EQ(shown_openmetrics(g),
              "# TYPE \"a.b\" counter\n{\"a.b_total\",instance=\"\",job=\"j\"} 1 # {\"c.d\"=\"x\"} 1\n"
              "{\"a.b_created\",instance=\"\",job=\"j\"} 2\n# TYPE e counter\n"
              "e_total{instance=\"\",job=\"j\"} 1 # {\"c.d\"=\"x\"} 1\ne_created{instance=\"\",job=\"j\"} 2\n# EOF\n");
    EXPECT_EQ(shown_openmetrics(g, name_escaping::underscores),
              "# TYPE a_b counter\na_b_total{instance=\"\",job=\"j\"} 1\na_b_created{instance=\"\",job=\"j\"} 2\n"
              "# TYPE e counter\ne_total{instance=\"\",job=\"j\"} 1\ne_created{instance=\"\",job=\"j\"} 2\n# EOF\n");
}

}  // namespace
}  // namespace pushgateway
