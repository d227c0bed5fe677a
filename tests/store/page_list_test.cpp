// Pages: cut at bounded sizes, joined when they shrink, in the order of the keys, and found again by their groups.

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <pushgateway/store/page_list.hpp>
#include <pushgateway/store/part_writer.hpp>
#include <pushgateway/store/store.hpp>

#include "store/naive_store.hpp"
#include "store/owned_families.hpp"

namespace pushgateway::test {
namespace {

std::vector<owned_family> gauges(std::string const& name, std::size_t metrics, std::size_t value_size, double value) {
    owned_family family{name, std::nullopt, model::metric_type::gauge, {}};
    for (std::size_t i = 0; i != metrics; ++i) {
        owned_metric metric;
        metric.labels = {{"n", std::string(value_size, 'v') + std::to_string(i)}};
        metric.value = value;
        family.metrics.push_back(metric);
    }
    return {family};
}

std::string text_of(store::exposition_snapshot const& snapshot) {
    std::string text;
    snapshot.append_to(text);
    return text;
}

std::vector<std::size_t> page_sizes(store::exposition_snapshot const& snapshot, std::string_view name) {
    std::vector<std::size_t> sizes;
    for (auto const& family : snapshot.families()) {
        if (family.name() != name) continue;
        for (auto const& page : family.pages()) sizes.push_back(page.text().size());
    }
    return sizes;
}

TEST(Pages, OfALargeFamilyAreBounded) {
    store::basic_store<> store;
    ASSERT_TRUE(store.push(model::grouping_key("a"), push_mode::replace, owned_source(gauges("x", 5000, 10, 1))));
    auto const sizes = page_sizes(store.scrape(), "x");
    EXPECT_GT(sizes.size(), 10u);
    EXPECT_LE(std::ranges::max(sizes), store::page_target * 3 / 2);
    EXPECT_EQ(store.statistics().series, 5002u);
}

TEST(Pages, OfManyGroupsAreBoundedAndNotTiny) {
    store::basic_store<> store;
    auto const families = gauges("x", 1, 10, 1);
    for (int i = 0; i != 3000; ++i) {
        auto const key = model::grouping_key("a").set("n2", std::to_string(i * 7919 % 3000));
        ASSERT_TRUE(store.push(key, push_mode::replace, owned_source(families)));
    }
    auto sizes = page_sizes(store.scrape(), "x");
    ASSERT_GT(sizes.size(), 5u);
    EXPECT_LE(std::ranges::max(sizes), store::page_target * 3 / 2);
    sizes.pop_back();  // the last one may have just begun
    EXPECT_GT(std::ranges::min(sizes), store::page_target / 4);
}

TEST(Pages, OfOneHugeMetricIsJustAsHuge) {
    store::basic_store<> store;
    ASSERT_TRUE(store.push(model::grouping_key("a"), push_mode::replace, owned_source(gauges("x", 3, 3'000'000, 1))));
    auto const sizes = page_sizes(store.scrape(), "x");
    EXPECT_EQ(sizes.size(), 3u);
    EXPECT_GT(sizes.front(), 3'000'000u);
}

TEST(Pages, JoinWhenTheyShrink) {
    store::basic_store<> store;
    auto const families = gauges("x", 1, 10, 1);
    auto const key = [](int i) { return model::grouping_key("a").set("n2", std::to_string(i)); };
    for (int i = 0; i != 3000; ++i) ASSERT_TRUE(store.push(key(i), push_mode::replace, owned_source(families)));
    auto const before = page_sizes(store.scrape(), "x").size();
    for (int i = 0; i != 3000; ++i) {
        if (i % 20 != 0) {
            ASSERT_TRUE(store.erase(key(i)));
        }
    }
    auto const sizes = page_sizes(store.scrape(), "x");
    EXPECT_LT(sizes.size() * 5, before);
    EXPECT_EQ(store.statistics().series, 150u * 3);
    store.wipe();
    EXPECT_TRUE(page_sizes(store.scrape(), "x").empty());
}

TEST(Pages, ThatDidNotChangeAreRenderedOnce) {
    store::basic_store<> store;
    auto const key = [](int i) { return model::grouping_key("a").set("n2", std::to_string(10000 + i)); };
    for (int i = 0; i != 2000; ++i) {
        ASSERT_TRUE(store.push(key(i), push_mode::replace, owned_source(gauges("x", 1, 10, 1))));
    }
    auto const texts = [&store] {
        auto const snapshot = store.scrape();
        std::vector<char const*> all;
        for (auto const& family : snapshot.families()) {
            if (family.name() != "x") continue;
            for (auto const& page : family.pages()) all.push_back(page.text().data());
        }
        return all;
    };
    auto const held = store.scrape();
    auto const before = texts();
    ASSERT_TRUE(store.push(key(1000), push_mode::replace, owned_source(gauges("x", 1, 10, 2))));
    auto const after = texts();
    ASSERT_EQ(before.size(), after.size());
    std::size_t changed = 0;
    for (std::size_t i = 0; i != before.size(); ++i) changed += before[i] != after[i];
    EXPECT_EQ(changed, 1u);
}

TEST(Pages, ShowEveryPushWhetherOrNotASnapshotIsHeld) {
    for (bool const hold : {false, true}) {
        manual_clock clock(timestamp(std::chrono::seconds(1'000'000)));
        struct policies : default_policies {
            using clock = manual_clock;
        };
        store::basic_store<policies> store(clock);
        naive_store naive(true);
        std::vector<store::exposition_snapshot> held;
        std::vector<std::string> texts;
        for (int round = 0; round != 3; ++round) {
            for (int i = 0; i != 120; ++i) {
                auto const key = model::grouping_key("a").set("g", std::to_string(i * 37 % 120));
                auto const families = gauges("x", 1 + static_cast<std::size_t>(i % 3), 300, round);
                ASSERT_TRUE(store.push(key, push_mode::update, owned_source(families)));
                ASSERT_EQ(naive.push(key, push_mode::update, families, clock.now()), naive_store::verdict::accepted);
                if (i % 30 == 0) {
                    auto snapshot = store.scrape();
                    texts.push_back(text_of(snapshot));
                    ASSERT_EQ(texts.back(), naive.scrape());
                    if (hold) held.push_back(std::move(snapshot));
                }
            }
        }
        for (std::size_t i = 0; i != held.size(); ++i) EXPECT_EQ(text_of(held[i]), texts[i]);
    }
}

/// Entries of one family under random keys, in random order; where each is must be told to it.
TEST(PageList, KeepsItsOrderAndTellsEveryEntryWhereItIs) {
    EXPECT_TRUE(rc::check([] {
        store::page_list list;
        hash_key const secret;
        std::map<model::grouping_key, ref<store::stored_family>> entries;
        std::map<store::stored_family const*, store::page_place> places;
        auto const relocate = [&](store::stored_family const& entry, store::page_place place) {
            places[&entry] = place;
        };
        auto const meta = make_ref<store::family_meta>("x", model::metric_type::gauge, std::nullopt);
        auto const steps = *rc::gen::inRange(1, 400);
        std::vector<ref<store::page_content const>> snapshot;
        for (int i = 0; i != steps; ++i) {
            auto const key = model::grouping_key("j").set("k", std::to_string(*rc::gen::inRange(0, 200)));
            bool const remove = entries.contains(key);
            if (remove) {
                auto const removed = std::move(entries[key]);
                entries.erase(key);
                auto const entry = list.remove(places.at(removed.get()), relocate);
                RC_ASSERT(entry.get() == removed.get());
                places.erase(removed.get());
            } else {
                store::part_writer writer(0);
                store::family_parts parts;
                writer.begin("x", false);
                std::string const value(*rc::gen::inRange<std::size_t>(0, 4000), 'v');
                model::label const label{"l", value};
                writer.add({&label, 1}, {{}, model::gauge{1}}, false, parts);
                writer.end(parts);
                parts.front()->attach(store::stored_key::make(key, store::key_hash::of(key, secret), 0), meta, {});
                entries[key] = parts.front();
                places[parts.front().get()] = list.insert(parts.front(), relocate);
            }
            if (*rc::gen::inRange(0, 10) == 0) {
                snapshot.clear();
                for (auto const& p : list.pages()) snapshot.emplace_back(p->content());
            }
            // A removal shifts what stands behind it: positions are guesses, pages are not.
            std::vector<store::stored_family const*> order;
            for (auto const& p : list.pages()) {
                RC_ASSERT(p->content()->size() > 0u);
                std::uint32_t estimate = 0;
                for (auto const& entry : p->content()->entries()) {
                    order.push_back(entry.get());
                    estimate += entry->estimate();
                    auto& place = places.at(entry.get());
                    RC_ASSERT(place.at == p.get());
                    place.position = p->content()->find(entry.get(), place.position);
                    RC_ASSERT((*p->content())[place.position] == entry);
                }
                RC_ASSERT(estimate == p->content()->estimate());
                RC_ASSERT(estimate <= store::page_target * 3 / 2 || p->content()->size() == 1);
            }
            std::vector<store::stored_family const*> expected;
            for (auto const& [k, entry] : entries) expected.push_back(entry.get());
            RC_ASSERT(order == expected);
        }
    }));
}

}  // namespace
}  // namespace pushgateway::test
