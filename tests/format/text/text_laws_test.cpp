/// \file
/// The grammar and the hand-written scanner read one language, and what is written of it reads as the same.

#include "support/text_laws.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <pushgateway/format/text/parse.hpp>

#include "support/inputs.hpp"
#include "support/text_bodies.hpp"

namespace pushgateway::format::text {
namespace {

TEST(TextLaws, OnRandomBodies) {
    for (std::uint64_t seed = 0; seed < test::inputs(); ++seed) {
        test::text_bodies bodies(seed);
        auto body = bodies.body(seed % 3 == 0 ? 3 : 20);
        if (seed % 2 == 0) body = bodies.damaged(std::move(body));
        format::text::parse_options const options{.utf8_names = seed % 5 == 0, .ignore_stray_samples = seed % 7 < 4};
        ASSERT_EQ(test::broken_text_law(body, options), "") << "seed " << seed;
    }
}

TEST(TextLaws, OnLinesInAnyOrder) {
    EXPECT_TRUE(rc::check("shrinks to the lines that matter", [] {
        auto const seeds =
            *rc::gen::container<std::vector<std::uint64_t>>(rc::gen::noShrink(rc::gen::arbitrary<std::uint64_t>()));
        std::string body;
        for (auto const seed : seeds) body += test::text_bodies(seed).line();
        RC_ASSERT(test::broken_text_law(body, {}) == "");
        RC_ASSERT(test::broken_text_law(body, {.ignore_stray_samples = true}) == "");
    }));
}

TEST(TextLaws, OnEveryPrefixOfABody) {
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
        auto const body = test::text_bodies(seed).body(12);
        for (std::size_t size = 0; size <= body.size(); ++size) {
            // A copy of the exact size: reading past the end is an error that tools can see.
            std::vector<char> const exact(body.begin(), body.begin() + static_cast<std::ptrdiff_t>(size));
            ASSERT_EQ(test::broken_text_law({exact.data(), exact.size()}, {}), "");
        }
    }
}

TEST(TextLaws, OnTheNumberOfEverything) {
    for (std::size_t limit : std::to_array<std::size_t>({0, 1, 2, 3, 5})) {
        for (std::uint64_t seed = 0; seed < 500; ++seed) {
            auto const body = test::text_bodies(seed).body(6);
            ASSERT_EQ(test::broken_text_law(body, {.bounds = {.labels_per_sample = limit}}), "") << "seed " << seed;
            ASSERT_EQ(test::broken_text_law(body, {.bounds = {.families = limit}}), "") << "seed " << seed;
            ASSERT_EQ(test::broken_text_law(body, {.bounds = {.samples = limit}}), "") << "seed " << seed;
        }
    }
}

}  // namespace
}  // namespace pushgateway::format::text
