#pragma once

/// \file
/// Runs a function on the worker pool while the coroutine that wants its result waits.

#include <utility>

#include <asio/any_io_executor.hpp>
#include <asio/async_result.hpp>
#include <asio/awaitable.hpp>
#include <asio/executor_work_guard.hpp>
#include <asio/post.hpp>
#include <asio/thread_pool.hpp>
#include <asio/use_awaitable.hpp>

namespace pushgateway::http::detail {

/// Calls `f` on a thread of `workers` and resumes the awaiting coroutine on its own executor. `f` must outlive that and
/// must not throw.
template <class F>
asio::awaitable<void> on_workers(asio::thread_pool& workers, asio::any_io_executor home, F& f) {
    return asio::async_initiate<asio::use_awaitable_t<> const, void()>(
        [](auto handler, asio::thread_pool* pool, asio::any_io_executor back, F* work) {
            asio::post(*pool, [handler = std::move(handler), guard = asio::make_work_guard(back), work]() mutable {
                (*work)();
                asio::post(guard.get_executor(), std::move(handler));
            });
        },
        asio::use_awaitable, &workers, std::move(home), &f);
}

}  // namespace pushgateway::http::detail
