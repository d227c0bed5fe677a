#pragma once

/// \file
/// Which groups are wanted, and in what order: what a list of groups is asked for.

#include <algorithm>
#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <pushgateway/base/clock.hpp>
#include <pushgateway/gateway/group_rows.hpp>
#include <pushgateway/gateway/group_selector.hpp>
#include <pushgateway/gateway/text_search.hpp>
#include <pushgateway/model/grouping_key.hpp>

namespace pushgateway {

/// What groups are sorted by. Those that are equal in it come in the order of `job`, whatever the direction.
enum class group_order : std::uint8_t {
    job,     ///< the job, then the whole grouping key
    pushed,  ///< the last push that succeeded
    failed,  ///< the last push that failed, of groups whose last push failed; all others first
    series,  ///< how many samples there are
};

/// The groups that a list is narrowed to. A group is stale if its last push that succeeded is long ago.
enum class group_condition : std::uint8_t { any, ok, failed, stale };

/// A place between two groups of a sorted list, which stays where it is when groups come and go: the number and the key
/// of a group, which need not be there any more.
struct group_place {
    double number = 0;
    model::grouping_key key{""};
};

/// What is wanted of a list of groups.
struct group_query {
    std::vector<group_selector> selectors;  ///< any of them; none: all groups
    text_search search;
    group_condition condition = group_condition::any;
    std::chrono::nanoseconds stale_after = std::chrono::hours(24);
    group_order order = group_order::job;
    bool descending = false;
    std::optional<group_place> after;  ///< begin behind this place
    std::size_t offset = 0;            ///< pass over so many groups
    std::size_t limit = 100;           ///< show so many at most
};

/// What is found. Pointers into the rows that were asked.
struct group_page {
    std::vector<group_row const*> rows;
    std::size_t total = 0;    ///< groups there are
    std::size_t found = 0;    ///< those that selectors and search select, and of these:
    std::size_t failed = 0;   ///< those whose last push failed
    std::size_t stale = 0;    ///< those that are stale
    std::size_t matched = 0;  ///< those that meet the condition, too
    bool more = false;        ///< true if some of these come behind `rows`
    /// When the next group turns stale, Unix time in seconds; until then the same rows give the same answer.
    double until = std::numeric_limits<double>::infinity();
};

/// The number that a group is sorted by; 0 for all in the order of `job`.
[[nodiscard]] inline double number_of(group_row const& row, group_order order) noexcept {
    switch (order) {
        case group_order::job: break;
        case group_order::pushed: return row.push_time;
        case group_order::failed: return row.failed() ? row.push_failure_time : 0;
        case group_order::series: return static_cast<double>(row.series);
    }
    return 0;
}

namespace detail {

// The order of `group_order::job`, for labels in either form.
inline std::strong_ordering compare_jobs(std::string_view job_a, model::labels a, std::string_view job_b,
                                         model::labels b) noexcept {
    if (auto const by_job = job_a <=> job_b; by_job != 0) return by_job;
    return std::lexicographical_compare_three_way(a.begin(), a.end(), b.begin(), b.end());
}

// True if the first comes before the second.
struct group_less {
    group_order order;
    bool descending;

    [[nodiscard]] bool numbers_differ(double a, double b, bool& less) const noexcept {
        less = descending ? a > b : a < b;
        return a != b;
    }
    // The direction turns the order of the jobs round only if that is what was asked for.
    [[nodiscard]] bool jobs_less(std::strong_ordering jobs) const noexcept {
        return order == group_order::job && descending ? jobs > 0 : jobs < 0;
    }
    [[nodiscard]] bool operator()(group_row const* a, group_row const* b) const noexcept {
        bool less = false;
        if (numbers_differ(number_of(*a, order), number_of(*b, order), less)) return less;
        return jobs_less(compare_jobs(a->job(), a->labels(), b->job(), b->labels()));
    }
};

}  // namespace detail

/// Answers a query. Takes time in proportion to the number of rows.
[[nodiscard]] inline group_page select(group_rows const& all, group_query const& query, timestamp now) {
    group_page out;
    out.total = all.rows().size();
    std::vector<std::vector<bool>> words_in_kind;
    for (auto const& kind : all.kinds()) {
        words_in_kind.push_back(
            query.search.words_in(kind, [](auto const& family) -> std::string_view { return family->name; }));
    }
    double const oldest = unix_seconds(now) - std::chrono::duration<double>(query.stale_after).count();
    detail::group_less const less{query.order, query.descending};
    std::vector<model::label> place;
    if (query.after) {
        for (auto const& [name, value] : query.after->key.pairs()) place.push_back({name, value});
    }
    auto const behind_place = [&](group_row const& row) {
        bool comes_before = false;
        if (less.numbers_differ(query.after->number, number_of(row, query.order), comes_before)) return comes_before;
        return less.jobs_less(
            detail::compare_jobs(query.after->key.job(), {place.data(), place.size()}, row.job(), row.labels()));
    };
    std::vector<group_row const*> kept;
    std::string scratch;
    for (auto const& row : all.rows()) {
        auto const holds = [&](std::string_view name) {
            return std::ranges::any_of(all.kinds()[row.kind], [&](auto const& family) { return family->name == name; });
        };
        bool const selected = query.selectors.empty() || std::ranges::any_of(query.selectors, [&](auto const& s) {
                                  return s.matches(row.labels(), holds);
                              });
        if (!selected || !query.search.matches(row.labels(), words_in_kind[row.kind], scratch)) continue;
        bool const stale = row.push_time < oldest;
        ++out.found;
        out.failed += row.failed();
        out.stale += stale;
        if (!stale) out.until = std::min(out.until, unix_seconds(now) + (row.push_time - oldest));
        bool const met = query.condition == group_condition::any ||
                         (query.condition == group_condition::ok && !row.failed()) ||
                         (query.condition == group_condition::failed && row.failed()) ||
                         (query.condition == group_condition::stale && stale);
        if (!met) continue;
        ++out.matched;
        if (!query.after || behind_place(row)) kept.push_back(&row);
    }
    auto const first = std::min(query.offset, kept.size());
    auto const last = first + std::min(query.limit, kept.size() - first);
    out.more = last != kept.size();
    std::ranges::partial_sort(kept, kept.begin() + static_cast<std::ptrdiff_t>(last), less);
    out.rows.assign(kept.begin() + static_cast<std::ptrdiff_t>(first),
                    kept.begin() + static_cast<std::ptrdiff_t>(last));
    return out;
}

}  // namespace pushgateway
