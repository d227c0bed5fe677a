#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

#include <pushgateway/format/text/write.hpp>
#include <pushgateway/gateway/gateway.hpp>

namespace pushgateway {
namespace {

/// Writes what the text format would be, with the size of each family before it.
template <bool NeedsSize>
struct text_writer {
    static constexpr bool needs_size = NeedsSize;
    static void begin(std::string& out, std::size_t size) {
        if (NeedsSize) out += "! " + std::to_string(size) + '\n';
    }
    static void header(std::string& out, std::string_view name, std::optional<std::string_view> help,
                       model::metric_type type, std::string_view) {
        format::text::append_header(out, name, help, type);
    }
    static void metric(std::string& out, model::metric const& metric) {
        format::text::append_metric(out, "m", model::metric_type::untyped, metric);
    }
    static void end(std::string& out) { out += ".\n"; }
};

template <bool NeedsSize>
std::string all(gateway const& g, std::vector<std::string> names = {}, scrape_scope scope = scrape_scope::pushed,
                name_escaping escaping = name_escaping::underscores) {
    std::string out;
    std::string piece;
    auto pieces = g.metric_pieces(std::move(names), scope, escaping, text_writer<NeedsSize>{});
    while (pieces.next(piece)) {
        EXPECT_LT(piece.size(), 512u * 1024);
        out += piece;
    }
    return out;
}

/// A family with so many series that it is not rendered in one go.
void push_large(gateway& g, std::string const& job) {
    std::string body = "# HELP large many\n";
    for (int i = 0; i != 20'000; ++i) body += "large{i=\"" + std::to_string(i) + "\"} 1\n";
    ASSERT_TRUE(g.push(model::grouping_key(job), push_mode::replace, body));
}

TEST(metric_pieces, show_families_in_order_and_announce_their_sizes) {
    gateway g;
    ASSERT_TRUE(g.push(model::grouping_key("j"), push_mode::replace, "# TYPE b gauge\nb 1\na 2\n"));
    push_large(g, "k");
    auto const shown = all<true>(g, {"a", "b", "large"});
    std::vector<std::string> heads;
    for (std::size_t at = 0; at != shown.size();) {
        ASSERT_EQ(shown.substr(at, 2), "! ");
        auto const line = shown.find('\n', at) + 1;
        auto const size = std::stoul(shown.substr(at + 2));
        ASSERT_EQ(shown.substr(line + size, 2), ".\n");
        heads.push_back(shown.substr(line, shown.find('\n', line) - line));
        at = line + size + 2;
    }
    EXPECT_EQ(heads, (std::vector<std::string>{"# TYPE a untyped", "# TYPE b gauge", "# HELP large many"}));
}

TEST(metric_pieces, are_the_same_with_sizes_and_without) {
    gateway g;
    push_large(g, "j");
    auto with = all<true>(g, {"large"});
    with.erase(0, with.find('\n') + 1);
    EXPECT_EQ(with, all<false>(g, {"large"}));
    EXPECT_EQ(std::ranges::count(with, '\n'), 20'003);
}

TEST(metric_pieces, hold_the_gateways_own_series_unless_told_not_to) {
    gateway g;
    EXPECT_NE(all<false>(g, {}, scrape_scope::everything).find("# TYPE pushgateway_build_info gauge\nm{branch="),
              std::string::npos);
    EXPECT_EQ(all<false>(g), "");
    ASSERT_TRUE(
        g.push(model::grouping_key("j"), push_mode::replace, "# TYPE process_max_fds gauge\nprocess_max_fds 7\n"));
    auto const own = all<false>(g, {}, scrape_scope::own);
    EXPECT_EQ(own.find("job=\"j\""), std::string::npos);
    auto const both = all<false>(g, {"process_max_fds"}, scrape_scope::everything);
    EXPECT_NE(both.find("m{instance=\"\",job=\"j\"} 7\n.\n"), std::string::npos) << both;
    EXPECT_EQ(std::ranges::count(both, '#'), 2) << both;
}

/// Writes the kinds of values.
struct kind_writer {
    static constexpr bool needs_size = false;
    static void begin(std::string&, std::size_t) {}
    static void header(std::string&, std::string_view, std::optional<std::string_view>, model::metric_type,
                       std::string_view) {}
    static void metric(std::string& out, model::metric const& metric) {
        out += std::holds_alternative<model::counter>(metric.value) ? "counter " : "other ";
    }
    static void end(std::string&) {}
};

TEST(metric_pieces, are_of_the_type_of_the_family_that_they_are_shown_in) {
    gateway_options options;
    options.names = name_scheme::utf8;
    gateway g(options);
    ASSERT_TRUE(g.push(model::grouping_key("j"), push_mode::replace,
                       "# TYPE a_total counter\na_total{x=\"1\"} 1\n# TYPE \"a.total\" gauge\n{\"a.total\"} 2\n"));
    auto const kinds = [&g](name_escaping escaping) {
        std::string out;
        std::string piece;
        auto pieces = g.metric_pieces({"a_total", "a.total"}, scrape_scope::pushed, escaping, kind_writer{});
        while (pieces.next(piece)) out += piece;
        return out;
    };
    EXPECT_EQ(kinds(name_escaping::underscores), "counter counter ");
    EXPECT_EQ(kinds(name_escaping::allow_utf8), "other counter ");
}

TEST(metric_pieces, leave_out_what_escaping_makes_the_same) {
    gateway_options options;
    options.names = name_scheme::utf8;
    gateway g(options);
    ASSERT_TRUE(g.push(model::grouping_key("j"), push_mode::replace,
                       "{\"a.b\",x=\"1\"} 1\na_b{x=\"1\"} 2\n{\"a.b\",x=\"2\"} 3\nc{\"l.m\"=\"1\",l_m=\"2\"} 4\n"));
    auto const shown = all<false>(g);
    EXPECT_NE(shown.find("# TYPE a_b untyped\nm{instance=\"\",job=\"j\",x=\"1\"} 2\n"
                         "m{instance=\"\",job=\"j\",x=\"2\"} 3\n.\n"),
              std::string::npos)
        << shown;
    EXPECT_EQ(shown.find("# TYPE c "), std::string::npos) << shown;
    auto const plain = all<false>(g, {}, scrape_scope::pushed, name_escaping::allow_utf8);
    EXPECT_NE(plain.find("# TYPE \"a.b\" untyped\n"), std::string::npos) << plain;
    EXPECT_NE(plain.find("# TYPE c "), std::string::npos) << plain;
}

}  // namespace
}  // namespace pushgateway
