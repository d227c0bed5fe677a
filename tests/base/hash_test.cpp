#include <bit>
#include <cstdint>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include <pushgateway/base/hash.hpp>

namespace pushgateway {
namespace {

TEST(Hash, DependsOnEveryByteAndOnTheLength) {
    hash_key const key;
    for (std::size_t size = 0; size != 70; ++size) {
        std::string const zeros(size, '\0');
        std::set<std::uint64_t> seen{hash_bytes(zeros, key), hash_bytes(zeros + '\0', key)};
        EXPECT_EQ(seen.size(), 2u) << size;
        for (std::size_t at = 0; at != size; ++at) {
            auto other = zeros;
            other[at] = 1;
            EXPECT_TRUE(seen.insert(hash_bytes(other, key)).second) << size << " bytes, other at " << at;
        }
    }
}

TEST(Hash, DependsOnTheKey) {
    hash_key const one;
    hash_key const other{one.a, one.b + 2};
    hash_key const third{one.a + 2, one.b};
    for (std::size_t size = 0; size != 40; ++size) {
        std::string const text(size, 'x');
        EXPECT_NE(hash_bytes(text, one), hash_bytes(text, other));
        EXPECT_NE(hash_bytes(text, one), hash_bytes(text, third));
    }
    EXPECT_NE(hash_key::random().a, hash_key::random().a);
}

TEST(Hash, SpreadsOneBitOverHalfOfTheResult) {
    hash_key const key;
    for (std::size_t size : {1u, 3u, 4u, 7u, 8u, 16u, 17u, 33u}) {
        std::string const text(size, 'a');
        int flipped = 0;
        for (std::size_t bit = 0; bit != size * 8; ++bit) {
            auto other = text;
            other[bit / 8] = static_cast<char>(other[bit / 8] ^ 1 << bit % 8);
            flipped += std::popcount(hash_bytes(text, key) ^ hash_bytes(other, key));
        }
        auto const mean = static_cast<double>(flipped) / static_cast<double>(size * 8);
        EXPECT_NEAR(mean, 32, 5) << size;
    }
}

TEST(Hash, GivesDistinctValuesForNumbersAsText) {
    hash_key const key;
    std::set<std::uint64_t> seen;
    std::set<std::uint64_t> low;
    for (int i = 0; i != 100'000; ++i) {
        auto const hash = hash_bytes("label_" + std::to_string(i), key);
        seen.insert(hash);
        low.insert(hash & 0xffff);
    }
    EXPECT_EQ(seen.size(), 100'000u);
    EXPECT_GT(low.size(), 50'000u);  // 65536 * (1 - exp(-100000/65536)) is about 51,300
}

}  // namespace
}  // namespace pushgateway
