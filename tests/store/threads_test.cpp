// Pushers, deleters and scrapers at once: every scrape is a state that some order of the acknowledged pushes explains.

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include <pushgateway/store/store.hpp>

namespace pushgateway::test {
namespace {

constexpr std::size_t groups = 6;
constexpr std::size_t families = 4;

std::string family_name(std::size_t i) { return "work_" + std::to_string(i); }

model::grouping_key key_of(std::size_t group) { return model::grouping_key("g").set("n", std::to_string(group)); }

/// A push that writes `value` to all families of a group. What it is made of lives as long as it does.
class same_value_everywhere {
public:
    explicit same_value_everywhere(std::uint64_t value) {
        for (std::size_t i = 0; i != families; ++i) {
            names_[i] = family_name(i);
            metrics_[i].value = model::counter{static_cast<double>(value)};
            // Now and then the label sets change, so that all ways of applying a push are taken.
            if (value / 8 % 2 != 0) metrics_[i].labels = {&label_, 1};
        }
    }

    template <class Visit>
    void for_each_family(Visit&& visit) const {
        for (std::size_t i = 0; i != families; ++i) {
            visit(model::metric_family{names_[i], std::nullopt, model::metric_type::counter, {&metrics_[i], 1}});
        }
    }

private:
    model::label label_{"odd", "1"};
    std::array<std::string, families> names_;
    std::array<model::metric, families> metrics_;
};

/// What one reader has seen last, by group.
struct witness {
    std::array<double, groups> value{};

    /// `values`: by group, then family, as one snapshot shows them.
    void see(std::map<std::string, std::map<std::string, double>> const& values,
             std::array<std::atomic<std::uint64_t>, groups> const& begun) {
        for (std::size_t g = 0; g != groups; ++g) {
            auto const at = values.find(std::to_string(g));
            if (at == values.end()) continue;
            auto const& [name, first] = *at->second.begin();
            EXPECT_EQ(at->second.size(), families) << "half a push";
            for (auto const& [family, v] : at->second) EXPECT_EQ(v, first) << "parts of two pushes";
            EXPECT_GE(first, value[g]) << "a push is gone again";
            EXPECT_LE(first, static_cast<double>(begun[g].load())) << "a push that nobody made";
            value[g] = first;
        }
    }
};

std::string_view value_of(model::labels labels, std::string_view name) {
    for (auto const& label : labels) {
        if (label.name == name) return label.value;
    }
    return {};
}

/// Reads the values out of rendered text, as a scraper would.
std::map<std::string, std::map<std::string, double>> values_in_text(std::string_view text) {
    std::map<std::string, std::map<std::string, double>> values;
    while (!text.empty()) {
        auto const end = text.find('\n');
        auto const line = text.substr(0, end);
        text.remove_prefix(end + 1);
        if (!line.starts_with("work_")) continue;
        auto const n = line.find("n=\"");
        auto const group = line.substr(n + 3, line.find('"', n + 3) - n - 3);
        values[std::string(group)][std::string(line.substr(0, line.find('{')))] =
            std::stod(std::string(line.substr(line.rfind(' ') + 1)));
    }
    return values;
}

TEST(Threads, EveryScrapeIsExplainedByAcknowledgedPushes) {
    constexpr std::uint64_t pushes = 1500;
    store::basic_store<> store;
    std::array<std::atomic<std::uint64_t>, groups> begun{};
    std::array<std::atomic<std::uint64_t>, groups> acknowledged{};
    std::atomic<std::size_t> busy = groups;
    std::vector<std::thread> threads;

    for (std::size_t g = 0; g != groups; ++g) {
        threads.emplace_back([&, g] {
            auto const key = key_of(g);
            for (std::uint64_t i = 1; i <= pushes; ++i) {
                begun[g].store(i);
                auto const mode = i % 3 == 0 ? push_mode::update : push_mode::replace;
                EXPECT_TRUE(store.push(key, mode, same_value_everywhere(i)));
                acknowledged[g].store(i);
                // The group's own pusher deletes it: so a group that is missing is explained, too.
                if (i % 97 == 0) {
                    EXPECT_TRUE(store.erase(key));
                }
            }
            busy.fetch_sub(1);
        });
    }
    for (int s = 0; s != 2; ++s) {
        threads.emplace_back([&] {
            witness seen;
            bool last = false;
            do {
                last = busy.load() == 0;
                std::array<std::uint64_t, groups> before;
                for (std::size_t g = 0; g != groups; ++g) before[g] = acknowledged[g].load();
                auto const snapshot = store.scrape();
                std::string text;
                snapshot.append_to(text);
                auto const values = values_in_text(text);
                seen.see(values, begun);
                for (auto const& [group, by_family] : values) {
                    auto const g = static_cast<std::size_t>(std::stoul(group));
                    EXPECT_GE(by_family.begin()->second, static_cast<double>(before[g]))
                        << "an acknowledged push is missing";
                }
            } while (!last);
        });
    }
    threads.emplace_back([&] {
        witness seen;
        bool last = false;
        do {
            last = busy.load() == 0;
            auto const snapshot = store.groups();
            std::map<std::string, std::map<std::string, double>> values;
            for (auto const& group : snapshot.groups()) {
                auto& of_group = values[std::string(value_of(group.key(), "n"))];
                for (auto const& family : group.families()) {
                    if (!family.name().starts_with("work_")) continue;
                    family.for_each_metric([&](model::metric const& metric) {
                        of_group[std::string(family.name())] = std::get<model::counter>(metric.value).value;
                    });
                }
            }
            seen.see(values, begun);
            auto const statistics = store.statistics();
            EXPECT_LE(statistics.groups, groups);
            EXPECT_EQ(statistics.series, statistics.groups * (families + 2));
        } while (!last);
    });
    for (auto& thread : threads) thread.join();

    for (std::size_t g = 0; g != groups; ++g) EXPECT_EQ(acknowledged[g].load(), pushes);
    EXPECT_EQ(store.statistics().series, groups * (families + 2));
    store.wipe();
    EXPECT_EQ(store.statistics().series, 0u);
}

TEST(Threads, OfTwoPushesThatClashOneIsRefused) {
    constexpr int rounds = 500;
    store::basic_store<> store;
    std::atomic<int> refused = 0;
    std::atomic<int> arrived = 0;
    auto const contend = [&](char const* job, model::metric_type type) {
        for (int i = 0; i != rounds; ++i) {
            // Both begin a round together.
            arrived.fetch_add(1);
            while (arrived.load() < 2 * (i + 1)) std::this_thread::yield();
            auto const name = "contended_" + std::to_string(i);
            model::metric metric;
            if (type == model::metric_type::gauge) {
                metric.value = model::gauge{1};
            } else {
                metric.value = model::counter{1};
            }
            model::metric_family const family{name, std::nullopt, type, {&metric, 1}};
            auto const result = store.push(model::grouping_key(job), push_mode::update, format::families({&family, 1}));
            if (!result) refused.fetch_add(1);
        }
    };
    std::thread other([&] { contend("a", model::metric_type::gauge); });
    contend("b", model::metric_type::counter);
    other.join();
    EXPECT_EQ(refused.load(), rounds);
    EXPECT_EQ(store.statistics().series, static_cast<std::uint64_t>(rounds + 4));
    EXPECT_EQ(store.statistics().clashing_series, 0u);
}

TEST(Threads, ConcurrentPushesNeverExceedALimit) {
    constexpr std::size_t most_groups = 5;
    constexpr std::size_t most_series = 23;
    constexpr int rounds = 2000;
    limits bounds;
    bounds.groups = most_groups;
    bounds.series = most_series;
    store::basic_store<> store({}, {}, {}, bounds);
    std::atomic<std::size_t> busy = 3;
    std::atomic<int> accepted = 0;
    std::atomic<int> refused = 0;
    std::vector<std::thread> threads;
    for (std::size_t t = 0; t != 3; ++t) {
        threads.emplace_back([&, t] {
            for (int i = 0; i != rounds; ++i) {
                // Groups of all threads, of one to four families.
                auto const n = static_cast<std::size_t>(i);
                auto const key = key_of(n % 8);
                std::vector<std::string> names;
                for (std::size_t f = 0; f <= (n / 8 + t) % families; ++f) names.push_back(family_name(f));
                model::metric metric;
                std::vector<model::metric_family> pushed;
                for (auto const& name : names) {
                    pushed.push_back({name, std::nullopt, model::metric_type::untyped, {&metric, 1}});
                }
                metric.value = model::untyped{1};
                auto const result = store.push(key, push_mode::replace, format::families(pushed));
                if (!result) {
                    EXPECT_EQ(result.error().code, errc::too_many);
                }
                (result ? accepted : refused).fetch_add(1);
                if (i % 5 == 0) store.erase(key_of((n + t) % 8));
            }
            busy.fetch_sub(1);
        });
    }
    while (busy.load() != 0) {
        auto const now = store.statistics();
        EXPECT_LE(now.groups, most_groups);
        EXPECT_LE(now.series, most_series);
    }
    for (auto& thread : threads) thread.join();
    EXPECT_GT(accepted.load(), 0);
    EXPECT_GT(refused.load(), 0);
    EXPECT_EQ(accepted.load() + refused.load(), 3 * rounds);
    for (std::size_t g = 0; g != 8; ++g) store.erase(key_of(g));
    EXPECT_EQ(store.statistics().series, 0u);
}

}  // namespace
}  // namespace pushgateway::test
