#pragma once

/// \file
/// Values of the columns: labels as JSON, types as words, checksums.

#include <algorithm>
#include <bit>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <boost/container/small_vector.hpp>
#include <zlib.h>

#include <pushgateway/base/clock.hpp>
#include <pushgateway/base/little_endian.hpp>
#include <pushgateway/base/ref_counted.hpp>
#include <pushgateway/model/grouping_key.hpp>
#include <pushgateway/model/label.hpp>
#include <pushgateway/model/metric_family.hpp>
#include <pushgateway/store/group_header.hpp>

namespace pushgateway::journal::sqlite {

/// The word for a type in the column `type`.
[[nodiscard]] constexpr std::string_view type_word(model::metric_type type) noexcept {
    return model::names_of(type).word;
}

[[nodiscard]] constexpr std::optional<model::metric_type> type_of(std::string_view word) noexcept {
    for (std::size_t i = 0; i != model::metric_types; ++i) {
        if (word == model::all_type_names[i].word) return model::all_type_names[i].type;
    }
    return std::nullopt;
}

/// Appends the labels, pairs of name and value sorted by name, as a JSON object.
template <class Pairs>
void append_labels(std::string& out, Pairs const& labels) {
    auto const quote = [&out](std::string_view text) {
        constexpr std::string_view digits = "0123456789abcdef";
        auto const is_special = [](char c) { return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20; };
        out += '"';
        while (!text.empty()) {
            auto const plain = static_cast<std::size_t>(std::ranges::find_if(text, is_special) - text.begin());
            out += text.substr(0, plain);
            text.remove_prefix(plain);
            if (text.empty()) break;
            auto const code = static_cast<unsigned char>(text.front());
            if (code < 0x20) {
                out += "\\u00";
                out += digits[code >> 4];
                out += digits[code & 15];
            } else {
                out += '\\';
                out += text.front();
            }
            text.remove_prefix(1);
        }
        out += '"';
    };
    out += '{';
    for (bool first = true; auto const& [name, value] : labels) {
        if (!std::exchange(first, false)) out += ',';
        quote(name);
        out += ':';
        quote(value);
    }
    out += '}';
}

namespace detail {

/// Reads a string that `append_labels` wrote.
inline bool take_string(std::string_view& in, std::string& out) {
    out.clear();
    if (!in.starts_with('"')) return false;
    in.remove_prefix(1);
    while (!in.empty() && in.front() != '"') {
        char c = in.front();
        in.remove_prefix(1);
        if (c == '\\') {
            if (in.empty()) return false;
            c = in.front();
            in.remove_prefix(1);
            if (c == 'u') {
                auto const digit = [](char d) { return d <= '9' ? d - '0' : d - 'a' + 10; };
                if (in.size() < 4 || !in.starts_with("00")) return false;
                c = static_cast<char>(digit(in[2]) * 16 + digit(in[3]));
                in.remove_prefix(4);
            }
        }
        out += c;
    }
    if (in.empty()) return false;
    in.remove_prefix(1);
    return true;
}

}  // namespace detail

/// Reads labels that `append_labels` wrote; nothing if they are not.
[[nodiscard]] inline std::optional<model::grouping_key> read_labels(std::string_view in) {
    model::grouping_key key("");
    bool job = false;
    std::string name;
    std::string value;
    if (!in.starts_with('{')) return std::nullopt;
    do {
        in.remove_prefix(1);
        if (!detail::take_string(in, name) || !in.starts_with(':')) return std::nullopt;
        in.remove_prefix(1);
        if (!detail::take_string(in, value)) return std::nullopt;
        key.set(name, value);
        job = job || name == model::job_label;
    } while (in.starts_with(','));
    if (in != "}" || !job) return std::nullopt;
    return key;
}

/// The checksum of a row: CRC-32 over its columns in order, an integer as 8 bytes, a number as the 8 bytes of its bits,
/// text and blobs as 8 bytes of length and then their own; lowest byte first.
class row_checksum {
public:
    row_checksum& add(std::int64_t value) {
        auto const bytes = little_endian_bytes(static_cast<std::uint64_t>(value));
        bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
        return *this;
    }
    row_checksum& add(double value) { return add(std::bit_cast<std::int64_t>(value)); }
    row_checksum& add(std::string_view text) {
        add(static_cast<std::int64_t>(text.size()));
        if (text.size() < large) {
            bytes_.insert(bytes_.end(), text.begin(), text.end());
        } else {
            flush();
            crc_ = crc32_z(crc_, reinterpret_cast<unsigned char const*>(text.data()), text.size());
        }
        return *this;
    }
    /// An absent value.
    row_checksum& add_null() { return add(std::int64_t{-1}); }

    [[nodiscard]] std::int64_t value() {
        flush();
        return static_cast<std::int64_t>(crc_);
    }

private:
    static constexpr std::size_t large = 256;

    void flush() {
        crc_ = crc32_z(crc_, reinterpret_cast<unsigned char const*>(bytes_.data()), bytes_.size());
        bytes_.clear();
    }

    unsigned long crc_ = crc32_z(0, nullptr, 0);
    // Summed together: the checksum of a few bytes costs as much as that of many.
    boost::container::small_vector<char, 512> bytes_;
};

/// One row of the table `groups`, without its number.
struct group_row {
    std::string_view labels;
    double push_time = 0;
    std::int64_t pushed_at = 0;  ///< nanoseconds of Unix time
    double push_failure_time = 0;
    std::int64_t failed_at = 0;
    std::int64_t lifetime = 0;  ///< of a later version, which gives it a meaning; 0: none
    std::int64_t merge = 0;     ///< the same
    std::string_view extras;    ///< what a version that does not know it may keep as it is

    /// Of the columns that came with schema 2 only if one says something: so the rows of schema 1 need no other one.
    [[nodiscard]] std::int64_t checksum() const {
        row_checksum sum;
        sum.add(labels).add(push_time).add(pushed_at).add(push_failure_time).add(failed_at);
        if (lifetime != 0 || merge != 0 || !extras.empty()) sum.add(lifetime).add(merge).add(extras);
        return sum.value();
    }

    /// Takes over the times and the extras of a header, which must outlive the row.
    void take(store::group_header const& header) {
        push_time = header.push.seconds;
        pushed_at = header.push.set_at.time_since_epoch().count();
        push_failure_time = header.push_failure.seconds;
        failed_at = header.push_failure.set_at.time_since_epoch().count();
        extras = header.extras ? std::string_view(header.extras->bytes) : std::string_view();
    }

    /// The header that it holds.
    [[nodiscard]] store::group_header header() const {
        auto const at = [](std::int64_t count) { return timestamp(std::chrono::nanoseconds(count)); };
        store::group_header out{{push_time, at(pushed_at)}, {push_failure_time, at(failed_at)}, {}};
        if (!extras.empty()) out.extras = make_ref<store::group_extras>(extras);
        return out;
    }
};

/// One row of the table `families`.
struct family_row {
    std::int64_t group_id = 0;
    std::string_view name;
    std::int64_t part = 0;
    std::string_view type;
    std::optional<std::string_view> help;
    std::int64_t pushed_at = 0;  ///< nanoseconds of Unix time
    std::string_view metrics;

    [[nodiscard]] std::int64_t checksum() const {
        row_checksum sum;
        sum.add(group_id).add(name).add(part).add(type);
        if (help) {
            sum.add(*help);
        } else {
            sum.add_null();
        }
        return sum.add(pushed_at).add(metrics).value();
    }
};

}  // namespace pushgateway::journal::sqlite
