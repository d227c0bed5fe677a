// Files that are damaged, or that are somebody else's.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "journal/kept_store.hpp"
#include "journal/memory_disk.hpp"
#include "journal/scenario.hpp"

namespace pushgateway::test {
namespace {

/// A file with some groups, closed in order.
std::string whole_file(memory_disk& disk) {
    manual_clock clock(timestamp(std::chrono::seconds(1'700'000'000)));
    kept_store<> store(disk, clock);
    EXPECT_TRUE(store.open());
    auto steps = scenario<kept_store<>::store_type>();
    for (std::size_t i = 0; i != 5; ++i) static_cast<void>(steps[i](*store));
    return dump(*store);
}

TEST(sqlite_damage, no_byte_changes_unnoticed) {
    memory_disk disk;
    auto const expected = whole_file(disk);
    ASSERT_EQ(disk.bytes("kept.db").size() % 4096, 0);
    auto const good = disk.bytes("kept.db");
    std::size_t found = 0;
    for (std::size_t at = 0; at < good.size(); at += 31) {
        for (int const flip : {0x01, 0x80, 0xff}) {
            auto bad = good;
            bad[at] = static_cast<char>(bad[at] ^ flip);
            disk.clear();
            disk.put("kept.db", std::move(bad));
            auto const file = kept_on(disk);
            if (!file) {
                ++found;
                EXPECT_TRUE(file.error().code == errc::corrupt || file.error().code == errc::unsupported ||
                            file.error().code == errc::unavailable)
                    << file.error().message;
                EXPECT_NE(file.error().message.find("kept.db"), std::string::npos) << file.error().message;
            } else {
                // Bytes that nothing is made of.
                ASSERT_EQ(*file, expected) << "byte " << at << " flipped by " << flip;
            }
        }
    }
    EXPECT_GT(found, 500);
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
        ASSERT_TRUE(db->run("PRAGMA user_version=2"));
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
