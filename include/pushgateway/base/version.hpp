#pragma once

/// \file
/// Which pushgateway this is.

#include <string_view>

namespace pushgateway {

/// The version of the library and of the server, by semantic versioning. The build reads it from here.
inline constexpr std::string_view version = "0.1.0";

}  // namespace pushgateway
