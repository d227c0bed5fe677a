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
#include <pushgateway/http/stream_socket.hpp>

namespace pushgateway::http::detail {

/// All of a server. Any thread may call any function; an answer belongs to the thread of its connection.
class open_answers {
    using hook = boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::safe_link>>;
    using steady = std::chrono::steady_clock;

    static constexpr steady::rep busy = std::numeric_limits<steady::rep>::max();
    static steady::rep now() noexcept { return steady::now().time_since_epoch().count(); }

public:
    /// One of them, as long as it lives. Its socket is closed if it is cut off.
    class answer : public hook {
    public:
        /// `current` refers to this until it ends. `made`: it is there already, and not made while it is sent.
        answer(open_answers& all, answer*& current, asio::any_io_executor home, stream_socket& socket, bool made)
            : all_(all), current_(current), home_(std::move(home)), socket_(&socket), turn_(home_) {
            all_.enter(*this, made);
            current_ = this;
        }
        answer(answer const&) = delete;
        answer& operator=(answer const&) = delete;
        ~answer() {
            current_ = nullptr;
            all_.leave(*this);
        }

        /// Waits for its turn, before anything is made of it: while memory is short, they begin one after the other.
        /// False if `gone()` became true meanwhile, which is asked now and then.
        template <class Gone>
        asio::awaitable<bool> begin(Gone gone) {
            while (!all_.begin(*this)) {
                asio::error_code woken;
                turn_.expires_after(look_again);
                co_await turn_.async_wait(asio::redirect_error(asio::use_awaitable, woken));
                if (gone()) co_return false;
            }
            co_return true;
        }

        /// Notes that it waits for its client from now on. Only then may it be cut off.
        void wait_for_client() noexcept { since_.store(now(), std::memory_order_relaxed); }

        /// Notes that it does not wait any more, and that what it takes is in the account.
        void progress() noexcept {
            since_.store(busy, std::memory_order_relaxed);
            if (std::exchange(announced_, false)) all_.announced_.fetch_sub(1, std::memory_order_relaxed);
        }

    private:
        friend class open_answers;

        open_answers& all_;
        answer*& current_;
        asio::any_io_executor home_;
        stream_socket* socket_;
        asio::steady_timer turn_;
        std::atomic<steady::rep> since_{busy};  // it waits
        bool begun_ = false;
        bool announced_ = false;  // it has begun, and takes nothing yet
        bool cut_ = false;
    };

    /// Both must outlive it.
    open_answers(limits const& bounds, limit_usage& usage) noexcept : budget_{bounds.memory}, usage_(usage) {}

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
    /// A client that takes nothing for as long does not read.
    static constexpr std::chrono::seconds patience{1};
    /// Memory becomes free without anybody saying so.
    static constexpr std::chrono::milliseconds look_again{100};

    void enter(answer& one, bool made) {
        std::scoped_lock const lock(mutex_);
        (made ? open_ : waiting_).push_back(one);
        one.begun_ = made;
        if (!made) return;
        ++count_;
        relieve();
    }

    bool begin(answer& one) noexcept {
        std::scoped_lock const lock(mutex_);
        if (&waiting_.front() != &one) return false;
        relieve();
        auto const wanted = share * (announced_.load(std::memory_order_relaxed) + 1);
        if (count_ >= always && !memory::fits(wanted, budget_.requests())) return false;
        waiting_.pop_front();
        open_.push_back(one);
        ++count_;
        one.begun_ = one.announced_ = true;
        announced_.fetch_add(1, std::memory_order_relaxed);
        wake_first();
        return true;
    }

    void leave(answer& one) noexcept {
        one.progress();
        std::scoped_lock const lock(mutex_);
        auto& in = one.begun_ ? open_ : waiting_;
        in.erase(in.iterator_to(one));
        if (one.begun_ && !one.cut_) --count_;
        wake_first();
    }

    // Lets the one that has waited for longest ask again.
    void wake_first() noexcept {
        if (waiting_.empty()) return;
        auto* const first = &waiting_.front();
        try {
            asio::post(first->home_, [this, first] {
                std::scoped_lock const lock(mutex_);
                // Another one may be at the same place by now: that does no harm.
                if (!waiting_.empty() && &waiting_.front() == first) first->turn_.cancel();
            });
        } catch (std::exception const&) {
            // For want of memory: it looks again by itself.
        }
    }

    // Cuts one off if memory is short, or held for long.
    void relieve() noexcept {
        bool const many = count_ >= always && !memory::fits(share, budget_.requests());
        bool const much = budget_.held_in_flight() || memory::old_versions() > budget_.old_versions();
        if (!many && !much) return;
        try {
            cut(many ? steady::duration() : patience);
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
        // By its own thread; it may have ended before.
        asio::post(chosen->home_, [this, chosen] { close(chosen); });
        chosen->cut_ = true;
        --count_;
        usage_.count_rejection(limit_kind::memory);
        return true;
    }

    void close(answer const* chosen) {
        std::scoped_lock const lock(mutex_);
        for (auto& one : open_) {
            // Another one may be at the same place by now.
            if (&one != chosen || !one.cut_) continue;
            reset_at_end(*one.socket_);
            asio::error_code ignored;
            one.socket_->close(ignored);
        }
    }

    memory_budget budget_;
    limit_usage& usage_;
    std::mutex mutex_;
    list waiting_;           // for their turn
    list open_;              // those that have begun
    std::size_t count_ = 0;  // of these, without those that are cut off
    std::atomic<std::uint64_t> announced_{0};
};

}  // namespace pushgateway::http::detail
