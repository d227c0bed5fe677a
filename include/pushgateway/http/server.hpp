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
#include <pushgateway/base/limit_usage.hpp>
#include <pushgateway/base/limits.hpp>
#include <pushgateway/http/accept_loop.hpp>
#include <pushgateway/http/event_loop.hpp>
#include <pushgateway/http/listener.hpp>
#include <pushgateway/http/message.hpp>
#include <pushgateway/http/most_connections.hpp>
#include <pushgateway/http/overload.hpp>
#include <pushgateway/http/server_options.hpp>
#include <pushgateway/http/socket_file.hpp>
#include <pushgateway/http/work_class.hpp>

namespace pushgateway::http {

/// Serves HTTP/1.1 and HTTP/1.0 by calling a handler for every request.
///
/// The handler is called from several threads at once. A handler that throws costs its request a 500. One that may take
/// long belongs to a request that `classify` says so of: those run on worker threads, together with the pieces of their
/// streamed responses, so that no other connection waits for them. So do requests with a body beyond
/// `server_options::heavy_body`. A request whose client closes its connection before its turn comes is not handled.
///
/// What breaks the protocol or a limit is answered here (400, 408, 413, 414, 417, 431, 501, 503, 505), and the
/// connection closed. So is `OPTIONS *`.
class server {
public:
    using handler = std::function<response(request const&)>;
    /// Asked for every request, from the thread of its connection, when its head has arrived and again when its body
    /// has.
    using classifier = std::function<work_class(request const&)>;

    server(server_options options, handler handle, classifier classify = {})
        : service_(complete(std::move(options)), std::move(handle), std::move(classify)) {}
    server(server const&) = delete;
    server& operator=(server const&) = delete;
    /// Cuts off what is in flight and waits for handlers to return.
    ~server() {
        stop(std::chrono::milliseconds(0));
        wait();
    }

    /// Opens the listening sockets and starts the threads. To be called once. Fails with errc::invalid when an address
    /// is malformed, errc::unavailable when it is in use or there are no threads or file descriptors to be had; nothing
    /// listens then.
    result<> start() {
        std::lock_guard const guard(mutex_);
        auto const& bounds = service_.options.limits;
        auto const connections = detail::most_connections(bounds);
        if (connections < bounds.connections) {
            service_.warn("there may be " + std::to_string(connections) +
                          " connections at a time: there are no file descriptors for more");
        }
        service_.options.usage->keep(limit_kind::connections, connections);
        service_.options.usage->keep(limit_kind::bodies_in_flight, detail::most_of_bodies(bounds));
        service_.options.usage->keep(limit_kind::heads_in_flight, detail::most_of_heads(bounds));
        service_.options.usage->keep(limit_kind::queued_scrapes, bounds.queued_scrapes);
        service_.options.usage->keep(limit_kind::queued_pushes, bounds.queued_pushes);
        service_.options.usage->keep(limit_kind::queued_lists, bounds.queued_lists);
        auto const threads = std::max<std::size_t>(1, service_.options.threads);
        auto const spares = std::max<std::uint64_t>(1, detail::most_spare_seats(bounds) / threads);
        try {
            for (std::size_t i = 0; i < threads; ++i) {
                loops_.push_back(std::make_unique<detail::event_loop>(service_, spares));
            }
        } catch (std::system_error const& e) {
            forget_listeners();
            return fail(errc::unavailable, "cannot serve with " + std::to_string(threads) +
                                               " threads, each of which takes some file descriptors: " + e.what());
        }
        if (auto listening = open_all(); !listening) {
            forget_listeners();
            return listening;
        }
        for (auto& loop : loops_) {
            loop->start();
            for (auto& acceptor : loop->acceptors) {
                asio::co_spawn(loop->io, detail::accept_loop(*loop, acceptor), asio::detached);
            }
        }
        try {
            service_.workers.start();
            for (auto& loop : loops_) threads_.emplace_back([this, l = loop.get()] { run(*l); });
        } catch (std::system_error const& e) {
            stop(std::chrono::milliseconds(0));
            for (auto& thread : threads_) thread.join();
            threads_.clear();
            forget_listeners();
            return fail(errc::unavailable, std::string("cannot start a thread: ") + e.what());
        }
        return {};
    }

    /// The ports listened on, in the order of `server_options::listen`, then those of the sockets handed over; 0 for
    /// what is no IP socket. After a successful `start()`.
    [[nodiscard]] std::vector<std::uint16_t> const& ports() const noexcept { return ports_; }

    /// The addresses listened on, as logs show them, in the same order.
    [[nodiscard]] std::vector<std::string> const& addresses() const noexcept { return addresses_; }

    /// Begins to stop and returns at once: closes the listening sockets and idle connections, lets requests in flight
    /// finish, and after `grace` closes what is left and drops what waits for a worker; a handler that runs on the
    /// workers is not interrupted. From any thread, also from a handler; may be repeated with another grace.
    void stop(std::chrono::milliseconds grace = std::chrono::seconds(30)) {
        for (auto& loop : loops_) {
            asio::post(loop->io, [l = loop.get(), grace] { l->drain(grace); });
        }
    }

    /// How many requests were not handled, or not answered to the end, because their client had gone or the grace of a
    /// stop was over. From any thread.
    [[nodiscard]] std::uint64_t dropped() const noexcept { return service_.workers.dropped(); }

    /// Cuts off the answer of which a client has taken nothing for longest, so that the memory that it holds is free:
    /// its connection is closed. Not one that had progress in the last second. From any thread.
    void cut_oldest_answer() { service_.answers.cut_oldest(std::chrono::seconds(1)); }

    /// Waits until the server has stopped and all its threads have ended. Not from a handler.
    void wait() {
        std::lock_guard const guard(mutex_);
        for (auto& thread : threads_) {
            if (thread.joinable()) thread.join();
        }
        service_.workers.join();
        service_.judges.join();
        files_.clear();
    }

private:
    static server_options complete(server_options options) {
        if (!options.transport) options.transport = std::make_shared<detail::plain_transport>();
        if (!options.usage) options.usage = std::make_shared<limit_usage>();
        return options;
    }

    result<> open_all() {
        auto const add = [this](result<detail::listening> opened) -> result<> {
            if (!opened) return std::unexpected(std::move(opened.error()));
            ports_.push_back(opened->port);
            addresses_.push_back(std::move(opened->address));
            files_.push_back(std::move(opened->file));
            for (std::size_t i = 0; i < loops_.size(); ++i) {
                loops_[i]->acceptors.push_back(std::move(opened->acceptors[i]));
            }
            return {};
        };
        for (auto const& address : service_.options.listen) {
            if (auto added = add(detail::open_acceptors(address, loops_)); !added) return added;
        }
        for (int const descriptor : service_.options.listening_descriptors) {
            if (auto added = add(detail::adopt_acceptor(descriptor, loops_)); !added) return added;
        }
        return {};
    }

    void forget_listeners() {
        loops_.clear();
        ports_.clear();
        addresses_.clear();
        files_.clear();
    }

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
    std::vector<std::string> addresses_;
    std::vector<detail::socket_file> files_;
    std::vector<std::thread> threads_;
    std::mutex mutex_;
};

}  // namespace pushgateway::http
