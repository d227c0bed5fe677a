#pragma once

/// \file
/// A page of `spec/`: Markdown with fenced exchanges. The notation is described in spec/README.md.

#include <algorithm>
#include <array>
#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <pushgateway/base/error.hpp>
#include <pushgateway/http/message.hpp>

namespace pushgateway::spec {

/// What a response must look like.
struct expected_response {
    int status = 0;
    int other_status = 0;             ///< as in `301/307`: also right
    std::vector<http::field> fields;  ///< patterns; a name that begins with `!` must not be there
    std::vector<std::string> body;    ///< one pattern per line
    std::string text;                 ///< as written, for messages
};

/// The words after ```` ```http ````: which gateway an exchange is for and how it is read.
struct exchange_tags {
    bool fresh = false;  ///< the gateway holds nothing before it
    bool wire = false;   ///< the bytes are sent as they stand, then everything is read to the end of the connection
    bool half_close = false;  ///< as wire, and the sending direction is closed after the bytes
    bool whole = false;       ///< a scrape is shown with the gateway's own metrics and the push times
    bool any_order = false;   ///< the lines of the body may come in any order
    std::string coding;       ///< `gzip`, `snappy` or `zstd`: how the request body is compressed before it is sent
    std::vector<std::string> needs;  ///< flags of the gateway, and `quit` if it ends it
    std::string differs;             ///< `deviations#anchor` if upstream answers otherwise
    std::string since;               ///< the first upstream version that does so

    [[nodiscard]] bool need(std::string_view what) const { return std::ranges::find(needs, what) != needs.end(); }
};

/// One request and what is expected, per kind of peer: "" for everybody, "upstream", "upstream-1.5".
struct exchange {
    std::size_t line = 0;  ///< of the request line in the page
    exchange_tags tags;
    std::string method;
    std::string target;
    std::vector<http::field> fields;
    std::string body;
    std::vector<std::string> raw;  ///< the bytes of a `wire` exchange, cut where it waits for an answer
    std::string text;              ///< the request as written, for messages
    std::map<std::string, std::vector<expected_response>> responses;
};

struct page {
    std::string name;
    std::vector<exchange> exchanges;
};

namespace detail {

inline bool replace_front(std::string_view& in, std::string_view symbol) {
    if (!in.starts_with(symbol)) return false;
    in.remove_prefix(symbol.size());
    return true;
}

inline int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/// `61 62` or `61*1000` between the brackets, as bytes.
inline bool append_bytes(std::string_view spec, std::string& out) {
    std::size_t times = 1;
    if (auto const star = spec.find('*'); star != std::string_view::npos) {
        times = 0;
        for (char c : spec.substr(star + 1)) {
            if (c < '0' || c > '9') return false;
            times = times * 10 + static_cast<std::size_t>(c - '0');
        }
        spec = spec.substr(0, star);
    }
    std::string bytes;
    int high = -1;
    for (char c : spec) {
        if (c == ' ') continue;
        int const digit = hex_digit(c);
        if (digit < 0) return false;
        if (high < 0) {
            high = digit;
        } else {
            bytes += static_cast<char>(high * 16 + digit);
            high = -1;
        }
    }
    if (high >= 0 || bytes.empty()) return false;
    if (bytes.size() == 1) {
        out.append(times, bytes.front());
        return true;
    }
    for (; times > 0; --times) out += bytes;
    return true;
}

/// What ends a line of bytes.
enum class line_end { normal, bare_newline, none };

/// Replaces the visible symbols of the notation by what they stand for.
inline result<line_end> append_line(std::string_view in, std::string& out) {
    while (!in.empty()) {
        if (replace_front(in, "␍")) {
            out += '\r';
        } else if (replace_front(in, "␉")) {
            out += '\t';
        } else if (replace_front(in, "␠")) {
            out += ' ';
        } else if (replace_front(in, "␊")) {
            if (!in.empty()) return fail(errc::syntax, "␊ must end its line");
            return line_end::bare_newline;
        } else if (replace_front(in, "␃")) {
            if (!in.empty()) return fail(errc::syntax, "␃ must end its line");
            return line_end::none;
        } else if (replace_front(in, "⟦")) {
            auto const end = in.find("⟧");
            if (end == std::string_view::npos || !append_bytes(in.substr(0, end), out)) {
                return fail(errc::syntax, "expected hexadecimal bytes between ⟦ and ⟧");
            }
            in.remove_prefix(end + std::string_view("⟧").size());
        } else {
            out += in.front();
            in.remove_prefix(1);
        }
    }
    return line_end::normal;
}

inline std::vector<std::string_view> split(std::string_view text, char at) {
    std::vector<std::string_view> parts;
    for (;;) {
        auto const end = text.find(at);
        parts.push_back(text.substr(0, end));
        if (end == std::string_view::npos) return parts;
        text.remove_prefix(end + 1);
    }
}

inline bool is_status_line(std::string_view line) {
    return (line.starts_with("HTTP/1.1 ") || line.starts_with("HTTP/1.0 ")) && line.size() >= 12 &&
           std::ranges::all_of(line.substr(9, 3), [](char c) { return c >= '0' && c <= '9'; });
}

inline std::string_view trim(std::string_view s) {
    while (!s.empty() && s.front() == ' ') s.remove_prefix(1);
    while (!s.empty() && s.back() == ' ') s.remove_suffix(1);
    return s;
}

inline result<exchange_tags> parse_tags(std::string_view words) {
    exchange_tags t;
    for (auto const word : split(words, ' ')) {
        if (word.empty()) continue;
        if (word == "fresh") {
            t.fresh = true;
        } else if (word == "wire") {
            t.wire = true;
        } else if (word == "half-close") {
            t.wire = t.half_close = true;
        } else if (word == "whole") {
            t.whole = true;
        } else if (word == "any-order") {
            t.any_order = true;
        } else if (word == "gzip" || word == "snappy" || word == "zstd") {
            t.coding = word;
        } else if (word.starts_with("needs=")) {
            for (auto const need : split(word.substr(6), ',')) t.needs.emplace_back(need);
        } else if (word.starts_with("differs=")) {
            t.differs = word.substr(8);
        } else if (word.starts_with("since=")) {
            t.since = word.substr(6);
        } else {
            return fail(errc::syntax, "unknown tag " + std::string(word));
        }
    }
    for (auto const& need : t.needs) {
        constexpr std::array known{"prefix",     "cors",          "access",      "admin",         "no-admin",
                                   "lifecycle",  "no-lifecycle",  "unchecked",   "telemetry",     "quit",
                                   "utf8-names", "no-utf8-names", "openmetrics", "no-openmetrics"};
        if (std::ranges::find(known, need) == known.end()) return fail(errc::syntax, "unknown need " + need);
    }
    return t;
}

inline result<http::field> parse_field(std::string_view line) {
    std::string bytes;
    if (auto ok = append_line(line, bytes); !ok) return std::unexpected(ok.error());
    auto const colon = bytes.find(':');
    if (colon == std::string::npos) {
        if (bytes.starts_with('!')) return http::field{bytes, ""};
        return fail(errc::syntax, "not a header field: " + bytes);
    }
    return http::field{bytes.substr(0, colon), std::string(trim(std::string_view(bytes).substr(colon + 1)))};
}

using lines = std::vector<std::string_view>;

inline result<> parse_request(lines const& in, exchange& e) {
    std::string text;
    for (auto const line : in) text += std::string(line) + '\n';
    e.text = text;
    if (e.tags.wire) {
        e.raw.emplace_back();
        for (auto const line : in) {
            if (line == "⏸") {
                e.raw.emplace_back();
                continue;
            }
            auto const end = append_line(line, e.raw.back());
            if (!end) return std::unexpected(end.error());
            if (*end == line_end::normal) e.raw.back() += "\r\n";
            if (*end == line_end::bare_newline) e.raw.back() += '\n';
        }
        return {};
    }
    std::string first;
    if (auto ok = append_line(in.front(), first); !ok) return std::unexpected(ok.error());
    auto const words = split(first, ' ');
    if (words.size() != 2) return fail(errc::syntax, "expected METHOD TARGET, found: " + first);
    e.method = words[0];
    e.target = words[1];
    std::size_t i = 1;
    for (; i < in.size() && !in[i].empty(); ++i) {
        auto f = parse_field(in[i]);
        if (!f) return std::unexpected(f.error());
        e.fields.push_back(std::move(*f));
    }
    for (++i; i < in.size(); ++i) {
        auto const end = append_line(in[i], e.body);
        if (!end) return std::unexpected(end.error());
        if (*end != line_end::none) e.body += '\n';
    }
    return {};
}

inline result<> parse_response(lines const& in, exchange& e) {
    expected_response r;
    for (auto const line : in) r.text += std::string(line) + '\n';
    r.status = (in[0][9] - '0') * 100 + (in[0][10] - '0') * 10 + (in[0][11] - '0');
    if (in[0].substr(12).starts_with('/') && in[0].size() >= 16) {
        r.other_status = (in[0][13] - '0') * 100 + (in[0][14] - '0') * 10 + (in[0][15] - '0');
    }
    std::string peer;
    if (auto const open = in[0].find('('); open != std::string_view::npos) {
        peer = in[0].substr(open + 1, in[0].find(')') - open - 1);
        if (peer != "upstream" && peer != "upstream-1.5") return fail(errc::syntax, "unknown peer " + peer);
    }
    std::size_t i = 1;
    for (; i < in.size() && !in[i].empty(); ++i) {
        auto f = parse_field(in[i]);
        if (!f) return std::unexpected(f.error());
        r.fields.push_back(std::move(*f));
    }
    for (++i; i < in.size(); ++i) r.body.emplace_back(in[i]);
    e.responses[peer].push_back(std::move(r));
    return {};
}

/// One exchange: lines of a request, then responses, each beginning with its status line.
inline result<exchange> parse_exchange(lines const& in, exchange_tags const& tags, std::size_t line) {
    exchange e;
    e.tags = tags;
    e.line = line;
    std::vector<lines> parts(1);
    for (auto const l : in) {
        if (is_status_line(l)) parts.emplace_back();
        parts.back().push_back(l);
    }
    for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
        if (!parts[i].empty() && parts[i].back().empty()) parts[i].pop_back();
    }
    if (parts[0].empty()) return fail(errc::syntax, "an exchange without a request");
    if (parts.size() == 1) return fail(errc::syntax, "an exchange without a response");
    if (auto ok = parse_request(parts[0], e); !ok) return std::unexpected(ok.error());
    for (std::size_t i = 1; i < parts.size(); ++i) {
        if (auto ok = parse_response(parts[i], e); !ok) return std::unexpected(ok.error());
    }
    return e;
}

}  // namespace detail

/// Reads a page. An error names the line of the page.
inline result<page> parse_page(std::string name, std::string_view markdown) {
    page p;
    p.name = std::move(name);
    auto const fail_at = [&](std::size_t line, std::string const& why) {
        return std::unexpected(error{errc::syntax, p.name + ":" + std::to_string(line) + ": " + why, line, 0, {}});
    };
    auto const all = detail::split(markdown, '\n');
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (!all[i].starts_with("```")) continue;
        auto const opening = i;
        auto const info = all[i].substr(3);
        std::size_t end = i + 1;
        while (end < all.size() && all[end] != "```") ++end;
        if (end == all.size()) return fail_at(i + 1, "this fence is never closed");
        i = end;
        if (info != "http" && !info.starts_with("http ")) continue;
        auto tags = detail::parse_tags(info.substr(4));
        if (!tags) return fail_at(opening + 1, tags.error().message);
        detail::lines part;
        std::size_t first = opening + 1;
        for (std::size_t l = opening + 1; l <= end; ++l) {
            if (l < end && all[l] != "###") {
                if (part.empty() && all[l].empty()) continue;
                if (part.empty()) first = l;
                part.push_back(all[l]);
                continue;
            }
            while (!part.empty() && part.back().empty() && l < end) part.pop_back();
            auto e = detail::parse_exchange(part, *tags, first + 1);
            if (!e) return fail_at(first + 1, e.error().message);
            p.exchanges.push_back(std::move(*e));
            tags->fresh = false;
            part.clear();
        }
    }
    return p;
}

}  // namespace pushgateway::spec
