#pragma once

/// \file
/// A gateway behind a router, asked in process.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <pushgateway/gateway/gateway.hpp>
#include <pushgateway/http/router.hpp>

namespace pushgateway::test {

/// The value of a field of a response, or an empty text.
inline std::string header(http::response const& r, std::string_view name) {
    for (auto const& f : r.fields) {
        if (http::equal_ignoring_case(f.name, name)) return f.value;
    }
    return {};
}

/// The whole body of a response.
inline std::string body_of(http::response& r) {
    if (!r.stream) return r.body;
    std::string all;
    for (std::string piece; r.stream->next(piece);) all += piece;
    return all;
}

/// Sends requests to a gateway of its own.
class routed {
public:
    explicit routed(http::router_options options = {}) : router_(gateway_, std::move(options)) {}

    http::response send(std::string method, std::string target, std::string body = {},
                        std::vector<http::field> fields = {}) {
        http::request req;
        req.method = std::move(method);
        req.target = std::move(target);
        req.body = std::move(body);
        req.fields = std::move(fields);
        return router_(req);
    }

    http::router<gateway>& router() noexcept { return router_; }

private:
    gateway gateway_;
    http::router<gateway> router_;
};

}  // namespace pushgateway::test
