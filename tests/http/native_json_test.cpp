// Native buckets as JSON, in pieces and from low to high, beside what the format's own walk through them gives.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <pushgateway/base/number.hpp>
#include <pushgateway/format/native_bounds.hpp>
#include <pushgateway/http/native_json.hpp>

namespace pushgateway::http::detail {
namespace {

template <class Count>
struct side_values {
    std::vector<model::bucket_span> spans;
    std::vector<typename model::basic_native_buckets<Count>::number> buckets;
};

template <class Count>
side_values<Count> random_side() {
    side_values<Count> out;
    auto const spans = *rc::gen::inRange(0, 5);
    std::int64_t count = 0;
    for (int i = 0; i != spans; ++i) {
        auto const offset = *rc::gen::inRange(i == 0 ? -20 : 0, 20);
        auto const length = *rc::gen::inRange<std::uint32_t>(0, 4);
        out.spans.push_back({offset, length});
        for (std::uint32_t k = 0; k != length; ++k) {
            std::int64_t const now = *rc::gen::inRange(0, 3);
            auto const value = std::is_floating_point_v<Count> ? now : now - count;
            out.buckets.push_back(static_cast<typename decltype(out.buckets)::value_type>(value));
            count = now;
        }
    }
    return out;
}

template <class Count>
std::string cell(int kind, double low, double high, Count count) {
    auto const text = [](auto number) {
        std::string out;
        if constexpr (std::is_floating_point_v<decltype(number)>) {
            append_go_value(out, number);
        } else {
            out = std::to_string(number);
        }
        return out;
    };
    return "[" + std::to_string(kind) + ",\"" + text(low) + "\",\"" + text(high) + "\",\"" + text(count) + "\"]";
}

template <class Count>
void compare() {
    auto const negative = random_side<Count>();
    auto const positive = random_side<Count>();
    model::basic_native_buckets<Count> native;
    native.schema = *rc::gen::inRange(-2, 4);
    native.zero_threshold = 0.25;
    native.zero_count = static_cast<Count>(*rc::gen::inRange(0, 2));
    native.negative = {negative.spans, negative.buckets};
    native.positive = {positive.spans, positive.buckets};

    std::vector<std::string> cells;
    auto const bound = [&](std::int64_t index) { return format::native_bound(index, native.schema); };
    format::for_each_native_bucket<Count>(native.negative, [&](std::int64_t index, Count count) {
        if (count != 0) cells.insert(cells.begin(), cell(1, -bound(index), -bound(index - 1), count));
    });
    if (native.zero_count != 0) cells.push_back(cell(3, -0.25, 0.25, native.zero_count));
    format::for_each_native_bucket<Count>(native.positive, [&](std::int64_t index, Count count) {
        if (count != 0) cells.push_back(cell(0, bound(index - 1), bound(index), count));
    });
    std::string expected;
    for (auto const& text : cells) expected += (expected.empty() ? "" : ",") + text;

    auto const size = *rc::gen::inRange<std::size_t>(1, 200);
    native_json pieces(native);
    std::string all;
    std::string piece;
    std::size_t longest = 0;
    for (bool more = true; more;) {
        piece.clear();
        more = pieces.next(piece, size);
        RC_ASSERT(!more || piece.size() >= size);
        longest = std::max(longest, piece.size());
        all += piece;
    }
    RC_ASSERT(all == expected);
    RC_ASSERT(longest < size + 100);
}

RC_GTEST_PROP(native_json, is_what_the_buckets_are, ()) { compare<std::uint64_t>(); }
RC_GTEST_PROP(native_json, is_what_the_buckets_of_floats_are, ()) { compare<double>(); }

}  // namespace
}  // namespace pushgateway::http::detail
