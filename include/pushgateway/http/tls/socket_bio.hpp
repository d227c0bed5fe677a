#pragma once

/// \file
/// Connects OpenSSL with a socket of Asio.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <asio/buffer.hpp>
#include <asio/error.hpp>

#include <pushgateway/http/stream_socket.hpp>
#include <pushgateway/http/tls/openssl.hpp>

namespace pushgateway::http::detail {

/// What lies below the records of TLS: a non-blocking socket that its owner keeps, read and written without waiting.
/// Stays where it is as long as its BIO is used.
class socket_bio {
public:
    explicit socket_bio(stream_socket& socket) noexcept : socket_(&socket) {}
    socket_bio(socket_bio const&) = delete;
    socket_bio& operator=(socket_bio const&) = delete;
    ~socket_bio() = default;

    /// A BIO that refers to this; null if there is no memory for it.
    [[nodiscard]] bio_ptr make() noexcept {
        auto const* const how = method();
        bio_ptr bio(how != nullptr ? BIO_new(how) : nullptr);
        if (bio) {
            BIO_set_data(bio.get(), this);
            BIO_set_init(bio.get(), 1);
        }
        return bio;
    }

    /// The first bytes that came, up to five of them: the header of a record if the peer speaks TLS.
    [[nodiscard]] std::string_view first_bytes() const noexcept { return {first_.data(), first_size_}; }

private:
    static socket_bio& of(BIO* bio) noexcept { return *static_cast<socket_bio*>(BIO_get_data(bio)); }

    static int read(BIO* bio, char* to, int size) noexcept {
        BIO_clear_retry_flags(bio);
        auto& self = of(bio);
        asio::error_code ec;
        auto const got = self.socket_->read_some(asio::buffer(to, static_cast<std::size_t>(size)), ec);
        if (!ec) {
            self.note_first({to, got});
            return static_cast<int>(got);
        }
        if (ec == asio::error::would_block) {
            BIO_set_retry_read(bio);
            return -1;
        }
        self.at_end_ = ec == asio::error::eof;
        return self.at_end_ ? 0 : -1;
    }

    static int write(BIO* bio, char const* from, int size) noexcept {
        BIO_clear_retry_flags(bio);
        asio::error_code ec;
        auto const sent = of(bio).socket_->write_some(asio::buffer(from, static_cast<std::size_t>(size)), ec);
        if (!ec) return static_cast<int>(sent);
        if (ec == asio::error::would_block) BIO_set_retry_write(bio);
        return -1;
    }

    static long control(BIO* bio, int command, long, void*) noexcept {
        switch (command) {
            case BIO_CTRL_FLUSH: return 1;
            case BIO_CTRL_EOF: return of(bio).at_end_ ? 1 : 0;
            default: return 0;
        }
    }

    static BIO_METHOD const* method() noexcept {
        static bio_method_ptr const made = [] {
            bio_method_ptr out(BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket of Asio"));
            if (out) {
                BIO_meth_set_read(out.get(), read);
                BIO_meth_set_write(out.get(), write);
                BIO_meth_set_ctrl(out.get(), control);
            }
            return out;
        }();
        return made.get();
    }

    void note_first(std::string_view bytes) noexcept {
        for (char const c : bytes.substr(0, first_.size() - first_size_)) first_[first_size_++] = c;
    }

    stream_socket* socket_;
    std::array<char, 5> first_{};
    std::uint8_t first_size_ = 0;
    bool at_end_ = false;
};

}  // namespace pushgateway::http::detail
