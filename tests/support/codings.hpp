#pragma once

/// \file
/// What tests of content codings fold, and how.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace pushgateway::test {

/// Not compressible, the same every time.
inline std::string noise(std::size_t size) {
    std::string out;
    for (std::uint32_t x = 1; out.size() < size; x = x * 1664525U + 1013904223U) out += static_cast<char>(x >> 24);
    return out;
}

/// What an encoder makes of a stream that comes in pieces.
template <class Encoder>
std::string fold(std::vector<std::string> const& pieces) {
    Encoder encoder;
    std::string out;
    for (auto const& p : pieces) encoder.append(p, out);
    encoder.finish(out);
    return out;
}

}  // namespace pushgateway::test
