#pragma once

/// \file
/// What a scrape reads: all families as they were at one moment.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <ranges>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <pushgateway/format/line_format.hpp>
#include <pushgateway/format/text/write.hpp>
#include <pushgateway/model/metric_family.hpp>
#include <pushgateway/store/exposition.hpp>
#include <pushgateway/store/page.hpp>

namespace pushgateway::store {

/// A page of a snapshot.
class page_view {
public:
    explicit page_view(page_content const& content) noexcept : content_(&content) {}

    /// The lines of its series. Rendered on first use and kept for all snapshots that share the page; valid as long as
    /// one of them.
    [[nodiscard]] std::string_view text(line_format format = line_format::text) const {
        return content_->text(format).lines();
    }

    /// True if a label in that text has a name beyond the legacy set. May render the page to find out.
    [[nodiscard]] bool quoted_labels(line_format format = line_format::text) const {
        return content_->text(format).quoted_labels();
    }

    /// The same page of two snapshots that saw no change in between has the same identity.
    [[nodiscard]] void const* identity() const noexcept { return content_; }

    /// Calls `visit(model::metric const&)` for each metric, labels complete and sorted. The metric lives until `visit`
    /// returns, its strings as long as the snapshot.
    template <class Visit>
    void for_each_metric(Visit&& visit) const {
        for (auto const& entry : content_->entries()) store::for_each_metric(*entry, visit);
    }

private:
    page_content const* content_;
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
    };

public:
    /// A family with at least one series. Valid as long as its snapshot stays where it is.
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
        /// May render pages to find it.
        [[nodiscard]] std::optional<std::string_view> help() const {
            if (row_->reserved) return row_->reserved->help;
            for (auto const& content : contents()) {
                if (auto const* meta = content->text().help()) return meta->help;
            }
            return std::nullopt;
        }

        /// The same help, found without rendering pages.
        [[nodiscard]] std::optional<std::string_view> help_unrendered() const {
            if (row_->reserved) return row_->reserved->help;
            for (auto const& content : contents()) {
                if (auto const* meta = content->first_help()) return meta->help;
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
            return contents() | std::views::transform([](auto const& content) { return page_view(*content); });
        }

    private:
        friend class exposition_snapshot;
        family_view(exposition_snapshot const& owner, row const& r) noexcept : owner_(&owner), row_(&r) {}

        [[nodiscard]] std::span<ref<page_content const> const> contents() const noexcept {
            return std::span(owner_->contents_).subspan(row_->first, row_->count);
        }

        exposition_snapshot const* owner_;
        row const* row_;
    };

    exposition_snapshot() = default;

    /// Shares all pages of `shown`, which nobody may change meanwhile.
    explicit exposition_snapshot(exposition const& shown) {
        auto const& families = shown.families().sorted();
        std::size_t pages = 0;
        for (auto const& [name, f] : families) pages += f->pages.pages().size();
        rows_.reserve(families.size());
        contents_.reserve(pages);
        for (auto const& [name, f] : families) {
            if (f->series == 0) continue;
            rows_.push_back({f->latest, f->reserved, f->type, f->kind(), f->with_unit != 0, f->mixed(),
                             f->irregular != 0, contents_.size(), f->pages.pages().size()});
            for (auto const& p : f->pages.pages()) contents_.emplace_back(p->content);
        }
        beyond_legacy_ = shown.families().beyond_legacy();
        names_beyond_legacy_ = shown.names_beyond_legacy();
    }

    /// The families with series, sorted by name.
    [[nodiscard]] auto families() const {
        return rows_ | std::views::transform([this](row const& r) { return family_view(*this, r); });
    }

    [[nodiscard]] std::size_t family_count() const noexcept { return rows_.size(); }

    /// The position of a family among `families`; nothing if it is not there.
    [[nodiscard]] std::optional<std::size_t> find(std::string_view name) const noexcept {
        auto const at =
            std::ranges::lower_bound(rows_, name, {}, [](row const& r) -> std::string_view { return r.named->name; });
        if (at == rows_.end() || at->named->name != name) return std::nullopt;
        return static_cast<std::size_t>(at - rows_.begin());
    }

    /// True if some family may have a name beyond the legacy set.
    [[nodiscard]] bool beyond_legacy() const noexcept { return beyond_legacy_ != 0; }

    /// False if no name of a family or of a label is beyond the legacy set.
    [[nodiscard]] bool names_beyond_legacy() const noexcept { return names_beyond_legacy_; }

    /// Appends the whole exposition.
    void append_to(std::string& out) const {
        for (auto const& family : families()) {
            out += family.header();
            for (auto const& page : family.pages()) out += page.text();
        }
    }

private:
    std::vector<row> rows_;
    std::vector<ref<page_content const>> contents_;
    std::size_t beyond_legacy_ = 0;
    bool names_beyond_legacy_ = false;
};

}  // namespace pushgateway::store
