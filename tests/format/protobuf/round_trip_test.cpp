#include <cstddef>
#include <cstdint>
#include <string>

#include <gtest/gtest.h>

#include <pushgateway/format/protobuf/parse.hpp>
#include <pushgateway/format/protobuf/write.hpp>

#include "support/any_families.hpp"
#include "support/describe_families.hpp"
#include "support/inputs.hpp"

namespace pushgateway::format::protobuf {
namespace {

TEST(ProtobufRoundTrip, WhatIsWrittenOfFamiliesReadsAsTheSame) {
    decoded_families decoded;
    for (std::uint64_t seed = 0; seed < test::inputs() / 20; ++seed) {
        test::any_families const made(seed, seed % 2 == 1, {.rich = true});
        std::string body;
        for (auto const& family : made.all()) append_family(body, family);
        auto const read = parse(body, {}, decoded);
        ASSERT_TRUE(read) << "seed " << seed << ": " << read.error().message;
        std::size_t i = 0;
        decoded.for_each_family([&](model::metric_family const& family) {
            ASSERT_LT(i, made.all().size());
            ASSERT_TRUE(family == made.all()[i]) << "seed " << seed << ", wrote\n"
                                                 << test::describe(made.all()[i]) << "read\n"
                                                 << test::describe(family);
            ++i;
        });
        ASSERT_EQ(i, made.all().size());
    }
}

TEST(ProtobufRoundTrip, NoCutOrDamagedBodyReadsBeyondItsEnd) {
    decoded_families decoded;
    for (std::uint64_t seed = 0; seed < test::inputs() / 200; ++seed) {
        test::any_families const made(seed, false, {.rich = true});
        std::string body;
        for (auto const& family : made.all()) append_family(body, family);
        for (std::size_t size = 0; size < body.size(); size += 1 + size / 64) {
            // A block of the exact size: a read past the end is seen by the address sanitizer.
            std::string const cut(body, 0, size);
            auto const read = parse(cut, {}, decoded);
            ASSERT_TRUE(read || read.error().message.starts_with("protobuf parsing error at byte "));
        }
    }
}

}  // namespace
}  // namespace pushgateway::format::protobuf
