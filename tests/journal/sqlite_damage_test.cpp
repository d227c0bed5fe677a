// Files that are damaged, or that are somebody else's.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "journal/kept_store.hpp"
#include "journal/memory_disk.hpp"
#include "journal/scenario.hpp"

namespace pushgateway::test {
namespace {

/// A file with what the first `steps` of the scenario make, closed in order.
std::string whole_file(memory_disk& disk, std::size_t steps = 5) {
    manual_clock clock(timestamp(std::chrono::seconds(1'700'000'000)));
    kept_store store(disk, clock);
    EXPECT_TRUE(store.open());
    auto all = scenario<kept_store::store_type>();
    for (std::size_t i = 0; i != steps; ++i) static_cast<void>(all[i](*store));
    return dump(*store);
}

/// What a start reads: everything that it does before it takes changes.
result<std::string> read_on(memory_disk& disk) {
    auto file = journal::sqlite::persistence_file::claim({.path = "kept.db", .vfs = disk.name(), .lock = false});
    if (!file) return std::unexpected(file.error());
    if (auto done = file->open(); !done) return std::unexpected(done.error());
    if (auto done = file->examine(); !done) return std::unexpected(done.error());
    store::basic_store<> store;
    if (auto done = file->restore(store, {}); !done) return std::unexpected(done.error());
    return dump(store);
}

TEST(sqlite_damage, no_byte_changes_unnoticed) {
    memory_disk disk;
    auto const expected = whole_file(disk, 2);
    auto const good = disk.bytes("kept.db");
    ASSERT_EQ(good.size() % 4096, 0);
    ASSERT_LE(good.size(), 8 * 4096);
    ASSERT_EQ(read_on(disk), expected);
    std::size_t found = 0;
    for (std::size_t at = 0; at < good.size(); ++at) {
        for (int const flip : {0xff, 0x01, 0x80}) {
            // Most zeros are room that nothing is made of: once is enough.
            if (good[at] == 0 && flip != 0xff) break;
            auto bad = good;
            bad[at] = static_cast<char>(bad[at] ^ flip);
            disk.clear();
            disk.put("kept.db", bad);
            auto const file = read_on(disk);
            // Whatever comes of it, not a byte of it is written.
            ASSERT_EQ(disk.bytes("kept.db"), bad) << "byte " << at << " flipped by " << flip;
            if (file) {
                // Bytes that nothing is made of.
                ASSERT_EQ(*file, expected) << "byte " << at << " flipped by " << flip;
                continue;
            }
            ++found;
            ASSERT_TRUE(file.error().code == errc::corrupt || file.error().code == errc::unsupported ||
                        file.error().code == errc::unavailable)
                << file.error().message;
            ASSERT_NE(file.error().message.find("kept.db"), std::string::npos) << file.error().message;
        }
    }
    EXPECT_GT(found, 3000);
}

TEST(sqlite_damage, a_damaged_log_shows_what_was_there_at_some_moment_or_is_told) {
    memory_disk disk;
    manual_clock clock(timestamp(std::chrono::seconds(1'700'000'000)));
    std::set<std::string> moments{""};
    std::string good;
    std::string log;
    {
        kept_store store(disk, clock);
        ASSERT_TRUE(store.open());
        auto steps = scenario<kept_store::store_type>();
        for (std::size_t i = 0; i != 4; ++i) {
            static_cast<void>(steps[i](*store));
            moments.insert(dump(*store));
        }
        good = disk.bytes("kept.db");
        log = disk.bytes("kept.db-wal");
    }
    ASSERT_GT(log.size(), 10 * 4096);
    for (std::size_t at = 0; at < log.size(); at += at % 4120 < 64 ? 1 : 7) {
        auto bad = log;
        bad[at] = static_cast<char>(bad[at] ^ 0x41);
        disk.clear();
        disk.put("kept.db", good);
        disk.put("kept.db-wal", bad);
        auto const file = read_on(disk);
        ASSERT_EQ(disk.bytes("kept.db"), good) << "byte " << at;
        if (file) {
            ASSERT_TRUE(moments.contains(*file)) << "byte " << at << " shows:\n" << *file;
        } else {
            ASSERT_NE(file.error().message.find("kept.db"), std::string::npos) << file.error().message;
        }
    }
}

TEST(sqlite_damage, a_file_that_was_cut_is_noticed) {
    memory_disk disk;
    auto const expected = whole_file(disk);
    auto const good = disk.bytes("kept.db");
    for (std::size_t size = 1; size < good.size(); size += 97) {
        disk.clear();
        disk.put("kept.db", good.substr(0, size));
        auto const file = kept_on(disk);
        // The end of the last page may be zeros that nothing is made of.
        if (file) {
            EXPECT_GT(size, good.size() - 4096);
            EXPECT_EQ(*file, expected) << size;
        }
    }
}

class on_disk : public testing::Test {
protected:
    on_disk() : folder(std::filesystem::temp_directory_path() / ("pushgateway_damage_" + std::to_string(::getpid()))) {
        std::filesystem::remove_all(folder);
        std::filesystem::create_directories(folder);
    }
    ~on_disk() override { std::filesystem::remove_all(folder); }

    [[nodiscard]] std::string path(std::string const& name = "kept.db") const { return folder / name; }
    static void write(std::string const& to, std::string const& text) { std::ofstream(to, std::ios::binary) << text; }
    static std::string read(std::string const& from) {
        std::ifstream in(from, std::ios::binary);
        return {std::istreambuf_iterator<char>(in), {}};
    }

    std::filesystem::path folder;
};

result<> open(std::string const& path) {
    auto file = journal::sqlite::persistence_file::claim({.path = path});
    if (!file) return std::unexpected(file.error());
    return file->open();
}

using sqlite_file = on_disk;

TEST_F(sqlite_file, only_one_process_has_it) {
    auto first = journal::sqlite::persistence_file::claim({.path = path()});
    ASSERT_TRUE(first) << first.error().message;
    auto const second = journal::sqlite::persistence_file::claim({.path = path()});
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().message, path() + ": another process is using this file");
    first = journal::sqlite::persistence_file();
    EXPECT_TRUE(journal::sqlite::persistence_file::claim({.path = path()}));
}

TEST_F(sqlite_file, a_database_of_another_program_is_left_alone) {
    {
        auto db = journal::sqlite::database::open(path());
        ASSERT_TRUE(db);
        ASSERT_TRUE(db->run("CREATE TABLE theirs (a)"));
    }
    auto const before = read(path());
    auto const opened = open(path());
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().message, path() + ": a database of another program");
    EXPECT_EQ(read(path()), before);
}

TEST_F(sqlite_file, a_file_of_a_later_version_is_left_alone) {
    ASSERT_TRUE(open(path()));
    {
        auto db = journal::sqlite::database::open(path());
        ASSERT_TRUE(db);
        ASSERT_TRUE(db->run("PRAGMA user_version=99"));
    }
    auto const opened = open(path());
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, errc::unsupported);
    EXPECT_NE(opened.error().message.find("later version"), std::string::npos);
}

TEST_F(sqlite_file, a_folder_that_is_not_there_is_told) {
    auto const opened = open(path("none/kept.db"));
    ASSERT_FALSE(opened);
    EXPECT_NE(opened.error().message.find("No such file or directory"), std::string::npos) << opened.error().message;
}

TEST_F(sqlite_file, a_damaged_file_is_put_aside_whole) {
    write(path(), std::string("SQLite format 3\0", 16) + "nonsense");
    auto const before = read(path());
    auto file = journal::sqlite::persistence_file::claim({.path = path()});
    ASSERT_TRUE(file);
    auto const opened = file->open();
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, errc::corrupt);
    EXPECT_EQ(read(path()), before);
    auto const aside = file->quarantine();
    ASSERT_TRUE(aside) << aside.error().message;
    EXPECT_TRUE(aside->starts_with(path() + ".corrupt-"));
    EXPECT_EQ(read(*aside), before);
    EXPECT_TRUE(file->open());
}

}  // namespace
}  // namespace pushgateway::test
