// Whose turn it is among what waits for workers, and what becomes of the rest: without sockets or threads.

#include <algorithm>
#include <array>
#include <cstddef>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <pushgateway/http/work_queue.hpp>

namespace pushgateway::http::detail {
namespace {

constexpr std::array all_classes{work_class::scrape, work_class::push, work_class::list};

struct item final : work_item {
    item(work_class what, bool continues = false) : work_item(what, continues) {}
    void run() noexcept override {}
    void end(work_result) noexcept override {}
};

limit_usage& bounded(limit_usage& usage, std::uint64_t most = 0) {
    for (auto const c : all_classes) usage.keep(queue_limit_of(c), most);
    return usage;
}

TEST(work_queue, gives_the_first_of_a_class_first) {
    limit_usage usage;
    work_queue queue(2, bounded(usage));
    std::array<item, 3> lists{{{work_class::list}, {work_class::list}, {work_class::list}}};
    for (auto& one : lists) EXPECT_TRUE(queue.add(one));
    for (auto& one : lists) {
        EXPECT_EQ(queue.next(false), &one);
        queue.finished(work_class::list, false);
    }
    EXPECT_EQ(queue.next(false), nullptr);
    EXPECT_EQ(queue.next(true), nullptr);
}

TEST(work_queue, lets_what_continues_pass_all_but_one_who_come) {
    limit_usage usage;
    work_queue queue(1, bounded(usage));
    std::deque<item> fresh;
    for (int i = 0; i != 9; ++i) EXPECT_TRUE(queue.add(fresh.emplace_back(work_class::scrape)));
    item piece(work_class::scrape, true);
    for (int i = 0; i != 3; ++i) {
        EXPECT_TRUE(queue.add(piece));
        EXPECT_EQ(queue.next(true), &fresh[static_cast<std::size_t>(i)]);
        EXPECT_EQ(queue.next(true), &piece);
    }
    queue.remove_all().clear();
}

TEST(work_queue, begins_with_scrapes_and_ends_with_lists) {
    limit_usage usage;
    work_queue queue(1, bounded(usage));
    item list(work_class::list);
    item push(work_class::push);
    item scrape(work_class::scrape);
    for (auto* one : {&list, &push, &scrape}) EXPECT_TRUE(queue.add(*one));
    for (auto* one : {&scrape, &push, &list}) {
        EXPECT_EQ(queue.next(false), one);
        queue.finished(one->what(), false);
    }
}

TEST(work_queue, leaves_a_worker_to_scrapes_and_one_to_pushes) {
    limit_usage usage;
    work_queue queue(3, bounded(usage));
    std::deque<item> lists;
    for (int i = 0; i != 5; ++i) EXPECT_TRUE(queue.add(lists.emplace_back(work_class::list)));
    EXPECT_EQ(queue.next(true), nullptr);
    EXPECT_EQ(queue.next(false), &lists[0]);
    EXPECT_EQ(queue.next(false), &lists[1]);
    EXPECT_EQ(queue.next(false), nullptr) << "two of three workers have lists";
    item push(work_class::push);
    item scrape(work_class::scrape);
    EXPECT_TRUE(queue.add(push));
    EXPECT_TRUE(queue.add(scrape));
    EXPECT_EQ(queue.next(true), &scrape);
    EXPECT_EQ(queue.next(false), &push);
    queue.finished(work_class::list, false);
    EXPECT_EQ(queue.next(false), &lists[2]);
    queue.remove_all().clear();
}

TEST(work_queue, is_bounded_for_each_class_apart) {
    limit_usage usage;
    work_queue queue(1, bounded(usage, 2));
    for (auto const c : all_classes) {
        item one(c);
        item other(c);
        item third(c);
        item piece(c, true);
        EXPECT_TRUE(queue.add(one));
        EXPECT_TRUE(queue.add(other));
        EXPECT_FALSE(queue.add(third));
        EXPECT_FALSE(third.is_linked());
        EXPECT_TRUE(queue.add(piece)) << "what was accepted once goes on";
        EXPECT_EQ(usage.rejections(queue_limit_of(c)), 1U);
        EXPECT_EQ(usage.used(queue_limit_of(c)), 2U);
        EXPECT_EQ(queue.waiting(c), 3U);
        queue.remove(other);
        EXPECT_TRUE(queue.add(third));
        EXPECT_EQ(queue.next(false), &one);
        EXPECT_EQ(queue.next(c == work_class::scrape), c == work_class::scrape ? &piece : nullptr);
        EXPECT_EQ(queue.next(false), nullptr);
        auto left = queue.remove_all();
        EXPECT_EQ(left.size(), c == work_class::scrape ? 1U : 2U);
        left.clear();
        EXPECT_EQ(usage.used(queue_limit_of(c)), 0U);
        queue.finished(c, false);
    }
}

/// Any sequence of arrivals, turns and departures.
struct simulation {
    limit_usage usage;
    std::size_t workers = *rc::gen::inRange<std::size_t>(1, 5);
    std::uint64_t most = *rc::gen::inRange<std::uint64_t>(1, 20);
    std::map<work_class, std::deque<std::unique_ptr<item>>> waiting;
    std::vector<std::unique_ptr<item>> running;
    std::unique_ptr<item> with_scraper;
    std::map<work_class, std::optional<bool>> last_continued;
    work_queue queue{workers, bounded(usage, most)};

    [[nodiscard]] std::size_t running_of(work_class c) const {
        return static_cast<std::size_t>(std::ranges::count_if(running, [c](auto const& i) { return i->what() == c; }));
    }
    [[nodiscard]] std::size_t counted(work_class c) const {
        auto const at = waiting.find(c);
        return at == waiting.end() ? 0 : static_cast<std::size_t>(std::ranges::count_if(at->second, [](auto const& i) {
            return !i->continues();
        }));
    }
    [[nodiscard]] bool may_run(work_class c) const {
        auto const cap = c == work_class::list ? std::max<std::size_t>(1, workers - 1) : workers;
        auto const at = waiting.find(c);
        return at != waiting.end() && !at->second.empty() && running_of(c) < cap;
    }

    void arrive() {
        auto const c = *rc::gen::elementOf(all_classes);
        auto one = std::make_unique<item>(c, *rc::gen::arbitrary<bool>());
        bool const fits = one->continues() || counted(c) < most;
        RC_ASSERT(queue.add(*one) == fits);
        if (fits) waiting[c].push_back(std::move(one));
    }
    void depart() {
        auto& line = waiting[*rc::gen::elementOf(all_classes)];
        if (line.empty()) return;
        auto const at = line.begin() + *rc::gen::inRange<std::ptrdiff_t>(0, std::ssize(line));
        queue.remove(**at);
        line.erase(at);
    }
    std::unique_ptr<item> take(work_item* given) {
        auto& line = waiting[given->what()];
        auto const first = [&line](bool continues) {
            return std::ranges::find(line, continues, [](auto const& i) { return i->continues(); });
        };
        auto const at = first(given->continues());
        RC_ASSERT(at != line.end());
        RC_ASSERT(at->get() == given);
        // In alternation, as long as both are there.
        auto& last = last_continued[given->what()];
        RC_ASSERT(first(!given->continues()) == line.end() || last != given->continues());
        last = given->continues();
        auto out = std::move(*at);
        line.erase(at);
        return out;
    }
    void turn(bool scraper) {
        if (scraper) {
            if (with_scraper) queue.finished(std::exchange(with_scraper, nullptr)->what(), true);
            auto* const given = queue.next(true);
            RC_ASSERT((given != nullptr) == !waiting[work_class::scrape].empty());
            if (given != nullptr) with_scraper = take(given);
            return;
        }
        if (running.size() == workers) {
            auto const at = running.begin() + *rc::gen::inRange<std::ptrdiff_t>(0, std::ssize(running));
            queue.finished((*at)->what(), false);
            running.erase(at);
        }
        bool const work = std::ranges::any_of(all_classes, [&](work_class c) { return may_run(c); });
        auto* const given = queue.next(false);
        RC_ASSERT((given != nullptr) == work);
        if (given == nullptr) return;
        RC_ASSERT(may_run(given->what()));
        running.push_back(take(given));
    }
    void check() {
        for (auto const c : all_classes) {
            RC_ASSERT(queue.waiting(c) == waiting[c].size());
            RC_ASSERT(usage.used(queue_limit_of(c)) == counted(c));
        }
    }
};

TEST(work_queue, keeps_order_and_bounds_whatever_happens) {
    EXPECT_TRUE(rc::check([] {
        simulation s;
        for (int step = *rc::gen::inRange(0, 200); step != 0; --step) {
            switch (*rc::gen::inRange(0, 5)) {
                case 0:
                case 1: s.arrive(); break;
                case 2: s.depart(); break;
                case 3: s.turn(true); break;
                default: s.turn(false);
            }
            s.check();
        }
        s.queue.remove_all().clear();
        for (auto const c : all_classes) RC_ASSERT(s.usage.used(queue_limit_of(c)) == 0U);
    }));
}

TEST(work_queue, lets_no_class_wait_for_ever) {
    // With all classes waiting all the time, one worker gives each its share, and is away from none for long.
    EXPECT_TRUE(rc::check([] {
        limit_usage usage;
        std::deque<item> items;
        work_queue queue(1, bounded(usage));
        std::map<work_class, int> since;
        std::map<work_class, int> turns;
        auto const refill = [&] {
            for (auto const c : all_classes) {
                if (queue.waiting(c) == 0) RC_ASSERT(queue.add(items.emplace_back(c, *rc::gen::arbitrary<bool>())));
            }
        };
        constexpr int rounds = 70;
        for (int i = 0; i != rounds; ++i) {
            // Some more, of which the one behind keeps its class from running dry.
            refill();
            auto const extra = *rc::gen::elementOf(all_classes);
            RC_ASSERT(queue.add(items.emplace_back(extra)));
            auto* const given = queue.next(false);
            RC_ASSERT(given != nullptr);
            for (auto const c : all_classes) RC_ASSERT(++since[c] <= 8);
            since[given->what()] = 0;
            ++turns[given->what()];
            queue.finished(given->what(), false);
        }
        RC_ASSERT(turns[work_class::scrape] >= turns[work_class::list]);
        queue.remove_all().clear();
    }));
}

}  // namespace
}  // namespace pushgateway::http::detail
