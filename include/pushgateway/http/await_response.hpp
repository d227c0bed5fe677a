#pragma once

/// \file
/// Waits for a response that comes later while the connection's thread does other things.

#include <functional>
#include <memory>
#include <utility>

#include <asio/any_io_executor.hpp>
#include <asio/async_result.hpp>
#include <asio/awaitable.hpp>
#include <asio/executor_work_guard.hpp>
#include <asio/post.hpp>
#include <asio/use_awaitable.hpp>

#include <pushgateway/http/message.hpp>

namespace pushgateway::http::detail {

/// Puts into `out` what `later` will give, and resumes the awaiting coroutine on its own executor. `out` must outlive
/// that.
inline asio::awaitable<void> await_response(std::shared_ptr<later_response> later, asio::any_io_executor home,
                                            response& out) {
    return asio::async_initiate<asio::use_awaitable_t<> const, void()>(
        [](auto handler, std::shared_ptr<later_response> const& from, asio::any_io_executor const& back, response* to) {
            // A std::function wants to be copyable.
            auto shared = std::make_shared<decltype(handler)>(std::move(handler));
            from->receive([shared, guard = asio::make_work_guard(back), to](response what) {
                *to = std::move(what);
                asio::post(guard.get_executor(), std::move(*shared));
            });
        },
        asio::use_awaitable, std::move(later), std::move(home), &out);
}

}  // namespace pushgateway::http::detail
