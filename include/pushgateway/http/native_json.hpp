#pragma once

/// \file
/// The native buckets of a histogram as JSON: in the list of all metrics a piece at a time, as there may be a million
/// of them, and in the answer about one group.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>

#include <pushgateway/base/number.hpp>
#include <pushgateway/format/native_cells.hpp>
#include <pushgateway/model/metric.hpp>
#include <pushgateway/model/metric_family.hpp>
#include <pushgateway/model/native_buckets.hpp>

namespace pushgateway::http::detail {

/// Appends a number of the buckets as text in quotes.
inline void append_quoted_number(std::string& out, double value) {
    out += '"';
    append_go_value(out, value);
    out += '"';
}
inline void append_quoted_number(std::string& out, std::uint64_t value) { out += '"' + std::to_string(value) + '"'; }

/// Appends the buckets that are not empty, from low to high, each as `[1 if only the lower bound belongs to it, 0 if
/// only the upper one, 3 if both, lower, upper, count]`.
template <class Count>
class native_cells_json {
public:
    explicit native_cells_json(model::basic_native_buckets<Count> const& native) noexcept : cells_(native) {}

    /// Appends until `out` has `size` bytes; false if that was all.
    bool next(std::string& out, std::size_t size) {
        while (out.size() < size) {
            auto const cell = cells_.next();
            if (!cell) return false;
            out += std::exchange(begun_, true) ? ",[" : "[";
            out += static_cast<char>('0' + static_cast<int>(cell->bounds));
            out += ',';
            append_quoted_number(out, cell->low);
            out += ',';
            append_quoted_number(out, cell->high);
            out += ',';
            append_quoted_number(out, cell->count);
            out += ']';
        }
        return true;
    }

private:
    format::native_cells<Count> cells_;
    bool begun_ = false;
};

/// The same for either kind of histogram.
class native_json {
public:
    native_json() = default;
    template <class Count>
    explicit native_json(model::basic_native_buckets<Count> const& native) noexcept
        : cells_(native_cells_json<Count>(native)) {}

    /// Appends until `out` has `size` bytes; false if that was all.
    bool next(std::string& out, std::size_t size) {
        return std::visit(
            [&]<class Cells>(Cells& cells) {
                if constexpr (std::is_same_v<Cells, std::monostate>) {
                    return false;
                } else {
                    return cells.next(out, size);
                }
            },
            cells_);
    }

private:
    std::variant<std::monostate, native_cells_json<std::uint64_t>, native_cells_json<double>> cells_;
};

/// Appends `,"cells":[["low","high","count"],…]`: the buckets that are not empty, from low to high, as the answer about
/// one group shows them.
template <class Count>
void append_native_cells(std::string& out, model::basic_native_buckets<Count> const& native) {
    format::native_cells<Count> cells(native);
    out += R"(,"cells":[)";
    bool begun = false;
    while (auto const cell = cells.next()) {
        out += std::exchange(begun, true) ? ",[" : "[";
        append_quoted_number(out, cell->low);
        out += ',';
        append_quoted_number(out, cell->high);
        out += ',';
        append_quoted_number(out, static_cast<double>(cell->count));
        out += ']';
    }
    out += ']';
}

/// The native buckets by which the API shows a metric; nothing if it does not.
[[nodiscard]] inline std::optional<native_json> native_of(model::metric_type type, model::metric const& metric) {
    std::optional<native_json> out;
    if (type == model::metric_type::gauge_histogram) return out;
    std::visit(
        [&out](auto const& value) {
            if constexpr (requires { value.native; }) {
                auto const* native = value.native;
                if (native == nullptr || (native->negative.spans.empty() && native->positive.spans.empty())) return;
                out.emplace(*native);
            }
        },
        metric.value);
    return out;
}

}  // namespace pushgateway::http::detail
