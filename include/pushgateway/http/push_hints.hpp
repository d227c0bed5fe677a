#pragma once

/// \file
/// What a failed push may owe to its fields, or to a body of another kind than they say: a sentence behind the error.

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

#include <pushgateway/base/error.hpp>
#include <pushgateway/base/quote.hpp>
#include <pushgateway/format/foreign_body.hpp>
#include <pushgateway/http/content_coding.hpp>
#include <pushgateway/http/message.hpp>
#include <pushgateway/http/negotiation.hpp>
#include <pushgateway/http/remote_write.hpp>

namespace pushgateway::http {

namespace detail {

/// True for a body that begins like lines of metrics.
[[nodiscard]] inline bool begins_like_text(std::string_view body) noexcept {
    constexpr std::size_t enough = 64;
    auto const start = body.substr(0, enough);
    return start.size() > 1 && std::ranges::all_of(start, [](char c) {
               return (c >= ' ' && c != '\x7f') || c == '\n' || c == '\t' || c == '\r';
           });
}

/// `why` with a remark behind it, if there is one.
[[nodiscard]] inline error remarked(error why, std::string_view remark) {
    if (!remark.empty()) {
        why.message += " (";
        why.message += remark;
        why.message += ')';
    }
    return why;
}

/// On a body that its Content-Type says is protobuf.
[[nodiscard]] inline std::string_view remark_on_protobuf(std::string_view body) noexcept {
    if (format::is_family_message(body)) return format::undelimited_protobuf;
    if (format::is_delimited_message(body)) return {};
    if (auto const foreign = format::foreign_body(body); !foreign.empty()) return foreign;
    return begins_like_text(body) ? "the body is text: send it with the Content-Type text/plain; version=0.0.4" : "";
}

/// On a body that its Content-Encoding says is compressed.
[[nodiscard]] inline std::string_view remark_on_coded(std::string_view body) noexcept {
    return begins_like_text(body) ? "the body is not compressed: leave Content-Encoding out" : "";
}

}  // namespace detail

/// What the fields of a push that could not be read have to do with that; empty if nothing.
[[nodiscard]] inline std::string remark_on_fields(request const& req, error const& why) {
    if (why.code != errc::syntax && why.code != errc::invalid) return {};
    if (has_remote_write_body(req)) {
        return "this looks like Prometheus' remote write, which a push gateway does not receive: send it to a server "
               "that does, and let Prometheus scrape this one";
    }
    if (why.code != errc::syntax) return {};
    auto const coding = req.header("Content-Encoding");
    if (coding.find(',') != std::string_view::npos) {
        return "the Content-Encoding " + in_short_quotes(coding) +
               " names several codings, so the body was read as it is: send it in one of gzip, zstd and snappy, and "
               "name that alone";
    }
    if (!coding.empty() && !equal_ignoring_case(coding, "identity") && find_decoder(coding) == nullptr) {
        return "the Content-Encoding " + in_short_quotes(coding) +
               " is not known here, so the body was read as it is: gzip, zstd and snappy are known, one at a time";
    }
    auto const type = req.header("Content-Type");
    if (equal_ignoring_case(parse_preference(type).value, "application/vnd.google.protobuf") &&
        !is_delimited_protobuf(type)) {
        return "the Content-Type of protobuf is \"application/vnd.google.protobuf; "
               "proto=io.prometheus.client.MetricFamily; encoding=delimited\"";
    }
    return {};
}

}  // namespace pushgateway::http
