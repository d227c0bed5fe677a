#pragma once

/// \file
/// Large responses on their way: what they show, or are, is held in memory until their clients have taken it.

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <limits>
#include <mutex>
#include <optional>
#include <utility>

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <asio/post.hpp>
#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>
#include <boost/intrusive/list.hpp>

#include <pushgateway/base/limit_usage.hpp>
#include <pushgateway/base/limits.hpp>
#include <pushgateway/base/memory_budget.hpp>
#include <pushgateway/http/connection.hpp>
#include <pushgateway/http/stream_socket.hpp>

namespace pushgateway::http::detail {

/// All of a server. Any thread may call any function; an answer belongs to the thread of its connection.
class open_answers {
    using hook = boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::safe_link>>;
    using steady = std::chrono::steady_clock;

    static constexpr steady::rep busy = std::numeric_limits<steady::rep>::max();
    static steady::rep now() noexcept { return steady::now().time_since_epoch().count(); }

public:
    /// One of them, as long as it lives. Its connection is closed if it is cut off.
    class answer : public hook {
    public:
        /// `current` refers to this until it ends. `at_once`: it does not wait for its turn, as what is there already.
        answer(open_answers& all, connection& of, answer*& current, asio::any_io_executor home, bool at_once)
            : all_(all), of_(of), current_(current), home_(std::move(home)) {
            all_.enter(*this, at_once);
            current_ = this;
        }
        answer(answer const&) = delete;
        answer& operator=(answer const&) = delete;
        ~answer() {
            current_ = nullptr;
            all_.leave(*this);
        }

        /// Waits for its turn, before anything is made of it: while memory is short, they begin one after the other.
        /// False if `gone()` became true meanwhile: it is asked at least once a second, and whenever
        /// `connection::turn` is cancelled.
        template <class Gone>
        asio::awaitable<bool> begin(Gone gone) {
            asio::steady_timer turn(home_);
            turn_of_connection const registered(of_, turn);
            while (!all_.begin(*this)) {
                turn.expires_after(all_.is_first(*this) ? look_again : look_for_client);
                asio::error_code woken;
                co_await turn.async_wait(asio::redirect_error(asio::use_awaitable, woken));
                if (gone()) co_return false;
            }
            co_return true;
        }

        /// Notes that it waits for its client from now on. Only then may it be cut off.
        void wait_for_client() noexcept {
            since_.store(now(), std::memory_order_relaxed);
            all_.look_at_first();
        }

        /// Notes that it does not wait any more, and that what it takes is in the account.
        void progress() noexcept {
            if (since_.exchange(busy, std::memory_order_relaxed) != busy) reads_.store(true, std::memory_order_relaxed);
            if (!std::exchange(announced_, false)) return;
            all_.announced_.fetch_sub(1, std::memory_order_relaxed);
            all_.look_at_first();
        }

    private:
        friend class open_answers;

        /// Sets `connection::turn` while it lives.
        class turn_of_connection {
        public:
            turn_of_connection(connection& of, asio::steady_timer& turn) noexcept : of_(of) { of_.turn = &turn; }
            turn_of_connection(turn_of_connection const&) = delete;
            turn_of_connection& operator=(turn_of_connection const&) = delete;
            ~turn_of_connection() { of_.turn = nullptr; }

        private:
            connection& of_;
        };

        open_answers& all_;
        connection& of_;
        answer*& current_;
        asio::any_io_executor home_;
        std::atomic<steady::rep> since_{busy};    // it waits for its client
        std::atomic<bool> reads_{false};          // its client has taken something after it was waited for
        std::optional<steady::rep> first_since_;  // it has waited for longest, and no client that reads has gone for it
        bool begun_ = false;
        bool has_cut_ = false;    // another one was cut off for it
        bool announced_ = false;  // it has begun, and takes nothing yet
        bool cut_ = false;
    };

    /// How long is waited before an answer is cut off.
    struct patience {
        steady::duration newcomer;  ///< for a client that has taken nothing yet; and for one that reads, if nobody else
        steady::duration unread;    ///< for a client that takes nothing any more
    };
    static constexpr patience usual{std::chrono::milliseconds(100), std::chrono::seconds(1)};

    /// Both must outlive it.
    open_answers(limits const& bounds, limit_usage& usage, patience with = usual) noexcept
        : budget_{bounds.memory}, usage_(usage), patience_(with) {}

    /// Cuts off the one that has waited for its client for longest, if that is as long as `age`. False if there is
    /// none.
    bool cut_oldest(steady::duration age) {
        std::scoped_lock const lock(mutex_);
        return cut(age);
    }

private:
    using list = boost::intrusive::list<answer, boost::intrusive::constant_time_size<false>>;

    /// So many may be open even if memory is short.
    static constexpr std::size_t always = 4;
    /// What one takes once it has begun, about: the state of a compression and some tens of kilobytes.
    static constexpr std::uint64_t share = std::uint64_t{1} << 20;
    /// Memory becomes free without anybody saying so.
    static constexpr std::chrono::milliseconds look_again{100};
    /// Clients go without anybody saying so.
    static constexpr std::chrono::seconds look_for_client{1};

    void enter(answer& one, bool at_once) {
        std::scoped_lock const lock(mutex_);
        if (!at_once) {
            waiting_.push_back(one);
            lined_up_.fetch_add(1, std::memory_order_relaxed);
            return;
        }
        one.begun_ = true;
        cut_for(one);
        open_.push_back(one);
        ++count_;
    }

    bool begin(answer& one) noexcept {
        std::scoped_lock const lock(mutex_);
        if (&waiting_.front() != &one) return false;
        cut_for(one);
        if (!has_memory() || many_are_made()) return false;
        waiting_.pop_front();
        lined_up_.fetch_sub(1, std::memory_order_relaxed);
        open_.push_back(one);
        ++count_;
        one.begun_ = one.announced_ = true;
        announced_.fetch_add(1, std::memory_order_relaxed);
        wake_first();
        return true;
    }

    bool is_first(answer const& one) noexcept {
        std::scoped_lock const lock(mutex_);
        return &waiting_.front() == &one;
    }

    void leave(answer& one) noexcept {
        std::scoped_lock const lock(mutex_);
        if (one.announced_) announced_.fetch_sub(1, std::memory_order_relaxed);
        auto& in = one.begun_ ? open_ : waiting_;
        in.erase(in.iterator_to(one));
        if (!one.begun_) lined_up_.fetch_sub(1, std::memory_order_relaxed);
        if (one.begun_ && !one.cut_) --count_;
        wake_first();
    }

    /// What one more takes, and those that have begun and take nothing yet.
    [[nodiscard]] std::uint64_t wanted() const noexcept {
        return share * (announced_.load(std::memory_order_relaxed) + 1);
    }

    /// True if there is memory for one more.
    [[nodiscard]] bool has_memory() const noexcept {
        return count_ < always || memory::fits(wanted(), budget_.requests());
    }

    /// True if so many are being made that one more would hold them up: while memory is short, no more than may be open
    /// anyway. Those that wait for their clients let the next one begin.
    [[nodiscard]] bool many_are_made() const noexcept {
        if (memory::fits(std::max(wanted(), budget_.limit / 4), budget_.requests())) return false;
        auto const is_made = [](answer const& one) { return one.since_.load(std::memory_order_relaxed) == busy; };
        return static_cast<std::size_t>(std::ranges::count_if(open_, is_made)) >= always;
    }

    /// Cuts off what is in the way of one that is to begin, or has held too much for long. A client that reads is
    /// spared while there are others.
    void cut_for(answer& one) noexcept {
        try {
            bool const much = budget_.held_in_flight() || memory::old_versions() > budget_.old_versions();
            if (much) cut(patience_.unread);
            if (has_memory()) return;
            if (cut(one.has_cut_ ? patience_.newcomer : steady::duration(), false)) {
                one.has_cut_ = true;
            } else if (!one.begun_) {
                auto const at = now();
                if (!one.first_since_) one.first_since_ = at;
                bool const long_enough = at - *one.first_since_ >= patience_.newcomer.count();
                if (long_enough && cut(steady::duration())) one.first_since_ = at;
            }
        } catch (std::exception const&) {
            // For want of memory: the next one cuts it.
        }
    }

    /// Cuts off the one that has waited for its client for longest, if that is as long as `age`; of clients that read
    /// none unless `readers`. False if there is none.
    bool cut(steady::duration age, bool readers = true) {
        answer* chosen = nullptr;
        for (auto& one : open_) {
            if (one.cut_ || (one.reads_ && !readers)) continue;
            if (chosen == nullptr || one.since_ < chosen->since_) chosen = &one;
        }
        if (chosen == nullptr || chosen->since_ > now() - age.count()) return false;
        at_home(open_, *chosen, [](answer& one) {
            if (!one.cut_) return;
            reset_at_end(one.of_.socket);
            asio::error_code ignored;
            one.of_.socket.close(ignored);
        });
        chosen->cut_ = true;
        --count_;
        usage_.count_rejection(limit_kind::memory);
        return true;
    }

    /// To be called when the next one may perhaps begin.
    void look_at_first() noexcept {
        // Without the lock as a rule: this is called for every piece. What waits looks again by itself.
        if (lined_up_.load(std::memory_order_relaxed) == 0) return;
        std::scoped_lock const lock(mutex_);
        wake_first();
    }

    // Lets the one that has waited for longest ask again.
    void wake_first() noexcept {
        if (waiting_.empty()) return;
        try {
            at_home(waiting_, waiting_.front(), [](answer& one) {
                if (one.of_.turn != nullptr) one.of_.turn->cancel();
            });
        } catch (std::exception const&) {
            // For want of memory: it looks again by itself.
        }
    }

    /// Calls `act` with `one` of `in` on its own thread, unless it has left the list before that. Another one may be at
    /// the same place by then, of the same thread: `act` must be able to bear that.
    template <class Act>
    void at_home(list& in, answer& one, Act act) {
        asio::post(one.home_, [this, &in, act, chosen = &one, home = one.home_] {
            std::scoped_lock const lock(mutex_);
            for (auto& there : in) {
                if (&there == chosen && there.home_ == home) return act(there);
            }
        });
    }

    memory_budget budget_;
    limit_usage& usage_;
    patience patience_;
    std::mutex mutex_;
    list waiting_;                          // for their turn
    list open_;                             // those that have begun
    std::size_t count_ = 0;                 // of these, without those that are cut off
    std::atomic<std::size_t> lined_up_{0};  // in `waiting_`
    std::atomic<std::uint64_t> announced_{0};
};

}  // namespace pushgateway::http::detail
