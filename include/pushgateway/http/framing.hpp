#pragma once

/// \file
/// What the fields of a request say about its body and its connection (RFC 9112, sections 3.2, 6 and 9.3), read
/// strictly: whatever two servers could read differently is refused.

#include <charconv>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include <pushgateway/base/limits.hpp>
#include <pushgateway/http/head_grammar.hpp>
#include <pushgateway/http/message.hpp>

namespace pushgateway::http {

/// A request that the protocol layer answers itself: the status, and the cause in words.
struct refusal {
    int status = 400;
    std::string text;
    std::optional<limit_kind> limit = std::nullopt;  ///< the limit that was exceeded, if it was one

    friend bool operator==(refusal const&, refusal const&) = default;
};

/// How the body of a request is delimited and what becomes of the connection.
struct framing {
    bool chunked = false;
    std::uint64_t length = 0;  ///< bytes of the body unless chunked
    bool keep_alive = true;
    bool expects_continue = false;
};

namespace detail {

/// Calls `f` with every element of a comma-separated list, less the blanks around it; stops when `f` returns false.
template <class F>
void for_each_element(std::string_view list, F&& f) {
    for (;;) {
        auto const comma = list.find(',');
        auto element = list.substr(0, comma);
        while (!element.empty() && head::is(element.front(), head::blank)) element.remove_prefix(1);
        if (!f(head::trim_end(element)) || comma == std::string_view::npos) return;
        list.remove_prefix(comma + 1);
    }
}

inline std::unexpected<refusal> refuse(int status, std::string text) {
    return std::unexpected(refusal{status, std::move(text)});
}

/// The refusal of what exceeds a limit, which is named behind the sentence.
inline refusal exceeding(int status, limit_kind limit, std::string_view sentence) {
    return {status, naming(sentence, limit), limit};
}

/// The refusal of a body that is larger than it may be.
inline refusal too_large_body(limits const& bounds) {
    return exceeding(413, limit_kind::body, "the body is larger than " + std::to_string(bounds.body) + " bytes");
}

/// The refusal of a request for which there is not enough memory at the moment.
inline refusal out_of_memory(limits const& bounds) {
    auto text =
        "there is not enough memory for this request" +
        (bounds.memory == 0 ? std::string() : ": the process may take " + std::to_string(bounds.memory) + " bytes");
    return exceeding(503, limit_kind::memory, text);
}

/// Reads one Transfer-Encoding field; `chunked` says whether an earlier one ended in it. Null if fine.
inline refusal read_transfer_encoding(std::string_view value, bool& chunked) {
    refusal wrong{0, {}};
    for_each_element(value, [&](std::string_view coding) {
        if (chunked) {
            wrong = {400, "chunked must be the last transfer coding, and stand there once"};
        } else if (equal_ignoring_case(coding, "chunked")) {
            chunked = true;
        } else if (is_token(coding.substr(0, coding.find_first_of("; \t"))) &&
                   !equal_ignoring_case(coding.substr(0, 7), "chunked")) {
            wrong = {501, "transfer coding \"" + std::string(coding) + "\" is not supported"};
        } else {
            wrong = {400, "Transfer-Encoding is malformed"};
        }
        return wrong.status == 0;
    });
    return wrong;
}

}  // namespace detail

/// Decides the framing of a request whose head is complete. A refusal means that nothing after the head may be read
/// as a request.
[[nodiscard]] inline std::expected<framing, refusal> decide_framing(request const& r, limits const& bounds) {
    using detail::refuse;
    framing out;
    int hosts = 0;
    bool coded = false;
    bool measured = false;
    bool close = false;
    bool keep = false;
    bool expects = false;
    for (auto const& [name, value] : r.fields) {
        switch (name.size()) {
            case 4:
                if (!equal_ignoring_case(name, "Host")) break;
                if (++hosts > 1) return refuse(400, "Host is given twice");
                if (!valid_host(value)) return refuse(400, "Host is malformed");
                break;
            case 6:
                if (!equal_ignoring_case(name, "Expect")) break;
                if (!equal_ignoring_case(value, "100-continue")) {
                    return refuse(417, "the only expectation that can be met is 100-continue");
                }
                expects = true;
                break;
            case 10:
                if (!equal_ignoring_case(name, "Connection")) break;
                detail::for_each_element(value, [&](std::string_view option) {
                    close = close || equal_ignoring_case(option, "close");
                    keep = keep || equal_ignoring_case(option, "keep-alive");
                    return true;
                });
                break;
            case 14: {
                if (!equal_ignoring_case(name, "Content-Length")) break;
                if (measured) return refuse(400, "Content-Length is given twice");
                measured = true;
                auto const [end, ec] = std::from_chars(value.data(), value.data() + value.size(), out.length);
                if (value.empty() || end != value.data() + value.size() || ec == std::errc::invalid_argument) {
                    return refuse(400, "Content-Length is not a number");
                }
                if (ec != std::errc{}) out.length = UINT64_MAX;
                break;
            }
            case 17:
                if (!equal_ignoring_case(name, "Transfer-Encoding")) break;
                coded = true;
                if (auto wrong = detail::read_transfer_encoding(value, out.chunked); wrong.status != 0) {
                    return std::unexpected(std::move(wrong));
                }
                break;
            default: break;
        }
    }
    if (hosts == 0 && r.minor_version != 0) return refuse(400, "Host is missing");
    if (coded && r.minor_version == 0) return refuse(400, "Transfer-Encoding does not exist in HTTP/1.0");
    if (coded && measured) return refuse(400, "Content-Length and Transfer-Encoding exclude each other");
    if (out.length > bounds.body) return std::unexpected(detail::too_large_body(bounds));
    out.keep_alive = !close && (r.minor_version != 0 || keep);
    out.expects_continue = expects && r.minor_version != 0 && (out.chunked || out.length != 0);
    return out;
}

}  // namespace pushgateway::http
