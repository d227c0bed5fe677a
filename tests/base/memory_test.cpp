// The account of the memory, by itself: nothing counts in this program but what these tests add.

#include <cstddef>
#include <cstdint>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include <pushgateway/base/memory.hpp>
#include <pushgateway/base/memory_budget.hpp>

namespace pushgateway::memory {
namespace {

constexpr std::uint64_t mega = std::uint64_t{1} << 20;

TEST(memory, is_exact_for_the_thread_that_counts) {
    auto const before = bytes(kind::stored);
    for (std::size_t i = 0; i != 100'000; ++i) add(kind::stored, i % 100);
    EXPECT_EQ(bytes(kind::stored), before + 4'950'000);
    for (std::size_t i = 0; i != 100'000; ++i) subtract(kind::stored, i % 100);
    EXPECT_EQ(bytes(kind::stored), before);
}

TEST(memory, is_exact_once_the_threads_that_counted_have_ended) {
    auto const before = bytes(kind::stored);
    std::vector<std::thread> threads;
    for (int i = 0; i != 8; ++i) {
        threads.emplace_back([] {
            for (int k = 0; k != 1000; ++k) add(kind::stored, 7);
        });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(bytes(kind::stored), before + 56'000);
    // What one thread added, another one may take back.
    subtract(kind::stored, 56'000);
    EXPECT_EQ(bytes(kind::stored), before);
}

/// Counts when its thread ends, after what was made behind it has been destroyed.
struct counts_at_the_end {
    bool used = false;
    ~counts_at_the_end() {
        if (used) add(kind::stored, 7);
    }
};
thread_local counts_at_the_end last;

TEST(memory, is_exact_of_what_a_thread_counts_while_it_ends) {
    auto const before = bytes(kind::stored);
    std::thread([] {
        last.used = true;
        add(kind::stored, 5);
    }).join();
    EXPECT_EQ(bytes(kind::stored), before + 12);
    subtract(kind::stored, 12);
}

TEST(memory, of_old_versions_is_what_is_there_and_not_live) {
    auto const before = old_versions();
    add(kind::parts, 3 * mega);
    add(kind::live, mega);
    EXPECT_EQ(old_versions(), before + 2 * mega);
    add(kind::live, 2 * mega);
    EXPECT_EQ(old_versions(), before);
    subtract(kind::parts, 3 * mega);
    subtract(kind::live, 3 * mega);
}

TEST(memory, that_was_measured_counts_as_used) {
    note_measured(0);
    auto const before = used();
    note_measured(before + 10 * mega);
    EXPECT_GE(used(), before + 10 * mega);
    EXPECT_TRUE(fits(mega, used() + mega));
    EXPECT_FALSE(fits(mega + 1, used() + mega));
    EXPECT_FALSE(fits(0, used() - 1));
    note_measured(0);
}

TEST(memory, is_taken_from_the_allocator_in_whole_chunks) {
    EXPECT_EQ(cost(0), 32U);
    EXPECT_EQ(cost(24), 32U);
    EXPECT_EQ(cost(25), 48U);
    EXPECT_EQ(cost(40), 48U);
    EXPECT_EQ(cost(1000), 1008U);
}

TEST(memory_budget, leaves_something_for_what_is_needed_most) {
    for (auto const limit : {8 * mega, 32 * mega, 112 * mega, 1024 * mega, 1024 * 1024 * mega}) {
        memory_budget const budget{limit};
        EXPECT_LT(budget.stored(), budget.requests());
        EXPECT_LT(budget.requests(), budget.most());
        EXPECT_EQ(budget.most(), limit);
        EXPECT_GE(budget.stored(), limit / 2);
        EXPECT_LE(budget.old_versions(), limit / 8);
    }
}

TEST(memory_budget, without_a_limit_bounds_nothing_but_old_versions) {
    memory_budget const budget{0};
    EXPECT_EQ(budget.stored(), UINT64_MAX);
    EXPECT_EQ(budget.requests(), UINT64_MAX);
    EXPECT_EQ(budget.most(), UINT64_MAX);
    EXPECT_EQ(budget.old_versions(), 64 * mega);
    add(kind::live, 100 * mega);
    EXPECT_EQ(budget.old_versions(), 100 * mega);
    subtract(kind::live, 100 * mega);
}

}  // namespace
}  // namespace pushgateway::memory
