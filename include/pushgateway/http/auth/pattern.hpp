#pragma once

/// \file
/// Names with `*` for any characters, as people write them for a set of jobs.

#include <cstddef>
#include <string_view>

namespace pushgateway::http {

/// True if `text` is what `pattern` describes: `*` stands for any bytes or none, every other byte for itself.
[[nodiscard]] constexpr bool matches_pattern(std::string_view pattern, std::string_view text) noexcept {
    auto star = pattern.find('*');
    if (star == std::string_view::npos) return pattern == text;
    if (!text.starts_with(pattern.substr(0, star))) return false;
    text.remove_prefix(star);
    for (;;) {
        pattern.remove_prefix(star + 1);
        star = pattern.find('*');
        if (star == std::string_view::npos) return text.ends_with(pattern);
        // The first place is as good as any other: more of the text is left for what follows.
        auto const found = text.find(pattern.substr(0, star));
        if (found == std::string_view::npos) return false;
        text.remove_prefix(found + star);
    }
}

}  // namespace pushgateway::http
