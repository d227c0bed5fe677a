#pragma once

/// \file
/// The HTTP/1.1 server: sockets and threads around a function from request to response.

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include <asio/post.hpp>

#include <pushgateway/base/error.hpp>
#include <pushgateway/http/accept_loop.hpp>
#include <pushgateway/http/event_loop.hpp>
#include <pushgateway/http/listener.hpp>
#include <pushgateway/http/message.hpp>
#include <pushgateway/http/server_options.hpp>

namespace pushgateway::http {

/// Serves HTTP/1.1 and HTTP/1.0 by calling a handler for every request.
///
/// The handler is called from several threads at once. A handler that throws costs its request a 500. One that may take
/// long belongs to a request that `is_heavy` tells: those run on worker threads, together with the pieces of their
/// streamed responses, so that no other connection waits for them. Requests with a body beyond
/// `server_options::heavy_body` are heavy in any case.
///
/// What breaks the protocol or a limit is answered here (400, 408, 413, 414, 417, 431, 501, 505), and the connection
/// closed. So is `OPTIONS *`.
class server {
public:
    using handler = std::function<response(request const&)>;
    using heaviness = std::function<bool(request const&)>;

    server(server_options options, handler handle, heaviness is_heavy = {})
        : service_(std::move(options), std::move(handle), std::move(is_heavy)) {}
    server(server const&) = delete;
    server& operator=(server const&) = delete;
    /// Cuts off what is in flight and waits for handlers to return.
    ~server() {
        stop(std::chrono::milliseconds(0));
        wait();
    }

    /// Opens the listening sockets and starts the threads. To be called once. Fails with errc::invalid when an address
    /// is malformed, errc::unavailable when it is in use or there is no thread to be had; nothing listens then.
    result<> start() {
        std::lock_guard const guard(mutex_);
        auto const threads = std::max<std::size_t>(1, service_.options.threads);
        for (std::size_t i = 0; i < threads; ++i) loops_.push_back(std::make_unique<detail::event_loop>(service_));
        for (auto const& address : service_.options.listen) {
            auto acceptors = detail::open_acceptors(address, loops_);
            if (!acceptors) {
                loops_.clear();
                ports_.clear();
                return std::unexpected(std::move(acceptors.error()));
            }
            ports_.push_back(acceptors->front().local_endpoint().port());
            for (std::size_t i = 0; i < threads; ++i) loops_[i]->acceptors.push_back(std::move((*acceptors)[i]));
        }
        for (auto& loop : loops_) {
            loop->start();
            for (auto& acceptor : loop->acceptors) {
                asio::co_spawn(loop->io, detail::accept_loop(*loop, acceptor), asio::detached);
            }
        }
        try {
            for (auto& loop : loops_) threads_.emplace_back([this, l = loop.get()] { run(*l); });
        } catch (std::system_error const& e) {
            stop(std::chrono::milliseconds(0));
            for (auto& thread : threads_) thread.join();
            threads_.clear();
            loops_.clear();
            ports_.clear();
            return fail(errc::unavailable, std::string("cannot start a thread: ") + e.what());
        }
        return {};
    }

    /// The ports listened on, in the order of `server_options::listen`. After a successful `start()`.
    [[nodiscard]] std::vector<std::uint16_t> const& ports() const noexcept { return ports_; }

    /// Begins to stop and returns at once: closes the listening sockets and idle connections, lets requests in flight
    /// finish, and after `grace` closes what is left; a handler that runs on the workers is not interrupted. From any
    /// thread, also from a handler; may be repeated with another grace.
    void stop(std::chrono::milliseconds grace = std::chrono::seconds(30)) {
        for (auto& loop : loops_) {
            asio::post(loop->io, [l = loop.get(), grace] { l->drain(grace); });
        }
    }

    /// Waits until the server has stopped and all its threads have ended. Not from a handler.
    void wait() {
        std::lock_guard const guard(mutex_);
        for (auto& thread : threads_) {
            if (thread.joinable()) thread.join();
        }
        service_.workers.join();
    }

private:
    void run(detail::event_loop& loop) {
        for (;;) {
            try {
                loop.io.run();
                return;
            } catch (std::exception const& e) {
                service_.warn(std::string("an event loop went on after: ") + e.what());
            }
        }
    }

    detail::service service_;
    std::vector<std::unique_ptr<detail::event_loop>> loops_;
    std::vector<std::uint16_t> ports_;
    std::vector<std::thread> threads_;
    std::mutex mutex_;
};

}  // namespace pushgateway::http
