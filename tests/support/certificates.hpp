#pragma once

/// \file
/// Certificates for tests, made when they are needed.

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <pushgateway/http/tls/openssl.hpp>

namespace pushgateway::test {

/// A certificate and its key, both also in PEM.
struct certificate {
    http::detail::x509_ptr x509;
    http::detail::key_ptr key;
    std::string pem;
    std::string key_pem;
};

/// What a certificate is to say.
struct certificate_wish {
    std::string name = "test";            ///< the common name
    std::string alternative = {};         ///< as OpenSSL writes them: `DNS:localhost,IP:127.0.0.1`; empty: none
    std::string usage = {};               ///< `serverAuth`, `clientAuth`; empty: any
    bool authority = false;               ///< may issue others
    long from = -60;                      ///< valid from, in seconds from now
    long until = 3600;                    ///< valid until
    certificate const* issuer = nullptr;  ///< null: itself
};

namespace detail {

template <class Write>
std::string pem_of(Write const& write) {
    http::detail::bio_ptr const out(BIO_new(BIO_s_mem()));
    if (write(out.get()) != 1) throw std::runtime_error("PEM");
    char* data = nullptr;
    auto const size = BIO_get_mem_data(out.get(), &data);
    return {data, static_cast<std::size_t>(size)};
}

inline void extend(X509* of, X509* issuer, int what, std::string const& value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, of, nullptr, nullptr, 0);
    auto* const extension = X509V3_EXT_conf_nid(nullptr, &context, what, value.c_str());
    if (extension == nullptr) throw std::runtime_error("extension " + value);
    X509_add_ext(of, extension, -1);
    X509_EXTENSION_free(extension);
}

}  // namespace detail

inline http::detail::key_ptr make_key() {
    http::detail::key_ptr key(EVP_EC_gen("P-256"));
    if (!key) throw std::runtime_error("no key");
    return key;
}

inline certificate make_certificate(certificate_wish const& wish) {
    static std::int64_t serial = 1;
    certificate out;
    out.key = make_key();
    out.x509.reset(X509_new());
    auto* const x = out.x509.get();
    X509_set_version(x, 2);
    ASN1_INTEGER_set_int64(X509_get_serialNumber(x), ++serial);
    X509_gmtime_adj(X509_getm_notBefore(x), wish.from);
    X509_gmtime_adj(X509_getm_notAfter(x), wish.until);
    X509_set_pubkey(x, out.key.get());
    auto* const subject = X509_get_subject_name(x);
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, reinterpret_cast<unsigned char const*>(wish.name.data()),
                               static_cast<int>(wish.name.size()), -1, 0);
    auto* const issuer = wish.issuer == nullptr ? x : wish.issuer->x509.get();
    X509_set_issuer_name(x, X509_get_subject_name(issuer));
    detail::extend(x, issuer, NID_basic_constraints, wish.authority ? "critical,CA:TRUE" : "critical,CA:FALSE");
    detail::extend(x, issuer, NID_subject_key_identifier, "hash");
    if (!wish.usage.empty()) detail::extend(x, issuer, NID_ext_key_usage, wish.usage);
    if (!wish.alternative.empty()) detail::extend(x, issuer, NID_subject_alt_name, wish.alternative);
    X509_sign(x, wish.issuer == nullptr ? out.key.get() : wish.issuer->key.get(), EVP_sha256());
    out.pem = detail::pem_of([&](BIO* to) { return PEM_write_bio_X509(to, x); });
    out.key_pem = detail::pem_of(
        [&](BIO* to) { return PEM_write_bio_PrivateKey(to, out.key.get(), nullptr, nullptr, 0, nullptr, nullptr); });
    return out;
}

/// A certificate for `localhost` and 127.0.0.1.
inline certificate make_server_certificate(std::string const& name, certificate const* issuer = nullptr) {
    certificate_wish wish;
    wish.name = name;
    wish.alternative = "DNS:localhost,IP:127.0.0.1";
    wish.issuer = issuer;
    return make_certificate(wish);
}

inline certificate make_authority(std::string const& name, certificate const* issuer = nullptr) {
    certificate_wish wish;
    wish.name = name;
    wish.authority = true;
    wish.issuer = issuer;
    return make_certificate(wish);
}

}  // namespace pushgateway::test
