#pragma once

/// \file
/// OpenSSL's objects as owners of themselves, and its reasons as text.

#include <memory>
#include <string>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

namespace pushgateway::http::detail {

/// Calls OpenSSL's function to free an object.
template <auto Free>
struct openssl_free {
    template <class T>
    void operator()(T* object) const noexcept {
        Free(object);
    }
};

using bio_ptr = std::unique_ptr<BIO, openssl_free<BIO_free>>;
using bio_method_ptr = std::unique_ptr<BIO_METHOD, openssl_free<BIO_meth_free>>;
using general_names_ptr = std::unique_ptr<GENERAL_NAMES, openssl_free<GENERAL_NAMES_free>>;
using key_ptr = std::unique_ptr<EVP_PKEY, openssl_free<EVP_PKEY_free>>;
using ssl_context_ptr = std::unique_ptr<SSL_CTX, openssl_free<SSL_CTX_free>>;
using ssl_ptr = std::unique_ptr<SSL, openssl_free<SSL_free>>;
using x509_ptr = std::unique_ptr<X509, openssl_free<X509_free>>;

/// The last reason in this thread's queue, in words; the queue is empty then. `otherwise` if there is none.
[[nodiscard]] inline std::string openssl_reason(char const* otherwise) {
    auto const code = ERR_peek_last_error();
    auto const* const text = ERR_SYSTEM_ERROR(code) ? nullptr : ERR_reason_error_string(code);
    std::string out = text != nullptr ? text : otherwise;
    ERR_clear_error();
    return out;
}

}  // namespace pushgateway::http::detail
