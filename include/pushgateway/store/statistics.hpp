#pragma once

/// \file
/// How much a store holds, in numbers.

#include <cstdint>

namespace pushgateway::store {

/// How much a store holds.
struct store_statistics {
    std::uint64_t groups = 0;
    std::uint64_t families = 0;         ///< names with at least one series in the exposition
    std::uint64_t series = 0;           ///< lines of the exposition that are samples
    std::uint64_t clashing_series = 0;  ///< lines that are left out of it because they clash with others
    std::uint64_t bytes = 0;            ///< taken by pushed metrics, roughly; rendered pages come on top
};

}  // namespace pushgateway::store
