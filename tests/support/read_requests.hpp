#pragma once

/// \file
/// What the request parser makes of bytes that arrive in pieces, and what must hold for every cut: for the tests and
/// for the fuzzer.

#include <cstddef>
#include <optional>
#include <ostream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include <pushgateway/base/limits.hpp>
#include <pushgateway/http/request_parser.hpp>

namespace pushgateway::test {

/// What is compared of a request.
struct seen_request {
    std::string method;
    std::string target;
    std::string body;
    bool keep_alive = true;

    friend bool operator==(seen_request const&, seen_request const&) = default;
    friend std::ostream& operator<<(std::ostream& out, seen_request const& r) {
        return out << r.method << ' ' << r.target << " [" << r.body << "] keep-alive: " << r.keep_alive;
    }
};

/// All that is read from a stream of bytes.
struct read_outcome {
    std::vector<seen_request> requests;
    std::optional<http::refusal> refused;
    bool idle = true;  ///< nothing of a further request was read

    friend bool operator==(read_outcome const&, read_outcome const&) = default;
    friend std::ostream& operator<<(std::ostream& out, read_outcome const& o) {
        for (auto const& r : o.requests) out << r << '\n';
        if (o.refused) out << o.refused->status << ' ' << o.refused->text << '\n';
        return out << "idle: " << o.idle;
    }
};

/// Reads what arrives in the given pieces, as a server with pipelining does.
inline read_outcome read_pieces(std::vector<std::string_view> const& pieces, limits const& bounds = {}) {
    http::request_parser parser(bounds);
    read_outcome out;
    for (auto piece : pieces) {
        while (!piece.empty() && !parser.failed()) {
            // A copy of exactly that size: the sanitizer sees a read beyond it.
            std::vector<char> const exact(piece.begin(), piece.end());
            piece.remove_prefix(parser.feed({exact.data(), exact.size()}));
            if (!parser.complete()) continue;
            auto const& r = parser.message();
            out.requests.push_back({r.method, r.target, r.body, parser.keep_alive()});
            parser.next();
        }
    }
    if (parser.failed()) out.refused = parser.failure();
    out.idle = parser.idle();
    return out;
}

/// Empty, or what is wrong: `bytes` read at once, one by one, and cut into pieces of `stride` bytes give the same
/// requests and the same refusal, and nothing is read after a refusal.
inline std::string broken_request_law(std::string_view bytes, std::size_t stride, limits const& bounds) {
    auto const whole = read_pieces({bytes}, bounds);
    for (std::size_t const size : {std::size_t{1}, stride + 1}) {
        std::vector<std::string_view> pieces;
        for (std::size_t at = 0; at < bytes.size(); at += size) pieces.push_back(bytes.substr(at, size));
        if (auto const cut = read_pieces(pieces, bounds); cut != whole) {
            std::ostringstream out;
            out << "at once:\n" << whole << "\nin pieces of " << size << ":\n" << cut;
            return out.str();
        }
    }
    if (whole.refused) {
        if (whole.refused->status < 400 || whole.refused->text.empty()) return "a refusal without a status or a cause";
        if (read_pieces({bytes, "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"}, bounds) != whole) {
            return "something is read after a refusal";
        }
    }
    return {};
}

}  // namespace pushgateway::test
