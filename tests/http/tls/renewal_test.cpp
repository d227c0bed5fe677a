#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "running_tls.hpp"
#include "support/scratch_folder.hpp"

namespace pushgateway::http {
namespace {

using test::running_tls;
using test::tls_client;
using test::with_host;

class tls_renewal : public ::testing::Test {
protected:
    tls_settings renew(std::string const& name) {
        auto const made = test::make_server_certificate(name, &test::world::get().authority);
        tls_settings out;
        out.certificate_file = folder.write("server.crt", made.pem);
        out.key_file = folder.write("server.key", made.key_pem);
        return out;
    }
    static std::string name_at(running_tls const& server) {
        auto const client = tls_client::connect(server.port(), {.trusts = &test::world::get().authority});
        return client ? client->server_name() : client.error().message;
    }

    test::scratch_folder folder;
};

TEST_F(tls_renewal, new_connections_see_the_new_certificate_and_old_ones_live) {
    running_tls const server(renew("one"));
    auto old = tls_client::connect(server.port());
    ASSERT_TRUE(old) << old.error().message;
    EXPECT_EQ(old->server_name(), "one");
    renew("two");
    EXPECT_EQ(name_at(server), "two");
    std::string bytes;
    ASSERT_TRUE(old->send(with_host("GET /still HTTP/1.1")));
    ASSERT_TRUE(receive(*old, bytes, "GET /still "));
    EXPECT_EQ(server.said.all(), "");
}

TEST_F(tls_renewal, a_connection_that_has_not_begun_to_speak_sees_it_too) {
    running_tls const server(renew("one"));
    // The server takes connections in their order: this one is taken when a later one has been served.
    int const fd = test::connect_to(server.port());
    ASSERT_GE(fd, 0);
    EXPECT_EQ(name_at(server), "one");
    EXPECT_EQ(name_at(server), "one");
    renew("two");
    detail::ssl_context_ptr const context(SSL_CTX_new(TLS_client_method()));
    detail::ssl_ptr const ssl(SSL_new(context.get()));
    SSL_set_fd(ssl.get(), fd);
    ASSERT_EQ(SSL_connect(ssl.get()), 1);
    detail::x509_ptr const shown(SSL_get1_peer_certificate(ssl.get()));
    char text[256] = "";
    X509_NAME_get_text_by_NID(X509_get_subject_name(shown.get()), NID_commonName, text, sizeof text);
    EXPECT_STREQ(text, "two");
    ::close(fd);
}

TEST_F(tls_renewal, refuses_as_long_as_something_is_broken) {
    running_tls server(renew("one"));
    auto old = tls_client::connect(server.port());
    ASSERT_TRUE(old) << old.error().message;
    folder.write("server.key", "nonsense");
    for (int i = 0; i < 5; ++i) EXPECT_EQ(name_at(server), "alert: internal error");
    EXPECT_EQ(server.said.all(), "TLS connections are refused: key_file (" + folder.path_of("server.key") +
                                     "): no private key in PEM form is there\n");
    std::string bytes;
    ASSERT_TRUE(old->send(with_host("GET /still HTTP/1.1")));
    ASSERT_TRUE(receive(*old, bytes, "GET /still "));
    renew("two");
    EXPECT_EQ(name_at(server), "two");
    server.settings.set(fail(errc::syntax, "line 1"));
    EXPECT_EQ(name_at(server), "alert: internal error");
    server.settings.set(test::plain_settings());
    EXPECT_EQ(name_at(server), "server");
    EXPECT_EQ(server.said.heard().size(), 1U);
}

TEST_F(tls_renewal, new_demands_hold_from_the_next_connection_on) {
    running_tls server(renew("one"));
    EXPECT_EQ(server.outcome(), "200");
    auto stricter = test::plain_settings();
    stricter.client_auth = client_auth::require_any;
    server.settings.set(stricter);
    EXPECT_EQ(server.outcome(), "alert: certificate required");
}

TEST_F(tls_renewal, a_session_is_not_resumed_under_other_demands) {
    running_tls server;
    auto first = tls_client::connect(server.port());
    ASSERT_TRUE(first) << first.error().message;
    std::string bytes;
    first->send(with_host("GET / HTTP/1.1"));
    ASSERT_TRUE(receive(*first, bytes, "GET / "));
    std::unique_ptr<SSL_SESSION, detail::openssl_free<SSL_SESSION_free>> const session(
        SSL_get1_session(first->native()));
    auto stricter = test::plain_settings();
    stricter.client_auth = client_auth::require_any;
    server.settings.set(stricter);
    EXPECT_EQ(server.outcome({.session = session.get()}), "alert: certificate required");
}

TEST_F(tls_renewal, under_load) {
    running_tls const server(renew("name 0"));
    std::atomic<bool> done = false;
    std::atomic<int> served = 0;
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&] {
            while (!done) {
                auto const got = server.outcome();
                // Certificate and key are written one after the other.
                EXPECT_TRUE(got == "200" || got == "alert: internal error") << got;
                served += got == "200" ? 1 : 0;
            }
        });
    }
    for (int i = 1; i <= 20; ++i) {
        auto const name = "name " + std::to_string(i);
        renew(name);
        EXPECT_EQ(name_at(server), name);
    }
    done = true;
    for (auto& thread : threads) thread.join();
    EXPECT_GT(served, 0);
}

TEST_F(tls_renewal, a_check_before_the_start) {
    auto settings = renew("one");
    tls_transport const transport([&]() -> result<std::shared_ptr<tls_settings const>> {
        return std::make_shared<tls_settings const>(settings);
    });
    EXPECT_TRUE(transport.check());
    settings.key_file = folder.path_of("none");
    auto const usable = transport.check();
    ASSERT_FALSE(usable);
    EXPECT_EQ(usable.error().message, "failed to read key_file (" + settings.key_file + "): No such file or directory");
}

}  // namespace
}  // namespace pushgateway::http
