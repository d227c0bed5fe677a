#pragma once

/// \file
/// `pushgateway healthcheck`: asks a running gateway whether it is healthy, for containers that hold nothing else that
/// could.

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <exception>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <asio/error.hpp>

#include <pushgateway/base/error.hpp>
#include <pushgateway/base/quote.hpp>
#include <pushgateway/http/listen_address.hpp>
#include <pushgateway/server/client_connection.hpp>
#include <pushgateway/server/flags.hpp>
#include <pushgateway/server/route_prefix.hpp>
#include <pushgateway/server/web_config_file.hpp>

namespace pushgateway::server {

/// Which gateway to ask.
struct health_question {
    std::vector<server_place> addresses;  ///< where it may be, the first that lets itself be connected counts
    std::string prefix;      ///< of its routes: empty, or with a slash at the beginning and none at the end
    bool plain = true;       ///< it may speak HTTP without TLS
    bool encrypted = false;  ///< it may speak TLS
};

namespace detail {

inline constexpr std::chrono::seconds health_patience{5};

/// A question to the first address that the gateway of these settings listens on and that can be asked.
inline result<health_question> question_of(settings const& s) {
    if (s.systemd_socket) return fail(errc::invalid, "the socket is systemd's: say where it is with --url");
    health_question out;
    out.prefix = s.internal_prefix;
    if (!s.config_file.empty()) {
        // What cannot be known, both are tried for.
        auto const config = web_config_file(s.config_file).current();
        out.encrypted = !config || (*config)->tls;
        out.plain = !config || !out.encrypted;
    }
    auto const at = std::ranges::find_if_not(s.listen_addresses,
                                             [](std::string const& a) { return http::vsock_port(a).has_value(); });
    if (at == s.listen_addresses.end())
        return fail(errc::invalid, "only vsock is listened on: say where to ask by --url");
    auto const& first = *at;
    if (auto const path = http::unix_path(first)) {
        out.addresses.push_back({std::string(*path), ""});
        return out;
    }
    auto parsed = http::parse_listen_address(first);
    if (!parsed) return std::unexpected(std::move(parsed.error()));
    auto const& [host, port] = *parsed;
    bool const everywhere = host.empty() || host == "::";
    if (everywhere || host == "0.0.0.0") out.addresses.push_back({"127.0.0.1", port});
    if (everywhere) out.addresses.push_back({"::1", port});
    if (out.addresses.empty()) out.addresses.push_back({host, port});
    return out;
}

/// A question to the gateway at a URL: `http://host:port/prefix`, `https://...`, `unix:/path` or `unix:@name`.
inline result<health_question> question_of(std::string_view url) {
    health_question out;
    if (auto const path = http::unix_path(url)) {
        out.addresses.push_back({std::string(*path), ""});
        return out;
    }
    out.encrypted = url.starts_with("https://");
    out.plain = url.starts_with("http://");
    if (!out.encrypted && !out.plain) {
        return fail(errc::invalid, "--url " + in_quotes(url) + " does not begin with http://, https:// or unix:");
    }
    auto const path = path_of_url(url);
    if (!path) return std::unexpected(path.error());
    out.prefix = normalized_prefix(*path);
    auto const rest = url.substr(url.find("://") + 3);
    std::string address(rest.substr(0, rest.find('/')));
    auto const colon = address.rfind(':');
    if (colon == std::string::npos || address.ends_with(']')) address += out.encrypted ? ":443" : ":80";
    auto parsed = http::parse_listen_address(address);
    if (!parsed) return std::unexpected(std::move(parsed.error()));
    if (parsed->host.empty()) return fail(errc::invalid, "--url " + in_quotes(url) + " has no host");
    out.addresses.push_back({std::move(parsed->host), std::move(parsed->port)});
    return out;
}

/// The first line of what a server answers to `request`, at most `most` bytes of it; empty if it closes without a word.
/// Fails with errc::unavailable if it cannot be connected to or no answer comes in time.
inline result<std::string> first_line(server_place const& place, std::string_view request, std::size_t most) {
    client_connection server(health_patience);
    std::string line;
    auto why = server.connect(place);
    bool const connected = !why;
    // What has closed may have said why before.
    if (connected) why = server.send(request);
    if (why != asio::error::timed_out && connected) {
        do why = server.receive(line);
        while (!why && line.size() < most && line.find('\n') == std::string::npos);
    }
    bool const ended =
        why == asio::error::eof || why == asio::error::connection_reset || why == asio::error::broken_pipe;
    if (line.empty() && why && !(connected && ended)) {
        return fail(errc::unavailable, text_of(place) + ": " + why.message());
    }
    return line.substr(0, std::min(most, line.find('\n')));
}

inline result<std::string> ask(health_question const& whom, std::string_view request) {
    constexpr std::size_t most = 256;
    result<std::string> answer = fail(errc::unavailable, "no address");
    for (auto const& place : whom.addresses) {
        answer = first_line(place, request, most);
        if (answer) break;
    }
    return answer;
}

/// A greeting that every TLS server answers, with its own or with an alert.
inline std::string tls_greeting() {
    constexpr std::string_view record_and_handshake("\x16\x03\x01\x00\x2f\x01\x00\x00\x2b\x03\x03", 11);
    constexpr std::string_view ciphers_and_compression("\x00\x00\x04\xc0\x2f\xc0\x2b\x01\x00", 9);
    std::string out(record_and_handshake);
    out.append(32, 'h');  // the random bytes of a client that will never use them
    out += ciphers_and_compression;
    return out;
}

}  // namespace detail

/// Asks once. Fails with errc::unavailable if the gateway does not answer within some seconds, or not with 200. A
/// demand for credentials (401, 403) is healthy, too: the gateway works, and keeps what it holds to itself. Over TLS it
/// is only asked whether it begins a handshake, which takes neither certificates nor credentials.
[[nodiscard]] inline result<std::string> ask_health(health_question const& whom) {
    if (whom.plain) {
        auto const line = detail::ask(whom, "GET " + whom.prefix +
                                                "/-/healthy HTTP/1.1\r\nHost: localhost\r\n"
                                                "User-Agent: pushgateway-healthcheck\r\nConnection: close\r\n\r\n");
        if (!line) return std::unexpected(line.error());
        constexpr std::string_view version = "HTTP/1.1 ";
        int status = 0;
        if (line->starts_with(version)) {
            std::from_chars(line->data() + version.size(), line->data() + line->size(), status);
        }
        if (status == 200) return "healthy";
        if (status == 401 || status == 403) return "healthy, and asks for credentials";
        if (status != 0 && !whom.encrypted) return fail(errc::unavailable, "it answers " + std::to_string(status));
        if (!whom.encrypted) return fail(errc::unavailable, "it does not answer");
    }
    auto const greeted = detail::ask(whom, detail::tls_greeting());
    if (!greeted) return std::unexpected(greeted.error());
    bool const speaks_tls =
        greeted->size() > 1 && ((*greeted)[0] == '\x15' || (*greeted)[0] == '\x16') && (*greeted)[1] == 3;
    if (!speaks_tls) return fail(errc::unavailable, "it answers neither with 200 nor with TLS");
    return "healthy, and speaks TLS";
}

/// The subcommand: `healthcheck [--url URL] [flags of the server]`. Prints one line, and returns the exit status: 0 if
/// the gateway is healthy, 1 if it is not or cannot be asked.
[[nodiscard]] inline int healthcheck(std::vector<std::string> arguments) {
    auto const unhealthy = [](std::string const& why) {
        std::fprintf(stderr, "unhealthy: %s\n", why.c_str());
        return 1;
    };
    std::string url;
    for (auto at = arguments.begin(); at != arguments.end();) {
        constexpr std::string_view flag = "--url";
        if (*at == "-h" || *at == "--help") {
            std::fputs(
                "usage: pushgateway healthcheck [--url=http://host:port/prefix | --url=unix:/path] [<flags>]\n\n"
                "Asks /-/healthy of a gateway, which the flags and variables of the server name. Ends with 0 if\n"
                "it is healthy, else with 1.\n",
                stdout);
            return 0;
        }
        if (at->starts_with("--url=")) {
            url = at->substr(flag.size() + 1);
        } else if (*at == flag && at + 1 != arguments.end()) {
            at = arguments.erase(at);
            url = *at;
        } else {
            ++at;
            continue;
        }
        at = arguments.erase(at);
    }
    auto const told = parse_flags(arguments);
    if (!told) return unhealthy(told.error().message);
    auto const whom = url.empty() ? detail::question_of(told->settings) : detail::question_of(url);
    if (!whom) return unhealthy(whom.error().message);
    auto const answer = ask_health(*whom);
    if (!answer) return unhealthy(answer.error().message);
    std::printf("%s\n", answer->c_str());
    return 0;
}

}  // namespace pushgateway::server
