#pragma once

/// \file
/// What a client can take and what it sends: the fields `Accept`, `Accept-Encoding`, `Content-Encoding` and
/// `Content-Type` (RFC 9110 section 12.5 and 8.3).

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <pushgateway/base/name_escaping.hpp>
#include <pushgateway/base/number.hpp>
#include <pushgateway/http/message.hpp>

namespace pushgateway::http {

/// One element of a field like `Accept`: a token or media range, its weight, its other parameters.
struct preference {
    std::string_view value;
    double weight = 1;
    std::vector<std::pair<std::string_view, std::string_view>> parameters;

    /// The value of a parameter, without quotes, or an empty view.
    [[nodiscard]] std::string_view parameter(std::string_view name) const noexcept {
        for (auto const& [key, text] : parameters) {
            if (equal_ignoring_case(key, name)) return text;
        }
        return {};
    }
};

namespace detail {

inline std::string_view trimmed(std::string_view text) noexcept {
    auto const begin = text.find_first_not_of(" \t");
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

// Cuts at `separator`, but not inside a quoted string.
inline std::string_view take_until(std::string_view& rest, char separator) noexcept {
    bool quoted = false;
    std::size_t end = 0;
    for (; end != rest.size() && (quoted || rest[end] != separator); ++end) {
        if (rest[end] == '"') quoted = !quoted;
        if (quoted && rest[end] == '\\' && end + 1 != rest.size()) ++end;
    }
    auto const part = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    return trimmed(part);
}

inline std::string_view without_quotes(std::string_view text) noexcept {
    return text.size() > 1 && text.front() == '"' && text.back() == '"' ? text.substr(1, text.size() - 2) : text;
}

}  // namespace detail

/// Reads `value;name=text;q=0.5`. A weight that is no number from 0 to 1 counts as 0.
[[nodiscard]] inline preference parse_preference(std::string_view element) {
    preference out;
    out.value = detail::take_until(element, ';');
    while (!element.empty()) {
        auto parameter = detail::take_until(element, ';');
        auto const name = detail::take_until(parameter, '=');
        auto const text = detail::without_quotes(detail::trimmed(parameter));
        if (equal_ignoring_case(name, "q")) {
            if (!parse_float(text, out.weight) || !(out.weight >= 0 && out.weight <= 1)) out.weight = 0;
        } else if (!name.empty()) {
            out.parameters.emplace_back(name, text);
        }
    }
    return out;
}

/// All elements of a list field, the most wanted first; equal weights in the order sent.
[[nodiscard]] inline std::vector<preference> parse_preferences(std::string_view field) {
    std::vector<preference> out;
    while (!field.empty()) {
        auto const element = detail::take_until(field, ',');
        if (!element.empty()) out.push_back(parse_preference(element));
    }
    // The values point into the field, so their addresses tell the order sent.
    std::ranges::sort(out, [](preference const& a, preference const& b) {
        return a.weight != b.weight ? a.weight > b.weight : a.value.data() < b.value.data();
    });
    return out;
}

/// How a response body may be sent.
enum class response_coding : std::uint8_t { identity, gzip, zstd };

/// The names of the codings, by value.
inline constexpr std::array<std::string_view, 3> response_coding_names{"identity", "gzip", "zstd"};

/// The coding with the highest weight in `Accept-Encoding`, of equal ones the first named. A `*` stands for the first
/// coding, in the order of response_coding, that has no element of its own. identity if none is named, or none has a
/// weight above 0. `most`: the last on offer.
[[nodiscard]] inline response_coding find_wanted_coding(std::string_view accept_encoding,
                                                        response_coding most = response_coding::zstd) {
    auto const wishes = parse_preferences(accept_encoding);
    auto const offers = std::span(response_coding_names).first(static_cast<std::size_t>(most) + 1);
    auto const named = [](std::string_view name) {
        return [name](preference const& wish) { return equal_ignoring_case(wish.value, name); };
    };
    for (auto const& wish : wishes) {
        if (wish.weight == 0) break;
        auto const at = std::ranges::find_if(offers, [&](std::string_view offer) {
            if (wish.value == "*") return std::ranges::none_of(wishes, named(offer));
            return equal_ignoring_case(wish.value, offer);
        });
        if (at != offers.end()) return static_cast<response_coding>(at - offers.begin());
    }
    return response_coding::identity;
}

/// The same for responses that there are in gzip only: true if that is wanted.
[[nodiscard]] inline bool wants_gzip(std::string_view accept_encoding) {
    return find_wanted_coding(accept_encoding, response_coding::gzip) == response_coding::gzip;
}

/// The formats of an exposition.
enum class exposition_format : std::uint8_t {
    text,              ///< the text format 0.0.4
    openmetrics,       ///< OpenMetrics 1.0
    openmetrics_0,     ///< the same under the version 0.0.1
    protobuf,          ///< messages, each behind its length
    protobuf_text,     ///< the text form of messages
    protobuf_compact,  ///< the same, one line a message
};

/// Whether a scraper that asks for OpenMetrics gets it. The Go Pushgateway does not offer it, and a counter whose name
/// does not end in `_total` is of an unknown type there.
enum class openmetrics_offer : bool { off, on };

/// What a scraper wants to get.
struct wanted_exposition {
    exposition_format format = exposition_format::text;
    name_escaping escaping = name_escaping::underscores;  ///< of names beyond the legacy set
    friend bool operator==(wanted_exposition const&, wanted_exposition const&) = default;
};

namespace detail {

/// The format that an element of `Accept` asks for, if there is one on offer. A `*` asks for nothing.
[[nodiscard]] inline std::optional<exposition_format> format_of(preference const& range,
                                                                openmetrics_offer openmetrics) {
    auto const version = range.parameter("version");
    if (equal_ignoring_case(range.value, "text/plain") && (version.empty() || version == "0.0.4")) {
        return exposition_format::text;
    }
    if (equal_ignoring_case(range.value, "application/openmetrics-text")) {
        if (openmetrics == openmetrics_offer::off) return std::nullopt;
        if (version == "1.0.0") return exposition_format::openmetrics;
        return version.empty() || version == "0.0.1" ? std::optional(exposition_format::openmetrics_0) : std::nullopt;
    }
    if (!equal_ignoring_case(range.value, "application/vnd.google.protobuf") ||
        range.parameter("proto") != "io.prometheus.client.MetricFamily") {
        return std::nullopt;
    }
    auto const encoding = range.parameter("encoding");
    if (encoding == "delimited") return exposition_format::protobuf;
    if (encoding == "text") return exposition_format::protobuf_text;
    if (encoding == "compact-text") return exposition_format::protobuf_compact;
    return std::nullopt;
}

}  // namespace detail

/// What `Accept` wants: the format of the heaviest element that names one on offer, the text format if none does. The
/// way names are written is that of the `escaping=` which comes last up to there.
[[nodiscard]] inline wanted_exposition find_wanted_exposition(std::string_view accept, openmetrics_offer openmetrics) {
    wanted_exposition wanted;
    for (auto const& range : parse_preferences(accept)) {
        if (auto const escaping = parse_escaping(range.parameter("escaping"))) wanted.escaping = *escaping;
        if (range.weight == 0) continue;
        if (auto const format = detail::format_of(range, openmetrics)) {
            wanted.format = *format;
            break;
        }
    }
    return wanted;
}

/// The Content-Type of an exposition.
[[nodiscard]] inline std::string exposition_content_type(wanted_exposition const& wanted) {
    std::string out;
    switch (wanted.format) {
        case exposition_format::text: out = "text/plain; version=0.0.4; charset=utf-8"; break;
        case exposition_format::openmetrics: out = "application/openmetrics-text; version=1.0.0; charset=utf-8"; break;
        case exposition_format::openmetrics_0:
            out = "application/openmetrics-text; version=0.0.1; charset=utf-8";
            break;
        case exposition_format::protobuf:
        case exposition_format::protobuf_text:
        case exposition_format::protobuf_compact:
            out = "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=";
            out += wanted.format == exposition_format::protobuf        ? "delimited"
                   : wanted.format == exposition_format::protobuf_text ? "text"
                                                                       : "compact-text";
            break;
    }
    out += "; escaping=";
    out += escaping_word(wanted.escaping);
    return out;
}

/// True for the Content-Type of a push as length-delimited protobuf messages.
[[nodiscard]] inline bool is_delimited_protobuf(std::string_view content_type) {
    auto const type = parse_preference(content_type);
    return equal_ignoring_case(type.value, "application/vnd.google.protobuf") &&
           type.parameter("encoding") == "delimited" && type.parameter("proto") == "io.prometheus.client.MetricFamily";
}

/// True for the Content-Type of a push in OpenMetrics.
[[nodiscard]] inline bool is_openmetrics(std::string_view content_type) {
    return equal_ignoring_case(parse_preference(content_type).value, "application/openmetrics-text");
}

}  // namespace pushgateway::http
