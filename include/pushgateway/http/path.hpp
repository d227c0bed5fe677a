#pragma once

/// \file
/// Request targets: their parts, their clean form, and the grouping key in a push path.

#include <algorithm>
#include <cstddef>
#include <optional>
#include <ranges>
#include <string>
#include <string_view>
#include <vector>

#include <pushgateway/base/base64url.hpp>
#include <pushgateway/base/error.hpp>
#include <pushgateway/base/improper_name.hpp>
#include <pushgateway/base/limits.hpp>
#include <pushgateway/base/name_escaping.hpp>
#include <pushgateway/base/names.hpp>
#include <pushgateway/base/percent.hpp>
#include <pushgateway/base/quote.hpp>
#include <pushgateway/model/grouping_key.hpp>
#include <pushgateway/model/label.hpp>

namespace pushgateway::http {

/// Marks a label name, or `job`, in a push path whose value is base64url.
inline constexpr std::string_view base64_suffix = "@base64";

/// What follows a complaint about base64.
inline constexpr std::string_view base64_hint =
    R"( (a value behind @base64 is base64url: "-" and "_" instead of "+" and "/"))";

/// A request target in its two parts, both still encoded.
struct target_parts {
    std::string_view path;
    std::string_view query;  ///< without the `?`
};

[[nodiscard]] constexpr target_parts split_target(std::string_view target) noexcept {
    auto const mark = target.find('?');
    if (mark == std::string_view::npos) return {target, {}};
    return {target.substr(0, mark), target.substr(mark + 1)};
}

/// True if `clean_path` would return `path` itself.
[[nodiscard]] constexpr bool is_clean_path(std::string_view path) noexcept {
    if (!path.starts_with('/')) return false;
    for (std::size_t slash = 0; slash != std::string_view::npos; slash = path.find('/', slash + 1)) {
        auto const rest = path.substr(slash + 1);
        if (rest.starts_with('/')) return false;
        if (rest == "." || rest == ".." || rest.starts_with("./") || rest.starts_with("../")) return false;
    }
    return true;
}

namespace detail {

/// Appends an element of a path to the clean form of those before it, which has a slash before each.
inline void append_element(std::string& clean, std::string_view element) {
    if (element == "..") {
        clean.erase(std::min(clean.rfind('/'), clean.size()));
    } else if (!element.empty() && element != ".") {
        clean += '/';
        clean += element;
    }
}

}  // namespace detail

/// `path` with one slash for several, without `.` elements, and with every `..` taken back together with the element
/// before it; begins with a slash, and ends with one if `path` does.
[[nodiscard]] inline std::string clean_path(std::string_view path) {
    std::string out;
    for (auto const element : std::views::split(path, '/')) {
        detail::append_element(out, std::string_view(element.begin(), element.end()));
    }
    if (out.empty() || path.ends_with('/')) out += '/';
    return out;
}

/// The values of the query parameter `name`, in the order given. Pairs that do not decode are passed over.
[[nodiscard]] inline std::vector<std::string> query_values(std::string_view query, std::string_view name) {
    std::vector<std::string> values;
    for (auto const part : std::views::split(query, '&')) {
        std::string_view const pair(part.begin(), part.end());
        auto const equals = std::min(pair.find('='), pair.size());
        auto const key = decode_query_component(pair.substr(0, equals));
        if (!key || *key != name) continue;
        auto value = decode_query_component(pair.substr(std::min(equals + 1, pair.size())));
        if (value) values.push_back(*std::move(value));
    }
    return values;
}

/// A push path after `/metrics/job`, decoded and cut, not yet judged.
struct push_path {
    bool job_is_base64 = false;
    std::string_view job;
    std::string_view labels;  ///< empty, or from the slash after the job on
};

/// Takes `/metrics/job/<job>…` and `/metrics/job@base64/<job>…` apart; nothing for any other path. The job may come out
/// empty if something follows it.
[[nodiscard]] constexpr std::optional<push_path> split_push_path(std::string_view path) noexcept {
    constexpr std::string_view prefix = "/metrics/job";
    if (!path.starts_with(prefix)) return std::nullopt;
    path.remove_prefix(prefix.size());
    push_path parts;
    parts.job_is_base64 = path.starts_with(base64_suffix);
    if (parts.job_is_base64) path.remove_prefix(base64_suffix.size());
    if (path.size() < 2 || path.front() != '/') return std::nullopt;
    path.remove_prefix(1);
    auto const end = std::min(path.find('/'), path.size());
    parts.job = path.substr(0, end);
    parts.labels = path.substr(end);
    return parts;
}

/// Why there is no grouping key without a job.
inline constexpr char empty_job[] = "job name is required: the path names none, as in /metrics/job/<JOB>";

/// A label name as an example in a message repeats it: `NAME` for what is too long, or no name.
[[nodiscard]] inline std::string quotable_name(std::string_view name) {
    if (name.ends_with(base64_suffix)) name.remove_suffix(base64_suffix.size());
    constexpr std::size_t longest = 64;
    return name.size() <= longest && is_legacy_label_name(name) ? std::string(name) : "NAME";
}

/// Looks for an empty component between others in the labels of a decoded push path; a slash at the very end is none.
/// Fails with errc::invalid and a text that says how an empty value is written.
[[nodiscard]] inline result<> check_components(std::string_view labels) {
    auto const at = labels.find("//");
    if (at == std::string_view::npos) return {};
    auto const before = labels.substr(0, at);
    std::string message = "empty component in label string " + in_short_quotes(labels) + ": ";
    if (std::ranges::count(before, '/') % 2 == 0) {
        message += "a label name cannot be empty, and an empty value is written NAME@base64/=";
    } else {
        auto const name = before.substr(before.rfind('/') + 1);
        message += "the empty value of a label is written NAME@base64/=, here " + quotable_name(name) + "@base64/=";
    }
    return fail(errc::invalid, std::move(message));
}

/// The grouping key of a push path. Fails with errc::invalid and the text of the answer: bad base64, an empty component
/// between others, an odd number of components, an improper label name, no job, more than `most_labels` labels. A label
/// named twice has its last value; `job` in the tail is ignored. With `name_scheme::utf8` a label name may be any
/// UTF-8, as it is or escaped by `name_escaping::values`.
[[nodiscard]] inline result<model::grouping_key> read_grouping_key(push_path const& path,
                                                                   std::size_t most_labels = limits{}.grouping_labels,
                                                                   name_scheme names = name_scheme::legacy) {
    std::string job(path.job);
    if (path.job_is_base64) {
        auto decoded = decode_base64url(job);
        if (!decoded) {
            return fail(errc::invalid, "invalid base64 encoding in job name " + in_short_quotes(job) + ": " +
                                           decoded.error().message + std::string(base64_hint));
        }
        job = *std::move(decoded);
    }
    model::grouping_key key(job);
    if (path.labels.size() > 1) {
        auto const tail = path.labels.substr(1);
        auto const components = static_cast<std::size_t>(std::ranges::count(tail, '/')) + 1;
        if (auto wrong = check_components(path.labels); !wrong) return std::unexpected(std::move(wrong.error()));
        if (components % 2 != 0) {
            return fail(errc::invalid, "odd number of components in label string " + in_short_quotes(path.labels) +
                                           ": labels are pairs /NAME/VALUE, and a value with a slash in it is "
                                           "written in base64, as in NAME@base64/YS9i");
        }
        if (components / 2 + 1 > most_labels) {
            return fail(errc::invalid, limit_kind::grouping_labels,
                        "the grouping key has more than " + std::to_string(most_labels) + " labels");
        }
        for (std::size_t at = 0; at <= tail.size();) {
            auto const middle = tail.find('/', at);
            auto const end = std::min(tail.find('/', middle + 1), tail.size());
            auto spelled = tail.substr(at, middle - at);
            auto const value = tail.substr(middle + 1, end - middle - 1);
            at = end + 1;
            bool const base64 = spelled.ends_with(base64_suffix);
            if (base64) spelled.remove_suffix(base64_suffix.size());
            auto const name = names == name_scheme::utf8 ? unescape_values(spelled) : std::string(spelled);
            if (!is_label_name(name, names) || name.starts_with("__")) {
                return fail(errc::invalid, improper_label_name(name, spelled, names));
            }
            std::string text(value);
            if (base64) {
                auto decoded = decode_base64url(value);
                if (!decoded) {
                    return fail(errc::invalid, "invalid base64 encoding for label " + quotable_name(spelled) + "=" +
                                                   in_short_quotes(value) + ": " + decoded.error().message +
                                                   std::string(base64_hint));
                }
                text = *std::move(decoded);
            }
            if (name != model::job_label) key.set(name, text);
        }
    }
    if (job.empty()) return fail(errc::invalid, empty_job);
    return key;
}

}  // namespace pushgateway::http
