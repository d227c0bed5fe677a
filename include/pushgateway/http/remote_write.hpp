#pragma once

/// \file
/// Prometheus' remote write, which a push gateway does not receive: how its senders are recognized.

#include <string_view>

#include <pushgateway/http/message.hpp>
#include <pushgateway/http/negotiation.hpp>

namespace pushgateway::http {

/// True for a request that says so itself.
[[nodiscard]] inline bool names_remote_write(request const& req) noexcept {
    return !req.header("X-Prometheus-Remote-Write-Version").empty();
}

/// True if a request to a path that leads nowhere was meant for remote write, or for what is like it. `path`: decoded.
[[nodiscard]] inline bool leads_to_remote_write(request const& req, std::string_view path) noexcept {
    return names_remote_write(req) || path.ends_with("/api/v1/write") || path.ends_with("/api/v1/push") ||
           path.ends_with("/receive");
}

/// True if a body on the path of a push has the media type of remote write.
[[nodiscard]] inline bool has_remote_write_body(request const& req) {
    return names_remote_write(req) ||
           equal_ignoring_case(parse_preference(req.header("Content-Type")).value, "application/x-protobuf");
}

}  // namespace pushgateway::http
