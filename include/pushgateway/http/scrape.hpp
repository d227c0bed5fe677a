#pragma once

/// \file
/// The exposition over HTTP: made while it is sent, and compressed on the way if the client wants that.

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <pushgateway/format/gzip.hpp>
#include <pushgateway/gateway/scrape_pieces.hpp>
#include <pushgateway/http/message.hpp>
#include <pushgateway/http/negotiation.hpp>

namespace pushgateway::http {

/// A response body from anything whose `next(std::string&)` replaces the string by the next piece, and is false at the
/// end.
template <class Pieces>
class pieces_body final : public body_source {
public:
    explicit pieces_body(Pieces pieces) : pieces_(std::move(pieces)) {}
    bool next(std::string& out) override { return pieces_.next(out); }

private:
    Pieces pieces_;
};

/// Another body as one gzip member.
class gzip_body final : public body_source {
public:
    explicit gzip_body(std::unique_ptr<body_source> plain) : plain_(std::move(plain)) {}

    bool next(std::string& out) override {
        out.clear();
        while (out.empty() && plain_) {
            if (plain_->next(piece_)) {
                encoder_.append(piece_, out);
            } else {
                encoder_.finish(out);
                plain_.reset();
            }
        }
        return !out.empty();
    }

private:
    std::unique_ptr<body_source> plain_;
    format::gzip_encoder encoder_;
    std::string piece_;
};

/// Answers a scrape. `names`: only these families, all if there is none.
template <class Gateway>
[[nodiscard]] response scrape_answer(Gateway& gateway, request const& req, std::vector<std::string> names,
                                     scrape_scope scope = scrape_scope::everything) {
    auto const escaping = wanted_escaping(req.header("Accept"));
    auto pieces = gateway.scrape_pieces(std::move(names), scope, escaping);
    response out;
    out.set("Content-Type", exposition_content_type(escaping));
    out.stream = std::make_unique<pieces_body<decltype(pieces)>>(std::move(pieces));
    if (wants_gzip(req.header("Accept-Encoding"))) {
        out.set("Content-Encoding", "gzip");
        out.stream = std::make_unique<gzip_body>(std::move(out.stream));
    }
    out.set("Vary", "Accept, Accept-Encoding");
    return out;
}

}  // namespace pushgateway::http
