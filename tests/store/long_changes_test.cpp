// Changes that hold the lock for long are announced before they take it.

#include <functional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <pushgateway/format/parsed_exposition.hpp>
#include <pushgateway/format/text/parse.hpp>
#include <pushgateway/store/store.hpp>

namespace pushgateway::store {
namespace {

/// Tells of every time that the lock is taken.
struct watched_locking {
    struct mutex {
        inline static std::function<void()> taken;
        static void lock() {
            if (taken) taken();
        }
        static void unlock() noexcept {}
    };
};

struct watched_policies : default_policies {
    using locking = watched_locking;
};

struct watched_store {
    basic_store<watched_policies> it;
    std::vector<bool> seen;

    watched_store() {
        watched_locking::mutex::taken = [this] { seen.push_back(it.occupied()); };
    }
    ~watched_store() { watched_locking::mutex::taken = nullptr; }

    /// Whether the lock was taken with an announcement when all had been said.
    template <class Change>
    bool announced(Change&& change) {
        seen.clear();
        change();
        EXPECT_FALSE(seen.empty());
        auto const last = !seen.empty() && seen.back();
        EXPECT_FALSE(it.occupied()) << "it is over";
        return last;
    }
    bool push(std::string const& text, push_mode mode = push_mode::replace) {
        return announced([&] {
            format::parsed_exposition parsed;
            EXPECT_TRUE(format::text::parse(text, {}, parsed));
            EXPECT_TRUE(it.push(model::grouping_key("j"), mode, parsed));
        });
    }
};

std::string series(int count) {
    std::string out;
    for (int i = 0; i != count; ++i) out += "m{some_label=\"" + std::to_string(i) + "\"} 1\n";
    return out;
}

TEST(long_changes, are_announced_when_they_bring_or_drop_much) {
    watched_store s;
    auto const much = series(200'000);
    EXPECT_FALSE(s.push("x 1\n"));
    EXPECT_TRUE(s.push(much));
    EXPECT_TRUE(s.push(much)) << "only its values change";
    EXPECT_FALSE(s.push("x 1\n", push_mode::update)) << "the rest stays as it is";
    EXPECT_TRUE(s.push("")) << "all goes";
    EXPECT_FALSE(s.push(""));
    EXPECT_TRUE(s.push(much));
    EXPECT_TRUE(s.announced([&] { EXPECT_TRUE(s.it.erase(model::grouping_key("j"))); }));
    EXPECT_FALSE(s.announced([&] { EXPECT_FALSE(s.it.erase(model::grouping_key("j"))); }));
    EXPECT_FALSE(s.push("x 1\n"));
}

struct hooked_clock {
    inline static std::function<void()> hook;
    static timestamp now() {
        if (hook) std::exchange(hook, nullptr)();
        return {};
    }
};

struct hooked_policies : default_policies {
    using clock = hooked_clock;
};

/// Pushes from a thread that must not wait. Whether it would have had to.
bool would_have_waited(basic_store<hooked_policies>& store, std::string const& text) {
    bool waited = false;
    std::thread([&] {
        must_not_wait const here;
        format::parsed_exposition parsed;
        EXPECT_TRUE(format::text::parse(text, {}, parsed));
        try {
            EXPECT_TRUE(store.push(model::grouping_key("small"), push_mode::replace, parsed));
        } catch (would_wait const&) {
            waited = true;
        }
    }).join();
    return waited;
}

TEST(long_changes, are_not_waited_for_nor_made_by_who_must_not_wait) {
    basic_store<hooked_policies> store;
    format::parsed_exposition parsed;
    auto const much = series(200'000);
    ASSERT_TRUE(format::text::parse(much, {}, parsed));
    EXPECT_FALSE(would_have_waited(store, "x 1\n"));
    EXPECT_TRUE(would_have_waited(store, much));
    EXPECT_EQ(store.statistics().groups, 1U);
    bool during = false;
    // Called with the lock.
    hooked_clock::hook = [&] { during = would_have_waited(store, "x 2\n"); };
    ASSERT_TRUE(store.push(model::grouping_key("small"), push_mode::replace, parsed));
    EXPECT_TRUE(during);
    EXPECT_TRUE(would_have_waited(store, "x 2\n")) << "it would drop much";
    auto const held = store.statistics().series;
    EXPECT_GT(held, 200'000U);
    ASSERT_TRUE(store.erase(model::grouping_key("small")));
    EXPECT_FALSE(would_have_waited(store, "x 2\n"));
}

}  // namespace
}  // namespace pushgateway::store
