#pragma once

/// \file
/// `GET /api/v1/groups`: a list of groups, narrowed, sorted, a part at a time.

#include <atomic>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <pushgateway/base/clock.hpp>
#include <pushgateway/base/hash.hpp>
#include <pushgateway/base/number.hpp>
#include <pushgateway/gateway/group_query.hpp>
#include <pushgateway/gateway/group_rows.hpp>
#include <pushgateway/http/answers.hpp>
#include <pushgateway/http/api.hpp>
#include <pushgateway/http/groups_query.hpp>
#include <pushgateway/http/json.hpp>
#include <pushgateway/http/message.hpp>
#include <pushgateway/http/push_target.hpp>

namespace pushgateway::http {

/// What a client may do, as far as the gateway's flags and the client's role say.
struct permitted_actions {
    bool push = true;
    bool erase = true;
    bool wipe = false;
};

namespace detail {

/// A number of JSON; `null` for 0, which stands for never.
inline void append_time(std::string& out, double unix_time) {
    if (unix_time == 0 || !std::isfinite(unix_time)) {
        out += "null";
        return;
    }
    char digits[32];
    out.append(digits, std::to_chars(digits, digits + sizeof digits, unix_time, std::chars_format::fixed).ptr);
}

inline void append_labels(std::string& out, model::labels labels) {
    out += '{';
    bool first = true;
    for (auto const& [name, value] : labels) {
        if (!std::exchange(first, false)) out += ',';
        append_json(out, name);
        out += ':';
        append_json(out, value);
    }
    out += '}';
}

/// The members that a list and a single group have in common.
template <class Gateway>
void append_group_members(std::string& out, Gateway const& gateway, model::labels labels, double push_time,
                          double failure_time) {
    out += R"("labels":)";
    append_labels(out, labels);
    out += R"(,"path":)";
    append_json(out, std::string_view(push_target(labels)));
    out += R"(,"push_time":)";
    append_time(out, push_time);
    out += R"(,"push_failure_time":)";
    append_time(out, failure_time);
    bool const failed = failure_time > push_time;
    out += R"(,"last_push_successful":)";
    out += failed ? "false" : "true";
    if (failed) {
        if (auto const reason = gateway.failure_of(labels)) {
            out += R"(,"failure":)";
            append_json(out, std::string_view(*reason));
        }
    }
}

inline void append_permissions(std::string& out, permitted_actions const& may) {
    auto const word = [](bool b) { return b ? "true" : "false"; };
    out += R"({"push":)";
    out += word(may.push);
    out += R"(,"delete":)";
    out += word(may.erase);
    out += R"(,"wipe":)";
    out += word(may.wipe);
    out += '}';
}

}  // namespace detail

/// Says when an answer that a client has is still right. An entity tag (RFC 9110 section 8.8.3) names the generation of
/// the store, and the time until which the passing of time alone changes nothing. Constant; any thread may use it.
class answer_tags {
public:
    /// The tag of an answer. `variant` tells apart what else the answer depends on.
    [[nodiscard]] std::string tag(std::uint64_t generation, std::uint64_t variant,
                                  double until = std::numeric_limits<double>::infinity()) const {
        constexpr double latest = 1e15;
        return "W/\"" + hex(generation) + '-' + hex(mix(salt_.a ^ variant, salt_.b)) + '-' +
               std::to_string(static_cast<std::int64_t>(std::clamp(std::floor(until * 1000), 0.0, latest))) + '"';
    }

    /// The one of `tags`, the value of `If-None-Match`, that names an answer of this generation that is right at `now`;
    /// empty if none does.
    [[nodiscard]] std::string_view held(std::string_view tags, std::uint64_t generation, std::uint64_t variant,
                                        timestamp now) const {
        auto const begin = tag(generation, variant, 0);
        auto const known = std::string_view(begin).substr(0, begin.size() - 2);
        auto const at = tags.find(known);
        if (at == std::string_view::npos) return {};
        std::int64_t until = 0;
        auto const rest = tags.substr(at + known.size());
        auto const read = std::from_chars(rest.data(), rest.data() + rest.size(), until);
        auto const digits = static_cast<std::size_t>(read.ptr - rest.data());
        if (read.ec != std::errc() || !rest.substr(digits).starts_with('"')) return {};
        if (unix_seconds(now) * 1000 >= static_cast<double>(until)) return {};
        return tags.substr(at, known.size() + digits + 1);
    }

private:
    static std::string hex(std::uint64_t value) {
        char digits[16];
        return {digits, std::to_chars(digits, digits + sizeof digits, value, 16).ptr};
    }

    // Another process must not take our tags for its own.
    hash_key salt_ = hash_key::random();
};

/// The answer to who has the answer `tag` already.
[[nodiscard]] inline response not_modified(std::string_view tag) {
    auto out = with_cors(response(304, {}));
    out.set("ETag", std::string(tag));
    return out;
}

/// Answers `GET /api/v1/groups` for one gateway. The rows of the groups are stored while nothing changes, if they are
/// not too many; and when much changes, all requests that were received before they were made are answered by them. Any
/// thread may call `answer` if any thread may use the gateway.
class groups_api {
public:
    /// Up to so many groups, some 60 bytes each, are kept from one request to the next.
    static constexpr std::size_t most_kept = 100'000;

    template <class Gateway>
    [[nodiscard]] response answer(Gateway const& gateway, request const& req, std::string_view query,
                                  permitted_actions const& may, timestamp now = system_clock::now()) {
        auto const wanted = read_group_query(query);
        if (!wanted) return with_cors(error_answer(wanted.error()));
        auto const may_do = (may.push ? 4U : 0U) + (may.erase ? 2U : 0U) + (may.wipe ? 1U : 0U);
        // The reason of a failure comes after the failure, and may come while this is answered.
        auto const variant = (hash_bytes(query, {}) * 8 + may_do) ^ (gateway.failures_noted() << 32);
        if (auto const held = tags_.held(req.header("If-None-Match"), gateway.generation(), variant, now);
            !held.empty()) {
            return not_modified(held);
        }
        auto const rows = rows_of(gateway, req.received);
        auto const page = select(*rows, *wanted, now);
        auto out = with_cors({});
        out.set("Content-Type", "application/json");
        out.set("X-Content-Type-Options", "nosniff");
        out.set("ETag", tags_.tag(rows->generation(), variant, page.until));
        append(out.body, gateway, *wanted, page, may);
        return out;
    }

    [[nodiscard]] answer_tags const& tags() const noexcept { return tags_; }

    /// How often the rows were made.
    [[nodiscard]] std::uint64_t made() const noexcept { return made_.load(std::memory_order_relaxed); }

private:
    using time_point = std::chrono::steady_clock::time_point;

    template <class Gateway>
    std::shared_ptr<group_rows const> rows_of(Gateway const& gateway, time_point received) {
        std::lock_guard const guard(mutex_);
        auto stored = latest_.lock();
        if (stored && (as_of_ >= received || stored->generation() == gateway.generation())) return stored;
        stored.reset();
        kept_.reset();
        auto const now = std::chrono::steady_clock::now();
        auto fresh = std::make_shared<group_rows const>(gateway.groups());
        made_.fetch_add(1, std::memory_order_relaxed);
        as_of_ = now;
        latest_ = fresh;
        if (fresh->rows().size() <= most_kept) kept_ = fresh;
        return fresh;
    }

    template <class Gateway>
    static void append(std::string& out, Gateway const& gateway, group_query const& query, group_page const& page,
                       permitted_actions const& may) {
        out += R"({"status":"success","data":{"groups":[)";
        bool first = true;
        for (auto const* row : page.rows) {
            out += std::exchange(first, false) ? "{" : ",{";
            detail::append_group_members(out, gateway, row->labels(), row->push_time, row->push_failure_time);
            out += R"(,"families":)" + std::to_string(row->families);
            out += R"(,"series":)" + std::to_string(row->series) + '}';
        }
        out += R"(],"next_cursor":)";
        if (page.more && !page.rows.empty()) {
            append_json(out, std::string_view(encode_cursor(*page.rows.back(), query.order, query.descending)));
        } else {
            out += "null";
        }
        out += R"(,"counts":{"all":)" + std::to_string(page.total);
        out += R"(,"found":)" + std::to_string(page.found);
        out += R"(,"failed":)" + std::to_string(page.failed);
        out += R"(,"stale":)" + std::to_string(page.stale);
        out += R"(,"matched":)" + std::to_string(page.matched);
        out += R"(},"permitted":)";
        detail::append_permissions(out, may);
        out += "}}";
    }

    answer_tags tags_;
    std::mutex mutex_;
    std::shared_ptr<group_rows const> kept_;  // what `latest_` is, unless it is too large
    std::weak_ptr<group_rows const> latest_;
    time_point as_of_;  // `latest_` shows all that was changed before this
    std::atomic<std::uint64_t> made_{0};
};

}  // namespace pushgateway::http
