#pragma once

/// \file
/// Large responses on their way: what they show, or are, is held in memory until their clients have taken it.

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <limits>
#include <mutex>
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
        /// False if `gone()` became true meanwhile, which is asked now and then, and when `connection::turn` is
        /// cancelled.
        template <class Gone>
        asio::awaitable<bool> begin(Gone gone) {
            asio::steady_timer turn(home_);
            registered const here(of_, turn);
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
            all_.may_have_room();
        }

        /// Notes that it does not wait any more, and that what it takes is in the account.
        void progress() noexcept {
            since_.store(busy, std::memory_order_relaxed);
            if (!std::exchange(announced_, false)) return;
            all_.announced_.fetch_sub(1, std::memory_order_relaxed);
            all_.may_have_room();
        }

    private:
        friend class open_answers;

        struct registered {
            registered(connection& of, asio::steady_timer& turn) noexcept : of_(of) { of_.turn = &turn; }
            registered(registered const&) = delete;
            registered& operator=(registered const&) = delete;
            ~registered() { of_.turn = nullptr; }

        private:
            connection& of_;
        };

        open_answers& all_;
        connection& of_;
        answer*& current_;
        asio::any_io_executor home_;
        std::atomic<steady::rep> since_{busy};  // it waits for its client
        bool begun_ = false;
        bool made_room_ = false;  // for which another one was cut off
        bool announced_ = false;  // it has begun, and takes nothing yet
        bool cut_ = false;
    };

    /// What is made of how long a client has taken nothing.
    struct patience {
        steady::duration slow;    ///< for as long it reads slowly
        steady::duration unread;  ///< for as long it does not read
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
        make_room_for(one, has_room());
        open_.push_back(one);
        one.begun_ = true;
        ++count_;
    }

    bool begin(answer& one) noexcept {
        std::scoped_lock const lock(mutex_);
        if (&waiting_.front() != &one) return false;
        make_room_for(one, has_room());
        if (!has_room()) return false;
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

    /// True if one more may begin.
    [[nodiscard]] bool has_room() const noexcept {
        auto const wanted = share * (announced_.load(std::memory_order_relaxed) + 1);
        return count_ < always || memory::fits(wanted, budget_.requests());
    }

    /// Cuts one off if there is no `room`, or if they hold much for long. For each that comes, one may be cut off that
    /// waits for its client since a moment ago; what else is to go must have waited for longer.
    void make_room_for(answer& one, bool room) noexcept {
        bool const much = budget_.held_in_flight() || memory::old_versions() > budget_.old_versions();
        if (room && !much) return;
        auto age = patience_.unread;
        if (!room) age = one.made_room_ ? patience_.slow : steady::duration();
        try {
            if (cut(age)) one.made_room_ = true;
        } catch (std::exception const&) {
            // For want of memory: the next one cuts it.
        }
    }

    bool cut(steady::duration age) {
        answer* chosen = nullptr;
        for (auto& one : open_) {
            if (one.cut_) continue;
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

    /// To be called when one that is to begin may find room that it did not find before.
    void may_have_room() noexcept {
        // What waits looks again by itself: this need not be exact.
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
    list waiting_;           // for their turn
    list open_;              // those that have begun
    std::size_t count_ = 0;  // of these, without those that are cut off
    std::atomic<std::size_t> lined_up_{0};
    std::atomic<std::uint64_t> announced_{0};
};

}  // namespace pushgateway::http::detail
