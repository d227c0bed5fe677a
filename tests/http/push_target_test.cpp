// The paths of grouping keys lead back to them, however their values are written.

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <pushgateway/base/names.hpp>
#include <pushgateway/base/percent.hpp>
#include <pushgateway/http/path.hpp>
#include <pushgateway/http/push_target.hpp>
#include <pushgateway/model/grouping_key.hpp>
#include <pushgateway/model/label.hpp>

namespace pushgateway::http {
namespace {

using model::grouping_key;

/// What a server reads in a path.
grouping_key read_back(std::string const& path, name_scheme names) {
    RC_ASSERT(is_clean_path(path));
    auto const decoded = decode_percent(path);
    RC_ASSERT(decoded.has_value());
    auto const parts = split_push_path(*decoded);
    RC_ASSERT(parts.has_value());
    auto key = read_grouping_key(*parts, 10, names);
    RC_ASSERT(key.has_value());
    return *std::move(key);
}

/// A value of characters that mean something in a path, a shell or an encoding.
std::string odd_value() {
    return *rc::gen::container<std::string>(rc::gen::element('a', '/', '.', '%', ' ', '+', '@', '=', '\0', '"', '\'',
                                                             '?', '#', '\n', 'U', '_', '\xff', '\xc3', '~', '-'));
}

void check_round_trip(std::vector<std::string> const& names, name_scheme scheme) {
    grouping_key key('j' + odd_value());
    for (auto const& name : names) {
        if (*rc::gen::arbitrary<bool>()) key.set(name, odd_value());
    }
    RC_ASSERT(read_back(push_target(key), scheme) == key);
    auto const quiet = push_target(key, value_spelling::base64);
    RC_ASSERT(read_back(quiet, scheme) == key);
    // No decoding changes it, and a shell takes it without quotes. (`=` is an empty value.)
    RC_ASSERT(quiet.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/@=") ==
              std::string::npos);
}

RC_GTEST_PROP(push_target, leads_to_its_group, ()) { check_round_trip({"a", "U__x", "instance"}, name_scheme::legacy); }
RC_GTEST_PROP(push_target, leads_to_its_group_by_names_of_any_utf8, ()) {
    check_round_trip({"a", "l.m", "a/b", "\u00e9 %", "1_x"}, name_scheme::utf8);
}

TEST(push_target, is_written_as_a_reader_would) {
    auto const key = grouping_key("a b").set("d", "/x").set("c.", "~.-_").set("empty", "").set("up", "..");
    EXPECT_EQ(push_target(key), "/metrics/job/a%20b/U__c_2e_/~.-_/d@base64/L3g/empty@base64/=/up@base64/Li4");
    EXPECT_EQ(push_target(key, value_spelling::base64),
              "/metrics/job@base64/YSBi/U__c_2e_/~.-_/d@base64/L3g/empty@base64/=/up@base64/Li4");
    std::vector<model::label> const sorted{{"a", ""}, {"job", ".."}};
    EXPECT_EQ(push_target(sorted), "/metrics/job@base64/Li4/a@base64/=");
    EXPECT_EQ(path_pair("host", "db1"), "host/db1");
    EXPECT_EQ(path_pair("host", "."), "host@base64/Lg");
}

}  // namespace
}  // namespace pushgateway::http
