#pragma once

/// \file
/// The two prefixes that a reverse proxy makes necessary: of the routes here, and of the links that others follow.

#include <algorithm>
#include <cctype>
#include <string>
#include <string_view>
#include <utility>

#include <pushgateway/base/error.hpp>
#include <pushgateway/base/percent.hpp>
#include <pushgateway/base/quote.hpp>
#include <pushgateway/http/path.hpp>

namespace pushgateway::server {

namespace detail {

/// Fails with errc::invalid if a value begins or ends with a quote that no shell has taken away. `flag`: without `--`.
[[nodiscard]] inline result<> without_outer_quotes(std::string_view flag, std::string_view value) {
    auto const quote = [](char c) { return c == '"' || c == '\''; };
    if (value.empty() || (!quote(value.front()) && !quote(value.back()))) return {};
    return fail(errc::invalid, "--" + std::string(flag) + ' ' + in_quotes(value) +
                                   " has quotes in it, which belong to a shell or a file of YAML: leave them out");
}

/// Fails with errc::invalid if a path has a character that ends a path in a URL, or escapes one: paths are compared as
/// they are decoded. `flag`: without `--`.
[[nodiscard]] inline result<> without_url_syntax(std::string_view flag, std::string_view path) {
    auto const at = path.find_first_of("?#%");
    if (at == std::string_view::npos) return {};
    return fail(errc::invalid, "--" + std::string(flag) + ' ' + in_quotes(path) + " has \"" + path[at] +
                                   "\" in it: it takes a path as it is, without escapes, query and fragment");
}

/// True for `host:port`, and that with a slash: to a parser of URLs, `host` is a scheme, and there is no path.
[[nodiscard]] inline bool is_name_and_port(std::string_view url) {
    auto const colon = url.find(':');
    bool const name = colon != std::string_view::npos && colon != 0 && std::isalpha(static_cast<unsigned char>(url[0]));
    return name && url.find('/', colon) >= url.size() - 1;
}

/// True for `host:port/…` and `host.example/…`: a URL whose scheme was forgotten.
[[nodiscard]] inline bool begins_with_host(std::string_view path) {
    auto const first = path.substr(0, path.find('/'));
    return first.find(':') != std::string_view::npos ||
           (first.find('.') != std::string_view::npos && first != "." && first != "..");
}

}  // namespace detail

/// The path of a URL, decoded. What has no scheme is a path itself. Fails with errc::invalid for bad percent encoding,
/// for blanks, control characters and quotes around it, and for a host without a scheme.
[[nodiscard]] inline result<std::string> path_of_url(std::string_view const url) {
    if (auto bare = detail::without_outer_quotes("web.external-url", url); !bare) {
        return std::unexpected(std::move(bare.error()));
    }
    for (char const c : url) {
        if (static_cast<unsigned char>(c) <= ' ' || c == '\x7f')
            return fail(errc::invalid, "invalid URL " + in_quotes(url) + ": it has a blank in it");
    }
    auto rest = url.substr(0, url.find_first_of("?#"));
    if (auto const colon = rest.find("://"); colon != std::string_view::npos) {
        rest.remove_prefix(colon + 3);
        auto const slash = std::min(rest.find('/'), rest.size());
        if (slash == 0) return fail(errc::invalid, "invalid URL " + in_quotes(url) + ": it has no host");
        rest.remove_prefix(slash);
    } else if (detail::is_name_and_port(rest)) {
        return std::string();
    } else if (detail::begins_with_host(rest)) {
        return fail(errc::invalid, "invalid URL " + in_quotes(url) + ": it has no scheme, such as http://");
    }
    auto path = decode_percent(rest);
    if (!path) return fail(errc::invalid, "invalid URL " + in_quotes(url) + ": " + path.error().message);
    return path;
}

/// `scheme://host[:port]` of a URL; empty if it has none.
[[nodiscard]] inline std::string origin_of_url(std::string_view url) {
    auto const colon = url.find("://");
    if (colon == std::string_view::npos) return {};
    return std::string(url.substr(0, std::min(url.find_first_of("/?#", colon + 3), url.size())));
}

/// A prefix with a slash at its beginning and none at its end; empty if there is nothing between.
[[nodiscard]] inline std::string normalized_prefix(std::string_view prefix) {
    auto out = http::clean_path('/' + std::string(prefix));
    if (out.ends_with('/')) out.pop_back();
    return out;
}

/// The prefix that `--web.route-prefix` names. Fails with errc::invalid for what no request could have before its path:
/// a URL, or something in quotes.
[[nodiscard]] inline result<std::string> prefix_of_routes(std::string_view given) {
    if (auto bare = detail::without_outer_quotes("web.route-prefix", given); !bare) {
        return std::unexpected(std::move(bare.error()));
    }
    bool const url =
        given.find("://") != std::string_view::npos || given.starts_with("http:/") || given.starts_with("https:/");
    if (url) {
        return fail(errc::invalid, "--web.route-prefix " + in_quotes(given) +
                                       " is a URL: it takes the path alone, such as /pushgateway; a URL is for "
                                       "--web.external-url");
    }
    if (auto plain = detail::without_url_syntax("web.route-prefix", given); !plain) {
        return std::unexpected(std::move(plain.error()));
    }
    return normalized_prefix(given);
}

}  // namespace pushgateway::server
