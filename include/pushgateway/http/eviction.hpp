#pragma once

/// \file
/// Which connection is ended when there is no place for another one.
///
/// Each function returns null if there is none that may be ended. Connections that are to be ended already are passed
/// over. `tick`: the time as the event loop counts it.

#include <cstdint>
#include <tuple>
#include <utility>

#include <pushgateway/http/connection.hpp>

namespace pushgateway::http::detail {

/// The connection with the lowest `rank` of those that `may_end`.
template <class MayEnd, class Rank>
[[nodiscard]] connection* lowest_ranked(connection_list& all, MayEnd&& may_end, Rank&& rank) {
    connection* chosen = nullptr;
    for (auto& c : all) {
        if (c.evicted || !may_end(c)) continue;
        if (chosen == nullptr || rank(c) < rank(*chosen)) chosen = &c;
    }
    return chosen;
}

/// The connection that has been silent for longest: one between two requests, or else one that has begun a request and
/// does not go on.
[[nodiscard]] inline connection* longest_silent(connection_list& all, std::uint64_t tick) {
    auto const is_silent = [tick](connection const& c) {
        bool const sending = c.what == waiting::head || c.what == waiting::handshake;
        // Who came a moment ago may be about to send.
        return (sending || c.what == waiting::request) && c.since < tick;
    };
    return lowest_ranked(all, is_silent, [](connection const& c) {
        return std::tuple(c.place != seat::regular, c.what != waiting::request, c.since);
    });
}

/// The connection on a spare seat that deserves it least: one that has its answer, or else, unless `answered` only, the
/// one that has been there for longest without a request, or else one whose client does not read.
[[nodiscard]] inline connection* least_deserving(connection_list& all, std::uint64_t tick, bool answered) {
    auto const rank = [tick](connection const& c) {
        switch (c.what) {
            case waiting::lingering: return 1;
            case waiting::request:
            case waiting::handshake:
            case waiting::head: return 2;
            case waiting::response: return c.since + 1 < tick ? 3 : 0;
            case waiting::body:
            case waiting::handler: return 0;
        }
        return 0;
    };
    auto const may_end = [&rank, answered](connection const& c) {
        return c.place == seat::spare && rank(c) != 0 && (!answered || rank(c) == 1);
    };
    return lowest_ranked(all, may_end, rank);
}

/// The scrape on a spare seat whose client has not read for longest, or else the oldest; not that of `newcomer`.
[[nodiscard]] inline connection* oldest_spare_scrape(connection_list& all, connection const& newcomer) {
    auto const may_end = [&newcomer](connection const& c) {
        bool const scrapes = c.what == waiting::response || c.work != nullptr || c.turn != nullptr;
        return c.place == seat::spare && scrapes && &c != &newcomer;
    };
    return lowest_ranked(all, may_end,
                         [](connection const& c) { return std::pair(c.what == waiting::handler, c.since); });
}

}  // namespace pushgateway::http::detail
