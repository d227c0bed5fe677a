// What a store says about conflicts, and what becomes of the losers.

#include "compiled/store.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include <pushgateway/store/store.hpp>

#include "store/owned_families.hpp"
#include "support/steered_policies.hpp"

namespace pushgateway::test {
namespace {

using model::grouping_key;
using model::metric_type;
using ::pushgateway::store::basic_store;

owned_family family(std::string name, metric_type type, std::vector<label_pairs> const& series = {{}},
                    std::optional<std::string> help = std::nullopt) {
    owned_family out{std::move(name), std::move(help), type, {}};
    for (auto const& labels : series) {
        owned_metric metric;
        metric.labels = labels;
        metric.value = 1;
        out.metrics.push_back(metric);
    }
    return out;
}

class Store : public ::testing::Test {
protected:
    manual_clock clock{timestamp(std::chrono::milliseconds(1'500))};
    recording_logger log;

    template <class S>
    static std::string refusal(S& store, grouping_key const& key, std::vector<owned_family> const& families) {
        auto const result = store.push(key, push_mode::update, owned_source(families));
        if (result) return "accepted";
        constexpr std::string_view prefix = "pushed metrics are invalid or inconsistent with existing metrics: ";
        EXPECT_EQ(result.error().code, errc::inconsistent);
        EXPECT_TRUE(result.error().message.starts_with(prefix)) << result.error().message;
        return result.error().message.substr(prefix.size());
    }

    template <class S>
    static std::string text(S const& store, bool times = false) {
        std::string all;
        store.scrape().append_to(all);
        std::string kept;
        for (std::size_t at = 0; at < all.size();) {
            auto const end = all.find('\n', at) + 1;
            auto const line = std::string_view(all).substr(at, end - at);
            if (times || (line.find("push_") == std::string_view::npos)) kept += line;
            at = end;
        }
        return kept;
    }
};

class Checked : public Store {
protected:
    basic_store<steered_policies> store{clock, selectable{true}, log};

    void push(grouping_key const& key, std::vector<owned_family> const& families) {
        EXPECT_EQ(refusal(store, key, families), "accepted");
    }
};

class Unchecked : public Store {
protected:
    basic_store<steered_policies> store{clock, selectable{false}, log};

    void push(grouping_key const& key, std::vector<owned_family> const& families, push_mode mode = push_mode::replace) {
        EXPECT_TRUE(store.push(key, mode, owned_source(families)));
    }
};

TEST_F(Checked, NamesTheGroupThatHasTheFamilyWithAnotherType) {
    push(grouping_key("a").set("dc", "x\"y"), {family("m", metric_type::counter)});
    EXPECT_EQ(refusal(store, grouping_key("b"), {family("m", metric_type::gauge)}),
              "family m has type gauge, but type counter in group {job=\"a\",dc=\"x\\\"y\"}");
}

TEST_F(Checked, LetsAGroupChangeTheTypeOfAFamilyThatItAloneHas) {
    push(grouping_key("a"), {family("m", metric_type::counter)});
    push(grouping_key("a"), {family("m", metric_type::gauge)});
    EXPECT_EQ(text(store), "# TYPE m gauge\nm{instance=\"\",job=\"a\"} 1\n");
}

TEST_F(Checked, NamesTheGroupThatHasTheSameSeries) {
    push(grouping_key("a"), {family("m", metric_type::gauge, {{{"l", "1"}}})});
    EXPECT_EQ(refusal(store, grouping_key("a").set("l", "1"), {family("m", metric_type::gauge)}),
              "m{instance=\"\",job=\"a\",l=\"1\"} is already there, in group {job=\"a\"}");
}

TEST_F(Checked, NamesASeriesThatIsPushedTwice) {
    EXPECT_EQ(refusal(store, grouping_key("a"),
                      {family("m", metric_type::gauge, {{{"x", "1"}}, {{"x", "2"}}, {{"job", "b"}, {"x", "1"}}})}),
              "m{instance=\"\",job=\"a\",x=\"1\"} is pushed twice");
}

TEST_F(Checked, KeepsTheNamesOfPartsApart) {
    push(grouping_key("a"), {family("h", metric_type::histogram), family("s", metric_type::summary),
                             family("g_count", metric_type::gauge), family("b_bucket", metric_type::gauge)});
    auto const b = grouping_key("b");
    for (char const* name : {"h_count", "h_sum", "h_bucket"}) {
        EXPECT_EQ(refusal(store, b, {family(name, metric_type::gauge)}),
                  std::string("gauge ") + name + " collides with histogram h in group {job=\"a\"}");
    }
    EXPECT_EQ(refusal(store, b, {family("s_sum", metric_type::counter)}),
              "counter s_sum collides with summary s in group {job=\"a\"}");
    EXPECT_EQ(refusal(store, b, {family("s_bucket", metric_type::counter)}), "accepted");
    EXPECT_EQ(refusal(store, b, {family("g", metric_type::summary)}),
              "summary g collides with gauge g_count in group {job=\"a\"}");
    EXPECT_EQ(refusal(store, b, {family("b", metric_type::summary)}), "accepted");
    EXPECT_EQ(refusal(store, grouping_key("c"), {family("g", metric_type::gauge_histogram)}),
              "gauge histogram g collides with gauge g_count in group {job=\"a\"}");
    EXPECT_EQ(
        refusal(store, grouping_key("c"), {family("z", metric_type::summary), family("z_sum", metric_type::gauge)}),
        "summary z collides with gauge z_sum in the same push");
    EXPECT_EQ(refusal(store, grouping_key("c"), {family("_count", metric_type::gauge)}), "accepted");
}

TEST_F(Checked, TakesGaugeHistogramsBesideHistogramsOfTheSameName) {
    auto const gauges = std::vector{family("x", metric_type::gauge_histogram)};
    auto const counts = std::vector{family("x", metric_type::histogram)};
    auto const a = grouping_key("a");
    auto const b = grouping_key("b");
    for (auto const& [first, second] : {std::pair(gauges, counts), std::pair(counts, gauges)}) {
        store.wipe();
        push(a, first);
        push(b, second);
        push(b, second);
        EXPECT_TRUE(text(store).starts_with("# TYPE x histogram\nx_bucket{instance=\"\",job=\"a\",le=\"+Inf\"} "));
        EXPECT_EQ(refusal(store, grouping_key("c"), {family("x", metric_type::gauge)}).substr(0, 60),
                  "family x has type gauge, but type histogram in group {job=\"a");
        // The histogram keeps the names of its parts to itself, whoever else is there.
        EXPECT_NE(refusal(store, grouping_key("c"), {family("x_count", metric_type::gauge)}), "accepted");
        EXPECT_NE(refusal(store, grouping_key("c"), {gauges.front(), family("x_count", metric_type::gauge)}),
                  "accepted");
        auto const& of_counts = first.front().type == metric_type::histogram ? a : b;
        EXPECT_NE(refusal(store, of_counts == a ? b : a, {gauges.front(), family("x_sum", metric_type::gauge)}),
                  "accepted");
        ASSERT_TRUE(store.erase(of_counts));
        EXPECT_NE(refusal(store, grouping_key("c"), {family("x_count", metric_type::gauge)}), "accepted")
            << "a gauge histogram has such lines, too";
    }
}

TEST_F(Checked, LetsAHistogramBecomeAGaugeHistogramAndBack) {
    for (auto const type : {metric_type::histogram, metric_type::gauge_histogram, metric_type::histogram}) {
        push(grouping_key("a"), {family("x", type)});
        for (auto const& family : store.groups().groups().front().families()) {
            if (family.name() == "x") {
                EXPECT_EQ(family.type(), type);
            }
        }
    }
}

TEST_F(Checked, ComparesAReplacingPushOnlyWithWhatItLeaves) {
    auto const a = grouping_key("a");
    push(a, {family("h", metric_type::histogram), family("other", metric_type::gauge)});
    auto const part = std::vector{family("h_count", metric_type::gauge)};
    EXPECT_EQ(refusal(store, a, part), "gauge h_count collides with histogram h in group {job=\"a\"}");
    EXPECT_TRUE(store.push(a, push_mode::replace, owned_source(part)));
    EXPECT_EQ(text(store), "# TYPE h_count gauge\nh_count{instance=\"\",job=\"a\"} 1\n");

    push(grouping_key("b"), {family("h_count", metric_type::gauge)});
    auto const whole = std::vector{family("h", metric_type::histogram)};
    auto const refused = store.push(a, push_mode::replace, owned_source(whole));
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().message.find("histogram h collides with gauge h_count in group {job=\"b\"}"),
              std::string::npos)
        << refused.error().message;
}

TEST_F(Checked, ComparesWithTheGatewaysOwnFamilies) {
    store.reserve("own", "what the gateway says", metric_type::counter);
    store.reserve("own_seconds", "a duration", metric_type::summary);
    EXPECT_EQ(refusal(store, grouping_key("a"), {family("own", metric_type::gauge)}),
              "family own has type gauge, but type counter in the gateway itself");
    EXPECT_EQ(refusal(store, grouping_key("a"), {family("own_seconds_count", metric_type::gauge)}),
              "gauge own_seconds_count collides with summary own_seconds in the gateway itself");
    push(grouping_key("a"), {family("own", metric_type::counter, {{}}, "what the job says")});
    EXPECT_EQ(text(store), "# HELP own what the gateway says\n# TYPE own counter\nown{instance=\"\",job=\"a\"} 1\n");
    store.wipe();
    EXPECT_EQ(refusal(store, grouping_key("a"), {family("own", metric_type::gauge)}),
              "family own has type gauge, but type counter in the gateway itself");
}

TEST_F(Checked, RefusesSeriesThatNoScrapeMayShow) {
    auto const refused = [&](metric_type type, label_pairs const& labels) {
        return refusal(store, grouping_key("a"), {family("m", type, {labels})});
    };
    EXPECT_EQ(refused(metric_type::gauge, {{"l", "1"}, {"l", "2"}}), "m{l=\"1\",l=\"2\"} has the label l twice");
    EXPECT_EQ(refused(metric_type::gauge, {{"job", "1"}, {"job", "2"}}),
              "m{job=\"1\",job=\"2\"} has a label of the grouping key twice");
    EXPECT_EQ(refused(metric_type::summary, {{"quantile", "1"}}),
              "m{quantile=\"1\"} is a summary and has the label quantile, which names its quantiles");
    EXPECT_EQ(refused(metric_type::gauge, {{"quantile", "1"}}), "accepted");
    EXPECT_EQ(refused(metric_type::histogram, {{"le", "1"}}),
              "m{le=\"1\"} is a histogram and has the label le, which names its buckets");
    EXPECT_EQ(refused(metric_type::gauge, {{"__l", "1"}}),
              "m{__l=\"1\"} has the label __l: names that begin with __ are reserved");
    EXPECT_EQ(refused(metric_type::gauge, {{"l", "\xff\xfe"}}),
              "m{l=\"\\xff\\xfe\"} has the label l, whose value is not valid UTF-8");
    EXPECT_EQ(refused(metric_type::gauge, {{"\xff", "1"}}),
              "m{\"\\xff\"=\"1\"} has the label \"\\xff\", whose name is not valid UTF-8");
    EXPECT_EQ(refused(metric_type::gauge, {{"", "1"}}), "m{\"\"=\"1\"} has a label without a name");
    EXPECT_EQ(refusal(store, grouping_key("a").set("quantile", "1"), {family("m", metric_type::summary)}),
              "m{} is a summary and gets the label quantile, which names its quantiles, from the grouping key");
    EXPECT_EQ(refusal(store, grouping_key("a").set("le", "1"), {family("m", metric_type::histogram)}),
              "m{} is a histogram and gets the label le, which names its buckets, from the grouping key");
    EXPECT_EQ(refusal(store, grouping_key("a"), {family("", metric_type::gauge)}),
              "the family \"\" has a name that no exposition can show");
    EXPECT_EQ(refusal(store, grouping_key("a"), {family("\xff", metric_type::gauge)}),
              "the family \"\\xff\" has a name that no exposition can show");
    EXPECT_EQ(refusal(store, grouping_key("a").set("l", "\xff"), {family("m", metric_type::gauge)}),
              "the grouping key has the label l, whose value is not valid UTF-8");
}

TEST_F(Checked, ShortensWhatItQuotes) {
    auto const message = refusal(store, grouping_key("a"),
                                 {family(std::string(10'000, 'm'), metric_type::gauge,
                                         {{{"l", std::string(10'000, 'v')}}, {{"l", std::string(10'000, 'v')}}})});
    EXPECT_LT(message.size(), 400u);
    EXPECT_NE(message.find("…"), std::string::npos);
}

TEST_F(Store, RefusesTimestampsCheckedOrNot) {
    for (bool const check : {true, false}) {
        basic_store<steered_policies> store(clock, selectable{check});
        for (char const* name : {"m", "push_time_seconds"}) {
            auto timed = family(name, metric_type::gauge);
            timed.metrics[0].timestamp_ms = 5;
            EXPECT_EQ(refusal(store, grouping_key("a"), {family("other", metric_type::gauge), timed}),
                      std::string(name) +
                          "{} carries a timestamp, which a pushed series must not: leave it out, or have the gateway "
                          "do so by --push.timestamps=drop");
        }
        EXPECT_EQ(text(store), "");
        EXPECT_EQ(store.groups()[0].push_failure_time(), 1.5);
    }
}

TEST_F(Store, RefusesAValueOfAnotherTypeThanItsFamily) {
    model::metric const metric{{}, model::counter{1}, {}};
    for (bool const check : {true, false}) {
        basic_store<steered_policies> store(clock, selectable{check});
        model::metric_family const wrong{"m", std::nullopt, metric_type::gauge, {&metric, 1}};
        EXPECT_FALSE(store.push(grouping_key("a"), push_mode::replace, format::families({&wrong, 1})));
        EXPECT_EQ(text(store), "");
    }
}

TEST_F(Checked, KeepsTheTimesOfAGroup) {
    auto const a = grouping_key("a");
    auto const clash = std::vector{family("m", metric_type::gauge, {{}, {}})};
    EXPECT_FALSE(store.push(a, push_mode::replace, owned_source(clash)));
    EXPECT_EQ(text(store, true),
              "# HELP push_failure_time_seconds Last Unix time when changing this group in the Pushgateway failed.\n"
              "# TYPE push_failure_time_seconds gauge\n"
              "push_failure_time_seconds{instance=\"\",job=\"a\"} 1.5\n"
              "# HELP push_time_seconds Last Unix time when changing this group in the Pushgateway succeeded.\n"
              "# TYPE push_time_seconds gauge\n"
              "push_time_seconds{instance=\"\",job=\"a\"} 0\n");
    EXPECT_FALSE(store.groups()[0].last_push_successful());

    clock.advance(std::chrono::seconds(1));
    push(a, {family("m", metric_type::gauge), family("push_time_seconds", metric_type::histogram)});
    EXPECT_EQ(store.groups()[0].push_time(), 2.5);
    EXPECT_EQ(store.groups()[0].push_failure_time(), 1.5);
    EXPECT_TRUE(store.groups()[0].last_push_successful());

    clock.advance(std::chrono::seconds(1));
    EXPECT_FALSE(store.push(a, push_mode::replace, owned_source(clash)));
    EXPECT_EQ(store.groups()[0].push_time(), 2.5);
    EXPECT_EQ(store.groups()[0].push_failure_time(), 3.5);
    EXPECT_EQ(text(store), "# TYPE m gauge\nm{instance=\"\",job=\"a\"} 1\n");

    clock.advance(std::chrono::seconds(1));
    EXPECT_TRUE(store.push(a, push_mode::update, owned_source({})));
    EXPECT_EQ(text(store), "# TYPE m gauge\nm{instance=\"\",job=\"a\"} 1\n");
    EXPECT_TRUE(store.push(a, push_mode::replace, owned_source({})));
    EXPECT_EQ(text(store), "");
    EXPECT_EQ(store.groups()[0].push_time(), 4.5);
    EXPECT_EQ(store.groups()[0].push_failure_time(), 3.5);
    EXPECT_EQ(store.groups()[0].families().size(), 2u);

    EXPECT_TRUE(store.erase(a));
    EXPECT_FALSE(store.erase(a));
    EXPECT_EQ(store.groups().size(), 0u);
}

TEST_F(Checked, CountsAFamilyNamedTwiceAsPushedLast) {
    push(grouping_key("a"), {family("m", metric_type::counter, {{{"l", "1"}}}), family("n", metric_type::gauge),
                             family("m", metric_type::gauge, {{{"l", "2"}}})});
    EXPECT_EQ(text(store),
              "# TYPE m gauge\nm{instance=\"\",job=\"a\",l=\"2\"} 1\n"
              "# TYPE n gauge\nn{instance=\"\",job=\"a\"} 1\n");
}

TEST_F(Checked, TakesTheHelpOfTheFirstGroupThatHasOne) {
    push(grouping_key("c"), {family("m", metric_type::gauge, {{}}, "of c")});
    push(grouping_key("b"), {family("m", metric_type::gauge, {{}}, "of b")});
    push(grouping_key("a"), {family("m", metric_type::gauge)});
    EXPECT_TRUE(text(store).starts_with("# HELP m of b\n"));
    store.erase(grouping_key("b"));
    EXPECT_TRUE(text(store).starts_with("# HELP m of c\n"));
    push(grouping_key("c"), {family("m", metric_type::gauge, {{}}, "")});
    EXPECT_TRUE(text(store).starts_with("# HELP m \n"));
    push(grouping_key("c"), {family("m", metric_type::gauge)});
    EXPECT_TRUE(text(store).starts_with("# TYPE m gauge\n"));
}

TEST_F(Checked, MakesNoGroupForAFailureIfItsTimesAreThoseOfAnother) {
    auto const plain = grouping_key("x");
    auto const empty = grouping_key("x").set("instance", "");
    push(plain, {});
    auto const before = text(store, true);
    for (int i = 0; i != 2; ++i) {
        EXPECT_EQ(refusal(store, empty, {}),
                  "to Prometheus the group is the same as group {job=\"x\"}, since a label without a value is none");
        EXPECT_EQ(store.groups().size(), 1u);
        EXPECT_EQ(store.statistics().clashing_series, 0u);
        EXPECT_EQ(text(store, true), before);
    }
    refusal(store, empty, {family("m", metric_type::gauge, {{}, {}})});
    EXPECT_EQ(store.groups().size(), 1u) << "whatever the push was refused for";
    store.erase(plain);
    push(empty, {});
    EXPECT_EQ(store.groups().size(), 1u);
}

TEST_F(Unchecked, LeavesTheLaterTypeOutUntilTheEarlierIsGone) {
    auto const a = grouping_key("a");
    auto const b = grouping_key("b");
    push(a, {family("m", metric_type::counter)});
    push(b, {family("m", metric_type::gauge), family("n", metric_type::gauge)});
    EXPECT_EQ(text(store),
              "# TYPE m counter\nm{instance=\"\",job=\"a\"} 1\n# TYPE n gauge\nn{instance=\"\",job=\"b\"} 1\n");
    EXPECT_EQ(store.statistics().clashing_series, 1u);
    EXPECT_EQ(store.groups()[1].families().size(), 4u);
    ASSERT_EQ(log.entries().size(), 1u);
    EXPECT_EQ(log.entries()[0].level, log_level::warn);
    EXPECT_EQ(log.entries()[0].fields[0].second, "family m has type gauge, but type counter in group {job=\"a\"}");

    push(b, {family("m", metric_type::gauge), family("n", metric_type::gauge)});
    EXPECT_EQ(log.entries().size(), 1u) << "the same clash is logged once";
    push(a, {});
    EXPECT_EQ(text(store),
              "# TYPE m gauge\nm{instance=\"\",job=\"b\"} 1\n# TYPE n gauge\nn{instance=\"\",job=\"b\"} 1\n");
    EXPECT_EQ(store.statistics().clashing_series, 0u);
}

struct clock_out_of_order {
    std::shared_ptr<bool> broken = std::make_shared<bool>(false);

    timestamp now() const {
        if (*broken) throw std::runtime_error("the clock is broken");
        return timestamp(std::chrono::seconds(1));
    }
};

TEST(StoreFailure, AnExceptionInAPushLeavesNothingBehind) {
    struct policies : default_policies {
        using clock = clock_out_of_order;
    };
    clock_out_of_order const clock;
    basic_store<policies> store(clock);
    auto const push = [&](char const* job, std::vector<owned_family> const& families) {
        return store.push(grouping_key(job), push_mode::replace, owned_source(families)).has_value();
    };
    ASSERT_TRUE(push("a", {family("m", metric_type::gauge)}));
    *clock.broken = true;
    EXPECT_THROW((void)push("a", {family("n", metric_type::counter)}), std::runtime_error);
    EXPECT_THROW((void)push("b", {family("n", metric_type::counter)}), std::runtime_error);
    *clock.broken = false;
    EXPECT_EQ(store.statistics().groups, 1u);
    EXPECT_TRUE(push("c", {family("n", metric_type::gauge)}));
    EXPECT_TRUE(push("a", {family("m", metric_type::counter)}));
    EXPECT_EQ(store.statistics().groups, 2u);
}

TEST(StorePages, StayBoundedWhenHistogramsGrow) {
    basic_store<default_policies> store;
    auto const push_all = [&store](std::size_t buckets) {
        auto grown = family("h", metric_type::histogram);
        for (std::size_t i = 0; i != buckets; ++i) {
            grown.metrics.front().points.emplace_back(static_cast<double>(i), 1.0);
        }
        for (int i = 0; i != 80; ++i) {
            auto const key = grouping_key("a").set("i", std::to_string(i));
            ASSERT_TRUE(store.push(key, push_mode::replace, owned_source(std::vector{grown})));
        }
    };
    push_all(1);
    push_all(500);
    auto const snapshot = store.scrape();
    std::size_t pages = 0;
    for (auto const& shown : snapshot.families()) {
        if (shown.name() != "h") continue;
        for (auto const& page : shown.pages()) {
            EXPECT_LT(page.text().size(), 100'000u);
            ++pages;
        }
    }
    EXPECT_GT(pages, 20u);
}

TEST_F(Unchecked, LeavesOutOnlyTheSeriesThatClash) {
    push(grouping_key("a").set("l", "1"), {family("m", metric_type::gauge)});
    push(grouping_key("a"),
         {family("m", metric_type::gauge, {{{"l", "1"}}, {{"l", "2"}}, {{"l", "2"}}, {{"__l", "3"}}})});
    EXPECT_EQ(text(store),
              "# TYPE m gauge\nm{instance=\"\",job=\"a\",l=\"2\"} 1\nm{instance=\"\",job=\"a\",l=\"1\"} 1\n");
    EXPECT_EQ(store.statistics().clashing_series, 3u);
    store.erase(grouping_key("a").set("l", "1"));
    EXPECT_EQ(text(store),
              "# TYPE m gauge\nm{instance=\"\",job=\"a\",l=\"1\"} 1\nm{instance=\"\",job=\"a\",l=\"2\"} 1\n");
    EXPECT_EQ(store.statistics().clashing_series, 2u);
}

TEST_F(Unchecked, LeavesOutASummaryUnderAKeyWithTheLabelQuantile) {
    push(grouping_key("a").set("quantile", "1"), {family("s", metric_type::summary), family("g", metric_type::gauge)});
    EXPECT_EQ(text(store), "# TYPE g gauge\ng{instance=\"\",job=\"a\",quantile=\"1\"} 1\n");
    EXPECT_EQ(store.statistics().clashing_series, 2u);
}

TEST_F(Unchecked, ShowsPartsOfASummaryAgainOnceItIsGone) {
    push(grouping_key("a"), {family("s", metric_type::summary)});
    push(grouping_key("b"), {family("s_count", metric_type::gauge)});
    EXPECT_EQ(text(store).find("s_count{instance=\"\",job=\"b\"}"), std::string::npos);
    push(grouping_key("a"), {family("s", metric_type::gauge)}, push_mode::update);
    EXPECT_NE(text(store).find("s_count{instance=\"\",job=\"b\"} 1\n"), std::string::npos);
    push(grouping_key("a"), {family("s", metric_type::summary)}, push_mode::update);
    EXPECT_EQ(text(store), "# TYPE s_count gauge\ns_count{instance=\"\",job=\"b\"} 1\n");
    store.erase(grouping_key("b"));
    EXPECT_EQ(text(store), "# TYPE s summary\ns_sum{instance=\"\",job=\"a\"} 1\ns_count{instance=\"\",job=\"a\"} 0\n");
}

TEST_F(Store, ForgetsWhatIsGone) {
    basic_store<> store;
    auto const many = [](int i) {
        std::vector<owned_family> all;
        for (int k = 0; k != 50; ++k)
            all.push_back(family("f_" + std::to_string(i) + "_" + std::to_string(k), metric_type::gauge));
        return all;
    };
    for (int i = 0; i != 20; ++i) {
        ASSERT_TRUE(
            store.push(grouping_key("a").set("i", std::to_string(i)), push_mode::replace, owned_source(many(i))));
    }
    EXPECT_EQ(store.statistics().families, 20u * 50 + 2);
    EXPECT_GT(store.statistics().bytes, 20u * 50 * 64);
    for (int i = 0; i != 20; ++i) {
        ASSERT_TRUE(store.push(grouping_key("a").set("i", std::to_string(i)), push_mode::replace, owned_source({})));
    }
    EXPECT_EQ(store.statistics().families, 2u);
    for (int i = 0; i != 20; ++i) EXPECT_TRUE(store.erase(grouping_key("a").set("i", std::to_string(i))));
    EXPECT_EQ(store.statistics().bytes, 0u);
    EXPECT_EQ(store.statistics().series, 0u);
}

}  // namespace
}  // namespace pushgateway::test
