#pragma once

/// \file
/// What a group holds of one family name: a header, the label block and the values, in one allocation. Immutable once
/// readers may share it.
///
/// A family with much text is kept in several such parts, so that no page of the exposition grows without bound.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
#include <span>
#include <string_view>
#include <utility>

#include <pushgateway/base/clock.hpp>
#include <pushgateway/base/ref_counted.hpp>
#include <pushgateway/store/accounted.hpp>
#include <pushgateway/store/family_meta.hpp>
#include <pushgateway/store/stored_key.hpp>

namespace pushgateway::store {

/// What is known of a part when it is written.
struct part_facts {
    std::uint32_t metrics = 0;
    std::uint32_t series = 0;    ///< lines in the text format
    std::uint32_t estimate = 0;  ///< bytes in the text format, roughly; a function of the labels and the line count
    std::uint32_t part = 0;      ///< its number within the family
    bool suspect = false;        ///< some metric has labels that no scrape may show
    bool irregular = false;      ///< the value of some metric is not what OpenMetrics demands of its type
    bool rich = false;           ///< behind each value stands what rich_values.hpp says
};

/// One group's metrics of one family, or a part of them.
class stored_family final : public ref_counted<stored_family> {
public:
    [[nodiscard]] static ref<stored_family> make(std::span<char const> labels, std::span<std::uint64_t const> values,
                                                 part_facts const& facts) {
        std::size_t const size = value_offset(labels.size()) + values.size_bytes();
        return ref<stored_family>::adopt(new (store::allocate(size)) stored_family(labels, values, facts, size));
    }

    static void destroy(stored_family* family) noexcept {
        std::size_t const size = family->size_;
        if (family->key_) memory::subtract(memory::kind::parts, memory::cost(size));
        family->~stored_family();
        store::deallocate(family, size);
    }

    /// Says whose it is and when it was pushed. Once, before anybody else can see it.
    void attach(ref<stored_key const> key, ref<family_meta const> meta, timestamp pushed_at) noexcept {
        // Not before: until then it is a part of a request.
        if (!key_) memory::add(memory::kind::parts, memory::cost(size_));
        key_ = std::move(key);
        meta_ = std::move(meta);
        pushed_at_ = pushed_at;
    }

    /// Takes the values of a part with the same label block, and the time of its push. False if they need another size.
    /// Only for who knows that nobody else sees this part.
    bool overwrite(stored_family const& newer, timestamp pushed_at) noexcept {
        if (newer.size_ != size_ || newer.rich_ != rich_) return false;
        auto const from = value_offset(label_bytes_);
        std::memcpy(bytes() + from, newer.bytes() + from, size_ - from);
        series_ = newer.series_;
        irregular_ = newer.irregular_;
        pushed_at_ = pushed_at;
        return true;
    }

    [[nodiscard]] stored_key const& key() const noexcept { return *key_; }
    [[nodiscard]] ref<stored_key const> const& shared_key() const noexcept { return key_; }
    [[nodiscard]] family_meta const& meta() const noexcept { return *meta_; }
    [[nodiscard]] ref<family_meta const> const& shared_meta() const noexcept { return meta_; }
    [[nodiscard]] timestamp pushed_at() const noexcept { return pushed_at_; }
    [[nodiscard]] std::uint32_t metrics() const noexcept { return metrics_; }
    [[nodiscard]] std::uint32_t series() const noexcept { return series_; }
    [[nodiscard]] std::uint32_t part() const noexcept { return part_; }
    [[nodiscard]] std::uint32_t estimate() const noexcept { return std::uint32_t{estimate_} * estimate_unit; }
    [[nodiscard]] std::uint32_t size() const noexcept { return size_; }
    [[nodiscard]] bool suspect() const noexcept { return suspect_; }
    [[nodiscard]] bool irregular() const noexcept { return irregular_; }
    [[nodiscard]] bool rich() const noexcept { return rich_; }

    [[nodiscard]] std::string_view label_block() const noexcept { return {bytes() + label_offset(), label_bytes_}; }
    [[nodiscard]] std::uint64_t const* values() const noexcept {
        return reinterpret_cast<std::uint64_t const*>(bytes() + value_offset(label_bytes_));
    }

private:
    static constexpr std::uint32_t estimate_unit = 16;

    // The label block begins in the last member and goes on behind the object.
    [[nodiscard]] static constexpr std::size_t label_offset() noexcept {
        static_assert(sizeof(stored_family) == 56);
        return sizeof(stored_family) - sizeof labels_;
    }
    [[nodiscard]] static constexpr std::size_t value_offset(std::size_t labels) noexcept {
        return (label_offset() + labels + 7) / 8 * 8;
    }

    stored_family(std::span<char const> labels, std::span<std::uint64_t const> values, part_facts const& facts,
                  std::size_t size) noexcept
        : metrics_(facts.metrics),
          series_(facts.series),
          label_bytes_(static_cast<std::uint32_t>(labels.size())),
          size_(static_cast<std::uint32_t>(size)),
          part_(facts.part),
          estimate_(static_cast<std::uint16_t>(std::min(facts.estimate / estimate_unit + 1, 0xffffu))),
          suspect_(facts.suspect),
          irregular_(facts.irregular),
          rich_(facts.rich) {
        if (!labels.empty()) std::memcpy(bytes() + label_offset(), labels.data(), labels.size());
        if (!values.empty()) std::memcpy(bytes() + value_offset(labels.size()), values.data(), values.size_bytes());
    }

    [[nodiscard]] char* bytes() noexcept { return reinterpret_cast<char*>(this); }
    [[nodiscard]] char const* bytes() const noexcept { return reinterpret_cast<char const*>(this); }

    std::uint32_t metrics_;
    ref<stored_key const> key_;
    ref<family_meta const> meta_;
    timestamp pushed_at_{};
    std::uint32_t series_;
    std::uint32_t label_bytes_;
    std::uint32_t size_;
    std::uint32_t part_;
    std::uint16_t estimate_;
    bool suspect_ : 1;
    bool irregular_ : 1;
    bool rich_ : 1;
    char labels_[5];
};

}  // namespace pushgateway::store
