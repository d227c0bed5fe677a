// The two times of groups: what is shown of their headers, how little of it is made anew, and what old versions take.

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <pushgateway/base/memory.hpp>
#include <pushgateway/store/store.hpp>

#include "compiled/store.hpp"
#include "store/naive_store.hpp"
#include "store/owned_families.hpp"
#include "support/steered_policies.hpp"

namespace pushgateway::test {
namespace {

using steered_store = store::basic_store<steered_policies>;

model::grouping_key padded_key(int number) {
    return model::grouping_key("a").set("padding", std::string(200, 'p')).set("n", std::to_string(1000 + number));
}

std::vector<owned_family> one_series(std::string const& name, model::metric_type type = model::metric_type::gauge) {
    return {{name, std::nullopt, type, {{{}, 1}}}};
}

std::string lines_of(store::exposition_snapshot const& snapshot) {
    std::string text;
    snapshot.append_to(text);
    return text;
}

/// Where the rendered lines of a family are, page by page.
std::vector<char const*> rendered_at(store::exposition_snapshot const& snapshot, std::string_view name) {
    std::vector<char const*> all;
    auto const at = snapshot.find(name);
    if (!at) return all;
    for (auto const& page : snapshot.families()[static_cast<std::ptrdiff_t>(*at)].pages()) {
        all.push_back(page.text().data());
        EXPECT_EQ(page.text(line_format::openmetrics).data(), page.text().data());
    }
    return all;
}

std::size_t differing(std::vector<char const*> const& a, std::vector<char const*> const& b) {
    EXPECT_EQ(a.size(), b.size());
    std::size_t count = 0;
    for (std::size_t i = 0; i != std::min(a.size(), b.size()); ++i) count += a[i] != b[i];
    return count;
}

TEST(Times, AreRenderedAnewOnlyWhereTheyChanged) {
    steered_store store;
    for (int i = 0; i != 1000; ++i) {
        ASSERT_TRUE(store.push(padded_key(i), push_mode::replace, owned_source(one_series("x"))));
    }
    auto const before = store.scrape();
    auto const pushed = rendered_at(before, "push_time_seconds");
    auto const failed = rendered_at(before, "push_failure_time_seconds");
    EXPECT_GT(pushed.size(), 10);
    ASSERT_TRUE(store.push(padded_key(500), push_mode::replace, owned_source(one_series("x"))));
    auto const after_push = store.scrape();
    EXPECT_EQ(differing(rendered_at(after_push, "push_time_seconds"), pushed), 1);
    EXPECT_EQ(differing(rendered_at(after_push, "push_failure_time_seconds"), failed), 0);
    ASSERT_FALSE(
        store.push(padded_key(500), push_mode::replace, owned_source(one_series("x", model::metric_type::counter))));
    auto const after_failure = store.scrape();
    EXPECT_EQ(differing(rendered_at(after_failure, "push_time_seconds"), rendered_at(after_push, "push_time_seconds")),
              0);
    EXPECT_EQ(differing(rendered_at(after_failure, "push_failure_time_seconds"), failed), 1);
    EXPECT_EQ(differing(rendered_at(before, "push_time_seconds"), pushed), 0) << "nobody's version changes";
}

TEST(Times, OfOldVersionsAreInTheAccountOfTheMemory) {
    auto const stored = memory::bytes(memory::kind::stored);
    {
        steered_store store;
        for (int i = 0; i != 1000; ++i) {
            ASSERT_TRUE(store.push(padded_key(i), push_mode::replace, owned_source({})));
        }
        EXPECT_EQ(memory::old_versions(), 0);
        {
            auto const held = store.scrape();
            EXPECT_EQ(memory::old_versions(), 0);
            for (int i = 0; i != 1000; ++i) {
                ASSERT_TRUE(store.push(padded_key(i), push_mode::replace, owned_source({})));
            }
            EXPECT_GE(memory::old_versions(), 1000 * sizeof(store::shown_header));
            EXPECT_LE(memory::old_versions(), 3000 * sizeof(store::shown_header));
            store.wipe();
            EXPECT_GE(memory::old_versions(), 1000 * sizeof(store::shown_header));
        }
        EXPECT_EQ(memory::old_versions(), 0);
        ASSERT_TRUE(store.push(padded_key(0), push_mode::replace, owned_source({})));
        EXPECT_EQ(memory::old_versions(), 0);
    }
    EXPECT_EQ(memory::old_versions(), 0);
    EXPECT_EQ(memory::bytes(memory::kind::parts), memory::bytes(memory::kind::live));
    EXPECT_EQ(memory::bytes(memory::kind::stored), stored);
}

TEST(Times, AreDroppedWithTheOtherTextsWhenMemoryIsShort) {
    steered_store store;
    for (int i = 0; i != 300; ++i) {
        ASSERT_TRUE(store.push(padded_key(i), push_mode::replace, owned_source({})));
    }
    auto const texts = memory::bytes(memory::kind::texts);
    static_cast<void>(lines_of(store.scrape()));
    EXPECT_GT(memory::bytes(memory::kind::texts), texts + 300 * 2 * 200);
    store.drop_texts();
    EXPECT_EQ(memory::bytes(memory::kind::texts), texts);
}

TEST(Times, OfGroupsThatAreTheSameToPrometheusAreThoseOfOne) {
    recording_logger log;
    steered_store store(manual_clock(timestamp(std::chrono::seconds(5))), selectable{false}, log);
    auto const shown = [&store] {
        auto const text = lines_of(store.scrape());
        std::string times;
        for (std::size_t at = 0; at < text.size();) {
            auto const end = text.find('\n', at) + 1;
            auto const line = text.substr(at, end - at);
            if (line.starts_with("push_time_seconds")) times += line;
            at = end;
        }
        return times;
    };
    model::grouping_key const key("a");
    for (auto const* const name : {"r", "s"}) {
        auto other = key;
        ASSERT_TRUE(store.push(other.set(name, ""), push_mode::replace, owned_source({})));
    }
    ASSERT_TRUE(store.push(key, push_mode::replace, owned_source({})));
    EXPECT_EQ(shown(), "push_time_seconds{instance=\"\",job=\"a\",r=\"\"} 5\n");
    EXPECT_EQ(store.statistics().series, 2);
    EXPECT_EQ(store.statistics().clashing_series, 4);
    ASSERT_EQ(log.entries().size(), 2);
    EXPECT_EQ(log.entries()[1].fields.at(0).second,
              "group {job=\"a\"} is left out: to Prometheus the group is the same as group {job=\"a\",r=\"\"}, since a "
              "label without a value is none");
    auto other = key;
    EXPECT_TRUE(store.erase(other.set("r", "")));
    EXPECT_EQ(shown(), "push_time_seconds{instance=\"\",job=\"a\",s=\"\"} 5\n");
    EXPECT_TRUE(store.erase(key)) << "one that waits";
    other = key;
    EXPECT_TRUE(store.erase(other.set("s", "")));
    EXPECT_EQ(shown(), "");
    EXPECT_EQ(store.statistics().families, 0);
    EXPECT_EQ(store.statistics().clashing_series, 0);
}

TEST(Times, AreNotTakenForFamiliesOfAKeptGroup) {
    steered_store store;
    model::metric const one{{}, model::gauge{1}};
    for (auto const which : store::all_time_series) {
        model::metric_family const family{store::name_of(which), {}, model::metric_type::gauge, {&one, 1}};
        auto const refused = store.restore(model::grouping_key("a"), {}, format::families({&family, 1}),
                                           [](std::string_view) { return timestamp{}; });
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().code, errc::invalid);
        EXPECT_EQ(refused.error().message, "group {job=\"a\"}: the family " + std::string(store::name_of(which)) +
                                               " is one that shows the times of groups");
    }
    EXPECT_EQ(store.statistics().groups, 0);
}

/// Many groups on many pages: whatever came before, scrapes included, what is shown is what the naive store says, also
/// of versions that somebody holds.
RC_GTEST_PROP(Times, ShowWhatHappenedToEveryGroupLast, ()) {
    manual_clock clock(timestamp(std::chrono::seconds(1'700'000'000)));
    steered_store store(clock);
    naive_store naive(true);
    struct version {
        store::exposition_snapshot shown;
        std::string text;
    };
    std::optional<version> held;
    auto const good = one_series("x");
    auto const bad = one_series("x", model::metric_type::counter);
    ASSERT_TRUE(store.push(model::grouping_key("first"), push_mode::replace, owned_source(good)));
    naive.push(model::grouping_key("first"), push_mode::replace, good, clock.now());
    auto const groups = *rc::gen::inRange(1, 150);
    for (int left = *rc::gen::inRange(0, 300); left != 0; --left) {
        clock.advance(std::chrono::milliseconds(500));
        auto const key = padded_key(*rc::gen::inRange(0, groups));
        switch (*rc::gen::inRange(0, 8)) {
            case 0: RC_ASSERT(store.erase(key) == naive.erase(key)); break;
            case 1:
            case 2:
                RC_ASSERT(!store.push(key, push_mode::update, owned_source(bad)));
                naive.push(key, push_mode::update, bad, clock.now());
                break;
            case 3: {
                auto shown = store.scrape();
                auto text = lines_of(shown);
                RC_ASSERT(text == naive.scrape());
                if (held) RC_ASSERT(lines_of(held->shown) == held->text);
                held.reset();
                if (*rc::gen::arbitrary<bool>()) held.emplace(std::move(shown), std::move(text));
                break;
            }
            default:
                RC_ASSERT(store.push(key, push_mode::update, owned_source({})).has_value());
                naive.push(key, push_mode::update, {}, clock.now());
                break;
        }
    }
    RC_ASSERT(lines_of(store.scrape()) == naive.scrape());
    if (held) RC_ASSERT(lines_of(held->shown) == held->text);
}

}  // namespace
}  // namespace pushgateway::test
