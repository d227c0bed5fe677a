// The account of what is stored, beside what is really allocated: a program of its own, whose allocation functions
// count.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <pushgateway/base/memory.hpp>
#include <pushgateway/base/memory_counting.hpp>
#include <pushgateway/format/family_source.hpp>
#include <pushgateway/store/store.hpp>

#include "compiled/store.hpp"
#include "store/generators.hpp"
#include "store/owned_families.hpp"

namespace pushgateway::test {
namespace {

using memory::bytes;
using memory::kind;

constexpr std::size_t mega = std::size_t{1} << 20;

struct counts {
    std::uint64_t stored = bytes(kind::stored);
    std::uint64_t parts = bytes(kind::parts);
    std::uint64_t live = bytes(kind::live);
    std::uint64_t texts = bytes(kind::texts);

    friend bool operator==(counts const&, counts const&) = default;
};

template <class Store>
void apply(Store& store, operation const& op) {
    switch (op.what) {
        case operation::kind::push:
        case operation::kind::repeat: (void)store.push(op.key, op.mode, owned_source(op.families)); break;
        case operation::kind::erase: (void)store.erase(op.key); break;
        case operation::kind::wipe: store.wipe(); break;
    }
}

RC_GTEST_PROP(stored_memory, is_as_it_was_after_any_changes, ()) {
    auto const operations = random_operations({});
    bool const check = *rc::gen::arbitrary<bool>();
    counts const before;
    {
        store::basic_store<steered_policies> store({}, selectable{check});
        std::vector<store::exposition_snapshot> scrapes;
        std::vector<store::group_snapshot> lists;
        for (auto const& op : operations) {
            apply(store, op);
            RC_ASSERT(bytes(kind::live) <= bytes(kind::parts));
            switch (*rc::gen::inRange(0, 6)) {
                case 0: {
                    scrapes.push_back(store.scrape());
                    std::string text;
                    scrapes.back().append_to(text);
                    break;
                }
                case 1: lists.push_back(store.groups()); break;
                case 2: scrapes.clear(); break;
                case 3: store.drop_texts(); break;
                default: break;
            }
        }
        // Old versions are all that makes a difference.
        lists.clear();
        scrapes.clear();
        if (check) RC_ASSERT(bytes(kind::live) == bytes(kind::parts));
    }
    RC_ASSERT(before == counts());
}

/// A family with everything large or many in turn.
enum class much : std::uint8_t { groups, families, empty_families, help, labels, names, values, buckets, series };

std::vector<owned_family> large(much what, std::size_t number) {
    auto const n = std::to_string(number);
    owned_family family{"family_" + n, std::nullopt, model::metric_type::gauge, {}};
    owned_metric metric;
    metric.value = 1;
    metric.labels = {{"l", n}};
    switch (what) {
        case much::groups: family.name = "one"; break;
        case much::families: break;
        case much::empty_families: return {family};
        case much::help: family.help = std::string(10'000, 'h'); break;
        case much::labels:
            for (int i = 0; i != 100; ++i) metric.labels.emplace_back("label_" + std::to_string(i), n);
            break;
        case much::names: family.name += std::string(5'000, 'n'); break;
        case much::values: metric.labels.emplace_back("v", std::string(20'000, 'v')); break;
        case much::buckets:
            family.type = model::metric_type::histogram;
            for (int i = 0; i != 1000; ++i) metric.points.emplace_back(i, i);
            metric.count = 1000;
            break;
        case much::series:
            for (int i = 0; i != 200; ++i) {
                metric.labels = {{"l", n}, {"i", std::to_string(i)}};
                family.metrics.push_back(metric);
            }
            return {family};
    }
    family.metrics = {metric};
    return {family};
}

struct stored_memory : testing::TestWithParam<much> {};

TEST_P(stored_memory, is_what_is_allocated) {
    auto const allocated = bytes(kind::heap);
    counts const before;
    {
        store::basic_store<steered_policies> store;
        for (std::size_t i = 0; i != 2000; ++i) {
            model::grouping_key key("j");
            key.set("group", std::to_string(i % (GetParam() == much::groups ? 2000 : 20)));
            auto const families = large(GetParam(), i);
            ASSERT_TRUE(store.push(key, push_mode::update, owned_source(families)));
        }
        auto const stored = static_cast<double>(bytes(kind::stored) - before.stored);
        auto const real = static_cast<double>(bytes(kind::heap) - allocated);
        EXPECT_GT(real, 100'000);
        EXPECT_LT(stored, real * 1.02);
        EXPECT_GT(stored, real * 0.95) << "of " << real;
    }
    EXPECT_EQ(before, counts());
    EXPECT_LT(bytes(kind::heap), allocated + 100'000);
}

INSTANTIATE_TEST_SUITE_P(whatever_is_much, stored_memory,
                         testing::Values(much::groups, much::families, much::empty_families, much::help, much::labels,
                                         much::names, much::values, much::buckets, much::series));

/// The account of a store with many groups of one such metric.
void expect_counted(model::metric const& metric, model::metric_type type) {
    auto const allocated = bytes(kind::heap);
    counts const before;
    {
        model::metric_family const family{"f", {}, type, {&metric, 1}};
        store::basic_store<steered_policies> store;
        for (std::size_t i = 0; i != 300; ++i) {
            auto const key = model::grouping_key("j").set("group", std::to_string(i));
            ASSERT_TRUE(store.push(key, push_mode::replace, format::families({&family, 1})));
        }
        auto const stored = static_cast<double>(bytes(kind::stored) - before.stored);
        auto const real = static_cast<double>(bytes(kind::heap) - allocated);
        EXPECT_GT(real, 1'000'000);
        EXPECT_LT(stored, real * 1.02);
        EXPECT_GT(stored, real * 0.95) << "of " << real;
    }
    EXPECT_EQ(before, counts());
}

TEST(stored_details, are_counted_as_what_is_allocated) {
    std::vector<model::bucket_span> const spans{{0, 10'000}};
    std::vector<std::int64_t> deltas(10'000, 0);
    deltas.front() = 1;
    model::native_buckets const native{0, 0, 0, {}, {spans, deltas}};
    expect_counted({{}, model::histogram{10'000, 1, {}, &native}}, model::metric_type::histogram);
    std::string const id(10'000, 'x');
    model::label const label{"trace", id};
    model::exemplar const exemplar{model::exemplar::no_bucket, {&label, 1}, 1, {}};
    model::metric_details const details{{}, {&exemplar, 1}};
    expect_counted({{}, model::counter{1}, {}, &details}, model::metric_type::counter);
}

struct bound_store : testing::TestWithParam<much> {
    static limits bound(std::size_t more) {
        memory::note_measured(bytes(kind::heap));
        limits bounds;
        bounds.memory = memory::used() + more;
        return bounds;
    }
};

TEST_P(bound_store, stays_within_its_limit_and_may_shrink) {
    auto const bounds = bound(16 * mega);
    store::basic_store<steered_policies> store({}, {}, {}, bounds);
    std::optional<error> refused;
    std::size_t pushed = 0;
    for (; pushed != 1'000'000 && !refused; ++pushed) {
        model::grouping_key key("j");
        key.set("group", std::to_string(pushed));
        auto const families = large(GetParam(), pushed);
        auto const outcome = store.push(key, push_mode::replace, owned_source(families));
        ASSERT_LE(memory::used(), bounds.memory);
        if (!outcome) refused = outcome.error();
    }
    ASSERT_TRUE(refused) << "nothing was refused";
    EXPECT_EQ(refused->code, errc::too_many);
    EXPECT_EQ(refused->limit, limit_kind::memory);
    EXPECT_GT(pushed, 10U);
    auto const at = [](std::size_t group) { return model::grouping_key("j").set("group", std::to_string(group)); };
    EXPECT_EQ(store.group(at(pushed - 1)).size(), 0U) << "no group is made by what is refused";
    EXPECT_TRUE(store.push(at(0), push_mode::replace, owned_source(large(GetParam(), 0)))) << "the same again";
    EXPECT_TRUE(store.push(at(0), push_mode::replace, owned_source({}))) << "less";
    for (std::size_t i = 0; i != pushed / 2; ++i) EXPECT_TRUE(store.erase(at(i)));
    EXPECT_TRUE(store.push(at(0), push_mode::replace, owned_source(large(GetParam(), 0)))) << "there is room again";
}

INSTANTIATE_TEST_SUITE_P(whatever_is_much, bound_store,
                         testing::Values(much::groups, much::families, much::empty_families, much::help, much::labels,
                                         much::names, much::values, much::buckets, much::series));

TEST(rendered_pages, are_kept_only_as_long_as_there_is_room) {
    auto const bounds = bound_store::bound(16 * mega);
    store::basic_store<steered_policies> store({}, {}, {}, bounds);
    std::string whole;
    for (std::size_t i = 0;; ++i) {
        auto const families = large(much::series, i);
        auto const key = model::grouping_key("j").set("group", std::string(100, 'g') + std::to_string(i));
        if (!store.push(key, push_mode::replace, owned_source(families))) break;
    }
    auto const before = memory::used();
    auto const scrape = [&] {
        std::size_t size = 0;
        auto const snapshot = store.scrape();
        for (auto const& family : snapshot.families()) {
            for (auto const& page : family.pages()) {
                std::string text;
                page.append_text(text);
                size += text.size();
            }
        }
        return size;
    };
    auto const size = scrape();
    EXPECT_GT(size, 16 * mega) << "the text alone would be too much";
    EXPECT_LE(memory::used(), before + 3 * mega);
    EXPECT_EQ(scrape(), size);
    // Less is stored, so some of it may be kept; until there is more to store.
    for (std::size_t i = 0; i != 50; ++i) {
        EXPECT_TRUE(store.erase(model::grouping_key("j").set("group", std::string(100, 'g') + std::to_string(i))));
    }
    scrape();
    auto const kept = bytes(kind::texts);
    EXPECT_GT(kept, 0U);
    EXPECT_LE(memory::used(), bounds.memory);
    store.drop_texts();
    EXPECT_EQ(bytes(kind::texts), 0U);
}

TEST(versions, that_are_the_same_are_held_once) {
    store::basic_store<steered_policies> store;
    for (std::size_t i = 0; i != 100; ++i) {
        auto const families = large(much::families, i);
        ASSERT_TRUE(store.push(model::grouping_key("j"), push_mode::update, owned_source(families)));
    }
    auto const before = bytes(kind::stored);
    auto const first = store.scrape();
    auto const one = bytes(kind::stored);
    EXPECT_GT(one, before);
    auto const second = store.scrape();
    EXPECT_EQ(bytes(kind::stored), one);
    EXPECT_EQ(second.family_count(), first.family_count());
    ASSERT_TRUE(store.push(model::grouping_key("k"), push_mode::update, owned_source(large(much::families, 0))));
    auto const third = store.scrape();
    EXPECT_GT(bytes(kind::stored), one);
}

}  // namespace
}  // namespace pushgateway::test
