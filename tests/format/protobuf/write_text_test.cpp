#include <cstdint>
#include <limits>
#include <string>

#include <gtest/gtest.h>

#include <pushgateway/format/protobuf/write_text.hpp>

namespace pushgateway::format::protobuf {
namespace {

std::string write(text_layout layout, model::metric_family const& family) {
    std::string out;
    append_family(out, layout, family);
    return out;
}

TEST(ProtobufText, HasAFieldToALine) {
    model::label const label{"l", "x\"y\\\n\r\t\x01\x7f\xC3\xBC\xFF"};
    model::metric const metric{{&label, 1}, model::gauge{-0.0}, 5};
    EXPECT_EQ(write(text_layout::lines, {"a", "help", model::metric_type::gauge, {&metric, 1}}), R"(name: "a"
help: "help"
type: GAUGE
metric: {
  label: {
    name: "l"
    value: "x\"y\\\n\r\t\x01\x7fü\xff"
  }
  gauge: {
    value: -0
  }
  timestamp_ms: 5
}

)");
}

TEST(ProtobufText, IsOneLineIfCompact) {
    model::quantile const quantile{0.5, std::numeric_limits<double>::quiet_NaN()};
    model::metric const metrics[] = {{{}, model::summary{3, 1e6, {&quantile, 1}}},
                                     {{}, model::summary{0, -std::numeric_limits<double>::infinity(), {}}}};
    EXPECT_EQ(write(text_layout::compact, {"s", {}, model::metric_type::summary, metrics}),
              "name:\"s\" type:SUMMARY "
              "metric:{summary:{sample_count:3 sample_sum:1e+06 quantile:{quantile:0.5 value:nan}}} "
              "metric:{summary:{sample_count:0 sample_sum:-inf}}\n");
}

TEST(ProtobufText, ShowsAllOfAHistogram) {
    model::label const trace{"t", "1"};
    model::exemplar const exemplars[] = {{0, {&trace, 1}, 0.25, {}},
                                         {model::exemplar::no_bucket, {}, 0.5, model::instant{7, 8}}};
    model::metric_details const details{model::instant{5, 0}, exemplars};
    model::bucket_span const span{-1, 2};
    std::int64_t const deltas[] = {3, -1};
    model::native_buckets const native{-2, 0.001, 4, {}, {{&span, 1}, deltas}};
    model::bucket const bucket{1, 2};
    model::metric const metric{{}, model::histogram{9, 1.5, {&bucket, 1}, &native}, {}, &details};
    EXPECT_EQ(write(text_layout::compact, {"h", {}, model::metric_type::histogram, {&metric, 1}}),
              "name:\"h\" type:HISTOGRAM metric:{histogram:{sample_count:9 sample_sum:1.5 "
              "bucket:{cumulative_count:2 upper_bound:1 exemplar:{label:{name:\"t\" value:\"1\"} value:0.25}} "
              "created_timestamp:{seconds:5} schema:-2 zero_threshold:0.001 zero_count:4 "
              "positive_span:{offset:-1 length:2} positive_delta:3 positive_delta:-1 "
              "exemplars:{value:0.5 timestamp:{seconds:7 nanos:8}}}}\n");
}

}  // namespace
}  // namespace pushgateway::format::protobuf
