#pragma once

/// \file
/// The path that pushes into a group.

#include <string>
#include <string_view>

#include <pushgateway/base/base64url.hpp>
#include <pushgateway/base/name_escaping.hpp>
#include <pushgateway/base/percent.hpp>
#include <pushgateway/http/path.hpp>
#include <pushgateway/model/label.hpp>

namespace pushgateway::http {

namespace detail {

inline void append_path_pair(std::string& out, std::string_view name, std::string_view value) {
    // These would be cut, cleaned away, or be no UTF-8 on the way.
    bool const plain = !value.empty() && value != "." && value != ".." && value.find('/') == std::string_view::npos;
    out += '/';
    std::string spelled;
    // As the path of a push spells names beyond the legacy set.
    append_escaped_label_name(spelled, name, name_escaping::values);
    out += encode_path(spelled);
    if (plain) {
        out += '/' + encode_path(value);
    } else {
        out += base64_suffix;
        out += '/' + encode_base64url(value);
    }
}

}  // namespace detail

/// The path of a grouping key (sorted by name) below the prefix, encoded, the job first:
/// `/metrics/job/backup/host/db1`.
[[nodiscard]] inline std::string push_target(model::labels key) {
    std::string out = "/metrics";
    for (auto const& [name, value] : key) {
        if (name == model::job_label) detail::append_path_pair(out, name, value);
    }
    for (auto const& [name, value] : key) {
        if (name != model::job_label) detail::append_path_pair(out, name, value);
    }
    return out;
}

}  // namespace pushgateway::http
