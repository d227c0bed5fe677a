#pragma once

/// \file
/// Grouping keys in paths that are not clean: a redirect to the cleaned path must not name another group.

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <ranges>
#include <string>
#include <string_view>

#include <pushgateway/base/error.hpp>
#include <pushgateway/base/quote.hpp>
#include <pushgateway/http/message.hpp>
#include <pushgateway/http/path.hpp>
#include <pushgateway/http/push_target.hpp>

namespace pushgateway::http {

/// What stands behind `<root>/job/` or `<root>/job@base64/` in a decoded path, where `root` is found as a server finds
/// it that cleans paths and does not mind upper case; nothing if the path does not lead there.
[[nodiscard]] inline std::optional<std::string_view> key_part(std::string_view path, std::string_view root) {
    constexpr std::array<std::string_view, 2> marks{"/job", "/job@base64"};
    std::string cleaned;
    for (std::size_t at = 0; at < path.size();) {
        auto const end = std::min(path.find('/', at), path.size());
        detail::append_element(cleaned, path.substr(at, end - at));
        at = end + 1;
        if (at > path.size() || cleaned.size() <= root.size()) continue;
        auto const tail = std::string_view(cleaned).substr(root.size());
        bool const here = equal_ignoring_case(std::string_view(cleaned).substr(0, root.size()), root) &&
                          std::ranges::any_of(marks, [tail](auto mark) { return equal_ignoring_case(tail, mark); });
        if (here) return path.substr(at);
    }
    return std::nullopt;
}

/// Whether a path with this key part may be redirected to its cleaned form: not if that is another group's. Fails with
/// errc::invalid and a text that says how the value is written.
[[nodiscard]] inline result<> check_redirect_of_key(std::string_view key) {
    auto const start = std::min(key.find_first_not_of('/'), key.size());
    bool const no_job = start != 0;
    // Two empty components are an empty job and a label without a name.
    if (start > 1) return fail(errc::invalid, empty_job);
    key.remove_prefix(start);
    std::string_view before = "job";
    for (auto const part : std::views::split(key, '/')) {
        std::string_view const element(part.begin(), part.end());
        if (element == "." || element == "..") {
            return fail(errc::invalid, "the path has \"" + std::string(element) + "\" behind /job/, which stands for " +
                                           (element == "." ? "nothing" : "one step back") +
                                           " in a URL: a value like this is written in base64, as in " +
                                           path_pair(quotable_name(before), element));
        }
        before = element;
    }
    auto const labels = key.substr(std::min(key.find('/'), key.size()));
    if (auto const wrong = check_components(labels); !wrong) return wrong;
    // `job//a/b` and `job//a/`: more likely an empty job with a label than a job `a` with half of one.
    bool const pairs = labels.ends_with('/') || std::ranges::count(labels, '/') % 2 != 0;
    if (no_job && pairs) return fail(errc::invalid, empty_job);
    return {};
}

}  // namespace pushgateway::http
