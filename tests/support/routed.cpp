#include "routed.hpp"

#include <utility>

#include "compiled/router.hpp"

namespace pushgateway::test {

struct routed::parts {
    explicit parts(http::router_options options) : router(held, std::move(options)) {}

    gateway held;
    http::router<gateway> router;
};

routed::routed(http::router_options options) : parts_(std::make_unique<parts>(std::move(options))) {}

routed::~routed() = default;

http::response routed::send(std::string method, std::string target, std::string body, std::vector<http::field> fields) {
    http::request req;
    req.method = std::move(method);
    req.target = std::move(target);
    req.body = std::move(body);
    req.fields = std::move(fields);
    return parts_->router(req);
}

http::router<gateway>& routed::router() noexcept { return parts_->router; }

}  // namespace pushgateway::test
