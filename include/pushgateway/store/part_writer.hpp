#pragma once

/// \file
/// Writes metrics into parts of a stored family.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>
#include <variant>

#include <boost/container/small_vector.hpp>

#include <pushgateway/format/regular.hpp>
#include <pushgateway/model/metric.hpp>
#include <pushgateway/store/label_block.hpp>
#include <pushgateway/store/rich_values.hpp>
#include <pushgateway/store/series_rules.hpp>
#include <pushgateway/store/stored_family.hpp>

namespace pushgateway::store {

/// The size in bytes of rendered text that parts and pages aim at. Large enough to compress well, small enough that a
/// change makes little of the exposition stale.
inline constexpr std::uint32_t page_target = 16 * 1024;

/// The parts of one family.
using family_parts = boost::container::small_vector<ref<stored_family>, 1>;

/// Collects metrics and cuts them into parts by an estimate of their text that depends on labels and line counts only,
/// unless they have very many native buckets or exemplars: so a push with the same labels is cut at the same places.
/// Keeps its buffers from family to family.
class part_writer {
public:
    /// `key_text`: the bytes that the grouping key takes in a line.
    explicit part_writer(std::size_t key_text) noexcept : key_text_(key_text) {}
    part_writer(part_writer const&) = delete;
    part_writer& operator=(part_writer const&) = delete;

    /// The bytes that a list of name and value pairs takes in a line.
    template <class Pairs>
    [[nodiscard]] static std::size_t text_of(Pairs const& pairs) noexcept {
        std::size_t bytes = 0;
        for (auto const& [name, value] : pairs) bytes += name.size() + value.size() + 4;
        return bytes;
    }

    /// Begins a family with the part of this number. `rich`: some metric has more than labels and a classic value.
    void begin(std::string_view family_name, bool rich, std::uint32_t part = 0) noexcept {
        name_size_ = family_name.size();
        facts_ = {};
        facts_.part = part;
        facts_.rich = rich;
    }

    /// Adds a metric. `own`: its labels but for those of the grouping key, sorted by name.
    void add(model::labels own, model::metric const& metric, bool suspect, family_parts& parts) {
        auto const series = static_cast<std::uint32_t>(series_of(metric.value));
        std::size_t const line = name_size_ + key_text_ + text_of(own) + typical_number;
        auto const estimate = static_cast<std::uint32_t>(std::min<std::size_t>(line * series, UINT32_MAX / 2));
        bool const full = facts_.estimate + estimate > page_target || values_.size() > most_values;
        if (facts_.metrics != 0 && full) cut(parts);
        facts_.metrics += 1;
        facts_.series += series;
        facts_.estimate += estimate;
        facts_.suspect = facts_.suspect || suspect;
        facts_.irregular = facts_.irregular || !format::is_regular(metric.value);
        labels_writer_.add(own);
        put(metric.value);
        if (facts_.rich) put_rich(values_, metric);
    }

    /// Ends the family. One without any metric is one part without any.
    void end(family_parts& parts) {
        if (facts_.metrics != 0 || facts_.part == 0) cut(parts);
    }

private:
    void cut(family_parts& parts) {
        parts.push_back(stored_family::make(labels_, values_, facts_));
        labels_.clear();
        values_.clear();
        labels_writer_.restart();
        facts_ = {.part = facts_.part + 1, .rich = facts_.rich};
    }

    template <class Number>
    void put_word(Number number) {
        detail::put_word(values_, number);
    }

    void put(model::metric_value const& value) {
        std::visit(
            [this]<class Value>(Value const& v) {
                if constexpr (requires { v.quantiles; }) {
                    put_word(std::uint64_t{v.quantiles.size() * 2});
                    put_word(v.count);
                    put_word(v.sum);
                    for (auto const& [rank, at_rank] : v.quantiles) {
                        put_word(rank);
                        put_word(at_rank);
                    }
                } else if constexpr (requires { v.buckets; }) {
                    constexpr std::uint64_t floats = std::is_floating_point_v<decltype(v.count)> ? 1 : 0;
                    put_word(std::uint64_t{v.buckets.size() * 2 + floats});
                    put_word(v.count);
                    put_word(v.sum);
                    for (auto const& [bound, count] : v.buckets) {
                        put_word(bound);
                        put_word(count);
                    }
                } else {
                    put_word(v.value);
                }
            },
            value);
    }

    static constexpr std::size_t typical_number = 8;
    /// In words. Native buckets and exemplars make no lines of text, but may be very many.
    static constexpr std::size_t most_values = std::size_t{8} << 10;

    std::size_t key_text_;
    std::size_t name_size_ = 0;
    byte_buffer labels_;
    value_buffer values_;
    label_block_writer labels_writer_{labels_};
    part_facts facts_;
};

}  // namespace pushgateway::store
