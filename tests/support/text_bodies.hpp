#pragma once

/// \file
/// Random bodies in the text format, and in what is nearly the text format. Everything is drawn from small sets, so
/// that families, label sets and suffixes meet often.

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <random>
#include <string>
#include <string_view>

namespace pushgateway::test {

/// Makes lines and bodies from a seed.
class text_bodies {
public:
    explicit text_bodies(std::uint64_t seed) : random_(seed) {}

    /// Leaves out what the original reader of the format gets wrong: lines that begin with a brace.
    text_bodies& without_braces() {
        braces_ = false;
        return *this;
    }

    /// Draws a number in [0, bound).
    std::size_t below(std::size_t bound) { return std::uniform_int_distribution<std::size_t>(0, bound - 1)(random_); }
    bool one_in(std::size_t n) { return below(n) == 0; }

    /// One line, mostly good, with its line feed.
    std::string line() {
        std::string text;
        switch (below(48)) {
            case 0: text = "# TYPE" + some_blanks() + name(true) + some_blanks() + type(); break;
            case 1: text = "#" + blanks() + "HELP" + some_blanks() + name(true) + some_blanks() + help(); break;
            case 2:
            case 3: text = std::string(pick(odd_lines)); break;
            default: text = sample(); break;
        }
        if (one_in(1000)) text += '\r';
        return text + '\n';
    }

    /// Some TYPE lines, then up to `most` others.
    std::string body(std::size_t most) {
        std::string text;
        for (auto const family : families) {
            if (one_in(2)) text += "# TYPE " + std::string(family) + ' ' + std::string(pick(types)) + '\n';
        }
        for (auto left = below(most) + 1; left != 0; --left) text += line();
        if (one_in(80)) text.pop_back();
        if (one_in(40)) text += blanks();
        if (one_in(400)) text.insert(0, "\xEF\xBB\xBF");
        return text;
    }

    /// A body with a few bytes changed.
    std::string damaged(std::string text) {
        for (auto left = below(3) + 1; left != 0 && !text.empty(); --left) {
            auto const at = below(text.size());
            switch (below(4)) {
                case 0: text[at] = byte(); break;
                case 1: text.erase(at, 1 + below(3)); break;
                case 2: text.insert(at, 1, byte()); break;
                default: text.insert(at, text.substr(below(text.size()), below(12))); break;
            }
        }
        return text;
    }

private:
    static constexpr auto families = std::to_array<std::string_view>({"a", "h", "s", "g"});
    static constexpr auto metrics = std::to_array<std::string_view>(
        {"a",     "a_sum",    "a:b",         ":c",          "h",    "h_bucket", "h_bucket", "h_bucket",
         "h_sum", "h_count",  "s",           "s",           "s",    "s_sum",    "s_count",  "s_bucket",
         "g",     "g_bucket", "g_sum_count", "h_count_sum", "_sum", "_count"});
    static constexpr auto types =
        std::to_array<std::string_view>({"counter", "gauge", "summary", "summary", "histogram", "histogram", "untyped",
                                         "gauge_histogram", "gaugehistogram"});
    static constexpr auto odd_types = std::to_array<std::string_view>(
        {"Summary", "HISTOGRAM", "counter ", "coun\\ter", "gauges", "h\u0131\u017ftogram", "info", "", "summary\\"});
    static constexpr auto label_names =
        std::to_array<std::string_view>({"l", "l", "m", "n", "le", "le", "quantile", "quantile", "L2", "_x"});
    static constexpr auto odd_names = std::to_array<std::string_view>(
        {"\"\"", "\"a.b\"", "\"a\\\"b\"", "a\"b\"", "\"h\"", "\"\xC3\xBC\"", "__name__", "\"1a\""});
    static constexpr auto label_values = std::to_array<std::string_view>(
        {"", "x", "y", "x\\\"y", "\\\\", "\\n", "0.5", "1", "\xC3\xBC", " ", "{}", "#,="});
    static constexpr auto bounds = std::to_array<std::string_view>(
        {"0.5", "1", "+Inf", "0.99", "-Inf", "NaN", "1e3", "-0", "0", "inf", "2.5e-3", "x"});
    static constexpr auto numbers = std::to_array<std::string_view>({"0",
                                                                     "1",
                                                                     "2",
                                                                     "3",
                                                                     "17",
                                                                     "1.5",
                                                                     "-1",
                                                                     "1e6",
                                                                     "NaN",
                                                                     "+Inf",
                                                                     "-Inf",
                                                                     "-0",
                                                                     "-0.5",
                                                                     "2.5",
                                                                     "1e-400",
                                                                     "+3",
                                                                     ".5",
                                                                     "5.",
                                                                     "1.7976931348623157e308",
                                                                     "18446744073709551616",
                                                                     "18446744073709549568",
                                                                     "9223372036854775808",
                                                                     "1e19",
                                                                     "INFINITY",
                                                                     "123456789012345678",
                                                                     "4.9e-324"});
    static constexpr auto bad_numbers = std::to_array<std::string_view>(
        {"1e400", "0x10", "1_0", "abc", "-nan", "+-1", "1e", ".", "", "0x1p2", "1e+", "--1", "1,5", "nan(1)"});
    static constexpr auto stamps = std::to_array<std::string_view>({"0", "1", "-5", "+7", "-9223372036854775808"});
    static constexpr auto odd_stamps =
        std::to_array<std::string_view>({"1.5", "9223372036854775808", "x", "1_0", "+-1"});
    static constexpr auto odd_lines = std::to_array<std::string_view>(
        {"", " ", "#", "# ", "# a comment", "#HELP", "# HELP a", "# HELP  ", "# TYPE \"x y\"", "# HELP \"\" x",
         "# HELPa b", "{} 1", "a{} 1", "\t# TYPE h\t"});
    static constexpr std::string_view telling_bytes = "{}\"\"\\\\,==##  \t\n\n\r0159.+-eabhsHTn_:\x80\xC3\xBC\xFF";

    template <std::size_t N>
    std::string_view pick(std::array<std::string_view, N> const& from) {
        return from[below(N)];
    }

    char byte() { return one_in(4) ? static_cast<char>(below(256)) : telling_bytes[below(telling_bytes.size())]; }

    std::string blanks() { return one_in(6) ? (one_in(2) ? "  " : "\t") : ""; }
    std::string some_blanks() { return ' ' + blanks(); }

    std::string name(bool metric) {
        if (one_in(150)) return std::string(pick(odd_names));
        std::string text(metric ? pick(metrics) : pick(label_names));
        if (one_in(20)) return '"' + text + '"';
        if (one_in(100)) return text.insert(1, 1, '"') + '"';
        return text;
    }

    std::string type() { return std::string(one_in(30) ? pick(odd_types) : pick(types)); }

    std::string help() {
        constexpr auto helps =
            std::to_array<std::string_view>({"some help", "", "a\\nb", "\\\\", "\\\"", "\"", "x\\y", "\xFF \t"});
        return std::string(pick(helps));
    }

    std::string number() {
        if (one_in(250)) return std::string(pick(bad_numbers));
        if (!one_in(8)) return std::string(pick(numbers));
        std::array<char, 64> text;
        auto const value = std::bit_cast<double>(random_());
        auto const length = std::snprintf(text.data(), text.size(), one_in(2) ? "%.17g" : "%.6g", value);
        return {text.data(), static_cast<std::size_t>(length)};
    }

    std::string label(std::string& used) {
        auto label_name = name(false);
        while (used.find(' ' + label_name + ' ') != std::string::npos && !one_in(80)) label_name = name(false);
        used += ' ' + label_name + ' ';
        bool const bound = label_name == "le" || label_name == "quantile";
        auto text = label_name + blanks() + '=' + blanks() + '"';
        text += bound && !one_in(100) ? pick(bounds) : pick(label_values);
        if (one_in(600)) text += one_in(2) ? "\xFF" : "\\q";
        return text + '"' + blanks();
    }

    std::string labels(std::string const& inner_name) {
        std::string text = "{" + blanks();
        auto const count = below(4);
        auto const place = below(2) == 0 ? 0 : below(count + 1);
        bool first = true;
        std::string used;
        auto const add = [&](std::string const& part) {
            if (!first) text += ',' + blanks();
            text += part;
            first = false;
        };
        for (std::size_t i = 0; i <= count; ++i) {
            if (i == place && !inner_name.empty()) add(inner_name + blanks());
            if (i < count) add(label(used));
        }
        if (one_in(20)) text += ',' + blanks();
        return text + '}';
    }

    std::string sample() {
        std::string text = blanks();
        if (braces_ && one_in(10)) {
            text += labels(one_in(100) ? std::string() : name(true));
        } else {
            text += name(true) + blanks();
            if (!one_in(4)) text += labels(one_in(300) ? name(false) : std::string());
        }
        text += one_in(20) ? blanks() : some_blanks();
        text += number();
        if (one_in(30)) text += some_blanks() + std::string(one_in(8) ? pick(odd_stamps) : pick(stamps));
        if (one_in(600)) text += ' ';
        if (one_in(600)) text += " # {a=\"b\"} 1";
        return text;
    }

    std::mt19937_64 random_;
    bool braces_ = true;
};

}  // namespace pushgateway::test
