#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <pushgateway/base/ref_counted.hpp>

namespace pushgateway {
namespace {

struct thing : ref_counted<thing> {
    explicit thing(int& ends) : ended(&ends) {}
    ~thing() { ++*ended; }
    int* ended;
};

struct special : ref_counted<special> {
    explicit special(int& ends) : ended(&ends) {}
    static void destroy(special* object) noexcept {
        ++*object->ended;
        delete object;
    }
    int* ended;
};

TEST(RefCounted, EndsWithTheLastReference) {
    int ended = 0;
    {
        auto const first = make_ref<thing>(ended);
        EXPECT_TRUE(first->unique());
        auto second = first;
        EXPECT_FALSE(first->unique());
        EXPECT_EQ(first->references(), 2u);
        ref<thing const> const third = second;
        EXPECT_EQ(first->references(), 3u);
        auto const moved = std::move(second);
        EXPECT_FALSE(second);
        EXPECT_EQ(first->references(), 3u);
        EXPECT_EQ(ended, 0);
    }
    EXPECT_EQ(ended, 1);
}

TEST(RefCounted, AssignmentDropsWhatWasThere) {
    int ended = 0;
    auto a = make_ref<thing>(ended);
    auto b = make_ref<thing>(ended);
    a = b;
    EXPECT_EQ(ended, 1);
    EXPECT_TRUE(a == b);
    auto& itself = a;
    a = itself;
    EXPECT_EQ(ended, 1);
    a = nullptr;
    b = nullptr;
    EXPECT_EQ(ended, 2);
}

TEST(RefCounted, GivesReferencesAwayAndTakesThemOver) {
    int ended = 0;
    auto* const raw = make_ref<thing>(ended).detach();
    EXPECT_EQ(ended, 0);
    {
        auto const shared = ref<thing>::share(raw);
        EXPECT_EQ(raw->references(), 2u);
    }
    EXPECT_EQ(ended, 0);
    {
        auto const owner = ref<thing>::adopt(raw);
    }
    EXPECT_EQ(ended, 1);
    EXPECT_FALSE(ref<thing>::share(nullptr));
}

TEST(RefCounted, EndsAsTheTypeSays) {
    int ended = 0;
    {
        ref<special const> const one = make_ref<special>(ended);
    }
    EXPECT_EQ(ended, 1);
}

TEST(RefCounted, CountsFromManyThreads) {
    int ended = 0;
    {
        auto const shared = make_ref<thing>(ended);
        std::vector<std::thread> threads;
        for (int t = 0; t != 4; ++t) {
            threads.emplace_back([shared] {
                for (int i = 0; i != 10'000; ++i) {
                    auto const copy = shared;
                    EXPECT_FALSE(copy->unique());
                }
            });
        }
        for (auto& thread : threads) thread.join();
        threads.clear();
        EXPECT_TRUE(shared->unique());
    }
    EXPECT_EQ(ended, 1);
}

}  // namespace
}  // namespace pushgateway
