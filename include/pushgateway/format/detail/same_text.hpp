#pragma once

/// \file
/// Equality of short texts without a call.

#include <cstdint>
#include <cstring>
#include <string_view>

namespace pushgateway::format::detail {

/// `a == b`, quick for names of up to 16 bytes, most of which are compared by two overlapping words.
[[nodiscard]] inline bool same_text(std::string_view a, std::string_view b) noexcept {
    auto const size = a.size();
    if (size != b.size()) return false;
    auto const differ = [&]<class Word>(Word, std::size_t at) {
        Word x;
        Word y;
        std::memcpy(&x, a.data() + at, sizeof x);
        std::memcpy(&y, b.data() + at, sizeof y);
        return x ^ y;
    };
    if (size > 16) return std::memcmp(a.data(), b.data(), size) == 0;
    if (size >= 8) return (differ(std::uint64_t{}, 0) | differ(std::uint64_t{}, size - 8)) == 0;
    if (size >= 4) return (differ(std::uint32_t{}, 0) | differ(std::uint32_t{}, size - 4)) == 0;
    return size == 0 || (a[0] == b[0] && a[size / 2] == b[size / 2] && a[size - 1] == b[size - 1]);
}

}  // namespace pushgateway::format::detail
