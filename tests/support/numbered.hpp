#pragma once

/// \file
/// Texts with a number in them.

#include <cstddef>
#include <string>
#include <string_view>

namespace pushgateway::test {

/// `stem` and `number` behind it. (Adding a literal and `std::to_string` draws a false warning from g++ 12.)
[[nodiscard]] inline std::string numbered(std::string_view stem, std::size_t number) {
    std::string text(stem);
    return text += std::to_string(number);
}

}  // namespace pushgateway::test
