#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include <pushgateway/gateway/gateway.hpp>

namespace pushgateway {
namespace {

/// What is shown of a push to a gateway with these options, or the error.
std::string shown_of(gateway_options const& options, std::string_view text) {
    gateway g(options);
    auto const done = g.push(model::grouping_key("j"), push_mode::replace, text);
    if (!done) return done.error().message;
    std::string all;
    std::string piece;
    for (auto pieces = g.scrape_pieces({"x", "y"}, scrape_scope::pushed); pieces.next(piece);) all += piece;
    return all;
}

gateway_options with(timestamp_policy policy) {
    gateway_options options;
    options.timestamps = policy;
    return options;
}

TEST(timestamps_of_pushes, are_rejected_dropped_or_kept) {
    auto const text = "x{a=\"1\"} 1 5\nx{a=\"2\"} 2\n";
    EXPECT_NE(shown_of(with(timestamp_policy::reject), text).find("timestamp"), std::string::npos);
    EXPECT_EQ(shown_of(with(timestamp_policy::drop), text),
              "# TYPE x untyped\nx{a=\"1\",instance=\"\",job=\"j\"} 1\nx{a=\"2\",instance=\"\",job=\"j\"} 2\n");
    EXPECT_EQ(shown_of(with(timestamp_policy::keep), text),
              "# TYPE x untyped\nx{a=\"1\",instance=\"\",job=\"j\"} 1 5\nx{a=\"2\",instance=\"\",job=\"j\"} 2\n");
}

TEST(timestamps_of_pushes, of_families_are_treated_alike) {
    model::metric const metric{{}, model::gauge{1}, 5};
    model::metric_family const family{"x", {}, model::metric_type::gauge, {&metric, 1}};
    for (auto const policy : {timestamp_policy::reject, timestamp_policy::drop, timestamp_policy::keep}) {
        gateway g(with(policy));
        auto const done = g.push(model::grouping_key("j"), push_mode::replace, {&family, 1});
        EXPECT_EQ(done.has_value(), policy != timestamp_policy::reject);
        auto const line =
            policy == timestamp_policy::keep ? "x{instance=\"\",job=\"j\"} 1 5\n" : "x{instance=\"\",job=\"j\"} 1\n";
        EXPECT_EQ(g.scrape().find(line) != std::string::npos, policy != timestamp_policy::reject);
    }
}

TEST(stray_samples, are_refused_or_left_out) {
    gateway_options as_upstream;
    as_upstream.ignore_stray_samples = true;
    auto const text = "# TYPE x summary\nx 5\nx_count 2\n";
    EXPECT_NE(shown_of({}, text).find("a sample x of the summary x without the label \"quantile\""), std::string::npos);
    EXPECT_EQ(shown_of(as_upstream, text),
              "# TYPE x summary\nx_sum{instance=\"\",job=\"j\"} 0\nx_count{instance=\"\",job=\"j\"} 2\n");
}

TEST(lenient_gateway, takes_text_that_a_strict_one_refuses) {
    gateway_options lenient;
    lenient.lenient = true;
    auto const text = "\xEF\xBB\xBF# TYPE x gauge\r\nx 1\r\ny 2";
    EXPECT_EQ(shown_of(lenient, text),
              "# TYPE x gauge\nx{instance=\"\",job=\"j\"} 1\n# TYPE y untyped\ny{instance=\"\",job=\"j\"} 2\n");
    EXPECT_NE(shown_of({}, text).find("text format parsing error in line 1"), std::string::npos);
}

TEST(lenient_gateway, takes_the_last_of_several_descriptions) {
    gateway_options lenient;
    lenient.lenient = true;
    struct pair {
        char const* text;
        char const* shown_of;
    };
    for (auto const& [text, expected] : {
             pair{"# HELP x a\n# HELP x b\nx 1\n", "# HELP x b\n# TYPE x untyped\nx{instance=\"\",job=\"j\"} 1\n"},
             pair{"# TYPE x gauge\nx{l=\"1\"} 1\n# TYPE x gauge\nx{l=\"2\"} 2\n",
                  "# TYPE x gauge\nx{instance=\"\",job=\"j\",l=\"1\"} 1\nx{instance=\"\",job=\"j\",l=\"2\"} 2\n"},
             pair{"x 1\ny 2\n# HELP x late\n# TYPE x counter\n",
                  "# HELP x late\n# TYPE x counter\nx{instance=\"\",job=\"j\"} 1\n"
                  "# TYPE y untyped\ny{instance=\"\",job=\"j\"} 2\n"},
             pair{"# TYPE x gauge\n# TYPE x summary\nx_sum 1\nx_count 2\n# TYPE x summary\n",
                  "# TYPE x summary\nx_sum{instance=\"\",job=\"j\"} 1\nx_count{instance=\"\",job=\"j\"} 2\n"},
             // The HELP line finds the sum of a summary, which then is none.
             pair{"# TYPE x summary\n# HELP x_sum h\n# TYPE x gauge\nx_sum 1\nx 2\n",
                  "# HELP x h\n# TYPE x gauge\nx{instance=\"\",job=\"j\"} 2\n"},
         }) {
        EXPECT_EQ(shown_of(lenient, text), expected) << text;
        EXPECT_NE(shown_of({}, text).find("text format parsing error in line "), std::string::npos) << text;
    }
    for (auto const* bad : {"x 1\n# TYPE x summary\n", "# TYPE x histogram\nx_count 1\n# TYPE x gauge\n"}) {
        EXPECT_NE(shown_of(lenient, bad).find("text format parsing error in line "), std::string::npos) << bad;
    }
}

TEST(openmetrics_pieces, end_with_their_last_line_once) {
    gateway g;
    std::string all;
    std::string piece;
    auto empty = g.scrape_pieces({}, scrape_scope::pushed, name_escaping::allow_utf8, line_format::openmetrics);
    while (empty.next(piece)) all += piece;
    EXPECT_EQ(all, "# EOF\n");
    ASSERT_TRUE(g.push(model::grouping_key("j"), push_mode::replace, "# TYPE x_total counter\nx_total 1\n"));
    all.clear();
    auto pieces =
        g.scrape_pieces({"x_total"}, scrape_scope::pushed, name_escaping::underscores, line_format::openmetrics);
    while (pieces.next(piece)) all += piece;
    EXPECT_EQ(all, "# TYPE x counter\nx_total{instance=\"\",job=\"j\"} 1\n# EOF\n");
}

}  // namespace
}  // namespace pushgateway
