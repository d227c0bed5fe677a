// Restoring by several threads: the same groups, damage found by whoever meets it, ended by one question.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <unistd.h>

#include <pushgateway/journal/sqlite/persistence_file.hpp>
#include <pushgateway/store/store.hpp>

#include "journal/kept_store.hpp"

namespace pushgateway::test {
namespace {

class sqlite_restore : public testing::Test {
protected:
    sqlite_restore()
        : folder(std::filesystem::temp_directory_path() / ("pushgateway_restore_" + std::to_string(::getpid()))),
          path(folder / "kept.db") {
        std::filesystem::remove_all(folder);
        std::filesystem::create_directories(folder);
    }
    ~sqlite_restore() override { std::filesystem::remove_all(folder); }

    void fill(int groups) const {
        auto file = journal::sqlite::persistence_file::claim({.path = path});
        ASSERT_TRUE(file && file->open());
        auto const done = file->import([groups](journal::sqlite::group_importer& importer) -> result<> {
            for (int i = 0; i != groups; ++i) {
                model::grouping_key key("j");
                key.set("number", std::to_string(i * 7919 % groups));
                importer.begin(std::move(key));
                for (auto const* const name : {"a", "b", "c"}) {
                    model::metric const metric{{}, model::gauge{static_cast<double>(i)}, {}};
                    importer.add({name, "help", model::metric_type::gauge, {&metric, 1}}, {});
                }
                if (auto ended = importer.end(); !ended) return ended;
            }
            return {};
        });
        ASSERT_TRUE(done) << done.error().message;
    }

    void change(std::string const& sql) const {
        auto const db = journal::sqlite::database::open(path);
        ASSERT_TRUE(db);
        auto const done = db->run(sql);
        ASSERT_TRUE(done) << done.error().message;
    }

    /// What so many threads read, as text.
    [[nodiscard]] result<std::string> read(unsigned threads,
                                           std::function<bool(journal::sqlite::restore_progress const&)> go_on = {}) {
        auto file = journal::sqlite::persistence_file::claim({.path = path});
        if (!file) return std::unexpected(file.error());
        if (auto opened = file->open(); !opened) return std::unexpected(opened.error());
        store::basic_store<> store;
        if (auto done = file->restore(store, go_on, threads); !done) return std::unexpected(done.error());
        return dump(store);
    }

    std::filesystem::path folder;
    std::string path;
};

TEST_F(sqlite_restore, reads_the_same_by_any_number_of_threads) {
    for (int const groups : {0, 1, 2, 5, 500}) {
        std::filesystem::remove(path);
        fill(groups);
        // Numbers with gaps, as after deletions.
        change("DELETE FROM families WHERE group_id % 3 = 1; DELETE FROM groups WHERE id % 3 = 1");
        auto const expected = read(1);
        ASSERT_TRUE(expected) << expected.error().message;
        for (unsigned const threads : {2U, 3U, 7U}) {
            auto const got = read(threads);
            ASSERT_TRUE(got) << got.error().message;
            EXPECT_EQ(*got, *expected) << groups << " groups, " << threads << " threads";
        }
    }
}

TEST_F(sqlite_restore, tells_of_every_group_once) {
    fill(300);
    std::vector<std::uint64_t> told;
    auto const done = read(3, [&](journal::sqlite::restore_progress const& now) {
        EXPECT_EQ(now.all_groups, 300);
        if (told.empty() || told.back() != now.groups) told.push_back(now.groups);
        return true;
    });
    ASSERT_TRUE(done);
    ASSERT_EQ(told.size(), 301);
    for (std::size_t i = 0; i != told.size(); ++i) EXPECT_EQ(told[i], i);
}

TEST_F(sqlite_restore, ends_when_it_is_told) {
    fill(300);
    for (unsigned const threads : {1U, 2U, 4U}) {
        auto const ended = read(threads, [](auto const& now) { return now.groups < 100; });
        ASSERT_FALSE(ended);
        EXPECT_EQ(ended.error().code, errc::unavailable);
        EXPECT_EQ(ended.error().message, path + ": the restoration was ended");
    }
}

TEST_F(sqlite_restore, finds_damage_in_every_part) {
    fill(100);
    for (int const id : {1, 26, 50, 51, 75, 100}) {
        change("UPDATE families SET crc32 = crc32 + 1 WHERE group_id = " + std::to_string(id) + " AND name = 'b'");
        for (unsigned const threads : {1U, 2U, 4U}) {
            auto const damaged = read(threads);
            ASSERT_FALSE(damaged) << id;
            EXPECT_EQ(damaged.error().code, errc::corrupt);
            EXPECT_EQ(damaged.error().message, path + ": row (" + std::to_string(id) +
                                                   ", b, 0) of the table families has another checksum than "
                                                   "it should");
        }
        change("UPDATE families SET crc32 = crc32 - 1 WHERE group_id = " + std::to_string(id) + " AND name = 'b'");
    }
    for (int const id : {-5, 0, 50, 101, 1000}) {
        change("UPDATE families SET group_id = " + std::to_string(id) +
               " WHERE group_id = 50; DELETE FROM groups WHERE "
               "id = 50");
        for (unsigned const threads : {1U, 2U, 4U}) {
            auto const damaged = read(threads);
            ASSERT_FALSE(damaged) << id;
            EXPECT_NE(damaged.error().message.find("has no group"), std::string::npos) << damaged.error().message;
        }
        std::filesystem::remove(path);
        fill(100);
    }
    ASSERT_TRUE(read(2));
}

}  // namespace
}  // namespace pushgateway::test
