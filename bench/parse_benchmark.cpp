/// \file
/// The text format: the grammar against a hand-written scanner that does the same, folding, writing, and numbers.
/// A wrong answer fails the run.

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include <pushgateway/base/number.hpp>
#include <pushgateway/format/decoded_families.hpp>
#include <pushgateway/format/openmetrics/parse.hpp>
#include <pushgateway/format/openmetrics/write.hpp>
#include <pushgateway/format/parsed_exposition.hpp>
#include <pushgateway/format/text/parse.hpp>
#include <pushgateway/format/text/write.hpp>

#include "support/exposition_samples.hpp"
#include "support/text_scanner.hpp"

namespace {

using namespace pushgateway;
using test::exposition_sample;

exposition_sample const& node() {
    static auto const sample = test::node_exposition();
    return sample;
}

exposition_sample const& million() {
    static auto const sample = test::million_samples();
    return sample;
}

void count_work(benchmark::State& state, exposition_sample const& sample) {
    auto const rounds = state.iterations();
    state.SetBytesProcessed(rounds * static_cast<std::int64_t>(sample.body.size()));
    state.SetItemsProcessed(rounds * static_cast<std::int64_t>(sample.samples));
}

bool is_right(format::parsed_exposition const& parsed, exposition_sample const& sample) {
    return parsed.sample_count() == sample.samples && parsed.family_count() == sample.families;
}

void grammar(benchmark::State& state, exposition_sample const& (*source)()) {
    auto const& sample = source();
    format::parsed_exposition parsed;
    for (auto _ : state) {
        if (!format::text::parse(sample.body, {}, parsed) || !is_right(parsed, sample))
            return state.SkipWithError("wrong answer");
    }
    count_work(state, sample);
}

/// The same samples in OpenMetrics.
void openmetrics(benchmark::State& state, exposition_sample const& (*source)()) {
    auto const& sample = source();
    format::parsed_exposition parsed;
    if (!format::text::parse(sample.body, {}, parsed)) return state.SkipWithError("does not parse");
    std::string body;
    parsed.for_each_family([&](auto const& family) { format::openmetrics::append_family(body, family); });
    body += format::openmetrics::end;
    format::decoded_families decoded;
    for (auto _ : state) {
        if (!format::openmetrics::parse(body, {}, decoded)) return state.SkipWithError("wrong answer");
    }
    std::string again;
    decoded.for_each_family([&](auto const& family) { format::openmetrics::append_family(again, family); });
    if (again + std::string(format::openmetrics::end) != body) state.SkipWithError("wrong answer");
    count_work(state, sample);
}

void scanner(benchmark::State& state, exposition_sample const& (*source)()) {
    auto const& sample = source();
    format::parsed_exposition parsed;
    for (auto _ : state) {
        if (test::scan_text(sample.body, {}, parsed) || !is_right(parsed, sample))
            return state.SkipWithError("wrong answer");
    }
    count_work(state, sample);
}

/// `for_each_family` over what was parsed.
void fold(benchmark::State& state, exposition_sample const& (*source)()) {
    auto const& sample = source();
    format::parsed_exposition parsed;
    if (!format::text::parse(sample.body, {}, parsed)) return state.SkipWithError("does not parse");
    for (auto _ : state) {
        std::size_t families = 0;
        std::size_t metrics = 0;
        parsed.for_each_family([&](model::metric_family const& family) {
            ++families;
            metrics += family.metrics.size();
        });
        if (families != sample.families || metrics > sample.samples || metrics == 0)
            return state.SkipWithError("wrong answer");
    }
    count_work(state, sample);
}

/// Folding and writing; what is written must read as the same again.
void write(benchmark::State& state, exposition_sample const& (*source)()) {
    auto const& sample = source();
    format::parsed_exposition parsed;
    if (!format::text::parse(sample.body, {}, parsed)) return state.SkipWithError("does not parse");
    std::string out;
    for (auto _ : state) {
        out.clear();
        parsed.for_each_family([&](model::metric_family const& family) { format::text::append_family(out, family); });
        benchmark::DoNotOptimize(out.data());
    }
    if (out != sample.body) state.SkipWithError("wrong answer");
    count_work(state, sample);
}

std::vector<double> numbers(bool whole) {
    std::mt19937_64 random(3);
    std::vector<double> values(10'000);
    for (auto& v : values) v = whole ? static_cast<double>(random() % 1'000'000) : static_cast<double>(random()) / 1e12;
    return values;
}

void write_numbers(benchmark::State& state, bool whole) {
    auto const values = numbers(whole);
    char out[float_width];
    for (auto _ : state) {
        std::size_t size = 0;
        for (double const v : values) size += static_cast<std::size_t>(write_float(out, v) - out);
        if (size < values.size()) return state.SkipWithError("wrong answer");
    }
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(values.size()));
}

void read_numbers(benchmark::State& state, bool whole) {
    auto const values = numbers(whole);
    std::vector<std::string> texts(values.size());
    for (std::size_t i = 0; i < values.size(); ++i) append_float(texts[i], values[i]);
    for (auto _ : state) {
        for (std::size_t i = 0; i < values.size(); ++i) {
            double value = 0;
            if (!parse_float(texts[i], value) || value != values[i]) return state.SkipWithError("wrong answer");
        }
    }
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(values.size()));
}

BENCHMARK_CAPTURE(grammar, node, node);
BENCHMARK_CAPTURE(openmetrics, node, node);
BENCHMARK_CAPTURE(scanner, node, node);
BENCHMARK_CAPTURE(fold, node, node);
BENCHMARK_CAPTURE(write, node, node);
BENCHMARK_CAPTURE(grammar, million, million)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(openmetrics, million, million)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(scanner, million, million)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(fold, million, million)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(write, million, million)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(read_numbers, whole, true);
BENCHMARK_CAPTURE(read_numbers, fraction, false);
BENCHMARK_CAPTURE(write_numbers, whole, true);
BENCHMARK_CAPTURE(write_numbers, fraction, false);

}  // namespace
