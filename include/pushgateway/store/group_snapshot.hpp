#pragma once

/// \file
/// What the JSON API and the status page read: all groups as they were at one moment.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <ranges>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include <pushgateway/base/clock.hpp>
#include <pushgateway/model/label.hpp>
#include <pushgateway/model/metric_family.hpp>
#include <pushgateway/store/family_decoder.hpp>
#include <pushgateway/store/group.hpp>
#include <pushgateway/store/group_header.hpp>
#include <pushgateway/store/times_page.hpp>

namespace pushgateway::store {

/// A family of a group, as it was pushed, also what is left out of the exposition; or one of its times as a family.
/// Valid as long as the snapshot.
class group_family_view {
public:
    explicit group_family_view(std::span<slot const> parts) noexcept : parts_(parts) {}
    group_family_view(group_content const& group, time_series which) noexcept : group_(&group), time_(which) {}

    [[nodiscard]] std::string_view name() const noexcept {
        return is_time() ? name_of(time_) : std::string_view(meta().name);
    }
    [[nodiscard]] model::metric_type type() const noexcept {
        return is_time() ? model::metric_type::gauge : meta().type;
    }
    [[nodiscard]] std::optional<std::string_view> help() const noexcept {
        if (is_time()) return help_of(time_);
        return meta().help;
    }
    /// Empty: none is known.
    [[nodiscard]] std::string_view unit() const noexcept {
        return is_time() ? std::string_view() : std::string_view(meta().unit);
    }
    /// When it was pushed, or when the time was set.
    [[nodiscard]] timestamp pushed_at() const noexcept {
        return is_time() ? group_->header().time(time_).set_at : parts_.front().pushed->pushed_at();
    }

    /// Calls `visit(model::metric const&)` for each metric in the order pushed, labels complete and sorted. The metric
    /// lives until `visit` returns, its strings as long as the snapshot.
    template <class Visit>
    void for_each_metric(Visit&& visit) const {
        for (std::size_t part = 0; part != parts(); ++part) for_each_metric_of(part, visit);
    }

    /// How many metrics a part has.
    [[nodiscard]] std::size_t metrics_of(std::size_t part) const noexcept {
        return is_time() ? 1 : parts_[part].pushed->metrics();
    }

    /// How many lines there are in the text format.
    [[nodiscard]] std::uint64_t series() const noexcept {
        std::uint64_t all = is_time() ? 1 : 0;
        for (auto const& part : parts_) all += part.pushed->series();
        return all;
    }

    /// How many parts there are: each makes some ten kilobytes of text, unless a single metric makes more.
    [[nodiscard]] std::size_t parts() const noexcept { return is_time() ? 1 : parts_.size(); }

    /// `for_each_metric` for one part.
    template <class Visit>
    void for_each_metric_of(std::size_t part, Visit&& visit) const {
        if (is_time()) {
            visit_time(group_->key(), group_->header().time(time_).seconds, visit);
        } else {
            store::for_each_metric(*parts_[part].pushed, visit);
        }
    }

private:
    [[nodiscard]] bool is_time() const noexcept { return group_ != nullptr; }
    [[nodiscard]] family_meta const& meta() const noexcept { return parts_.front().pushed->meta(); }

    std::span<slot const> parts_;
    group_content const* group_ = nullptr;  ///< set for a time
    time_series time_{};
};

/// A group. Valid as long as the snapshot.
class group_view {
public:
    explicit group_view(group_content const& content) noexcept : content_(&content) {}

    /// The grouping key, sorted by name.
    [[nodiscard]] model::labels key() const noexcept { return content_->key().pairs(); }

    /// The same, to be kept longer than the snapshot.
    [[nodiscard]] ref<stored_key const> const& shared_key() const noexcept { return content_->shared_key(); }

    [[nodiscard]] group_header const& header() const noexcept { return content_->header(); }
    /// Unix time of the last push that succeeded and of the last that failed, in seconds; 0: never.
    [[nodiscard]] double push_time() const noexcept { return header().push.seconds; }
    [[nodiscard]] double push_failure_time() const noexcept { return header().push_failure.seconds; }

    /// False if a push failed after the last one that succeeded.
    [[nodiscard]] bool last_push_successful() const noexcept { return header().last_push_successful(); }

    /// The families that were pushed, sorted by name.
    [[nodiscard]] std::vector<group_family_view> pushed_families() const { return families(false); }

    /// The same with the two times among them.
    [[nodiscard]] std::vector<group_family_view> families() const { return families(true); }

    /// Calls `visit(name, type and help, samples)` for each family that was pushed, in no order that means anything: a
    /// `ref<family_meta const> const&` that may be kept, and how many lines it makes in the text format.
    template <class Visit>
    void for_each_pushed_family(Visit&& visit) const {
        auto rest = std::as_const(*content_).slots();
        while (!rest.empty()) {
            std::uint64_t series = 0;
            std::size_t parts = 0;
            while (parts != rest.size() && rest[parts].family == rest.front().family) {
                series += rest[parts++].pushed->series();
            }
            visit(rest.front().pushed->shared_meta(), series);
            rest = rest.subspan(parts);
        }
    }

private:
    [[nodiscard]] std::vector<group_family_view> families(bool with_times) const {
        std::vector<group_family_view> all;
        auto rest = std::as_const(*content_).slots();
        while (!rest.empty()) {
            std::size_t parts = 1;
            while (parts != rest.size() && rest[parts].family == rest.front().family) ++parts;
            all.emplace_back(rest.first(parts));
            rest = rest.subspan(parts);
        }
        if (with_times) {
            for (auto const which : all_time_series) all.emplace_back(*content_, which);
        }
        std::ranges::sort(all, {}, &group_family_view::name);
        return all;
    }

    group_content const* content_;
};

/// All groups at one moment. Immutable, may be read by any thread, keeps what it shows alive.
class group_snapshot {
public:
    group_snapshot() = default;

    /// No group, at the time of this generation of the store.
    explicit group_snapshot(std::uint64_t generation) : generation_(generation) {}

    /// One group.
    group_snapshot(ref<group_content const> content, std::uint64_t generation) : generation_(generation) {
        contents_.push_back(std::move(content));
    }

    /// Shares all groups of `table`, which nobody may change meanwhile. Not sorted yet.
    explicit group_snapshot(group_table const& table, std::uint64_t generation = 0) : generation_(generation) {
        contents_.reserve(table.size());
        for (auto const& content : table.contents()) {
            if (content) contents_.emplace_back(content);
        }
    }

    /// Brings the groups into the order of their keys. Before anybody else can see the snapshot.
    void sort() {
        std::ranges::sort(contents_, [](auto const& a, auto const& b) { return a->key() < b->key(); });
    }

    /// The generation of the store that this shows, see `basic_store::generation`.
    [[nodiscard]] std::uint64_t generation() const noexcept { return generation_; }

    [[nodiscard]] std::size_t size() const noexcept { return contents_.size(); }
    [[nodiscard]] group_view operator[](std::size_t at) const noexcept { return group_view(*contents_[at]); }

    /// The groups, sorted by key.
    [[nodiscard]] auto groups() const {
        return contents_ | std::views::transform([](auto const& content) { return group_view(*content); });
    }

private:
    accounted_vector<ref<group_content const>> contents_;
    std::uint64_t generation_ = 0;
};

}  // namespace pushgateway::store
