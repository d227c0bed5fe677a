#include <cstddef>
#include <cstdint>
#include <string>

#include <gtest/gtest.h>

#include <pushgateway/format/family_source.hpp>
#include <pushgateway/format/parsed_exposition.hpp>
#include <pushgateway/format/text/parse.hpp>
#include <pushgateway/format/text/write.hpp>

#include "support/any_families.hpp"
#include "support/describe_families.hpp"
#include "support/inputs.hpp"

namespace pushgateway::format::text {
namespace {

std::string write(auto const& source) {
    std::string body;
    source.for_each_family([&body](model::metric_family const& family) { append_family(body, family); });
    return body;
}

TEST(RoundTrip, WhatIsWrittenOfFamiliesReadsAsTheSame) {
    for (std::uint64_t seed = 0; seed < test::inputs() / 20; ++seed) {
        bool const utf8 = seed % 2 == 1;
        test::any_families const made(seed, utf8);
        families const source(made.all());
        auto const body = write(source);
        parsed_exposition parsed;
        auto const read = parse(body, {.utf8_names = utf8}, parsed);
        ASSERT_TRUE(read) << read.error().message << "\n" << body;
        std::size_t i = 0;
        parsed.for_each_family([&](model::metric_family const& family) {
            ASSERT_LT(i, made.all().size());
            ASSERT_TRUE(family == made.all()[i]) << "seed " << seed << ", wrote\n"
                                                 << test::describe(made.all()[i]) << "read\n"
                                                 << test::describe(family);
            ++i;
        });
        ASSERT_EQ(i, made.all().size());
    }
}

}  // namespace
}  // namespace pushgateway::format::text
