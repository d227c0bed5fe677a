#pragma once

/// \file
/// The formats in lines of text.

#include <cstdint>

namespace pushgateway {

/// How an exposition in lines of text is spelled.
enum class line_format : std::uint8_t {
    text,         ///< the text format 0.0.4
    openmetrics,  ///< OpenMetrics 1.0
};

}  // namespace pushgateway
