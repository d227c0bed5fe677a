#pragma once

/// \file
/// Reads values out of a YAML tree, strictly: an unknown key or a value of another type is an error with its place.

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <pushgateway/base/error.hpp>
#include <pushgateway/base/quote.hpp>
#include <pushgateway/server/yaml.hpp>

namespace pushgateway::server {

/// Reads one value. `path` names it in messages.
using yaml_reader = std::function<result<>(yaml_node const& node, std::string const& path)>;

/// A key of a mapping and how its value is read. A value that is null is left alone, as if the key were not there.
struct yaml_key {
    std::string_view name;
    yaml_reader read;
};

/// What is wrong with a value.
[[nodiscard]] inline std::unexpected<error> wrong_value(yaml_node const& node, std::string const& path,
                                                        std::string_view what) {
    return std::unexpected(yaml_error(node.line, node.column, path, what));
}

[[nodiscard]] inline std::string joined(std::string const& path, std::string_view name) {
    return path.empty() ? std::string(name) : path + '.' + std::string(name);
}

/// Calls `read(key, value, path)` for each entry of a mapping in the order of the file; null is an empty mapping.
template <class Read>
[[nodiscard]] result<> read_entries(yaml_node const& node, std::string const& path, Read const& read) {
    if (node.is_null()) return {};
    if (!node.is_mapping()) return wrong_value(node, path, "must be a mapping");
    for (std::size_t i = 0; i + 1 < node.children.size(); i += 2) {
        auto const& key = node.children[i];
        if (auto done = read(key, node.children[i + 1], joined(path, key.text)); !done) return done;
    }
    return {};
}

/// Reads a mapping that has no keys but these.
[[nodiscard]] inline result<> read_mapping(yaml_node const& node, std::string const& path,
                                           std::vector<yaml_key> const& keys) {
    return read_entries(
        node, path, [&](yaml_node const& key, yaml_node const& value, std::string const& name) -> result<> {
            auto const found = std::ranges::find(keys, key.text, &yaml_key::name);
            if (found != keys.end()) return value.is_null() ? result<>{} : found->read(value, name);
            std::string known;
            for (auto const& k : keys) known += (known.empty() ? "" : ", ") + std::string(k.name);
            return std::unexpected(yaml_error(key.line, key.column, name, "is unknown; known are " + known));
        });
}

/// Reads the items of a list.
[[nodiscard]] inline result<> read_list(yaml_node const& node, std::string const& path, yaml_reader const& read) {
    if (!node.is_list()) return wrong_value(node, path, "must be a list");
    for (std::size_t i = 0; i != node.children.size(); ++i) {
        if (auto done = read(node.children[i], path + '[' + std::to_string(i) + ']'); !done) return done;
    }
    return {};
}

/// Any scalar, as it is written.
[[nodiscard]] inline yaml_reader yaml_text(std::string& into) {
    return [&into](yaml_node const& node, std::string const& path) -> result<> {
        if (!node.is_text()) return wrong_value(node, path, "must be a text");
        into = node.text;
        return {};
    };
}

/// `true` and `false`, and the other words that YAML 1.1 has for them.
[[nodiscard]] inline yaml_reader yaml_boolean(bool& into) {
    return [&into](yaml_node const& node, std::string const& path) -> result<> {
        constexpr std::string_view yes[] = {"true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON", "y", "Y"};
        constexpr std::string_view no[] = {"false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF", "n", "N"};
        bool const plain = node.is_text() && !node.quoted;
        bool const is_true = plain && std::ranges::find(yes, node.text) != std::end(yes);
        if (!is_true && !(plain && std::ranges::find(no, node.text) != std::end(no))) {
            return wrong_value(node, path, "must be true or false");
        }
        into = is_true;
        return {};
    };
}

/// A decimal number from `least` to `most`.
[[nodiscard]] inline yaml_reader yaml_number(std::uint32_t& into, std::uint32_t least, std::uint32_t most) {
    return [&into, least, most](yaml_node const& node, std::string const& path) -> result<> {
        std::uint32_t value = 0;
        auto const* const end = node.text.data() + node.text.size();
        auto const [rest, ec] = std::from_chars(node.text.data(), end, value);
        bool const number = node.is_text() && !node.quoted && ec == std::errc{} && rest == end;
        if (!number || value < least || value > most) {
            return wrong_value(node, path,
                               "must be a number from " + std::to_string(least) + " to " + std::to_string(most));
        }
        into = value;
        return {};
    };
}

/// A list of texts.
[[nodiscard]] inline yaml_reader yaml_texts(std::vector<std::string>& into) {
    return [&into](yaml_node const& node, std::string const& path) -> result<> {
        into.clear();
        return read_list(node, path, [&into](yaml_node const& item, std::string const& name) -> result<> {
            return yaml_text(into.emplace_back())(item, name);
        });
    };
}

}  // namespace pushgateway::server
