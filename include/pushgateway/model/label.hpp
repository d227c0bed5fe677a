#pragma once

/// \file
/// A label, and the names that mean something to a push gateway.

#include <compare>
#include <span>
#include <string_view>

namespace pushgateway::model {

/// One label of a series. Views only: the bytes belong to a request body, an arena or the store.
struct label {
    std::string_view name;
    std::string_view value;

    friend bool operator==(label const&, label const&) = default;
    friend auto operator<=>(label const&, label const&) = default;
};

/// The labels of a metric. Sorted by name only where a function says so.
using labels = std::span<label const>;

inline constexpr std::string_view job_label = "job";
inline constexpr std::string_view instance_label = "instance";
inline constexpr std::string_view name_label = "__name__";
inline constexpr std::string_view quantile_label = "quantile";  ///< names a quantile of a summary
inline constexpr std::string_view bucket_label = "le";          ///< names a bucket of a histogram

}  // namespace pushgateway::model
