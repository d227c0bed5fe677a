#pragma once

/// \file
/// What people type to find a group.

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <pushgateway/base/error.hpp>
#include <pushgateway/model/label.hpp>

namespace pushgateway {

/// Words, each of which must be found somewhere in a group: in a grouping label written as `name=value`, or in the name
/// of a family. ASCII letters match without regard to case.
class text_search {
public:
    static constexpr std::size_t most_words = 16;
    /// Of all words together, in bytes.
    static constexpr std::size_t longest = 1024;

    /// Finds everything.
    text_search() = default;

    /// Words are separated by blanks; quotes in `name="value"` may be left out. Fails with errc::invalid beyond the
    /// limits.
    [[nodiscard]] static result<text_search> parse(std::string_view text) {
        if (text.size() > longest) {
            return fail(errc::invalid, "the search is longer than " + std::to_string(longest) + " bytes");
        }
        text_search out;
        std::string word;
        auto const end_word = [&] {
            if (!word.empty()) out.words_.push_back(std::exchange(word, {}));
        };
        for (char const c : text) {
            if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
                end_word();
            } else if (c != '"') {
                word += lower(c);
            }
        }
        end_word();
        if (out.words_.size() > most_words) {
            return fail(errc::invalid, "the search has more than " + std::to_string(most_words) + " words");
        }
        return out;
    }

    /// For each word, if one of these names has it. `name_of(element)` gives the name.
    template <class Range, class Name>
    [[nodiscard]] std::vector<bool> words_in(Range const& names, Name const& name_of) const {
        std::vector<bool> out(words_.size());
        std::string scratch;
        for (auto const& element : names) {
            scratch.clear();
            append_lower(scratch, name_of(element));
            for (std::size_t i = 0; i != words_.size(); ++i) {
                if (!out[i]) out[i] = scratch.find(words_[i]) != std::string::npos;
            }
        }
        return out;
    }

    /// True if every word is in `known`, or in these labels. `scratch` is memory to be used again.
    [[nodiscard]] bool matches(model::labels labels, std::vector<bool> const& known, std::string& scratch) const {
        if (words_.empty()) return true;
        scratch.clear();
        for (auto const& [name, value] : labels) {
            append_lower(scratch, name);
            scratch += '=';
            append_lower(scratch, value);
            scratch += ' ';
        }
        for (std::size_t i = 0; i != words_.size(); ++i) {
            if (!known[i] && scratch.find(words_[i]) == std::string::npos) return false;
        }
        return true;
    }

private:
    static char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

    // Quotes are left out on both sides.
    static void append_lower(std::string& out, std::string_view text) {
        for (char const c : text) {
            if (c != '"') out += lower(c);
        }
    }

    std::vector<std::string> words_;
};

}  // namespace pushgateway
