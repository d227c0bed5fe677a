#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <pushgateway/pushgateway.hpp>

namespace pushgateway {
namespace {

constexpr std::array schemes{name_escaping::underscores, name_escaping::dots, name_escaping::values};

gateway_options with_utf8_names() {
    gateway_options options;
    options.names = name_scheme::utf8;
    return options;
}

model::grouping_key const group_x("x");

/// What a scrape shows of pushed families but for the times of the pushes.
std::string shown(gateway const& g, name_escaping escaping, std::vector<std::string> names = {}) {
    std::string out;
    std::string piece;
    for (auto pieces = g.scrape_pieces(std::move(names), scrape_scope::everything, escaping); pieces.next(piece);)
        out += piece;
    std::string kept;
    for (std::string_view rest = out; !rest.empty();) {
        auto const line = rest.substr(0, rest.find('\n') + 1);
        rest.remove_prefix(line.size());
        bool const own = std::ranges::any_of(
            std::to_array<std::string_view>({"process_", "pushgateway_", "push_"}),
            [line](std::string_view name) { return line.starts_with(name) || line.substr(7).starts_with(name); });
        if (!own) kept += line;
    }
    return kept;
}

TEST(utf8_names, are_refused_in_text_and_keys_unless_they_are_wanted) {
    gateway g;
    EXPECT_EQ(g.names(), name_scheme::legacy);
    EXPECT_FALSE(g.push(group_x, push_mode::replace, "{\"a.b\"} 1\n"));
    EXPECT_FALSE(g.push(group_x, push_mode::replace, "a{\"l.m\"=\"1\"} 1\n"));
    EXPECT_FALSE(g.push(model::grouping_key("x").set("l.m", "1"), push_mode::replace, ""));
}

/// Pushes a gauge with one label into a group.
result<> push_gauge(gateway& g, model::grouping_key const& key, std::string_view name, std::string_view label,
                    double value) {
    model::label const own{label, "1"};
    model::metric const metric{{&own, 1}, model::gauge{value}, {}};
    model::metric_family const family{name, {}, model::metric_type::gauge, {&metric, 1}};
    return g.push(key, push_mode::update, std::span(&family, 1));
}

/// Writes the text format from metrics.
struct text_of_metrics {
    static constexpr bool needs_size = false;
    static void begin(std::string&, std::size_t) {}
    static void header(std::string& out, std::string_view name, std::optional<std::string_view> help,
                       model::metric_type type, std::string_view) {
        format::text::append_header(out, name, help, type);
    }
    static void metric(std::string& out, model::metric const& metric) {
        format::text::append_metric(out, "m", model::metric_type::gauge, metric);
    }
    static void end(std::string&) {}
};

std::string from_metrics(gateway const& g, std::vector<std::string> names) {
    std::string out;
    std::string piece;
    auto pieces =
        g.metric_pieces(std::move(names), scrape_scope::pushed, name_escaping::underscores, text_of_metrics{});
    while (pieces.next(piece)) out += piece;
    return out;
}

TEST(utf8_names, of_families_that_are_values_are_taken_and_escaped_in_every_format) {
    gateway g;
    ASSERT_TRUE(push_gauge(g, group_x, "a", "l_m", 1));
    EXPECT_EQ(from_metrics(g, {"a"}), "# TYPE a gauge\nm{instance=\"\",job=\"x\",l_m=\"1\"} 1\n");
    ASSERT_TRUE(push_gauge(g, group_x, "b", "l.m", 2));
    EXPECT_EQ(from_metrics(g, {"b"}), "# TYPE b gauge\nm{instance=\"\",job=\"x\",l_m=\"1\"} 2\n") << "a label alone";
    ASSERT_TRUE(push_gauge(g, group_x, "a.b", "l", 3));
    EXPECT_EQ(from_metrics(g, {"a.b"}), "# TYPE a_b gauge\nm{instance=\"\",job=\"x\",l=\"1\"} 3\n");
    EXPECT_EQ(shown(g, name_escaping::underscores),
              "# TYPE a gauge\na{instance=\"\",job=\"x\",l_m=\"1\"} 1\n"
              "# TYPE a_b gauge\na_b{instance=\"\",job=\"x\",l=\"1\"} 3\n"
              "# TYPE b gauge\nb{instance=\"\",job=\"x\",l_m=\"1\"} 2\n");
    ASSERT_FALSE(push_gauge(g, group_x, "", "l", 3));
    ASSERT_FALSE(push_gauge(g, group_x, "a", "__l", 3)) << "a reserved label";
    g.wipe();
    ASSERT_TRUE(push_gauge(g, group_x, "a", "l", 1));
    EXPECT_EQ(from_metrics(g, {"a"}), "# TYPE a gauge\nm{instance=\"\",job=\"x\",l=\"1\"} 1\n");
}

TEST(utf8_names, that_come_back_from_a_file_are_escaped) {
    gateway g;
    model::label const own{"l.m", "1"};
    model::metric const metric{{&own, 1}, model::gauge{1}, {}};
    model::metric_family const family{"a", {}, model::metric_type::gauge, {&metric, 1}};
    format::families const source({&family, 1});
    ASSERT_TRUE(g.restore(group_x, {}, source, [](std::string_view) { return timestamp{}; }));
    EXPECT_EQ(from_metrics(g, {"a"}), "# TYPE a gauge\nm{instance=\"\",job=\"x\",l_m=\"1\"} 1\n");
    gateway other;
    model::metric const plain{{}, model::gauge{1}, {}};
    model::metric_family const bare{"a", {}, model::metric_type::gauge, {&plain, 1}};
    format::families const bare_source({&bare, 1});
    model::grouping_key const key = model::grouping_key("x").set("g.h", "1");
    ASSERT_TRUE(other.restore(key, {}, bare_source, [](std::string_view) { return timestamp{}; }));
    EXPECT_EQ(from_metrics(other, {"a"}), "# TYPE a gauge\nm{g_h=\"1\",instance=\"\",job=\"x\"} 1\n");
}

TEST(utf8_names, that_become_parts_of_another_family_stay_out) {
    gateway g(with_utf8_names());
    ASSERT_TRUE(g.push(group_x, push_mode::replace,
                       "# TYPE \"h.i\" summary\n{\"h.i_sum\"} 1\n# TYPE h_i_count gauge\nh_i_count 2\n"
                       "# TYPE q summary\nq_sum 3\n{\"q.sum\"} 4\n{\"q.bucket\"} 5\n"
                       "# TYPE \"r.s\" histogram\n{\"r.s_bucket\",le=\"1\"} 6\n{\"r.s.bucket\"} 7\n"));
    EXPECT_EQ(shown(g, name_escaping::underscores),
              "# TYPE h_i_count gauge\nh_i_count{instance=\"\",job=\"x\"} 2\n"
              "# TYPE q summary\nq_sum{instance=\"\",job=\"x\"} 3\nq_count{instance=\"\",job=\"x\"} 0\n"
              "# TYPE q_bucket untyped\nq_bucket{instance=\"\",job=\"x\"} 5\n"
              "# TYPE r_s histogram\nr_s_bucket{instance=\"\",job=\"x\",le=\"1\"} 6\n"
              "r_s_bucket{instance=\"\",job=\"x\",le=\"+Inf\"} 0\nr_s_sum{instance=\"\",job=\"x\"} 0\n"
              "r_s_count{instance=\"\",job=\"x\"} 0\n");
    EXPECT_EQ(std::ranges::count(shown(g, name_escaping::values), '#'), 7);
}

TEST(utf8_names, are_shown_as_the_scrape_asks) {
    gateway g(with_utf8_names());
    ASSERT_TRUE(
        g.push(model::grouping_key("x").set("g.h", "1"), push_mode::replace,
               "# HELP \"a.b\" The \\\\ help.\n# TYPE \"a.b\" summary\n{\"a.b\",\"l.m\"=\"v\",quantile=\"0.5\"} 1\n"
               "{\"a.b_sum\",\"l.m\"=\"v\"} 2\n{\"a.b_count\",\"l.m\"=\"v\"} 3\nplain 4\n"));
    EXPECT_EQ(shown(g, name_escaping::allow_utf8),
              "# HELP \"a.b\" The \\\\ help.\n# TYPE \"a.b\" summary\n"
              "{\"a.b\",\"g.h\"=\"1\",instance=\"\",job=\"x\",\"l.m\"=\"v\",quantile=\"0.5\"} 1\n"
              "{\"a.b_sum\",\"g.h\"=\"1\",instance=\"\",job=\"x\",\"l.m\"=\"v\"} 2\n"
              "{\"a.b_count\",\"g.h\"=\"1\",instance=\"\",job=\"x\",\"l.m\"=\"v\"} 3\n"
              "# TYPE plain untyped\nplain{\"g.h\"=\"1\",instance=\"\",job=\"x\"} 4\n");
    EXPECT_EQ(shown(g, name_escaping::values),
              "# HELP U__a_2e_b The \\\\ help.\n# TYPE U__a_2e_b summary\n"
              "U__a_2e_b{U__g_2e_h=\"1\",instance=\"\",job=\"x\",U__l_2e_m=\"v\",quantile=\"0.5\"} 1\n"
              "U__a_2e_b_sum{U__g_2e_h=\"1\",instance=\"\",job=\"x\",U__l_2e_m=\"v\"} 2\n"
              "U__a_2e_b_count{U__g_2e_h=\"1\",instance=\"\",job=\"x\",U__l_2e_m=\"v\"} 3\n"
              "# TYPE plain untyped\nplain{U__g_2e_h=\"1\",instance=\"\",job=\"x\"} 4\n");
    EXPECT_NE(
        g.scrape(name_escaping::underscores).find("\npush_failure_time_seconds{g_h=\"1\",instance=\"\",job=\"x\"} 0\n"),
        std::string::npos);
    EXPECT_NE(g.scrape().find("{\"a.b_count\","), std::string::npos);
}

TEST(utf8_names, that_become_one_stand_under_one_header) {
    gateway g(with_utf8_names());
    ASSERT_TRUE(g.push(group_x, push_mode::replace,
                       "# HELP \"a.b\" dot\n# TYPE \"a.b\" gauge\n{\"a.b\"} 1\n{\"a.b\",l=\"1\"} 2\n"
                       "# TYPE a_b counter\na_b 3\n# TYPE \"a-b\" summary\n{\"a-b_sum\"} 4\n"));
    EXPECT_EQ(
        shown(g, name_escaping::underscores),
        "# HELP a_b dot\n# TYPE a_b counter\na_b{instance=\"\",job=\"x\"} 3\na_b{instance=\"\",job=\"x\",l=\"1\"} 2\n")
        << "the legacy name leads, what it shows is not shown twice, what has parts stays out";
    EXPECT_EQ(shown(g, name_escaping::underscores, {"a.b", "a-b"}),
              "# TYPE a_b summary\na_b_sum{instance=\"\",job=\"x\"} 4\na_b_count{instance=\"\",job=\"x\"} 0\n")
        << "what is not asked for does not lead";
    EXPECT_EQ(shown(g, name_escaping::underscores, {"a_b"}), "# TYPE a_b counter\na_b{instance=\"\",job=\"x\"} 3\n");
    EXPECT_EQ(std::ranges::count(shown(g, name_escaping::dots), '#'), 4);
}

TEST(utf8_names, that_become_the_gateways_own_stand_under_its_header) {
    gateway g(with_utf8_names());
    ASSERT_TRUE(
        g.push(group_x, push_mode::replace,
               "{\"pushgateway.clashing.series\"} 9\n# TYPE \"push.time.seconds\" gauge\n{\"push.time.seconds\"} 0\n"));
    auto const scrape = g.scrape(name_escaping::underscores);
    EXPECT_NE(scrape.find("# TYPE pushgateway_clashing_series gauge\npushgateway_clashing_series 0\n"
                          "pushgateway_clashing_series{instance=\"\",job=\"x\"} 9\n"),
              std::string::npos)
        << scrape;
    EXPECT_EQ(scrape.find("push_time_seconds{instance=\"\",job=\"x\"} 0\n"), std::string::npos)
        << "the real push time wins";
}

TEST(utf8_names, series_that_no_scraper_could_take_are_left_out) {
    gateway g(with_utf8_names());
    ASSERT_TRUE(g.push(group_x, push_mode::replace,
                       "a{\"l.m\"=\"1\",l_m=\"2\"} 1\na{\"..name..\"=\"b\"} 2\na{\"l.m\"=\"3\"} 3\na{l_m=\"3\"} 4\n"
                       "b{\"..name..\"=\"b\"} 5\nc{\"l.m\"=\"3\"} 6\n"));
    EXPECT_EQ(shown(g, name_escaping::underscores),
              "# TYPE a untyped\na{instance=\"\",job=\"x\",l_m=\"3\"} 3\n"
              "# TYPE c untyped\nc{instance=\"\",job=\"x\",l_m=\"3\"} 6\n");
    EXPECT_EQ(std::ranges::count(shown(g, name_escaping::values), '\n'), 9);
    EXPECT_EQ(std::ranges::count(shown(g, name_escaping::allow_utf8), '\n'), 9);
}

/// As many series as fill several pages, of value `value`.
std::string many_series(int many, std::string_view value) {
    std::string body;
    for (int i = 0; i != many; ++i) body += "a{n=\"" + std::to_string(i) + "\"} " + std::string(value) + "\n";
    return body;
}

TEST(utf8_names, no_page_repeats_what_another_shows) {
    constexpr int many = 3000;
    // The group that comes first, by its key, wins: its labels need not be escaped in the first case, and must be in
    // the second.
    for (auto const* other : {"z\u00e4", "z."}) {
        gateway g(with_utf8_names());
        ASSERT_TRUE(g.push(model::grouping_key("x").set(other, "b"), push_mode::replace, many_series(many, "7")));
        ASSERT_TRUE(g.push(model::grouping_key("x").set("z_", "b"), push_mode::replace, many_series(many + 5, "8")));
        auto const text = shown(g, name_escaping::underscores);
        EXPECT_EQ(std::ranges::count(text, '\n'), 1 + many + 5);
        EXPECT_EQ(std::ranges::count(text, '7') > many, other == std::string_view("z."));
        EXPECT_EQ(std::ranges::count(shown(g, name_escaping::values), '\n'), 1 + many + many + 5);
        EXPECT_EQ(std::ranges::count(shown(g, name_escaping::allow_utf8), '\n'), 1 + many + many + 5);
    }
}

/// Whatever is pushed, a legacy reader gets a text that it can read, one header for a name and no series twice.
TEST(utf8_names, any_mixture_escapes_to_a_sound_exposition) {
    auto const names =
        rc::gen::element<std::string>("a.b", "a_b", "a-b", "\u00e4", "_", "1", "U__a_2e_b", "a_dot_b", "a__b");
    std::vector<std::string> const labels{"l.m", "l_m", "l-m", "l:m", "..name..", "\u00e4", "_", "l_dot_m", "l__m"};
    auto const types = rc::gen::element<std::string>("gauge", "counter", "untyped");
    EXPECT_TRUE(rc::check([&] {
        gateway g(with_utf8_names());
        for (auto const* job : {"x", "y"}) {
            std::string body;
            std::set<std::string> typed;
            for (auto left = *rc::gen::inRange(0, 8); left != 0; --left) {
                auto const name = *names;
                if (typed.insert(name).second) body += "# TYPE \"" + name + "\" " + *types + '\n';
                body += "{\"" + name + '"';
                for (auto const& label : labels) {
                    if (*rc::gen::inRange(0, 3) != 0) continue;
                    body += ",\"" + label + "\"=\"" + *rc::gen::element<std::string>("1", "2") + '"';
                }
                body += "} 1\n";
            }
            static_cast<void>(g.push(model::grouping_key(job), push_mode::replace, body));
        }
        for (auto const scheme : schemes) {
            auto const text = g.scrape(scheme);
            format::parsed_exposition parsed;
            auto const read = format::text::parse(text, {}, parsed);
            RC_ASSERT(read.has_value());
            std::set<std::string> series;
            parsed.for_each_family([&](model::metric_family const& family) {
                for (auto const& metric : family.metrics) {
                    std::set<std::string> one{std::string(family.name)};
                    for (auto const& [name, value] : metric.labels)
                        one.insert(std::string(name) + '=' + std::string(value));
                    std::string all;
                    for (auto const& part : one) all += part + '\n';
                    RC_ASSERT(series.insert(all).second);
                }
            });
        }
    }));
}

}  // namespace
}  // namespace pushgateway
