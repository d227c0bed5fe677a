#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <pushgateway/format/decoded_families.hpp>
#include <pushgateway/format/family_source.hpp>
#include <pushgateway/format/openmetrics/parse.hpp>
#include <pushgateway/format/openmetrics/write.hpp>

#include "support/describe_families.hpp"
#include "support/inputs.hpp"
#include "support/metric_sets.hpp"

namespace pushgateway::format::openmetrics {
namespace {

std::string write(auto const& source) {
    std::string body;
    source.for_each_family([&body](model::metric_family const& family) { append_family(body, family); });
    body += end;
    return body;
}

TEST(OpenMetricsRoundTrip, WhatIsWrittenOfFamiliesReadsAsTheSame) {
    EXPECT_TRUE(rc::check("read(write(x)) = x", [](std::uint64_t seed, bool utf8) {
        test::metric_sets const made(seed, utf8);
        auto const body = write(families(made.all()));
        decoded_families decoded;
        auto const read = parse(body, {.utf8_names = utf8}, decoded);
        if (!read) RC_FAIL(read.error().message + "\n" + body);
        RC_ASSERT(test::describe(decoded) == test::describe(families(made.all())));
    }));
}

TEST(OpenMetricsRoundTrip, ManyTimes) {
    decoded_families decoded;
    for (std::uint64_t seed = 0; seed < test::inputs() / 20; ++seed) {
        test::metric_sets const made(seed, seed % 2 == 1);
        auto const body = write(families(made.all()));
        auto const read = parse(body, {.utf8_names = seed % 2 == 1}, decoded);
        ASSERT_TRUE(read) << "seed " << seed << ": " << read.error().message << "\n" << body;
        ASSERT_EQ(test::describe(decoded), test::describe(families(made.all()))) << "seed " << seed << "\n" << body;
    }
}

TEST(OpenMetricsRoundTrip, NoCutBodyReadsBeyondItsEndOrAsAWhole) {
    decoded_families decoded;
    for (std::uint64_t seed = 0; seed < test::inputs() / 500; ++seed) {
        auto const body = write(families(test::metric_sets(seed, true).all()));
        for (std::size_t size = 0; size + 1 < body.size(); size += 1 + size / 64) {
            // A block of the exact size: a read past the end is seen by the address sanitizer.
            std::string const cut(body, 0, size);
            auto const read = parse(cut, {.utf8_names = true}, decoded);
            ASSERT_FALSE(read) << cut;
            ASSERT_TRUE(read.error().message.starts_with("OpenMetrics parsing error in line ")) << cut;
        }
    }
}

}  // namespace
}  // namespace pushgateway::format::openmetrics
