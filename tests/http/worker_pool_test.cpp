// How many scrapes the workers have, whatever becomes of them.

#include <atomic>
#include <cstddef>
#include <deque>
#include <latch>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <pushgateway/base/limit_usage.hpp>
#include <pushgateway/http/worker_pool.hpp>

#include "support/comes_true.hpp"

namespace pushgateway::http::detail {
namespace {

using test::comes_true;

struct job final : work_item {
    explicit job(work_class what, bool continues = false, std::latch* until = nullptr)
        : work_item(what, continues), until_(until) {}
    void run() noexcept override {
        if (until_ != nullptr) until_->wait();
        end(work_result::done);
    }
    void end(work_result) noexcept override { ended = true; }

    std::atomic<bool> ended = false;

private:
    std::latch* until_;
};

TEST(worker_pool, counts_scrapes_that_wait_or_run) {
    limit_usage usage;
    worker_pool pool(1, usage);
    std::latch until(1);
    std::deque<job> jobs;
    for (int i = 0; i != 4; ++i) jobs.emplace_back(work_class::scrape, i % 2 == 0, &until);
    jobs.emplace_back(work_class::push, false, &until);
    for (auto& one : jobs) pool.submit(one);
    EXPECT_EQ(pool.scrapes(), 4U);
    pool.start();
    // Two of them run: on the worker of scrapes, and on the other one.
    EXPECT_TRUE(comes_true([&] { return pool.waiting(work_class::scrape) == 2; }));
    EXPECT_EQ(pool.scrapes(), 4U);
    pool.cancel(jobs[3]);
    EXPECT_EQ(pool.scrapes(), 3U);
    until.count_down();
    EXPECT_TRUE(comes_true([&] { return pool.scrapes() == 0; }));
    pool.close();
    pool.join();
}

RC_GTEST_PROP(worker_pool, counts_no_scrape_that_has_ended, ()) {
    limit_usage usage;
    usage.keep(limit_kind::queued_scrapes, 3);
    worker_pool pool(2, usage);
    std::deque<job> jobs;
    bool started = false;
    for (auto const step : *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 6))) {
        if (step == 5 && !started) {
            pool.start();
            started = true;
        } else if (step == 4 && !jobs.empty()) {
            pool.cancel(**rc::gen::elementOf(std::vector<job*>{&jobs.front(), &jobs.back()}));
        } else {
            jobs.emplace_back(step % 3 == 0 ? work_class::push : work_class::scrape, step == 2);
            pool.submit(jobs.back());
        }
    }
    pool.close();
    // What is submitted now is dropped.
    jobs.emplace_back(work_class::scrape);
    pool.submit(jobs.back());
    pool.join();
    RC_ASSERT(pool.scrapes() == 0U);
    for (auto const& one : jobs) RC_ASSERT(one.ended.load());
}

}  // namespace
}  // namespace pushgateway::http::detail
