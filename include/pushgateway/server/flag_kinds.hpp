#pragma once

/// \file
/// Flags for values of the types that settings have. Each refers to a variable, whose value when the flag is added is
/// the default, and which must live as long as the flag.

#include <charconv>
#include <chrono>
#include <concepts>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <pushgateway/base/byte_size.hpp>
#include <pushgateway/base/duration.hpp>
#include <pushgateway/base/error.hpp>
#include <pushgateway/base/quote.hpp>
#include <pushgateway/server/flag_set.hpp>

namespace pushgateway::server {

/// A flag for text of any kind.
[[nodiscard]] inline flag text_flag(std::string name, std::string& value, std::string help) {
    flag out{std::move(name), std::move(help), flag::kind::value, true, {}, {}, [&value] { return value; }};
    out.set = [&value](std::string_view text) -> result<> {
        value = text;
        return {};
    };
    return out;
}

/// A flag that may be given several times.
[[nodiscard]] inline flag repeatable_flag(std::string name, std::vector<std::string>& values, std::string help) {
    flag out{std::move(name), std::move(help), flag::kind::repeatable, false, {}, {}, {}};
    out.set = [&values](std::string_view text) -> result<> {
        values.emplace_back(text);
        return {};
    };
    out.clear = [&values] { values.clear(); };
    out.show = [&values] {
        std::string all;
        for (auto const& value : values) all += (all.empty() ? "" : ",") + value;
        return all;
    };
    return out;
}

/// A flag that is on or off.
[[nodiscard]] inline flag on_off_flag(std::string name, bool& value, std::string help) {
    flag out{std::move(name), std::move(help), flag::kind::on_off, false, {}, {}, {}};
    out.set = [&value, flag_name = out.name](std::string_view text) -> result<> {
        if (text != "true" && text != "false") {
            return fail(errc::invalid, "flag '" + flag_name + "' is true or false, not " + in_quotes(text));
        }
        value = text == "true";
        return {};
    };
    out.show = [&value] { return std::string(value ? "true" : "false"); };
    return out;
}

/// A flag with a few possible values, each with its name; `what` names them in errors. Names compare exactly.
template <class Value>
[[nodiscard]] flag choice_flag(std::string name, Value& value, std::vector<std::pair<std::string, Value>> choices,
                               std::string const& what, std::string help) {
    flag out{std::move(name), std::move(help), flag::kind::value, false, {}, {}, {}};
    out.set = [&value, choices, what](std::string_view text) -> result<> {
        for (auto const& [known, meaning] : choices) {
            if (text != known) continue;
            value = meaning;
            return {};
        }
        std::string list;
        for (auto const& [known, meaning] : choices) list += (list.empty() ? "" : ", ") + known;
        return fail(errc::invalid, "unrecognized " + what + ' ' + std::string(text) + ": it is one of " + list);
    };
    out.show = [&value, choices] {
        for (auto const& [known, meaning] : choices) {
            if (value == meaning) return known;
        }
        return std::string();
    };
    return out;
}

/// A flag for a duration that is not negative, in whole units of the variable.
template <class Duration>
[[nodiscard]] flag duration_flag(std::string name, Duration& value, std::string help) {
    flag out{std::move(name), std::move(help), flag::kind::value, false, {}, {}, {}};
    out.set = [&value, flag_name = out.name](std::string_view text) -> result<> {
        auto const read = parse_duration(text);
        if (!read) {
            return fail(errc::invalid, read.error().message + ": flag '" + flag_name +
                                           "' takes a number with its unit, such as 90s, 5m or 1h30m");
        }
        if (read->count() < 0) return fail(errc::invalid, "flag '" + flag_name + "' cannot be negative");
        auto const whole = std::chrono::duration_cast<Duration>(*read);
        if (whole != *read) {
            return fail(errc::invalid, "flag '" + flag_name + "' takes whole " +
                                           (std::same_as<Duration, std::chrono::seconds> ? "seconds" : "milliseconds") +
                                           ", not " + std::string(text));
        }
        value = whole;
        return {};
    };
    out.show = [&value] { return duration_text(value); };
    return out;
}

/// A flag for a size in bytes.
template <std::unsigned_integral Size>
[[nodiscard]] flag size_flag(std::string name, Size& value, std::string help) {
    flag out{std::move(name), std::move(help), flag::kind::value, false, {}, {}, {}};
    out.set = [&value, flag_name = out.name](std::string_view text) -> result<> {
        auto const read = parse_byte_size(text);
        if (!read) return fail(errc::invalid, "flag '" + flag_name + "': " + read.error().message);
        if (*read > std::numeric_limits<Size>::max()) return fail(errc::invalid, in_quotes(text) + " is too large");
        value = static_cast<Size>(*read);
        return {};
    };
    out.show = [&value] { return byte_size_text(value); };
    return out;
}

/// A flag for a number of things.
template <std::unsigned_integral Count>
[[nodiscard]] flag count_flag(std::string name, Count& value, std::string help) {
    flag out{std::move(name), std::move(help), flag::kind::value, false, {}, {}, {}};
    out.set = [&value, flag_name = out.name](std::string_view text) -> result<> {
        Count read = 0;
        auto const [end, ec] = std::from_chars(text.data(), text.data() + text.size(), read);
        if (ec != std::errc{} || end != text.data() + text.size()) {
            return fail(errc::invalid, "flag '" + flag_name + "' takes a whole number, not " + in_quotes(text));
        }
        value = read;
        return {};
    };
    out.show = [&value] { return std::to_string(value); };
    return out;
}

}  // namespace pushgateway::server
