#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include <pushgateway/http/auth/success_cache.hpp>

namespace pushgateway::http {
namespace {

TEST(success_cache, remembers_what_was_right) {
    success_cache cache;
    auto const key = cache.key_of("user", "hash", "password");
    EXPECT_FALSE(cache.contains(key));
    cache.insert(key);
    EXPECT_TRUE(cache.contains(key));
    EXPECT_TRUE(cache.contains(cache.key_of("user", "hash", "password")));
    EXPECT_FALSE(cache.contains(cache.key_of("user", "another hash", "password")));
}

TEST(success_cache, has_one_key_for_one_triple) {
    success_cache cache;
    cache.insert(cache.key_of("ab", "cd", "ef"));
    EXPECT_FALSE(cache.contains(cache.key_of("a", "bcd", "ef")));
    EXPECT_FALSE(cache.contains(cache.key_of("abc", "d", "ef")));
    EXPECT_FALSE(cache.contains(cache.key_of("ab", "cde", "f")));
    EXPECT_FALSE(cache.contains(cache.key_of("abcd", "", "ef")));
    EXPECT_FALSE(cache.contains(cache.key_of("abcdef", "", "")));
    EXPECT_FALSE(cache.contains(cache.key_of("cd", "ab", "ef")));
}

TEST(success_cache, cannot_be_computed_elsewhere) {
    EXPECT_NE(success_cache().key_of("a", "b", "c"), success_cache().key_of("a", "b", "c"));
}

TEST(success_cache, is_bounded_and_forgets_what_is_not_used) {
    success_cache cache(100);
    auto const used = cache.key_of("used", "", "");
    auto const unused = cache.key_of("unused", "", "");
    cache.insert(used);
    cache.insert(unused);
    for (int i = 0; i != 10'000; ++i) {
        cache.insert(cache.key_of("other", "", std::to_string(i)));
        EXPECT_TRUE(cache.contains(used)) << i;
        EXPECT_LE(cache.size(), 100U);
    }
    EXPECT_GE(cache.size(), 50U);
    EXPECT_FALSE(cache.contains(unused));
    EXPECT_TRUE(cache.contains(cache.key_of("other", "", "9999")));
}

TEST(success_cache, of_almost_nothing) {
    success_cache cache(0);
    auto const key = cache.key_of("a", "b", "c");
    cache.insert(key);
    EXPECT_TRUE(cache.contains(key));
    cache.insert(cache.key_of("d", "e", "f"));
    EXPECT_LE(cache.size(), 2U);
}

TEST(success_cache, is_used_by_several_threads) {
    success_cache cache(50);
    std::vector<std::jthread> threads;
    for (int t = 0; t != 4; ++t) {
        threads.emplace_back([&cache, t] {
            for (int i = 0; i != 500; ++i) {
                auto const key = cache.key_of(std::to_string(i % 70), std::to_string(t), "");
                if (!cache.contains(key)) cache.insert(key);
            }
        });
    }
}

}  // namespace
}  // namespace pushgateway::http
