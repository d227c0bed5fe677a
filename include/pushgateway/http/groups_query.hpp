#pragma once

/// \file
/// The query of `/api/v1/groups`: parameters, and cursors as they travel in URLs.

#include <bit>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <pushgateway/base/base64url.hpp>
#include <pushgateway/base/duration.hpp>
#include <pushgateway/base/error.hpp>
#include <pushgateway/base/names.hpp>
#include <pushgateway/base/quote.hpp>
#include <pushgateway/gateway/group_query.hpp>
#include <pushgateway/http/path.hpp>
#include <pushgateway/http/push_target.hpp>

namespace pushgateway::http {

/// How many groups, families or samples an answer of `/api/v1/groups` has at most.
inline constexpr std::size_t longest_list = 1000;
inline constexpr std::size_t most_selectors = 16;

namespace detail {

/// The only value of a parameter. Nothing if it is not there; a failure if it is there twice.
inline result<std::optional<std::string>> one_value(std::string_view query, std::string_view name) {
    auto values = query_values(query, name);
    if (values.size() > 1) return fail(errc::invalid, "the parameter " + std::string(name) + " is given twice");
    if (values.empty()) return std::nullopt;
    return std::move(values.front());
}

/// A whole number from `least` to `most`, or `otherwise` if it is not given.
inline result<std::size_t> number_value(std::string_view query, std::string_view name, std::size_t least,
                                        std::size_t most, std::size_t otherwise) {
    auto const text = one_value(query, name);
    if (!text) return std::unexpected(text.error());
    if (!*text) return otherwise;
    std::size_t value = 0;
    auto const* const end = (*text)->data() + (*text)->size();
    auto const read = std::from_chars((*text)->data(), end, value);
    if (read.ec != std::errc() || read.ptr != end || value < least || value > most) {
        return fail(errc::invalid, "the parameter " + std::string(name) + " is " + in_quotes(**text) +
                                       ", not a number from " + std::to_string(least) + " to " + std::to_string(most));
    }
    return value;
}

/// One of some words.
template <class T, std::size_t N>
result<T> word_value(std::string_view name, std::string_view text, std::pair<std::string_view, T> const (&words)[N]) {
    std::string known;
    for (auto const& [word, value] : words) {
        if (text == word) return value;
        known += known.empty() ? "" : ", ";
        known += word;
    }
    return fail(errc::invalid,
                "the parameter " + std::string(name) + " is " + in_quotes(text) + ", not one of " + known);
}

inline constexpr std::pair<std::string_view, group_order> order_words[] = {{"job", group_order::job},
                                                                           {"pushed", group_order::pushed},
                                                                           {"failed", group_order::failed},
                                                                           {"series", group_order::series}};
inline constexpr std::pair<std::string_view, group_condition> condition_words[] = {{"any", group_condition::any},
                                                                                   {"ok", group_condition::ok},
                                                                                   {"failed", group_condition::failed},
                                                                                   {"stale", group_condition::stale}};

}  // namespace detail

/// A place in a list of this order as text for a URL.
[[nodiscard]] inline std::string encode_cursor(group_row const& row, group_order order, bool descending) {
    std::string text(1, static_cast<char>('a' + 2 * static_cast<int>(order) + (descending ? 1 : 0)));
    char digits[17];
    auto const bits = std::bit_cast<std::uint64_t>(number_of(row, order));
    text.append(digits, std::to_chars(digits, digits + sizeof digits, bits, 16).ptr);
    // A push path tells a grouping key, and is read already.
    return encode_base64url(text + push_target(row.labels()));
}

/// Fails with errc::invalid for what is no cursor, or one of another order.
[[nodiscard]] inline result<group_place> decode_cursor(std::string_view cursor, group_order order, bool descending) {
    auto const refuse = [] { return fail(errc::invalid, "the cursor is none that this list gave"); };
    auto const text = decode_base64url(cursor);
    if (!text || text->empty()) return refuse();
    if ((*text)[0] != static_cast<char>('a' + 2 * static_cast<int>(order) + (descending ? 1 : 0))) return refuse();
    std::uint64_t bits = 0;
    auto const* const end = text->data() + text->size();
    auto const read = std::from_chars(text->data() + 1, end, bits, 16);
    if (read.ec != std::errc()) return refuse();
    auto const path = decode_percent(std::string_view(read.ptr, end));
    if (!path) return refuse();
    auto const parts = split_push_path(*path);
    if (!parts) return refuse();
    auto key = read_grouping_key(*parts, SIZE_MAX, name_scheme::utf8);
    if (!key) return refuse();
    return group_place{std::bit_cast<double>(bits), *std::move(key)};
}

/// Reads the query of `GET /api/v1/groups`. Fails with errc::invalid.
[[nodiscard]] inline result<group_query> read_group_query(std::string_view query) {
    group_query out;
    for (auto const& text : query_values(query, "match[]")) {
        if (out.selectors.size() == most_selectors) {
            return fail(errc::invalid, "there are more than " + std::to_string(most_selectors) + " selectors");
        }
        auto selector = group_selector::parse(text);
        if (!selector) return std::unexpected(selector.error());
        out.selectors.push_back(*std::move(selector));
    }
    for (std::string_view const name : {"search", "condition", "stale_after", "sort"}) {
        auto const value = detail::one_value(query, name);
        if (!value) return std::unexpected(value.error());
        if (!*value) continue;
        std::string_view text = **value;
        if (name == "search") {
            auto words = text_search::parse(text);
            if (!words) return std::unexpected(words.error());
            out.search = *std::move(words);
        } else if (name == "condition") {
            auto const condition = detail::word_value(name, text, detail::condition_words);
            if (!condition) return std::unexpected(condition.error());
            out.condition = *condition;
        } else if (name == "stale_after") {
            auto const duration = parse_duration(text);
            if (!duration) return std::unexpected(duration.error());
            if (duration->count() <= 0) return fail(errc::invalid, "the parameter stale_after must be above 0");
            out.stale_after = *duration;
        } else {
            out.descending = text.starts_with('-');
            if (out.descending) text.remove_prefix(1);
            auto const order = detail::word_value(name, text, detail::order_words);
            if (!order) return std::unexpected(order.error());
            out.order = *order;
        }
    }
    auto const limit = detail::number_value(query, "limit", 0, longest_list, out.limit);
    if (!limit) return std::unexpected(limit.error());
    out.limit = *limit;
    auto const offset = detail::number_value(query, "offset", 0, SIZE_MAX, 0);
    if (!offset) return std::unexpected(offset.error());
    out.offset = *offset;
    auto const cursor = detail::one_value(query, "cursor");
    if (!cursor) return std::unexpected(cursor.error());
    if (*cursor && !(*cursor)->empty()) {
        auto place = decode_cursor(**cursor, out.order, out.descending);
        if (!place) return std::unexpected(place.error());
        out.after = *std::move(place);
    }
    return out;
}

}  // namespace pushgateway::http
