#pragma once

/// \file
/// The path that pushes into a group: the one place where a grouping key is written as a path. path.hpp reads it.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <pushgateway/base/base64url.hpp>
#include <pushgateway/base/name_escaping.hpp>
#include <pushgateway/base/percent.hpp>
#include <pushgateway/http/path.hpp>
#include <pushgateway/model/grouping_key.hpp>
#include <pushgateway/model/label.hpp>

namespace pushgateway::http {

/// How a value is written in a path that has other characters than letters, digits and `-._~`.
enum class value_spelling : std::uint8_t {
    percent,  ///< percent-encoded, in base64url only what no path can have: readable
    base64,   ///< in base64url: no character means anything to a shell, and nothing on the way decodes it
};

namespace detail {

/// True if a value can be a component of a path: others would be cut, or cleaned away.
[[nodiscard]] constexpr bool is_component(std::string_view value) noexcept {
    return !value.empty() && value != "." && value != ".." && value.find('/') == std::string_view::npos;
}

/// True if no character of it is ever encoded (RFC 3986, section 2.3).
[[nodiscard]] constexpr bool is_unreserved(std::string_view value) noexcept {
    return value.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~") ==
           std::string_view::npos;
}

}  // namespace detail

/// A label as two components of a path, `host/db1` or `host@base64/L3Zhcg`. Names beyond the legacy set are escaped by
/// `name_escaping::values`, as a push spells them.
[[nodiscard]] inline std::string path_pair(std::string_view name, std::string_view value,
                                           value_spelling spelling = value_spelling::percent) {
    std::string out;
    append_escaped_label_name(out, name, name_escaping::values);
    out = encode_path(out);
    bool const plain =
        detail::is_component(value) && (spelling == value_spelling::percent || detail::is_unreserved(value));
    if (!plain) out += base64_suffix;
    out += '/';
    out += plain ? encode_path(value) : encode_base64url(value);
    return out;
}

/// The path of a grouping key (sorted by name) below the prefix, encoded, the job first:
/// `/metrics/job/backup/host/db1`.
[[nodiscard]] inline std::string push_target(model::labels key, value_spelling spelling = value_spelling::percent) {
    std::string out = "/metrics";
    for (auto const& [name, value] : key) {
        if (name == model::job_label) out += '/' + path_pair(name, value, spelling);
    }
    for (auto const& [name, value] : key) {
        if (name != model::job_label) out += '/' + path_pair(name, value, spelling);
    }
    return out;
}

/// The same of a key that owns its labels.
[[nodiscard]] inline std::string push_target(model::grouping_key const& key,
                                             value_spelling spelling = value_spelling::percent) {
    std::vector<model::label> labels;
    for (auto const& [name, value] : key.pairs()) labels.push_back({name, value});
    return push_target(model::labels(labels), spelling);
}

}  // namespace pushgateway::http
