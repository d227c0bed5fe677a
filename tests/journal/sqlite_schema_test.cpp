// Files of an earlier schema: brought up to date with all that they hold, whatever fails meanwhile and whenever the
// program is killed. What a later version keeps in a file is kept, or the file is refused.

#include <bit>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <map>
#include <random>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <pushgateway/journal/sqlite/database.hpp>
#include <pushgateway/journal/sqlite/group_importer.hpp>
#include <pushgateway/journal/sqlite/persistence_file.hpp>
#include <pushgateway/journal/sqlite/rows.hpp>
#include <pushgateway/journal/sqlite/schema.hpp>
#include <pushgateway/journal/sqlite/table_reader.hpp>
#include <pushgateway/journal/sqlite/table_writer.hpp>
#include <pushgateway/store/group_header.hpp>

#include "journal/kept_store.hpp"
#include "journal/memory_disk.hpp"
#include "store/generators.hpp"
#include "support/scratch_folder.hpp"

namespace pushgateway::test {
namespace {

using journal::sqlite::database;

std::string test_data(std::string const& name) {
    std::ifstream in(std::string(JOURNAL_TEST_DATA) + '/' + name, std::ios::binary);
    EXPECT_TRUE(in) << name;
    return {std::istreambuf_iterator<char>(in), {}};
}

/// A connection that nothing else uses.
database connect(std::string const& path, char const* vfs) {
    auto db = database::open(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, vfs);
    EXPECT_TRUE(db) << db.error().message;
    return *std::move(db);
}

void run(memory_disk& disk, std::string const& sql) {
    auto const done = connect("kept.db", disk.name()).run(sql);
    ASSERT_TRUE(done) << done.error().message;
}

std::int64_t ask(memory_disk& disk, std::string const& sql) {
    auto const answer = connect("kept.db", disk.name()).integer(sql);
    EXPECT_TRUE(answer) << answer.error().message;
    return answer.value_or(-1);
}

/// The rows of schema 1, column by column.
std::string rows_of(memory_disk& disk) {
    auto const db = connect("kept.db", disk.name());
    std::string text;
    auto const add = [&](int columns, std::string_view query) {
        auto rows = db.prepare(query);
        EXPECT_TRUE(rows) << rows.error().message;
        for (auto there = rows->step(); there && *there; there = rows->step()) {
            for (int column = 0; column != columns; ++column) {
                // Of real numbers, all bits.
                text += rows->type(column) == SQLITE_FLOAT
                            ? std::to_string(std::bit_cast<std::int64_t>(rows->real(column)))
                            : std::to_string(rows->type(column)) + std::string(rows->bytes(column));
                text += '|';
            }
            text += '\n';
        }
    };
    add(7, "SELECT id, labels, push_time, pushed_at, push_failure_time, failed_at, crc32 FROM groups ORDER BY id");
    add(8, "SELECT group_id, name, part, type, help, pushed_at, metrics, crc32 FROM families ORDER BY 1, 2, 3");
    return text;
}

std::string shown_of(kept_store& store) {
    std::string text;
    store->scrape().append_to(text);
    return text;
}

void put_schema_1(memory_disk& disk) { run(disk, "PRAGMA journal_mode=WAL;" + test_data("schema-1.sql")); }

/// What the file of the last build with schema 1 holds.
std::string const& content_of_schema_1() {
    static auto const content = [] {
        memory_disk disk("schema_1_disk");
        put_schema_1(disk);
        auto const kept = kept_on(disk);
        EXPECT_TRUE(kept) << kept.error().message;
        return kept.value_or("");
    }();
    return content;
}

TEST(sqlite_schema, of_the_last_build_is_brought_up_to_date_with_all_it_holds) {
    memory_disk disk;
    put_schema_1(disk);
    auto const rows = rows_of(disk);
    EXPECT_GT(rows.size(), 10'000);
    {
        kept_store store(disk, manual_clock());
        auto const opened = store.open();
        ASSERT_TRUE(opened) << opened.error().message;
        EXPECT_EQ(shown_of(store), test_data("schema-1.prom"));
    }
    EXPECT_EQ(ask(disk, "PRAGMA user_version"), 2);
    EXPECT_EQ(rows_of(disk), rows);
    EXPECT_EQ(ask(disk, "SELECT count(*) FROM groups WHERE lifetime = 0 AND merge = 0 AND extras = x''"), 15);
    // And it is one to work with.
    {
        kept_store store(disk, manual_clock());
        ASSERT_TRUE(store.open());
        EXPECT_EQ(shown_of(store), test_data("schema-1.prom"));
        EXPECT_TRUE(store->push(model::grouping_key("types"), push_mode::update, owned_source({})));
        EXPECT_TRUE(*store->erase(model::grouping_key("parts")));
    }
    EXPECT_EQ(ask(disk, "SELECT count(*) FROM groups"), 14);
    EXPECT_TRUE(kept_on(disk));
}

/// Lets the migration fail at operation `at`, or the power with it; false when there were not so many operations.
bool fail_migration(std::uint64_t at, bool cut_power, std::uint32_t seed) {
    memory_disk disk;
    put_schema_1(disk);
    disk.fail_after(at, true);
    bool opened = false;
    {
        kept_store store(disk, manual_clock());
        auto const outcome = store.open();
        opened = outcome.has_value();
        if (!opened) {
            EXPECT_EQ(outcome.error().code, errc::unavailable) << at << ": " << outcome.error().message;
        }
    }
    bool const reached = disk.failed() != 0;
    std::mt19937 random(seed);
    if (cut_power) disk.lose_power(random);
    disk.heal();
    auto const version = ask(disk, "PRAGMA user_version");
    EXPECT_TRUE(version == 1 || version == 2) << at;
    EXPECT_TRUE(version == 2 || !opened) << at << ": changes are taken before the tables can hold them";
    auto const kept = kept_on(disk);
    EXPECT_TRUE(kept) << at << ": " << kept.error().message;
    EXPECT_EQ(kept.value_or(""), content_of_schema_1()) << at;
    EXPECT_EQ(ask(disk, "PRAGMA user_version"), 2) << at;
    return reached;
}

TEST(sqlite_schema, is_the_old_one_or_the_new_one_wherever_the_migration_fails) {
    std::uint64_t at = 0;
    while (fail_migration(at, false, 0) && !HasFailure()) ++at;
    EXPECT_GT(at, 5);
}

TEST(sqlite_schema, is_the_old_one_or_the_new_one_wherever_the_power_goes) {
    std::uint64_t at = 0;
    for (bool reached = true; reached && !HasFailure(); ++at) {
        reached = false;
        for (std::uint32_t seed = 0; seed != 5; ++seed) reached = fail_migration(at, true, seed + 7) || reached;
    }
    EXPECT_GT(at, 5);
}

TEST(sqlite_schema, of_a_damaged_file_is_not_changed) {
    memory_disk disk;
    put_schema_1(disk);
    run(disk, "UPDATE groups SET failed_at = failed_at + 1 WHERE id = 7");
    auto const before = disk.bytes("kept.db");
    {
        kept_store store(disk, manual_clock());
        auto const opened = store.open();
        ASSERT_FALSE(opened);
        EXPECT_EQ(opened.error().code, errc::corrupt);
    }
    EXPECT_TRUE(disk.bytes("kept.db") == before);
    EXPECT_EQ(ask(disk, "PRAGMA user_version"), 1);
}

/// As the build before would have left the file: without the columns that it does not know.
constexpr auto back_to_schema_1 =
    "ALTER TABLE groups DROP COLUMN lifetime;ALTER TABLE groups DROP COLUMN merge;"
    "ALTER TABLE groups DROP COLUMN extras;PRAGMA user_version=1";
/// What `spec/persistence.md` says to do to go back.
constexpr auto go_back = "PRAGMA user_version=1";

RC_GTEST_PROP(sqlite_schema, any_file_of_the_first_one_keeps_all_it_holds, ()) {
    memory_disk disk;
    manual_clock clock(timestamp(std::chrono::seconds(1'700'000'000)));
    std::string content;
    std::string shown;
    {
        kept_store store(disk, clock);
        RC_ASSERT(store.open().has_value());
        for (auto const& op : random_operations({})) {
            clock.advance(std::chrono::milliseconds(*rc::gen::inRange(1, 2000)));
            switch (op.what) {
                case operation::kind::push:
                case operation::kind::repeat:
                    static_cast<void>(store->push(op.key, op.mode, owned_source(op.families)));
                    break;
                case operation::kind::erase: RC_ASSERT(store->erase(op.key).has_value()); break;
                case operation::kind::wipe: RC_ASSERT(store->wipe().has_value()); break;
            }
        }
        content = dump(*store);
        shown = shown_of(store);
    }
    auto const rows = rows_of(disk);
    run(disk, *rc::gen::arbitrary<bool>() ? back_to_schema_1 : go_back);
    {
        kept_store store(disk, clock);
        RC_ASSERT(store.open().has_value());
        RC_ASSERT(dump(*store) == content);
        RC_ASSERT(shown_of(store) == shown);
    }
    RC_ASSERT(rows_of(disk) == rows);
    RC_ASSERT(ask(disk, "PRAGMA user_version") == 2);
}

TEST(sqlite_schema, is_brought_up_to_date_by_an_import_or_not_at_all) {
    memory_disk disk;
    put_schema_1(disk);
    auto const import = [&disk](bool fails) {
        auto file = journal::sqlite::persistence_file::claim({.path = "kept.db", .vfs = disk.name(), .lock = false});
        EXPECT_TRUE(file && file->open());
        auto const done = file->import([fails](journal::sqlite::group_importer& importer) -> result<> {
            importer.begin(model::grouping_key("imported"));
            if (auto ended = importer.end(); !ended) return ended;
            return fails ? fail(errc::invalid, "no") : result<>();
        });
        return done.has_value();
    };
    EXPECT_FALSE(import(true));
    EXPECT_EQ(ask(disk, "PRAGMA user_version"), 1);
    EXPECT_EQ(ask(disk, "SELECT count(*) FROM groups"), 15);
    EXPECT_TRUE(import(false));
    EXPECT_EQ(ask(disk, "PRAGMA user_version"), 2);
    EXPECT_EQ(ask(disk, "SELECT count(*) FROM groups"), 16);
    EXPECT_TRUE(kept_on(disk));
}

TEST(sqlite_schema, of_the_first_one_is_read_without_being_changed) {
    scratch_folder const folder;
    auto const path = folder.path_of("kept.db");
    ASSERT_TRUE(connect(path, nullptr).run(test_data("schema-1.sql")));
    auto const db = journal::sqlite::open_for_reading(path);
    ASSERT_TRUE(db) << db.error().message;
    auto reader = journal::sqlite::table_reader::prepare(*db);
    ASSERT_TRUE(reader);
    int groups = 0;
    for (auto there = reader->next(); there && *there; there = reader->next()) {
        ++groups;
        reader->for_each_family([](model::metric_family const&) {});
    }
    EXPECT_EQ(groups, 15);
    EXPECT_EQ(*connect(path, nullptr).integer("PRAGMA user_version"), 1);
}

/// Sets the columns of a row that came with schema 2.
std::string later_row(std::int64_t lifetime, std::int64_t merge, std::string_view extras) {
    std::string const labels = R"({"job":"x"})";
    journal::sqlite::group_row const row{labels, 0, 0, 0, 0, lifetime, merge, extras};
    return "DELETE FROM families;DELETE FROM groups;INSERT INTO groups VALUES (1, '" + labels + "', 0, 0, 0, 0, " +
           std::to_string(row.checksum()) + ", " + std::to_string(lifetime) + ", " + std::to_string(merge) +
           ", CAST('" + std::string(extras) + "' AS BLOB))";
}

/// A header as a file may hold it: SQLite has no NaN, and no negative zero.
store::group_header any_header() {
    auto const time = [] {
        auto const seconds =
            *rc::gen::map(rc::gen::arbitrary<double>(), [](double d) { return std::isfinite(d) ? d + 0.0 : 0.0; });
        auto const at = *rc::gen::arbitrary<std::int64_t>();
        return store::group_time{seconds, timestamp(std::chrono::nanoseconds(at))};
    };
    store::group_header header{time(), time(), {}};
    auto const extras = *rc::gen::arbitrary<std::string>();
    if (!extras.empty()) header.extras = make_ref<store::group_extras>(extras);
    return header;
}

bool same(store::group_header const& a, store::group_header const& b) {
    auto const bytes = [](store::group_header const& h) {
        return h.extras ? std::string(h.extras->bytes) : std::string();
    };
    return a.push == b.push && a.push_failure == b.push_failure && bytes(a) == bytes(b);
}

RC_GTEST_PROP(sqlite_schema, keeps_any_header, ()) {
    memory_disk disk;
    manual_clock clock(timestamp(std::chrono::seconds(1'700'000'000)));
    RC_ASSERT(kept_on(disk).has_value());
    std::map<model::grouping_key, store::group_header> headers;
    {
        auto const db = connect("kept.db", disk.name());
        auto writer = journal::sqlite::table_writer::prepare(db);
        RC_ASSERT(writer.has_value());
        for (int i = *rc::gen::inRange(1, 6); i != 0; --i) {
            auto const key = model::grouping_key("j").set("n", std::to_string(i));
            auto const& header = headers[key] = any_header();
            std::string labels;
            journal::sqlite::append_labels(labels, key.pairs());
            journal::sqlite::group_row row;
            row.labels = labels;
            row.take(header);
            RC_ASSERT(writer->put_group(row).has_value());
        }
    }
    for (int restarts = *rc::gen::inRange(1, 5); restarts != 0; --restarts) {
        kept_store store(disk, clock);
        RC_ASSERT(store.open().has_value());
        for (auto const& [key, header] : headers) RC_ASSERT(same(store->group(key)[0].header(), header));
        clock.advance(std::chrono::milliseconds(500));
        auto const which = *rc::gen::inRange<std::size_t>(0, headers.size());
        auto& [key, header] = *std::next(headers.begin(), static_cast<std::ptrdiff_t>(which));
        // The same series twice is refused.
        bool const good = *rc::gen::arbitrary<bool>();
        std::vector<owned_metric> metrics(good ? 1 : 2);
        auto const pushed =
            store->push(key, push_mode::replace, owned_source({{"a", {}, model::metric_type::gauge, metrics}}));
        RC_ASSERT(pushed.has_value() == good);
        header.note(good ? store::time_series::push : store::time_series::push_failure, clock.now());
        RC_ASSERT(same(store->group(key)[0].header(), header));
    }
    auto const content = kept_on(disk);
    RC_ASSERT(content.has_value());
}

TEST(sqlite_schema, keeps_what_a_later_version_stored_with_a_group) {
    memory_disk disk;
    manual_clock clock(timestamp(std::chrono::seconds(1'700'000'000)));
    ASSERT_TRUE(kept_on(disk));
    run(disk, later_row(0, 0, "of later"));
    std::vector<owned_family> const pushed{{"a", std::nullopt, model::metric_type::gauge, {{{}, 1}}}};
    model::grouping_key const key("x");
    auto const extras = [&disk] {
        return ask(disk, "SELECT count(*) FROM groups WHERE extras = CAST('of later' AS BLOB)");
    };
    for (auto const mode : {push_mode::update, push_mode::replace}) {
        {
            kept_store store(disk, clock);
            auto const opened = store.open();
            ASSERT_TRUE(opened) << opened.error().message;
            EXPECT_TRUE(store->push(key, mode, owned_source(pushed)));
            EXPECT_FALSE(
                store->push(key, mode, owned_source({{"a", {}, model::metric_type::gauge, {{{}, 1}, {{}, 2}}}})));
            ASSERT_TRUE(store->groups()[0].header().extras);
            EXPECT_EQ(store->groups()[0].header().extras->bytes, "of later");
            // What could not be kept is undone, and leaves them alone.
            disk.fail_after(0, true);
            EXPECT_FALSE(store->erase(key));
            disk.heal();
            EXPECT_EQ(store->groups()[0].header().extras->bytes, "of later");
        }
        EXPECT_EQ(extras(), 1);
    }
    {
        kept_store store(disk, clock);
        ASSERT_TRUE(store.open());
        EXPECT_TRUE(store->erase(key));
        EXPECT_TRUE(store->push(key, push_mode::update, owned_source(pushed)));
    }
    EXPECT_EQ(extras(), 0) << "they are a dropped group's";
    EXPECT_TRUE(kept_on(disk));
}

TEST(sqlite_schema, refuses_what_it_would_misread) {
    for (auto const& [lifetime, merge, what] : {std::tuple(1, 0, "lifetime"), std::tuple(0, 1, "way of merging")}) {
        memory_disk disk;
        ASSERT_TRUE(kept_on(disk));
        run(disk, later_row(lifetime, merge, "x"));
        auto const opened = kept_on(disk);
        ASSERT_FALSE(opened);
        EXPECT_EQ(opened.error().code, errc::unsupported);
        EXPECT_EQ(opened.error().message, "kept.db: row 1 of the table groups has a " + std::string(what) +
                                              ", which this version of the program does not know: use a later one");
    }
}

TEST(sqlite_schema, finds_damage_in_what_later_versions_store) {
    for (std::string const change : {"lifetime = 1", "merge = 1", "extras = x'00'"}) {
        memory_disk disk;
        put_schema_1(disk);
        ASSERT_TRUE(kept_on(disk));
        run(disk, "UPDATE groups SET " + change + " WHERE id = 3");
        auto const opened = kept_on(disk);
        ASSERT_FALSE(opened) << change;
        EXPECT_EQ(opened.error().code, errc::corrupt) << change;
    }
}

TEST(sqlite_schema, of_a_later_one_is_refused) {
    memory_disk disk;
    put_schema_1(disk);
    run(disk, "PRAGMA user_version=3");
    auto const opened = kept_on(disk);
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, errc::unsupported);
    EXPECT_EQ(opened.error().message, "kept.db: written by a later version of this program (schema 3, known is 2)");
}

}  // namespace
}  // namespace pushgateway::test
