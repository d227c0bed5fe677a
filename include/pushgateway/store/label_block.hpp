#pragma once

/// \file
/// The labels of a family's metrics as bytes. Per metric:
///
///     head   = varint (2 * labels + same_names)
///     names  = labels * (varint length, bytes)      absent if same_names: then they are those of the metric before
///     values = labels * (varint length, bytes)
///
/// Equal blocks mean equal label sets in equal order, so a block is compared without being read.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include <boost/container/small_vector.hpp>

#include <pushgateway/model/label.hpp>

namespace pushgateway::store {

/// Bytes that are being written; short ones without a heap allocation.
using byte_buffer = boost::container::small_vector<char, 1024>;

namespace detail {

inline void put_varint(byte_buffer& out, std::size_t value) {
    for (; value >= 0x80; value >>= 7) out.push_back(static_cast<char>(value | 0x80));
    out.push_back(static_cast<char>(value));
}

inline void put_text(byte_buffer& out, std::string_view text) {
    put_varint(out, text.size());
    out.insert(out.end(), text.begin(), text.end());
}

[[nodiscard]] inline std::size_t take_varint(char const*& at) noexcept {
    std::size_t value = 0;
    for (unsigned shift = 0;; shift += 7) {
        auto const byte = static_cast<unsigned char>(*at++);
        value |= static_cast<std::size_t>(byte & 0x7f) << shift;
        if (byte < 0x80) return value;
    }
}

[[nodiscard]] inline std::string_view take_text(char const*& at) noexcept {
    auto const size = take_varint(at);
    std::string_view const text(at, size);
    at += size;
    return text;
}

}  // namespace detail

/// Writes a label block.
class label_block_writer {
public:
    explicit label_block_writer(byte_buffer& out) noexcept : out_(out) {}

    /// Adds the labels of one metric.
    void add(model::labels labels) {
        bool const same = known_ && labels.size() == names_.size() && [&] {
            for (std::size_t i = 0; i != labels.size(); ++i) {
                if (labels[i].name != names_[i]) return false;
            }
            return true;
        }();
        detail::put_varint(out_, labels.size() * 2 + (same ? 1 : 0));
        if (!same) {
            names_.clear();
            for (auto const& label : labels) {
                detail::put_text(out_, label.name);
                names_.push_back(label.name);
            }
            known_ = true;
        }
        for (auto const& label : labels) detail::put_text(out_, label.value);
    }

    /// Forgets the names, as at the beginning of a block.
    void restart() noexcept { known_ = false; }

private:
    byte_buffer& out_;
    boost::container::small_vector<std::string_view, 16> names_;
    bool known_ = false;
};

/// Reads a label block that a writer has made, metric by metric.
class label_block_reader {
public:
    explicit label_block_reader(char const* block) noexcept : at_(block) {}

    /// Goes to the next metric, which must exist. True if its label names differ from those of the one before.
    bool next() {
        auto const head = detail::take_varint(at_);
        bool const changed = (head & 1) == 0;
        if (changed) {
            labels_.resize(head / 2);
            for (auto& label : labels_) label.name = detail::take_text(at_);
        }
        for (auto& label : labels_) label.value = detail::take_text(at_);
        return changed;
    }

    [[nodiscard]] model::labels labels() const noexcept { return {labels_.data(), labels_.size()}; }

private:
    char const* at_;
    boost::container::small_vector<model::label, 16> labels_;
};

}  // namespace pushgateway::store
