#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <pushgateway/http/path.hpp>

namespace pushgateway::http {
namespace {

TEST(split_target, cuts_at_the_first_question_mark) {
    EXPECT_EQ(split_target("/a?b?c").path, "/a");
    EXPECT_EQ(split_target("/a?b?c").query, "b?c");
    EXPECT_EQ(split_target("/a").query, "");
}

TEST(clean_path, as_the_original_cleans) {
    for (auto const& [path, clean] :
         std::vector<std::pair<std::string, std::string>>{{"//metrics", "/metrics"},
                                                          {"/metrics//job/x", "/metrics/job/x"},
                                                          {"/metrics/job/../job/x", "/metrics/job/x"},
                                                          {"/a/./b/", "/a/b/"},
                                                          {"/a/..", "/"},
                                                          {"/a/b/..", "/a"},
                                                          {"/..", "/"},
                                                          {"/../..//", "/"},
                                                          {"/a/.", "/a"},
                                                          {"/.../..a/a..", "/.../..a/a.."}}) {
        EXPECT_EQ(clean_path(path), clean);
        EXPECT_EQ(is_clean_path(path), path == clean) << path;
    }
}

TEST(clean_path, is_clean_afterwards) {
    EXPECT_TRUE(rc::check([] {
        auto const path = "/" + *rc::gen::container<std::string>(rc::gen::element('/', '.', 'a', '%'));
        auto const clean = clean_path(path);
        RC_ASSERT(is_clean_path(clean));
        RC_ASSERT(clean_path(clean) == clean);
        RC_ASSERT(is_clean_path(path) == (clean == path));
    }));
}

TEST(query_values, in_order_and_decoded) {
    EXPECT_EQ(query_values("name[]=a&x=1&name%5B%5D=b+c&name[]&name[]=%zz", "name[]"),
              (std::vector<std::string>{"a", "b c", ""}));
    EXPECT_TRUE(query_values("", "name[]").empty());
}

std::string key_or_error(std::string_view path, name_scheme names = name_scheme::legacy) {
    auto const parts = split_push_path(path);
    if (!parts) return "no push path";
    auto const key = read_grouping_key(*parts, 256, names);
    if (!key) {
        EXPECT_EQ(key.error().code, errc::invalid);
        return key.error().message;
    }
    std::string out;
    for (auto const& [name, value] : key->pairs()) out += name + "=" + value + ";";
    return out;
}

TEST(grouping_key, has_a_limit_of_labels) {
    std::string path = "/metrics/job/x";
    for (int i = 1; i != 256; ++i) path += "/l" + std::to_string(i) + "/v";
    auto const key = read_grouping_key(*split_push_path(path));
    ASSERT_TRUE(key);
    EXPECT_EQ(key->pairs().size(), 256u);
    EXPECT_EQ(key_or_error(path + "/one/more"),
              "the grouping key has more than 256 labels (limit \"grouping-labels\")");
}

TEST(grouping_key, from_paths) {
    std::string const odd =
        ": labels are pairs /NAME/VALUE, and a value with a slash in it is written in base64, as in NAME@base64/YS9i";
    std::string const only = ", only the letters a to z and A to Z, digits and \"_\"";
    std::string const hint(base64_hint);
    for (auto const& [path, expected] : std::vector<std::pair<std::string, std::string>>{
             {"/metrics/job/x", "job=x;"},
             {"/metrics/job/x/", "job=x;"},
             {"/metrics/job/x/a/b", "a=b;job=x;"},
             {"/metrics/job/x/a/", "a=;job=x;"},
             {"/metrics/job/x/b/1/a/2", "a=2;b=1;job=x;"},
             {"/metrics/job/x/a/1/a/2", "a=2;job=x;"},
             {"/metrics/job/x/job/y", "job=x;"},
             {"/metrics/job@base64/eA==", "job=x;"},
             {"/metrics/job@base64/eA/l@base64/=", "job=x;l=;"},
             {"/metrics/job/x/l@base64/L3Zhcg", "job=x;l=/var;"},
             {"/metrics/job/a+b", "job=a+b;"},
             {"/metrics/job/x/a", "odd number of components in label string \"/a\"" + odd},
             {"/metrics/job/x/a/b/", "odd number of components in label string \"/a/b/\"" + odd},
             {"/metrics/job/x//a/b",
              "empty component in label string \"//a/b\": a label name cannot be empty, and an empty value is written "
              "NAME@base64/="},
             {"/metrics/job/x/a/1/host//zone/z",
              "empty component in label string \"/a/1/host//zone/z\": the empty value of a label is written "
              "NAME@base64/=, here host@base64/="},
             {"/metrics/job@base64/=", empty_job},
             {"/metrics/job//a/b", empty_job},
             {"/metrics/job/x/__a/b", "improper label name \"__a\": names that begin with \"__\" are reserved"},
             {"/metrics/job/x/0/b", "improper label name \"0\": it cannot begin with the digit \"0\""},
             {"/metrics/job/x/@base64/eA", "improper label name \"\": it is empty"},
             {"/metrics/job/x/a\n/b", "improper label name \"a\\n\": it cannot have the character \"\\n\"" + only},
             {"/metrics/job/x/gr\u00f6\u00dfe/b",
              "improper label name \"gr\u00f6\u00dfe\": it cannot have the character \"\u00f6\"" + only},
             {"/metrics/job@base64/a+b",
              "invalid base64 encoding in job name \"a+b\": illegal base64 data at input byte 1" + hint},
             {"/metrics/job/x/l@base64/+",
              "invalid base64 encoding for label l=\"+\": illegal base64 data at input byte 0" + hint},
             {"/metrics/job", "no push path"},
             {"/metrics/job/", "no push path"},
             {"/metrics/jobs/x", "no push path"},
             {"/metrics/job@base64x/eA", "no push path"},
             {"/metrics", "no push path"}}) {
        EXPECT_EQ(key_or_error(path), expected) << path;
    }
}

TEST(grouping_key, from_paths_with_any_utf8) {
    std::string const reserved = ": names that begin with \"__\" are reserved";
    for (auto const& [path, expected] : std::vector<std::pair<std::string, std::string>>{
             {"/metrics/job/x/U__a_2e_b/1", "a.b=1;job=x;"},
             {"/metrics/job/x/U__a_2E_b@base64/MQ", "a.b=1;job=x;"},
             {"/metrics/job/x/a.b/1", "a.b=1;job=x;"},
             {"/metrics/job/x/a.b/1/U__a_2e_b/2", "a.b=2;job=x;"},
             {"/metrics/job/x/U__a/1", "a=1;job=x;"},
             {"/metrics/job/x/U____x/1", "_x=1;job=x;"},
             {"/metrics/job/x/U__job/1", "job=x;"},
             {"/metrics/job/x/U__a_2f_b/1", "a/b=1;job=x;"},
             {"/metrics/job/x/U__a_zz_/1", "U__a_zz_=1;job=x;"},
             {"/metrics/job/x/1a/1", "1a=1;job=x;"},
             {"/metrics/job/x/c:d/1", "c:d=1;job=x;"},
             {"/metrics/job/x/\u00e4/1", "job=x;\u00e4=1;"},
             {"/metrics/job/x/U__/1", "improper label name \"U__\": it is empty"},
             {"/metrics/job/x/__a/1", "improper label name \"__a\"" + reserved},
             {"/metrics/job/x/U___5f__5f_a/1", "improper label name \"U___5f__5f_a\"" + reserved},
             {"/metrics/job/x/\xff/1", "improper label name \"\\xff\": it is not valid UTF-8"},
             {"/metrics/job/x/@base64/MQ", "improper label name \"\": it is empty"},
             {"/metrics/job/x/U__a_2e_b@base64/+",
              "invalid base64 encoding for label U__a_2e_b=\"+\": illegal base64 data at input byte 0" +
                  std::string(base64_hint)}}) {
        EXPECT_EQ(key_or_error(path, name_scheme::utf8), expected) << path;
    }
    EXPECT_EQ(key_or_error("/metrics/job/x/U__a_2e_b/1"), "U__a_2e_b=1;job=x;") << "a legacy name is what it is";
}

TEST(grouping_key, takes_any_path_without_harm) {
    EXPECT_TRUE(rc::check([] {
        auto const tail = *rc::gen::container<std::string>(rc::gen::element('/', 'a', '@', '=', '+', '\0', '\xff'));
        auto const parts = split_push_path("/metrics/job/" + tail);
        RC_ASSERT(parts.has_value() == !tail.empty());
    }));
}

}  // namespace
}  // namespace pushgateway::http
