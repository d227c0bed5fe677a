#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <pushgateway/server/web_config.hpp>

#include "server/good_web_config.hpp"

namespace pushgateway::server {
namespace {

using test::bcrypt_hash;
using test::good;

using namespace std::chrono_literals;

std::string why(std::string_view text) {
    auto const config = parse_web_config(text, "/etc/gw");
    return config ? "fine" : config.error().message;
}

void refused(std::vector<std::pair<std::string, std::string>> const& cases) {
    for (auto const& [text, expected] : cases) EXPECT_EQ(why(text), expected) << text;
}

TEST(web_config, may_be_empty) {
    for (auto const* text :
         {"", "# nothing\n", "{}", "tls_server_config:\nhttp_server_config:\nbasic_auth_users:\nrate_limit:\n"}) {
        auto const config = good(text);
        EXPECT_FALSE(config.tls);
        EXPECT_TRUE(config.http2);
        EXPECT_EQ(config.rate_limit, rate_limit_settings());
        EXPECT_TRUE(config.rules.open());
        EXPECT_EQ(config.rules.fields, nullptr);
    }
}

TEST(web_config, has_no_other_keys) {
    refused({{"tls_sever_config: {}",
              "line 1, column 1: tls_sever_config is unknown; known are tls_server_config, http_server_config, "
              "basic_auth_users, rate_limit, access"},
             {"[]", "line 1, column 1: must be a mapping"},
             {"text", "line 1, column 1: must be a mapping"},
             {"rate_limit: {}\nrate_limit: {}", "line 2, column 1: the key \"rate_limit\" is there already"},
             {"rate_limit: [", "line 1, column 1: end of sequence flow not found"}});
    EXPECT_EQ(parse_web_config(std::string(2'000'000, ' '), "").error().code, errc::too_large);
}

// ---- tls_server_config

TEST(web_config, reads_the_settings_of_tls) {
    auto const config = good(R"(
tls_server_config:
  cert: CERT
  key: KEY
  client_ca: CA
  cert_file: certs/server.crt
  key_file: /run/key.pem
  client_ca_file: ../ca.pem
  client_auth_type: RequireAndVerifyClientCert
  client_allowed_sans: [a.example, "10.0.0.1"]
  min_version: TLS11
  max_version: TLS12
  cipher_suites: [TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, TLS_AES_128_GCM_SHA256]
  curve_preferences: [X25519, CurveP256]
  prefer_server_cipher_suites: false
)");
    ASSERT_TRUE(config.tls);
    http::tls_settings expected;
    expected.certificate = "CERT";
    expected.key = "KEY";
    expected.client_ca = "CA";
    expected.certificate_file = "/etc/gw/certs/server.crt";
    expected.key_file = "/run/key.pem";
    expected.client_ca_file = "/etc/ca.pem";
    expected.client_auth = http::client_auth::require_and_verify;
    expected.allowed_sans = {"a.example", "10.0.0.1"};
    expected.lowest = http::tls_version::tls11;
    expected.highest = http::tls_version::tls12;
    expected.cipher_suites = {"TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "TLS_AES_128_GCM_SHA256"};
    expected.curves = {"X25519", "CurveP256"};
    expected.prefer_server_cipher_suites = false;
    EXPECT_EQ(*config.tls, expected);
}

TEST(web_config, has_tls_with_a_certificate_alone) {
    auto const config = good("tls_server_config: {cert_file: a, key_file: b}");
    ASSERT_TRUE(config.tls);
    http::tls_settings expected;
    expected.certificate_file = "/etc/gw/a";
    expected.key_file = "/etc/gw/b";
    EXPECT_EQ(*config.tls, expected);
    EXPECT_FALSE(good("tls_server_config: {min_version: TLS13}").tls);
    EXPECT_FALSE(good("tls_server_config: {cert_file: '', client_auth_type: ''}").tls);
    EXPECT_EQ(parse_web_config("tls_server_config: {cert_file: ./a, key_file: b}", "")->tls->certificate_file, "a");
}

TEST(web_config, knows_each_way_of_asking_for_certificates) {
    using http::client_auth;
    for (auto const& [name, policy] : std::vector<std::pair<std::string, client_auth>>{
             {"NoClientCert", client_auth::none},
             {"RequestClientCert", client_auth::request},
             {"RequireAnyClientCert", client_auth::require_any},
             {"RequireClientCert", client_auth::require_any},
             {"VerifyClientCertIfGiven", client_auth::verify_if_given},
             {"RequireAndVerifyClientCert", client_auth::require_and_verify}}) {
        EXPECT_EQ(good("tls_server_config: {cert: a, key: b, client_auth_type: " + name + "}").tls->client_auth,
                  policy);
    }
}

TEST(web_config, refuses_wrong_settings_of_tls) {
    auto const tls = [](std::string const& more) { return "tls_server_config:\n  " + more; };
    refused(
        {{"tls_server_config: x", "line 1, column 20: tls_server_config must be a mapping"},
         {tls("cert: [a]"), "line 2, column 9: tls_server_config.cert must be a text"},
         {tls("key_file: {}"), "line 2, column 13: tls_server_config.key_file must be a text"},
         {tls("certfile: a"),
          "line 2, column 3: tls_server_config.certfile is unknown; known are cert, key, client_ca, cert_file, "
          "key_file, client_auth_type, client_ca_file, client_allowed_sans, min_version, max_version, "
          "cipher_suites, curve_preferences, prefer_server_cipher_suites"},
         {tls("key: b"), "line 2, column 3: tls_server_config is missing one of cert or cert_file"},
         {tls("client_auth_type: NoClientCert"),
          "line 2, column 3: tls_server_config is missing one of cert or cert_file"},
         {tls("cert: a"), "line 2, column 3: tls_server_config is missing one of key or key_file"},
         {tls("{cert: a, key: b, client_ca_file: c}"),
          "line 2, column 3: tls_server_config is wrong: client CA's have been configured without a Client Auth "
          "Policy"},
         {tls("client_auth_type: Always"),
          "line 2, column 21: tls_server_config.client_auth_type is an invalid ClientAuth: Always"},
         {tls("min_version: TLS14"),
          "line 2, column 16: tls_server_config.min_version is an unknown TLS version: TLS14"},
         {tls("max_version: 1.2"), "line 2, column 16: tls_server_config.max_version is an unknown TLS version: 1.2"},
         {tls("{min_version: TLS13, max_version: TLS12}"),
          "line 2, column 3: tls_server_config.min_version is above max_version"},
         {tls("cipher_suites: [TLS_RSA_WITH_RC4_128_SHA]"),
          "line 2, column 19: tls_server_config.cipher_suites[0] is an unknown cipher: TLS_RSA_WITH_RC4_128_SHA"},
         {tls("cipher_suites: TLS_AES_128_GCM_SHA256"),
          "line 2, column 18: tls_server_config.cipher_suites must be a list"},
         {tls("curve_preferences: [X25519, CurveP257]"),
          "line 2, column 31: tls_server_config.curve_preferences[1] is an unknown curve: CurveP257"},
         {tls("client_allowed_sans: []"),
          "line 2, column 24: tls_server_config.client_allowed_sans is empty: no client could connect"},
         {tls("client_allowed_sans: [[a]]"),
          "line 2, column 25: tls_server_config.client_allowed_sans[0] must be a text"},
         {tls("prefer_server_cipher_suites: 1"),
          "line 2, column 32: tls_server_config.prefer_server_cipher_suites must be true or false"}});
}

// ---- http_server_config

std::string fields_of(std::string_view text) {
    auto const config = good(text);
    std::string out;
    if (config.rules.fields) {
        for (auto const& f : *config.rules.fields) out += f.name + ": " + f.value + '\n';
    }
    return out;
}

TEST(web_config, reads_the_fields_of_responses) {
    EXPECT_EQ(fields_of(R"(
http_server_config:
  http2: off
  headers:
    Content-Security-Policy: |
      default-src 'self';
      img-src *
    Strict-Transport-Security: max-age=31536000
    X-Content-Type-Options: nosniff
    X-Frame-Options: sameorigin
    X-XSS-Protection: 0
)"),
              "Content-Security-Policy: default-src 'self'; img-src *\n"
              "Strict-Transport-Security: max-age=31536000\n"
              "X-Content-Type-Options: nosniff\n"
              "X-Frame-Options: sameorigin\n"
              "X-XSS-Protection: 0\n");
    EXPECT_FALSE(good("http_server_config: {http2: No}").http2);
    EXPECT_EQ(fields_of("http_server_config: {headers: {X-Frame-Options: deny}}"), "X-Frame-Options: deny\n");
    EXPECT_EQ(fields_of("http_server_config: {headers: {X-XSS-Protection: '', Content-Security-Policy: }}"), "");
    EXPECT_EQ(fields_of("http_server_config: {headers: }"), "");
}

TEST(web_config, refuses_wrong_fields_of_responses) {
    auto const headers = [](std::string const& more) { return "http_server_config: {headers: {" + more + "}}"; };
    refused(
        {{headers("Server: x"), "line 1, column 32: HTTP header \"Server\" can not be configured"},
         {headers("x-frame-options: deny"), "line 1, column 32: HTTP header \"x-frame-options\" can not be configured"},
         {headers("X-Frame-Options: foo"),
          "line 1, column 49: invalid value for X-Frame-Options. Expected one of: [\"deny\" \"sameorigin\"], but "
          "got: \"foo\""},
         {headers("X-Content-Type-Options: ''"),
          "line 1, column 56: invalid value for X-Content-Type-Options. Expected one of: [\"nosniff\"], but got: \"\""},
         {headers("X-XSS-Protection: \"a\\x01\""),
          "line 1, column 50: http_server_config.headers.X-XSS-Protection has a control character"},
         {headers("X-XSS-Protection: [a]"),
          "line 1, column 50: http_server_config.headers.X-XSS-Protection must be a text"},
         {"http_server_config: {headers: [a]}", "line 1, column 31: http_server_config.headers must be a mapping"},
         {"http_server_config: {http2: 'true'}", "line 1, column 29: http_server_config.http2 must be true or false"},
         {"http_server_config: {http3: true}",
          "line 1, column 22: http_server_config.http3 is unknown; known are http2, headers"}});
}

// ---- basic_auth_users

TEST(web_config, reads_users) {
    auto const config = good("basic_auth_users:\n  alice: " + bcrypt_hash + "\n  '': \"" + bcrypt_hash +
                             "\"\n  \u00e4 b: " + bcrypt_hash + "\n");
    ASSERT_EQ(config.rules.users.size(), 3U);
    auto const& alice = config.rules.users.at("alice");
    EXPECT_EQ(alice.hash, bcrypt_hash);
    EXPECT_TRUE(alice.may.push && alice.may.read && alice.may.admin && !alice.may.jobs);
    EXPECT_TRUE(config.rules.users.contains(""));
    EXPECT_TRUE(config.rules.users.contains("\u00e4 b"));
    EXPECT_FALSE(config.rules.open());
}

TEST(web_config, refuses_wrong_users_without_telling_their_hashes) {
    refused({{"basic_auth_users: {john: doe}",
              "line 1, column 26: basic_auth_users.john is not a bcrypt hash, which begins with $2a$, $2b$ or $2y$"},
             {"basic_auth_users: {john: }", "line 1, column 26: basic_auth_users.john must be a text"},
             {"basic_auth_users: {john: " + bcrypt_hash.substr(0, 50) + "}",
              "line 1, column 26: basic_auth_users.john is a damaged bcrypt hash: 60 characters are expected"},
             {"basic_auth_users: {john: $2b$24" + bcrypt_hash.substr(6) + "}",
              "line 1, column 26: basic_auth_users.john is a bcrypt hash of cost 24; more than 18 takes too long for a "
              "request"},
             {"basic_auth_users: [john]", "line 1, column 19: basic_auth_users must be a mapping"},
             {"basic_auth_users: {'a:b': " + bcrypt_hash + "}",
              "line 1, column 20: basic_auth_users has a user whose name holds a colon or a control character"},
             {"basic_auth_users:\n  a: " + bcrypt_hash + "\n  a: " + bcrypt_hash,
              "line 3, column 3: the key \"a\" is there already"}});
}

// ---- rate_limit

TEST(web_config, reads_the_rate_limit) {
    EXPECT_EQ(good("rate_limit: {interval: 1m30s, burst: 20}").rate_limit, (rate_limit_settings{90s, 20}));
    EXPECT_EQ(good("rate_limit: {interval: '50ms', burst: 1}").rate_limit, (rate_limit_settings{50ms, 1}));
    EXPECT_EQ(good("rate_limit: {interval: 0, burst: 5}").rate_limit.interval, 0s);
    EXPECT_EQ(good("rate_limit: {burst: 0}").rate_limit.interval, 0s);
}

TEST(web_config, refuses_a_wrong_rate_limit) {
    refused({{"rate_limit: {interval: 1, burst: 1}",
              "line 1, column 24: rate_limit.interval is no duration: time: missing unit in duration \"1\""},
             {"rate_limit: {interval: soon, burst: 1}",
              "line 1, column 24: rate_limit.interval is no duration: time: invalid duration \"soon\""},
             {"rate_limit: {interval: -1s, burst: 1}", "line 1, column 24: rate_limit.interval is negative"},
             {"rate_limit: {interval: [1s]}", "line 1, column 24: rate_limit.interval must be a text"},
             {"rate_limit: {interval: 1s}",
              "line 1, column 13: rate_limit.burst must be at least 1: otherwise every request is refused"},
             {"rate_limit: {interval: 1s, burst: 0}",
              "line 1, column 35: rate_limit.burst must be at least 1: otherwise every request is refused"},
             {"rate_limit: {burst: -1}", "line 1, column 21: rate_limit.burst must be a number from 0 to 2147483647"},
             {"rate_limit: {burst: 1.5}", "line 1, column 21: rate_limit.burst must be a number from 0 to 2147483647"},
             {"rate_limit: {burst: '1'}", "line 1, column 21: rate_limit.burst must be a number from 0 to 2147483647"},
             {"rate_limit: {burst: 99999999999}",
              "line 1, column 21: rate_limit.burst must be a number from 0 to 2147483647"},
             {"rate_limit: {rate: 1}", "line 1, column 14: rate_limit.rate is unknown; known are interval, burst"}});
}

TEST(web_config, survives_any_text) {
    EXPECT_TRUE(rc::check([] {
        auto const piece = rc::gen::element<std::string>(
            "tls_server_config", "http_server_config", "basic_auth_users", "rate_limit", "access", ": ", ":\n", "\n",
            "\n  ", "\n    ", "{", "}", "[", "]", ", ", "- ", "cert", "key", "headers", "interval", "burst", "users",
            "tokens", "roles", "jobs", "push", "exempt", "anonymous", "sha256", "1s", "1", "~", "&a ", "*a", "''",
            "$2b$10$");
        std::string text;
        for (auto const& p : *rc::gen::container<std::vector<std::string>>(piece)) text += p;
        RC_LOG() << text << '\n';
        auto const config = parse_web_config(text, "/");
        // The macro would look at both sides of an "or".
        bool const told = config || !config.error().message.empty();
        RC_ASSERT(told);
    }));
}

}  // namespace
}  // namespace pushgateway::server
