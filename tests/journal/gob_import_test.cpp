// Files that Prometheus' Pushgateway wrote, versions 1.5.1 and 1.11.3, and what is left of them when they are damaged.
// The folder data holds the files, and beside each what that program showed then, line by line and sorted.

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <random>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <gtest/gtest.h>
#include <unistd.h>

#include <pushgateway/journal/sqlite/persistence_file.hpp>
#include <pushgateway/journal/sqlite/upstream_import.hpp>
#include <pushgateway/journal/upstream_file.hpp>
#include <pushgateway/store/store.hpp>

#include "support/describe_families.hpp"

namespace pushgateway::test {
namespace {

std::string read(std::string const& from) {
    std::ifstream in(from, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

std::string data(std::string const& name) { return read(JOURNAL_TEST_DATA "/" + name); }

class gob_folder {
protected:
    gob_folder() : folder(std::filesystem::temp_directory_path() / ("pushgateway_gob_" + std::to_string(::getpid()))) {
        std::filesystem::remove_all(folder);
        std::filesystem::create_directories(folder);
        path = folder / "persistence";
    }
    ~gob_folder() { std::filesystem::remove_all(folder); }

    void write(std::string const& bytes) const { std::ofstream(path, std::ios::binary) << bytes; }

    std::filesystem::path folder;
    std::string path;
};

class gob_import : public gob_folder, public testing::TestWithParam<std::string> {};
class gob_import_of_rich_metrics : public gob_folder, public testing::Test {};

/// Calls `look` with a store that holds what a file holds.
template <class Look>
void with_store(std::string const& path, Look&& look) {
    auto file = journal::sqlite::persistence_file::claim({.path = path});
    EXPECT_TRUE(file);
    store::basic_store<> store;
    auto done = file->open();
    if (done) done = file->restore(store, {});
    EXPECT_TRUE(done) << done.error().message;
    look(std::as_const(store));
}

/// The samples of what a file holds, sorted.
std::string shown(std::string const& path) {
    std::string text;
    with_store(path, [&text](store::basic_store<> const& store) { store.scrape().append_to(text); });
    std::istringstream in(text);
    std::vector<std::string> lines;
    for (std::string line; std::getline(in, line);) {
        if (!line.starts_with('#')) lines.push_back(line);
    }
    std::ranges::sort(lines);
    std::string out;
    for (auto const& line : lines) out += line + '\n';
    return out;
}

TEST_P(gob_import, takes_all_that_is_there) {
    auto const original = data(GetParam() + ".gob");
    ASSERT_FALSE(original.empty());
    write(original);
    auto const imported = journal::sqlite::import_upstream_file(path);
    ASSERT_TRUE(imported) << imported.error().message;
    ASSERT_TRUE(imported->has_value());
    EXPECT_GE((*imported)->groups, 4);
    EXPECT_EQ((*imported)->original, path + ".imported");
    EXPECT_EQ(read(path + ".imported"), original);
    EXPECT_EQ(shown(path), data(GetParam() + ".lines"));
    // The next start finds a file of its own.
    auto const again = journal::sqlite::import_upstream_file(path);
    ASSERT_TRUE(again);
    EXPECT_FALSE(again->has_value());
}

TEST_P(gob_import, keeps_every_original) {
    for (auto const* name : {".imported", ".imported-1", ".imported-2"}) {
        std::filesystem::remove(path);
        write(data(GetParam() + ".gob"));
        auto const imported = journal::sqlite::import_upstream_file(path);
        ASSERT_TRUE(imported);
        EXPECT_EQ((*imported)->original, path + name);
    }
}

TEST_P(gob_import, takes_nothing_of_a_log_that_is_left_over) {
    // A database of ours that has all in its log, as after a kill.
    auto const other = (folder / "other").string();
    {
        auto file = journal::sqlite::persistence_file::claim({.path = other});
        ASSERT_TRUE(file);
        ASSERT_TRUE(file->open());
        auto db = journal::sqlite::database::open(other);
        ASSERT_TRUE(db);
        ASSERT_TRUE(db->run("INSERT INTO probes VALUES (1, 7)"));
        std::filesystem::copy_file(other + "-wal", path + "-wal");
        std::filesystem::copy_file(other + "-shm", path + "-shm");
    }
    auto const log = read(path + "-wal");
    ASSERT_FALSE(log.empty());
    std::ofstream(path + ".importing-journal") << "left over";
    write(data(GetParam() + ".gob"));
    auto const imported = journal::sqlite::import_upstream_file(path);
    ASSERT_TRUE(imported) << imported.error().message;
    ASSERT_TRUE(imported->has_value());
    EXPECT_EQ(shown(path), data(GetParam() + ".lines"));
    EXPECT_EQ(read(path + ".imported-wal"), log);
    EXPECT_FALSE(std::filesystem::exists(path + ".importing-journal"));
}

TEST_P(gob_import, can_be_ended) {
    auto const original = data(GetParam() + ".gob");
    write(original);
    for (int questions = 0; questions != 6; ++questions) {
        auto const ended =
            journal::sqlite::import_upstream_file(path, [left = questions]() mutable { return left-- != 0; });
        ASSERT_FALSE(ended) << questions;
        EXPECT_EQ(ended.error().code, errc::unavailable);
        EXPECT_EQ(read(path), original);
        EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder), {}), 1);
    }
}

TEST_P(gob_import, refuses_a_part_of_a_file) {
    auto const whole = data(GetParam() + ".gob");
    for (std::size_t size = 1; size < whole.size(); size += 7) {
        EXPECT_FALSE(journal::read_upstream_file(whole.substr(0, size), [](auto const&) { return true; })) << size;
    }
    write(whole.substr(0, whole.size() / 2));
    auto const imported = journal::sqlite::import_upstream_file(path);
    ASSERT_FALSE(imported);
    EXPECT_EQ(imported.error().code, errc::unsupported);
    EXPECT_EQ(read(path), whole.substr(0, whole.size() / 2));
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder), {}), 1);
}

TEST_P(gob_import, survives_any_damage) {
    auto const whole = data(GetParam() + ".gob");
    std::mt19937 random(1);
    for (int i = 0; i != 20000; ++i) {
        auto damaged = whole;
        for (auto left = 1 + random() % 3; left != 0; --left)
            damaged[random() % damaged.size()] = static_cast<char>(random());
        journal::sqlite::family_blob_reader blobs;
        std::vector<model::metric> metrics;
        static_cast<void>(journal::read_upstream_file(damaged, [&](journal::upstream_group const& group) {
            for (auto const& f : group.families) {
                model::metric_family family;
                static_cast<void>(blobs.read(f.message, family, metrics));
            }
            blobs.clear();
            metrics.clear();
            return true;
        }));
    }
}

INSTANTIATE_TEST_SUITE_P(versions, gob_import, testing::Values("pushgateway-1.5.1", "pushgateway-1.11.3"),
                         [](auto const& version) {
                             std::string name = version.param;
                             std::ranges::replace_if(name, [](char c) { return c == '-' || c == '.'; }, '_');
                             return name;
                         });

/// Family, value and details of a metric.
std::string described(std::string_view family, model::metric const& metric) {
    auto text = std::string(family) + ' ' + std::visit([](auto const& v) { return detail::show(v); }, metric.value);
    return text + (metric.details != nullptr ? detail::show(*metric.details) : "") + '\n';
}

TEST_F(gob_import_of_rich_metrics, keeps_native_buckets_exemplars_and_times_of_creation) {
    auto const original = data("pushgateway-1.11.3-rich.gob");
    std::multiset<std::string> expected;
    ASSERT_TRUE(journal::read_upstream_file(original, [&](journal::upstream_group const& group) {
        for (auto const& [name, at, message] : group.families) {
            if (name.starts_with("push_")) continue;
            journal::sqlite::family_blob_reader blobs;
            model::metric_family family;
            std::vector<model::metric> metrics;
            EXPECT_TRUE(blobs.read(message, family, metrics));
            for (auto const& metric : metrics) expected.insert(described(name, metric));
        }
        return true;
    }));
    auto const all = std::accumulate(expected.begin(), expected.end(), std::string());
    for (auto const* part : {" native ", " exemplar of bucket ", " exemplar 'trace'='t3'", " created "}) {
        EXPECT_NE(all.find(part), std::string::npos) << part << '\n' << all;
    }
    write(original);
    auto const imported = journal::sqlite::import_upstream_file(path);
    ASSERT_TRUE(imported) << imported.error().message;
    std::multiset<std::string> kept;
    with_store(path, [&](store::basic_store<> const& store) {
        auto const snapshot = store.groups();
        for (auto const group : snapshot.groups()) {
            for (auto const& family : group.families()) {
                if (family.name().starts_with("push_")) continue;
                family.for_each_metric([&](model::metric const& m) { kept.insert(described(family.name(), m)); });
            }
        }
    });
    EXPECT_EQ(kept, expected);
}

// Upstream takes what no exposition can show: what stands beside it must not be lost for that.
TEST_F(gob_import_of_rich_metrics, leaves_out_what_cannot_be_shown_and_says_so) {
    write(data("pushgateway-1.11.3-odd.gob"));
    auto const imported = journal::sqlite::import_upstream_file(path);
    ASSERT_TRUE(imported) << imported.error().message;
    auto const lines = shown(path);
    for (std::string const job : {"empty", "type9", "exemplar", "name", "unit"}) {
        EXPECT_NE(lines.find("fine_" + job + "{instance=\"\",job=\"" + job + "\"} 1\n"), std::string::npos) << lines;
        EXPECT_TRUE(std::ranges::any_of((*imported)->left_out, [&](std::string const& what) {
            return what.starts_with("the family ") && what.contains(" of the group {job=\"" + job + "\"}: ");
        })) << job;
    }
    EXPECT_EQ((*imported)->left_out.size(), 5U);
}

TEST(gob, types_have_numbers_that_can_be_negated) {
    using namespace std::string_literals;
    auto const structure = "\x03\0\0"s;
    auto const value = "\x03\x04\0\0"s;
    journal::gob::stream_reader fine;
    EXPECT_TRUE(fine.open("\x05\xff\x81"s + structure + value));
    journal::gob::stream_reader lowest;
    EXPECT_FALSE(lowest.open("\x0c\xf8\xff\xff\xff\xff\xff\xff\xff\xff"s + structure + value));
}

TEST(gob, times) {
    using namespace std::string_literals;
    // 1970-01-01T00:00:01.000000002Z
    EXPECT_EQ(journal::read_go_time("\x01\0\0\0\x0e\x77\x91\xf7\x01\0\0\0\x02\xff\xff"s),
              timestamp(std::chrono::nanoseconds(1'000'000'002)));
    // Never.
    EXPECT_EQ(journal::read_go_time("\x01\0\0\0\0\0\0\0\0\0\0\0\0\xff\xff"s), timestamp{});
    for (auto const* seconds : {"\x80\0\0\0\0\0\0\0", "\x7f\xff\xff\xff\xff\xff\xff\xff"}) {
        EXPECT_EQ(journal::read_go_time("\x01"s + std::string(seconds, 8) + "\0\0\0\0\xff\xff"s), timestamp{});
    }
    EXPECT_FALSE(journal::read_go_time("\x03\0\0\0\x0e\x77\x91\xf7\x01\0\0\0\x02\xff\xff"s));
    EXPECT_FALSE(journal::read_go_time("\x01\0\0"s));
}

}  // namespace
}  // namespace pushgateway::test
