#pragma once

/// \file
/// What a server answers when it has too much to do.

#include <algorithm>
#include <cstdint>
#include <string>

#include <pushgateway/base/limit_usage.hpp>
#include <pushgateway/base/limits.hpp>
#include <pushgateway/base/memory_budget.hpp>
#include <pushgateway/http/framing.hpp>
#include <pushgateway/http/message.hpp>
#include <pushgateway/http/response_writer.hpp>
#include <pushgateway/http/work_class.hpp>

namespace pushgateway::http::detail {

[[nodiscard]] inline refusal too_many_bodies(limit_usage const& usage) {
    constexpr auto limit = limit_kind::bodies_in_flight;
    return exceeding(503, limit, "request bodies would take more than " + std::to_string(usage.most(limit)) + " bytes");
}

[[nodiscard]] inline refusal too_many_heads(limit_usage const& usage) {
    constexpr auto limit = limit_kind::heads_in_flight;
    return exceeding(
        503, limit,
        "request heads that are not complete would take more than " + std::to_string(usage.most(limit)) + " bytes");
}

/// What bodies may take together: of the memory, if that is bound, what is not for what is stored.
[[nodiscard]] inline std::uint64_t most_of_bodies(limits const& bounds) noexcept {
    if (bounds.memory == 0) return bounds.bodies_in_flight;
    std::uint64_t const share = bounds.memory - memory_budget{bounds.memory}.stored();
    return bounds.bodies_in_flight == 0 ? share : std::min<std::uint64_t>(bounds.bodies_in_flight, share);
}

/// What heads may take together: also of the memory, if that is bound, no more than an eighth.
[[nodiscard]] inline std::uint64_t most_of_heads(limits const& bounds) noexcept {
    if (bounds.memory == 0) return bounds.heads_in_flight;
    std::uint64_t const share = bounds.memory / 8;
    return bounds.heads_in_flight == 0 ? share : std::min<std::uint64_t>(bounds.heads_in_flight, share);
}

[[nodiscard]] inline refusal too_many_connections(limit_usage const& usage) {
    constexpr auto limit = limit_kind::connections;
    return exceeding(503, limit, "there are more than " + std::to_string(usage.most(limit)) + " connections");
}

[[nodiscard]] inline refusal too_many_waiting(limit_usage const& usage, work_class what) {
    auto const limit = queue_limit_of(what);
    return exceeding(
        503, limit,
        "more than " + std::to_string(usage.most(limit)) + ' ' + std::string(plural_of(what)) + " wait for their turn");
}

/// Whether a request without a body is answered even on a connection beyond the limit: it may be a probe, or it is a
/// scrape.
[[nodiscard]] inline bool is_vital(request const& r, work_class what) noexcept {
    return (r.method == "GET" || r.method == "HEAD") && (what == work_class::immediate || what == work_class::scrape);
}

/// The answer to a request that the protocol layer refuses; what is refused for the moment may come again.
[[nodiscard]] inline response refusal_response(refusal const& why) {
    auto out = http::refusal_response(why.status, why.text);
    if (why.status == 503) out.set("Retry-After", "1");
    return out;
}

}  // namespace pushgateway::http::detail
