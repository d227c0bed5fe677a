/// \file
/// What a batch of pushes costs the thread that keeps them, without syncs, beside an SQLite that changes the same rows
/// and is handed their bytes ready made. Items are pushes. A wrong answer fails the run.
///
/// The file is in the folder TMPDIR, best one in memory.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <benchmark/benchmark.h>

#include <pushgateway/base/error.hpp>
#include <pushgateway/format/parsed_exposition.hpp>
#include <pushgateway/format/text/parse.hpp>
#include <pushgateway/journal/sqlite/persistence_file.hpp>
#include <pushgateway/store/journal_record.hpp>
#include <pushgateway/store/store.hpp>

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

    [[nodiscard]] store::record_list take() const { return std::move(*records_); }

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
    std::string folder = std::filesystem::temp_directory_path() / "pushgateway_journal_benchmark";
    std::string path = folder + "/kept.db";
    collecting_journal collected;
    store::basic_store<collecting_policies> store{{}, {}, {}, {}, collected};
    std::vector<store::record_list> batches;

    scene() {
        std::filesystem::remove_all(folder);
        std::filesystem::create_directories(folder);
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
        std::filesystem::remove_all(folder);
    }

    [[nodiscard]] result<sqlite::persistence_file> open() const {
        auto file = sqlite::persistence_file::claim({.path = path, .sync = sqlite::sync_mode::off});
        if (!file) return file;
        if (auto done = file->open(); !done) return std::unexpected(std::move(done.error()));
        return file;
    }
};

/// The file must hold what the batch `at` pushed, every row with its checksum.
bool holds(scene const& made, std::size_t at) {
    auto const db = sqlite::open_for_reading(made.path);
    if (!db) return false;
    auto rows = db->prepare("SELECT group_id, name, part, type, help, pushed_at, metrics, crc32 FROM families");
    if (!rows) return false;
    std::string metrics;
    auto const* const record = made.batches[at].front();
    store::for_each_own_metric(*record->after->slots().back().pushed,
                               [&metrics](model::metric const& metric) { sqlite::append_metric(metrics, metric); });
    int found = 0;
    for (;;) {
        auto const there = rows->step();
        if (!there) return false;
        if (!*there) return found == groups;
        sqlite::family_row const row{rows->integer(0), rows->bytes(1),   rows->integer(2), rows->bytes(3),
                                     std::nullopt,     rows->integer(5), rows->bytes(6)};
        if (row.metrics != metrics || row.checksum() != rows->integer(7)) return false;
        ++found;
    }
}

void keeper(benchmark::State& state) {
    scene const made;
    auto file = made.open();
    auto kept = file ? file->make_keeper() : std::unexpected(file.error());
    if (!kept || !(*kept)->commit(made.batches[0])) return state.SkipWithError("no file");
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
        auto file = made.open();
        auto kept = file ? file->make_keeper() : std::unexpected(file.error());
        if (!kept || !(*kept)->commit(made.batches[0])) return state.SkipWithError("no file");
    }
    auto const db = sqlite::database::open(made.path);
    if (!db || !db->run("PRAGMA journal_mode=WAL;PRAGMA wal_autocheckpoint=4096;PRAGMA synchronous=OFF")) {
        return state.SkipWithError("no file");
    }
    auto group =
        db->prepare("UPDATE groups SET push_time = push_time, pushed_at = pushed_at + ?2, crc32 = ?3 WHERE id = ?1");
    auto family = db->prepare(
        "UPDATE families SET pushed_at = pushed_at + ?2, metrics = ?3, crc32 = ?4 WHERE group_id = ?1 AND name = "
        "'step_seconds' AND part = 0");
    auto begin = db->prepare("BEGIN IMMEDIATE");
    auto commit = db->prepare("COMMIT");
    if (!group || !family || !begin || !commit) return state.SkipWithError("other tables");
    std::string metrics;
    store::for_each_own_metric(*made.batches[1].front()->after->slots().back().pushed,
                               [&metrics](model::metric const& metric) { sqlite::append_metric(metrics, metric); });
    std::int64_t turn = 0;
    for (auto _ : state) {
        ++turn;
        bool done = begin->run().has_value();
        for (std::int64_t id = 1; id <= groups; ++id) {
            group->bind(0, id);
            group->bind(1, turn);
            group->bind(2, turn);
            family->bind(0, id);
            family->bind(1, turn);
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

BENCHMARK_MAIN();
