#pragma once

/// \file
/// Families as text that shows every bit of them: to compare two sources, and to see where they differ.

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include <pushgateway/format/family_source.hpp>
#include <pushgateway/model/metric_family.hpp>

namespace pushgateway::test {

namespace detail {

inline std::string hex(std::uint64_t bits) {
    std::array<char, 16> digits;
    for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit, bits >>= 4)
        *digit = "0123456789abcdef"[bits & 15];
    return {digits.data(), digits.size()};
}

/// Appends what is plain in one piece: much is shown by tests without optimization and with every access checked.
inline std::string show(std::string_view text) {
    std::string shown = "'";
    char const* plain = text.data();
    char const* const end = plain + text.size();
    for (char const* at = plain; at != end; ++at) {
        auto const byte = static_cast<unsigned char>(*at);
        if (byte >= 0x20 && byte < 0x7f && byte != '\'' && byte != '\\') continue;
        shown.append(plain, at);
        shown += "\\x";
        shown += hex(byte).substr(14);
        plain = at + 1;
    }
    shown.append(plain, end);
    shown += '\'';
    return shown;
}

/// All NaN are one.
inline std::string show(double value) { return std::isnan(value) ? "nan" : hex(std::bit_cast<std::uint64_t>(value)); }
inline std::string show(std::uint64_t value) { return std::to_string(value); }

inline std::string show(model::counter const& v) { return "counter " + show(v.value); }
inline std::string show(model::gauge const& v) { return "gauge " + show(v.value); }
inline std::string show(model::untyped const& v) { return "untyped " + show(v.value); }

inline std::string show(model::summary const& v) {
    std::string shown = "summary " + show(v.count) + ' ' + show(v.sum);
    for (auto const& q : v.quantiles) shown += ' ' + show(q.rank) + ':' + show(q.value);
    return shown;
}

template <class Count>
std::string show(model::basic_histogram<Count> const& v) {
    std::string shown =
        (std::is_same_v<Count, double> ? "float histogram " : "histogram ") + show(v.count) + ' ' + show(v.sum);
    for (auto const& b : v.buckets) shown += ' ' + show(b.upper_bound) + ':' + show(b.count);
    if (v.native == nullptr) return shown;
    shown += " native " + std::to_string(v.native->schema) + ' ' + show(v.native->zero_threshold) + ' ' +
             show(v.native->zero_count);
    for (auto const* side : {&v.native->negative, &v.native->positive}) {
        shown += side == &v.native->negative ? " negative" : " positive";
        for (auto const& span : side->spans) {
            shown += ' ' + std::to_string(span.offset) + '+' + std::to_string(span.length);
        }
        for (auto const number : side->buckets) shown += ' ' + std::to_string(number);
    }
    return shown;
}

inline std::string show(model::instant const& time) {
    return std::to_string(time.seconds) + 's' + std::to_string(time.nanos);
}

inline std::string show(model::metric_details const& details) {
    std::string shown;
    if (details.created) shown += " created " + show(*details.created);
    for (auto const& e : details.exemplars) {
        shown += " exemplar";
        if (e.bucket != model::exemplar::no_bucket) shown += " of bucket " + std::to_string(e.bucket);
        for (auto const& l : e.labels) shown += ' ' + show(l.name) + '=' + show(l.value);
        shown += ' ' + show(e.value);
        if (e.time) shown += " at " + show(*e.time);
    }
    return shown;
}

}  // namespace detail

/// A line for each family and each metric, in their order.
inline std::string describe(model::metric_family const& family) {
    std::string shown = detail::show(family.name);
    shown += ' ';
    shown += upper_case_name(family.type);
    shown += ' ';
    shown += family.help ? detail::show(*family.help) : "-";
    if (!family.unit.empty()) shown += " in " + detail::show(family.unit);
    if (family.kind == model::gauge_kind::info) shown += " info";
    if (family.kind == model::gauge_kind::state_set) shown += " state set";
    shown += '\n';
    for (auto const& metric : family.metrics) {
        shown += ' ';
        for (auto const& l : metric.labels) shown += ' ' + detail::show(l.name) + '=' + detail::show(l.value);
        shown += ' ';
        shown += std::visit([](auto const& value) { return detail::show(value); }, metric.value);
        if (metric.details != nullptr) shown += detail::show(*metric.details);
        if (metric.timestamp_ms) shown += " @" + std::to_string(*metric.timestamp_ms);
        shown += '\n';
    }
    return shown;
}

template <format::family_source Source>
std::string describe(Source const& source) {
    std::string shown;
    source.for_each_family([&shown](model::metric_family const& family) { shown += describe(family); });
    return shown;
}

}  // namespace pushgateway::test
