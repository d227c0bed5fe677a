#pragma once

/// \file
/// Points in time as RFC 3339 writes them.

#include <array>
#include <chrono>
#include <cstdio>
#include <string>

#include <pushgateway/base/clock.hpp>

namespace pushgateway::http {

/// `2026-11-22T13:42:05.89110958Z`: in UTC, with as many decimals as there are, at most nine.
[[nodiscard]] inline std::string rfc3339(timestamp at) {
    auto const day = std::chrono::floor<std::chrono::days>(at);
    std::chrono::year_month_day const date(day);
    std::chrono::hh_mm_ss const time(at - day);
    std::array<char, 64> text{};
    auto length =
        std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%09lld", static_cast<int>(date.year()),
                      static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                      static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
                      static_cast<int>(time.seconds().count()), static_cast<long long>(time.subseconds().count()));
    std::string out(text.data(), static_cast<std::size_t>(length));
    out.erase(out.find_last_not_of('0') + 1);
    if (out.ends_with('.')) out.pop_back();
    return out + 'Z';
}

}  // namespace pushgateway::http
