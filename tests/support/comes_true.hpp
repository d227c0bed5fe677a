#pragma once

/// \file
/// Waiting for what another thread or process does by itself.

#include <chrono>
#include <thread>

namespace pushgateway::test {

// Generous: a deadline that fails a hanging test, nothing that is measured.
inline constexpr std::chrono::seconds patience{60};

/// True as soon as the condition is, false if it has not come true for too long.
template <class Condition>
bool comes_true(Condition&& condition) {
    auto const deadline = std::chrono::steady_clock::now() + patience;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > deadline) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return true;
}

}  // namespace pushgateway::test
