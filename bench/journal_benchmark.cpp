/// \file
/// What a batch of pushes costs the thread that keeps them, without syncs, beside an SQLite that is told to change the
/// same rows and is handed their numbers and bytes ready made: it finds no group by its labels, encodes and sums
/// nothing, and does not look whether the file is still in place. Items are pushes. A wrong answer fails the run.
///
/// The file is in a folder of its own in TMPDIR (default: /tmp); best in memory, like /dev/shm.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <benchmark/benchmark.h>

#include <pushgateway/base/error.hpp>
#include <pushgateway/format/parsed_exposition.hpp>
#include <pushgateway/format/text/parse.hpp>
#include <pushgateway/journal/sqlite/database.hpp>
#include <pushgateway/journal/sqlite/family_blob.hpp>
#include <pushgateway/journal/sqlite/keeper.hpp>
#include <pushgateway/journal/sqlite/persistence_file.hpp>
#include <pushgateway/journal/sqlite/rows.hpp>
#include <pushgateway/model/grouping_key.hpp>
#include <pushgateway/model/metric.hpp>
#include <pushgateway/store/family_decoder.hpp>
#include <pushgateway/store/journal_record.hpp>
#include <pushgateway/store/policies.hpp>
#include <pushgateway/store/store.hpp>

#include "support/scratch_folder.hpp"

namespace {

using namespace pushgateway;
namespace sqlite = journal::sqlite;

constexpr int groups = 64;

/// Takes changes, and has them kept when it is told to, in the thread that pushes.
class collecting_journal {
public:
    static constexpr bool keeps = true;
    static result<> admit() { return {}; }
    static result<> status() { return {}; }
    void attach(store::journaled&) {}
    void detach() {}
    void append(std::unique_ptr<store::journal_record>&& record) noexcept { records_->push_back(std::move(record)); }

    [[nodiscard]] store::record_list take() { return std::move(*records_); }

private:
    std::shared_ptr<store::record_list> records_ = std::make_shared<store::record_list>();
};

struct collecting_policies : default_policies {
    using journal = collecting_journal;
};

/// Six series, as bench/persistence_load.sh pushes them.
std::string body(int value) {
    std::string text = "# TYPE step_seconds gauge\n";
    for (int i = 1; i <= 6; ++i) {
        auto const number = "-0" + std::to_string(i);
        text += "step_seconds{step=\"number" + number + "\",host=\"node" + number + "\"} " + std::to_string(value + i) +
                ".25\n";
    }
    return text;
}

/// A file of its own, and batches that push to every group: one that makes them, then two that can be kept in turns.
struct scene {
    test::scratch_folder folder;
    std::string path = folder.path_of("kept.db");
    collecting_journal collected;
    store::basic_store<collecting_policies> store{{}, {}, {}, {}, collected};
    std::vector<store::record_list> batches;

    scene() {
        for (int const value : {100, 200, 100}) {
            format::parsed_exposition parsed;
            auto const text = body(value);
            if (!format::text::parse(text, {}, parsed)) std::abort();
            for (int group = 0; group != groups; ++group) {
                model::grouping_key key("load");
                key.set("group", std::to_string(group));
                store.push(key, push_mode::update, parsed, {}, [](result<> const& outcome) {
                    if (!outcome) std::abort();
                });
            }
            batches.push_back(collected.take());
        }
    }
    scene(scene const&) = delete;
    scene& operator=(scene const&) = delete;
    ~scene() {
        for (auto& batch : batches) batch.complete({});
    }

    [[nodiscard]] result<sqlite::persistence_file> open() const {
        auto file = sqlite::persistence_file::claim({.path = path, .sync = sqlite::sync_mode::off});
        if (!file) return file;
        if (auto done = file->open(); !done) return std::unexpected(std::move(done.error()));
        return file;
    }

    /// What the batch `at` pushed to each group, as the column `metrics` has it.
    [[nodiscard]] std::string metrics_of(std::size_t at) const {
        std::string bytes;
        auto const* const record = batches[at].front();
        store::for_each_own_metric(*record->after->slots().back().pushed,
                                   [&bytes](model::metric const& metric) { sqlite::append_metric(bytes, metric); });
        return bytes;
    }
};

/// A keeper of the file, which holds the groups.
result<std::unique_ptr<sqlite::keeper>> keeper_of(scene const& made, result<sqlite::persistence_file>& file) {
    file = made.open();
    if (!file) return std::unexpected(file.error());
    auto kept = file->make_keeper();
    if (!kept) return std::unexpected(std::move(kept.error()));
    if (auto done = (*kept)->commit(made.batches[0]); !done) return std::unexpected(std::move(done.error()));
    return std::move(*kept);
}

/// The families in the file must be what the batch `at` pushed, every row with its checksum.
bool holds(scene const& made, std::size_t at) {
    auto const db = sqlite::open_for_reading(made.path);
    if (!db) return false;
    auto rows = db->prepare("SELECT group_id, name, part, type, pushed_at, metrics, crc32 FROM families");
    if (!rows) return false;
    auto const metrics = made.metrics_of(at);
    int found = 0;
    for (;;) {
        auto const there = rows->step();
        if (!there) return false;
        if (!*there) return found == groups;
        sqlite::family_row const row{rows->integer(0), rows->bytes(1),   rows->integer(2), rows->bytes(3),
                                     std::nullopt,     rows->integer(4), rows->bytes(5)};
        if (row.metrics != metrics || row.checksum() != rows->integer(6)) return false;
        ++found;
    }
}

void keeper(benchmark::State& state) {
    scene const made;
    result<sqlite::persistence_file> file;
    auto const kept = keeper_of(made, file);
    if (!kept) return state.SkipWithError(kept.error().message.c_str());
    std::size_t turn = 2;
    for (auto _ : state) {
        turn = 3 - turn;
        if (!(*kept)->commit(made.batches[turn]) || !(*kept)->upkeep()) return state.SkipWithError("not kept");
    }
    if (!holds(made, turn)) state.SkipWithError("wrong answer");
    state.SetItemsProcessed(state.iterations() * groups);
}

void bare_sqlite(benchmark::State& state) {
    scene const made;
    {
        result<sqlite::persistence_file> file;
        auto const kept = keeper_of(made, file);
        if (!kept) return state.SkipWithError(kept.error().message.c_str());
    }
    auto const db = sqlite::database::open(made.path);
    if (!db || !sqlite::set_up(*db, sqlite::sync_mode::off) || !db->run("PRAGMA wal_autocheckpoint=4096")) {
        return state.SkipWithError("no file");
    }
    auto group = db->prepare(
        "UPDATE groups SET push_time = ?2, pushed_at = ?3, push_failure_time = 0, failed_at = ?3, crc32 = ?4 WHERE id "
        "= ?1");
    auto family = db->prepare(
        "REPLACE INTO families (group_id, name, part, type, help, pushed_at, metrics, crc32) "
        "VALUES (?1, 'step_seconds', 0, 'gauge', NULL, ?2, ?3, ?4)");
    auto begin = db->prepare("BEGIN IMMEDIATE");
    auto commit = db->prepare("COMMIT");
    if (!group || !family || !begin || !commit) return state.SkipWithError("other tables");
    auto const metrics = made.metrics_of(1);
    std::int64_t turn = 0;
    for (auto _ : state) {
        ++turn;
        auto const now = 1'700'000'000'000'000'000 + turn;
        bool done = begin->run().has_value();
        for (std::int64_t id = 1; id <= groups; ++id) {
            group->bind(0, id);
            group->bind(1, static_cast<double>(now) / 1e9);
            group->bind(2, now);
            group->bind(3, turn);
            family->bind(0, id);
            family->bind(1, now);
            family->bind_blob(2, metrics);
            family->bind(3, turn);
            done = done && group->run() && family->run();
        }
        if (!done || !commit->run()) return state.SkipWithError("not kept");
    }
    auto const changed = db->integer("SELECT count(*) FROM families WHERE crc32 = " + std::to_string(turn));
    if (!changed || *changed != groups) state.SkipWithError("wrong answer");
    state.SetItemsProcessed(state.iterations() * groups);
}

BENCHMARK(keeper);
BENCHMARK(bare_sqlite);

}  // namespace
