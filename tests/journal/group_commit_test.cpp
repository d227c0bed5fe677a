// The journal's own thread: what waits is kept together, what cannot be kept is undone with all behind it.

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include <pushgateway/gateway/gateway.hpp>
#include <pushgateway/journal/faulty_journal.hpp>
#include <pushgateway/store/store.hpp>

#include "store/owned_families.hpp"

namespace pushgateway::test {
namespace {

using faulty = journal::faulty_journal;
struct faulty_policies : default_policies {
    using clock = manual_clock;
    using journal = faulty;
};

class group_commit : public testing::Test {
protected:
    std::shared_ptr<journal::faults> plan = std::make_shared<journal::faults>();
    faulty keeper{std::make_unique<journal::faulty_keeper>(plan)};
    manual_clock clock{timestamp(std::chrono::seconds(100))};
    basic_gateway<faulty_policies> gateway{{}, clock, {}, {}, keeper};

    static model::grouping_key key(std::string const& job) { return model::grouping_key(job); }

    std::future<result<>> push(std::string const& job, std::string const& text, push_mode mode = push_mode::replace) {
        auto told = std::make_shared<std::promise<result<>>>();
        gateway.push(key(job), mode, text, [told](result<> outcome) { told->set_value(std::move(outcome)); });
        return told->get_future();
    }
    std::future<result<>> erase(std::string const& job) {
        auto told = std::make_shared<std::promise<result<>>>();
        gateway.erase(key(job), [told](result<> outcome) { told->set_value(std::move(outcome)); });
        return told->get_future();
    }
    std::future<result<>> wipe() {
        auto told = std::make_shared<std::promise<result<>>>();
        gateway.wipe([told](result<> outcome) { told->set_value(std::move(outcome)); });
        return told->get_future();
    }
};

template <class Gateway>
std::string shown(Gateway const& gateway) {
    std::string all;
    std::string piece;
    for (auto pieces = gateway.scrape_pieces({}, scrape_scope::pushed); pieces.next(piece);) all += piece;
    return all;
}

bool waits(std::future<result<>> const& answer) {
    return answer.wait_for(std::chrono::milliseconds(0)) == std::future_status::timeout;
}

TEST_F(group_commit, answers_when_it_is_kept) {
    plan->hold();
    auto const first = push("a", "x 1\n");
    auto second = push("b", "x 1\n");
    EXPECT_TRUE(waits(first));
    EXPECT_TRUE(waits(second));
    // Nobody who reads waits meanwhile.
    EXPECT_EQ(gateway.groups().size(), 2);
    EXPECT_NE(gateway.scrape().find("x{instance=\"\",job=\"a\"} 1"), std::string::npos);
    plan->let_go();
    EXPECT_TRUE(second.get());
    EXPECT_EQ(plan->kept().size(), 2);
}

TEST_F(group_commit, keeps_together_what_waits) {
    plan->hold();
    std::vector<std::future<result<>>> answers;
    for (int i = 0; i != 50; ++i) answers.push_back(push("job" + std::to_string(i), "x 1\n"));
    // Two at most: the one that is under way, and all others.
    plan->fail_after(2);
    plan->let_go();
    for (auto& answer : answers) EXPECT_TRUE(answer.get());
    EXPECT_EQ(plan->kept().size(), 50);
}

TEST_F(group_commit, undoes_everything_behind_what_failed) {
    ASSERT_TRUE(push("a", "# TYPE x gauge\nx{l=\"1\"} 1\nx{l=\"2\"} 2\ny 1\n").get());
    ASSERT_TRUE(push("b", "z 1\n").get());
    auto const before = shown(gateway);
    auto const bytes = gateway.statistics().bytes;
    for (int round = 0; round != 3; ++round) {
        plan->hold();
        plan->fail_after(0);
        std::vector<std::future<result<>>> answers;
        answers.push_back(push("a", "# TYPE x gauge\nx{l=\"1\"} 5\nx{l=\"2\"} 6\ny 3\n"));
        answers.push_back(push("a", "q 1\n", push_mode::update));
        answers.push_back(push("c", "# TYPE z2 histogram\nz2_bucket{le=\"1\"} 1\nz2_sum 1\nz2_count 1\n"));
        answers.push_back(erase("a"));
        answers.push_back(push("a", "# TYPE x counter\nx{l=\"1\"} 7\n"));
        answers.push_back(wipe());
        answers.push_back(push("d", "x{l=\"3\"} 7\n"));
        answers.push_back(push("b", "z 9\n"));
        answers.push_back(erase("d"));
        plan->let_go();
        for (auto& answer : answers) {
            auto const outcome = answer.get();
            ASSERT_FALSE(outcome);
            EXPECT_EQ(outcome.error().code, errc::unavailable);
            EXPECT_EQ(outcome.error().message, "a fault that was asked for");
        }
        EXPECT_EQ(shown(gateway), before);
        EXPECT_EQ(gateway.statistics().bytes, bytes);
        EXPECT_FALSE(gateway.ready());
        plan->heal();
    }
    EXPECT_TRUE(push("c", "z2 1\n").get());
    EXPECT_TRUE(gateway.ready());
}

TEST_F(group_commit, rules_hold_after_an_undone_change) {
    ASSERT_TRUE(push("a", "# TYPE x gauge\nx 1\n").get());
    plan->fail_after(0);
    // Had the group gone, the name would be free for another type.
    EXPECT_FALSE(erase("a").get());
    plan->heal();
    auto const clash = push("b", "# TYPE x counter\nx 1\n").get();
    ASSERT_FALSE(clash);
    EXPECT_EQ(clash.error().code, errc::inconsistent);
    plan->fail_after(0);
    EXPECT_FALSE(push("c", "# TYPE n counter\nn 1\n").get());
    plan->heal();
    EXPECT_TRUE(push("b", "# TYPE n gauge\nn 1\n").get());
    EXPECT_TRUE(erase("a").get());
    EXPECT_TRUE(push("b", "# TYPE x counter\nx 1\n").get());
}

TEST_F(group_commit, nothing_to_delete_is_told_when_what_was_deleted_before_is_kept) {
    for (bool const all : {false, true}) {
        ASSERT_TRUE(push("a", "x 1\n").get());
        plan->hold();
        plan->fail_after(0);
        auto first = all ? wipe() : erase("a");
        bool found = true;
        auto told = std::make_shared<std::promise<result<>>>();
        found = gateway.erase(key("a"), [told](result<> outcome) { told->set_value(std::move(outcome)); });
        auto second = told->get_future();
        EXPECT_FALSE(found);
        EXPECT_TRUE(waits(second));
        plan->let_go();
        EXPECT_FALSE(first.get());
        // The group is there again.
        EXPECT_FALSE(second.get());
        EXPECT_EQ(gateway.groups().size(), 1);
        plan->heal();
        EXPECT_TRUE(erase("a").get());
        EXPECT_TRUE(erase("a").get());
        EXPECT_EQ(plan->kept().size(), 0);
    }
}

TEST_F(group_commit, nothing_to_delete_is_kept_together_with_changes) {
    plan->hold();
    auto first = push("a", "x 1\n");
    auto none = erase("b");
    auto second = push("b", "x 1\n");
    plan->let_go();
    EXPECT_TRUE(first.get());
    EXPECT_TRUE(none.get());
    EXPECT_TRUE(second.get());
    EXPECT_EQ(plan->kept().size(), 2);
}

TEST_F(group_commit, a_refused_push_is_told_its_own_reason) {
    ASSERT_TRUE(push("a", "# TYPE x gauge\nx 1\n").get());
    plan->fail_after(0);
    auto const clash = push("b", "# TYPE x counter\nx 1\n").get();
    ASSERT_FALSE(clash);
    EXPECT_EQ(clash.error().code, errc::inconsistent);
    EXPECT_EQ(gateway.groups().size(), 1);
}

TEST_F(group_commit, finds_out_by_itself_that_it_works_again) {
    plan->fail_after(0);
    EXPECT_FALSE(push("a", "x 1\n").get());
    EXPECT_FALSE(gateway.ready());
    plan->heal();
    for (int i = 0; i != 1000 && !gateway.ready(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    EXPECT_TRUE(gateway.ready());
}

TEST_F(group_commit, functions_that_return_wait) {
    EXPECT_TRUE(gateway.push(key("a"), push_mode::replace, "x 1\n"));
    EXPECT_EQ(plan->kept().size(), 1);
    auto const erased = gateway.erase(key("a"));
    ASSERT_TRUE(erased);
    EXPECT_TRUE(*erased);
    EXPECT_EQ(plan->kept().size(), 0);
    auto const none = gateway.erase(key("a"));
    ASSERT_TRUE(none);
    EXPECT_FALSE(*none);
    plan->fail_after(0);
    EXPECT_FALSE(gateway.wipe());
    EXPECT_FALSE(gateway.push(key("a"), push_mode::replace, "x 1\n"));
}

/// Keeps everything, but fails in its upkeep as long as it is told to.
struct lazy_keeper {
    std::atomic<bool>& fails;

    static void prepare(store::record_list const&) {}
    static result<> commit(store::record_list const&) { return {}; }
    static result<> probe() { return {}; }
    result<> upkeep() const {
        if (fails) return fail(errc::unavailable, "the log cannot be moved");
        return {};
    }
    static std::optional<std::chrono::milliseconds> upkeep_within() { return std::nullopt; }
};

using lazy = journal::group_commit<lazy_keeper>;
struct lazy_policies : default_policies {
    using journal = lazy;
};

TEST(upkeep_that_fails, is_told_until_it_succeeds) {
    std::atomic<bool> fails{true};
    std::mutex mutex;
    std::vector<std::string> told;
    lazy journal;
    journal.on_change([&](result<> const& works) {
        std::scoped_lock const lock(mutex);
        told.push_back(works ? "works" : works.error().message);
    });
    basic_gateway<lazy_policies> gateway({}, {}, {}, {}, journal);
    ASSERT_TRUE(journal.open(std::make_unique<lazy_keeper>(fails)));
    for (int i = 0; i != 5; ++i) {
        EXPECT_TRUE(gateway.push(model::grouping_key("a"), push_mode::replace, "x 1\n"));
        // The upkeep comes behind the answer, and before the next change.
        EXPECT_TRUE(i == 0 || !gateway.ready());
    }
    {
        std::scoped_lock const lock(mutex);
        EXPECT_EQ(told, (std::vector<std::string>{"works", "the log cannot be moved"}));
    }
    fails = false;
    for (int i = 0; i != 1000 && !gateway.ready(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    EXPECT_TRUE(gateway.ready());
    std::scoped_lock const lock(mutex);
    EXPECT_EQ(told.back(), "works");
}

/// Checks that it is asked to prepare what it commits then.
struct exact_keeper {
    std::atomic<int>& wrong;
    std::atomic<int>& kept;
    store::journal_record const* first = nullptr;
    store::journal_record const* last = nullptr;

    void prepare(store::record_list const& batch) {
        check(batch);
        first = batch.front();
        last = batch.back();
    }
    result<> commit(store::record_list const& batch) {
        check(batch);
        for (auto const* record = batch.front(); record != nullptr; record = record->next.get()) ++kept;
        first = last = nullptr;
        return {};
    }
    static result<> probe() { return {}; }
    static result<> upkeep() { return {}; }
    static std::optional<std::chrono::milliseconds> upkeep_within() { return std::nullopt; }

private:
    void check(store::record_list const& batch) {
        auto const* record = batch.front();
        if (first == nullptr) return;
        if (record != first) ++wrong;
        while (record != nullptr && record != last) record = record->next.get();
        if (record == nullptr) ++wrong;
    }
};

using exact = journal::group_commit<exact_keeper>;
struct exact_policies : default_policies {
    using journal = exact;
};

TEST(batches, only_grow_until_they_are_kept) {
    std::atomic<int> wrong{0};
    std::atomic<int> kept{0};
    basic_gateway<exact_policies> gateway({}, {}, {}, {}, exact(std::make_unique<exact_keeper>(wrong, kept)));
    std::vector<std::thread> threads;
    for (int t = 0; t != 16; ++t) {
        threads.emplace_back([&gateway, t] {
            auto const key = model::grouping_key("job" + std::to_string(t));
            for (int i = 0; i != 100; ++i) EXPECT_TRUE(gateway.push(key, push_mode::replace, "x 1\n"));
        });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(wrong, 0);
    EXPECT_EQ(kept, 1600);
}

TEST(closed_journal, refuses_changes_and_says_why) {
    faulty closed;
    closed.explain("the stored groups are being restored: 3 of 10");
    basic_gateway<faulty_policies> gateway({}, {}, {}, {}, closed);
    auto const pushed = gateway.push(model::grouping_key("a"), push_mode::replace, "x 1\n");
    ASSERT_FALSE(pushed);
    EXPECT_EQ(pushed.error().code, errc::unavailable);
    EXPECT_EQ(pushed.error().message, "the stored groups are being restored: 3 of 10");
    EXPECT_FALSE(gateway.erase(model::grouping_key("a")));
    EXPECT_FALSE(gateway.wipe());
    EXPECT_TRUE(gateway.healthy());
    EXPECT_FALSE(gateway.ready());
    auto plan = std::make_shared<journal::faults>();
    ASSERT_TRUE(closed.open(std::make_unique<journal::faulty_keeper>(plan)));
    EXPECT_TRUE(gateway.ready());
    EXPECT_TRUE(gateway.push(model::grouping_key("a"), push_mode::replace, "x 1\n"));
}

TEST(many_threads, push_erase_wipe_and_scrape_through_faults) {
    auto plan = std::make_shared<journal::faults>();
    basic_gateway<faulty_policies> gateway({}, {}, {}, {}, faulty(std::make_unique<journal::faulty_keeper>(plan)));
    std::atomic<bool> done{false};
    std::vector<std::thread> threads;
    for (int t = 0; t != 4; ++t) {
        threads.emplace_back([&gateway, t] {
            for (int i = 0; i != 300; ++i) {
                auto const key = model::grouping_key("job" + std::to_string((t + i) % 5));
                auto const text =
                    "m" + std::to_string(i % 3) + "{l=\"" + std::to_string(t) + "\"} " + std::to_string(i) + "\n";
                switch (i % 10) {
                    case 8: static_cast<void>(gateway.erase(key)); break;
                    case 9:
                        if (i % 50 == 9) static_cast<void>(gateway.wipe());
                        break;
                    default:
                        static_cast<void>(gateway.push(key, i % 2 == 0 ? push_mode::update : push_mode::replace, text));
                }
            }
        });
    }
    std::thread reader([&] {
        while (!done) static_cast<void>(gateway.scrape());
    });
    std::thread trouble([&] {
        while (!done) {
            plan->fail_after(3);
            std::this_thread::yield();
            plan->heal();
            std::this_thread::yield();
        }
    });
    for (auto& thread : threads) thread.join();
    done = true;
    reader.join();
    trouble.join();
    plan->heal();
    ASSERT_TRUE(gateway.push(model::grouping_key("last"), push_mode::replace, "last 1\n"));
    auto const kept = plan->kept();
    auto const groups = gateway.groups();
    ASSERT_EQ(groups.size(), kept.size());
    std::size_t at = 0;
    for (auto const& [key, content] : kept) {
        auto const view = groups[at++];
        store::group_view const other(*content);
        ASSERT_EQ(view.families().size(), other.families().size());
        for (std::size_t f = 0; f != view.families().size(); ++f) {
            EXPECT_EQ(view.families()[f].name(), other.families()[f].name());
            std::vector<owned_metric> ours;
            std::vector<owned_metric> theirs;
            view.families()[f].for_each_metric([&](model::metric const& m) { ours.push_back(own(m)); });
            other.families()[f].for_each_metric([&](model::metric const& m) { theirs.push_back(own(m)); });
            EXPECT_EQ(ours, theirs);
        }
    }
}

}  // namespace
}  // namespace pushgateway::test
