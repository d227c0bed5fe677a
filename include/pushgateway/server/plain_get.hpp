#pragma once

/// \file
/// Fetches one document over plain HTTP, for commands that run once.

#include <cerrno>
#include <charconv>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include <netdb.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <pushgateway/base/error.hpp>

namespace pushgateway::server {

/// `http://host[:port][/path]`, taken apart.
struct plain_url {
    std::string host;
    std::string port = "80";
    std::string path;  ///< empty, or with a slash at the beginning and none at the end
};

/// Fails with errc::invalid for what is no such URL.
[[nodiscard]] inline result<plain_url> parse_plain_url(std::string_view text) {
    constexpr std::string_view scheme = "http://";
    if (text.starts_with("https://")) {
        return fail(errc::unsupported, "https is not supported here: copy from the gateway's own host, over http");
    }
    if (!text.starts_with(scheme))
        return fail(errc::invalid, "\"" + std::string(text) + "\" does not begin with http://");
    text.remove_prefix(scheme.size());
    plain_url url;
    auto const slash = text.find('/');
    if (slash != std::string_view::npos) url.path = text.substr(slash);
    while (url.path.ends_with('/')) url.path.pop_back();
    auto authority = text.substr(0, slash);
    auto const colon = authority.rfind(':');
    if (colon != std::string_view::npos && authority.find(']', colon) == std::string_view::npos) {
        url.port = authority.substr(colon + 1);
        authority = authority.substr(0, colon);
    }
    if (authority.starts_with('[') && authority.ends_with(']')) authority = authority.substr(1, authority.size() - 2);
    url.host = authority;
    bool const bad = url.host.empty() || url.port.find_first_not_of("0123456789") != std::string::npos ||
                     url.path.find_first_of(" \r\n") != std::string::npos;
    if (bad) return fail(errc::invalid, "not the URL of a gateway");
    return url;
}

/// The body of `GET url.path + target`, of `limit` bytes at most. Fails with errc::unavailable if the server cannot be
/// reached, does not answer within a minute, or answers anything but 200.
[[nodiscard]] inline result<std::string> plain_get(plain_url const& url, std::string_view target, std::size_t limit) {
    auto const failed = [&url](std::string_view what) {
        return fail(errc::unavailable, url.host + ':' + url.port + ": " + std::string(what));
    };
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (int const code = ::getaddrinfo(url.host.c_str(), url.port.c_str(), &hints, &found); code != 0) {
        return failed(::gai_strerror(code));
    }
    std::unique_ptr<addrinfo, void (*)(addrinfo*)> const addresses(found, &::freeaddrinfo);
    int connected = -1;
    int why = 0;
    for (auto const* a = found; a != nullptr && connected < 0; a = a->ai_next) {
        connected = ::socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC, a->ai_protocol);
        if (connected < 0) continue;
        timeval const patience{60, 0};
        ::setsockopt(connected, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        ::setsockopt(connected, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
        if (::connect(connected, a->ai_addr, a->ai_addrlen) == 0) break;
        why = errno;
        ::close(std::exchange(connected, -1));
    }
    if (connected < 0) return failed(std::generic_category().message(why));
    struct closer {
        int descriptor;
        ~closer() { ::close(descriptor); }
    } const open{connected};

    // To HTTP/1.0 the whole answer is what comes until the end.
    std::string const request = "GET " + url.path + std::string(target) + " HTTP/1.0\r\nHost: " + url.host + "\r\n\r\n";
    if (::send(connected, request.data(), request.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(request.size())) {
        return failed(std::generic_category().message(errno));
    }
    std::string answer;
    std::string piece(1 << 16, '\0');
    for (;;) {
        auto const size = ::recv(connected, piece.data(), piece.size(), 0);
        if (size < 0) return failed(std::generic_category().message(errno));
        if (size == 0) break;
        if (answer.size() + static_cast<std::size_t>(size) > limit) return failed("the answer is too large");
        answer.append(piece, 0, static_cast<std::size_t>(size));
    }
    auto const head = answer.find("\r\n\r\n");
    if (!answer.starts_with("HTTP/1.") || head == std::string::npos) return failed("this is no HTTP server");
    auto const status = answer.substr(9, 3);
    if (status != "200") return failed("answers " + answer.substr(9, answer.find("\r\n") - 9));
    return answer.substr(head + 4);
}

}  // namespace pushgateway::server
