#pragma once

/// \file
/// How an exchange reaches a gateway: over HTTP here, in process in in_process.hpp.

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <boost/json.hpp>
#include <support/http_client.hpp>

#include <pushgateway/base/error.hpp>

namespace pushgateway::spec {

/// A gateway that exchanges are tried on.
class transport {
public:
    virtual ~transport() = default;
    /// One request and its final response.
    virtual result<test::http_reply> send(std::string_view method, std::string_view target,
                                          std::vector<http::field> const& fields, std::string_view body) = 0;
    /// True if there is a connection whose bytes can be shown.
    [[nodiscard]] virtual bool has_wire() const = 0;
    /// Sends the pieces on a new connection, waiting for a response head between them, and returns everything that came
    /// back until its end.
    virtual result<std::string> exchange_bytes(std::vector<std::string> const& pieces, bool half_close) = 0;
    /// Makes the gateway hold no group.
    virtual result<> reset() = 0;
};

namespace detail {

/// RFC 4648 section 5, without padding; the empty string is `=`, as in a push path.
inline std::string path_value(std::string_view value) {
    constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    if (value.empty()) return "=";
    std::string out;
    std::uint32_t bits = 0;
    int held = 0;
    for (char c : value) {
        bits = bits << 8 | static_cast<unsigned char>(c);
        for (held += 8; held >= 6; held -= 6) out += alphabet[bits >> (held - 6) & 63];
    }
    if (held > 0) out += alphabet[bits << (6 - held) & 63];
    return out;
}

/// A label name, percent-encoded where it is beyond the legacy set.
inline std::string path_name(std::string_view name) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string out;
    for (char const c : name) {
        auto const byte = static_cast<unsigned char>(c);
        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_') {
            out += c;
        } else {
            out += {'%', digits[byte / 16], digits[byte % 16]};
        }
    }
    return out;
}

inline std::string group_path(boost::json::object const& labels) {
    std::string path = "/metrics/job@base64/" + path_value(labels.at("job").as_string());
    for (auto const& [name, value] : labels) {
        if (name != "job") path += "/" + path_name(name) + "@base64/" + path_value(value.as_string());
    }
    return path;
}

}  // namespace detail

/// A gateway by host and port.
class http_transport final : public transport {
public:
    /// `prefix`: before the paths of its routes.
    http_transport(std::string host, std::uint16_t port, std::string prefix = {})
        : client_(std::move(host), port), prefix_(std::move(prefix)) {}

    result<test::http_reply> send(std::string_view method, std::string_view target,
                                  std::vector<http::field> const& fields, std::string_view body) override {
        return client_.send(method, target, fields, body);
    }

    [[nodiscard]] bool has_wire() const override { return true; }

    result<std::string> exchange_bytes(std::vector<std::string> const& pieces, bool half_close) override {
        return client_.exchange_bytes(pieces, half_close);
    }

    /// Deletes every group that the gateway lists, and waits until it lists none.
    result<> reset() override {
        for (int attempt = 0; attempt < 400; ++attempt) {
            auto groups = list();
            if (!groups) return std::unexpected(groups.error());
            if (groups->empty()) return {};
            for (auto const& g : *groups) {
                auto gone = client_.send("DELETE", prefix_ + detail::group_path(g.at("labels").as_object()));
                if (!gone) return std::unexpected(gone.error());
            }
            // The Go Pushgateway deletes after it has answered.
            std::this_thread::sleep_for(std::chrono::milliseconds(attempt == 0 ? 0 : 5));
        }
        return fail(errc::unavailable, "the gateway keeps groups that were deleted");
    }

    /// The groups of `/api/v1/metrics`.
    result<boost::json::array> list() {
        auto const reply = client_.send("GET", prefix_ + "/api/v1/metrics");
        if (!reply) return std::unexpected(reply.error());
        boost::system::error_code ec;
        auto const parsed = boost::json::parse(reply->body, ec);
        auto const* object = parsed.if_object();
        auto const* data = object != nullptr ? object->if_contains("data") : nullptr;
        if (ec || reply->status != 200 || data == nullptr || !data->is_array()) {
            return fail(errc::syntax, "/api/v1/metrics answers " + std::to_string(reply->status) + ": " + reply->body);
        }
        return data->get_array();
    }

private:
    test::http_client client_;
    std::string prefix_;
};

}  // namespace pushgateway::spec
