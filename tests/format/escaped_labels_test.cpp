#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <pushgateway/format/escaped_labels.hpp>

namespace pushgateway::format {
namespace {

std::string escaped(std::vector<model::label> const& labels, name_escaping scheme) {
    escaped_labels escaper(scheme);
    // What was escaped before leaves no trace.
    static_cast<void>(escaper.escape(std::vector<model::label>{{"other.name", "x"}, {"y", "z"}}));
    if (!escaper.escape(labels)) return "refused";
    std::string out;
    for (auto const& [name, value] : escaper.labels()) out += std::string(name) + "=" + std::string(value) + ";";
    return out;
}

TEST(escaped_labels, keep_their_order_and_their_values) {
    EXPECT_EQ(escaped({{"z.z", "1.1"}, {"a", "2"}, {"\u00e4", "3"}}, name_escaping::underscores), "z_z=1.1;a=2;_=3;");
    EXPECT_EQ(escaped({{"z.z", "1.1"}, {"a", "2"}, {"c:d", "3"}}, name_escaping::values),
              "U__z_2e_z=1.1;a=2;U__c_3a_d=3;");
    EXPECT_EQ(escaped({}, name_escaping::dots), "");
    std::vector<model::label> const many(40, {"a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p", "v"});
    std::vector<model::label> distinct;
    std::vector<std::string> names;
    for (std::size_t i = 0; i != many.size(); ++i) names.push_back(std::string(many[i].name) + std::to_string(i));
    for (auto const& name : names) distinct.push_back({name, "v"});
    std::string expected;
    for (auto const& name : names) expected += escape_metric_name(name, name_escaping::underscores) + "=v;";
    EXPECT_EQ(escaped(distinct, name_escaping::underscores), expected);
}

TEST(escaped_labels, are_refused_if_two_get_one_name) {
    EXPECT_EQ(escaped({{"a.b", "1"}, {"a_b", "2"}}, name_escaping::underscores), "refused");
    EXPECT_EQ(escaped({{"a-b", "1"}, {"x", "0"}, {"a.b", "2"}}, name_escaping::underscores), "refused");
    EXPECT_EQ(escaped({{"a.b", "1"}, {"a_b", "2"}}, name_escaping::dots), "a_dot_b=1;a_b=2;");
}

TEST(escaped_labels, are_refused_if_one_gets_the_name_of_the_metric_name) {
    EXPECT_EQ(escaped({{"..name..", "1"}}, name_escaping::underscores), "refused");
    EXPECT_EQ(escaped({{"..name.", "1"}}, name_escaping::underscores), "__name_=1;");
    EXPECT_EQ(escaped({{"\u00e4name\u00e4", "1"}}, name_escaping::dots), "refused");
}

TEST(escaped_labels, tell_what_is_beyond_the_legacy_set) {
    EXPECT_FALSE(beyond_legacy({}));
    EXPECT_FALSE(beyond_legacy(std::vector<model::label>{{"a", "\u00e4"}, {"b_1", ""}}));
    EXPECT_TRUE(beyond_legacy(std::vector<model::label>{{"a", "1"}, {"c:d", ""}}));
}

}  // namespace
}  // namespace pushgateway::format
