#pragma once

/// \file
/// Where to listen, as flags and options write it: `host:port`, `:port`, `[::1]:port`, `unix:/path`, `unix:@name`,
/// `vsock://:port`.

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include <pushgateway/base/error.hpp>

namespace pushgateway::http {

/// A listen address in its two parts.
struct listen_address {
    std::string host;  ///< a name or an IP address without brackets; empty: every interface, IPv4 and IPv6
    std::string port;  ///< a number from 0 (any free one) to 65535, or the name of a service
};

/// The path of a Unix socket, or its abstract name with `@` before it; nothing if `text` names none.
[[nodiscard]] constexpr std::optional<std::string_view> unix_path(std::string_view text) noexcept {
    constexpr std::string_view scheme = "unix:";
    if (!text.starts_with(scheme) || text.size() < scheme.size() + 2) return std::nullopt;
    auto const path = text.substr(scheme.size());
    if (path.front() != '/' && path.front() != '@') return std::nullopt;
    return path;
}

/// The port of `vsock://:port`, by which virtual machines and their hosts talk; nothing if `text` is another kind of
/// address. Fails with errc::invalid if the port is none.
[[nodiscard]] inline std::optional<result<std::uint32_t>> vsock_port(std::string_view text) {
    constexpr std::string_view scheme = "vsock://";
    if (!text.starts_with(scheme)) return std::nullopt;
    auto const rest = text.substr(scheme.size());
    auto const digits = rest.substr(std::min<std::size_t>(1, rest.size()));
    std::uint32_t port = 0;
    auto const [end, ec] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    if (ec != std::errc{} || end != digits.data() + digits.size() || !rest.starts_with(':')) {
        return fail(errc::invalid, "listen address \"" + std::string(text) + "\": it must be vsock://:PORT");
    }
    return port;
}

/// Splits `text` into host and port. Fails with errc::invalid and a text that names the address and what is wrong.
[[nodiscard]] inline result<listen_address> parse_listen_address(std::string_view text) {
    auto const wrong = [text](std::string_view why) {
        return fail(errc::invalid, "listen address \"" + std::string(text) + "\": " + std::string(why));
    };
    constexpr std::string_view forms = "it is written HOST:PORT, :PORT, [ADDRESS]:PORT, unix:/PATH or vsock://:PORT";
    if (text.find("://") != std::string_view::npos) return wrong("a URL is none, " + std::string(forms));
    if (text.find('/') != std::string_view::npos) return wrong("there is a path in it, " + std::string(forms));
    if (text.find_first_of("\"'") != std::string_view::npos) return wrong("there are quotes in it: leave them out");
    if (text.find(',') != std::string_view::npos) return wrong("there is a comma in it: give the flag once for each");
    auto const colon = text.rfind(':');
    if (colon == std::string_view::npos || text.ends_with(']')) return wrong("missing port, " + std::string(forms));
    auto host = text.substr(0, colon);
    auto const port = text.substr(colon + 1);
    if (host.starts_with('[')) {
        if (!host.ends_with(']') || host.size() < 3) return wrong("malformed IPv6 address");
        host = host.substr(1, host.size() - 2);
    } else if (host.find_first_of(":[]") != std::string_view::npos) {
        return wrong("an IPv6 address must stand in brackets");
    }
    if (!port.empty() && port.find_first_not_of("0123456789") == std::string_view::npos) {
        unsigned value = 0;
        auto const ec = std::from_chars(port.data(), port.data() + port.size(), value).ec;
        if (ec != std::errc{} || value > 65535) return wrong("port out of range");
    }
    return listen_address{std::string(host), port.empty() ? "0" : std::string(port)};
}

}  // namespace pushgateway::http
