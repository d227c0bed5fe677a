#include <string>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <pushgateway/http/tls/client_names.hpp>
#include <pushgateway/http/tls/context.hpp>
#include <pushgateway/http/tls/names.hpp>

#include "support/certificates.hpp"
#include "support/scratch_folder.hpp"

namespace pushgateway::http {
namespace {

using test::certificate_wish;
using test::make_certificate;

test::certificate const& server() {
    static auto const it = test::make_server_certificate("server");
    return it;
}

tls_settings usable() {
    tls_settings out;
    out.certificate = server().pem;
    out.key = server().key_pem;
    return out;
}

/// Why there is no context of these settings; empty if there is one.
std::string failure(tls_settings const& settings) {
    auto const made = tls_context::make(settings);
    return made ? std::string() : made.error().message;
}

TEST(tls_context, is_made_of_texts_or_files) {
    EXPECT_EQ(failure(usable()), "");
    test::scratch_folder const folder;
    tls_settings settings;
    settings.certificate_file = folder.write("server.crt", server().pem);
    settings.key_file = folder.write("server.key", server().key_pem);
    EXPECT_EQ(failure(settings), "");
    // The file wins.
    settings.certificate = "nonsense";
    settings.key = "nonsense";
    EXPECT_EQ(failure(settings), "");
}

TEST(tls_context, takes_key_and_chain_from_one_file) {
    auto const authority = test::make_authority("authority");
    auto const leaf = test::make_server_certificate("leaf", &authority);
    tls_settings settings;
    settings.certificate = settings.key = "a comment\n" + leaf.key_pem + leaf.pem + authority.pem;
    auto const made = tls_context::make(settings);
    ASSERT_TRUE(made) << made.error().message;
    STACK_OF(X509)* chain = nullptr;
    SSL_CTX_get0_chain_certs((*made)->native(), &chain);
    EXPECT_EQ(sk_X509_num(chain), 1);
}

TEST(tls_context, says_what_is_missing) {
    EXPECT_EQ(failure({}), "missing one of cert or cert_file");
    auto settings = usable();
    settings.key = "";
    EXPECT_EQ(failure(settings), "missing one of key or key_file");
}

TEST(tls_context, names_the_file_and_the_cause) {
    test::scratch_folder const folder;
    auto settings = usable();
    settings.certificate_file = folder.path_of("none.crt");
    EXPECT_EQ(failure(settings),
              "failed to read cert_file (" + settings.certificate_file + "): No such file or directory");
    settings.certificate_file = folder.path_of("");
    EXPECT_EQ(failure(settings), "failed to read cert_file (" + settings.certificate_file + "): Is a directory");
    settings.certificate_file = folder.write("text.crt", "no certificate\n");
    EXPECT_EQ(failure(settings), "cert_file (" + settings.certificate_file + "): no certificate in PEM form is there");
    settings.certificate_file = folder.write("cut.crt", server().pem.substr(0, 200));
    EXPECT_TRUE(
        failure(settings).starts_with("cert_file (" + settings.certificate_file + "): a certificate cannot be read: "))
        << failure(settings);
    auto broken = server().pem;
    broken.replace(broken.find("MII"), 4, "AAAA");
    settings.certificate_file = folder.write("broken.crt", broken);
    EXPECT_TRUE(
        failure(settings).starts_with("cert_file (" + settings.certificate_file + "): a certificate cannot be read: "))
        << failure(settings);
    settings.certificate_file = folder.write("large.crt", std::string(detail::largest_pem_file + 1, '\n'));
    EXPECT_EQ(failure(settings), "failed to read cert_file (" + settings.certificate_file + "): the file is too large");
    settings.certificate_file = folder.path_of("pipe");
    ASSERT_EQ(::mkfifo(settings.certificate_file.c_str(), 0600), 0);
    EXPECT_EQ(failure(settings), "cert_file (" + settings.certificate_file + "): no certificate in PEM form is there");

    settings = usable();
    settings.key_file = folder.path_of("none.key");
    EXPECT_EQ(failure(settings), "failed to read key_file (" + settings.key_file + "): No such file or directory");
    settings.key_file = folder.write("server.crt", server().pem);
    EXPECT_EQ(failure(settings), "key_file (" + settings.key_file + "): no private key in PEM form is there");
    settings.key_file = "";
    settings.key = server().key_pem.substr(0, 100);
    EXPECT_TRUE(failure(settings).starts_with("key: the private key cannot be read: ")) << failure(settings);
}

TEST(tls_context, does_not_ask_for_a_password) {
    auto settings = usable();
    settings.key = test::detail::pem_of([](BIO* to) {
        return PEM_write_bio_PrivateKey(to, server().key.get(), EVP_aes_128_cbc(), nullptr, 0, nullptr,
                                        const_cast<char*>("password"));
    });
    EXPECT_EQ(failure(settings), "key: the private key is encrypted");
}

TEST(tls_context, the_key_must_be_that_of_the_certificate) {
    auto settings = usable();
    settings.key = test::make_server_certificate("other").key_pem;
    EXPECT_EQ(failure(settings), "the private key of key does not match the first certificate of cert");
}

TEST(tls_context, client_authorities_need_a_policy) {
    auto settings = usable();
    settings.client_ca = server().pem;
    EXPECT_EQ(failure(settings), "client CA's have been configured without a Client Auth Policy");
    settings.client_auth = client_auth::request;
    EXPECT_EQ(failure(settings), "");
    settings.client_ca = "nonsense";
    EXPECT_EQ(failure(settings), "client_ca: no certificate in PEM form is there");
    settings.client_ca_file = "/none/ca.crt";
    EXPECT_EQ(failure(settings), "failed to read client_ca_file (/none/ca.crt): No such file or directory");
    settings.client_ca_file = settings.client_ca = "";
    settings.client_auth = client_auth::require_and_verify;
    EXPECT_EQ(failure(settings), "");
}

TEST(tls_context, versions_in_order) {
    auto settings = usable();
    settings.lowest = tls_version::tls13;
    settings.highest = tls_version::tls12;
    EXPECT_EQ(failure(settings), "min_version is above max_version");
    settings.lowest = tls_version::tls10;
    settings.highest = tls_version::tls10;
    EXPECT_EQ(failure(settings), "");
}

TEST(tls_context, knows_every_name_of_go) {
    auto settings = usable();
    for (auto const& suite : detail::cipher_suites) settings.cipher_suites.emplace_back(suite.go);
    for (auto const suite : detail::cipher_suites_13) settings.cipher_suites.emplace_back(suite);
    for (auto const& curve : detail::curves) settings.curves.emplace_back(curve.go);
    EXPECT_EQ(failure(settings), "");
    for (auto const& suite : detail::cipher_suites) {
        auto one = usable();
        one.cipher_suites = {std::string(suite.go)};
        auto const made = tls_context::make(one);
        ASSERT_TRUE(made) << made.error().message;
        // Behind those of TLS 1.3, which are always there.
        auto* const list = SSL_CTX_get_ciphers((*made)->native());
        auto const* const last = sk_SSL_CIPHER_value(list, sk_SSL_CIPHER_num(list) - 1);
        EXPECT_EQ(SSL_CIPHER_standard_name(last), suite.go);
        EXPECT_EQ(sk_SSL_CIPHER_num(list), 4);
    }
}

TEST(tls_context, refuses_unknown_names) {
    auto settings = usable();
    settings.cipher_suites = {"TLS_AES_128_GCM_SHA256", "TLS_RSA_WITH_RC4_128_SHA"};
    EXPECT_EQ(failure(settings), "unknown cipher: TLS_RSA_WITH_RC4_128_SHA");
    settings = usable();
    settings.curves = {"X25519", "P256"};
    EXPECT_EQ(failure(settings), "unknown curve: P256");
}

TEST(tls_context, suites_of_tls_1_3_alone_exclude_older_versions) {
    auto settings = usable();
    settings.cipher_suites = {"TLS_AES_128_GCM_SHA256"};
    auto const made = tls_context::make(settings);
    ASSERT_TRUE(made) << made.error().message;
    EXPECT_EQ(SSL_CTX_get_min_proto_version((*made)->native()), TLS1_3_VERSION);
    settings.highest = tls_version::tls12;
    EXPECT_EQ(failure(settings), "cipher_suites has none for the versions up to max_version");
}

TEST(tls_client_names, exact_match_of_each_kind) {
    certificate_wish wish;
    wish.alternative =
        "DNS:a.example,DNS:*.b.example,email:who@c.example,URI:spiffe://d/e,IP:10.0.0.1,IP:2001:DB8::1,"
        "IP:::ffff:10.0.0.2,otherName:1.2.3.4;UTF8:other,RID:1.2.3";
    auto const made = make_certificate(wish);
    for (std::string const name :
         {"a.example", "*.b.example", "who@c.example", "spiffe://d/e", "10.0.0.1", "2001:db8::1", "10.0.0.2"}) {
        EXPECT_TRUE(detail::has_allowed_name(made.x509.get(), {"x", name})) << name;
    }
    for (std::string const name :
         {"x.b.example", "A.example", "a.example.", "test", "other", "1.2.3", "10.0.0.3", ""}) {
        EXPECT_FALSE(detail::has_allowed_name(made.x509.get(), {name})) << name;
    }
}

TEST(tls_client_names, a_certificate_without_names_has_none) {
    auto const made = make_certificate({});
    EXPECT_FALSE(detail::has_allowed_name(made.x509.get(), {"test", ""}));
}

}  // namespace
}  // namespace pushgateway::http
