// The store against a naive one: random sequences of all operations, with conflicts made likely.

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <pushgateway/store/store.hpp>

#include "store/generators.hpp"
#include "store/naive_store.hpp"
#include "store/owned_families.hpp"

namespace pushgateway::test {
namespace {

template <class Consistency, class Locking>
struct policies : default_policies {
    using clock = manual_clock;
    using consistency = Consistency;
    using locking = Locking;
};

std::string rendered(store::exposition_snapshot const& snapshot) {
    std::string text;
    snapshot.append_to(text);
    return text;
}

/// What of a family is shown: each series with the type of its family.
struct shown_series {
    std::string name;
    model::metric_type type;
    owned_metric metric;
};

std::vector<shown_series> all_shown(store::exposition_snapshot const& snapshot) {
    std::vector<shown_series> all;
    for (auto const& family : snapshot.families()) {
        for (auto const& page : family.pages()) {
            page.for_each_metric([&](model::metric const& metric) {
                all.push_back({std::string(family.name()), family.type(), own(metric)});
            });
        }
    }
    return all;
}

model::grouping_key key_of(model::labels pairs) {
    model::grouping_key key("");
    for (auto const& [name, value] : pairs) key.set(name, value);
    return key;
}

template <class Store>
void compare_groups(Store const& store, naive_store const& naive) {
    auto const snapshot = store.groups();
    RC_ASSERT(snapshot.size() == naive.groups().size());
    std::size_t at = 0;
    for (auto const& [key, group] : naive.groups()) {
        auto const view = snapshot[at++];
        RC_ASSERT(key_of(view.key()) == key);
        RC_ASSERT(view.push_time() == group.push_time);
        RC_ASSERT(view.push_failure_time() == group.failure_time);
        RC_ASSERT(view.last_push_successful() == (group.failure_time <= group.push_time));
        auto const expected = naive.families(key);
        auto const families = view.families();
        RC_ASSERT(families.size() == expected.size());
        std::size_t n = 0;
        for (auto const& [name, family] : expected) {
            auto const& got = families[n++];
            RC_ASSERT(got.name() == name);
            RC_ASSERT(got.type() == family.content.type);
            RC_ASSERT((got.help() ? std::optional<std::string>(*got.help()) : std::nullopt) == family.content.help);
            RC_ASSERT(got.pushed_at() == family.pushed_at);
            std::vector<owned_metric> metrics;
            got.for_each_metric([&](model::metric const& metric) { metrics.push_back(own(metric)); });
            RC_ASSERT(metrics == family.content.metrics);
        }
    }
}

naive_store::verdict verdict_of(result<> const& pushed) {
    using verdict = naive_store::verdict;
    if (pushed) return verdict::accepted;
    if (pushed.error().code == errc::inconsistent) return verdict::inconsistent;
    RC_ASSERT(pushed.error().code == errc::too_many);
    return pushed.error().limit == limit_kind::groups ? verdict::too_many_groups : verdict::too_many_series;
}

/// Runs operations on both stores and calls `verify` after each.
template <class Store, class Verify>
void run(std::vector<operation> const& operations, Store& store, naive_store& naive, manual_clock& clock,
         Verify&& verify) {
    for (auto const& op : operations) {
        clock.advance(std::chrono::milliseconds(500));
        switch (op.what) {
            case operation::kind::push:
            case operation::kind::repeat: {
                auto const result = store.push(op.key, op.mode, owned_source(op.families));
                auto const expected = naive.push(op.key, op.mode, op.families, clock.now());
                if (!result) RC_LOG() << result.error().message << '\n';
                RC_ASSERT(verdict_of(result) == expected);
                if (!result) RC_ASSERT(valid_utf8(result.error().message));
                break;
            }
            case operation::kind::erase: RC_ASSERT(store.erase(op.key) == naive.erase(op.key)); break;
            case operation::kind::wipe:
                store.wipe();
                naive.wipe();
                break;
        }
        verify();
    }
}

template <class Locking>
class StoreModel : public ::testing::Test {};

using lockings = ::testing::Types<shared_locking, no_locking>;
TYPED_TEST_SUITE(StoreModel, lockings);

TYPED_TEST(StoreModel, CheckedStoreDoesWhatANaiveOneDoes) {
    EXPECT_TRUE(rc::check([] {
        auto const operations = random_operations({});
        RC_LOG() << rc::toString(operations.size()) << '\n';
        for (auto const& op : operations) RC_LOG() << op;
        manual_clock clock(timestamp(std::chrono::seconds(1'700'000'000)));
        store::basic_store<policies<selectable, TypeParam>> store(clock, selectable{true});
        naive_store naive(true);
        store.reserve("gateway_thing", "the gateway's own", model::metric_type::gauge);
        naive.reserve("gateway_thing", "the gateway's own", model::metric_type::gauge);

        run(operations, store, naive, clock, [&] {
            RC_ASSERT(rendered(store.scrape()) == naive.scrape());
            compare_groups(store, naive);
            auto const text = naive.scrape();
            std::size_t lines = 0;
            std::size_t families = 0;
            for (std::size_t at = 0; at < text.size(); at = text.find('\n', at) + 1) {
                lines += text[at] != '#';
                families += text.compare(at, 7, "# TYPE ") == 0;
            }
            auto const statistics = store.statistics();
            RC_ASSERT(statistics.groups == naive.groups().size());
            RC_ASSERT(statistics.series == lines);
            RC_ASSERT(statistics.families == families);
            std::size_t hidden = 0;
            for (auto const& [key, group] : naive.groups()) hidden += naive_bad_key(key) ? 2 : 0;
            RC_ASSERT(statistics.clashing_series == hidden);
        });
    }));
}

TYPED_TEST(StoreModel, BoundedStoreDoesWhatANaiveOneDoes) {
    std::size_t groups_refused = 0;
    std::size_t series_refused = 0;
    EXPECT_TRUE(rc::check([&] {
        bool const check = *rc::gen::arbitrary<bool>();
        auto const operations = random_operations({});
        limits bounds;
        bounds.groups = *rc::gen::inRange<std::size_t>(0, 5);
        bounds.series = *rc::gen::inRange<std::size_t>(0, 30);
        RC_LOG() << bounds.groups << " groups, " << bounds.series << " series\n";
        for (auto const& op : operations) RC_LOG() << op;
        manual_clock clock(timestamp(std::chrono::seconds(1'700'000'000)));
        store::basic_store<policies<selectable, TypeParam>> store(clock, selectable{check}, {}, bounds);
        naive_store naive(check, bounds);
        run(operations, store, naive, clock, [&] {
            compare_groups(store, naive);
            auto const statistics = store.statistics();
            auto const series = statistics.series + statistics.clashing_series;
            RC_ASSERT(statistics.groups == naive.groups().size());
            RC_ASSERT(series == naive_store::series_of(naive.groups()));
            RC_ASSERT(bounds.groups == 0 || statistics.groups <= bounds.groups);
            RC_ASSERT(bounds.series == 0 || series <= bounds.series);
        });
        groups_refused += naive.count(naive_store::verdict::too_many_groups);
        series_refused += naive.count(naive_store::verdict::too_many_series);
    }));
    EXPECT_GT(groups_refused, 0U);
    EXPECT_GT(series_refused, 0U);
}

TYPED_TEST(StoreModel, UncheckedStoreShowsAsMuchAsFitsTogether) {
    EXPECT_TRUE(rc::check([] {
        auto const operations = random_operations({.empty_families = false});
        for (auto const& op : operations) RC_LOG() << op;
        manual_clock clock(timestamp(std::chrono::seconds(1'700'000'000)));
        store::basic_store<policies<selectable, TypeParam>> store(clock, selectable{false});
        naive_store naive(false);
        store.reserve("gateway_thing", "the gateway's own", model::metric_type::gauge);
        naive.reserve("gateway_thing", "the gateway's own", model::metric_type::gauge);

        run(operations, store, naive, clock, [&] {
            compare_groups(store, naive);
            auto const shown = all_shown(store.scrape());

            // What is shown was pushed, and fits together.
            auto together = naive.empty_exposition();
            std::multiset<std::string> unaccounted;
            std::size_t lines = 0;
            // Gauge histograms stand among the histograms of their name, if there are any.
            auto const print = [](std::string const& name, model::metric_type type, owned_metric const& metric) {
                std::ostringstream out;
                if (type == model::metric_type::gauge_histogram) type = model::metric_type::histogram;
                out << name << static_cast<int>(type) << metric;
                return out.str();
            };
            for (auto const& s : shown) {
                together.add_family(s.name, s.type);
                together.add_series(s.name, s.metric.labels);
                unaccounted.insert(print(s.name, s.type, s.metric));
                lines += naive_lines({s.name, {}, s.type, {}}, s.metric);
            }
            RC_ASSERT(together.consistent());

            // What is not shown would not fit.
            std::size_t hidden = 0;
            for (auto const& [key, group] : naive.groups()) {
                for (auto const& [name, family] : naive.families(key)) {
                    for (auto const& metric : family.content.metrics) {
                        auto const at = unaccounted.find(print(name, family.content.type, metric));
                        if (at != unaccounted.end()) {
                            unaccounted.erase(at);
                            continue;
                        }
                        hidden += naive_lines(family.content, metric);
                        if (naive_bad_key(key) || naive_bad_series(family.content, metric.labels)) continue;
                        auto with = together;
                        with.add_family(name, family.content.type);
                        with.add_series(name, metric.labels);
                        RC_ASSERT(!with.consistent());
                    }
                }
            }
            RC_ASSERT(unaccounted.empty());
            auto const statistics = store.statistics();
            RC_ASSERT(statistics.series == lines);
            RC_ASSERT(statistics.clashing_series == hidden);
        });
    }));
}

TYPED_TEST(StoreModel, OrderOfIndependentPushesDoesNotMatter) {
    EXPECT_TRUE(rc::check([] {
        std::map<model::grouping_key, std::vector<owned_family>> pushes;
        auto const count = *rc::gen::inRange(2, 30);
        repertoire const peaceful{.damaged = false, .empty_instance = false, .empty_families = false, .clashes = false};
        for (int i = 0; i != count; ++i) {
            auto key = random_key(peaceful);
            key.set("n", std::to_string(*rc::gen::inRange(0, 50)));
            pushes[key] = random_families(peaceful);
        }
        std::vector<model::grouping_key> keys;
        for (auto const& [key, families] : pushes) keys.push_back(key);

        auto const in_order = [&](std::vector<model::grouping_key> const& order) {
            store::basic_store<policies<checked, TypeParam>> store;
            for (auto const& key : order) {
                RC_ASSERT(store.push(key, push_mode::replace, owned_source(pushes[key])).has_value());
            }
            return rendered(store.scrape());
        };
        auto const first = in_order(keys);
        auto shuffled = keys;
        for (std::size_t i = shuffled.size(); i > 1; --i) {
            std::swap(shuffled[i - 1], shuffled[*rc::gen::inRange<std::size_t>(0, i)]);
        }
        RC_ASSERT(in_order(shuffled) == first);
    }));
}

TYPED_TEST(StoreModel, SnapshotsDoNotChange) {
    EXPECT_TRUE(rc::check([] {
        auto const operations = random_operations({});
        manual_clock clock(timestamp(std::chrono::seconds(1'700'000'000)));
        store::basic_store<policies<unchecked, TypeParam>> store(clock);
        naive_store naive(false);
        std::vector<std::pair<store::exposition_snapshot, std::vector<shown_series>>> taken;
        std::vector<std::pair<store::group_snapshot, std::size_t>> groups_taken;
        auto const same = [](shown_series const& a, shown_series const& b) {
            return a.name == b.name && a.type == b.type && a.metric == b.metric;
        };
        auto const count_metrics = [](store::group_snapshot const& snapshot) {
            std::size_t sum = 0;
            for (auto const& group : snapshot.groups()) {
                for (auto const& family : group.families()) {
                    family.for_each_metric([&](model::metric const& m) {
                        sum = sum * 31 + m.labels.size() + static_cast<std::size_t>(own(m).value);
                    });
                }
            }
            return sum;
        };
        run(operations, store, naive, clock, [&] {
            auto snapshot = store.scrape();
            auto shown = all_shown(snapshot);
            taken.emplace_back(std::move(snapshot), std::move(shown));
            auto groups = store.groups();
            auto const sum = count_metrics(groups);
            groups_taken.emplace_back(std::move(groups), sum);
        });
        for (auto const& [snapshot, shown] : taken) RC_ASSERT(std::ranges::equal(all_shown(snapshot), shown, same));
        for (auto const& [snapshot, sum] : groups_taken) RC_ASSERT(count_metrics(snapshot) == sum);
        store.wipe();
        for (auto const& [snapshot, shown] : taken) {
            std::size_t lines = 0;
            for (auto const& s : shown) lines += naive_lines({s.name, {}, s.type, {}}, s.metric);
            auto const text = rendered(snapshot);
            std::size_t samples = 0;
            for (std::size_t at = 0; at < text.size(); at = text.find('\n', at) + 1) samples += text[at] != '#';
            RC_ASSERT(samples == lines);
        }
    }));
}

}  // namespace
}  // namespace pushgateway::test
