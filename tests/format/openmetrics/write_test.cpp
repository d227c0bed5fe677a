#include <optional>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include <pushgateway/format/openmetrics/write.hpp>

namespace pushgateway::format::openmetrics {
namespace {

std::string header(std::string_view name, model::metric_type type, std::optional<std::string_view> help = {}) {
    std::string out;
    append_header(out, name, help, type);
    return out;
}

TEST(OpenMetricsHeader, NamesACounterWithoutItsSuffix) {
    EXPECT_EQ(header("a_total", model::metric_type::counter, "some"), "# HELP a some\n# TYPE a counter\n");
    EXPECT_EQ(header("a", model::metric_type::counter), "# TYPE a unknown\n");
    EXPECT_EQ(header("a_total", model::metric_type::gauge), "# TYPE a_total gauge\n");
}

TEST(OpenMetricsHeader, SpellsTypesAndHelpsByTheStandard) {
    EXPECT_EQ(header("a", model::metric_type::untyped), "# TYPE a unknown\n");
    EXPECT_EQ(header("a", model::metric_type::gauge_histogram), "# TYPE a gaugehistogram\n");
    EXPECT_EQ(header("a", model::metric_type::summary, "\"x\"\\\n"), "# HELP a \\\"x\\\"\\\\\\n\n# TYPE a summary\n");
    EXPECT_EQ(header("a.b", model::metric_type::histogram), "# TYPE \"a.b\" histogram\n");
}

}  // namespace
}  // namespace pushgateway::format::openmetrics
