// What a push and a scrape cost, by how much is stored. Every benchmark checks what the store answers afterwards.

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <random>
#include <string>
#include <string_view>

#include <benchmark/benchmark.h>

#include <pushgateway/format/parsed_exposition.hpp>
#include <pushgateway/format/text/parse.hpp>
#include <pushgateway/store/store.hpp>

namespace {

using namespace pushgateway;

/// What a batch job pushes: six samples. The digits are overwritten by every push.
std::string const job_body =
    "# HELP job_duration_seconds How long the phases took.\n"
    "# TYPE job_duration_seconds gauge\n"
    "job_duration_seconds{phase=\"load\"} 12.5\n"
    "job_duration_seconds{phase=\"store\"} 3.25\n"
    "# TYPE job_records_total counter\n"
    "job_records_total{status=\"ok\"} 000000\n"
    "job_records_total{status=\"failed\"} 3\n"
    "# TYPE job_last_success_timestamp_seconds gauge\n"
    "job_last_success_timestamp_seconds 1.7e+09\n"
    "# TYPE job_memory_bytes gauge\n"
    "job_memory_bytes 1.2e+08\n";

model::grouping_key key_of(std::uint64_t group) {
    char digits[24];
    auto const end = std::to_chars(digits, digits + sizeof digits, group).ptr;
    model::grouping_key key("backup");
    key.set("instance", {digits, static_cast<std::size_t>(end - digits)});
    return key;
}

void set_number(std::string& body, std::uint64_t number) {
    static auto const at = job_body.find("000000");
    for (std::size_t i = 6; i-- > 0; number /= 10) body[at + i] = static_cast<char>('0' + number % 10);
}

format::parsed_exposition parsed_once(std::string const& body) {
    format::parsed_exposition parsed;
    if (!format::text::parse(body, {}, parsed)) std::abort();
    return parsed;
}

/// `count` groups, each as the job pushes it.
void fill(store::basic_store<>& store, std::uint64_t count) {
    auto const parsed = parsed_once(job_body);
    for (std::uint64_t i = 0; i != count; ++i) {
        if (!store.push(key_of(i), push_mode::replace, parsed)) std::abort();
    }
}

std::string whole(store::basic_store<> const& store) {
    std::string text;
    store.scrape().append_to(text);
    return text;
}

/// The groups in the order of their numbers, or each time another one by chance.
struct order {
    std::uint64_t count;
    bool random;
    std::uint64_t state = 1;

    std::uint64_t next() noexcept {
        if (!random) return state++ % count;
        state += 0x9e3779b97f4a7c15u;
        return mix(state, 0xd1b54a32d192ed03u) % count;
    }
};

/// A checked push of six lines into one of `groups` groups. `parsing`: with the parser.
void push_again(benchmark::State& state, bool random, bool parsing) {
    auto const groups = static_cast<std::uint64_t>(state.range(0));
    store::basic_store<> store;
    fill(store, groups);
    std::string body = job_body;
    auto parsed = parsed_once(body);
    order visit{groups, random};
    std::uint64_t pushed = 0;
    std::uint64_t last = 0;
    for (auto _ : state) {
        last = visit.next();
        if (parsing) {
            set_number(body, ++pushed % 1'000'000);
            if (!format::text::parse(body, {}, parsed)) std::abort();
        }
        if (!store.push(key_of(last), push_mode::replace, parsed)) std::abort();
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()));

    auto const text = whole(store);
    std::string expected = "job_records_total{instance=\"" + std::to_string(last) + "\",job=\"backup\",status=\"ok\"} ";
    auto const value = parsing ? pushed % 1'000'000 : 0;
    std::string number;
    append_float(number, static_cast<double>(value));
    if (text.find(expected + number + "\n") == std::string::npos) state.SkipWithError("the last push is not there");
    if (store.statistics().series != groups * 8) state.SkipWithError("series are missing");
}

void BM_push_in_turn(benchmark::State& state) { push_again(state, false, false); }
void BM_push_at_random(benchmark::State& state) { push_again(state, true, false); }
void BM_parse_and_push_in_turn(benchmark::State& state) { push_again(state, false, true); }
void BM_parse_and_push_at_random(benchmark::State& state) { push_again(state, true, true); }

BENCHMARK(BM_push_in_turn)->Arg(10)->Arg(1'000)->Arg(10'000)->Arg(100'000);
BENCHMARK(BM_push_at_random)->Arg(10)->Arg(1'000)->Arg(10'000)->Arg(100'000);
BENCHMARK(BM_parse_and_push_in_turn)->Arg(10)->Arg(1'000)->Arg(10'000)->Arg(100'000);
BENCHMARK(BM_parse_and_push_at_random)->Arg(10)->Arg(1'000)->Arg(10'000)->Arg(100'000);

/// A push that makes a group and one that removes it, beside `groups` others.
void BM_push_and_erase_new_group(benchmark::State& state) {
    auto const groups = static_cast<std::uint64_t>(state.range(0));
    store::basic_store<> store;
    fill(store, groups);
    auto const parsed = parsed_once(job_body);
    std::uint64_t n = groups;
    for (auto _ : state) {
        auto const key = key_of(n++);
        if (!store.push(key, push_mode::replace, parsed)) std::abort();
        if (!store.erase(key)) std::abort();
    }
    if (store.statistics().series != groups * 8) state.SkipWithError("series are left behind");
}
BENCHMARK(BM_push_and_erase_new_group)->Arg(10)->Arg(1'000)->Arg(10'000)->Arg(100'000);

/// A refused push: what it clashes with is in another group.
void BM_refused_push(benchmark::State& state) {
    auto const groups = static_cast<std::uint64_t>(state.range(0));
    store::basic_store<> store;
    fill(store, groups);
    std::string const body = "# TYPE job_memory_bytes counter\njob_memory_bytes 1\n";
    auto const parsed = parsed_once(body);
    order visit{groups, true};
    for (auto _ : state) {
        if (store.push(key_of(visit.next()), push_mode::replace, parsed)) std::abort();
    }
    if (store.statistics().series != groups * 8) state.SkipWithError("a refused push changed something");
}
BENCHMARK(BM_refused_push)->Arg(10)->Arg(100'000);

/// A scrape of 10,000 groups after `range(0)` of them changed, neighbours.
void BM_scrape_after_changes(benchmark::State& state) {
    constexpr std::uint64_t groups = 10'000;
    auto const changed = static_cast<std::uint64_t>(state.range(0));
    store::basic_store<> store;
    fill(store, groups);
    auto const size = whole(store).size();
    std::string body = job_body;
    std::uint64_t pushed = 0;
    std::string text;
    text.reserve(size * 2);
    for (auto _ : state) {
        state.PauseTiming();
        set_number(body, ++pushed % 1'000'000);
        auto const parsed = parsed_once(body);
        for (std::uint64_t i = 0; i != changed; ++i) {
            if (!store.push(key_of((groups - changed) / 2 + i), push_mode::replace, parsed)) std::abort();
        }
        text.clear();
        state.ResumeTiming();
        store.scrape().append_to(text);
    }
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
    std::size_t found = 0;
    std::string number;
    append_float(number, static_cast<double>(pushed % 1'000'000));
    auto const line = "status=\"ok\"} " + number + "\n";
    for (auto at = text.find(line); at != std::string::npos; at = text.find(line, at + 1)) ++found;
    if (found != changed) state.SkipWithError("the scrape misses pushes");
    if (std::ranges::count(text, '\n') != static_cast<std::ptrdiff_t>(groups * 8 + 6 * 2 - 3)) {
        state.SkipWithError("the scrape has another number of lines");
    }
}
BENCHMARK(BM_scrape_after_changes)
    ->Arg(0)
    ->Arg(1)
    ->Arg(10)
    ->Arg(100)
    ->Arg(1'000)
    ->Arg(10'000)
    ->Unit(benchmark::kMicrosecond);

/// How long a snapshot for a scrape holds the lock: nothing is rendered.
void BM_snapshot(benchmark::State& state) {
    auto const groups = static_cast<std::uint64_t>(state.range(0));
    store::basic_store<> store;
    fill(store, groups);
    std::size_t families = 0;
    for (auto _ : state) {
        auto const snapshot = store.scrape();
        families = snapshot.family_count();
    }
    if (families != 6) state.SkipWithError("families are missing");
}
BENCHMARK(BM_snapshot)->Arg(10)->Arg(1'000)->Arg(100'000)->Unit(benchmark::kMicrosecond);

}  // namespace
