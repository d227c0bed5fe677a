#pragma once

/// \file
/// Fetches one document over plain HTTP, for commands that run once.

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

#include <asio/error.hpp>

#include <pushgateway/base/error.hpp>
#include <pushgateway/server/client_connection.hpp>

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
    server_place const place{url.host, url.port};
    auto const failed = [&place](std::string_view what) {
        return fail(errc::unavailable, text_of(place) + ": " + std::string(what));
    };
    client_connection server(std::chrono::minutes(1));
    // To HTTP/1.0 the whole answer is what comes until the end.
    std::string const request = "GET " + url.path + std::string(target) + " HTTP/1.0\r\nHost: " + url.host + "\r\n\r\n";
    auto why = server.connect(place);
    if (!why) why = server.send(request);
    std::string answer;
    while (!why) {
        server.renew();
        why = server.receive(answer);
        if (answer.size() > limit) return failed("the answer is too large");
    }
    if (why != asio::error::eof) return failed(why.message());
    auto const head = answer.find("\r\n\r\n");
    if (!answer.starts_with("HTTP/1.") || head == std::string::npos) return failed("this is no HTTP server");
    auto const status = answer.substr(9, 3);
    if (status != "200") return failed("answers " + answer.substr(9, answer.find("\r\n") - 9));
    return answer.substr(head + 4);
}

}  // namespace pushgateway::server
