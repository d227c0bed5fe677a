#pragma once

/// \file
/// The two prefixes that a reverse proxy makes necessary: of the routes here, and of the links that others follow.

#include <string>
#include <string_view>
#include <utility>

#include <pushgateway/base/error.hpp>
#include <pushgateway/base/percent.hpp>
#include <pushgateway/base/quote.hpp>
#include <pushgateway/http/path.hpp>

namespace pushgateway::server {

/// The path of a URL, decoded. What has no scheme is a path itself. Fails with errc::invalid for bad percent encoding
/// and for blanks and control characters.
[[nodiscard]] inline result<std::string> path_of_url(std::string_view const url) {
    for (char const c : url) {
        if (c <= ' ' || c == '\x7f')
            return fail(errc::invalid, "invalid URL " + in_quotes(url) + ": it has a blank in it");
    }
    auto rest = url.substr(0, url.find_first_of("?#"));
    if (auto const colon = rest.find("://"); colon != std::string_view::npos) {
        rest.remove_prefix(colon + 3);
        auto const slash = std::min(rest.find('/'), rest.size());
        if (slash == 0) return fail(errc::invalid, "invalid URL " + in_quotes(url) + ": it has no host");
        rest.remove_prefix(slash);
    }
    auto path = decode_percent(rest);
    if (!path) return fail(errc::invalid, "invalid URL " + in_quotes(url) + ": " + path.error().message);
    return path;
}

/// A prefix with a slash at its beginning and none at its end; empty if there is nothing between.
[[nodiscard]] inline std::string normalized_prefix(std::string_view prefix) {
    auto out = http::clean_path('/' + std::string(prefix));
    if (out.ends_with('/')) out.pop_back();
    return out;
}

}  // namespace pushgateway::server
