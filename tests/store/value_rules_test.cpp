// What a store refuses whoever pushes it, since a scrape that shows it would be dropped as a whole or show a series
// twice.

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

#include <pushgateway/base/limits.hpp>
#include <pushgateway/format/family_source.hpp>
#include <pushgateway/store/store.hpp>

#include "compiled/store.hpp"
#include "store/owned_families.hpp"
#include "support/steered_policies.hpp"

namespace pushgateway::test {
namespace {

using namespace std::string_literals;
using model::grouping_key;
using model::metric_type;
using ::pushgateway::store::basic_store;

/// What a store says that is asked to take a family, behind what all refusals begin with; empty if it takes it.
template <class Store>
std::string refusal(Store& store, grouping_key const& key, model::metric_family const& family,
                    store::push_rules rules = {}) {
    auto const pushed = store.push(key, push_mode::update, format::families({&family, 1}), rules);
    if (pushed) return {};
    constexpr std::string_view prefix = "pushed metrics are invalid or inconsistent with existing metrics: ";
    EXPECT_EQ(pushed.error().code, errc::inconsistent);
    EXPECT_TRUE(pushed.error().message.starts_with(prefix)) << pushed.error().message;
    return pushed.error().message.substr(prefix.size());
}

template <class Store>
std::string text(Store const& store) {
    std::string all;
    store.scrape().append_to(all);
    return all;
}

class ValueRules : public ::testing::Test {
protected:
    basic_store<default_policies> store;

    std::string refusal_of(model::metric const& metric, metric_type type, std::optional<std::string_view> help = {},
                           std::string_view name = "x") {
        return refusal(store, grouping_key("j"), {name, help, type, {&metric, 1}}, {.timestamps = true});
    }

    std::string refusal_of_label(std::string_view name, std::string_view value) {
        model::label const label{name, value};
        return refusal_of({{&label, 1}, model::gauge{1}}, metric_type::gauge);
    }
};

TEST_F(ValueRules, NoBoundIsThereTwiceHoweverItIsSpelled) {
    model::bucket const buckets[] = {{1, 1}, {2, 1}, {1, 2}};
    EXPECT_EQ(refusal_of({{}, model::histogram{2, 1, buckets}}, metric_type::histogram),
              "x{} has two buckets of the same bound: le=\"1\"");
    EXPECT_EQ(refusal_of({{}, model::histogram{2, 1, std::span(buckets).first(2)}}, metric_type::histogram), "");
    model::float_bucket const zeros[] = {{0.0, 1}, {-0.0, 1}};
    EXPECT_EQ(refusal_of({{}, model::float_histogram{2, 1, zeros}}, metric_type::gauge_histogram, {}, "y"),
              "y{} has two buckets of the same bound: le=\"0\"");
    auto const nan = std::numeric_limits<double>::quiet_NaN();
    model::quantile const quantiles[] = {{nan, 1}, {0.5, 1}, {-nan, 1}};
    EXPECT_EQ(refusal_of({{}, model::summary{2, 1, quantiles}}, metric_type::summary, {}, "z"),
              "z{} has two quantiles of the same bound: quantile=\"NaN\"");
    EXPECT_EQ(refusal_of({{}, model::summary{2, 1, std::span(quantiles).first(2)}}, metric_type::summary, {}, "z"), "");
}

TEST_F(ValueRules, UncheckedOfEqualBoundsTheFirstIsTaken) {
    basic_store<steered_policies> unchecked(manual_clock(timestamp{}), selectable{false}, recording_logger{});
    model::bucket const buckets[] = {{1, 1}, {0.0, 2}, {1, 3}, {-0.0, 4}, {2, 5}};
    model::label const label{"trace", "id"};
    model::exemplar const exemplar{4, {&label, 1}, 1, {}};
    model::metric_details const details{model::instant{5, 0}, {&exemplar, 1}};
    model::metric const metric{{}, model::histogram{5, 1, buckets}, {}, &details};
    EXPECT_EQ(refusal(unchecked, grouping_key("j"), {"x", {}, metric_type::histogram, {&metric, 1}}), "");
    auto const all = text(unchecked);
    EXPECT_NE(
        all.find("x_bucket{instance=\"\",job=\"j\",le=\"1\"} 1\nx_bucket{instance=\"\",job=\"j\",le=\"0\"} 2\n"
                 "x_bucket{instance=\"\",job=\"j\",le=\"2\"} 5\nx_bucket{instance=\"\",job=\"j\",le=\"+Inf\"} 5\n"),
        std::string::npos)
        << all;
    EXPECT_EQ(unchecked.statistics().clashing_series, 0u);
}

TEST_F(ValueRules, TextsAreUtf8AndNamesHaveNoNul) {
    model::metric const metric{{}, model::gauge{1}};
    EXPECT_EQ(refusal_of(metric, metric_type::gauge, "bad \xff help"),
              "the family x has a help that is not valid UTF-8");
    EXPECT_EQ(refusal_of(metric, metric_type::gauge, "a NUL \0 is fine"s), "");
    EXPECT_EQ(refusal_of(metric, metric_type::gauge, {}, "a\0b"s),
              "the family \"a\0b\" has a name that no exposition can show"s);
    EXPECT_EQ(refusal_of_label("a\0b"s, "v"), "x{\"a\0b\"=\"v\"} has the label \"a\0b\", whose name has a NUL"s);
    EXPECT_EQ(refusal_of_label("a", "a\0b"s), "");
    EXPECT_EQ(refusal(store, grouping_key("j").set("a\0b"s, "v"), {"x", {}, metric_type::gauge, {&metric, 1}}),
              "the grouping key has the label \"a\0b\", whose name has a NUL"s);
}

TEST_F(ValueRules, LabelsAreNotLongerThanPrometheusCanHold) {
    // By number: this is what Prometheus' own parser was seen to take.
    std::string value(16'777'215, 'v');
    std::string name(longest_name, 'n');
    EXPECT_EQ(refusal_of_label("a", value), "");
    EXPECT_EQ(refusal_of_label(name, "v"), "");
    EXPECT_NE(refusal_of_label("a", value + 'v').find("whose value is longer than Prometheus can hold"),
              std::string::npos);
    EXPECT_NE(refusal_of_label(name + 'n', "v").find("whose name is longer than Prometheus can hold"),
              std::string::npos);
    EXPECT_NE(refusal_of({{}, model::gauge{1}}, metric_type::gauge, {}, name + 'n').find("is longer than"),
              std::string::npos);
}

TEST_F(ValueRules, ExemplarsHaveLabelsInUtf8) {
    auto const with = [&](std::string_view name, std::string_view value) {
        model::label const label{name, value};
        model::exemplar const exemplar{model::exemplar::no_bucket, {&label, 1}, 1, {}};
        model::metric_details const details{{}, {&exemplar, 1}};
        return refusal_of({{}, model::counter{1}, {}, &details}, metric_type::counter);
    };
    EXPECT_EQ(with("trace", "id"), "");
    EXPECT_EQ(with("trace", "\xff"), "x{} has an exemplar with the label trace, whose value is not valid UTF-8");
    for (auto const& name : {"\xff"s, "a\0"s, ""s}) {
        EXPECT_NE(with(name, "v").find(", whose name is empty, has a NUL or is not valid UTF-8"), std::string::npos);
    }
}

TEST_F(ValueRules, TimestampsAreWhatTheTextFormatCanShow) {
    EXPECT_EQ(refusal_of({{}, model::gauge{1}, 0}, metric_type::gauge), "");
    EXPECT_EQ(refusal_of({{}, model::gauge{1}, -1}, metric_type::gauge),
              "x{} carries a timestamp before 1970, which the text format cannot show");
}

TEST_F(ValueRules, ALabelWithoutAValueIsNone) {
    auto const push = [&](grouping_key const& key, std::vector<label_pairs> const& series) {
        owned_family family{"x", {}, metric_type::gauge, {}};
        for (auto const& labels : series) family.metrics.push_back({.labels = labels});
        auto const pushed = store.push(key, push_mode::replace, owned_source({family}));
        return pushed ? std::string() : pushed.error().message.substr(66);
    };
    EXPECT_EQ(push(grouping_key("a"), {{{"l", ""}}, {}}), "x{instance=\"\",job=\"a\",l=\"\"} is pushed twice");
    EXPECT_EQ(push(grouping_key("a"), {{{"l", ""}}, {{"l", "1"}}}), "");
    EXPECT_EQ(push(grouping_key("a").set("m", "1"), {{}}), "");
    EXPECT_EQ(push(grouping_key("a"), {{{"m", "1"}, {"n", ""}}}),
              "x{instance=\"\",job=\"a\",m=\"1\",n=\"\"} is already there, in group {job=\"a\",m=\"1\"}");
    for (char const* const name : {"region", "instance"}) {
        EXPECT_EQ(push(grouping_key("a").set(name, ""), {{{"other", "1"}}}),
                  "to Prometheus the group is the same as group {job=\"a\"}, since a label without a value is none");
    }
    EXPECT_EQ(store.statistics().groups, 2u) << "no group is made for such a failure";
}

/// A kept group as a journal hands it out: the families of a source, all pushed at one time.
struct kept {
    std::vector<model::metric_family> families;
    template <class Visit>
    void for_each_family(Visit&& visit) const {
        for (auto const& family : families) visit(family);
    }
};

TEST(Repair, ShowsWhatEarlierReleasesTook) {
    recording_logger log;
    basic_store<steered_policies> store(manual_clock(timestamp{}), selectable{true}, log);
    auto const restore = [&](grouping_key const& key, std::vector<model::metric_family> families) {
        return store.restore(key, {}, kept{std::move(families)}, [](std::string_view) { return timestamp{}; });
    };
    model::metric const one{{}, model::gauge{1}};
    model::metric const early{{}, model::gauge{1}, -5};
    std::vector<model::bucket_span> const spans{{0, 1}};
    std::vector<std::int64_t> const deltas{3};
    model::native_buckets const native{0, 0, 0, {}, {spans, deltas}};
    model::bucket const buckets[] = {{1, 1}, {1, 5}, {2, 2}};
    model::metric const histogram{{}, model::histogram{2, 1, buckets, &native}};
    model::label const bad{"t", "\xff"};
    model::exemplar const exemplar{model::exemplar::no_bucket, {&bad, 1}, 1, {}};
    model::metric_details const details{{}, {&exemplar, 1}};
    model::metric const counter{{}, model::counter{1}, {}, &details};
    ASSERT_TRUE(restore(grouping_key("a"), {{"g", "bad \xff\xc3 help", metric_type::gauge, {&one, 1}},
                                            {"h", {}, metric_type::histogram, {&histogram, 1}},
                                            {"c", {}, metric_type::counter, {&counter, 1}},
                                            {"e", {}, metric_type::gauge, {&early, 1}}}));
    std::vector<std::string> reasons;
    for (auto const& entry : log.entries()) {
        EXPECT_EQ(entry.message, "stored series are shown repaired");
        reasons.push_back(entry.fields.at(0).second);
    }
    EXPECT_EQ(reasons,
              (std::vector<std::string>{"g has a help that is not valid UTF-8",
                                        "h{} has native buckets that hold 3 observations, but the count 2",
                                        "c{} has an exemplar with the label t, whose value is not valid UTF-8",
                                        "e{} carries a timestamp before 1970, which the text format cannot show"}));
    auto const shown = text(store);
    EXPECT_NE(shown.find("# HELP g bad \xEF\xBF\xBD\xEF\xBF\xBD help\n"), std::string::npos) << shown;
    EXPECT_NE(
        shown.find("h_bucket{instance=\"\",job=\"a\",le=\"1\"} 1\nh_bucket{instance=\"\",job=\"a\",le=\"2\"} 2\n"),
        std::string::npos)
        << shown;
    EXPECT_NE(shown.find("c{instance=\"\",job=\"a\"} 1\n"), std::string::npos) << shown;
    EXPECT_NE(shown.find("e{instance=\"\",job=\"a\"} 1 0\n"), std::string::npos) << shown;
    auto const groups = store.groups();
    for (auto const& group : groups.groups()) {
        for (auto const& family : group.families()) {
            family.for_each_metric([](model::metric const& metric) {
                auto const* h = std::get_if<model::histogram>(&metric.value);
                EXPECT_TRUE(h == nullptr || h->native == nullptr);
            });
        }
    }
}

TEST(Repair, KeepsWhatCannotBeShownAndShowsItOnceItCan) {
    recording_logger log;
    basic_store<steered_policies> store(manual_clock(timestamp{}), selectable{true}, log);
    model::metric const one{{}, model::gauge{1}};
    auto const restore = [&](grouping_key const& key, std::string_view name) {
        return store.restore(key, {}, kept{{{name, {}, metric_type::gauge, {&one, 1}}}},
                             [](std::string_view) { return timestamp{}; });
    };
    ASSERT_TRUE(restore(grouping_key("a"), "x"));
    EXPECT_TRUE(log.entries().empty());
    ASSERT_TRUE(restore(grouping_key("a").set("region", ""), "x"));
    ASSERT_TRUE(restore(grouping_key("b"), "n\0l"s));
    ASSERT_TRUE(restore(grouping_key("c").set("n\0l"s, "v"), "y"));
    EXPECT_EQ(log.entries().size(), 5u) << "x and the times, a name, the times of a key and its family";
    for (auto const& entry : log.entries()) {
        EXPECT_EQ(entry.message, "stored series are left out of the exposition");
    }
    EXPECT_EQ(store.statistics().groups, 4u);
    EXPECT_EQ(text(store).find('\0'), std::string::npos);
    EXPECT_EQ(text(store).find("region"), std::string::npos);
    EXPECT_TRUE(store.erase(grouping_key("a")));
    EXPECT_NE(text(store).find("x{instance=\"\",job=\"a\",region=\"\"} 1\n"), std::string::npos) << text(store);
}

}  // namespace
}  // namespace pushgateway::test
