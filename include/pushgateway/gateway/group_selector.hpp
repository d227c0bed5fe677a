#pragma once

/// \file
/// Selectors of groups, written as Prometheus writes those of series: `backup_bytes{job="backup",host!=""}`.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <pushgateway/base/error.hpp>
#include <pushgateway/base/names.hpp>
#include <pushgateway/base/quote.hpp>
#include <pushgateway/gateway/label_pattern.hpp>
#include <pushgateway/model/label.hpp>

namespace pushgateway {

/// Selects groups by their grouping labels and, with a name before the braces, by a family that they hold. A label that
/// a group does not have is as good as an empty one.
class group_selector {
public:
    /// In bytes.
    static constexpr std::size_t longest = 4096;
    static constexpr std::size_t most_matchers = 32;

    /// Fails with errc::invalid, the place and what is expected there.
    [[nodiscard]] static result<group_selector> parse(std::string_view text) {
        if (text.size() > longest) {
            return fail(errc::invalid, "a selector is longer than " + std::to_string(longest) + " bytes");
        }
        reader in{text};
        group_selector out;
        in.skip_blanks();
        if (in.next() != '{') {
            out.family_ = in.take_name(true);
            if (out.family_.empty()) return in.expected("a name or {");
            in.skip_blanks();
        }
        if (in.next() == '{') {
            in.take();
            for (in.skip_blanks(); in.next() != '}'; in.skip_blanks()) {
                if (out.matchers_.size() == most_matchers) return in.expected("no more matchers");
                auto added = out.add_matcher(in);
                if (!added) return std::unexpected(std::move(added.error()));
                in.skip_blanks();
                if (in.next() == ',') {
                    in.take();
                } else if (in.next() != '}') {
                    return in.expected(", or }");
                }
            }
            in.take();
            in.skip_blanks();
        }
        if (!in.at_end()) return in.expected("the end");
        return out;
    }

    /// True if a group with these labels is selected. `holds(name)` says if it has a family of that name.
    template <class Holds>
    [[nodiscard]] bool matches(model::labels key, Holds const& holds) const {
        for (auto const& m : matchers_) {
            auto const at = std::ranges::find(key, m.name, &model::label::name);
            auto const value = at == key.end() ? std::string_view() : at->value;
            bool const found = m.regular ? m.pattern.matches(value) : value == m.value;
            if (found == m.negated) return false;
        }
        return family_.empty() || holds(std::string_view(family_));
    }

private:
    struct matcher {
        std::string name;
        bool negated = false;
        bool regular = false;
        std::string value;
        label_pattern pattern;
    };

    struct reader {
        std::string_view text;
        std::size_t at = 0;

        [[nodiscard]] bool at_end() const noexcept { return at == text.size(); }
        [[nodiscard]] char next() const noexcept { return at_end() ? '\0' : text[at]; }
        char take() noexcept { return text[at++]; }
        void skip_blanks() noexcept {
            while (next() == ' ' || next() == '\t' || next() == '\n' || next() == '\r') ++at;
        }
        std::string_view take_name(bool with_colons) noexcept {
            auto const begin = at;
            auto const is_part = [&](char c) {
                bool const letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
                return letter || (with_colons && c == ':') || (at != begin && c >= '0' && c <= '9');
            };
            while (is_part(next())) ++at;
            return text.substr(begin, at - begin);
        }
        [[nodiscard]] std::unexpected<error> expected(std::string_view what) const {
            auto const found = at_end() ? std::string("the end") : in_quotes(text.substr(at, 20));
            return fail(errc::invalid, "the selector " + in_short_quotes(text) + " is not understood at byte " +
                                           std::to_string(at + 1) + ": found " + found + ", expected " +
                                           std::string(what));
        }
    };

    result<> add_matcher(reader& in) {
        matcher m;
        m.name = in.take_name(false);
        if (m.name.empty()) return in.expected("a label name");
        in.skip_blanks();
        char const first = in.next();
        if (first != '=' && first != '!') return in.expected("=, !=, =~ or !~");
        in.take();
        m.negated = first == '!';
        m.regular = in.next() == '~';
        if (m.negated && !m.regular && in.next() != '=') return in.expected("!= or !~");
        if (m.negated || m.regular) in.take();
        in.skip_blanks();
        if (auto read = read_quoted(in, m.value); !read) return read;
        if (m.regular) {
            auto pattern = label_pattern::parse(m.value);
            if (!pattern) return std::unexpected(std::move(pattern.error()));
            m.pattern = *std::move(pattern);
        }
        matchers_.push_back(std::move(m));
        return {};
    }

    static result<> read_quoted(reader& in, std::string& out) {
        char const quote = in.next();
        if (quote != '"' && quote != '\'' && quote != '`') return in.expected("a value in quotes");
        in.take();
        for (;;) {
            if (in.at_end()) return in.expected("a quote that ends the value");
            char const c = in.take();
            if (c == quote) return {};
            if (c != '\\' || quote == '`') {
                out += c;
                continue;
            }
            switch (in.next()) {
                case 'n': out += '\n'; break;
                case 't': out += '\t'; break;
                case 'r': out += '\r'; break;
                case '\\':
                case '"':
                case '\'': out += in.next(); break;
                default: return in.expected("one of n, t, r, \\, \" and ' behind a backslash");
            }
            in.take();
        }
    }

    std::string family_;
    std::vector<matcher> matchers_;
};

}  // namespace pushgateway
