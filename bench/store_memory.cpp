// Memory per series: fills a store with the typical layout (groups of 22 series in 15 families), scrapes it, and prints
// what the process takes. A program of its own, since a heap does not shrink.
//
//     store_memory [groups]

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include <unistd.h>

#include <pushgateway/format/parsed_exposition.hpp>
#include <pushgateway/format/text/parse.hpp>
#include <pushgateway/store/store.hpp>

namespace {

using namespace pushgateway;

/// Resident memory in bytes.
std::size_t resident() {
    auto* const file = std::fopen("/proc/self/statm", "r");
    if (file == nullptr) return 0;
    unsigned long total = 0;
    unsigned long pages = 0;
    int const read = std::fscanf(file, "%lu %lu", &total, &pages);
    std::fclose(file);
    return read == 2 ? pages * static_cast<std::size_t>(sysconf(_SC_PAGESIZE)) : 0;
}

/// 22 series: 13 counters and gauges with two labels, a histogram with five lines, a summary with four.
std::string body_of(std::uint64_t group) {
    std::string body;
    auto const number = [&](std::uint64_t i) { return std::to_string((group * 7919 + i * 104729) % 1'000'003); };
    for (std::uint64_t i = 0; i != 13; ++i) {
        auto const name = "batch_metric_" + std::to_string(i) + (i % 2 == 0 ? "_total" : "");
        body += "# HELP " + name + " A number that a batch job reports about itself.\n";
        body += "# TYPE " + name + (i % 2 == 0 ? " counter\n" : " gauge\n");
        body += name + "{method=\"GET\",code=\"200\"} " + number(i) + "\n";
    }
    body += "# TYPE batch_size_bytes histogram\n";
    for (char const* bound : {"100", "10000", "+Inf"}) {
        body += std::string("batch_size_bytes_bucket{le=\"") + bound + "\"} " + number(20) + "\n";
    }
    body += "batch_size_bytes_sum " + number(21) + "\nbatch_size_bytes_count " + number(20) + "\n";
    body += "# TYPE batch_duration_seconds summary\n";
    body += "batch_duration_seconds{quantile=\"0.5\"} 0.25\nbatch_duration_seconds{quantile=\"0.99\"} 1.5\n";
    body += "batch_duration_seconds_sum " + number(22) + "\nbatch_duration_seconds_count " + number(23) + "\n";
    return body;
}

}  // namespace

int main(int argc, char** argv) {
    std::uint64_t const groups = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 10'000;
    auto const before = resident();
    store::basic_store<> store;
    format::parsed_exposition parsed;
    auto const push = [&](std::uint64_t i) {
        auto const body = body_of(i);
        auto const key = model::grouping_key("batch").set("instance", "host-" + std::to_string(i % groups));
        if (!format::text::parse(body, {}, parsed) || !store.push(key, push_mode::replace, parsed)) std::abort();
    };
    for (std::uint64_t i = 0; i != groups; ++i) push(i);
    auto const filled = resident();
    std::size_t text = 0;
    auto const scrape = [&] {
        text = 0;
        auto const snapshot = store.scrape();
        for (auto const& family : snapshot.families()) {
            for (auto const& page : family.pages()) text += page.text().size();
        }
    };
    scrape();
    auto const scraped = resident();
    for (std::uint64_t i = 0; i != groups; ++i) push(groups + i * 7919);
    scrape();
    auto const again = resident();

    auto const series = store.statistics().series;
    if (series != groups * 24) {
        std::fputs("series are missing\n", stderr);
        return 1;
    }
    auto const per_series = [&](std::size_t bytes) {
        return static_cast<double>(bytes - before) / static_cast<double>(series);
    };
    std::printf("%llu groups, %llu series, %zu bytes of text\n", static_cast<unsigned long long>(groups),
                static_cast<unsigned long long>(series), text);
    std::printf("after the pushes:           %8.1f MiB, %6.1f bytes per series\n",
                static_cast<double>(filled) / 1048576, per_series(filled));
    std::printf("after a scrape:             %8.1f MiB, %6.1f bytes per series\n",
                static_cast<double>(scraped) / 1048576, per_series(scraped));
    std::printf("all pushed again, scraped:  %8.1f MiB, %6.1f bytes per series\n", static_cast<double>(again) / 1048576,
                per_series(again));
    return 0;
}
