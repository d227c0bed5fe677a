#pragma once

/// \file
/// A gateway behind a router, asked in process.

#include <memory>
#include <string>
#include <string_view>
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
    explicit routed(http::router_options options = {});
    ~routed();
    routed(routed const&) = delete;
    routed& operator=(routed const&) = delete;

    http::response send(std::string method, std::string target, std::string body = {},
                        std::vector<http::field> fields = {});

    http::router<gateway>& router() noexcept;

private:
    // Apart, in routed.cpp, so that not every test compiles a gateway.
    struct parts;
    std::unique_ptr<parts> parts_;
};

}  // namespace pushgateway::test
