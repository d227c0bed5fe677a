// Which native histograms a store takes: those that Prometheus takes, whoever pushes them.

#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <pushgateway/format/family_source.hpp>
#include <pushgateway/model/native_rules.hpp>
#include <pushgateway/store/store.hpp>

#include "compiled/store.hpp"

namespace pushgateway::test {
namespace {

constexpr auto nan = std::numeric_limits<double>::quiet_NaN();
constexpr auto infinity = std::numeric_limits<double>::infinity();

/// One side with all that it refers to.
template <class Number>
struct side {
    std::vector<model::bucket_span> spans;
    std::vector<Number> buckets;
    operator model::native_side<Number>() const { return {spans, buckets}; }  // NOLINT: where a view is wanted
};

/// What a store says about a native histogram; empty if it takes it.
template <class Count, class Number>
std::string judged(Count count, double sum, std::int32_t schema, double threshold, Count zeros,
                   side<Number> const& negative, side<Number> const& positive,
                   model::metric_type type = model::metric_type::histogram) {
    model::basic_native_buckets<Count> const native{schema, threshold, zeros, negative, positive};
    model::label const label{"l", "v"};
    model::metric const metric{{&label, 1}, model::basic_histogram<Count>{count, sum, {}, &native}};
    model::metric_family const family{"h", std::nullopt, type, {&metric, 1}};
    store::basic_store<default_policies> store;
    auto const pushed = store.push(model::grouping_key("j"), push_mode::replace, format::families({&family, 1}));
    if (pushed) return {};
    EXPECT_EQ(pushed.error().code, errc::inconsistent);
    constexpr std::string_view prefix = "pushed metrics are invalid or inconsistent with existing metrics: h{l=\"v\"} ";
    EXPECT_TRUE(pushed.error().message.starts_with(prefix)) << pushed.error().message;
    return pushed.error().message.substr(prefix.size());
}

using whole = side<std::int64_t>;
using floats = side<double>;

std::string of_integers(std::uint64_t count, whole const& positive, whole const& negative = {}, double sum = 1,
                        std::int32_t schema = 0, std::uint64_t zeros = 0, double threshold = 0.001) {
    return judged<std::uint64_t, std::int64_t>(count, sum, schema, threshold, zeros, negative, positive);
}

std::string of_floats(double count, floats const& positive, floats const& negative = {}, double zeros = 0,
                      model::metric_type type = model::metric_type::histogram) {
    return judged<double, double>(count, 1, 0, 0.001, zeros, negative, positive, type);
}

TEST(NativeRules, TheCountOfIntegersIsWhatTheBucketsHold) {
    EXPECT_EQ(of_integers(10, {{{0, 2}}, {3, 1}}, {{{2, 1}}, {1}}, 1, 0, 2), "");
    EXPECT_EQ(of_integers(11, {{{0, 2}}, {3, 1}}, {{{2, 1}}, {1}}, 1, 0, 2),
              "has native buckets that hold 10 observations, but the count 11");
    EXPECT_EQ(of_integers(9, {{{0, 2}}, {3, 1}}, {{{2, 1}}, {1}}, 1, 0, 2),
              "has native buckets that hold 10 observations, but the count 9");
    EXPECT_EQ(of_integers(11, {{{0, 2}}, {3, 1}}, {{{2, 1}}, {1}}, nan, 0, 2), "") << "one was no number";
    EXPECT_EQ(of_integers(9, {{{0, 2}}, {3, 1}}, {{{2, 1}}, {1}}, nan, 0, 2),
              "has native buckets that hold 10 observations, but the count 9");
}

TEST(NativeRules, FloatsNeedOnlyNotBeNegative) {
    for (double const count : {0.0, 1.5, 100.0, nan, infinity}) {
        EXPECT_EQ(of_floats(count, {{{0, 1}}, {3}}), "");
        EXPECT_EQ(of_floats(count, {{{0, 2}}, {nan, infinity}}), "");
        EXPECT_EQ(of_floats(3, {{{0, 1}}, {3}}, {}, count), "");
    }
    for (auto const type : {model::metric_type::histogram, model::metric_type::gauge_histogram}) {
        EXPECT_EQ(of_floats(-1, {{{0, 1}}, {3}}, {}, 0, type), "has the count -1");
        EXPECT_EQ(of_floats(3, {{{0, 1}}, {3}}, {}, -0.5, type), "has the count -0.5 near zero");
        EXPECT_EQ(of_floats(3, {{{0, 2}}, {3, -2}}, {}, 0, type), "has the count -2 in its positive native bucket 2");
        EXPECT_EQ(of_floats(3, {}, {{{0, 1}}, {-2}}, 0, type), "has the count -2 in its negative native bucket 1");
    }
}

TEST(NativeRules, SpansFitTheBucketsAndAnIndexOf32Bits) {
    constexpr auto least = std::numeric_limits<std::int32_t>::min();
    constexpr auto most = std::numeric_limits<std::int32_t>::max();
    EXPECT_EQ(of_integers(1, {{{0, 2}}, {1}}), "has 1 positive native buckets, but spans for 2");
    EXPECT_EQ(of_integers(1, {}, {{}, {1}}), "has 1 negative native buckets, but spans for 0");
    EXPECT_EQ(of_integers(2, {{{0, 1}, {-1, 1}}, {1, 0}}),
              "has native buckets whose positive span 2 begins before the end of the one before");
    EXPECT_EQ(of_integers(1, {{{least, 1}}, {1}}), "has native buckets whose positive span 1 begins below any index");
    EXPECT_EQ(of_integers(1, {{{least + 1, 1}}, {1}}), "");
    EXPECT_EQ(of_integers(1, {{{most, 1}}, {1}}), "");
    EXPECT_EQ(of_integers(2, {}, {{{most, 2}}, {1, 0}}),
              "has native buckets whose negative span 1 ends above any index");
    EXPECT_EQ(of_integers(0, {{{0, 0xffffffff}}, {}}), "has native buckets whose positive span 1 ends above any index");
    EXPECT_EQ(of_integers(0, {{{0, 0}}, {}}), "") << "so a library says that it is a native one";
}

TEST(NativeRules, BucketsOfIntegersDoNotGoBelowZero) {
    EXPECT_EQ(of_integers(1, {{{0, 2}}, {1, -2}}), "has the count -1 in its positive native bucket 2");
    constexpr auto most = std::numeric_limits<std::int64_t>::max();
    EXPECT_EQ(of_integers(1, {{{0, 2}}, {most, most}}), "has the count -2 in its positive native bucket 2");
    // As 64 bits add them up.
    EXPECT_EQ(of_integers(std::uint64_t{0} - 2, {{{0, 2}}, {most, 0}}), "");
}

TEST(NativeRules, SchemasAreKnownAndTheZeroBucketIsAsWideAsItWants) {
    EXPECT_EQ(of_integers(1, {{{0, 1}}, {1}}, {}, 1, -4), "");
    EXPECT_EQ(of_integers(1, {{{0, 1}}, {1}}, {}, 1, 8), "");
    EXPECT_EQ(of_integers(1, {{{0, 1}}, {1}}, {}, 1, 9), "has native buckets of schema 9, which is none from -4 to 8");
    EXPECT_EQ(of_integers(1, {{{0, 1}}, {1}}, {}, 1, -53),
              "has native buckets of schema -53, which is none from -4 to 8");
    for (double const threshold : {-1.0, 0.0, nan, infinity}) {
        EXPECT_EQ(of_integers(1, {{{0, 1}}, {1}}, {}, 1, 0, 0, threshold), "");
    }
}

TEST(NativeRules, WhatIsReadAsClassicMayHaveAnyCount) {
    EXPECT_EQ(of_integers(7, {}, {}, 1, 0, 0, 0), "");
    EXPECT_EQ(of_integers(7, {}, {}, 1, 99, 0, 0), "");
    EXPECT_EQ(of_integers(7, {}, {}, 1, 0, 0, 0.1), "has native buckets that hold 0 observations, but the count 7");
    EXPECT_EQ(of_integers(7, {}, {}, 1, 0, 1, 0), "has native buckets that hold 1 observations, but the count 7");
}

RC_GTEST_PROP(NativeRules, AnyCountButTheRightOneIsRefused, ()) {
    auto const make = [](std::uint64_t& held) {
        whole out;
        std::int64_t last = 0;
        auto const spans = *rc::gen::inRange(0, 4);
        for (int i = 0; i != spans; ++i) {
            auto const length = *rc::gen::inRange<std::uint32_t>(0, 4);
            out.spans.push_back({*rc::gen::inRange(i == 0 ? -20 : 0, 20), length});
            for (std::uint32_t k = 0; k != length; ++k) {
                auto const count = *rc::gen::inRange<std::int64_t>(0, 100);
                out.buckets.push_back(count - last);
                held += static_cast<std::uint64_t>(last = count);
            }
        }
        return out;
    };
    auto held = *rc::gen::inRange<std::uint64_t>(0, 5);
    auto const zeros = held;
    auto const positive = make(held);
    auto const negative = make(held);
    auto const other = *rc::gen::distinctFrom(rc::gen::inRange<std::uint64_t>(0, 1000), held);
    RC_ASSERT(of_integers(held, positive, negative, 1, 3, zeros) == "");
    RC_ASSERT(of_integers(other, positive, negative, 1, 3, zeros) ==
              "has native buckets that hold " + std::to_string(held) + " observations, but the count " +
                  std::to_string(other));
    RC_ASSERT((of_integers(other, positive, negative, nan, 3, zeros) == "") == (other > held));
}

}  // namespace
}  // namespace pushgateway::test
