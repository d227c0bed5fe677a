#pragma once

/// \file
/// What native buckets must fulfil to be taken by Prometheus, which drops a whole scrape for one histogram that it
/// refuses.

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include <pushgateway/base/number.hpp>
#include <pushgateway/model/metric.hpp>
#include <pushgateway/model/native_buckets.hpp>

namespace pushgateway::model {

/// True if a histogram is read as a native one; otherwise only its classic buckets count. A library says so for one
/// that has observed nothing by a span of no buckets.
template <class Count>
[[nodiscard]] bool is_native(basic_histogram<Count> const& h) noexcept {
    if (h.native == nullptr) return false;
    bool const zeros = std::is_integral_v<Count> && h.native->zero_count > Count{};
    return !h.native->negative.spans.empty() || !h.native->positive.spans.empty() || h.native->zero_threshold > 0 ||
           zeros;
}

namespace detail {

[[nodiscard]] inline std::string number_text(double value) {
    std::string out;
    append_float(out, value);
    return out;
}
template <class Integer>
    requires std::is_integral_v<Integer>
[[nodiscard]] std::string number_text(Integer value) {
    return std::to_string(value);
}

[[nodiscard]] inline std::string sentence(std::initializer_list<std::string_view> parts) {
    std::string out;
    for (auto const part : parts) out += part;
    return out;
}

/// What is wrong with the spans of one side, if anything.
template <class Number>
[[nodiscard]] std::optional<std::string> fault_of_spans(native_side<Number> const& side, std::string_view which) {
    std::uint64_t buckets = 0;
    std::int64_t end = 0;
    for (std::size_t i = 0; i != side.spans.size(); ++i) {
        auto const& [offset, length] = side.spans[i];
        auto const wrong = [&](std::string_view what) {
            return sentence({"has native buckets whose ", which, " span ", number_text(i + 1), what});
        };
        if (i != 0 && offset < 0) return wrong(" begins before the end of the one before");
        if (i == 0 && offset == INT32_MIN) return wrong(" begins below any index");
        buckets += length;
        end += std::int64_t{offset} + std::int64_t{length};
        if (end - 1 > INT32_MAX) return wrong(" ends above any index");
    }
    if (buckets == side.buckets.size()) return std::nullopt;
    return sentence({"has ", number_text(side.buckets.size()), " ", which, " native buckets, but spans for ",
                     number_text(buckets)});
}

/// What is wrong with the buckets of one side, if anything; adds up what they hold, as 64 bits do.
template <class Number>
[[nodiscard]] std::optional<std::string> fault_of_buckets(native_side<Number> const& side, std::string_view which,
                                                          std::uint64_t& sum) {
    Number last{};
    for (std::size_t i = 0; i != side.buckets.size(); ++i) {
        if constexpr (std::is_floating_point_v<Number>) {
            last = side.buckets[i];
        } else {
            last = static_cast<Number>(static_cast<std::uint64_t>(last) + static_cast<std::uint64_t>(side.buckets[i]));
            sum += static_cast<std::uint64_t>(last);
        }
        if (last < 0) {
            return sentence(
                {"has the count ", number_text(last), " in its ", which, " native bucket ", number_text(i + 1)});
        }
    }
    return std::nullopt;
}

}  // namespace detail

/// Why Prometheus refuses the native buckets of a histogram, as the rest of a sentence that begins with its series; or
/// nothing. What it does not read as native it does not judge, so that then only the spans must fit.
template <class Count>
[[nodiscard]] std::optional<std::string> fault_of_native(basic_histogram<Count> const& h) {
    using detail::number_text;
    using detail::sentence;
    if (h.native == nullptr) return std::nullopt;
    auto const& native = *h.native;
    if (auto fault = detail::fault_of_spans(native.positive, "positive")) return fault;
    if (auto fault = detail::fault_of_spans(native.negative, "negative")) return fault;
    if (!is_native(h)) return std::nullopt;
    if (native.schema < lowest_schema || native.schema > highest_schema) {
        return sentence({"has native buckets of schema ", number_text(native.schema), ", which is none from ",
                         number_text(lowest_schema), " to ", number_text(highest_schema)});
    }
    std::uint64_t sum = 0;
    if (auto fault = detail::fault_of_buckets(native.negative, "negative", sum)) return fault;
    if (auto fault = detail::fault_of_buckets(native.positive, "positive", sum)) return fault;
    if constexpr (std::is_floating_point_v<Count>) {
        if (native.zero_count < 0) return sentence({"has the count ", number_text(native.zero_count), " near zero"});
        if (h.count < 0) return sentence({"has the count ", number_text(h.count)});
    } else {
        sum += native.zero_count;
        // Observations that are no numbers are in no bucket, and make the sum one.
        bool const fits = std::isnan(h.sum) ? sum <= h.count : sum == h.count;
        if (!fits) {
            return sentence({"has native buckets that hold ", number_text(sum), " observations, but the count ",
                             number_text(h.count)});
        }
    }
    return std::nullopt;
}

}  // namespace pushgateway::model
