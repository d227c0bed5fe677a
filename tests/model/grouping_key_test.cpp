#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <pushgateway/model/grouping_key.hpp>

namespace pushgateway::model {
namespace {

TEST(GroupingKey, HasAJobFromTheBeginning) {
    grouping_key const key("backup");
    EXPECT_EQ(key.job(), "backup");
    EXPECT_EQ(key.pairs(), (std::vector<grouping_key::pair>{{"job", "backup"}}));
}

TEST(GroupingKey, KeepsPairsSortedByName) {
    grouping_key key("j");
    key.set("z", "1").set("a", "2").set("instance", "3");
    EXPECT_EQ(key.pairs(), (std::vector<grouping_key::pair>{{"a", "2"}, {"instance", "3"}, {"job", "j"}, {"z", "1"}}));
}

TEST(GroupingKey, TheLastValueOfANameCounts) {
    grouping_key key("j");
    key.set("a", "1").set("a", "2").set("job", "k");
    EXPECT_EQ(*key.find("a"), "2");
    EXPECT_EQ(key.job(), "k");
    EXPECT_EQ(key.pairs().size(), 2);
}

TEST(GroupingKey, FindsWhatIsThereAndNothingElse) {
    grouping_key key("j");
    key.set("b", "");
    ASSERT_NE(key.find("b"), nullptr);
    EXPECT_EQ(*key.find("b"), "");
    EXPECT_EQ(key.find("a"), nullptr);
    EXPECT_EQ(key.find("zz"), nullptr);
    EXPECT_EQ(key.find(""), nullptr);
}

TEST(GroupingKey, OrderOfPairsMakesNoDifference) {
    EXPECT_TRUE(rc::check("equal whatever the order", [] {
        auto const values = *rc::gen::container<std::vector<std::string>>(rc::gen::arbitrary<std::string>());
        grouping_key forth("j");
        grouping_key back("j");
        for (std::size_t i = 0; i < values.size(); ++i) forth.set(std::string(i + 1, 'l'), values[i]);
        for (std::size_t i = values.size(); i-- > 0;) back.set(std::string(i + 1, 'l'), values[i]);
        RC_ASSERT(forth == back);
        RC_ASSERT((forth <=> back) == std::strong_ordering::equal);
        RC_ASSERT(std::ranges::is_sorted(forth.pairs()));
    }));
}

TEST(GroupingKey, IsOrderedByItsPairs) {
    grouping_key const a("a");
    grouping_key const b("b");
    grouping_key longer("a");
    longer.set("z", "");
    EXPECT_LT(a, b);
    EXPECT_LT(a, longer);
    EXPECT_NE(a, longer);
}

}  // namespace
}  // namespace pushgateway::model
