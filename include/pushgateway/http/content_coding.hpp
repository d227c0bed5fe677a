#pragma once

/// \file
/// The content codings of request and response bodies (RFC 9110 section 8.4.1), by name.

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <pushgateway/base/error.hpp>
#include <pushgateway/base/release.hpp>
#include <pushgateway/format/decoded_bound.hpp>
#include <pushgateway/format/gzip.hpp>
#include <pushgateway/format/snappy_framed.hpp>
#include <pushgateway/format/zstd.hpp>
#include <pushgateway/http/message.hpp>
#include <pushgateway/http/negotiation.hpp>

namespace pushgateway::http {

/// Unfolds a whole request body.
using body_decoder = result<std::string> (*)(std::string_view, format::decoded_bound const&);

/// What undoes a `Content-Encoding`, in any case of letters. Null for one that is not known, of which a list of several
/// is an example: such a body is to be read as it is.
[[nodiscard]] inline body_decoder find_decoder(std::string_view coding) noexcept {
    // RFC 9110 has x-gzip mean gzip.
    constexpr std::array<std::pair<std::string_view, body_decoder>, 4> known{{{"gzip", format::gunzip},
                                                                              {"snappy", format::decode_snappy},
                                                                              {"zstd", format::decode_zstd},
                                                                              {"x-gzip", format::gunzip}}};
    auto const found = std::ranges::find_if(known, [&](auto const& k) { return equal_ignoring_case(k.first, coding); });
    return found == known.end() ? nullptr : found->second;
}

/// Another body, folded piece by piece by an encoder like format::gzip_encoder.
template <class Encoder>
class encoded_body final : public body_source {
public:
    explicit encoded_body(std::unique_ptr<body_source> plain) : plain_(std::move(plain)) {}

    bool next(std::string& out) override {
        out.clear();
        if (!plain_) return false;
        // Of the thread, not of the body: many bodies may wait for their clients.
        thread_local std::string piece;
        released_if_large const afterwards(piece);
        // Not before its turn has come, for the same reason.
        if (!encoder_) encoder_.emplace();
        while (out.empty() && plain_) {
            if (plain_->next(piece)) {
                encoder_->append(piece, out);
            } else {
                encoder_->finish(out);
                encoder_.reset();
                plain_.reset();
            }
        }
        return !out.empty();
    }

private:
    std::unique_ptr<body_source> plain_;
    std::optional<Encoder> encoder_;
};

/// Folds the stream of a response as `Accept-Encoding` wants it, and says so in the response. What else `Vary` is to
/// name is the caller's affair.
inline void encode_stream(response& out, std::string_view accept_encoding) {
    switch (find_wanted_coding(accept_encoding)) {
        case response_coding::identity: return;
        case response_coding::gzip:
            out.stream = std::make_unique<encoded_body<format::gzip_encoder>>(std::move(out.stream));
            out.set("Content-Encoding", "gzip");
            return;
        case response_coding::zstd:
            out.stream = std::make_unique<encoded_body<format::zstd_encoder>>(std::move(out.stream));
            out.set("Content-Encoding", "zstd");
            return;
    }
}

}  // namespace pushgateway::http
