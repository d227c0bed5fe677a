#include <csignal>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include <support/certificates.hpp>
#include <support/gateway_process.hpp>
#include <support/http_client.hpp>
#include <support/scratch_folder.hpp>
#include <support/tls_client.hpp>

namespace pushgateway {
namespace {

using test::tls_client;
using test::tls_client_options;

/// The program with TLS, its certificate and its configuration in a folder.
class tls_daemon : public ::testing::Test {
protected:
    void renew(std::string const& name) {
        auto const made = test::make_server_certificate(name, &authority);
        folder.write("server.crt", made.pem + authority.pem);
        folder.write("server.key", made.key_pem);
    }
    void configure(std::string const& more = {}) {
        folder.write("web.yml", "tls_server_config:\n  cert_file: server.crt\n  key_file: server.key\n" + more);
    }
    [[nodiscard]] std::vector<std::string> arguments() const {
        return {PUSHGATEWAY_BINARY, "--web.listen-address=127.0.0.1:0",
                "--web.config.file=" + folder.path_of("web.yml")};
    }

    /// Sends a request and reads until the server ends the stream; what comes, or why nothing does.
    std::string exchange(std::uint16_t port, std::string const& request, test::certificate const* shows = nullptr) {
        tls_client_options options;
        options.trusts = &authority;
        options.shows = shows;
        auto client = tls_client::connect(port, options);
        if (!client) return client.error().message;
        client->send(request);
        std::string all;
        for (;;) {
            auto const more = client->receive(all);
            if (!more) return more.error().message;
            if (!*more) return all;
        }
    }
    std::string name_at(std::uint16_t port) {
        auto const client = tls_client::connect(port, {.trusts = &authority});
        return client ? client->server_name() : client.error().message;
    }

    static constexpr auto health = "GET /-/healthy HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

    test::scratch_folder folder;
    test::certificate authority = test::make_authority("authority");
};

TEST_F(tls_daemon, takes_pushes_inside_of_tls) {
    renew("one");
    configure();
    test::logged_process daemon(arguments());
    auto const port = daemon.wait_for_port();
    ASSERT_NE(port, 0);
    EXPECT_TRUE(daemon.wait_for_line("TLS is enabled."));
    auto const pushed = exchange(port,
                                 "PUT /metrics/job/x HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 4\r\n"
                                 "\r\nm 1\n");
    EXPECT_TRUE(pushed.starts_with("HTTP/1.1 200 OK\r\n")) << pushed;
    auto const scraped = exchange(port, "GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    EXPECT_NE(scraped.find("\nm{instance=\"\",job=\"x\"} 1\n"), std::string::npos);
    test::http_client plain("127.0.0.1", port);
    auto const told = plain.exchange_bytes({"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"});
    EXPECT_EQ(told, "HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n");
    EXPECT_TRUE(daemon.wait_for_line("the client sent an HTTP request to an HTTPS server"));
    daemon.signal(SIGTERM);
    EXPECT_EQ(daemon.exit_code(), 0);
}

TEST_F(tls_daemon, lets_in_who_has_an_allowed_name) {
    renew("one");
    folder.write("clients.crt", authority.pem);
    configure(
        "  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: clients.crt\n"
        "  client_allowed_sans: [batch.example]\n");
    auto const good = test::make_certificate({.alternative = "DNS:batch.example", .issuer = &authority});
    auto const other = test::make_certificate({.alternative = "DNS:other.example", .issuer = &authority});
    auto const stranger = test::make_certificate({.alternative = "DNS:batch.example"});
    test::logged_process daemon(arguments());
    auto const port = daemon.wait_for_port();
    ASSERT_NE(port, 0);
    EXPECT_TRUE(exchange(port, health, &good).starts_with("HTTP/1.1 200 OK\r\n"));
    EXPECT_EQ(exchange(port, health, &other), "alert: bad certificate");
    EXPECT_TRUE(exchange(port, health, &stranger).starts_with("alert: ")) << exchange(port, health, &stranger);
    EXPECT_EQ(exchange(port, health), "alert: certificate required");
}

TEST_F(tls_daemon, renews_its_certificate_and_refuses_a_broken_one) {
    renew("one");
    configure();
    test::logged_process daemon(arguments());
    auto const port = daemon.wait_for_port();
    ASSERT_NE(port, 0);
    EXPECT_EQ(name_at(port), "one");
    renew("two");
    EXPECT_EQ(name_at(port), "two");
    folder.write("server.key", "nonsense");
    EXPECT_EQ(name_at(port), "alert: internal error");
    EXPECT_TRUE(daemon.wait_for_line("key_file (" + folder.path_of("server.key") + "): no private key in PEM form"));
    renew("three");
    EXPECT_EQ(name_at(port), "three");
    configure("  min_version: TLS13\n");
    EXPECT_EQ(tls_client::connect(port, {.highest = TLS1_2_VERSION}).error().message, "alert: protocol version");
    configure("  min_version: TLS14\n");
    EXPECT_EQ(name_at(port), "alert: internal error");
    configure();
    EXPECT_EQ(name_at(port), "three");
}

TEST_F(tls_daemon, does_not_start_with_a_certificate_that_cannot_be_used) {
    renew("one");
    configure();
    folder.write("server.key", test::make_server_certificate("other").key_pem);
    test::logged_process daemon(arguments());
    EXPECT_EQ(daemon.exit_code(), 1);
    EXPECT_TRUE(daemon.wait_for_line("the private key of key_file (" + folder.path_of("server.key") +
                                     ") does not match the first certificate of cert_file"));
}

}  // namespace
}  // namespace pushgateway
