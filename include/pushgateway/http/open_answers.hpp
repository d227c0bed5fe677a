#pragma once

/// \file
/// Large responses on their way: what they show, or are, is held in memory until their clients have taken it.

#include <atomic>
#include <chrono>
#include <cstddef>
#include <exception>
#include <limits>
#include <mutex>
#include <utility>

#include <asio/any_io_executor.hpp>
#include <asio/post.hpp>
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
        /// `current` refers to this until it ends.
        answer(open_answers& all, answer*& current, asio::any_io_executor home, stream_socket& socket)
            : all_(all), current_(current), home_(std::move(home)), socket_(&socket) {
            all_.enter(*this);
            current_ = this;
        }
        answer(answer const&) = delete;
        answer& operator=(answer const&) = delete;
        ~answer() {
            current_ = nullptr;
            all_.leave(*this);
        }

        /// Notes that it waits for its client from now on. Only then may it be cut off.
        void wait_for_client() noexcept { since_.store(now(), std::memory_order_relaxed); }

        /// Notes that it does not wait any more.
        void progress() noexcept { since_.store(busy, std::memory_order_relaxed); }

    private:
        friend class open_answers;

        open_answers& all_;
        answer*& current_;
        asio::any_io_executor home_;
        stream_socket* socket_;
        std::atomic<steady::rep> since_{busy};  // it waits
        bool cut_ = false;
    };

    /// Both must outlive it.
    open_answers(limits const& bounds, limit_usage& usage) noexcept : budget_{bounds.memory}, usage_(usage) {}

    /// Cuts off the one that has waited for its client for longest, if that is as long as `age`. False if there is
    /// none.
    bool cut_oldest(steady::duration age) {
        std::scoped_lock const lock(mutex_);
        return cut(age, nullptr);
    }

private:
    /// So many may be open even if memory is short.
    static constexpr std::size_t always = 4;
    /// A client that takes nothing for as long does not read.
    static constexpr std::chrono::seconds patience{1};

    void enter(answer& one) {
        std::scoped_lock const lock(mutex_);
        all_.push_back(one);
        ++open_;
        bool const many = open_ > always && !memory::fits(0, budget_.requests());
        bool const much = budget_.held_in_flight() || memory::old_versions() > budget_.old_versions();
        try {
            if (many || much) cut(many ? steady::duration() : patience, &one);
        } catch (std::exception const&) {
            // For want of memory: the next one cuts it.
        }
    }

    void leave(answer& one) noexcept {
        std::scoped_lock const lock(mutex_);
        all_.erase(all_.iterator_to(one));
        if (!one.cut_) --open_;
    }

    bool cut(steady::duration age, answer const* except) {
        answer* chosen = nullptr;
        for (auto& one : all_) {
            if (one.cut_ || &one == except) continue;
            if (chosen == nullptr || one.since_ < chosen->since_) chosen = &one;
        }
        if (chosen == nullptr || chosen->since_ > now() - age.count()) return false;
        // By its own thread; it may have ended before.
        asio::post(chosen->home_, [this, chosen] { close(chosen); });
        chosen->cut_ = true;
        --open_;
        usage_.count_rejection(limit_kind::memory);
        return true;
    }

    void close(answer const* chosen) {
        std::scoped_lock const lock(mutex_);
        for (auto& one : all_) {
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
    boost::intrusive::list<answer, boost::intrusive::constant_time_size<false>> all_;
    std::size_t open_ = 0;
};

}  // namespace pushgateway::http::detail
