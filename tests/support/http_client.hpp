#pragma once

/// \file
/// A small blocking HTTP/1.1 client for tests: strict about the framing of what comes back, able to send any bytes.

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <arpa/inet.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <pushgateway/base/error.hpp>
#include <pushgateway/http/message.hpp>

namespace pushgateway::test {

/// A response as it came over the wire, its transfer coding removed; a content coding is left as it is.
struct http_reply {
    int status = 0;
    std::string reason;
    int minor_version = 1;
    std::vector<http::field> fields;
    std::string body;

    /// The value of the first field of that name, if there is one.
    [[nodiscard]] std::optional<std::string_view> header(std::string_view name) const noexcept {
        for (auto const& f : fields) {
            if (http::equal_ignoring_case(f.name, name)) return f.value;
        }
        return std::nullopt;
    }

    /// True if the connection cannot be used again after this response.
    [[nodiscard]] bool closes() const noexcept {
        auto const connection = header("Connection");
        if (minor_version == 0) return !connection || !http::equal_ignoring_case(*connection, "keep-alive");
        return connection && http::equal_ignoring_case(*connection, "close");
    }
};

namespace detail {

inline std::optional<std::string_view> take_line(std::string_view& rest) noexcept {
    auto const end = rest.find("\r\n");
    if (end == std::string_view::npos) return std::nullopt;
    auto const line = rest.substr(0, end);
    rest.remove_prefix(end + 2);
    return line;
}

inline std::string_view trim(std::string_view s) noexcept {
    while (!s.empty() && (s.front() == ' ' || s.front() == '\t')) s.remove_prefix(1);
    while (!s.empty() && (s.back() == ' ' || s.back() == '\t')) s.remove_suffix(1);
    return s;
}

inline std::optional<std::size_t> number(std::string_view s, int base) noexcept {
    std::size_t value = 0;
    auto const [end, ec] = std::from_chars(s.data(), s.data() + s.size(), value, base);
    if (s.empty() || ec != std::errc{} || end != s.data() + s.size()) return std::nullopt;
    return value;
}

/// Chunked coding; an empty optional inside means that more bytes are needed.
inline result<std::optional<std::string>> take_chunks(std::string_view& rest) {
    // Nothing is copied before all is there: else a large body that arrives in many parts takes the square of its size.
    std::vector<std::string_view> chunks;
    auto in = rest;
    for (;;) {
        auto const line = take_line(in);
        if (!line) return std::optional<std::string>{};
        auto const size = number(*line, 16);
        if (!size) return fail(errc::syntax, "bad chunk size line: " + std::string(*line));
        if (*size == 0) break;
        if (in.size() < *size + 2) return std::optional<std::string>{};
        chunks.push_back(in.substr(0, *size));
        if (in.substr(*size, 2) != "\r\n") return fail(errc::syntax, "no CRLF after a chunk");
        in.remove_prefix(*size + 2);
    }
    auto const last = take_line(in);
    if (!last) return std::optional<std::string>{};
    if (!last->empty()) return fail(errc::syntax, "a trailer nobody asked for: " + std::string(*last));
    rest = in;
    std::string body;
    for (auto const chunk : chunks) body += chunk;
    return std::optional<std::string>{std::move(body)};
}

}  // namespace detail

/// Reads one response from the front of `rest` and removes it. An empty optional means that more bytes are needed;
/// `at_end` says that none will come. `to_head` is true for the answer to HEAD, which has no body.
inline result<std::optional<http_reply>> parse_reply(std::string_view& rest, bool to_head, bool at_end) {
    using none = std::optional<http_reply>;
    auto in = rest;
    auto const status_line = detail::take_line(in);
    if (!status_line) return none{};
    http_reply r;
    if (status_line->size() < 12 || !status_line->starts_with("HTTP/1.") || (*status_line)[8] != ' ') {
        return fail(errc::syntax, "bad status line: " + std::string(*status_line));
    }
    r.minor_version = (*status_line)[7] - '0';
    auto const code = detail::number(status_line->substr(9, 3), 10);
    if (!code || r.minor_version < 0 || r.minor_version > 1 ||
        (status_line->size() > 12 && (*status_line)[12] != ' ')) {
        return fail(errc::syntax, "bad status line: " + std::string(*status_line));
    }
    r.status = static_cast<int>(*code);
    r.reason = status_line->size() > 13 ? status_line->substr(13) : "";

    std::optional<std::size_t> length;
    bool chunked = false;
    for (;;) {
        auto const line = detail::take_line(in);
        if (!line) return none{};
        if (line->empty()) break;
        auto const colon = line->find(':');
        if (colon == std::string_view::npos || colon == 0 || line->substr(0, colon).find_first_of(" \t") < colon) {
            return fail(errc::syntax, "bad header field: " + std::string(*line));
        }
        auto const name = line->substr(0, colon);
        auto const value = detail::trim(line->substr(colon + 1));
        if (value.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos) {
            return fail(errc::syntax, "control byte in header field " + std::string(name));
        }
        if (http::equal_ignoring_case(name, "Content-Length")) {
            if (length) return fail(errc::syntax, "two Content-Length fields");
            length = detail::number(value, 10);
            if (!length) return fail(errc::syntax, "bad Content-Length: " + std::string(value));
        } else if (http::equal_ignoring_case(name, "Transfer-Encoding")) {
            if (!http::equal_ignoring_case(value, "chunked")) {
                return fail(errc::syntax, "unknown Transfer-Encoding: " + std::string(value));
            }
            chunked = true;
        }
        r.fields.push_back({std::string(name), std::string(value)});
    }
    if (length && chunked) return fail(errc::syntax, "both Content-Length and Transfer-Encoding");
    bool const bodyless = to_head || r.status < 200 || r.status == 204 || r.status == 304;
    if (bodyless) {
        rest = in;
        return none{std::move(r)};
    }
    if (chunked) {
        auto body = detail::take_chunks(in);
        if (!body) return std::unexpected(body.error());
        if (!*body) return none{};
        r.body = std::move(**body);
    } else if (length) {
        if (in.size() < *length) return none{};
        r.body = in.substr(0, *length);
        in.remove_prefix(*length);
    } else {
        if (!r.closes()) return fail(errc::syntax, "neither a length nor the end of the connection");
        if (!at_end) return none{};
        r.body = in;
        in = {};
    }
    rest = in;
    return none{std::move(r)};
}

/// Takes a whole stream of responses apart. `heads[i]` tells that the i-th final response answers HEAD.
inline result<std::vector<http_reply>> parse_replies(std::string_view bytes, std::vector<bool> const& heads = {}) {
    std::vector<http_reply> all;
    std::size_t final_replies = 0;
    while (!bytes.empty()) {
        auto one = parse_reply(bytes, final_replies < heads.size() && heads[final_replies], true);
        if (!one) return std::unexpected(one.error());
        if (!*one) return fail(errc::syntax, "the connection ended within a response: " + std::string(bytes));
        final_replies += (*one)->status >= 200 ? 1 : 0;
        all.push_back(std::move(**one));
    }
    return all;
}

/// A blocking TCP connection with a deadline on every wait.
class tcp_stream {
public:
    using milliseconds = std::chrono::milliseconds;

    tcp_stream() = default;
    tcp_stream(tcp_stream&& other) noexcept : fd_(std::exchange(other.fd_, -1)), timeout_(other.timeout_) {}
    tcp_stream& operator=(tcp_stream&& other) noexcept {
        std::swap(fd_, other.fd_);
        timeout_ = other.timeout_;
        return *this;
    }
    ~tcp_stream() { close(); }

    /// Connects; `host` is a name, an address, or `unix:` and the path of a socket (`unix:@name` for an abstract one).
    static result<tcp_stream> connect(std::string const& host, std::uint16_t port, milliseconds timeout) {
        if (host.starts_with("unix:")) return connect_unix(host.substr(5), timeout);
        addrinfo hints{};
        hints.ai_socktype = SOCK_STREAM;
        addrinfo* found = nullptr;
        if (int const rc = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found); rc != 0) {
            return fail(errc::unavailable, host + ": " + ::gai_strerror(rc));
        }
        std::string why = "no address";
        tcp_stream s;
        s.timeout_ = timeout;
        for (auto const* a = found; a != nullptr && s.fd_ < 0; a = a->ai_next) {
            s.fd_ = ::socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC, a->ai_protocol);
            if (s.fd_ >= 0 && ::connect(s.fd_, a->ai_addr, a->ai_addrlen) != 0) {
                why = std::strerror(errno);
                s.close();
            }
        }
        ::freeaddrinfo(found);
        if (s.fd_ < 0) return fail(errc::unavailable, "connect to " + host + ":" + std::to_string(port) + ": " + why);
        return s;
    }

    /// A TCP socket whose descriptor is there before it is connected.
    static tcp_stream unconnected(milliseconds timeout) {
        tcp_stream s;
        s.timeout_ = timeout;
        s.fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        return s;
    }
    /// Bounds what arrives unread; before it is connected.
    void receive_buffer(int bytes) noexcept { ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes); }
    /// Connects it to a port of this machine.
    [[nodiscard]] bool connect_to(std::uint16_t port) noexcept {
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = htons(port);
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        return ::connect(fd_, reinterpret_cast<sockaddr const*>(&to), sizeof to) == 0;
    }

    [[nodiscard]] bool open() const noexcept { return fd_ >= 0; }

    void close() noexcept {
        if (fd_ >= 0) ::close(std::exchange(fd_, -1));
    }

    /// Has `close` reset the connection, as a process does that ends with bytes unread.
    void reset_on_close() noexcept {
        linger const none{1, 0};
        ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &none, sizeof none);
    }

    /// Ends the sending direction: the peer sees the end of the stream.
    void finish_sending() noexcept { ::shutdown(fd_, SHUT_WR); }

    /// Sends everything, or as much as the peer takes before it closes. False if not all was taken.
    bool send(std::string_view bytes) noexcept {
        while (!bytes.empty()) {
            if (!wait_for(POLLOUT)) return false;
            auto const n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
            if (n < 0 && (errno == EAGAIN || errno == EINTR)) continue;
            if (n <= 0) return false;
            bytes.remove_prefix(static_cast<std::size_t>(n));
        }
        return true;
    }

    /// True if there is something to receive, or the end, by then.
    [[nodiscard]] bool has_arrived(milliseconds within) const noexcept {
        pollfd one{fd_, POLLIN, 0};
        return ::poll(&one, 1, static_cast<int>(within.count())) > 0;
    }

    /// Appends what has arrived, waiting for at least one byte. False: the end of the stream. An error: the deadline,
    /// or a connection that was reset.
    result<bool> receive(std::string& into, std::size_t most = std::size_t{64} << 10) {
        if (!wait_for(POLLIN)) return fail(errc::unavailable, "no answer within the deadline");
        char buffer[64 * 1024];
        for (;;) {
            auto const n = ::recv(fd_, buffer, std::min(most, sizeof buffer), 0);
            if (n < 0 && errno == EINTR) continue;
            if (n < 0) return fail(errc::unavailable, std::string("receive: ") + std::strerror(errno));
            into.append(buffer, static_cast<std::size_t>(n));
            return n > 0;
        }
    }

private:
    static result<tcp_stream> connect_unix(std::string path, milliseconds timeout) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        if (path.starts_with('@')) path.front() = '\0';
        if (path.size() >= sizeof address.sun_path) return fail(errc::invalid, path + ": too long");
        std::memcpy(address.sun_path, path.data(), path.size());
        tcp_stream s;
        s.timeout_ = timeout;
        s.fd_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        auto const size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size());
        if (::connect(s.fd_, reinterpret_cast<sockaddr const*>(&address), size) != 0) {
            return fail(errc::unavailable, "connect to " + path + ": " + std::strerror(errno));
        }
        return s;
    }

    bool wait_for(short events) const noexcept {
        pollfd p{fd_, events, 0};
        for (;;) {
            int const rc = ::poll(&p, 1, static_cast<int>(timeout_.count()));
            if (rc < 0 && errno == EINTR) continue;
            return rc > 0;
        }
    }

    int fd_ = -1;
    milliseconds timeout_{10'000};
};

/// A client of one server that keeps its connection as long as the server does. Not thread safe.
class http_client {
public:
    http_client(std::string host, std::uint16_t port, std::chrono::milliseconds timeout = std::chrono::seconds(10))
        : host_(std::move(host)), port_(port), timeout_(timeout) {}

    [[nodiscard]] std::string authority() const { return host_ + ":" + std::to_string(port_); }

    /// Sends one request and returns its final response. Adds `Host`, and `Content-Length` if there is a body and the
    /// fields do not frame it themselves.
    result<http_reply> send(std::string_view method, std::string_view target,
                            std::vector<http::field> const& fields = {}, std::string_view body = {}) {
        std::string head = std::string(method) + ' ' + std::string(target) + " HTTP/1.1\r\n";
        bool host = false;
        bool framed = false;
        for (auto const& f : fields) {
            host = host || http::equal_ignoring_case(f.name, "Host");
            framed = framed || http::equal_ignoring_case(f.name, "Content-Length") ||
                     http::equal_ignoring_case(f.name, "Transfer-Encoding");
            head += f.name + ": " + f.value + "\r\n";
        }
        if (!host) head += "Host: " + authority() + "\r\n";
        if (!framed && (!body.empty() || method == "POST" || method == "PUT")) {
            head += "Content-Length: " + std::to_string(body.size()) + "\r\n";
        }
        head += "\r\n";
        head += body;
        bool const reused = stream_.open();
        auto reply = send_once(head, method == "HEAD");
        // A kept connection may have been closed by the server in the meantime.
        if (!reply && reused) reply = send_once(head, method == "HEAD");
        return reply;
    }

    /// Sends bytes on a connection of their own and returns all that comes back until the server closes it. Before each
    /// piece but the first it waits for the end of a response head. `finish` ends the sending direction at last.
    result<std::string> exchange_bytes(std::vector<std::string> const& pieces, bool finish = false) {
        auto s = tcp_stream::connect(host_, port_, timeout_);
        if (!s) return std::unexpected(s.error());
        std::string all;
        std::size_t seen = 0;
        for (std::size_t i = 0; i < pieces.size(); ++i) {
            while (i > 0 && all.find("\r\n\r\n", seen) == std::string::npos) {
                auto more = s->receive(all);
                if (!more || !*more) return fail(errc::unavailable, "no response to wait for; so far: " + all);
            }
            seen = all.size();
            s->send(pieces[i]);
        }
        if (finish) s->finish_sending();
        for (;;) {
            auto more = s->receive(all);
            if (!more) return fail(more.error().code, more.error().message + "; so far: " + all);
            if (!*more) return all;
        }
    }

private:
    result<http_reply> send_once(std::string_view bytes, bool to_head) {
        if (!stream_.open()) {
            auto s = tcp_stream::connect(host_, port_, timeout_);
            if (!s) return std::unexpected(s.error());
            stream_ = std::move(*s);
            received_.clear();
        }
        stream_.send(bytes);
        bool at_end = false;
        for (;;) {
            std::string_view rest = received_;
            auto reply = parse_reply(rest, to_head, at_end);
            if (!reply) return drop(reply.error());
            if (*reply) {
                received_.erase(0, received_.size() - rest.size());
                if ((*reply)->status < 200) continue;
                if (at_end || (*reply)->closes()) stream_.close();
                if (!received_.empty()) return drop({errc::syntax, "bytes after the response: " + received_, 0, 0, {}});
                return std::move(**reply);
            }
            if (at_end) return drop({errc::syntax, "the connection ended within a response: " + received_, 0, 0, {}});
            auto more = stream_.receive(received_);
            if (!more) return drop(more.error());
            at_end = !*more;
        }
    }

    std::unexpected<error> drop(error e) {
        stream_.close();
        received_.clear();
        return std::unexpected(std::move(e));
    }

    std::string host_;
    std::uint16_t port_;
    std::chrono::milliseconds timeout_;
    tcp_stream stream_;
    std::string received_;
};

}  // namespace pushgateway::test
