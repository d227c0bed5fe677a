#pragma once

/// \file
/// Runs a function on worker threads while the coroutine that wants its result waits.

#include <memory>
#include <utility>

#include <asio/any_io_executor.hpp>
#include <asio/async_result.hpp>
#include <asio/awaitable.hpp>
#include <asio/executor_work_guard.hpp>
#include <asio/post.hpp>
#include <asio/thread_pool.hpp>
#include <asio/use_awaitable.hpp>

#include <pushgateway/http/client_presence.hpp>
#include <pushgateway/http/connection.hpp>
#include <pushgateway/http/work_class.hpp>
#include <pushgateway/http/work_queue.hpp>
#include <pushgateway/http/worker_pool.hpp>

namespace pushgateway::http::detail {

/// Calls `f` on a thread of `threads` and resumes the awaiting coroutine on its own executor. `f` must outlive that and
/// must not throw.
template <class F>
asio::awaitable<void> on_threads(asio::thread_pool& threads, asio::any_io_executor home, F& f) {
    return asio::async_initiate<asio::use_awaitable_t<> const, void()>(
        [](auto handler, asio::thread_pool* pool, asio::any_io_executor back, F* work) {
            asio::post(*pool, [handler = std::move(handler), guard = asio::make_work_guard(back), work]() mutable {
                (*work)();
                asio::post(guard.get_executor(), std::move(handler));
            });
        },
        asio::use_awaitable, &threads, std::move(home), &f);
}

/// Where a call goes, and where its owner finds it.
struct call_place {
    worker_pool* pool;
    asio::any_io_executor home;
    work_class what;
    bool continues;
    /// Whose request it is. Its `work` points to the call until the coroutine goes on; touched by `home` alone, which
    /// may cancel the call by that.
    connection& of;
};

/// A call of a function that waits for a worker, and then runs.
template <class F, class Handler>
class waiting_call final : public work_item {
public:
    waiting_call(call_place const& where, F& f, Handler handler)
        : work_item(where.what, where.continues),
          f_(f),
          of_(where.of),
          socket_(where.of.socket.native_handle()),
          encrypted_(where.of.encrypted),
          guard_(where.home),
          handler_(std::move(handler)) {}

    [[nodiscard]] bool wanted() const noexcept override {
        return continues() || presence_of(socket_, encrypted_) != presence::gone;
    }

    void run() noexcept override {
        f_();
        end(work_result::done);
    }

    void end(work_result how) noexcept override {
        auto const home = guard_.get_executor();
        asio::post(home, [call = std::unique_ptr<waiting_call>(this), how]() mutable {
            call->of_.work = nullptr;
            auto handler = std::move(call->handler_);
            call.reset();
            std::move(handler)(how);
        });
    }

private:
    F& f_;
    connection& of_;
    int socket_;
    bool encrypted_;
    asio::executor_work_guard<asio::any_io_executor> guard_;
    Handler handler_;
};

/// Calls `f` on a worker when its turn comes, and resumes the awaiting coroutine on its own executor; says whether it
/// was called. `f` must outlive that and must not throw.
template <class F>
asio::awaitable<work_result> on_workers(call_place const& where, F& f) {
    return asio::async_initiate<asio::use_awaitable_t<> const, void(work_result)>(
        [](auto handler, call_place const* place, F* work) {
            using call = waiting_call<F, decltype(handler)>;
            auto owned = std::make_unique<call>(*place, *work, std::move(handler));
            place->of.work = owned.get();
            // Its end takes it back.
            place->pool->submit(*owned.release());
        },
        asio::use_awaitable, &where, &f);
}

/// As above for a request that has not run yet: before it waits behind others, its client may be known to have gone.
template <class F>
asio::awaitable<work_result> on_workers_if_wanted(call_place const& where, F& f) {
    if (where.pool->waiting(where.what) != 0 && is_gone(where.of, false)) co_return where.pool->count_dropped();
    co_return co_await on_workers(where, f);
}

}  // namespace pushgateway::http::detail
