#pragma once

/// \file
/// Pushes and deletions over HTTP.

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <new>
#include <string>
#include <string_view>
#include <utility>

#include <pushgateway/base/error.hpp>
#include <pushgateway/base/limits.hpp>
#include <pushgateway/base/memory_budget.hpp>
#include <pushgateway/base/names.hpp>
#include <pushgateway/format/decoded_bound.hpp>
#include <pushgateway/format/decoded_families.hpp>
#include <pushgateway/format/openmetrics/parse.hpp>
#include <pushgateway/format/parsed_exposition.hpp>
#include <pushgateway/format/protobuf/parse.hpp>
#include <pushgateway/format/text/lenient.hpp>
#include <pushgateway/format/text/parse.hpp>
#include <pushgateway/http/answers.hpp>
#include <pushgateway/http/content_coding.hpp>
#include <pushgateway/http/framing.hpp>
#include <pushgateway/http/message.hpp>
#include <pushgateway/http/negotiation.hpp>
#include <pushgateway/http/path.hpp>
#include <pushgateway/http/push_hints.hpp>
#include <pushgateway/model/grouping_key.hpp>
#include <pushgateway/store/change.hpp>

namespace pushgateway::http {

/// What became of a push: the answer, and the reason if it was refused.
struct push_outcome {
    response answer;
    error failure;  ///< without a message if there was none
};

namespace detail {

/// Counts a failure that is due to a limit.
template <class Gateway>
error counted(Gateway& gateway, error why) {
    if (why.limit) gateway.usage()->count_rejection(*why.limit);
    return why;
}

template <class Gateway>
result<> push_text(Gateway& gateway, model::grouping_key const& key, push_mode mode, std::string_view body,
                   limits const&) {
    return gateway.push(key, mode, body);
}

/// Pushes what `parse(body, families)` reads.
template <class Gateway, class Parse>
result<> push_decoded(Gateway& gateway, model::grouping_key const& key, push_mode mode, std::string_view body,
                      Parse&& parse) {
    auto const push = [&](format::decoded_families& families) -> result<> {
        auto const read = parse(body, families);
        if (!read) return std::unexpected(counted(gateway, read.error()));
        return gateway.push(key, mode, families);
    };
    // One per thread, so that neither a lock nor an allocation stands between a body and its families; but a huge body
    // once must not cost its memory for ever.
    constexpr std::size_t kept_body = 256 * 1024;
    static thread_local format::decoded_families scratch;
    if (body.size() <= kept_body) return push(scratch);
    format::decoded_families families;
    return push(families);
}

template <class Gateway>
result<> push_protobuf(Gateway& gateway, model::grouping_key const& key, push_mode mode, std::string_view body,
                       limits const& bounds) {
    return push_decoded(gateway, key, mode, body, [&](std::string_view from, format::decoded_families& to) {
        auto read = format::protobuf::parse(
            from, {bounds.labels_per_sample, bounds.families_per_push, bounds.series_per_push}, to);
        if (read || read.error().code != errc::syntax) return read;
        return result<>(std::unexpected(remarked(std::move(read.error()), remark_on_protobuf(from))));
    });
}

/// True if a body that is no OpenMetrics could be read as text. Not asked of a large one.
[[nodiscard]] inline bool is_text(std::string_view body, format::text::parse_options const& options) {
    constexpr std::size_t largest = std::size_t{1} << 20;
    format::parsed_exposition parsed;
    return body.size() <= largest && format::text::parse(body, options, parsed).has_value();
}

template <class Gateway>
result<> push_openmetrics(Gateway& gateway, model::grouping_key const& key, push_mode mode, std::string_view body,
                          limits const& bounds) {
    std::string room;
    if (gateway.lenient()) body = format::text::mended(body, room);
    return push_decoded(gateway, key, mode, body, [&](std::string_view from, format::decoded_families& to) {
        bool const utf8 = gateway.names() == name_scheme::utf8;
        format::exposition_bounds const most{bounds.labels_per_sample, bounds.families_per_push,
                                             bounds.series_per_push};
        // Go's client leaves the last line out, and HTTP knows where a body ends.
        auto read = format::openmetrics::parse(from, {utf8, false, most}, to);
        if (read || read.error().code != errc::syntax || !is_text(from, {.utf8_names = utf8, .bounds = most}))
            return read;
        return result<>(std::unexpected(
            remarked(std::move(read.error()),
                     "the text format takes this body: send it with the Content-Type text/plain; version=0.0.4")));
    });
}

/// The function that reads bodies of this Content-Type.
template <class Gateway>
auto pusher_for(std::string_view content_type) {
    if (is_delimited_protobuf(content_type)) return push_protobuf<Gateway>;
    return is_openmetrics(content_type) ? push_openmetrics<Gateway> : push_text<Gateway>;
}

template <class Gateway>
result<> push_request(Gateway& gateway, request const& req, push_path const& path, limits const& bounds) {
    auto const key = read_grouping_key(path, bounds.grouping_labels, gateway.names());
    if (!key) return std::unexpected(counted(gateway, key.error()));
    auto const mode = req.method == "PUT" ? push_mode::replace : push_mode::update;
    auto const push = pusher_for<Gateway>(req.header("Content-Type"));
    auto const decode = find_decoder(req.header("Content-Encoding"));
    if (decode == nullptr) return push(gateway, *key, mode, req.body, bounds);
    // Until the push is done.
    format::decode_budget budget(*gateway.usage());
    auto const body = decode(req.body, format::decoded_bound::of(req.body.size(), bounds, &budget));
    if (!body) return std::unexpected(counted(gateway, remarked(body.error(), remark_on_coded(req.body))));
    return push(gateway, *key, mode, *body, bounds);
}

}  // namespace detail

/// What a push that ended so is answered. Success is 200 with an empty body. A gateway that does not check for
/// consistency promises nothing: it answers 202, also if the metrics are none that it could keep.
[[nodiscard]] inline push_outcome outcome_of(result<> pushed, bool checks_consistency) {
    int const accepted = checks_consistency ? 200 : 202;
    if (pushed) return {response(accepted, {}), {}};
    bool const promised = accepted == 200 || pushed.error().code != errc::inconsistent;
    return {promised ? error_answer(pushed.error()) : response(accepted, {}), std::move(pushed.error())};
}

/// Carries out `PUT` or `POST` of a push path.
template <class Gateway>
[[nodiscard]] push_outcome push_body(Gateway& gateway, request const& req, push_path const& path,
                                     limits const& bounds) {
    auto const pushed = [&]() -> result<> {
        memory::bounded const scope(memory_budget{bounds.memory}.requests(req.body.size()));
        try {
            return detail::push_request(gateway, req, path, bounds);
        } catch (std::bad_alloc const&) {
            auto why = detail::out_of_memory(bounds);
            return std::unexpected(
                detail::counted(gateway, error{errc::unavailable, std::move(why.text), 0, 0, {}, why.limit}));
        }
    };
    return outcome_of(pushed(), gateway.checks_consistency());
}

/// Carries out `DELETE` of a push path: 202, whether there was such a group or not. A body is ignored.
template <class Gateway>
[[nodiscard]] response erase_group(Gateway& gateway, push_path const& path, limits const& bounds) {
    auto const key = read_grouping_key(path, bounds.grouping_labels, gateway.names());
    if (!key) return error_answer(detail::counted(gateway, key.error()));
    gateway.erase(*key);
    return {202, {}};
}

/// The size of a request as the original measures it: target, method, version, fields and the length of the body, if it
/// was announced.
[[nodiscard]] inline std::size_t approximate_size(request const& req) {
    std::size_t size = req.target.size() + req.method.size() + std::string_view("HTTP/1.1").size();
    for (auto const& f : req.fields) {
        size += f.value.size();
        if (!equal_ignoring_case(f.name, "Host")) size += f.name.size();
        if (equal_ignoring_case(f.name, "Content-Length")) size += req.body.size();
    }
    return size;
}

}  // namespace pushgateway::http
