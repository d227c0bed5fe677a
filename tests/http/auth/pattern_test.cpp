#include <cstddef>
#include <string>
#include <string_view>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <pushgateway/http/auth/pattern.hpp>

namespace pushgateway::http {
namespace {

TEST(pattern, stands_for_names) {
    EXPECT_TRUE(matches_pattern("backup", "backup"));
    EXPECT_FALSE(matches_pattern("backup", "backups"));
    EXPECT_FALSE(matches_pattern("backup", "Backup"));
    EXPECT_TRUE(matches_pattern("backup-*", "backup-"));
    EXPECT_TRUE(matches_pattern("backup-*", "backup-a/b"));
    EXPECT_FALSE(matches_pattern("backup-*", "backup"));
    EXPECT_TRUE(matches_pattern("*-ci", "a-ci-ci"));
    EXPECT_TRUE(matches_pattern("a*b*c", "a-b-b-c"));
    EXPECT_FALSE(matches_pattern("a*b*c", "a-c-b"));
    EXPECT_FALSE(matches_pattern("ab*ba", "aba")) << "what stands before a star and behind it does not overlap";
    EXPECT_TRUE(matches_pattern("*", ""));
    EXPECT_TRUE(matches_pattern("**", "x"));
    EXPECT_TRUE(matches_pattern("", ""));
    EXPECT_FALSE(matches_pattern("", "x"));
    EXPECT_TRUE(matches_pattern("[a-z].?", "[a-z].?"));
}

// As short as it can be said.
bool naive(std::string_view pattern, std::string_view text) {
    if (pattern.empty()) return text.empty();
    if (pattern.front() == '*') {
        return naive(pattern.substr(1), text) || (!text.empty() && naive(pattern, text.substr(1)));
    }
    return !text.empty() && text.front() == pattern.front() && naive(pattern.substr(1), text.substr(1));
}

TEST(pattern, matches_as_a_naive_one_does) {
    EXPECT_TRUE(rc::check([] {
        // The naive one takes long for long ones.
        auto const few = rc::gen::inRange<std::size_t>(0, 10);
        auto const pattern = *rc::gen::container<std::string>(*few, rc::gen::element('a', 'b', '*'));
        auto const text = *rc::gen::container<std::string>(*few, rc::gen::element('a', 'b'));
        RC_ASSERT(matches_pattern(pattern, text) == naive(pattern, text));
    }));
}

}  // namespace
}  // namespace pushgateway::http
