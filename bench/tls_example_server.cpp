// The HTTP server inside of TLS with a handler that does nothing: what TLS costs beside example_server.
//
// tls_example_server PORT THREADS CERTIFICATE_FILE KEY_FILE

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>
#include <utility>

#include <pushgateway/http/server.hpp>
#include <pushgateway/http/tls/transport.hpp>

int main(int argc, char** argv) {
    if (argc != 5) {
        std::cerr << "usage: tls_example_server PORT THREADS CERTIFICATE_FILE KEY_FILE\n";
        return 2;
    }
    auto const settings = std::make_shared<pushgateway::http::tls_settings>();
    settings->certificate_file = argv[3];
    settings->key_file = argv[4];
    auto const tls = std::make_shared<pushgateway::http::tls_transport>(
        [settings]() -> pushgateway::result<std::shared_ptr<pushgateway::http::tls_settings const>> {
            return settings;
        });
    if (auto const usable = tls->check(); !usable) {
        std::cerr << usable.error().message << '\n';
        return 1;
    }
    pushgateway::http::server_options options;
    options.listen = {std::string("127.0.0.1:") + argv[1]};
    options.threads = static_cast<std::size_t>(std::max(1, std::atoi(argv[2])));
    options.warn = [](std::string_view text) { std::cerr << text << '\n'; };
    options.transport = tls;
    pushgateway::http::server server(std::move(options), [](pushgateway::http::request const& request) {
        return pushgateway::http::response(request.body.empty() && request.method != "GET" ? 400 : 200, {});
    });
    if (auto const started = server.start(); !started) {
        std::cerr << started.error().message << '\n';
        return 1;
    }
    server.wait();
}
