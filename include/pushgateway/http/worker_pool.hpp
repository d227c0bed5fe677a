#pragma once

/// \file
/// The threads for what takes long.

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include <unistd.h>

#include <pushgateway/base/limit_usage.hpp>
#include <pushgateway/http/work_class.hpp>
#include <pushgateway/http/work_queue.hpp>

namespace pushgateway::http::detail {

/// Runs work in the order of a `work_queue`: so many workers, and one more that takes scrapes alone. Any thread may
/// call any function, but for those that say otherwise.
class worker_pool {
public:
    worker_pool(std::size_t workers, limit_usage& usage) : workers_(workers), queue_(workers, usage) {}
    worker_pool(worker_pool const&) = delete;
    worker_pool& operator=(worker_pool const&) = delete;
    ~worker_pool() { join(); }

    /// Starts the threads. Once, by the owner. Throws std::system_error if there is no thread to be had.
    void start() {
        for (std::size_t i = 0; i <= workers_; ++i) {
            threads_.emplace_back([this, scrapes_only = i == 0] { work(scrapes_only); });
        }
    }

    /// Has `item` run, or tells it at once how it ended. It may be gone when this returns.
    void submit(work_item& item) noexcept {
        std::unique_lock lock(mutex_);
        bool const closed = closed_;
        if (!closed && queue_.add(item)) {
            if (item.what() == work_class::scrape) ++scrapes_under_way_;
            item_waits(item.what());
            return;
        }
        dropped_ += closed ? 1 : 0;
        lock.unlock();
        item.end(closed ? work_result::dropped : work_result::full);
    }

    /// Drops `item`, which has been submitted and has not ended, unless it runs already.
    void cancel(work_item& item) noexcept {
        std::unique_lock lock(mutex_);
        if (!item.is_linked()) return;
        queue_.remove(item);
        ended(item.what());
        ++dropped_;
        lock.unlock();
        item.end(work_result::dropped);
    }

    /// Drops all that waits, and all that is submitted from now on.
    void close() noexcept {
        std::unique_lock lock(mutex_);
        closed_ = true;
        auto all = queue_.remove_all();
        for (auto const& item : all) ended(item.what());
        dropped_ += all.size();
        lock.unlock();
        while (!all.empty()) {
            auto& item = all.front();
            all.pop_front();
            item.end(work_result::dropped);
        }
    }

    /// Waits until everything has run and the threads have ended. By the owner.
    void join() noexcept {
        {
            std::scoped_lock const lock(mutex_);
            ending_ = true;
        }
        any_.notify_all();
        scrapes_.notify_all();
        for (auto& thread : threads_) thread.join();
        threads_.clear();
    }

    /// Counts a piece of work that is dropped without having been submitted.
    work_result count_dropped() noexcept {
        std::scoped_lock const lock(mutex_);
        ++dropped_;
        return work_result::dropped;
    }

    /// How many items never ran because nobody waited for them any more.
    [[nodiscard]] std::uint64_t dropped() const noexcept {
        std::scoped_lock const lock(mutex_);
        return dropped_;
    }

    /// How many items of a class wait.
    [[nodiscard]] std::size_t waiting(work_class what) const noexcept {
        std::scoped_lock const lock(mutex_);
        return queue_.waiting(what);
    }

    /// How many scrapes, or pieces of them, wait or run.
    [[nodiscard]] std::atomic<std::size_t> const& scrapes() const noexcept { return scrapes_under_way_; }

private:
    void ended(work_class what) noexcept {
        if (what == work_class::scrape) --scrapes_under_way_;
    }

    void item_waits(work_class what) noexcept {
        bool const wakes_scraper = what == work_class::scrape && std::exchange(scraper_idle_, false);
        (wakes_scraper ? scrapes_ : any_).notify_one();
    }

    // Where processors are short, event loops and the worker for scrapes come first. Linux does this to the thread that
    // calls it alone; if it fails, the priority stays as it was.
    static void lower_priority() noexcept { [[maybe_unused]] auto const priority = ::nice(5); }

    void work(bool scrapes_only) noexcept {
        if (!scrapes_only) lower_priority();
        std::unique_lock lock(mutex_);
        for (;;) {
            if (auto* const item = queue_.next(scrapes_only)) {
                auto const what = item->what();
                lock.unlock();
                if (item->wanted()) {
                    item->run();
                } else {
                    item->end(count_dropped());
                }
                lock.lock();
                ended(what);
                queue_.finished(what, scrapes_only);
            } else if (ending_) {
                return;
            } else if (scrapes_only) {
                scraper_idle_ = true;
                scrapes_.wait(lock);
                scraper_idle_ = false;
            } else {
                any_.wait(lock);
            }
        }
    }

    std::size_t const workers_;
    mutable std::mutex mutex_;
    std::condition_variable any_;
    std::condition_variable scrapes_;
    work_queue queue_;
    std::uint64_t dropped_ = 0;
    std::atomic<std::size_t> scrapes_under_way_{0};
    bool scraper_idle_ = false;
    bool closed_ = false;
    bool ending_ = false;
    std::vector<std::thread> threads_;
};

}  // namespace pushgateway::http::detail
