#pragma once

/// \file
/// What a server can be told.

#include <algorithm>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <pushgateway/base/limit_usage.hpp>
#include <pushgateway/base/limits.hpp>
#include <pushgateway/http/gate.hpp>
#include <pushgateway/http/message.hpp>
#include <pushgateway/http/transport.hpp>

namespace pushgateway::http {

/// Options of `server`.
struct server_options {
    /// Addresses: `host:port`, `:port` (all interfaces, IPv4 and IPv6), `[::1]:port`, `unix:/path`, `unix:@name` for
    /// an abstract socket of Linux, `vsock://:port`. Port 0 takes any free one.
    std::vector<std::string> listen{":9091"};
    /// Sockets that listen already, as a service manager hands them over: these are used too, and closed in the end.
    std::vector<int> listening_descriptors;
    /// Looks at every request before its body is read; null: nobody does.
    std::shared_ptr<http::gate> gate;
    /// Serves the accepted connections; null: as they are.
    std::shared_ptr<http::transport> transport;
    /// Threads that read and write, each with its own event loop; at least 1.
    std::size_t threads = std::max(1U, std::thread::hardware_concurrency());
    /// Threads for requests that take long; at least 1. There is one more, for scrapes alone.
    std::size_t worker_threads = std::max(1U, std::thread::hardware_concurrency());
    /// A request whose body is larger than this takes long, in bytes.
    std::size_t heavy_body = 256 * 1024;
    /// Sizes and timeouts.
    pushgateway::limits limits;
    /// Where connections, bodies in flight and what is refused for a limit are counted: `gateway::usage()`, so that its
    /// own metrics show them; null: in private. Servers that share it share these limits.
    std::shared_ptr<limit_usage> usage;
    /// Told in a sentence what went wrong without being any one request's fault (no file descriptors left, a handler
    /// threw). Called from the server's threads, also from several at once.
    std::function<void(std::string_view)> warn;
    /// Told of requests that break the protocol or a limit and never reach the handler, with the status they are
    /// answered with and the reason. What is not known of such a request is empty. Called as `warn`.
    std::function<void(request const&, int, std::string_view)> refused;
};

}  // namespace pushgateway::http
