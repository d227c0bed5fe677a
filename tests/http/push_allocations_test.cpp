// What a push allocates: nothing for each sample. Counts the calls of operator new in this program.

#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <functional>
#include <new>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include <pushgateway/format/protobuf/write.hpp>
#include <pushgateway/http/message.hpp>
#include <pushgateway/model/label.hpp>
#include <pushgateway/model/metric_family.hpp>

#include "support/routed.hpp"

namespace {

std::atomic<std::size_t> allocations{0};

void* counted(std::size_t size) {
    ++allocations;
    if (void* memory = std::malloc(size)) return memory;
    throw std::bad_alloc();
}

}  // namespace

void* operator new(std::size_t size) { return counted(size); }
void* operator new[](std::size_t size) { return counted(size); }
void* operator new(std::size_t size, std::nothrow_t const&) noexcept { return ++allocations, std::malloc(size); }
void* operator new[](std::size_t size, std::nothrow_t const&) noexcept { return ++allocations, std::malloc(size); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }

namespace pushgateway::http {
namespace {

std::string text(int samples) {
    std::string out = "# TYPE m gauge\n";
    for (int i = 0; i != samples; ++i) out += "m{number=\"" + std::to_string(i) + "\"} " + std::to_string(i) + "\n";
    return out;
}

std::string openmetrics(int samples) { return text(samples) + "# EOF\n"; }

std::string protobuf(int samples) {
    std::vector<std::string> numbers;
    for (int i = 0; i != samples; ++i) numbers.push_back(std::to_string(i));
    std::vector<model::label> labels;
    for (auto const& n : numbers) labels.push_back({"number", n});
    std::vector<model::metric> metrics;
    for (auto const& l : labels) metrics.push_back({{&l, 1}, model::gauge{1.5}});
    std::string out;
    format::protobuf::append_family(out, {"m", {}, model::metric_type::gauge, metrics});
    return out;
}

struct way {
    std::string_view name;
    std::string_view content_type;
    std::function<std::string(int)> body;
};

struct push_allocations : testing::TestWithParam<way> {
    /// How often memory is asked for when a group gets such samples that has had as many before.
    std::size_t of(int samples) const {
        test::routed gateway;
        auto const body = GetParam().body(samples);
        std::vector<field> const fields{{"Content-Type", std::string(GetParam().content_type)}};
        for (int i = 0; i != 2; ++i) {
            EXPECT_EQ(gateway.send("POST", "/metrics/job/j", body, fields).status, 200);
        }
        auto const before = allocations.load();
        EXPECT_EQ(gateway.send("POST", "/metrics/job/j", body, fields).status, 200);
        return allocations.load() - before;
    }
};

TEST_P(push_allocations, do_not_grow_with_the_samples) {
    auto const few = of(50);
    EXPECT_GT(few, 0u) << "nothing is counted";
    // As a buffer that grows by half is allocated anew now and then.
    EXPECT_LT(of(2000), few + 20);
}

INSTANTIATE_TEST_SUITE_P(
    formats, push_allocations,
    testing::Values(way{"text", "text/plain; version=0.0.4", text},
                    way{"openmetrics", "application/openmetrics-text; version=1.0.0", openmetrics},
                    way{"protobuf",
                        "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited",
                        protobuf}),
    [](auto const& instance) { return std::string(instance.param.name); });

}  // namespace
}  // namespace pushgateway::http
