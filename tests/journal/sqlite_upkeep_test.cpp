// What the keeper does beside its transactions: a log behind a reader, syncs that fail, a disk that is full.

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "journal/kept_store.hpp"
#include "journal/memory_disk.hpp"
#include "support/scratch_folder.hpp"

namespace pushgateway::test {
namespace {

using journal::sqlite::database;
using journal::sqlite::file_options;
using journal::sqlite::keeper;
using journal::sqlite::keeper_options;
using journal::sqlite::persistence_file;
using journal::sqlite::sync_mode;

std::unique_ptr<keeper> keeper_of(file_options options) {
    auto file = persistence_file::claim(std::move(options));
    EXPECT_TRUE(file && file->open());
    auto made = file->make_keeper();
    EXPECT_TRUE(made) << made.error().message;
    return made ? *std::move(made) : nullptr;
}

TEST(upkeep, cuts_the_log_when_a_reader_that_was_in_the_way_has_gone) {
    scratch_folder const folder;
    auto const path = folder.path_of("kept.db");
    std::vector<std::string> warnings;
    auto const kept = keeper_of({.path = path,
                                 .sync = sync_mode::off,
                                 .checkpoint_pages = 10,
                                 .retry = std::chrono::milliseconds(0),
                                 .reserve = 0,
                                 .warn = [&](std::string_view what) { warnings.emplace_back(what); }});
    constexpr std::uintmax_t largest = 20 * 4120;
    auto const log_size = [&] { return std::filesystem::file_size(path + "-wal"); };
    auto const work = [&](int times) {
        for (int i = 0; i != times; ++i) {
            ASSERT_TRUE(kept->probe());
            ASSERT_TRUE(kept->upkeep());
        }
    };
    work(200);
    EXPECT_LE(log_size(), largest);
    EXPECT_FALSE(kept->upkeep_within());
    // One reads for long, another one has not begun to.
    for (int reads_before = 1; reads_before != -1; --reads_before) {
        auto reader = database::open(path, SQLITE_OPEN_READONLY);
        ASSERT_TRUE(reader && reader->run("BEGIN"));
        if (reads_before != 0) {
            ASSERT_TRUE(reader->integer("SELECT count(*) FROM groups"));
        }
        work(200);
        if (reads_before == 0) {
            EXPECT_LE(log_size(), largest);
            continue;
        }
        EXPECT_GT(log_size(), 4 * largest);
        ASSERT_EQ(warnings.size(), 1u);
        EXPECT_NE(warnings.back().find("kept.db-wal: has grown to "), std::string::npos) << warnings.back();
        EXPECT_TRUE(kept->upkeep_within()) << "nobody else says that the reader has gone";
        ASSERT_TRUE(reader->run("COMMIT"));
        EXPECT_TRUE(kept->upkeep());
        EXPECT_LE(log_size(), largest);
        EXPECT_FALSE(kept->upkeep_within());
        ASSERT_EQ(warnings.size(), 2u);
        EXPECT_NE(warnings.back().find("kept.db-wal: was cut"), std::string::npos) << warnings.back();
    }
}

TEST(upkeep, cuts_the_log_after_a_large_change) {
    scratch_folder const folder;
    auto const path = folder.path_of("kept.db");
    auto file = persistence_file::claim({.path = path, .checkpoint_pages = 10});
    ASSERT_TRUE(file && file->open());
    auto const done = file->import([](journal::sqlite::group_importer& importer) -> result<> {
        for (int i = 0; i != 2000; ++i) {
            importer.begin(model::grouping_key("large").set("number", std::to_string(i)));
            if (auto ended = importer.end(); !ended) return ended;
        }
        return {};
    });
    ASSERT_TRUE(done);
    auto kept = file->make_keeper();
    ASSERT_TRUE(kept);
    EXPECT_GT(std::filesystem::file_size(path + "-wal"), 20u * 4120);
    ASSERT_TRUE((*kept)->probe());
    ASSERT_TRUE((*kept)->upkeep());
    EXPECT_LE(std::filesystem::file_size(path + "-wal"), 20u * 4120);
}

enum class ending : std::uint8_t {
    moved,   ///< the upkeep succeeds, and has moved all of the log into the tables
    behind,  ///< the upkeep succeeds; somebody who reads lets the log stay as it is
    closed,  ///< the file is closed in order
};

/// Keeps changes, of which one operation of the disk fails, up to this end. Then the power goes. False if there were
/// not so many operations.
bool survives_a_failed_operation(sync_mode sync, ending end, std::uint64_t at, std::uint32_t seed) {
    memory_disk disk;
    std::int64_t kept_changes = 0;
    {
        auto const kept = keeper_of({.path = "kept.db",
                                     .sync = sync,
                                     .interval = std::chrono::milliseconds(0),
                                     .checkpoint_pages = 4,
                                     .retry = std::chrono::milliseconds(0),
                                     .vfs = disk.name(),
                                     .lock = false});
        disk.fail_after(at, false);
        for (int i = 0; i != 16; ++i) {
            // Somebody lets a part of the log be moved alone.
            if (i == 5) disk.hold_reader();
            if (i == 11 && end != ending::behind) disk.release_reader();
            kept_changes += kept->probe() ? 1 : 0;
            static_cast<void>(kept->upkeep());
        }
        if (disk.failed() == 0) return false;
        disk.heal();
        // As the journal does after a failure. It also takes the place of a change that was refused last.
        int tries = 0;
        while (!kept->probe() && ++tries != 5) {
        }
        EXPECT_LT(tries, 5) << at << ": the disk works again";
        ++kept_changes;
        while (end != ending::closed && !kept->upkeep() && ++tries != 10) {
        }
        EXPECT_LT(tries, 10) << at << ": the disk works again";
        // Closing writes nothing any more.
        if (end != ending::closed) disk.fail_after(0, true);
    }
    std::mt19937 random(seed);
    disk.lose_power(random);
    disk.heal();
    auto file = persistence_file::claim({.path = "kept.db", .vfs = disk.name(), .lock = false});
    auto const opened = file->open();
    EXPECT_TRUE(opened && file->examine()) << at << " seed " << seed;
    auto const db = database::open("kept.db", SQLITE_OPEN_READWRITE, disk.name());
    auto const found = db->integer("SELECT number FROM probes");
    EXPECT_TRUE(found && *found == kept_changes)
        << at << " seed " << seed << ": " << found.value_or(-1) << " of " << kept_changes;
    return true;
}

TEST(upkeep, after_a_failed_operation_success_means_that_all_is_on_the_disk) {
    for (auto const sync : {sync_mode::always, sync_mode::interval}) {
        for (auto const end : {ending::moved, ending::behind, ending::closed}) {
            std::uint64_t at = 0;
            for (bool reached = true; reached && !testing::Test::HasFailure(); ++at) {
                for (std::uint32_t seed = 0; seed != 3; ++seed) {
                    reached = survives_a_failed_operation(sync, end, at, seed);
                }
            }
            EXPECT_GT(at, 40);
        }
    }
}

TEST(upkeep, tells_what_a_disk_has_lost_for_good) {
    memory_disk disk;
    auto const kept = keeper_of({.path = "kept.db",
                                 .sync = sync_mode::interval,
                                 .interval = std::chrono::milliseconds(0),
                                 .retry = std::chrono::milliseconds(0),
                                 .vfs = disk.name(),
                                 .lock = false});
    ASSERT_TRUE(kept->probe());
    ASSERT_TRUE(kept->upkeep());
    ASSERT_TRUE(kept->probe());
    disk.forget_with_failed_syncs();
    disk.fail_after(0, false);
    ASSERT_FALSE(kept->upkeep());
    disk.heal();
    for (int i = 0; i != 3; ++i) {
        auto const told = kept->upkeep();
        ASSERT_FALSE(told);
        EXPECT_EQ(told.error().code, errc::unavailable);
        EXPECT_NE(told.error().message.find("kept.db-wal: the disk has lost changes"), std::string::npos)
            << told.error().message;
        auto const refused = kept->probe();
        ASSERT_FALSE(refused) << "nothing more must be promised";
        EXPECT_EQ(refused.error().message, told.error().message);
    }
}

/// Space of a disk in memory.
class reserve_of final : public journal::sqlite::space_reserve {
public:
    reserve_of(memory_disk& disk, std::size_t all, std::size_t size) : disk_(disk), all_(all), size_(size) {}

    bool release() override {
        disk_.set_capacity(all_);
        return std::exchange(had_, 0) != 0;
    }
    std::size_t refill() override {
        had_ = std::min(size_, all_ - std::min(all_, disk_.used()));
        disk_.set_capacity(all_ - had_);
        return had_;
    }
    [[nodiscard]] std::size_t size() const noexcept override { return size_; }

private:
    memory_disk& disk_;
    std::size_t all_;
    std::size_t size_;
    std::size_t had_ = 0;
};

/// A store over a disk of some size.
struct small_disk {
    explicit small_disk(std::size_t size, std::size_t reserve) : store(clock, {true}, {}, {}, journal) {
        auto db = database::open("kept.db", SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, disk.name());
        EXPECT_TRUE(db && set_up(*db, sync_mode::always) && make_tables(*db));
        keeper_options how;
        how.checkpoint_pages = 20;
        how.retry = std::chrono::milliseconds(0);
        if (reserve != 0) how.reserve = std::make_unique<reserve_of>(disk, size, reserve);
        disk.set_capacity(size);
        auto made = keeper::make(*std::move(db), std::move(how));
        EXPECT_TRUE(made);
        EXPECT_TRUE(journal.open(*std::move(made)));
    }

    result<> push(int i) {
        owned_family family{"wide", std::nullopt, model::metric_type::counter, {}};
        for (int k = 0; k != 100; ++k) {
            family.metrics.push_back({{{"number", std::to_string(k)}, {"text", std::string(40, 'x')}}, double(k)});
        }
        return store.push(key(i), push_mode::replace, owned_source({family}));
    }
    static model::grouping_key key(int i) { return model::grouping_key("job" + std::to_string(i)); }

    /// Fills the disk. How many groups are there.
    int fill() {
        int groups = 0;
        result<> done;
        while (groups != 10'000 && (done = push(groups))) ++groups;
        EXPECT_GT(groups, 2) << done.error().message << " used " << disk.used();
        return groups;
    }

    memory_disk disk;
    manual_clock clock;
    journal_of_file journal;
    kept_store::store_type store;
};

constexpr std::size_t reserve_size = 256 * 1024;

TEST(full_disk, takes_no_push_and_still_every_deletion) {
    for (std::size_t size = 600'000; size < 1'200'000; size += 37'000) {
        small_disk full(size, reserve_size);
        auto const groups = full.fill();
        for (int i = 0; i != groups; ++i) {
            auto const refused = full.push(groups + i);
            if (!refused) {
                EXPECT_EQ(refused.error().code, errc::unavailable);
            }
            auto const erased = full.store.erase(small_disk::key(i));
            ASSERT_TRUE(erased) << size << ", group " << i << " of " << groups << ": " << erased.error().message;
            EXPECT_TRUE(*erased);
        }
    }
}

TEST(full_disk, takes_deletions_whatever_was_pushed_between_them) {
    for (std::size_t size = 600'000; size < 1'200'000; size += 150'000) {
        small_disk full(size, reserve_size);
        auto const groups = full.fill();
        for (int i = 0; i != groups; ++i) {
            auto const erased = full.store.erase(small_disk::key(i));
            ASSERT_TRUE(erased) << size << ", group " << i << " of " << groups << ": " << erased.error().message;
            // Until nothing more fits in.
            for (int k = groups; k != groups + 100 && full.push(k); ++k) {
            }
        }
        auto const wiped = full.store.wipe();
        ASSERT_TRUE(wiped) << size << ": " << wiped.error().message;
        EXPECT_GE(full.fill(), groups * 3 / 4);
    }
}

TEST(full_disk, can_be_wiped_and_filled_again) {
    for (std::size_t size = 600'000; size < 1'200'000; size += 37'000) {
        small_disk full(size, reserve_size);
        auto const groups = full.fill();
        for (int round = 0; round != 3; ++round) {
            auto const wiped = full.store.wipe();
            ASSERT_TRUE(wiped) << size << ": " << wiped.error().message;
            EXPECT_EQ(full.store.groups().size(), 0u);
            EXPECT_GE(full.fill(), groups * 3 / 4) << "what was deleted makes room again";
        }
    }
}

TEST(full_disk, without_a_reserve_there_is_no_way_out) {
    bool stuck = false;
    for (std::size_t size = 600'000; size < 1'200'000; size += 37'000) {
        small_disk full(size, 0);
        full.fill();
        stuck = stuck || !full.store.wipe();
    }
    EXPECT_TRUE(stuck) << "the other tests would show nothing";
}

TEST(full_disk, a_wipe_gives_the_space_back) {
    memory_disk disk;
    manual_clock clock;
    kept_store kept(disk, clock);
    ASSERT_TRUE(kept.open());
    owned_family family{"wide", std::nullopt, model::metric_type::gauge, {{{{"l", std::string(4'000'000, 'x')}}, 1}}};
    ASSERT_TRUE(kept->push(model::grouping_key("j"), push_mode::replace, owned_source({family})));
    ASSERT_TRUE(kept->wipe());
    // The upkeep comes after the answer: the next change comes after that.
    ASSERT_TRUE(kept->push(model::grouping_key("k"), push_mode::replace, owned_source({})));
    EXPECT_LT(disk.used(), 1'000'000u);
}

TEST(reserve_file, takes_what_it_can_get_and_gives_it_back) {
    scratch_folder const folder;
    auto const path = folder.path_of("reserve");
    journal::sqlite::reserve_file reserve(path, 1 << 20);
    EXPECT_FALSE(reserve.release()) << "there is no file";
    ASSERT_EQ(reserve.refill(), reserve.size());
    EXPECT_EQ(std::filesystem::file_size(path), 1u << 20);
    EXPECT_TRUE(reserve.release());
    EXPECT_EQ(std::filesystem::file_size(path), 0u);
    EXPECT_FALSE(reserve.release());
    ASSERT_EQ(reserve.refill(), reserve.size());
    std::filesystem::remove(path);
    ASSERT_EQ(reserve.refill(), reserve.size()) << "one that was removed is made again";
    EXPECT_EQ(std::filesystem::file_size(path), 1u << 20);
    EXPECT_TRUE(journal::sqlite::reserve_file(path, 1 << 20).release()) << "one of an earlier process";
    EXPECT_EQ(journal::sqlite::reserve_file(folder.path_of("none/x"), 1 << 20).refill(), 0u);
}

}  // namespace
}  // namespace pushgateway::test
