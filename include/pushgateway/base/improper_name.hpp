#pragma once

/// \file
/// What is wrong with a name, for people.

#include <cstddef>
#include <string>
#include <string_view>

#include <pushgateway/base/names.hpp>
#include <pushgateway/base/quote.hpp>
#include <pushgateway/base/utf8.hpp>

namespace pushgateway {

/// The first character of `text`, all of its bytes; a byte that begins none, alone.
[[nodiscard]] inline std::string_view first_character(std::string_view text) noexcept {
    if (text.empty()) return text;
    auto const length = detail::sequence_length(reinterpret_cast<unsigned char const*>(text.data()), text.size());
    return text.substr(0, length == 0 ? 1 : length);
}

/// The first character of a name that a legacy label name cannot have there; empty if there is none.
[[nodiscard]] inline std::string_view misplaced_in_label_name(std::string_view name) noexcept {
    for (std::size_t i = 0; i != name.size(); ++i) {
        if (!(i == 0 ? starts_label_name(name[i]) : continues_label_name(name[i]))) {
            return first_character(name.substr(i));
        }
    }
    return {};
}

/// Why a name cannot be a label of a grouping key: `improper label name "a-b": …`. `spelled`: as it was sent.
[[nodiscard]] inline std::string improper_label_name(std::string_view name, std::string_view spelled,
                                                     name_scheme scheme) {
    auto out = "improper label name " + in_short_quotes(spelled);
    if (name.empty()) return out + ": it is empty";
    if (is_label_name(name, scheme)) return out + ": names that begin with \"__\" are reserved";
    if (scheme == name_scheme::utf8) {
        return out + (name.contains('\0') ? ": it cannot have the character NUL" : ": it is not valid UTF-8");
    }
    auto const misplaced = misplaced_in_label_name(name);
    if (misplaced.empty()) return out;
    bool const digit = misplaced.front() >= '0' && misplaced.front() <= '9';
    out += digit ? ": it cannot begin with the digit " : ": it cannot have the character ";
    return out + in_quotes(misplaced) + (digit ? "" : ", only the letters a to z and A to Z, digits and \"_\"");
}

}  // namespace pushgateway
