#pragma once

/// \file
/// A log message as a line of logfmt or JSON. Whatever is in it, it stays one line that reads back.

#include <algorithm>
#include <cstdio>
#include <span>
#include <string>
#include <string_view>

#include <boost/json/object.hpp>

#include <pushgateway/base/clock.hpp>
#include <pushgateway/base/logger.hpp>
#include <pushgateway/base/quote.hpp>
#include <pushgateway/http/json.hpp>
#include <pushgateway/http/rfc3339.hpp>

namespace pushgateway::server {

/// A message and where it comes from. Views only.
struct log_record {
    timestamp at;
    log_level level = log_level::info;
    std::string_view caller;  ///< source file and line
    std::string_view message;
    std::span<log_field const> fields;
};

/// The name of a level as flags and log lines write it.
[[nodiscard]] constexpr std::string_view name_of(log_level level) noexcept {
    switch (level) {
        case log_level::debug: return "debug";
        case log_level::info: return "info";
        case log_level::warn: return "warn";
        case log_level::error: return "error";
    }
    return "error";
}

namespace detail {

inline std::string milliseconds_text(timestamp at) {
    auto const whole = std::chrono::floor<std::chrono::seconds>(at);
    auto const part = std::chrono::duration_cast<std::chrono::milliseconds>(at - whole).count();
    auto text = http::rfc3339(whole);
    text.pop_back();
    auto const digits = std::to_string(1000 + part);
    return text + '.' + digits.substr(1) + 'Z';
}

inline void append_logfmt_value(std::string& out, std::string_view value) {
    bool const plain = !value.empty() &&
                       std::ranges::all_of(value, [](char c) { return c > ' ' && c < '\x7f' && c != '=' && c != '"'; });
    if (plain) {
        out += value;
    } else {
        append_quoted(out, value);
    }
}

}  // namespace detail

/// `ts=… level=… caller=… msg=… key=value …`, without a line end. A value is quoted if it is empty or has anything in
/// it but printable ASCII without blanks, `=` and `"`.
[[nodiscard]] inline std::string logfmt_line(log_record const& record) {
    std::string out = "ts=" + detail::milliseconds_text(record.at) + " level=";
    out += name_of(record.level);
    out += " caller=";
    detail::append_logfmt_value(out, record.caller);
    out += " msg=";
    detail::append_logfmt_value(out, record.message);
    for (auto const& [key, value] : record.fields) {
        out += ' ';
        out += key;
        out += '=';
        detail::append_logfmt_value(out, value);
    }
    return out;
}

/// The same as a JSON object. Bytes that are no UTF-8 become U+FFFD.
[[nodiscard]] inline std::string json_line(log_record const& record) {
    boost::json::object line;
    line.emplace("ts", detail::milliseconds_text(record.at));
    line.emplace("level", name_of(record.level));
    line.emplace("caller", http::valid_text(record.caller));
    line.emplace("msg", http::valid_text(record.message));
    for (auto const& [key, value] : record.fields) line.emplace(key, http::valid_text(value));
    std::string out;
    http::append_json(out, line);
    return out;
}

}  // namespace pushgateway::server
