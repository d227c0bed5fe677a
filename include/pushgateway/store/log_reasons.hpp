#pragma once

/// \file
/// Logging what has been done with something that was pushed or stored.

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include <pushgateway/base/logger.hpp>

namespace pushgateway::store {

/// Logs a warning for each reason. A log that fails is no reason to fail: what it is about is done.
template <logger_policy Logger>
void log_reasons(Logger& logger, std::vector<std::string> const& reasons, std::string_view what) noexcept {
    for (auto const& reason : reasons) {
        std::array const fields{log_field{"reason", reason}};
        try {
            logger.log(log_level::warn, what, fields);
        } catch (...) {
        }
    }
}

}  // namespace pushgateway::store
