#pragma once

/// \file
/// The logger policy: a message for people and the fields that belong to it.

#include <concepts>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

namespace pushgateway {

/// How much a message matters.
enum class log_level : std::uint8_t { debug, info, warn, error };

/// A named value beside a log message.
using log_field = std::pair<std::string_view, std::string_view>;

/// Takes messages from any thread. The views are valid during the call only. Copies log to the same place.
template <class L>
concept logger_policy =
    std::copy_constructible<L> && requires(L& logger, std::string_view message, std::span<log_field const> fields) {
        logger.log(log_level::info, message, fields);
    };

/// Logs nothing.
struct null_logger {
    static void log(log_level, std::string_view, std::span<log_field const>) noexcept {}
};

static_assert(logger_policy<null_logger>);

}  // namespace pushgateway
