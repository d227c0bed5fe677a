// SQLite on a disk whose Nth operation fails, for every N, and on one that loses power there.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "journal/kept_store.hpp"
#include "journal/memory_disk.hpp"
#include "journal/scenario.hpp"

namespace pushgateway::test {
namespace {

/// Waits for the journal's own probe to find out that the disk works again.
template <class Store>
bool resumes(Store const& store) {
    for (int i = 0; i != 500; ++i) {
        if (store.journal_status()) return true;
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return false;
}

bool kept(result<> const& outcome) { return outcome || outcome.error().code == errc::inconsistent; }

std::vector<std::function<result<>(kept_store::store_type&)>> const& steps() {
    static auto const all = scenario<kept_store::store_type>();
    return all;
}

/// What a store has before the first step of the scenario and after each.
std::vector<std::string> const& states_of_scenario() {
    static auto const states = [] {
        memory_disk disk("whole_disk");
        manual_clock clock;
        kept_store store(disk, clock);
        EXPECT_TRUE(store.open());
        std::vector<std::string> out{dump(*store)};
        for (auto const& step : steps()) {
            clock.advance(std::chrono::milliseconds(1500));
            static_cast<void>(step(*store));
            out.push_back(dump(*store));
        }
        return out;
    }();
    return states;
}

/// Makes the scenario with a fault at operation `at`; false when there were not so many operations.
bool run_with_fault(std::uint64_t at, bool lasting) {
    memory_disk disk;
    manual_clock clock;
    disk.fail_after(at, lasting);
    std::string memory;
    bool reached = false;
    {
        auto store = std::make_unique<kept_store>(disk, clock);
        auto opened = store->open();
        if (!opened) {
            disk.heal();
            EXPECT_NE(opened.error().code, errc::corrupt) << at << ": " << opened.error().message;
            store.reset();
            store = std::make_unique<kept_store>(disk, clock);
            opened = store->open();
            EXPECT_TRUE(opened) << at << ": " << opened.error().message;
            if (!opened) return false;
        }
        // Of as many steps as were kept one after the other, the state is known.
        auto known = std::optional(states_of_scenario().front());
        for (std::size_t i = 0; i != steps().size(); ++i) {
            clock.advance(std::chrono::milliseconds(1500));
            if (!known) known = dump(**store);
            auto const outcome = steps()[i](**store);
            if (kept(outcome)) {
                known.reset();
                if (disk.failed() == 0) known = states_of_scenario()[i + 1];
                continue;
            }
            EXPECT_EQ(outcome.error().code, errc::unavailable) << outcome.error().message;
            EXPECT_EQ(dump(**store), *known) << at << ": a push that was refused is there";
        }
        // What a failing disk has of a refused change is gone for good as soon as it works again.
        reached = disk.failed() != 0;
        disk.heal();
        auto const last = steps().back()(**store);
        EXPECT_TRUE(last) << at << ": " << last.error().message;
        memory = dump(**store);
    }
    auto const file = kept_on(disk);
    EXPECT_TRUE(file) << at << ": " << file.error().message;
    if (file) {
        EXPECT_EQ(*file, memory) << at << ": memory and file differ";
    }
    return reached;
}

TEST(sqlite_faults, one_fault_anywhere_keeps_memory_and_file_equal) {
    std::uint64_t at = 0;
    while (run_with_fault(at, false) && !HasFailure()) ++at;
    EXPECT_GT(at, 60);
}

TEST(sqlite_faults, a_disk_that_fails_from_anywhere_on_keeps_nothing_that_was_refused) {
    std::uint64_t at = 0;
    while (run_with_fault(at, true) && !HasFailure()) ++at;
    EXPECT_GT(at, 60);
}

TEST(sqlite_faults, service_resumes_when_the_disk_does) {
    memory_disk disk;
    manual_clock clock;
    kept_store store(disk, clock);
    ASSERT_TRUE(store.open());
    std::vector<owned_family> const pushed{{"a", std::nullopt, model::metric_type::gauge, {{{}, 1}}}};
    disk.fail_after(0, true);
    auto const refused = store->push(model::grouping_key("x"), push_mode::replace, owned_source(pushed));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, errc::unavailable);
    EXPECT_NE(refused.error().message.find("kept.db"), std::string::npos) << refused.error().message;
    EXPECT_FALSE(store->journal_status());
    EXPECT_EQ(store->groups().size(), 0);
    disk.heal();
    EXPECT_TRUE(resumes(*store));
    EXPECT_TRUE(store->push(model::grouping_key("x"), push_mode::replace, owned_source(pushed)));
    EXPECT_EQ(store->groups().size(), 1);
}

class upkeep_of_a_log : public testing::Test {
protected:
    upkeep_of_a_log() {
        auto file = journal::sqlite::persistence_file::claim({.path = "kept.db",
                                                              .sync = journal::sqlite::sync_mode::interval,
                                                              .interval = std::chrono::milliseconds(0),
                                                              .vfs = disk.name(),
                                                              .lock = false});
        EXPECT_TRUE(file && file->open());
        auto made = file->make_keeper();
        EXPECT_TRUE(made);
        keeper = *std::move(made);
    }

    memory_disk disk;
    std::unique_ptr<journal::sqlite::keeper> keeper;
};

TEST_F(upkeep_of_a_log, brings_it_to_the_disk_behind_a_reader) {
    disk.hold_reader();
    for (int i = 0; i != 5; ++i) {
        ASSERT_TRUE(keeper->probe());
        ASSERT_FALSE(disk.synced("kept.db-wal"));
        ASSERT_TRUE(keeper->upkeep());
        EXPECT_TRUE(disk.synced("kept.db-wal")) << i;
        EXPECT_FALSE(keeper->upkeep_within());
    }
}

TEST_F(upkeep_of_a_log, is_due_until_it_succeeds) {
    disk.hold_reader();
    ASSERT_TRUE(keeper->probe());
    ASSERT_TRUE(keeper->upkeep());
    ASSERT_TRUE(keeper->probe());
    disk.fail_after(0, true);
    auto const failed = keeper->upkeep();
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().code, errc::unavailable);
    disk.heal();
    EXPECT_TRUE(keeper->upkeep_within());
    ASSERT_FALSE(disk.synced("kept.db-wal"));
    for (int i = 0; i != 500 && !keeper->upkeep(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    EXPECT_TRUE(disk.synced("kept.db-wal"));
    EXPECT_FALSE(keeper->upkeep_within());
}

/// Makes the scenario until the disk loses power at operation `at`; false when it ended before.
bool run_until_power_cut(std::uint64_t at, std::uint32_t seed) {
    memory_disk disk;
    std::mt19937 random(seed);
    // All steps that were acknowledged are there afterwards, with or without the one that was under way.
    std::size_t acknowledged = 0;
    std::size_t begun = 0;
    {
        manual_clock clock;
        kept_store store(disk, clock);
        disk.fail_after(at, true);
        if (store.open()) {
            for (auto const& step : steps()) {
                clock.advance(std::chrono::milliseconds(1500));
                ++begun;
                if (!kept(step(*store)) || disk.failed() != 0) break;
                acknowledged = begun;
            }
        }
    }
    bool const reached = disk.failed() != 0;
    disk.lose_power(random);
    disk.heal();
    auto const file = kept_on(disk);
    EXPECT_TRUE(file) << at << ": " << file.error().message;
    if (file) {
        auto const& states = states_of_scenario();
        EXPECT_TRUE(*file == states[acknowledged] || *file == states[begun]) << at << " seed " << seed << " found:\n"
                                                                             << *file << "\nacknowledged:\n"
                                                                             << states[acknowledged];
    }
    return reached;
}

TEST(sqlite_faults, a_power_cut_anywhere_loses_nothing_acknowledged) {
    std::uint64_t at = 0;
    for (bool reached = true; reached && !HasFailure(); ++at) {
        reached = false;
        for (std::uint32_t seed = 0; seed != 5; ++seed) {
            reached = run_until_power_cut(at, seed + static_cast<std::uint32_t>(at) * 5) || reached;
        }
    }
    EXPECT_GT(at, 60);
}

}  // namespace
}  // namespace pushgateway::test
