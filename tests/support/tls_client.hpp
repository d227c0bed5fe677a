#pragma once

/// \file
/// A blocking TLS client for tests, of which everything can be set that OpenSSL can set.

#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <pushgateway/base/error.hpp>
#include <pushgateway/http/tls/openssl.hpp>

#include "certificates.hpp"

namespace pushgateway::test {

/// A TCP connection to this machine, every call of which ends after a minute.
inline int connect_to(std::uint16_t port) {
    int const fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    timeval const patience{60, 0};
    ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    ::setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0) return fd;
    ::close(fd);
    return -1;
}

/// What a client brings along.
struct tls_client_options {
    certificate const* trusts = nullptr;  ///< the authority of the server; null: anybody
    certificate const* shows = nullptr;   ///< its own certificate
    std::string chain = {};               ///< PEM sent after it
    int lowest = 0;
    int highest = 0;
    std::string ciphers = {};  ///< OpenSSL's names
    std::string curves = {};
    std::string protocols = {};  ///< ALPN, each name with its length before it
    SSL_SESSION* session = nullptr;
};

/// One connection. Not thread safe.
class tls_client {
public:
    /// Connects and does the handshake. In TLS 1.3 a server that refuses the client's certificate says so later, to
    /// the first read.
    static result<tls_client> connect(std::uint16_t port, tls_client_options const& options = {}) {
        // OpenSSL writes without a care.
        std::signal(SIGPIPE, SIG_IGN);
        tls_client out;
        out.fd_ = connect_to(port);
        if (out.fd_ < 0) return fail(errc::unavailable, std::strerror(errno));
        out.context_.reset(SSL_CTX_new(TLS_client_method()));
        auto* const context = out.context_.get();
        // The server is under test, not the taste of this client.
        SSL_CTX_set_security_level(context, 0);
        SSL_CTX_set_options(context, SSL_OP_LEGACY_SERVER_CONNECT);
        SSL_CTX_set_min_proto_version(context, options.lowest);
        SSL_CTX_set_max_proto_version(context, options.highest);
        if (!options.ciphers.empty()) SSL_CTX_set_cipher_list(context, options.ciphers.c_str());
        if (!options.curves.empty()) SSL_CTX_set1_groups_list(context, options.curves.c_str());
        if (options.trusts != nullptr) {
            X509_STORE_add_cert(SSL_CTX_get_cert_store(context), options.trusts->x509.get());
            SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
        }
        if (options.shows != nullptr) {
            SSL_CTX_use_certificate(context, options.shows->x509.get());
            SSL_CTX_use_PrivateKey(context, options.shows->key.get());
        }
        http::detail::bio_ptr const chain(
            BIO_new_mem_buf(options.chain.data(), static_cast<int>(options.chain.size())));
        while (http::detail::x509_ptr const next{PEM_read_bio_X509(chain.get(), nullptr, nullptr, nullptr)}) {
            SSL_CTX_add1_chain_cert(context, next.get());
        }
        out.ssl_.reset(SSL_new(context));
        auto* const ssl = out.ssl_.get();
        if (!options.protocols.empty()) {
            SSL_set_alpn_protos(ssl, reinterpret_cast<unsigned char const*>(options.protocols.data()),
                                static_cast<unsigned>(options.protocols.size()));
        }
        if (options.session != nullptr) SSL_set_session(ssl, options.session);
        SSL_set_fd(ssl, out.fd_);
        ERR_clear_error();
        if (SSL_connect(ssl) != 1) return fail(errc::unavailable, reason("connection lost"));
        return out;
    }

    tls_client(tls_client&& other) noexcept
        : fd_(std::exchange(other.fd_, -1)), context_(std::move(other.context_)), ssl_(std::move(other.ssl_)) {}
    tls_client& operator=(tls_client&&) = delete;
    ~tls_client() {
        if (fd_ >= 0) ::close(fd_);
    }

    [[nodiscard]] SSL* native() const noexcept { return ssl_.get(); }

    bool send(std::string_view bytes) {
        ERR_clear_error();
        return bytes.empty() || SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size())) > 0;
    }

    /// Appends what comes next. False: the server has ended the stream as it should. An error: it has not, or sent an
    /// alert, which is the message then.
    result<bool> receive(std::string& into) {
        char buffer[16 * 1024];
        ERR_clear_error();
        int const got = SSL_read(ssl_.get(), buffer, sizeof buffer);
        if (got > 0) {
            into.append(buffer, static_cast<std::size_t>(got));
            return true;
        }
        if (SSL_get_error(ssl_.get(), got) == SSL_ERROR_ZERO_RETURN) return false;
        return fail(errc::unavailable, reason(std::strerror(errno)));
    }

    /// Tells the server that nothing more is sent; what it sends can still be read.
    void finish_sending() { SSL_shutdown(ssl_.get()); }

    /// Goes away like a cable that is cut.
    void reset() {
        linger const none{1, 0};
        ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &none, sizeof none);
        ::close(std::exchange(fd_, -1));
    }

    /// The common name of the server's certificate.
    [[nodiscard]] std::string server_name() const {
        http::detail::x509_ptr const x(SSL_get1_peer_certificate(ssl_.get()));
        char text[256] = "";
        if (x) X509_NAME_get_text_by_NID(X509_get_subject_name(x.get()), NID_commonName, text, sizeof text);
        return text;
    }

private:
    tls_client() = default;

    /// An alert by its name; what OpenSSL puts before that changes from version to version.
    static std::string reason(char const* otherwise) {
        auto text = http::detail::openssl_reason(otherwise);
        auto const alert = text.find("alert ");
        return alert == std::string::npos ? text : "alert: " + text.substr(alert + 6);
    }

    int fd_ = -1;
    http::detail::ssl_context_ptr context_;
    http::detail::ssl_ptr ssl_;
};

}  // namespace pushgateway::test
