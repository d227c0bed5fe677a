#pragma once

/// \file
/// A gateway in the same process, behind the router and without sockets.

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <pushgateway/gateway/gateway.hpp>
#include <pushgateway/http/message.hpp>
#include <pushgateway/http/router.hpp>
#include <pushgateway/store/policies.hpp>

#include "transport.hpp"

namespace pushgateway::spec {

/// The policies of a gateway whose check is decided when it is made, as the server's.
struct selectable_policies : default_policies {
    using consistency = pushgateway::selectable;
};

/// Calls the router directly; a body that is streamed is read to its end.
class in_process_transport final : public transport {
public:
    explicit in_process_transport(std::string const& mode) : mode_(mode) { renew(); }

    result<test::http_reply> send(std::string_view method, std::string_view target,
                                  std::vector<http::field> const& fields, std::string_view body) override {
        http::request request;
        request.method = method;
        request.target = target;
        request.fields = fields;
        request.fields.push_back({"Host", "gateway"});
        request.body = body;
        auto answer = (*router_)(request);
        test::http_reply reply;
        reply.status = answer.status;
        reply.fields = std::move(answer.fields);
        reply.body = std::move(answer.body);
        if (answer.stream) {
            for (std::string piece; answer.stream->next(piece);) reply.body += piece;
        }
        if (method == "HEAD") reply.body.clear();
        return reply;
    }

    [[nodiscard]] bool has_wire() const override { return false; }

    result<std::string> exchange_bytes(std::vector<std::string> const&, bool) override {
        return fail(errc::unsupported, "there is no connection in process");
    }

    result<> reset() override {
        renew();
        return {};
    }

    [[nodiscard]] bool asked_to_quit() const noexcept { return quit_; }

private:
    using gateway_type = basic_gateway<selectable_policies>;

    void renew() {
        router_.reset();
        gateway_options made;
        if (mode_ == "utf8-names") made.names = name_scheme::utf8;
        gateway_ = std::make_unique<gateway_type>(std::move(made), system_clock{}, selectable{mode_ != "unchecked"});
        http::router_options options;
        options.enable_admin_api = mode_ == "admin";
        options.enable_lifecycle = mode_ == "lifecycle";
        options.enable_openmetrics = mode_ == "openmetrics";
        if (mode_ == "telemetry") options.telemetry_path = "/stats";
        if (mode_ == "prefix") {
            options.route_prefix = "/inner";
            options.external_prefix = "/outer";
        }
        if (mode_ == "cors") options.cors_origins = {"https://jobs.example"};
        options.on_quit = [this] { quit_ = true; };
        options.flags = {{"log.format", "logfmt"},
                         {"log.level", "info"},
                         {"push.disable-consistency-check", mode_ == "unchecked" ? "true" : "false"},
                         {"web.enable-admin-api", mode_ == "admin" ? "true" : "false"},
                         {"web.enable-lifecycle", mode_ == "lifecycle" ? "true" : "false"},
                         {"web.telemetry-path", options.telemetry_path}};
        router_ = std::make_unique<http::router<gateway_type>>(*gateway_, std::move(options));
    }

    std::string mode_;
    std::unique_ptr<gateway_type> gateway_;
    std::unique_ptr<http::router<gateway_type>> router_;
    bool quit_ = false;
};

}  // namespace pushgateway::spec
