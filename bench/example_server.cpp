// The HTTP server with a handler that does nothing: what the protocol alone costs.
//
// example_server PORT THREADS

#include <cstdlib>
#include <iostream>
#include <string>

#include <pushgateway/http/server.hpp>

int main(int argc, char** argv) {
    if (argc != 3) {
        std::cerr << "usage: example_server PORT THREADS\n";
        return 2;
    }
    pushgateway::http::server_options options;
    options.listen = {std::string("127.0.0.1:") + argv[1]};
    options.threads = static_cast<std::size_t>(std::max(1, std::atoi(argv[2])));
    options.warn = [](std::string_view text) { std::cerr << text << '\n'; };
    pushgateway::http::server server(std::move(options), [](pushgateway::http::request const& request) {
        return pushgateway::http::response(request.body.empty() && request.method != "GET" ? 400 : 200, {});
    });
    if (auto const started = server.start(); !started) {
        std::cerr << started.error().message << '\n';
        return 1;
    }
    server.wait();
}
