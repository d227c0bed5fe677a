#pragma once

/// \file
/// Reads what Go's encoding/gob writes, as far as a Prometheus Pushgateway's persistence file needs it.
///
/// A gob stream is a sequence of messages, each with its length. A message defines a type, or holds a value, whose form
/// the types say.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

namespace pushgateway::journal::gob {

/// Numbers and bytes, one after the other. After a failure all that is read is 0 or empty.
class bytes_reader {
public:
    explicit bytes_reader(std::string_view bytes) noexcept : rest_(bytes) {}

    [[nodiscard]] bool failed() const noexcept { return failed_; }
    [[nodiscard]] bool at_end() const noexcept { return rest_.empty(); }
    [[nodiscard]] std::size_t left() const noexcept { return rest_.size(); }
    void fail() noexcept {
        failed_ = true;
        rest_ = {};
    }

    /// Below 128 a byte, otherwise the negated number of bytes and these, highest first.
    std::uint64_t number() noexcept {
        if (rest_.empty()) {
            fail();
            return 0;
        }
        auto const first = static_cast<unsigned char>(rest_.front());
        rest_.remove_prefix(1);
        if (first < 0x80) return first;
        std::size_t const size = 256U - first;
        if (size > sizeof(std::uint64_t) || size > rest_.size()) {
            fail();
            return 0;
        }
        std::uint64_t value = 0;
        for (char const c : rest_.substr(0, size)) value = value << 8 | static_cast<unsigned char>(c);
        rest_.remove_prefix(size);
        return value;
    }

    /// The lowest bit says if the others are complemented.
    std::int64_t signed_number() noexcept {
        auto const raw = number();
        auto const value = static_cast<std::int64_t>(raw >> 1);
        return (raw & 1) != 0 ? ~value : value;
    }

    /// Bytes with their length before them.
    std::string_view text() noexcept {
        auto const size = number();
        if (size > rest_.size()) {
            fail();
            return {};
        }
        auto const out = rest_.substr(0, static_cast<std::size_t>(size));
        rest_.remove_prefix(static_cast<std::size_t>(size));
        return out;
    }

private:
    std::string_view rest_;
    bool failed_ = false;
};

/// Numbers of types that every stream knows.
enum class basic_type : std::int64_t { boolean = 1, integer = 2, natural = 3, floating = 4, bytes = 5, text = 6 };

/// A type that a stream defines.
struct type {
    enum class kind : std::uint8_t { array, slice, structure, map, opaque } what = kind::opaque;
    std::int64_t key = 0;
    std::int64_t element = 0;
    std::vector<std::pair<std::string_view, std::int64_t>> fields;  ///< names and types
};

/// A stream with one value.
class stream_reader {
public:
    /// Reads all definitions, up to the value. False if this is no such stream.
    bool open(std::string_view stream) {
        bytes_reader messages(stream);
        while (!messages.at_end()) {
            bytes_reader message(messages.text());
            auto const id = message.signed_number();
            if (messages.failed() || message.failed()) return false;
            if (id < 0) {
                if (types_.size() >= most_types || !define(-id, message)) return false;
                continue;
            }
            // A value that is no structure has a zero before it.
            if (!is(id, type::kind::structure) && message.number() != 0) return false;
            value_ = message;
            value_type_ = id;
            return !value_.failed() && messages.at_end();
        }
        return false;
    }

    [[nodiscard]] std::int64_t value_type() const noexcept { return value_type_; }
    [[nodiscard]] bytes_reader& value() noexcept { return value_; }

    [[nodiscard]] type const* find(std::int64_t id) const noexcept {
        auto const at = types_.find(id);
        return at == types_.end() ? nullptr : &at->second;
    }
    [[nodiscard]] bool is(std::int64_t id, type::kind what) const noexcept {
        auto const* known = find(id);
        return known != nullptr && known->what == what;
    }

    /// Calls `visit(name, type)` for every field that is there; `visit` reads it, or has it skipped by `skip`.
    template <class Visit>
    void for_each_field(std::int64_t id, Visit&& visit) {
        auto const* structure = find(id);
        if (structure == nullptr || structure->what != type::kind::structure) return value_.fail();
        std::size_t field = 0;
        for (auto step = value_.number(); step != 0 && !value_.failed(); step = value_.number()) {
            field += static_cast<std::size_t>(step);
            if (step > structure->fields.size() || field > structure->fields.size()) return value_.fail();
            visit(structure->fields[field - 1].first, structure->fields[field - 1].second);
        }
    }

    /// Calls `visit(element type)` for every entry of a map whose keys are texts, with the key.
    template <class Visit>
    void for_each_entry(std::int64_t id, Visit&& visit) {
        auto const* map = find(id);
        if (map == nullptr || map->what != type::kind::map || map->key != static_cast<std::int64_t>(basic_type::text)) {
            return value_.fail();
        }
        auto const element = map->element;
        for (auto left = value_.number(); left != 0 && !value_.failed(); --left) {
            auto const key = value_.text();
            if (!value_.failed()) visit(key, element);
        }
    }

    /// Passes over a value.
    void skip(std::int64_t id, int depth = 0) {
        if (depth > deepest || value_.failed()) return value_.fail();
        switch (static_cast<basic_type>(id)) {
            case basic_type::boolean:
            case basic_type::integer:
            case basic_type::natural:
            case basic_type::floating: value_.number(); return;
            case basic_type::bytes:
            case basic_type::text: value_.text(); return;
        }
        auto const* known = find(id);
        if (known == nullptr) return value_.fail();
        switch (known->what) {
            case type::kind::opaque: value_.text(); return;
            case type::kind::structure:
                for_each_field(id, [&](std::string_view, std::int64_t field) { skip(field, depth + 1); });
                return;
            case type::kind::map:
            case type::kind::slice:
            case type::kind::array: {
                bool const keyed = known->what == type::kind::map;
                auto const key = known->key;
                auto const element = known->element;
                auto left = value_.number();
                // Every element takes a byte at least.
                if (left > value_.left()) return value_.fail();
                for (; left != 0 && !value_.failed(); --left) {
                    if (keyed) skip(key, depth + 1);
                    skip(element, depth + 1);
                }
                return;
            }
        }
    }

private:
    static constexpr std::size_t most_types = 256;
    static constexpr std::size_t most_fields = 256;
    static constexpr int deepest = 16;

    /// Calls `visit(number)` for every field of a structure that the format itself defines.
    template <class Visit>
    static void for_each_own_field(bytes_reader& in, Visit&& visit) {
        std::uint64_t field = 0;
        for (auto step = in.number(); step != 0 && !in.failed(); step = in.number()) {
            field += step;
            if (step > most_fields || !visit(field)) in.fail();
        }
    }

    /// The name and the number of a type, which say nothing here.
    static bool skip_common(bytes_reader& in) {
        for_each_own_field(in, [&in](std::uint64_t field) {
            if (field == 1) in.text();
            if (field == 2) in.signed_number();
            return field <= 2;
        });
        return !in.failed();
    }

    bool define(std::int64_t id, bytes_reader& in) {
        type defined;
        for_each_own_field(in, [&](std::uint64_t field) {
            switch (field) {
                case 1: defined.what = type::kind::array; break;
                case 2: defined.what = type::kind::slice; break;
                case 3: defined.what = type::kind::structure; break;
                case 4: defined.what = type::kind::map; break;
                case 5:
                case 6:
                case 7: defined.what = type::kind::opaque; break;
                default: return false;
            }
            for_each_own_field(in, [&](std::uint64_t part) {
                if (part == 1) return skip_common(in);
                if (defined.what == type::kind::structure) return part == 2 && define_fields(in, defined);
                if (part > 3 || defined.what == type::kind::opaque) return false;
                bool const second = part == 3;
                auto const number = in.signed_number();
                // A map has its key first; an array has its length last.
                if (defined.what == type::kind::map && !second) defined.key = number;
                if (defined.what == type::kind::map ? second : !second) defined.element = number;
                return true;
            });
            return true;
        });
        if (in.failed() || !in.at_end()) return false;
        return types_.try_emplace(id, std::move(defined)).second;
    }

    static bool define_fields(bytes_reader& in, type& defined) {
        auto count = in.number();
        if (count > most_fields) return false;
        for (; count != 0 && !in.failed(); --count) {
            auto& [name, number] = defined.fields.emplace_back();
            for_each_own_field(in, [&](std::uint64_t field) {
                if (field == 1) name = in.text();
                if (field == 2) number = in.signed_number();
                return field <= 2;
            });
        }
        return true;
    }

    boost::unordered_flat_map<std::int64_t, type> types_;
    bytes_reader value_{{}};
    std::int64_t value_type_ = 0;
};

}  // namespace pushgateway::journal::gob
