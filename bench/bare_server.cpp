// The floor of the load figures: an Asio server that reads whatever comes and answers 200 to each piece, without
// looking at it. It serves nothing but wrk requests that arrive in one piece.
//
// bare_server PORT THREADS

#include <array>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <asio/awaitable.hpp>
#include <asio/buffer.hpp>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/write.hpp>
#include <sys/socket.h>

namespace {

using asio::ip::tcp;
using reuse_port = asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;

constexpr std::string_view answer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

asio::awaitable<void> session(tcp::socket socket) {
    asio::error_code ec;
    socket.set_option(tcp::no_delay(true), ec);
    std::array<char, 16 * 1024> buffer;
    for (;;) {
        co_await socket.async_read_some(asio::buffer(buffer), asio::redirect_error(asio::use_awaitable, ec));
        if (ec) co_return;
        co_await asio::async_write(socket, asio::buffer(answer), asio::redirect_error(asio::use_awaitable, ec));
        if (ec) co_return;
    }
}

asio::awaitable<void> listen(asio::io_context& io, unsigned short port) {
    tcp::acceptor acceptor(io);
    acceptor.open(tcp::v4());
    acceptor.set_option(tcp::acceptor::reuse_address(true));
    acceptor.set_option(reuse_port(true));
    acceptor.bind({asio::ip::address_v4::loopback(), port});
    acceptor.listen();
    for (;;) {
        tcp::socket socket(io);
        co_await acceptor.async_accept(socket, asio::use_awaitable);
        asio::co_spawn(io, session(std::move(socket)), asio::detached);
    }
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3) {
        std::cerr << "usage: bare_server PORT THREADS\n";
        return 2;
    }
    auto const port = static_cast<unsigned short>(std::atoi(argv[1]));
    auto const threads = std::max(1, std::atoi(argv[2]));
    std::vector<std::unique_ptr<asio::io_context>> loops;
    for (int i = 0; i < threads; ++i) {
        loops.push_back(std::make_unique<asio::io_context>(1));
        asio::co_spawn(*loops.back(), listen(*loops.back(), port), [](std::exception_ptr failure) {
            if (failure) std::rethrow_exception(failure);
        });
    }
    std::vector<std::jthread> runners;
    for (auto& loop : loops) runners.emplace_back([&loop] { loop->run(); });
}
