#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <pushgateway/base/name_escaping.hpp>

namespace pushgateway {
namespace {

std::string metric(std::string_view name, name_escaping scheme) { return escape_metric_name(name, scheme); }

std::string label(std::string_view name, name_escaping scheme) {
    std::string out;
    append_escaped_label_name(out, name, scheme);
    return out;
}

/// Names of which some characters are legacy ones, some only within a name, and others take two to four bytes.
rc::Gen<std::string> names() {
    auto const character =
        rc::gen::oneOf(rc::gen::element<std::string>("a", "Z", "7", "_", ":", ".", "-", " ", "U", "U__", "\n", "\""),
                       rc::gen::element<std::string>(std::string(1, '\0'), "\x7f", "\u0080", "\u07ff", "\u0800",
                                                     "\ue000", "\uffff", "\U00010000", "\U0010ffff", "ä", "日"));
    return rc::gen::map(rc::gen::nonEmpty(rc::gen::container<std::vector<std::string>>(character)),
                        [](std::vector<std::string> const& characters) {
                            std::string name;
                            for (auto const& c : characters) name += c;
                            return name;
                        });
}

TEST(name_escaping, as_the_original_escapes) {
    struct {
        std::string_view name, underscores, dots, values;
    } const known[] = {
        {"a.b", "a_b", "a_dot_b", "U__a_2e_b"},
        {"a-b", "a_b", "a__b", "U__a_2d_b"},
        {"a_.b:", "a__b:", "a___dot_b:", "U__a___2e_b:"},
        {"1a", "_a", "__a", "U___31_a"},
        {"h.i_2", "h_i_2", "h_dot_i__2", "U__h_2e_i__2"},
        {"\u00e4\u65e5 \U0001F600", "____", "________", "U___e4__65e5__20__1f600_"},
        {"..name..", "__name__", "_dot__dot_name_dot__dot_", "U___2e__2e_name_2e__2e_"},
        {"a_b", "a_b", "a_b", "a_b"},
        {"U__a_2e_b", "U__a_2e_b", "U__a_2e_b", "U__a_2e_b"},
        {":a:b9", ":a:b9", ":a:b9", ":a:b9"},
        {"a.\xff", "a__", "a_dot___", "U__a_2e__fffd_"},
    };
    for (auto const& k : known) {
        EXPECT_EQ(metric(k.name, name_escaping::underscores), k.underscores);
        EXPECT_EQ(metric(k.name, name_escaping::dots), k.dots);
        EXPECT_EQ(metric(k.name, name_escaping::values), k.values);
        EXPECT_EQ(metric(k.name, name_escaping::allow_utf8), k.name);
    }
}

TEST(name_escaping, a_colon_may_not_stay_in_the_name_of_a_label) {
    EXPECT_EQ(label("c:d", name_escaping::underscores), "c_d");
    EXPECT_EQ(label("c:d", name_escaping::dots), "c__d");
    EXPECT_EQ(label("c:d", name_escaping::values), "U__c_3a_d");
    EXPECT_EQ(label("c:d", name_escaping::allow_utf8), "c:d");
    EXPECT_EQ(label("c_d", name_escaping::values), "c_d");
}

TEST(name_escaping, every_name_becomes_a_legacy_one) {
    EXPECT_TRUE(rc::check([] {
        auto const name = *names();
        for (auto const scheme : {name_escaping::underscores, name_escaping::dots, name_escaping::values}) {
            RC_ASSERT(is_legacy_metric_name(metric(name, scheme)));
            RC_ASSERT(is_legacy_label_name(label(name, scheme)));
            RC_ASSERT(!is_legacy_metric_name(name) || metric(name, scheme) == name);
            RC_ASSERT(!is_legacy_label_name(name) || label(name, scheme) == name);
        }
    }));
}

TEST(name_escaping, values_can_be_undone) {
    EXPECT_TRUE(rc::check([] {
        auto const name = *names();
        if (!is_legacy_metric_name(name)) RC_ASSERT(unescape_values(metric(name, name_escaping::values)) == name);
        if (!is_legacy_label_name(name)) RC_ASSERT(unescape_values(label(name, name_escaping::values)) == name);
    }));
}

TEST(name_escaping, every_code_point_comes_back) {
    for (std::uint32_t point = 0; point <= 0x10FFFF; point += point < 0x3000 ? 1 : 97) {
        std::string name = ".";
        if (!detail::append_code_point(name, point)) {
            EXPECT_TRUE(point >= 0xD800 && point <= 0xDFFF) << point;
            continue;
        }
        ASSERT_TRUE(valid_utf8(name)) << point;
        ASSERT_EQ(unescape_values(metric(name, name_escaping::values)), name) << point;
    }
}

TEST(name_escaping, what_cannot_be_undone_stands_for_itself) {
    for (std::string_view const name :
         {"", "a", "U", "U_", "U_a_2e_b", "u__a_2e_b", "U__a_", "U__a_2e", "U__a_zz_b", "U__a_2 e_", "U__a_-2e_",
          "U__a_0x2e_", "U__a_d800_", "U__a_dfff_", "U__a_110000_", "U__a_0000061_", "U___", "U_____"}) {
        EXPECT_EQ(unescape_values(name), name);
    }
    EXPECT_EQ(unescape_values("U__"), "");
    EXPECT_EQ(unescape_values("U__a"), "a");
    EXPECT_EQ(unescape_values("U____"), "_");
    EXPECT_EQ(unescape_values("U___61_"), "a");
    EXPECT_EQ(unescape_values("U___2E__000061_"), ".a");
    EXPECT_EQ(unescape_values("U___10FFFF_"), "\U0010ffff");
    EXPECT_EQ(unescape_values("U__\u00e4.x"), "\u00e4.x");
}

TEST(name_escaping, no_spelling_gives_a_name_that_is_not_utf8) {
    EXPECT_TRUE(rc::check([] {
        auto const spelled = "U__" + *rc::gen::container<std::string>(rc::gen::element(
                                         '_', '_', 'd', '8', '0', 'f', 'F', '1', 'a', '\xc3', '\xa4', '\0'));
        RC_ASSERT(valid_utf8(unescape_values(spelled)) == valid_utf8(spelled));
    }));
}

TEST(name_escaping, has_a_word_for_each_scheme) {
    for (auto const scheme :
         {name_escaping::allow_utf8, name_escaping::underscores, name_escaping::dots, name_escaping::values}) {
        EXPECT_EQ(parse_escaping(escaping_word(scheme)), scheme);
    }
    EXPECT_EQ(escaping_word(name_escaping::allow_utf8), "allow-utf-8");
    for (std::string_view const word : {"", "Dots", "allow-utf8", "none"}) EXPECT_FALSE(parse_escaping(word));
}

}  // namespace
}  // namespace pushgateway
