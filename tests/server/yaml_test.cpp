#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <pushgateway/server/yaml.hpp>

namespace pushgateway::server {
namespace {

// The tree in one line: texts in brackets when they stood in quotes.
std::string shown(yaml_node const& node) {
    if (node.is_null()) return "null";
    if (node.is_text()) return node.quoted ? '[' + node.text + ']' : node.text;
    std::string out = node.is_list() ? "(" : "{";
    for (std::size_t i = 0; i != node.children.size(); ++i) {
        if (i != 0) out += node.is_mapping() && i % 2 == 1 ? ": " : ", ";
        out += shown(node.children[i]);
    }
    return out + (node.is_list() ? ")" : "}");
}

std::string read(std::string_view text, yaml_limits const& limits = {}) {
    auto const node = parse_yaml(text, limits);
    return node ? shown(*node) : node.error().message;
}

TEST(yaml, is_read_into_a_tree) {
    EXPECT_EQ(read(""), "null");
    EXPECT_EQ(read("# nothing\n"), "null");
    EXPECT_EQ(read("---\n...\n"), "null");
    EXPECT_EQ(read("\xef\xbb\xbf"
                   "a: 1"),
              "{a: 1}");
    EXPECT_EQ(read("a: 1\r\nb: 'x'\r\n"), "{a: 1, b: [x]}");
    EXPECT_EQ(read("a:\n  - b\n  - {c: d}\n  -\ne: ~\n"), "{a: (b, {c: d}, null), e: null}");
    EXPECT_EQ(read("a: \"x\\ty\"\nb: |\n  two\n  lines\n"), "{a: [x\ty], b: [two\nlines\n]}");
    EXPECT_EQ(read("a: $2y$10$x\n"), "{a: $2y$10$x}");
    EXPECT_EQ(read("a: !!str 1\nb: ! c"), "{a: [1], b: [c]}");
    EXPECT_EQ(read("\u00e4: \u00f6"), "{\u00e4: \u00f6}");
    EXPECT_EQ(read("text"), "text");
}

TEST(yaml, remembers_where_things_stand) {
    auto const tree = parse_yaml("a:\n  - b\n  - c: d\n").value();
    auto const& list = tree.children[1];
    EXPECT_EQ(list.children[0].line, 2U);
    EXPECT_EQ(list.children[0].column, 5U);
    auto const& value = list.children[1].children[1];
    EXPECT_EQ(value.text, "d");
    EXPECT_EQ(value.line, 3U);
    EXPECT_EQ(value.column, 8U);
}

TEST(yaml, repeats_what_an_alias_names) {
    EXPECT_EQ(read("a: &x [1, 2]\nb: *x\nc: &y z\nd: *y\n"), "{a: (1, 2), b: (1, 2), c: z, d: z}");
}

TEST(yaml, tells_what_is_wrong_and_where) {
    for (auto const& [text, why] : std::vector<std::pair<std::string, std::string>>{
             {"a: 1\nb: 2\na: 3\n", "line 3, column 1: the key \"a\" is there already"},
             {"x: {a: 1, 'a': 2}", "line 1, column 11: the key \"a\" is there already"},
             {"? [a]\n: b\n", "line 1, column 3: a key must be a text"},
             {"~: b\n", "line 1, column 1: a key must be a text"},
             {"a: &x {b: 1}\nc:\n  <<: *x\n", "line 3, column 3: merging by << is not supported"},
             {"a: !!binary eA==\n", "line 1, column 4: the tag \"tag:yaml.org,2002:binary\" is not supported"},
             {"a: !secret x\n", "line 1, column 4: the tag \"!secret\" is not supported"},
             {"a: !!set {b}\n", "line 1, column 4: the tag \"tag:yaml.org,2002:set\" is not supported"},
             {"a: 1\n---\nb: 2\n", "line 3, column 1: the file has a second document"},
             {"a: *", "line 1, column 5: alias not found after *; a text that begins with * must stand in quotes"},
             {"a: &x [*x]\n", "line 1, column 8: an alias stands inside of what it repeats"},
             {std::string("a: \0b", 5), "the file is not text in UTF-8"},
             {"a: \xff", "the file is not text in UTF-8"}}) {
        EXPECT_EQ(read(text), why) << text;
    }
    // From 0.8 on yaml-cpp names the anchor.
    auto const unknown = read("a: [*-ci]");
    auto const expected = [](std::string_view name) {
        return "line 1, column 5: the referenced anchor is not defined" + std::string(name) +
               "; a text that begins with * must stand in quotes";
    };
    EXPECT_TRUE(unknown == expected("") || unknown == expected(": -ci")) << unknown;
    // The words are the library's.
    for (std::string const text :
         {"a: b: c", "a: [1", "a: 'x", "a: *x", "\ta: 1\n b: 2", "a: 1\n b: 2", "%YAML 9.9\n", "@"}) {
        auto const node = parse_yaml(text);
        ASSERT_FALSE(node) << text;
        EXPECT_EQ(node.error().code, errc::invalid);
        EXPECT_GE(node.error().line, 1U) << text;
        EXPECT_TRUE(node.error().message.starts_with("line ")) << node.error().message;
    }
}

TEST(yaml, has_limits) {
    yaml_limits limits;
    limits.size = 20;
    EXPECT_EQ(read("a: 12345678901234567", limits), "{a: 12345678901234567}");
    EXPECT_EQ(read("a: 123456789012345678", limits), "the file is larger than 20 bytes");
    EXPECT_EQ(parse_yaml("a: 123456789012345678", limits).error().code, errc::too_large);
    limits = {};
    limits.depth = 3;
    EXPECT_EQ(read("a: [[1]]", limits), "{a: ((1))}");
    EXPECT_EQ(read("a: [[[1]]]", limits), "line 1, column 6: more than 3 lists and mappings in each other");
    limits = {};
    limits.nodes = 4;
    EXPECT_EQ(read("[1, 2, 3]", limits), "(1, 2, 3)");
    EXPECT_EQ(read("[1, 2, 3, 4]", limits), "line 1, column 11: the file has more than 4 nodes");
}

TEST(yaml, does_not_unfold_a_bomb) {
    std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
    for (int i = 1; i != 20; ++i) {
        auto const name = std::to_string(i);
        bomb += "a" + name + ": &a" + name + " [";
        for (int k = 0; k != 10; ++k) bomb += (k == 0 ? "*a" : ", *a") + std::to_string(i - 1);
        bomb += "]\n";
    }
    EXPECT_TRUE(read(bomb).ends_with("the file has more than 100000 nodes")) << read(bomb).substr(0, 100);
    EXPECT_NE(read(std::string(100'000, '[')).find("in each other"), std::string::npos);
    EXPECT_NE(read(std::string(100'000, '{')).find("in each other"), std::string::npos);
    std::string deep;
    for (int i = 0; i != 1000; ++i) deep += std::string(static_cast<std::size_t>(i), ' ') + "a:\n";
    EXPECT_NE(read(deep).find("in each other"), std::string::npos);
}

TEST(yaml, survives_any_text) {
    EXPECT_TRUE(rc::check([] {
        auto const piece = rc::gen::element<std::string>(
            "a", ":", " ", "\n", "  ", "- ", "[", "]", "{", "}", ",", "\"", "'", "|", ">", "&a ", "*a", "!", "!!str ",
            "#", "?", "---\n", "...\n", "%", "~", "\t", "\\", "<<", "\u00e4", "\xff", "\r\n", "a: ", "b: ");
        std::string text;
        for (auto const& p : *rc::gen::container<std::vector<std::string>>(piece)) text += p;
        RC_LOG() << text << '\n';
        auto const node = parse_yaml(text);
        // The macro would look at both sides of an "or".
        bool const told = node || !node.error().message.empty();
        RC_ASSERT(told);
    }));
}

}  // namespace
}  // namespace pushgateway::server
