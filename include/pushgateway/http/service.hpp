#pragma once

/// \file
/// What the event loops of a server share: its options, its handler and its gate, and the threads for what takes long.

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <exception>
#include <functional>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <asio/error_code.hpp>
#include <asio/thread_pool.hpp>

#include <pushgateway/base/limit_usage.hpp>
#include <pushgateway/base/must_not_wait.hpp>
#include <pushgateway/http/message.hpp>
#include <pushgateway/http/open_answers.hpp>
#include <pushgateway/http/overload.hpp>
#include <pushgateway/http/response_writer.hpp>
#include <pushgateway/http/server_options.hpp>
#include <pushgateway/http/work_class.hpp>
#include <pushgateway/http/worker_pool.hpp>

namespace pushgateway::http::detail {

/// Constant while the server runs, but for counters. What was handed to the server may throw; nothing here does.
struct service {
    server_options options;
    std::function<response(request const&)> handler;
    std::function<work_class(request const&)> classify;
    worker_pool workers;
    /// For `gate::judge`: what it takes must not hold up the workers. Without a gate no thread is started.
    asio::thread_pool judges;
    /// What waits for a judgement need not be judged any more: its connection is cut off.
    std::atomic<bool> cut_off{false};
    /// Large responses on their way.
    open_answers answers;

    service(server_options o, std::function<response(request const&)> h, std::function<work_class(request const&)> c)
        : options(std::move(o)),
          handler(std::move(h)),
          classify(std::move(c)),
          workers(std::max<std::size_t>(1, options.worker_threads), *options.usage),
          judges(options.gate ? 1 : 0),
          answers(options.limits, *options.usage) {}

    void warn(std::string_view text) const noexcept {
        try {
            if (options.warn) options.warn(text);
        } catch (...) {
        }
    }

    /// As above, even if there is not enough memory for the sentence.
    void warn(std::string_view what, asio::error_code why) const noexcept {
        try {
            warn(std::string(what) + why.message());
        } catch (...) {
            warn(what);
        }
    }

    /// The handler's response; 500 if it fails.
    [[nodiscard]] response handle(request const& r) const noexcept { return *answer(r); }

    /// The same for the thread of a connection; nothing if the handler would have to wait, and has done nothing.
    [[nodiscard]] std::optional<response> handle_at_once(request const& r) const noexcept {
        must_not_wait const here;
        return answer(r);
    }

    [[nodiscard]] std::optional<response> answer(request const& r) const noexcept {
        try {
            return handler(r);
        } catch (would_wait const&) {
            if (must_not_wait::here()) return std::nullopt;
            tell_failure("would wait");
        } catch (std::bad_alloc const&) {
            return short_of_memory();
        } catch (std::exception const& e) {
            tell_failure(e.what());
        } catch (...) {
            tell_failure("unknown");
        }
        return failure_response();
    }

    /// What kind of work a request is. Its body may be yet to come.
    [[nodiscard]] work_class class_of(request const& r) const noexcept {
        try {
            auto const what = classify ? classify(r) : work_class::immediate;
            bool const large = what == work_class::immediate && r.body.size() > options.heavy_body;
            return large ? work_class::push : what;
        } catch (...) {
            return work_class::list;
        }
    }

    /// Says that a request was answered without the handler.
    void tell_refusal(request const& r, int status, std::string_view why) const noexcept {
        try {
            if (options.refused) options.refused(r, status, why);
        } catch (...) {
        }
    }

    void tell_failure(char const* what) const noexcept {
        try {
            warn("a request failed: " + std::string(what));
        } catch (...) {
            warn("a request failed");
        }
    }

    /// The answer to a request for which there is not enough memory now.
    [[nodiscard]] response short_of_memory() const noexcept {
        options.usage->count_rejection(limit_kind::memory);
        try {
            return detail::refusal_response(out_of_memory(options.limits));
        } catch (...) {
            response out;
            out.status = 503;
            return out;
        }
    }

    /// The answer to a request that failed. The failure may have been want of memory, which is not over yet.
    [[nodiscard]] static response failure_response() noexcept {
        try {
            return http::refusal_response(500, {});
        } catch (...) {
            response out;
            out.status = 500;
            return out;
        }
    }
};

}  // namespace pushgateway::http::detail
