#pragma once

/// \file
/// Runs the exchanges of a page on a gateway and says which held.

#include <algorithm>
#include <chrono>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <support/gzip.hpp>
#include <support/snappy.hpp>
#include <support/zstd.hpp>

#include "match.hpp"
#include "match_json.hpp"
#include "page.hpp"
#include "transport.hpp"

namespace pushgateway::spec {

/// What is known of the gateway at the other end.
struct peer {
    std::string kind;             ///< "" ours, "upstream", "upstream-1.5"
    std::set<std::string> flags;  ///< `admin`, `lifecycle`, `unchecked`, `telemetry`, `utf8-names`, … as it was
                                  ///< started; `quit` if it may be ended
    bool only_needed = false;     ///< leave out, uncounted, what needs none of its flags: another instance runs that
};

/// The outcome of a page.
struct report {
    std::size_t passed = 0;
    std::vector<std::string> failed;   ///< each with file, line, what was sent, expected and got
    std::vector<std::string> skipped;  ///< each with file, line and reason
};

namespace detail {

inline std::vector<expected_response> const* expected_from(exchange const& e, std::string const& kind) {
    auto const find = [&](char const* label) {
        auto const at = e.responses.find(label);
        return at == e.responses.end() ? nullptr : &at->second;
    };
    if (kind == "upstream-1.5" && find("upstream-1.5") != nullptr) return find("upstream-1.5");
    if (!kind.empty() && find("upstream") != nullptr) return find("upstream");
    if (!kind.empty() && !e.tags.differs.empty()) return nullptr;
    return find("");
}

/// Why an exchange is not for this peer; empty if it is.
inline std::string reason_to_skip(exchange const& e, peer const& p, transport const& t) {
    for (auto const& need : e.tags.needs) {
        bool const negative = need.starts_with("no-");
        if (p.flags.contains(negative ? need.substr(3) : need) == negative) return "needs " + need;
    }
    if (p.flags.contains("unchecked") && !e.tags.need("unchecked")) return "needs the consistency check";
    if (p.flags.contains("telemetry") && !e.tags.need("telemetry")) return "needs the scrape at /metrics";
    if (e.tags.wire && !t.has_wire()) return "needs a connection";
    if (p.kind == "upstream-1.5" && !e.tags.since.empty()) return "upstream since " + e.tags.since;
    if (expected_from(e, p.kind) == nullptr) return "differs, see " + e.tags.differs;
    return {};
}

inline std::set<std::string> tokens(std::string_view list) {
    std::set<std::string> all;
    for (auto const part : split(list, ',')) all.emplace(trim(part));
    return all;
}

inline bool set_by_connection(std::string_view name) {
    for (auto const* n : {"Date", "Connection", "Content-Length", "Transfer-Encoding"}) {
        if (http::equal_ignoring_case(name, n)) return true;
    }
    return false;
}

inline bool match_field(http::field const& pattern, test::http_reply const& r, named_times& times) {
    if (pattern.name.starts_with('!')) return !r.header(std::string_view(pattern.name).substr(1));
    return std::ranges::any_of(r.fields, [&](http::field const& f) {
        if (!http::equal_ignoring_case(f.name, pattern.name)) return false;
        if (http::equal_ignoring_case(f.name, "Allow")) return tokens(f.value) == tokens(pattern.value);
        return match_line(pattern.value, f.value, times);
    });
}

inline bool is_exposition(test::http_reply const& r) {
    auto const type = r.header("Content-Type");
    return r.status == 200 && type &&
           (type->starts_with("text/plain; version=0.0.4") || type->starts_with("application/openmetrics-text"));
}

inline std::string packed(std::string const& body, std::string_view coding) {
    if (coding == "gzip") return test::gzip(body);
    if (coding == "snappy") return test::snappy_framed(body);
    return coding == "zstd" ? test::zstd(body) : body;
}

/// The body without its content coding; nothing if that is damaged.
inline std::optional<std::string> plain_body(test::http_reply const& r) {
    auto const coding = r.header("Content-Encoding");
    if (coding == "gzip" && !r.body.empty()) return test::gunzip(r.body);
    if (coding == "zstd" && !r.body.empty()) return test::unzstd(r.body);
    return r.body;
}

/// What is wrong with the response; empty if nothing is.
inline std::string mismatch(expected_response const& want, test::http_reply r, exchange_tags const& tags, bool wire,
                            named_times& times) {
    if (r.status != want.status && r.status != want.other_status) return "the status is " + std::to_string(r.status);
    for (auto const& f : want.fields) {
        if (!wire && set_by_connection(f.name)) continue;
        if (!match_field(f, r, times)) return "the header field " + f.name + " differs";
    }
    auto plain = plain_body(r);
    if (!plain) return "the body is not sound " + std::string(r.header("Content-Encoding").value_or(""));
    r.body = *std::move(plain);
    if (is_exposition(r)) {
        if (!r.body.empty() && r.body.back() != '\n') return "the exposition does not end with a newline";
        if (!tags.whole) r.body = without_own_metrics(r.body);
    }
    std::vector<std::string> patterns;
    std::string joined;
    for (auto const& line : want.body) {
        std::string bytes;
        if (auto ok = append_line(line, bytes); !ok) return ok.error().message;
        joined += bytes + '\n';
        patterns.push_back(std::move(bytes));
    }
    auto const type = r.header("Content-Type");
    if (type && type->starts_with("application/json") && joined.starts_with('{')) {
        boost::system::error_code ec;
        auto const pattern = boost::json::parse(joined, ec);
        if (ec) return "the pattern is not JSON: " + ec.message();
        auto const actual = boost::json::parse(r.body, ec);
        if (ec) return "the body is not JSON: " + ec.message();
        return match_json(pattern, actual, times) ? "" : "the JSON differs";
    }
    return match_text(patterns, r.body, tags.any_order, times) ? "" : "the body differs";
}

inline std::string show(test::http_reply const& r, bool whole) {
    std::string text = "HTTP/1." + std::to_string(r.minor_version) + " " + std::to_string(r.status) + "\n";
    for (auto const& f : r.fields) text += f.name + ": " + f.value + "\n";
    auto body = plain_body(r).value_or("(damaged)");
    if (is_exposition(r) && !whole) body = without_own_metrics(body);
    if (body.size() > 8000) body = body.substr(0, 8000) + "…";
    return text + "\n" + body;
}

struct attempt {
    std::string problem;  ///< empty: it held
    std::string got;
};

inline attempt try_once(exchange const& e, std::vector<expected_response> const& want, transport& t,
                        named_times& times) {
    std::vector<test::http_reply> replies;
    if (e.tags.wire) {
        auto bytes = t.exchange_bytes(e.raw, e.tags.half_close);
        if (!bytes) return {bytes.error().message, ""};
        auto parsed = test::parse_replies(*bytes, {e.raw.front().starts_with("HEAD ")});
        if (!parsed) return {parsed.error().message, *bytes};
        replies = std::move(*parsed);
    } else {
        auto reply = t.send(e.method, e.target, e.fields, packed(e.body, e.tags.coding));
        if (!reply) return {reply.error().message, ""};
        replies.push_back(std::move(*reply));
    }
    attempt a;
    for (auto const& r : replies) a.got += show(r, e.tags.whole) + "\n";
    if (replies.size() != want.size()) {
        a.problem = "expected " + std::to_string(want.size()) + " responses, got " + std::to_string(replies.size());
    }
    for (std::size_t i = 0; i < want.size() && a.problem.empty(); ++i) {
        a.problem = mismatch(want[i], replies[i], e.tags, t.has_wire(), times);
    }
    return a;
}

}  // namespace detail

/// Runs the page from a state without groups and leaves one without groups.
inline report run_page(page const& p, transport& t, peer const& who) {
    report r;
    named_times times;
    bool touched = false;
    bool owed_reset = true;
    for (auto const& e : p.exchanges) {
        auto const place = p.name + ":" + std::to_string(e.line) + ": ";
        owed_reset = owed_reset || e.tags.fresh;
        bool const needs_flag = std::ranges::any_of(e.tags.needs, [&](auto const& n) { return who.flags.contains(n); });
        if (who.only_needed && !needs_flag) continue;
        if (auto const why = detail::reason_to_skip(e, who, t); !why.empty()) {
            r.skipped.push_back(place + why);
            continue;
        }
        if (std::exchange(owed_reset, false)) {
            if (auto ok = t.reset(); !ok) {
                r.failed.push_back(place + "cannot empty the gateway: " + ok.error().message);
                return r;
            }
        }
        touched = true;
        auto const& want = *detail::expected_from(e, who.kind);
        auto outcome = detail::try_once(e, want, t, times);
        // The Go Pushgateway answers some changes before it makes them: a read may have to be repeated.
        for (int i = 0; i < 40 && !outcome.problem.empty() && !who.kind.empty() && e.method == "GET"; ++i) {
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
            outcome = detail::try_once(e, want, t, times);
        }
        if (outcome.problem.empty()) {
            ++r.passed;
            continue;
        }
        std::string text = place + outcome.problem + "\n--- sent\n" + e.text + "--- expected\n";
        for (auto const& w : want) text += w.text;
        r.failed.push_back(text + "--- got\n" + outcome.got);
    }
    if (touched && !who.flags.contains("quit")) {
        if (auto ok = t.reset(); !ok) r.failed.push_back(p.name + ": cannot empty the gateway: " + ok.error().message);
    }
    return r;
}

}  // namespace pushgateway::spec
