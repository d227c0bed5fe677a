#pragma once

/// \file
/// A hand-written reader of the text exposition format: the oracle for the grammar, and what its speed is measured
/// against. It shares with the grammar the builder alone, and was written from the format, not from the grammar.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#include <pushgateway/base/names.hpp>
#include <pushgateway/base/number.hpp>
#include <pushgateway/format/exposition_builder.hpp>
#include <pushgateway/format/parsed_exposition.hpp>
#include <pushgateway/format/text/parse.hpp>

namespace pushgateway::test {

namespace detail {

/// What may stand in names: of labels first, of metrics second.
struct name_table {
    bool start[2][256];
    bool rest[2][256];
};
constexpr name_table make_names() {
    name_table table{};
    for (int c = 0; c < 256; ++c) {
        bool const letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
        bool const digit = c >= '0' && c <= '9';
        table.start[0][c] = letter;
        table.rest[0][c] = letter || digit;
        table.start[1][c] = letter || c == ':';
        table.rest[1][c] = letter || digit || c == ':';
    }
    return table;
}

inline constexpr name_table names = make_names();

}  // namespace detail

/// Reads one body, byte by byte, line by line.
class text_scanner {
public:
    text_scanner(std::string_view body, format::text::parse_options const& options, format::parsed_exposition& out)
        : begin_(body.data()),
          p_(begin_),
          end_(begin_ + body.size()),
          builder_(body, options.utf8_names ? name_scheme::utf8 : name_scheme::legacy, options.bounds, out,
                   options.ignore_stray_samples) {}

    /// The line of the first error, counted from 1; nothing if the body is good.
    [[nodiscard]] std::optional<std::size_t> run() {
        while (true) {
            skip_blanks();
            if (p_ == end_) return std::nullopt;
            bool good;
            switch (*p_) {
                case '\n': good = true; break;
                case '#': good = comment(); break;
                default: good = sample(); break;
            }
            if (!good || p_ == end_ || *p_ != '\n') break;
            ++p_;
        }
        return 1 + static_cast<std::size_t>(std::count(begin_, p_, '\n'));
    }

private:
    enum class scheme { label, metric };

    void skip_blanks() {
        while (p_ != end_ && (*p_ == ' ' || *p_ == '\t')) ++p_;
    }

    bool take(char c) {
        if (p_ == end_ || *p_ != c) return false;
        ++p_;
        return true;
    }

    /// A quoted string, from its opening quote on. Leaves p_ where it went wrong.
    bool quoted(std::string_view& text, std::string_view prefix = {}) {
        char const* const inside = ++p_;
        while (p_ != end_ && *p_ != '"' && *p_ != '\\' && *p_ != '\n') ++p_;
        if (p_ != end_ && *p_ == '"' && prefix.empty()) {
            text = {inside, p_++};
            return true;
        }
        std::string unescaped(prefix);
        unescaped.append(inside, p_);
        while (p_ != end_ && *p_ != '"') {
            if (*p_ == '\n') return false;
            if (*p_ != '\\') {
                unescaped += *p_++;
                continue;
            }
            if (p_ + 1 == end_) return false;
            switch (p_[1]) {
                case 'n': unescaped += '\n'; break;
                case '\\': unescaped += '\\'; break;
                case '"': unescaped += '"'; break;
                default: return false;
            }
            p_ += 2;
        }
        if (p_ == end_) return false;
        ++p_;
        text = keep(unescaped);
        return true;
    }

    std::string_view keep(std::string const& text) {
        char* const room = builder_.room(text.size());
        std::memcpy(room, text.data(), text.size());
        builder_.keep(text.size());
        return {room, text.size()};
    }

    bool name(scheme which) {
        auto const k = static_cast<std::size_t>(which);
        char const* const first = p_;
        if (p_ != end_ && detail::names.start[k][static_cast<unsigned char>(*p_)]) {
            do ++p_;
            while (p_ != end_ && detail::names.rest[k][static_cast<unsigned char>(*p_)]);
        }
        if (p_ != end_ && *p_ == '"') {
            std::string_view text;
            if (!quoted(text, {first, p_})) return false;
            builder_.quoted_name(text);
            return true;
        }
        builder_.bare_name({first, p_});
        return p_ != first;
    }

    bool label_value() {
        if (p_ == end_ || *p_ != '"') return false;
        std::string_view text;
        return quoted(text) && builder_.label_value(text) == nullptr;
    }

    bool labels(bool with_name) {
        ++p_;
        if (with_name) builder_.braces();
        while (true) {
            skip_blanks();
            if (take('}')) return builder_.end_of_braces() == nullptr;
            if (!name(scheme::label)) return false;
            skip_blanks();
            if (take('=')) {
                skip_blanks();
                if (!label_value()) return false;
                skip_blanks();
            } else if (!with_name || p_ == end_ || (*p_ != ',' && *p_ != '}') || builder_.name_in_braces() != nullptr) {
                return false;
            }
            if (!take(',') && (p_ == end_ || *p_ != '}')) return false;
        }
    }

    std::string_view word() {
        char const* const first = p_;
        while (p_ != end_ && *p_ != ' ' && *p_ != '\t' && *p_ != '\n') ++p_;
        return {first, p_};
    }

    bool sample() {
        if (*p_ == '{') {
            if (!labels(true)) return false;
        } else {
            if (!name(scheme::metric) || builder_.sample() != nullptr) return false;
            skip_blanks();
            if (p_ != end_ && *p_ == '{' && !labels(false)) return false;
        }
        skip_blanks();
        double value = 0;
        if (!parse_float(word(), value) || builder_.value(value) != nullptr) return false;
        if (p_ == end_ || *p_ == '\n') return true;
        skip_blanks();
        std::int64_t ms = 0;
        if (!parse_integer(word(), ms)) return false;
        builder_.timestamp(ms);
        return true;
    }

    void skip_line() {
        if (p_ == end_) return;
        auto const* const feed = static_cast<char const*>(std::memchr(p_, '\n', static_cast<std::size_t>(end_ - p_)));
        p_ = feed == nullptr ? end_ : feed;
    }

    bool comment() {
        ++p_;
        skip_blanks();
        auto const keyword = word();
        bool const help = keyword == "HELP";
        if ((!help && keyword != "TYPE") || p_ == end_ || *p_ == '\n') {
            skip_line();
            return true;
        }
        skip_blanks();
        if (p_ != end_ && *p_ == '\n') return true;
        if (!name(scheme::metric) || p_ == end_) return false;
        if (*p_ == '\n') return true;
        if ((*p_ != ' ' && *p_ != '\t') || builder_.about() != nullptr) return false;
        skip_blanks();
        if (p_ != end_ && *p_ == '\n') return true;
        char const* const first = p_;
        skip_line();
        std::string_view const rest(first, p_);
        if (help) return help_text(rest);
        model::metric_type type;
        return (known_type(rest, type) || odd_type(std::string(rest), type)) && builder_.type(type) == nullptr;
    }

    bool help_text(std::string_view rest) {
        if (rest.find('\\') == std::string_view::npos) return builder_.help(rest) == nullptr;
        std::string text;
        for (std::size_t i = 0; i < rest.size(); ++i) {
            if (rest[i] != '\\') {
                text += rest[i];
                continue;
            }
            if (++i == rest.size()) return false;
            if (rest[i] != 'n' && rest[i] != '\\' && rest[i] != '"') return false;
            text += rest[i] == 'n' ? '\n' : rest[i];
        }
        return builder_.help(keep(text)) == nullptr;
    }

    /// A type that is not spelled as it should be.
    static bool odd_type(std::string rest, model::metric_type& type) {
        std::erase(rest, '\\');
        auto const replace = [&rest](std::string_view from, char to) {
            for (auto at = rest.find(from); at != std::string::npos; at = rest.find(from)) {
                rest.replace(at, from.size(), 1, to);
            }
        };
        replace("\xC4\xB1", 'i');
        replace("\xC5\xBF", 's');
        for (char& c : rest) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
        return known_type(rest, type);
    }

    static bool known_type(std::string_view rest, model::metric_type& type) {
        using enum model::metric_type;
        type = rest == "counter"     ? counter
               : rest == "gauge"     ? gauge
               : rest == "summary"   ? summary
               : rest == "histogram" ? histogram
               : rest == "untyped"   ? untyped
                                     : gauge_histogram;
        return type != gauge_histogram || rest == "gauge_histogram" || rest == "gaugehistogram";
    }

    char const* begin_;
    char const* p_;
    char const* end_;
    format::exposition_builder builder_;
};

/// Reads `body` by the scanner: nothing, or the line of the first error.
[[nodiscard]] inline std::optional<std::size_t> scan_text(std::string_view body,
                                                          format::text::parse_options const& options,
                                                          format::parsed_exposition& out) {
    return text_scanner(body, options, out).run();
}

}  // namespace pushgateway::test
