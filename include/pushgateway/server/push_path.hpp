#pragma once

/// \file
/// The path that a group is pushed to.

#include <cstddef>
#include <string>
#include <string_view>

#include <pushgateway/model/grouping_key.hpp>
#include <pushgateway/model/label.hpp>

namespace pushgateway::server {

/// `/metrics/job/…` with all labels, job first, the others sorted. Values that are no plain path component are in
/// base64.
[[nodiscard]] inline std::string push_path_of(model::grouping_key const& key) {
    constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    std::string path = "/metrics";
    auto const append = [&](std::string_view name, std::string_view value) {
        bool const plain =
            !value.empty() && value != "." && value != ".." &&
            value.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~") ==
                std::string_view::npos;
        path += '/';
        path += name;
        if (plain) {
            path += '/';
            path += value;
            return;
        }
        path += "@base64/";
        std::size_t bits = 0;
        unsigned left = 0;
        for (char const c : value) {
            left = (left << 8 | static_cast<unsigned char>(c)) & 0xffff;
            for (bits += 8; bits >= 6; bits -= 6) path += digits[left >> (bits - 6) & 63];
        }
        if (bits != 0) path += digits[left << (6 - bits) & 63];
        if (value.empty()) path += '=';
    };
    append(model::job_label, key.job());
    for (auto const& [name, value] : key.pairs()) {
        if (name != model::job_label) append(name, value);
    }
    return path;
}

}  // namespace pushgateway::server
