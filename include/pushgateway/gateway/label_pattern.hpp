#pragma once

/// \file
/// The regular expressions of selectors: a part of RE2 that is matched in bounded time.

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <pushgateway/base/error.hpp>
#include <pushgateway/base/quote.hpp>

namespace pushgateway {

/// Alternatives of text with `.`, `.*` and `.+`, which mean what they mean in RE2; a backslash before a character that
/// is no letter or digit takes it as it is. Matches whole texts, in time in proportion to the product of the lengths.
class label_pattern {
public:
    /// In bytes.
    static constexpr std::size_t longest = 1024;

    /// Matches the empty text.
    label_pattern() : alternatives_(1) {}

    /// Fails with errc::invalid for anything else that RE2 understands, and beyond `longest`.
    [[nodiscard]] static result<label_pattern> parse(std::string_view text) {
        auto const refuse = [text](std::string const& why) {
            return fail(errc::invalid, "the pattern " + in_quotes(text.substr(0, longest)) + ' ' + why);
        };
        if (text.size() > longest) return refuse("is longer than " + std::to_string(longest) + " bytes");
        label_pattern out;
        for (std::size_t i = 0; i != text.size(); ++i) {
            auto& now = out.alternatives_.back();
            char const c = text[i];
            if (c == '|') {
                out.alternatives_.emplace_back();
            } else if (c == '.') {
                bool const more = i + 1 != text.size() && (text[i + 1] == '*' || text[i + 1] == '+');
                if (!more || text[i + 1] == '+') now.push_back({kind::one, 0});
                if (more) now.push_back({kind::many, 0});
                if (more) ++i;
            } else if (c == '\\') {
                if (i + 1 == text.size() || is_word(text[i + 1])) return refuse("has an escape that is not known here");
                now.push_back({kind::byte, text[++i]});
            } else if (std::string_view("[](){}?*+^$").find(c) != std::string_view::npos) {
                return refuse("uses " + in_quotes(std::string_view(&c, 1)) +
                              ": only text, |, ., .* and .+ are understood here");
            } else {
                now.push_back({kind::byte, c});
            }
        }
        return out;
    }

    /// True if all of `text`, which is valid UTF-8, matches.
    [[nodiscard]] bool matches(std::string_view text) const noexcept {
        for (auto const& alternative : alternatives_) {
            if (matches(alternative, text)) return true;
        }
        return false;
    }

private:
    enum class kind : unsigned char {
        byte,
        one,   ///< any character but a newline, as a dot is in RE2
        many,  ///< any number of them
    };
    struct token {
        kind what;
        char byte;
    };

    static bool is_word(char c) noexcept {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    }

    static std::size_t next_character(std::string_view text, std::size_t at) noexcept {
        ++at;
        while (at != text.size() && (static_cast<unsigned char>(text[at]) & 0xc0) == 0x80) ++at;
        return at;
    }

    // Only the last `many` has to be tried again: what an earlier one takes changes nothing for those behind it.
    static bool matches(std::vector<token> const& pattern, std::string_view text) noexcept {
        std::size_t at = 0;
        std::size_t p = 0;
        std::size_t many = pattern.size();
        std::size_t taken = 0;
        for (;;) {
            bool fits = false;
            if (p != pattern.size() && pattern[p].what == kind::many) {
                many = p++;
                taken = at;
                fits = true;
            } else if (p == pattern.size()) {
                if (at == text.size()) return true;
            } else if (at != text.size()) {
                bool const one = pattern[p].what == kind::one;
                fits = one ? text[at] != '\n' : text[at] == pattern[p].byte;
                if (fits) {
                    at = one ? next_character(text, at) : at + 1;
                    ++p;
                }
            }
            if (fits) continue;
            if (many == pattern.size() || taken == text.size() || text[taken] == '\n') return false;
            taken = next_character(text, taken);
            at = taken;
            p = many + 1;
        }
    }

    std::vector<std::vector<token>> alternatives_;
};

}  // namespace pushgateway
