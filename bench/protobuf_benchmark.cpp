/// \file
/// Protobuf beside the text format, with the same samples: reading into families, and writing. Items are samples, lines
/// of the text format, for both. A wrong answer fails the run.
///
/// With PUSHGATEWAY_BENCHMARK_BODIES the bodies are written to that folder, for other decoders to be held against:
/// bench/go_decoders.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <string>
#include <utility>

#include <benchmark/benchmark.h>

#include <pushgateway/format/parsed_exposition.hpp>
#include <pushgateway/format/protobuf/parse.hpp>
#include <pushgateway/format/protobuf/write.hpp>
#include <pushgateway/format/text/parse.hpp>

#include "support/exposition_samples.hpp"

namespace {

using namespace pushgateway;
namespace protobuf = format::protobuf;

/// A body in both formats.
struct bodies {
    std::string name;
    test::exposition_sample text;
    std::string messages;
    std::size_t metrics = 0;

    bodies(std::string called, test::exposition_sample sample) : name(std::move(called)), text(std::move(sample)) {
        format::parsed_exposition parsed;
        if (!format::text::parse(text.body, {}, parsed)) std::abort();
        parsed.for_each_family([this](model::metric_family const& family) {
            protobuf::append_family(messages, family);
            metrics += family.metrics.size();
        });
        if (char const* const folder = std::getenv("PUSHGATEWAY_BENCHMARK_BODIES")) {
            std::ofstream(std::string(folder) + '/' + name + ".txt", std::ios::binary) << text.body;
            std::ofstream(std::string(folder) + '/' + name + ".pb", std::ios::binary) << messages;
        }
    }
};

bodies const& node() {
    static bodies const made("node", test::node_exposition());
    return made;
}

bodies const& million() {
    static bodies const made("million", test::million_samples());
    return made;
}

void count_work(benchmark::State& state, bodies const& of, std::size_t bytes) {
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(bytes));
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(of.text.samples));
}

/// The metrics that a source hands out.
template <class Source>
std::size_t metrics_of(Source const& source) {
    std::size_t metrics = 0;
    source.for_each_family([&metrics](model::metric_family const& family) { metrics += family.metrics.size(); });
    return metrics;
}

void read_messages(benchmark::State& state, bodies const& (*source)()) {
    auto const& body = source();
    format::decoded_families decoded;
    for (auto _ : state) {
        if (!protobuf::parse(body.messages, {}, decoded) || metrics_of(decoded) != body.metrics) {
            return state.SkipWithError("wrong answer");
        }
    }
    count_work(state, body, body.messages.size());
}

void read_text(benchmark::State& state, bodies const& (*source)()) {
    auto const& body = source();
    format::parsed_exposition parsed;
    for (auto _ : state) {
        if (!format::text::parse(body.text.body, {}, parsed) || metrics_of(parsed) != body.metrics) {
            return state.SkipWithError("wrong answer");
        }
    }
    count_work(state, body, body.text.body.size());
}

void write_messages(benchmark::State& state, bodies const& (*source)()) {
    auto const& body = source();
    format::decoded_families decoded;
    if (!protobuf::parse(body.messages, {}, decoded)) return state.SkipWithError("does not parse");
    std::string out;
    for (auto _ : state) {
        out.clear();
        decoded.for_each_family([&out](model::metric_family const& family) { protobuf::append_family(out, family); });
    }
    if (out != body.messages) state.SkipWithError("wrong answer");
    count_work(state, body, body.messages.size());
}

BENCHMARK_CAPTURE(read_messages, node, node);
BENCHMARK_CAPTURE(read_text, node, node);
BENCHMARK_CAPTURE(write_messages, node, node);
BENCHMARK_CAPTURE(read_messages, million, million)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(read_text, million, million)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(write_messages, million, million)->Unit(benchmark::kMillisecond);

}  // namespace
