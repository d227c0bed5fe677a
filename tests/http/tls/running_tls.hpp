#pragma once

/// \file
/// A TLS server inside of a test, its settings, and what it says.

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <pushgateway/http/server.hpp>
#include <pushgateway/http/tls/settings.hpp>
#include <pushgateway/http/tls/transport.hpp>

#include "support/certificates.hpp"
#include "support/running_server.hpp"
#include "support/tls_client.hpp"

namespace pushgateway::test {

/// Who vouches for whom; made once, since nothing of it is changed.
struct world {
    certificate authority = make_authority("authority");
    certificate server = make_server_certificate("server", &authority);

    static world const& get() {
        static world const it;
        return it;
    }
};

/// The settings of a server with the certificate of `world`.
inline http::tls_settings plain_settings() {
    http::tls_settings out;
    out.certificate = world::get().server.pem;
    out.key = world::get().server.key_pem;
    return out;
}

/// Sentences that a server says, from any thread.
class hearing {
public:
    void hear(std::string_view text) {
        std::lock_guard const guard(mutex_);
        heard_.emplace_back(text);
    }
    [[nodiscard]] std::vector<std::string> heard() const {
        std::lock_guard const guard(mutex_);
        return heard_;
    }
    [[nodiscard]] std::string all() const {
        std::string out;
        for (auto const& line : heard()) out += line + '\n';
        return out;
    }

private:
    mutable std::mutex mutex_;
    std::vector<std::string> heard_;
};

/// Settings that can be exchanged while they are used.
class changing_settings {
public:
    explicit changing_settings(http::tls_settings first) { set(std::move(first)); }

    void set(result<http::tls_settings> next) {
        std::lock_guard const guard(mutex_);
        if (next) {
            now_ = std::make_shared<http::tls_settings const>(*std::move(next));
        } else {
            now_ = std::unexpected(next.error());
        }
    }
    result<std::shared_ptr<http::tls_settings const>> get() const {
        std::lock_guard const guard(mutex_);
        return now_;
    }

private:
    mutable std::mutex mutex_;
    result<std::shared_ptr<http::tls_settings const>> now_;
};

/// A TLS server that runs as long as the test.
class running_tls {
public:
    explicit running_tls(http::tls_settings first = plain_settings(), http::server::handler handle = echo,
                         http::server_options options = local(), http::server::classifier classify = {})
        : settings(std::move(first)), server(std::move(handle), with_tls(std::move(options)), std::move(classify)) {}

    [[nodiscard]] std::uint16_t port() const { return server.port(); }

    /// All that comes back for these bytes until the server ends the stream; the alert if it sends one.
    result<std::string> exchange(std::string_view bytes, tls_client_options const& options = {}) const {
        auto client = tls_client::connect(port(), options);
        if (!client) return std::unexpected(client.error());
        client->send(bytes);
        return rest_of(*client);
    }

    static result<std::string> rest_of(tls_client& client) {
        std::string all;
        for (;;) {
            auto const more = client.receive(all);
            if (!more) return std::unexpected(more.error());
            if (!*more) return all;
        }
    }

    /// What becomes of a request by such a client: its status, or why there is none.
    [[nodiscard]] std::string outcome(tls_client_options const& options = {}) const {
        auto const got = exchange(with_host("GET / HTTP/1.1", "Connection: close\r\n"), options);
        if (!got) return got.error().message;
        auto const replies = parse_replies(*got);
        if (!replies || replies->size() != 1) return "not one response: " + *got;
        return std::to_string(replies->front().status);
    }

    hearing said;
    changing_settings settings;
    running server;

private:
    http::server_options with_tls(http::server_options options) {
        options.transport = std::make_shared<http::tls_transport>([this] { return settings.get(); });
        options.warn = [this](std::string_view text) { said.hear(text); };
        return options;
    }
};

/// Reads until `bytes` holds `expected`.
inline ::testing::AssertionResult receive(tls_client& client, std::string& bytes, std::string_view expected) {
    while (bytes.find(expected) == std::string::npos) {
        auto const more = client.receive(bytes);
        if (!more) return ::testing::AssertionFailure() << more.error().message << "; so far: " << bytes;
        if (!*more) return ::testing::AssertionFailure() << "end of the stream; so far: " << bytes;
    }
    return ::testing::AssertionSuccess();
}

}  // namespace pushgateway::test
