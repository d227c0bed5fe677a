#include "match.hpp"

#include <string>
#include <vector>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "match_json.hpp"

namespace {

using namespace pushgateway::spec;
using patterns = std::vector<std::string>;

bool line(std::string_view pattern, std::string_view text) {
    named_times times;
    return match_line(pattern, text, times);
}

bool text(patterns const& p, std::string_view t, bool any_order = false) {
    named_times times;
    return match_text(p, t, any_order, times);
}

bool json(std::string_view pattern, std::string_view actual) {
    named_times times;
    return match_json(boost::json::parse(pattern), boost::json::parse(actual), times);
}

TEST(spec_match, compares_lines_byte_by_byte) {
    EXPECT_TRUE(line("x 1", "x 1"));
    EXPECT_FALSE(line("x 1", "x 2"));
    EXPECT_FALSE(line("x 1", "x 1 "));
    EXPECT_FALSE(line("x 1", "x"));
    EXPECT_FALSE(line("", "x"));
    EXPECT_TRUE(line("a < b <c>", "a < b <c>"));
}

TEST(spec_match, any_takes_every_run) {
    EXPECT_TRUE(line("a<any>z", "az"));
    EXPECT_TRUE(line("a<any>z", "a...zz"));
    EXPECT_TRUE(line("<any>b<any>", "abc"));
    EXPECT_FALSE(line("a<any>z", "a...y"));
    EXPECT_FALSE(line("<any>d<any>", "abc"));
}

TEST(spec_match, number_takes_a_number_only) {
    for (auto const* n : {"0", "1.5", "-3", "1e+06", "+Inf", "-Inf", "NaN"}) {
        EXPECT_TRUE(line("x <number>", std::string("x ") + n)) << n;
    }
    for (auto const* n : {"", "x", "1 2", "1.5s", "0x10"}) {
        EXPECT_FALSE(line("x <number>", std::string("x ") + n)) << n;
    }
}

TEST(spec_match, times_are_plausible_and_remembered) {
    EXPECT_TRUE(line("x <time>", "x 1.7e+09"));
    EXPECT_FALSE(line("x <time>", "x 0"));
    EXPECT_FALSE(line("x <time>", "x 5"));
    named_times times;
    EXPECT_TRUE(match_line("x <time a>", "x 1.7e+09", times));
    EXPECT_TRUE(match_line("y <time a>", "y 1.7e+09", times));
    EXPECT_FALSE(match_line("x <time a>", "x 1.70000001e+09", times));
    EXPECT_TRUE(match_line("x <time after a>", "x 1.70000001e+09", times));
    EXPECT_FALSE(match_line("x <time after a>", "x 1.7e+09", times));
    EXPECT_FALSE(match_line("x <time after b>", "x 1.8e+09", times)) << "b was never named";
}

TEST(spec_match, a_failed_match_names_no_time) {
    named_times times;
    EXPECT_FALSE(match_line("x <time a>;", "x 1.7e+09", times));
    EXPECT_TRUE(times.empty());
}

TEST(spec_match, a_text_is_all_of_its_lines) {
    EXPECT_TRUE(text({"a", "b"}, "a\nb\n"));
    EXPECT_TRUE(text({"a", "b"}, "a\nb"));
    EXPECT_TRUE(text({}, ""));
    EXPECT_FALSE(text({}, "a\n"));
    EXPECT_FALSE(text({"a"}, ""));
    EXPECT_FALSE(text({"a", "b"}, "b\na\n"));
    EXPECT_FALSE(text({"a"}, "a\nb\n"));
    EXPECT_FALSE(text({"a", "b"}, "a\n"));
    EXPECT_FALSE(text({"a"}, "a\n\n"));
}

TEST(spec_match, dots_are_a_gap) {
    EXPECT_TRUE(text({"..."}, ""));
    EXPECT_TRUE(text({"...", "b", "..."}, "a\nb\nc\n"));
    EXPECT_TRUE(text({"a", "...", "c"}, "a\nb\nb\nc\n"));
    EXPECT_TRUE(text({"a", "...", "c"}, "a\nc\n"));
    EXPECT_FALSE(text({"a", "...", "c"}, "a\nc\nd\n"));
    EXPECT_FALSE(text({"...", "c", "...", "a", "..."}, "a\nb\nc\n"));
}

TEST(spec_match, a_line_can_be_forbidden) {
    EXPECT_TRUE(text({"...", "! x<any>"}, "a\n"));
    EXPECT_FALSE(text({"...", "! x<any>"}, "a\nxy\n"));
    EXPECT_FALSE(text({"! x"}, "a\n")) << "a forbidden line does not open the text";
}

TEST(spec_match, order_can_be_free) {
    EXPECT_TRUE(text({"a", "b"}, "b\na\n", true));
    EXPECT_FALSE(text({"a", "b"}, "b\nb\n", true));
    EXPECT_FALSE(text({"a"}, "b\na\n", true));
    EXPECT_TRUE(text({"a", "..."}, "b\na\n", true));
    EXPECT_FALSE(text({"a", "a", "..."}, "b\na\n", true));
}

TEST(spec_match, own_metrics_can_be_left_out) {
    EXPECT_EQ(without_own_metrics("# HELP go_x y\n# TYPE a gauge\na{b=\"go_x\"} 1\ngo_x 2\nprocess_y{} 3\n"
                                  "push_time_seconds{job=\"j\"} 4\npush_time_seconds_x 5\npushgateway_z_sum 6\n"),
              "# TYPE a gauge\na{b=\"go_x\"} 1\npush_time_seconds_x 5\n");
}

TEST(spec_match, json_is_exact) {
    EXPECT_TRUE(json(R"({"a": [1, "b"], "c": null})", R"({"c": null, "a": ["b", 1]})"));
    EXPECT_FALSE(json(R"({"a": 1})", R"({"a": 2})"));
    EXPECT_FALSE(json(R"({"a": 1})", R"({"a": "1"})"));
    EXPECT_FALSE(json(R"({"a": 1})", R"({"a": 1, "b": 2})"));
    EXPECT_FALSE(json(R"({"a": 1, "b": 2})", R"({"a": 1})"));
    EXPECT_FALSE(json(R"([1])", R"([1, 1])"));
    EXPECT_FALSE(json(R"([1, 1])", R"([1, 2])"));
    EXPECT_FALSE(json(R"({})", R"([])"));
    EXPECT_FALSE(json(R"([])", R"({})"));
}

TEST(spec_match, json_can_be_open) {
    EXPECT_TRUE(json(R"({"a": 1, "...": ""})", R"({"a": 1, "b": 2})"));
    EXPECT_FALSE(json(R"({"a": 1, "...": ""})", R"({"b": 2})"));
    EXPECT_TRUE(json(R"([2, "..."])", R"([1, 2])"));
    EXPECT_FALSE(json(R"([3, "..."])", R"([1, 2])"));
}

TEST(spec_match, json_strings_are_patterns) {
    EXPECT_TRUE(json(R"({"t": "<any>T<any>Z", "v": "<time>"})", R"({"t": "2026-01-01T00:00:00Z", "v": "1.7e+09"})"));
    EXPECT_FALSE(json(R"({"v": "<number>"})", R"({"v": "one"})"));
    EXPECT_FALSE(json(R"({"v": "x<any>"})", R"({"v": 1})"));
}

}  // namespace
