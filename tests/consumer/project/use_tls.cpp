#include <cstdio>
#include <memory>

#include <pushgateway/http/router.hpp>
#include <pushgateway/http/server.hpp>
#include <pushgateway/http/tls/transport.hpp>
#include <pushgateway/pushgateway.hpp>

int main() {
    using namespace pushgateway;
    auto const settings = std::make_shared<http::tls_settings>();
    settings->certificate_file = "missing.crt";
    settings->key_file = "missing.key";
    auto const tls = std::make_shared<http::tls_transport>(
        [&]() -> result<std::shared_ptr<http::tls_settings const>> { return settings; });
    auto const usable = tls->check();
    if (usable) return 1;
    std::puts(usable.error().message.c_str());

    gateway gateway;
    http::router router(gateway);
    http::server_options options;
    options.listen = {"127.0.0.1:0"};
    options.transport = tls;
    http::server server(options, [&](http::request const& request) { return router(request); });
    return server.start() ? 0 : 1;
}
