#pragma once

/// \file
/// The JSON of the API: strings, metrics.

#include <array>
#include <concepts>
#include <cstdint>
#include <map>
#include <ranges>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>
#include <boost/json/value.hpp>

#include <pushgateway/base/number.hpp>
#include <pushgateway/base/utf8.hpp>
#include <pushgateway/http/native_json.hpp>
#include <pushgateway/model/metric.hpp>
#include <pushgateway/model/metric_family.hpp>
#include <pushgateway/model/native_buckets.hpp>

namespace pushgateway::http {

using pushgateway::valid_text;

/// Appends the value as JSON. What HTML or JavaScript could take for more than text (`<`, `>`, `&` and the line
/// separators of Unicode) is escaped.
inline void append_json(std::string& out, boost::json::value const& value) {
    std::string const plain = boost::json::serialize(value);
    // These can only stand inside of strings.
    for (std::size_t i = 0; i < plain.size(); ++i) {
        switch (plain[i]) {
            case '<': out += "\\u003c"; break;
            case '>': out += "\\u003e"; break;
            case '&': out += "\\u0026"; break;
            case '\xe2':
                if (plain.compare(i, 3, "\u2028") == 0 || plain.compare(i, 3, "\u2029") == 0) {
                    out += plain[i + 2] == '\xa8' ? "\\u2028" : "\\u2029";
                    i += 2;
                } else {
                    out += plain[i];
                }
                break;
            default: out += plain[i];
        }
    }
}

inline void append_json(std::string& out, std::string_view text) {
    append_json(out, boost::json::value(boost::json::string(valid_text(text))));
}

namespace detail {

inline std::string go_text(double value) {
    std::string out;
    append_go_value(out, value);
    return out;
}
inline std::string go_text(std::uint64_t value) { return std::to_string(value); }

// A float count that is not positive, NaN included, is shown as an integer count that is not there.
inline std::string count_text(std::uint64_t count) { return std::to_string(count); }
inline std::string count_text(double count) { return count > 0 ? go_text(count) : "0"; }

inline boost::json::object json_of(std::map<std::string, std::string> const& texts) {
    boost::json::object out;
    for (auto const& [key, text] : texts) out.emplace(key, text);
    return out;
}

inline boost::json::object json_of(model::labels labels) {
    boost::json::object out;
    for (auto const& label : labels) out.insert_or_assign(valid_text(label.name), valid_text(label.value));
    return out;
}

}  // namespace detail

/// A metric as the API shows it, its keys sorted. Numbers are strings, as Go's `%v` prints them. The buckets, which
/// come first, are left out of a histogram with native ones: see `native_of`. The value of a gauge histogram is not
/// shown: it is `"0"`, as in the original.
[[nodiscard]] inline boost::json::object json_of(model::metric_type type, model::metric const& metric) {
    boost::json::object out;
    auto const labels = [&] { out.emplace("labels", detail::json_of(metric.labels)); };
    auto const simple = [&](double value) {
        labels();
        out.emplace("value", detail::go_text(value));
    };
    auto const histogram = [&](auto const& h) {
        if (detail::native_of(type, metric)) {
            out.emplace("buckets", boost::json::array());
        } else {
            std::map<std::string, std::string> buckets;
            for (auto const& b : h.buckets) buckets[detail::go_text(b.upper_bound)] = detail::count_text(b.count);
            out.emplace("buckets", detail::json_of(buckets));
        }
        out.emplace("count", detail::count_text(h.count));
        labels();
        out.emplace("sum", detail::go_text(h.sum));
    };
    std::visit(
        [&]<class Value>(Value const& value) {
            if constexpr (requires { value.value; }) {
                simple(value.value);
            } else if constexpr (std::same_as<Value, model::summary>) {
                std::map<std::string, std::string> quantiles;
                for (auto const& q : value.quantiles) quantiles[detail::go_text(q.rank)] = detail::go_text(q.value);
                out.emplace("count", detail::go_text(value.count));
                labels();
                out.emplace("quantiles", detail::json_of(quantiles));
                out.emplace("sum", detail::go_text(value.sum));
            } else if (type == model::metric_type::gauge_histogram) {
                simple(0);
            } else {
                histogram(value);
            }
        },
        metric.value);
    return out;
}

}  // namespace pushgateway::http
