#pragma once

/// \file
/// What a scrape reads: all families as they were at one moment.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <ranges>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <pushgateway/format/line_format.hpp>
#include <pushgateway/format/text/write.hpp>
#include <pushgateway/model/metric_family.hpp>
#include <pushgateway/store/accounted.hpp>
#include <pushgateway/store/exposition.hpp>
#include <pushgateway/store/group_header.hpp>
#include <pushgateway/store/page.hpp>
#include <pushgateway/store/shown_times.hpp>
#include <pushgateway/store/times_page.hpp>

namespace pushgateway::store {

/// A page of a snapshot, of a family that was pushed or of the groups' times.
class page_view {
public:
    page_view(page_content const& content, std::uint64_t most_rendered) noexcept
        : content_(&content), most_rendered_(most_rendered) {}
    page_view(times_page const& times, time_series which, std::uint64_t most_rendered) noexcept
        : times_(&times), which_(which), most_rendered_(most_rendered) {}

    /// The lines of its series. Rendered on first use and kept for all snapshots that share the page; valid as long as
    /// one of them.
    [[nodiscard]] std::string_view text(line_format format = line_format::text) const {
        return times_ != nullptr ? times_->text(which_).lines() : content_->text(format).lines();
    }

    /// Appends the same lines; they are not kept when memory is short.
    void append_text(std::string& out, line_format format = line_format::text) const {
        if (times_ != nullptr) {
            times_->append_lines(out, which_, most_rendered_);
        } else {
            content_->append_lines(out, format, most_rendered_);
        }
    }

    /// True if a label in that text has a name beyond the legacy set. May render the page to find out.
    [[nodiscard]] bool quoted_labels(line_format format = line_format::text) const {
        return times_ != nullptr ? times_->quoted_labels(which_, most_rendered_)
                                 : content_->quoted_labels(format, most_rendered_);
    }

    /// The same page of two snapshots that saw no change in between has the same identity.
    [[nodiscard]] void const* identity() const noexcept {
        return times_ != nullptr ? times_->identity(which_) : content_;
    }

    /// Calls `visit(model::metric const&)` for each metric, labels complete and sorted. The metric lives until `visit`
    /// returns, its strings as long as the snapshot.
    template <class Visit>
    void for_each_metric(Visit&& visit) const {
        for (std::size_t part = 0; part != parts(); ++part) for_each_metric_of(part, visit);
    }

    /// How many parts there are: groups' metrics of this family, or some of them.
    [[nodiscard]] std::size_t parts() const noexcept { return times_ != nullptr ? times_->size() : content_->size(); }

    /// `for_each_metric` for one part.
    template <class Visit>
    void for_each_metric_of(std::size_t part, Visit&& visit) const {
        if (times_ != nullptr) {
            times_->for_each_metric_of(part, which_, visit);
        } else {
            store::for_each_metric(*(*content_)[static_cast<std::uint32_t>(part)], visit);
        }
    }

private:
    page_content const* content_ = nullptr;
    times_page const* times_ = nullptr;
    time_series which_{};
    std::uint64_t most_rendered_;
};

/// All series of the exposition at one moment. Immutable, may be read by any thread, and keeps what it shows alive.
/// Nothing that happens to the store waits for it.
class exposition_snapshot {
    struct row {
        ref<family_meta const> named;
        ref<family_meta const> reserved;
        model::metric_type type;
        model::gauge_kind kind;
        bool has_unit;
        bool mixed;
        bool irregular;
        std::size_t first;
        std::size_t count;
        std::optional<time_series> time;  ///< set if its pages are those of the groups' times
    };

    /// What all snapshots of one version share.
    struct version {
        accounted_vector<row> rows;
        accounted_vector<ref<page_content const>> contents;
        accounted_vector<ref<times_page const>> times;
        std::size_t beyond_legacy = 0;
        bool names_beyond_legacy = false;
        std::uint64_t generation = 0;
        std::uint64_t most_rendered = UINT64_MAX;
    };

public:
    /// Finds the last version again as long as somebody holds it.
    using version_hint = std::weak_ptr<version const>;

    /// A family with at least one series. Valid as long as its snapshot, or a copy of it.
    class family_view {
    public:
        [[nodiscard]] std::string_view name() const noexcept { return row_->named->name; }
        [[nodiscard]] model::metric_type type() const noexcept { return row_->type; }
        /// True if some of its histograms are gauge histograms, and some are not: then `type()` is histogram.
        [[nodiscard]] bool mixed() const noexcept { return row_->mixed; }
        /// True if some value is not what OpenMetrics demands of the type, see format/regular.hpp.
        [[nodiscard]] bool irregular() const noexcept { return row_->irregular; }
        /// True if the name is a legacy one.
        [[nodiscard]] bool legacy_name() const noexcept { return row_->named->legacy_name; }

        /// The gateway's own help, or else that of the first group, in the order of the grouping keys, which has one.
        [[nodiscard]] std::optional<std::string_view> help() const {
            if (row_->reserved) return row_->reserved->help;
            for (auto const& content : contents()) {
                // A page that is rendered knows it.
                if (auto const* meta = content->rendered() ? content->text().help() : content->first_help()) {
                    return meta->help;
                }
            }
            return std::nullopt;
        }

        /// The unit of the first group, in the order of the grouping keys, which has one; empty if none has.
        [[nodiscard]] std::string_view unit() const {
            if (row_->reserved || !row_->has_unit) return {};
            for (auto const& content : contents()) {
                if (auto const* meta = content->first_unit()) return meta->unit;
            }
            return {};
        }

        /// The kind that it is of in all groups.
        [[nodiscard]] model::gauge_kind kind() const noexcept {
            return row_->reserved ? model::gauge_kind::plain : row_->kind;
        }

        /// The HELP and TYPE lines.
        [[nodiscard]] std::string header() const {
            std::string text;
            format::text::append_header(text, name(), help(), type());
            return text;
        }

        /// The pages, in order.
        [[nodiscard]] auto pages() const {
            return std::views::iota(row_->first, row_->first + row_->count) |
                   std::views::transform([owner = owner_, time = row_->time](std::size_t at) {
                       return time ? page_view(*owner->times[at], *time, owner->most_rendered)
                                   : page_view(*owner->contents[at], owner->most_rendered);
                   });
        }

    private:
        friend class exposition_snapshot;
        family_view(version const& owner, row const& r) noexcept : owner_(&owner), row_(&r) {}

        [[nodiscard]] std::span<ref<page_content const> const> contents() const noexcept {
            return std::span(owner_->contents).subspan(row_->first, row_->count);
        }

        version const* owner_;
        row const* row_;
    };

    exposition_snapshot() = default;

    /// Shares all pages of `shown`, which nobody may change meanwhile. Pages are kept rendered as long as the process
    /// does not take more than `most_rendered` bytes with that.
    explicit exposition_snapshot(exposition const& shown, std::uint64_t generation = 0,
                                 std::uint64_t most_rendered = UINT64_MAX) {
        auto const made = std::allocate_shared<version>(accounted<version>());
        auto const& families = shown.families().sorted();
        auto const& times = shown.times();
        std::size_t pages = 0;
        for (auto const& [name, f] : families) pages += f->pages.pages().size();
        made->rows.reserve(families.size() + all_time_series.size());
        made->contents.reserve(pages);
        made->times.reserve(times.list().pages().size());
        for (auto const& p : times.list().pages()) made->times.emplace_back(p->content());
        auto next = made->times.empty() ? all_time_series.end() : all_time_series.begin();
        auto const put_times_before = [&](std::optional<std::string_view> name) {
            for (; next != all_time_series.end() && (!name || name_of(*next) < *name); ++next) {
                made->rows.push_back({times.meta(*next), times.meta(*next), model::metric_type::gauge,
                                      model::gauge_kind::plain, false, false, false, 0, made->times.size(), *next});
            }
        };
        for (auto const& [name, f] : families) {
            if (f->series == 0) continue;
            put_times_before(name);
            made->rows.push_back({f->latest, f->reserved, f->type, f->kind(), f->with_unit != 0, f->mixed(),
                                  f->irregular != 0, made->contents.size(), f->pages.pages().size(), std::nullopt});
            for (auto const& p : f->pages.pages()) made->contents.emplace_back(p->content());
        }
        put_times_before(std::nullopt);
        made->beyond_legacy = shown.families().beyond_legacy();
        made->names_beyond_legacy = shown.names_beyond_legacy();
        made->generation = generation;
        made->most_rendered = most_rendered;
        version_ = made;
    }

    /// The version that `hint` is of, if it is that of `generation`; otherwise a new one, and `hint` is of that then.
    [[nodiscard]] static exposition_snapshot of(exposition const& shown, std::uint64_t generation,
                                                std::uint64_t most_rendered, version_hint& hint) {
        exposition_snapshot out;
        out.version_ = hint.lock();
        if (out.version_ && out.version_->generation == generation) return out;
        out = exposition_snapshot(shown, generation, most_rendered);
        hint = out.version_;
        return out;
    }

    /// The families with series, sorted by name.
    [[nodiscard]] auto families() const {
        return rows() |
               std::views::transform([owner = version_.get()](row const& r) { return family_view(*owner, r); });
    }

    [[nodiscard]] std::size_t family_count() const noexcept { return rows().size(); }

    /// The position of a family among `families`; nothing if it is not there.
    [[nodiscard]] std::optional<std::size_t> find(std::string_view name) const noexcept {
        auto const all = rows();
        auto const at =
            std::ranges::lower_bound(all, name, {}, [](row const& r) -> std::string_view { return r.named->name; });
        if (at == all.end() || at->named->name != name) return std::nullopt;
        return static_cast<std::size_t>(at - all.begin());
    }

    /// True if some family may have a name beyond the legacy set.
    [[nodiscard]] bool beyond_legacy() const noexcept { return version_ && version_->beyond_legacy != 0; }

    /// False if no name of a family or of a label is beyond the legacy set.
    [[nodiscard]] bool names_beyond_legacy() const noexcept { return version_ && version_->names_beyond_legacy; }

    /// Appends the whole exposition.
    void append_to(std::string& out) const {
        for (auto const& family : families()) {
            out += family.header();
            for (auto const& page : family.pages()) page.append_text(out);
        }
    }

private:
    [[nodiscard]] std::span<row const> rows() const noexcept {
        return version_ ? std::span<row const>(version_->rows) : std::span<row const>();
    }

    std::shared_ptr<version const> version_;
};

}  // namespace pushgateway::store
