#include <cstdint>
#include <cstdio>
#include <string>

#include <asio/ip/tcp.hpp>
#include <asio/read.hpp>
#include <asio/write.hpp>

#include <pushgateway/http/router.hpp>
#include <pushgateway/http/server.hpp>
#include <pushgateway/pushgateway.hpp>

static std::string exchange(std::uint16_t port, std::string const& request) {
    asio::io_context io;
    asio::ip::tcp::socket socket(io);
    socket.connect({asio::ip::address_v4::loopback(), port});
    asio::write(socket, asio::buffer(request));
    std::string answer;
    asio::error_code end_of_file;
    asio::read(socket, asio::dynamic_buffer(answer), end_of_file);
    return answer;
}

int main() {
    pushgateway::gateway gateway;
    pushgateway::http::router router(gateway);
    pushgateway::http::server_options options;
    options.listen = {"127.0.0.1:0"};
    options.threads = 1;
    pushgateway::http::server server(
        options, [&](pushgateway::http::request const& request) { return router(request); },
        [&](pushgateway::http::request const& request) { return router.class_of(request); });
    if (auto const started = server.start(); !started) {
        std::puts(started.error().message.c_str());
        return 1;
    }

    auto const port = server.ports().front();
    auto const pushed = exchange(port,
                                 "POST /metrics/job/backup HTTP/1.1\r\nHost: here\r\nConnection: close\r\n"
                                 "Content-Length: 9\r\n\r\nbytes 42\n");
    auto const scraped = exchange(port, "GET /metrics HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n");
    std::printf("%s\n%s\n", pushed.c_str(), scraped.c_str());
    bool const there = scraped.find("bytes{instance=\"\",job=\"backup\"} 42\n") != std::string::npos;
    return pushed.starts_with("HTTP/1.1 200 ") && there ? 0 : 1;
}
