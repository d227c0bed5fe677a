#pragma once

/// \file
/// The exposition over HTTP: made while it is sent, and compressed on the way if the client wants that.

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <pushgateway/format/protobuf/write.hpp>
#include <pushgateway/format/protobuf/write_text.hpp>
#include <pushgateway/gateway/scrape_pieces.hpp>
#include <pushgateway/http/content_coding.hpp>
#include <pushgateway/http/message.hpp>
#include <pushgateway/http/negotiation.hpp>
#include <pushgateway/model/metric.hpp>
#include <pushgateway/model/metric_family.hpp>

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

namespace detail {

/// A family as a message behind its length.
struct delimited_writer {
    static constexpr bool needs_size = true;
    static void begin(std::string& out, std::size_t size) { format::protobuf::append_length(out, size); }
    static void header(std::string& out, std::string_view name, std::optional<std::string_view> help,
                       model::metric_type type, std::string_view unit) {
        format::protobuf::append_header(out, name, help, type, unit);
    }
    static void metric(std::string& out, model::metric const& metric) { format::protobuf::append_metric(out, metric); }
    static void end(std::string&) {}
};

/// A family as the text form of a message.
struct message_text_writer {
    static constexpr bool needs_size = false;
    format::protobuf::text_layout layout;

    static void begin(std::string&, std::size_t) {}
    void header(std::string& out, std::string_view name, std::optional<std::string_view> help, model::metric_type type,
                std::string_view unit) const {
        format::protobuf::append_header(out, layout, name, help, type, unit);
    }
    void metric(std::string& out, model::metric const& metric) const {
        format::protobuf::append_metric(out, layout, metric);
    }
    static void end(std::string& out) { out += '\n'; }
};

template <class Pieces>
std::unique_ptr<body_source> body_of(Pieces pieces) {
    return std::make_unique<pieces_body<Pieces>>(std::move(pieces));
}

template <class Gateway>
std::unique_ptr<body_source> exposition_body(Gateway& gateway, wanted_exposition const& wanted,
                                             std::vector<std::string> names, scrape_scope scope) {
    using format::protobuf::text_layout;
    auto const message_text = [&](text_layout layout) {
        return body_of(gateway.metric_pieces(std::move(names), scope, wanted.escaping, message_text_writer{layout}));
    };
    switch (wanted.format) {
        case exposition_format::protobuf:
            return body_of(gateway.metric_pieces(std::move(names), scope, wanted.escaping, delimited_writer{}));
        case exposition_format::protobuf_text: return message_text(text_layout::lines);
        case exposition_format::protobuf_compact: return message_text(text_layout::compact);
        case exposition_format::text:
        case exposition_format::openmetrics:
        case exposition_format::openmetrics_0: break;
    }
    auto const lines = wanted.format == exposition_format::text ? line_format::text : line_format::openmetrics;
    return body_of(gateway.scrape_pieces(std::move(names), scope, wanted.escaping, lines));
}

}  // namespace detail

/// Answers a scrape in the format that `Accept` wants. `names`: only these families, all if there is none.
/// `openmetrics`: whether that format is on offer.
template <class Gateway>
[[nodiscard]] response scrape_answer(Gateway& gateway, request const& req, std::vector<std::string> names,
                                     openmetrics_offer openmetrics, scrape_scope scope = scrape_scope::everything) {
    auto const wanted = find_wanted_exposition(req.header("Accept"), openmetrics);
    response out;
    out.set("Content-Type", exposition_content_type(wanted));
    out.stream = detail::exposition_body(gateway, wanted, std::move(names), scope);
    encode_stream(out, req.header("Accept-Encoding"));
    out.set("Vary", "Accept, Accept-Encoding");
    return out;
}

}  // namespace pushgateway::http
