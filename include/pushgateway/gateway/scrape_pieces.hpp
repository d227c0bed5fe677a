#pragma once

/// \file
/// One exposition from what was pushed and the gateway's own metrics, handed out piece by piece.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/container/small_vector.hpp>

#include <pushgateway/base/name_escaping.hpp>
#include <pushgateway/format/line_format.hpp>
#include <pushgateway/format/openmetrics/write.hpp>
#include <pushgateway/format/plain_series.hpp>
#include <pushgateway/format/regular.hpp>
#include <pushgateway/format/text/write.hpp>
#include <pushgateway/gateway/escaped_pages.hpp>
#include <pushgateway/gateway/line_style.hpp>
#include <pushgateway/gateway/own_family.hpp>
#include <pushgateway/gateway/shown_families.hpp>
#include <pushgateway/store/exposition_snapshot.hpp>

namespace pushgateway {

/// What an exposition shows.
enum class scrape_scope : std::uint8_t {
    everything,
    pushed,  ///< what was pushed
    own,     ///< the gateway's own metrics
};

/// The exposition at the moment when it was made, in lines of text: families sorted by name, pushed series under the
/// header of an own family of the same name. Pages are rendered as they are reached, so that it never lies in memory as
/// a whole. For one thread at a time.
class scrape_pieces {
public:
    /// `own`: sorted by name. `names`: only these families, by their real names, all if there is none. Without
    /// `with_pushed`, `own` alone. `escaping`: what becomes of names beyond the legacy set. `created`: with the samples
    /// `_created` that OpenMetrics has.
    scrape_pieces(store::exposition_snapshot pushed, std::vector<own_family_metrics> own,
                  std::vector<std::string> names, bool with_pushed = true,
                  name_escaping escaping = name_escaping::allow_utf8, line_format format = line_format::text,
                  bool created = false)
        : families_(std::move(pushed), std::move(own), std::move(names), with_pushed, escaping),
          escaping_(escaping),
          format_(format),
          created_(created) {
        if (escaping_ != name_escaping::allow_utf8) escaped_.emplace(escaping_);
    }

    /// Replaces `out` by the next piece, some tens of kilobytes; false when there is none left.
    bool next(std::string& out) {
        out.clear();
        while (out.size() < piece_size && (page_ != 0 || begin_family(out))) {
            auto const pages = families_.at(sources_[source_]).pages();
            if (page_ <= pages.size()) {
                append_page(out, pages[static_cast<std::ptrdiff_t>(page_++ - 1)]);
            } else if (++source_ != sources_.size() || begin_next_part()) {
                page_ = 1;
            } else {
                page_ = 0;
            }
        }
        if (out.size() < piece_size && format_ == line_format::openmetrics && !std::exchange(ended_, true)) {
            out += format::openmetrics::end;
        }
        return !out.empty();
    }

private:
    // Between two pieces others have their turn: beside much else, a scrape of many takes as long as all of these.
    static constexpr std::size_t piece_size = 96 * 1024;

    // Writes a header and what is the gateway's own, and leaves `page_` at the first page of what is pushed. False if
    // there is no family left.
    bool begin_family(std::string& out) {
        while (page_ == 0) {
            auto const family = families_.next();
            if (!family) return false;
            sources_.clear();
            if (family->pushed) sources_.push_back(static_cast<std::uint32_t>(*family->pushed));
            begin_shown(out, family->own);
        }
        return true;
    }

    // Begins a family whose own series `own` holds, if any, and whose pushed ones are those at `sources_`.
    void begin_shown(std::string& out, own_family_metrics const* own) {
        renamed_ = own == nullptr && escaped_ && !families_.at(sources_.front()).legacy_name();
        auto const name = own != nullptr ? own->family->name : families_.at(sources_.front()).name();
        std::string escaped_name;
        if (renamed_) append_escaped_metric_name(escaped_name, name, escaping_);
        auto const shown = renamed_ ? std::string_view(escaped_name) : name;
        auto const followers = families_.followers(shown);
        sources_.insert(sources_.end(), followers.begin(), followers.end());
        without_repetition_ = !followers.empty();
        header_.clear();
        type_ = own != nullptr ? own->family->type : families_.at(sources_.front()).type();
        bool const irregular = std::ranges::any_of(sources_, [this](auto at) { return families_.at(at).irregular(); });
        style_ = style_of(format_, shown, type_, own != nullptr ? model::gauge_kind::plain : common_kind(), created_,
                          irregular, [this](std::string_view other) { return families_.has(other); });
        only_regular_ = false;
        if (own != nullptr) {
            // The gateway's own series are what their type calls for. They stay whole, and so does the family.
            only_regular_ = std::exchange(style_.part, format::series_part::whole) != format::series_part::whole;
            style_.append_header(out, shown, own->family->help);
            // What they look like does not depend on the format.
            for (auto const& metric : own->metrics) {
                format::text::append_metric(out, own->family->name, type_, metric.view());
            }
        } else {
            bool const rendered = !renamed_ && !without_repetition_;
            help_ = rendered ? families_.at(sources_.front()).help() : first_help();
            style_.append_header(header_, shown, help_, first_unit());
        }
        if (renamed_ || without_repetition_) escaped_->begin(shown, style_);
        shown_name_ = shown;
        has_followers_ = without_repetition_;
        page_ = sources_.empty() ? 0 : 1;
        source_ = 0;
    }

    // Goes back to the first page for the next part of a family that is shown in parts. False if there is none.
    bool begin_next_part() {
        if (style_.part == format::series_part::whole || style_.part == format::plain_parts.back()) return false;
        style_.part = static_cast<format::series_part>(static_cast<int>(style_.part) + 1);
        header_.clear();
        style_.append_header(header_, shown_name_, help_);
        without_repetition_ = has_followers_;
        if (renamed_ || without_repetition_) escaped_->begin(shown_name_, style_);
        source_ = 0;
        return true;
    }

    [[nodiscard]] std::optional<std::string_view> first_help() const {
        for (auto const source : sources_) {
            if (auto const help = families_.at(source).help()) return help;
        }
        return std::nullopt;
    }

    [[nodiscard]] std::string_view first_unit() const {
        if (format_ == line_format::text) return {};
        for (auto const source : sources_) {
            if (auto const unit = families_.at(source).unit(); !unit.empty()) return unit;
        }
        return {};
    }

    // The kind that all of them are of.
    [[nodiscard]] model::gauge_kind common_kind() const {
        auto const kind = families_.at(sources_.front()).kind();
        bool const common =
            std::ranges::all_of(sources_, [&](std::uint32_t source) { return families_.at(source).kind() == kind; });
        return common ? kind : model::gauge_kind::plain;
    }

    void append_page(std::string& out, store::page_view const& page) {
        if (!escaped_ || (!renamed_ && !without_repetition_ && !page.quoted_labels(format_))) {
            out += header_;
            header_.clear();
            append_as_is(out, page);
            return;
        }
        if (!without_repetition_ && (!renamed_ || beyond_legacy(page))) {
            without_repetition_ = true;
            auto const family = families_.at(sources_[source_]);
            if (!renamed_) escaped_->begin(family.name(), style_);
            auto const pages = family.pages();
            for (std::size_t before = 0; before + 2 < page_; ++before) {
                escaped_->remember(pages[static_cast<std::ptrdiff_t>(before)]);
            }
        }
        // The header waits until something follows it.
        auto const size = out.size() + header_.size();
        out += header_;
        if (without_repetition_) {
            escaped_->append_new(out, page);
        } else {
            escaped_->append_all(out, page);
        }
        if (out.size() != size) {
            header_.clear();
        } else {
            out.resize(size - header_.size());
        }
    }

    void append_as_is(std::string& out, store::page_view const& page) const {
        auto const family = families_.at(sources_[source_]);
        // In OpenMetrics the lines of histograms and gauge histograms have other names.
        bool const uniform = format_ == line_format::text || !family.mixed();
        if (uniform && !only_regular_ && style_.is_plain(type_)) {
            page.append_text(out, format_);
            return;
        }
        auto const name = family.name();
        page.for_each_metric([&](model::metric const& metric) {
            if (!only_regular_ || format::is_regular(metric.value)) style_.append_metric(out, name, metric);
        });
    }

    shown_families families_;
    name_escaping escaping_;
    line_format format_;
    bool created_;
    bool ended_ = false;
    std::optional<escaped_pages> escaped_;  // unless names stay as they are
    // Of the family that is being shown:
    boost::container::small_vector<std::uint32_t, 4> sources_;  // the pushed families that make it
    std::size_t source_ = 0;
    std::size_t page_ = 0;             // the number of the next page of that source; 0: a header comes first
    bool renamed_ = false;             // its real name is another one
    bool without_repetition_ = false;  // two of its series may get the same labels
    bool has_followers_ = false;       // it was so from the beginning
    bool only_regular_ = false;        // other values are left out
    std::string shown_name_;
    std::optional<std::string_view> help_;
    std::string header_;  // not written yet
    model::metric_type type_{};
    line_style style_;
};

}  // namespace pushgateway
