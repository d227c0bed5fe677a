#pragma once

/// \file
/// How many random inputs a test tries.

#include <cstdint>
#include <cstdlib>

namespace pushgateway::test {

/// By default few enough for every day; the environment variable PUSHGATEWAY_TEST_INPUTS asks for more.
[[nodiscard]] inline std::uint64_t inputs() {
    char const* const wanted = std::getenv("PUSHGATEWAY_TEST_INPUTS");
    return wanted == nullptr ? 50'000 : std::strtoull(wanted, nullptr, 10);
}

}  // namespace pushgateway::test
