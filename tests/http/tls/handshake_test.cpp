#include <chrono>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "running_tls.hpp"

namespace pushgateway::http {
namespace {

using namespace std::chrono_literals;
using test::running_tls;
using test::tls_client;
using test::tls_client_options;
using test::with_host;

tls_settings between(tls_version lowest, tls_version highest) {
    auto out = test::plain_settings();
    out.lowest = lowest;
    out.highest = highest;
    return out;
}

TEST(tls_handshake, versions) {
    struct {
        tls_version lowest, highest;
        std::vector<int> good, bad;
    } const all[]{
        {tls_version::tls12, tls_version::tls13, {TLS1_2_VERSION, TLS1_3_VERSION}, {TLS1_VERSION, TLS1_1_VERSION}},
        {tls_version::tls13, tls_version::tls13, {TLS1_3_VERSION}, {TLS1_VERSION, TLS1_1_VERSION, TLS1_2_VERSION}},
        {tls_version::tls12, tls_version::tls12, {TLS1_2_VERSION}, {TLS1_VERSION, TLS1_1_VERSION, TLS1_3_VERSION}},
        {tls_version::tls10, tls_version::tls11, {TLS1_VERSION, TLS1_1_VERSION}, {TLS1_2_VERSION, TLS1_3_VERSION}},
        {tls_version::tls10, tls_version::tls13, {TLS1_VERSION, TLS1_1_VERSION, TLS1_2_VERSION, TLS1_3_VERSION}, {}},
    };
    for (auto const& one : all) {
        running_tls const server(between(one.lowest, one.highest));
        for (int const version : one.good) EXPECT_EQ(server.outcome({.lowest = version, .highest = version}), "200");
        for (int const version : one.bad) {
            auto const got = server.outcome({.lowest = version, .highest = version});
            // The last word may be the client's.
            EXPECT_TRUE(got == "alert: protocol version" || got == "unsupported protocol") << version << ' ' << got;
        }
    }
}

TEST(tls_handshake, cipher_suites_in_the_order_of_the_server) {
    auto settings = between(tls_version::tls12, tls_version::tls12);
    settings.cipher_suites = {"TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA"};
    running_tls server(settings);
    auto const chosen = [&](std::string const& offered) -> std::string {
        auto const client = tls_client::connect(server.port(), {.ciphers = offered});
        return client ? SSL_get_cipher_name(client->native()) : client.error().message;
    };
    EXPECT_EQ(chosen("ECDHE-ECDSA-AES256-SHA:ECDHE-ECDSA-CHACHA20-POLY1305"), "ECDHE-ECDSA-CHACHA20-POLY1305");
    EXPECT_EQ(chosen("ECDHE-ECDSA-AES256-SHA"), "ECDHE-ECDSA-AES256-SHA");
    EXPECT_EQ(chosen("ECDHE-ECDSA-AES128-GCM-SHA256"), "alert: handshake failure");
    settings.prefer_server_cipher_suites = false;
    server.settings.set(settings);
    EXPECT_EQ(chosen("ECDHE-ECDSA-AES256-SHA:ECDHE-ECDSA-CHACHA20-POLY1305"), "ECDHE-ECDSA-AES256-SHA");
}

TEST(tls_handshake, by_default_no_suite_without_forward_secrecy) {
    running_tls const server(between(tls_version::tls10, tls_version::tls12));
    for (auto const* const weak : {"AES128-SHA", "ALL:!kECDHE", "aNULL@SECLEVEL=0", "eNULL@SECLEVEL=0", "DHE"}) {
        EXPECT_EQ(server.outcome({.highest = TLS1_2_VERSION, .ciphers = weak}), "alert: handshake failure") << weak;
    }
}

TEST(tls_handshake, curves) {
    auto settings = test::plain_settings();
    settings.curves = {"CurveP384", "X25519"};
    running_tls const server(settings);
    auto const chosen = [&](std::string const& offered, int version) -> std::string {
        auto const client =
            tls_client::connect(server.port(), {.lowest = version, .highest = version, .curves = offered});
        if (!client) return client.error().message;
        return OBJ_nid2sn(static_cast<int>(SSL_get_negotiated_group(client->native())));
    };
    EXPECT_EQ(chosen("X25519:P-384:P-256", TLS1_2_VERSION), "secp384r1");
    // As in Go, what the client has begun with saves a round trip.
    EXPECT_EQ(chosen("X25519:P-384", TLS1_3_VERSION), "X25519");
    EXPECT_EQ(chosen("P-521:P-384", TLS1_3_VERSION), "secp384r1");
    EXPECT_EQ(chosen("P-521:X25519", TLS1_3_VERSION), "X25519");
    EXPECT_EQ(chosen("P-521", TLS1_3_VERSION), "alert: handshake failure");
    running_tls const usual;
    EXPECT_EQ(usual.outcome({.curves = "P-521"}), "200");
    EXPECT_EQ(usual.outcome({.lowest = TLS1_3_VERSION, .curves = "ffdhe2048"}), "alert: handshake failure");
}

TEST(tls_handshake, protocols_above) {
    running_tls const server;
    auto const chosen = [&](std::string const& offered) -> std::string {
        auto const client = tls_client::connect(server.port(), {.protocols = offered});
        if (!client) return client.error().message;
        unsigned char const* name = nullptr;
        unsigned size = 0;
        SSL_get0_alpn_selected(client->native(), &name, &size);
        return {reinterpret_cast<char const*>(name), size};
    };
    EXPECT_EQ(chosen(""), "");
    EXPECT_EQ(chosen("\x02h2\x08http/1.1"), "http/1.1");
    EXPECT_EQ(chosen("\x08http/1.0\x08http/1.1"), "http/1.1");
    EXPECT_EQ(chosen("\x08http/1.0"), "http/1.0");
    EXPECT_EQ(chosen("\x02h2"), "alert: no application protocol");
}

TEST(tls_handshake, resumes_a_session_unless_a_certificate_is_asked_for) {
    for (int const version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        for (bool const asks : {false, true}) {
            auto settings = test::plain_settings();
            if (asks) settings.client_auth = client_auth::request;
            running_tls const server(settings);
            auto first = tls_client::connect(server.port(), {.lowest = version, .highest = version});
            ASSERT_TRUE(first) << first.error().message;
            std::string bytes;
            first->send(with_host("GET / HTTP/1.1"));
            ASSERT_TRUE(receive(*first, bytes, "GET / "));
            std::unique_ptr<SSL_SESSION, detail::openssl_free<SSL_SESSION_free>> const session(
                SSL_get1_session(first->native()));
            auto const second =
                tls_client::connect(server.port(), {.lowest = version, .highest = version, .session = session.get()});
            ASSERT_TRUE(second) << second.error().message;
            EXPECT_EQ(SSL_session_reused(second->native()) == 1, !asks) << version;
        }
    }
}

TEST(tls_handshake, no_renegotiation) {
    running_tls const server;
    auto client = tls_client::connect(server.port(), {.highest = TLS1_2_VERSION});
    ASSERT_TRUE(client) << client.error().message;
    ASSERT_EQ(SSL_renegotiate(client->native()), 1);
    ERR_clear_error();
    EXPECT_NE(SSL_do_handshake(client->native()), 1);
    EXPECT_EQ(detail::openssl_reason(""), "no renegotiation");
    EXPECT_EQ(server.outcome(), "200");
}

TEST(tls_handshake, plain_http_is_told_where_it_is) {
    running_tls const server;
    for (auto const* const line :
         {"GET /metrics HTTP/1.1", "PUT /metrics/job/x HTTP/1.1", "POST /metrics/job/x HTTP/1.1", "HEAD / HTTP/1.1",
          "OPTIONS * HTTP/1.1", "DELETE /metrics/job/x HTTP/1.1"}) {
        // With more behind it than is read.
        EXPECT_EQ(server.server.exchange(with_host(line) + std::string(100'000, 'x')),
                  "HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n")
            << line;
    }
    EXPECT_EQ(server.server.exchange("GE", true), "");
    EXPECT_EQ(server.said.heard().size(), 1U);
    EXPECT_TRUE(server.said.all().ends_with(" failed: the client sent an HTTP request to an HTTPS server\n"));
}

TEST(tls_handshake, garbage) {
    running_tls const server;
    std::mt19937 random(7);
    for (int i = 0; i < 100; ++i) {
        std::string bytes(random() % 300 + 1, '\0');
        for (char& c : bytes) c = static_cast<char>(random());
        // Every third looks like the begin of a handshake.
        if (i % 3 == 0) bytes = std::string("\x16\x03\x01\x00\x50\x01", 6) + bytes;
        auto stream = server.server.connect();
        stream.send(bytes);
        stream.finish_sending();
        std::string answer;
        for (;;) {
            auto const more = stream.receive(answer);
            if (!more || !*more) break;
        }
        // Nothing but an alert.
        EXPECT_TRUE(answer.empty() || answer.front() == '\x15') << answer;
    }
    EXPECT_EQ(server.outcome(), "200");
    EXPECT_EQ(server.said.heard().size(), 1U);
}

/// What a client sends first.
std::string hello() {
    detail::ssl_context_ptr const context(SSL_CTX_new(TLS_client_method()));
    detail::ssl_ptr const ssl(SSL_new(context.get()));
    auto* const in = BIO_new(BIO_s_mem());
    auto* const out = BIO_new(BIO_s_mem());
    SSL_set_bio(ssl.get(), in, out);
    SSL_connect(ssl.get());
    char* data = nullptr;
    auto const size = BIO_get_mem_data(out, &data);
    return {data, static_cast<std::size_t>(size)};
}

TEST(tls_handshake, ends_anywhere) {
    running_tls server;
    auto const first = hello();
    for (std::size_t size = 0; size <= first.size(); size += 11) {
        for (bool const reset : {false, true}) {
            int const fd = test::connect_to(server.port());
            ASSERT_GE(fd, 0);
            ASSERT_EQ(::send(fd, first.data(), size, MSG_NOSIGNAL), static_cast<ssize_t>(size));
            if (reset) {
                linger const none{1, 0};
                ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &none, sizeof none);
            }
            ::close(fd);
        }
    }
    EXPECT_EQ(server.outcome(), "200");
    server.server.it.stop(1h);
    server.server.it.wait();
}

TEST(tls_handshake, byte_by_byte) {
    running_tls const server;
    auto const first = hello();
    int const fd = test::connect_to(server.port());
    ASSERT_GE(fd, 0);
    for (char const c : first) ASSERT_EQ(::send(fd, &c, 1, MSG_NOSIGNAL), 1);
    char answer[5];
    ASSERT_EQ(::recv(fd, answer, sizeof answer, MSG_WAITALL), 5);
    EXPECT_EQ(answer[0], '\x16');
    ::close(fd);
}

TEST(tls_handshake, who_takes_too_long_is_cut_off) {
    auto options = test::local();
    options.limits.header_timeout = 1s;
    running_tls const server(test::plain_settings(), test::echo, options);
    std::vector<test::tcp_stream> streams;
    for (auto const size : std::initializer_list<std::size_t>{0, 1, 100}) {
        streams.push_back(server.server.connect());
        streams.back().send(hello().substr(0, size));
    }
    for (auto& stream : streams) EXPECT_TRUE(test::closed(stream));
}

TEST(tls_handshake, who_only_looks_is_not_mentioned) {
    running_tls const server;
    for (int i = 0; i < 5; ++i) {
        auto stream = server.server.connect();
        stream.finish_sending();
        EXPECT_TRUE(test::closed(stream));
    }
    EXPECT_EQ(server.said.all(), "");
}

}  // namespace
}  // namespace pushgateway::http
