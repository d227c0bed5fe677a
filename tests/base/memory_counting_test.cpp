// With the counting allocation functions in the program: what is allocated is known, and may be bound.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include <pushgateway/base/memory.hpp>
#include <pushgateway/base/memory_counting.hpp>

namespace pushgateway::memory {
namespace {

constexpr std::size_t mega = std::size_t{1} << 20;

TEST(memory_counting, sees_what_is_allocated_and_freed) {
    auto const before = bytes(kind::heap);
    auto block = std::make_unique<char[]>(10 * mega);
    EXPECT_GE(bytes(kind::heap), before + 10 * mega);
    EXPECT_LE(bytes(kind::heap), before + 10 * mega + 8192);
    EXPECT_GE(used(), bytes(kind::heap));
    block.reset();
    EXPECT_EQ(bytes(kind::heap), before);
}

TEST(memory_counting, takes_small_blocks_for_what_they_cost) {
    std::vector<std::unique_ptr<char[]>> blocks(1000);
    for (std::size_t size = 0; size != 200; ++size) {
        auto const before = bytes(kind::heap);
        for (auto& block : blocks) block = std::make_unique_for_overwrite<char[]>(size);
        // The allocator may round up a little more than that.
        EXPECT_GE(bytes(kind::heap) - before, 1000 * cost(size));
        EXPECT_LE(bytes(kind::heap) - before, 1000 * (cost(size) + 16)) << size;
        for (auto& block : blocks) block.reset();
        EXPECT_EQ(bytes(kind::heap), before);
    }
}

TEST(memory_counting, lets_nothing_beyond_the_bound_of_a_scope) {
    auto const most = used() + 4 * mega;
    bounded const scope(most);
    EXPECT_THROW(std::string(5 * mega, 'x'), exceeded);
    EXPECT_NO_THROW(std::string(mega, 'x'));
    {
        // What must not fail does not.
        unbounded const granted;
        EXPECT_NO_THROW(std::string(5 * mega, 'x'));
    }
    EXPECT_THROW(std::string(5 * mega, 'x'), exceeded);
    // Another thread is not in it.
    std::thread([] { EXPECT_NO_THROW(std::string(5 * mega, 'x')); }).join();
}

TEST(memory_counting, bounds_many_small_blocks_like_one_large) {
    auto const most = used() + 4 * mega;
    std::vector<std::unique_ptr<char[]>> blocks;
    blocks.reserve(mega);
    bounded const scope(used() + 4 * mega);
    auto const fill = [&] {
        for (std::size_t i = 0; i != mega; ++i) blocks.push_back(std::make_unique_for_overwrite<char[]>(100));
    };
    EXPECT_THROW(fill(), exceeded);
    EXPECT_LE(used(), most + 9 * mega);
    EXPECT_GT(blocks.size(), 1000U);
    blocks.clear();
    EXPECT_NO_THROW(std::string(mega, 'x'));
}

TEST(memory_counting, lets_no_two_threads_have_the_same_rest) {
    auto const most = used() + 5 * mega;
    std::atomic<int> got = 0;
    std::atomic<int> tried = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i != 8; ++i) {
        threads.emplace_back([&] {
            bounded const scope(most);
            try {
                std::unique_ptr<char[]> const block(new char[2 * mega]);
                ++got;
                ++tried;
                // Held until all have tried.
                while (tried != 8) std::this_thread::yield();
            } catch (exceeded const&) {
                ++tried;
            }
        });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(got, 2);
}

TEST(memory_counting, has_allocations_that_do_not_throw_fail) {
    bounded const scope(used());
    char* const block = new (std::nothrow) char[5 * mega];
    EXPECT_EQ(block, nullptr);
    delete[] block;
}

}  // namespace
}  // namespace pushgateway::memory
