#pragma once

/// \file
/// The bytes of a connection inside of TLS.

#include <algorithm>
#include <array>
#include <climits>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <asio/async_result.hpp>
#include <asio/awaitable.hpp>
#include <asio/buffer.hpp>
#include <asio/compose.hpp>
#include <asio/error.hpp>
#include <asio/post.hpp>
#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>

#include <pushgateway/http/event_loop.hpp>
#include <pushgateway/http/stream_socket.hpp>
#include <pushgateway/http/tls/context.hpp>
#include <pushgateway/http/tls/keeper.hpp>
#include <pushgateway/http/tls/openssl.hpp>
#include <pushgateway/http/tls/socket_bio.hpp>

namespace pushgateway::http::detail {

/// A stream over a connected, non-blocking socket that its owner keeps. Used by one coroutine at a time; stays where it
/// is. OpenSSL reads and writes the socket by itself, so that an idle connection needs no buffers of its own.
class tls_stream {
public:
    static constexpr bool has_handshake = true;

    tls_stream(stream_socket& socket, std::shared_ptr<tls_keeper> keeper, service const* shared, std::string remote)
        : socket_(&socket), bio_(socket), keeper_(std::move(keeper)), shared_(shared), remote_(std::move(remote)) {}
    tls_stream(tls_stream const&) = delete;
    tls_stream& operator=(tls_stream const&) = delete;
    ~tls_stream() {
        if (usable_) say_goodbye();
    }

    /// Serves the handshake, with the context that is there when the client begins to speak; false if it failed, and
    /// the client has been told why as far as that goes.
    asio::awaitable<bool> handshake() {
        asio::error_code ec;
        co_await socket_->async_wait(stream_socket::wait_read, asio::redirect_error(asio::use_awaitable, ec));
        if (ec) co_return false;
        auto const refusal = begin();
        while (refusal.empty()) {
            auto const now = perform([this] { return SSL_accept(ssl_.get()); });
            if (now == progress::done) {
                usable_ = true;
                remote_ = std::string();
                co_return true;
            }
            if (now == progress::ended || now == progress::broken) break;
            co_await socket_->async_wait(direction_of(now), asio::redirect_error(asio::use_awaitable, ec));
            if (ec) co_return false;
        }
        auto const last_words = refusal.empty() ? explain_failure() : refusal;
        if (!last_words.empty()) socket_->write_some(asio::buffer(last_words), ec);
        co_await linger();
        co_return false;
    }

    template <class Buffer, class Token>
    auto async_read_some(Buffer const& buffer, Token&& token) {
        return start(operation(*this, kind::read, buffer.data(), buffer.size()), std::forward<Token>(token));
    }
    template <class Buffer, class Token>
    auto async_write_some(Buffer const& buffer, Token&& token) {
        // OpenSSL reads from here only.
        return start(
            operation(*this, kind::write, const_cast<void*>(static_cast<void const*>(buffer.data())), buffer.size()),
            std::forward<Token>(token));
    }

    /// Reads what is at hand; `would_block` if that is nothing.
    template <class Buffer>
    std::size_t read_now(Buffer const& buffer, asio::error_code& ec) {
        std::size_t got = 0;
        ec = error_of(read(static_cast<char*>(buffer.data()), buffer.size(), got, true));
        if (got != 0) ec = {};
        return got;
    }

    /// Sends what can be sent without waiting, and returns how much that was; the rest is to be sent next, as it is. An
    /// error will show again.
    std::size_t write_now(std::string_view bytes) {
        std::size_t sent = 0;
        write(bytes.data(), bytes.size(), sent);
        return sent;
    }

    /// Tells the client that nothing more is sent, as far as that goes without waiting.
    void end_now(asio::error_code& ec) {
        if (usable_) say_goodbye();
        socket_->shutdown(stream_socket::shutdown_send, ec);
    }

private:
    enum class progress : std::uint8_t { done, wants_read, wants_write, ended, broken };
    enum class kind : std::uint8_t { read, write };
    enum class stage : std::uint8_t { begun, waiting, ready };

    /// Written at once: more would keep the other connections of the thread waiting.
    static constexpr std::size_t written_in_a_row = 128 * 1024;

    /// Reads or writes something, and waits for the socket as often as it takes.
    class operation {
    public:
        operation(tls_stream& stream, kind what, void* data, std::size_t size) noexcept
            : stream_(&stream), data_(static_cast<char*>(data)), size_(size), what_(what) {}

        template <class Self>
        void operator()(Self& self, asio::error_code ec = {}) {
            if (ec || stage_ == stage::ready) return self.complete(ec ? ec : error_, moved_);
            bool const just_begun = std::exchange(stage_, stage::waiting) == stage::begun;
            auto now = progress::wants_read;
            // As a rule nothing has come when a read begins: the question would cost a call of the system.
            if (what_ == kind::write) {
                now = stream_->write(data_, size_, moved_);
            } else if (!just_begun || stream_->has_news()) {
                now = stream_->read(data_, size_, moved_, false);
            }
            auto& socket = *stream_->socket_;
            if (moved_ == 0 && (now == progress::wants_read || now == progress::wants_write)) {
                return socket.async_wait(direction_of(now), std::move(self));
            }
            error_ = moved_ == 0 ? error_of(now) : asio::error_code();
            if (!just_begun) return self.complete(error_, moved_);
            stage_ = stage::ready;
            asio::post(socket.get_executor(), std::move(self));
        }

    private:
        tls_stream* stream_;
        char* data_;
        std::size_t size_;
        std::size_t moved_ = 0;
        asio::error_code error_;
        kind what_;
        stage stage_ = stage::begun;
    };

    template <class Token>
    auto start(operation what, Token&& token) {
        return asio::async_compose<Token, void(asio::error_code, std::size_t)>(std::move(what), token, *socket_);
    }

    static stream_socket::wait_type direction_of(progress what) noexcept {
        return what == progress::wants_write ? stream_socket::wait_write : stream_socket::wait_read;
    }

    static asio::error_code error_of(progress what) noexcept {
        switch (what) {
            case progress::done: return {};
            case progress::wants_read:
            case progress::wants_write: return asio::error::would_block;
            case progress::ended: return asio::error::eof;
            case progress::broken: break;
        }
        return asio::error::connection_aborted;
    }

    /// Calls a function of OpenSSL that returns 1 or more if it is done.
    template <class Call>
    progress perform(Call const& call) noexcept {
        ERR_clear_error();
        int const returned = call();
        if (returned > 0) return progress::done;
        switch (SSL_get_error(ssl_.get(), returned)) {
            case SSL_ERROR_WANT_READ: return progress::wants_read;
            case SSL_ERROR_WANT_WRITE: return progress::wants_write;
            case SSL_ERROR_ZERO_RETURN: return progress::ended;
            default: usable_ = false; return progress::broken;
        }
    }

    /// True if a read has something to say without asking the socket.
    [[nodiscard]] bool has_news() const noexcept {
        return !usable_ || SSL_has_pending(ssl_.get()) == 1 ||
               (SSL_get_shutdown(ssl_.get()) & SSL_RECEIVED_SHUTDOWN) != 0;
    }

    /// Reads until `to` is full or nothing more is at hand: in the socket too if `all`.
    progress read(char* to, std::size_t size, std::size_t& got, bool all) noexcept {
        while (got < size && (got == 0 || all || has_news())) {
            if (!usable_) return progress::broken;
            std::size_t more = 0;
            auto const now = perform([&] { return SSL_read_ex(ssl_.get(), to + got, size - got, &more); });
            if (now != progress::done) return now;
            got += more;
        }
        return progress::done;
    }

    progress write(char const* from, std::size_t size, std::size_t& sent) noexcept {
        while (sent < std::min(size, written_in_a_row)) {
            if (!usable_) return progress::broken;
            std::size_t more = 0;
            auto const now = perform([&] { return SSL_write_ex(ssl_.get(), from + sent, size - sent, &more); });
            if (now != progress::done) return now;
            sent += more;
        }
        return progress::done;
    }

    /// Takes the context of now. What is to be sent instead if that is not possible.
    std::string begin() {
        auto const context = keeper_->current();
        if (!context) {
            keeper_->tell_broken(*shared_, context.error().message);
        } else {
            context_ = *context;
            ssl_.reset(SSL_new(context_->native()));
            auto bio = bio_.make();
            if (ssl_ && bio) {
                auto* const owned = bio.release();
                SSL_set_bio(ssl_.get(), owned, owned);
                return {};
            }
            keeper_->tell_broken(*shared_, openssl_reason("no memory"));
        }
        // A record: an alert, fatal, "internal error".
        return {"\x15\x03\x01\x00\x02\x02\x50", 7};
    }

    /// Tells why the handshake failed. What is to be sent to a client that does not speak TLS.
    std::string explain_failure() {
        // OpenSSL has sent its alert.
        auto const begin = bio_.first_bytes();
        if (looks_like_http(begin)) {
            keeper_->tell_failed(*shared_, remote_, "the client sent an HTTP request to an HTTPS server");
            return "HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n";
        }
        // Nothing came: somebody looked whether the port is open.
        if (begin.empty()) return {};
        auto const verified = SSL_get_verify_result(ssl_.get());
        if (verified == X509_V_ERR_CERT_REJECTED) {
            keeper_->tell_failed(*shared_, remote_, "the client's certificate has none of the allowed names");
        } else if (verified != X509_V_OK) {
            keeper_->tell_failed(*shared_, remote_, X509_verify_cert_error_string(verified));
        } else {
            keeper_->tell_failed(*shared_, remote_, openssl_reason("the connection ended"));
        }
        return {};
    }

    static bool looks_like_http(std::string_view begin) noexcept {
        static constexpr std::array<std::string_view, 7> methods{"GET /", "HEAD ", "POST ", "PUT /",
                                                                 "DELET", "OPTIO", "PATCH"};
        return std::ranges::find(methods, begin) != methods.end();
    }

    void say_goodbye() noexcept {
        usable_ = false;
        ERR_clear_error();
        SSL_shutdown(ssl_.get());
        ERR_clear_error();
    }

    /// Lets the client read what was sent last: closing with unread bytes would reset the connection. For as long as
    /// a handshake may take.
    asio::awaitable<void> linger() {
        asio::error_code ec;
        socket_->shutdown(stream_socket::shutdown_send, ec);
        std::array<char, 512> unread;
        while (!ec) {
            co_await socket_->async_wait(stream_socket::wait_read, asio::redirect_error(asio::use_awaitable, ec));
            for (int i = 0; i < 16 && !ec; ++i) socket_->read_some(asio::buffer(unread), ec);
            if (ec == asio::error::would_block) ec = {};
        }
    }

    stream_socket* socket_;
    socket_bio bio_;
    std::shared_ptr<tls_keeper> keeper_;
    service const* shared_;
    std::string remote_;
    std::shared_ptr<tls_context const> context_;
    ssl_ptr ssl_;
    bool usable_ = false;  // the handshake is over, and nothing went wrong since
};

}  // namespace pushgateway::http::detail
