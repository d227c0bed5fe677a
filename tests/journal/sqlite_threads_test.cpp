// Many threads push at once to a store over SQLite: batches are written while they still grow, and a disk that fails
// now and then leaves memory and file equal.

#include <atomic>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "journal/kept_store.hpp"
#include "journal/memory_disk.hpp"

namespace pushgateway::test {
namespace {

std::vector<owned_family> families_of(int i) {
    return {{"m" + std::to_string(i % 3),
             std::nullopt,
             model::metric_type::gauge,
             {{{{"l", std::to_string(i % 7)}}, static_cast<double>(i)}}},
            {"all", "help", model::metric_type::gauge, {{{}, static_cast<double>(i)}}}};
}

/// Pushes, deletes and now and then wipes by many threads; what memory holds in the end is in the file.
void push_by_many(bool with_faults) {
    memory_disk disk;
    std::string memory;
    std::atomic<int> acknowledged{0};
    {
        kept_store store(disk, manual_clock());
        ASSERT_TRUE(store.open());
        std::atomic<bool> done{false};
        std::thread trouble([&] {
            for (std::uint64_t i = 0; with_faults && !done; ++i) {
                disk.fail_after(i * 7 % 40, i % 3 == 0);
                std::this_thread::yield();
                disk.heal();
            }
        });
        std::vector<std::thread> threads;
        for (int t = 0; t != 16; ++t) {
            threads.emplace_back([&store, &acknowledged, t] {
                for (int i = 0; i != 60; ++i) {
                    model::grouping_key const key("job" + std::to_string((t + i) % 11));
                    result<> outcome;
                    if (i % 12 == 11) {
                        if (auto const erased = store->erase(key); !erased) outcome = std::unexpected(erased.error());
                    } else if (t == 0 && i % 29 == 28) {
                        outcome = store->wipe();
                    } else {
                        auto const families = families_of(i + t);
                        outcome = store->push(key, i % 2 == 0 ? push_mode::replace : push_mode::update,
                                              owned_source(families));
                    }
                    if (outcome) {
                        ++acknowledged;
                    } else {
                        EXPECT_EQ(outcome.error().code, errc::unavailable) << outcome.error().message;
                    }
                }
            });
        }
        for (auto& thread : threads) thread.join();
        done = true;
        trouble.join();
        disk.heal();
        auto const last = families_of(1);
        ASSERT_TRUE(store->push(model::grouping_key("last"), push_mode::replace, owned_source(last)));
        memory = dump(*store);
    }
    EXPECT_GT(acknowledged, with_faults ? 0 : 959);
    auto const file = kept_on(disk);
    ASSERT_TRUE(file) << file.error().message;
    EXPECT_EQ(*file, memory);
}

TEST(sqlite_threads, keep_what_they_push) { push_by_many(false); }

TEST(sqlite_threads, keep_memory_and_file_equal_through_faults) { push_by_many(true); }

}  // namespace
}  // namespace pushgateway::test
