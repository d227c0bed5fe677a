#include <string>

#include <gtest/gtest.h>

#include <pushgateway/base/names.hpp>

namespace pushgateway {
namespace {

TEST(Names, LegacyMetricNamesAreLettersDigitsUnderscoresAndColons) {
    for (auto const* name : {"a", "_", ":", "a:b_9", "A1", "::", "__name__"})
        EXPECT_TRUE(is_legacy_metric_name(name)) << name;
    for (auto const* name : {"", "1a", "a-b", "a.b", "a b", "\xC3\xBC", "a\n"})
        EXPECT_FALSE(is_legacy_metric_name(name)) << name;
}

TEST(Names, LegacyLabelNamesHaveNoColons) {
    for (auto const* name : {"a", "_", "a_9", "A1", "__name__"}) EXPECT_TRUE(is_legacy_label_name(name)) << name;
    for (auto const* name : {"", "1a", "a:b", ":", "a-b", "a.b", "\xC3\xBC"})
        EXPECT_FALSE(is_legacy_label_name(name)) << name;
}

TEST(Names, EveryByteIsJudgedAtTheStartAndBehindIt) {
    for (int i = 0; i < 256; ++i) {
        char const c = static_cast<char>(i);
        bool const letter = (i >= 'a' && i <= 'z') || (i >= 'A' && i <= 'Z') || i == '_';
        bool const digit = i >= '0' && i <= '9';
        EXPECT_EQ(is_legacy_label_name(std::string(1, c)), letter) << i;
        EXPECT_EQ(is_legacy_label_name(std::string{'a', c}), letter || digit) << i;
        EXPECT_EQ(is_legacy_metric_name(std::string(1, c)), letter || i == ':') << i;
        EXPECT_EQ(is_legacy_metric_name(std::string{'a', c}), letter || digit || i == ':') << i;
    }
}

TEST(Names, NoPlaceIsOverlooked) {
    for (std::size_t size = 1; size != 14; ++size) {
        EXPECT_TRUE(is_legacy_label_name(std::string(size, 'a'))) << size;
        for (std::size_t at = 0; at != size; ++at) {
            std::string name(size, 'a');
            name[at] = ':';
            EXPECT_FALSE(is_legacy_label_name(name)) << name;
            EXPECT_TRUE(is_legacy_metric_name(name)) << name;
            name[at] = '-';
            EXPECT_FALSE(is_legacy_metric_name(name)) << name;
        }
    }
}

TEST(Names, TheSchemeDecides) {
    EXPECT_FALSE(is_metric_name("a.b", name_scheme::legacy));
    EXPECT_TRUE(is_metric_name("a.b", name_scheme::utf8));
    EXPECT_TRUE(is_metric_name("a:b", name_scheme::legacy));
    EXPECT_FALSE(is_label_name("a:b", name_scheme::legacy));
    EXPECT_TRUE(is_label_name("\xC3\xBC \n", name_scheme::utf8));
    EXPECT_FALSE(is_label_name("", name_scheme::utf8));
    EXPECT_FALSE(is_metric_name("", name_scheme::utf8));
    EXPECT_FALSE(is_label_name("\xFF", name_scheme::utf8));
}

}  // namespace
}  // namespace pushgateway
