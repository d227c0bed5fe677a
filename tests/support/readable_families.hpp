#pragma once

/// \file
/// Families as short text for people: to write down in a test what is expected of a reader.

#include <string>
#include <type_traits>
#include <variant>

#include <pushgateway/base/number.hpp>
#include <pushgateway/format/family_source.hpp>
#include <pushgateway/model/metric_family.hpp>

#include "support/describe_families.hpp"

namespace pushgateway::test {

namespace detail {

inline std::string number(double value) {
    std::string text;
    append_float(text, value);
    return text;
}

inline std::string readable(model::metric_value const& value) {
    return std::visit(
        []<class Value>(Value const& v) {
            std::string text;
            if constexpr (requires { v.value; }) {
                text = number(v.value);
            } else {
                if constexpr (requires { v.quantiles; }) {
                    for (auto const& [rank, at] : v.quantiles) text += number(rank) + ':' + number(at) + ' ';
                } else {
                    for (auto const& [bound, count] : v.buckets) {
                        text += number(bound) + ':' + number(static_cast<double>(count)) + ' ';
                    }
                }
                text += "sum " + number(v.sum) + " count " + number(static_cast<double>(v.count));
                if constexpr (std::is_same_v<Value, model::float_histogram>) text += " in floats";
            }
            return text;
        },
        value);
}

inline std::string readable(model::metric_details const& details) {
    std::string text;
    if (details.created) text += " created " + show(*details.created);
    for (auto const& e : details.exemplars) {
        text += " exemplar ";
        if (e.bucket != model::exemplar::no_bucket) text += std::to_string(e.bucket) + ' ';
        text += '{';
        for (auto const& l : e.labels)
            text += (&l == e.labels.data() ? "" : " ") + std::string(l.name) + '=' + show(l.value);
        text += "} " + number(e.value);
        if (e.time) text += " at " + show(*e.time);
    }
    return text;
}

}  // namespace detail

/// A line for each family and each metric.
template <format::family_source Source>
std::string readable(Source const& source) {
    std::string text;
    source.for_each_family([&text](model::metric_family const& family) {
        text += family.name;
        text += ' ';
        for (char const c : upper_case_name(family.type)) text += c == '_' ? c : static_cast<char>(c - 'A' + 'a');
        if (family.help) text += ' ' + detail::show(*family.help);
        text += '\n';
        for (auto const& metric : family.metrics) {
            for (auto const& l : metric.labels) text += ' ' + std::string(l.name) + '=' + detail::show(l.value);
            text += ' ' + detail::readable(metric.value);
            if (metric.details != nullptr) text += detail::readable(*metric.details);
            if (metric.timestamp_ms) text += " @" + std::to_string(*metric.timestamp_ms);
            text += '\n';
        }
    });
    return text;
}

}  // namespace pushgateway::test
