// Native buckets as JSON, in pieces and from low to high, beside what a plain walk through them gives.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <pushgateway/base/number.hpp>
#include <pushgateway/format/native_bounds.hpp>
#include <pushgateway/http/native_json.hpp>
#include <pushgateway/model/native_buckets.hpp>

namespace pushgateway::http::detail {
namespace {

template <class Count>
struct side_values {
    std::vector<model::bucket_span> spans;
    std::vector<typename model::basic_native_buckets<Count>::number> buckets;
};

/// Calls `visit(std::int64_t index, count)` for each bucket of one side, from zero outwards: simpler than what it is
/// compared with, which also goes back.
template <class Count, class Number, class Visit>
void for_each_native_bucket(model::native_side<Number> const& side, Visit&& visit) {
    std::int64_t index = 0;
    std::int64_t sum = 0;
    auto number = side.buckets.begin();
    for (auto const& [offset, length] : side.spans) {
        index += offset;
        for (std::uint32_t i = 0; i != length && number != side.buckets.end(); ++i, ++index, ++number) {
            if constexpr (std::is_floating_point_v<Number>) {
                visit(index, static_cast<Count>(*number));
            } else {
                sum += *number;
                visit(index, static_cast<Count>(sum));
            }
        }
    }
}

/// The spans of a high resolution begin in places of all sizes.
template <class Count>
side_values<Count> random_side(std::int32_t schema = 0) {
    side_values<Count> out;
    auto const far = schema > 0 ? *rc::gen::inRange(-1000, 1000) << schema : 0;
    auto const spans = *rc::gen::inRange(0, 5);
    std::int64_t count = 0;
    for (int i = 0; i != spans; ++i) {
        auto const offset = *rc::gen::inRange(i == 0 ? -20 : 0, 20);
        auto const length = *rc::gen::inRange<std::uint32_t>(0, 4);
        out.spans.push_back({offset + (i == 0 ? far : 0), length});
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
    for_each_native_bucket<Count>(native.negative, [&](std::int64_t index, Count count) {
        if (count != 0) cells.insert(cells.begin(), cell(1, -bound(index), -bound(index - 1), count));
    });
    if (native.zero_count != 0) cells.push_back(cell(3, -0.25, 0.25, native.zero_count));
    for_each_native_bucket<Count>(native.positive, [&](std::int64_t index, Count count) {
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

using cells_of_count = std::vector<std::array<std::string, 3>>;

/// Every text in quotes, in threes.
cells_of_count quoted_cells(std::string_view json) {
    cells_of_count out;
    std::size_t seen = 0;
    for (std::size_t at = 0; (at = json.find('"', at)) != std::string_view::npos; ++seen) {
        auto const end = json.find('"', at + 1);
        if (seen % 3 == 0) out.emplace_back();
        out.back()[seen % 3] = json.substr(at + 1, end - at - 1);
        at = end + 1;
    }
    return out;
}

/// What the list of all metrics and what the answer about one group says of the same buckets.
template <class Count>
void compare_answers(model::basic_native_buckets<Count> const& native) {
    std::string whole;
    native_json(native).next(whole, std::string::npos);
    std::string group;
    append_native_cells(group, native);
    constexpr std::string_view member = R"(,"cells":)";
    RC_ASSERT(group.starts_with(member));
    RC_ASSERT(quoted_cells(group.substr(member.size())) == quoted_cells(whole));
}

template <class Count>
void compare_random_answers() {
    model::basic_native_buckets<Count> native;
    native.schema = *rc::gen::inRange(model::lowest_schema, model::highest_schema + 1);
    native.zero_threshold = 0.001;
    native.zero_count = static_cast<Count>(*rc::gen::inRange(0, 2));
    auto const negative = random_side<Count>(native.schema);
    auto const positive = random_side<Count>(native.schema);
    native.negative = {negative.spans, negative.buckets};
    native.positive = {positive.spans, positive.buckets};
    compare_answers(native);
}

RC_GTEST_PROP(native_json, agrees_with_the_cells_of_a_group, ()) { compare_random_answers<std::uint64_t>(); }
RC_GTEST_PROP(native_json, agrees_with_the_cells_of_a_group_for_floats, ()) { compare_random_answers<double>(); }

TEST(native_cells, go_from_low_to_high) {
    std::vector<model::bucket_span> const below{{0, 1}};
    std::vector<model::bucket_span> const above{{1, 2}, {2, 1}};
    std::vector<std::int64_t> const few{4};
    std::vector<std::int64_t> const more{3, -3, 5};
    std::string out;
    append_native_cells(out, model::native_buckets{0, 0.001, 2, {below, few}, {above, more}});
    EXPECT_EQ(out, R"(,"cells":[["-1","-0.5","4"],["-0.001","0.001","2"],["1","2","3"],["16","32","5"]])");
}

// The last bucket of finite numbers ends at the largest of them, the one behind it holds infinity.
TEST(native_cells, end_as_the_buckets_of_prometheus_do) {
    for (std::int32_t schema = model::lowest_schema; schema <= model::highest_schema; ++schema) {
        auto const last = schema < 0 ? 1024 >> -schema : 1024 << schema;
        std::vector<model::bucket_span> const spans{{last, 2}};
        std::vector<std::int64_t> const buckets{1, 0};
        std::string out;
        append_native_cells(out, model::native_buckets{schema, 0, 0, {}, {spans, buckets}});
        auto const cells = quoted_cells(out.substr(out.find('[')));
        ASSERT_EQ(cells.size(), 2U);
        EXPECT_EQ(cells[0][1], "1.7976931348623157e+308") << "schema " << schema;
        EXPECT_EQ(cells[1][0], "1.7976931348623157e+308") << "schema " << schema;
        EXPECT_EQ(cells[1][1], "+Inf") << "schema " << schema;
    }
}

RC_GTEST_PROP(native_json, is_what_the_buckets_are, ()) { compare<std::uint64_t>(); }
RC_GTEST_PROP(native_json, is_what_the_buckets_of_floats_are, ()) { compare<double>(); }

}  // namespace
}  // namespace pushgateway::http::detail
