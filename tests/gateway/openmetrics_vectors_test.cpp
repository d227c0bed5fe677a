// Where this gateway departs from the test vectors of the OpenMetrics standard: one body of our own for each point.

#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include <pushgateway/format/decoded_families.hpp>
#include <pushgateway/format/openmetrics/parse.hpp>
#include <pushgateway/gateway/gateway.hpp>

namespace pushgateway {
namespace {

struct departure {
    char const* vectors;  ///< their names in `tests/testdata/parsers`
    char const* body;     ///< says the same as they do
    bool taken;           ///< the standard wants the contrary
    bool by_timestamps;   ///< only as long as timestamps are refused
    char const* reason;
};

std::vector<departure> departures() {
    constexpr auto const* any_sum = "text and protobuf carry any sum, and Prometheus takes it";
    constexpr auto const* bucket_counts = "the bucket +Inf says the count, and no sum is one of 0";
    constexpr auto const* a_timestamp =
        "a pushed series must have no timestamp, unless --push.timestamps says otherwise";
    return {
        {"counter_exemplars counter_exemplars_empty_brackets", "# TYPE hits counter\nhits_total 2 7 # {} 0.5\n", false,
         true, a_timestamp},
        {"gaugehistogram_exemplars", "# TYPE q gaugehistogram\nq_bucket{le=\"+Inf\"} 2 7 # {t=\"x\"} 0.5\n", false,
         true, a_timestamp},
        {"info_timestamps", "# TYPE build info\nbuild_info{v=\"2\"} 1 7\n", false, true, a_timestamp},
        {"duplicate_timestamps_0", "# TYPE t gauge\nt{r=\"x\"} 5 7\nt{r=\"x\"} 6 8\n", false, false,
         "a gateway holds one point for a series"},
        {"duplicate_timestamps_1", "# TYPE t gauge\nt{r=\"x\"} 5 7\nt{r=\"x\"} 6 7\n", false, false,
         "a gateway holds one point for a series"},
        {"timestamps", "# TYPE t gauge\nt 5 98765432109876543210.5\n", false, false,
         "64 bits of milliseconds do not hold it"},
        {"bad_no_eof", "", true, false, "Go's client leaves the last line out, and HTTP says where a body ends"},
        {"bad_clashing_names_2", "# TYPE t_created gauge\n# TYPE t counter\n", true, false,
         "families without samples are not stored"},
        {"bad_counter_values_8", "# TYPE h histogram\nh_bucket{le=\"-2\"} 1\nh_bucket{le=\"+Inf\"} 1\nh_sum -5\n", true,
         false, any_sum},
        {"bad_counter_values_9 bad_histograms_3",
         "# TYPE h histogram\nh_bucket{le=\"-2\"} 0\nh_bucket{le=\"+Inf\"} 1\nh_sum 5\nh_count 1\n", true, false,
         any_sum},
        {"bad_counter_values_13 bad_histograms_7",
         "# TYPE q gaugehistogram\nq_bucket{le=\"+Inf\"} 1\nq_gsum -5\nq_gcount 1\n", true, false, any_sum},
        {"bad_counter_values_14", "# TYPE q gaugehistogram\nq_bucket{le=\"+Inf\"} 1\nq_gsum NaN\n", true, false,
         any_sum},
        {"bad_counter_values_15", "# TYPE s summary\ns_sum NaN\n", true, false, any_sum},
        {"bad_counter_values_17", "# TYPE s summary\ns_sum -5\n", true, false, any_sum},
        {"bad_counter_values_19", "# TYPE s summary\ns{quantile=\"0.9\"} -5\n", true, false,
         "what is observed may be negative"},
        {"bad_histograms_1", "# TYPE h histogram\nh_bucket{le=\"+Inf\"} 1\nh_sum 5\n", true, false, bucket_counts},
        {"bad_histograms_2", "# TYPE h histogram\nh_bucket{le=\"+Inf\"} 1\nh_count 1\n", true, false, bucket_counts},
        {"bad_histograms_8", "# TYPE q gaugehistogram\nq_bucket{le=\"+Inf\"} 1\nq_gsum 5\n", true, false,
         bucket_counts},
        {"bad_histograms_14", "# TYPE q gaugehistogram\nq_bucket{le=\"+Inf\"} 1\nq_gcount 1\n", true, false,
         bucket_counts},
        {"bad_histograms_12", "# TYPE h histogram\nh_bucket{le=\"+inf\"} 1\n", true, false,
         "a number counts, not how it is spelled"},
    };
}

/// True if a gateway takes this body.
bool takes(std::string_view body, timestamp_policy timestamps) {
    gateway_options options;
    options.timestamps = timestamps;
    gateway g(options);
    format::decoded_families families;
    return format::openmetrics::parse(body, {.needs_end = false}, families) &&
           g.push(model::grouping_key("j"), push_mode::replace, families);
}

TEST(openmetrics_vectors, are_departed_from_here_and_for_a_reason) {
    for (auto const& [vectors, body, taken, by_timestamps, reason] : departures()) {
        EXPECT_EQ(takes(body, timestamp_policy::reject), taken) << vectors << ": " << reason;
        for (auto const lenient : {timestamp_policy::drop, timestamp_policy::keep}) {
            EXPECT_EQ(takes(body, lenient), taken || by_timestamps) << vectors << ": " << reason;
        }
    }
}

/// The same points as the standard has them.
TEST(openmetrics_vectors, are_followed_beside_that) {
    for (auto const* sound :
         {"# TYPE hits counter\nhits_total 2 # {} 0.5\n", "# TYPE build info\nbuild_info{v=\"2\"} 1\n",
          "# TYPE h histogram\nh_bucket{le=\"+Inf\"} 1\nh_sum 5\nh_count 1\n", "# EOF\n"}) {
        EXPECT_TRUE(takes(sound, timestamp_policy::reject)) << sound;
    }
    for (auto const* bad :
         {"# TYPE t_created gauge\nt_created 1\n# TYPE t counter\nt_total 1\n", "# TYPE s summary\ns_count -1\n",
          "# TYPE s summary\ns{quantile=\"1.5\"} 5\n", "# TYPE h histogram\nh_bucket{le=\"x\"} 1\n",
          "# TYPE h histogram\nh_bucket{le=\"1\"} 1\nh_sum 5\nh_count 1\n",
          "# TYPE q gaugehistogram\nq_bucket{le=\"+Inf\"} 1\nq_gcount 2\n"}) {
        EXPECT_FALSE(takes(bad, timestamp_policy::keep)) << bad;
    }
}

}  // namespace
}  // namespace pushgateway
