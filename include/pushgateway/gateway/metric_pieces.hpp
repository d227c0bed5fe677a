#pragma once

/// \file
/// One exposition in any format, handed out piece by piece, made from the metrics themselves rather than from rendered
/// pages.

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <boost/unordered/unordered_flat_set.hpp>

#include <pushgateway/base/hash.hpp>
#include <pushgateway/base/name_escaping.hpp>
#include <pushgateway/format/escaped_labels.hpp>
#include <pushgateway/format/plain_series.hpp>
#include <pushgateway/format/regular.hpp>
#include <pushgateway/gateway/own_family.hpp>
#include <pushgateway/gateway/plain_value.hpp>
#include <pushgateway/gateway/shown_families.hpp>
#include <pushgateway/model/metric.hpp>
#include <pushgateway/model/metric_family.hpp>
#include <pushgateway/model/native_rules.hpp>
#include <pushgateway/store/exposition_snapshot.hpp>
#include <pushgateway/store/series_hash.hpp>

namespace pushgateway {

/// Writes families in one format. `header`, then `metric` for each metric, are what a family is; `begin` comes before
/// it with its size in bytes, or 0 unless `Writer::needs_size`, and `end` behind it.
template <class Writer>
concept metric_writer =
    std::copy_constructible<Writer> &&
    requires(Writer const& writer, std::string& out, std::string_view name, std::optional<std::string_view> help,
             model::metric_type type, std::string_view unit, model::metric const& metric, std::size_t size) {
        { Writer::needs_size } -> std::convertible_to<bool>;
        writer.begin(out, size);
        writer.header(out, name, help, type, unit);
        writer.metric(out, metric);
        writer.end(out);
    };

/// The exposition at the moment when it was made: families sorted by name, those without series left out. It never lies
/// in memory as a whole; a format that needs the size of a family costs a second rendering of large ones. For one
/// thread at a time.
template <metric_writer Writer>
class metric_pieces {
public:
    /// `own`: sorted by name. `names`: only these families, by their real names, all if there is none. `with_pushed`:
    /// whether what was pushed is shown. `escaping`: what becomes of names beyond the legacy set.
    metric_pieces(store::exposition_snapshot pushed, std::vector<own_family_metrics> own,
                  std::vector<std::string> names, bool with_pushed, name_escaping escaping, Writer writer)
        : families_(std::move(pushed), std::move(own), std::move(names), with_pushed, escaping),
          escaping_(escaping),
          writer_(std::move(writer)),
          labels_(escaping) {}

    /// Replaces `out` by the next piece, some tens of kilobytes; false when there is none left.
    bool next(std::string& out) {
        out.clear();
        while (out.size() < piece_size) {
            if (item_ == 0) {
                if (!begin_next_part()) {
                    auto const family = families_.next();
                    if (!family) break;
                    describe_family(*family);
                }
                begin_family(out);
            } else if (item_ <= pages_.size()) {
                auto const& page = pages_[item_ - 1];
                append_part(out, page, page_part_++);
                if (page_part_ == page.parts()) {
                    page_part_ = 0;
                    ++item_;
                }
            } else {
                writer_.end(out);
                item_ = 0;
            }
        }
        return !out.empty();
    }

private:
    static constexpr std::size_t piece_size = 32 * 1024;
    static constexpr std::size_t small_family = 2 * piece_size;

    // Name, type, help, unit and pages of a family and of those that are shown under its name.
    void describe_family(shown_family const& family) {
        pages_.clear();
        part_ = format::series_part::whole;
        irregular_ = false;
        current_own_ = family.own;
        auto const* own = family.own != nullptr ? family.own->family : nullptr;
        name_ = own != nullptr ? own->name : escape_metric_name(families_.at(*family.pushed).name(), escaping_);
        type_ = own != nullptr ? own->type : families_.at(*family.pushed).type();
        help_ = own != nullptr ? std::optional(own->help) : std::nullopt;
        unit_ = {};
        if (family.pushed) add_pages(*family.pushed);
        for (auto const follower : families_.followers(name_)) add_pages(follower);
        real_type_ = type_;
        whole_name_ = name_;
    }

    // Goes back to the first page for the buckets, sums or counts of histograms that Prometheus could not convert: they
    // become families of their own. False if there are none.
    bool begin_next_part() {
        if (!irregular_ || !model::has_buckets(real_type_) || part_ == format::plain_parts.back()) return false;
        part_ = static_cast<format::series_part>(static_cast<int>(part_) + 1);
        current_own_ = nullptr;
        type_ = model::metric_type::untyped;
        name_ = whole_name_;
        name_ += format::suffix_of(part_, real_type_);
        return true;
    }

    void add_pages(std::size_t position) {
        auto const family = families_.at(position);
        if (!help_) help_ = family.help();
        if (unit_.empty() && current_own_ == nullptr) unit_ = family.unit();
        irregular_ = irregular_ || family.irregular();
        for (auto const& page : family.pages()) pages_.push_back(page);
    }

    // Writes what comes before the pages, or all of a small family. One that shows nothing is left out.
    void begin_family(std::string& out) {
        buffer_.clear();
        bool any = append_front(buffer_);
        std::size_t page = 0;
        std::size_t part = 0;
        auto const append_next = [&](std::string& to) {
            any |= append_part(to, pages_[page], part++);
            if (part != pages_[page].parts()) return;
            part = 0;
            ++page;
        };
        while (page != pages_.size() && buffer_.size() < small_family) append_next(buffer_);
        if (page == pages_.size()) {
            if (!any) return;
            writer_.begin(out, buffer_.size());
            out += buffer_;
            writer_.end(out);
            return;
        }
        std::size_t size = buffer_.size();
        if constexpr (Writer::needs_size) {
            for (std::string scratch; page != pages_.size();) {
                scratch.clear();
                append_next(scratch);
                size += scratch.size();
            }
        }
        writer_.begin(out, size);
        append_front(out);
        item_ = 1;
    }

    // The header and the gateway's own series. True if there are any.
    bool append_front(std::string& out) {
        shown_.clear();
        writer_.header(out, name_, help_, type_, unit_);
        bool any = false;
        if (current_own_ == nullptr) return any;
        for (auto const& metric : current_own_->metrics) any |= append_metric(out, metric.view());
        return any;
    }

    // True if there was something to write.
    bool append_part(std::string& out, store::page_view const& page, std::size_t part) {
        bool any = false;
        page.for_each_metric_of(part, [&](model::metric const& metric) { any |= append_metric(out, metric); });
        return any;
    }

    bool append_metric(std::string& out, model::metric const& metric) {
        bool const as_it_is = escaping_ == name_escaping::allow_utf8;
        // What no scraper could take is left out, see escaped_pages.hpp.
        if (!as_it_is && (!labels_.escape(metric.labels) || !shown_.insert(hash(labels_.labels())).second))
            return false;
        if (as_it_is && !irregular_) {
            writer_.metric(out, metric);
            return true;
        }
        auto shown = metric;
        if (!as_it_is) {
            shown.labels = labels_.labels();
            shown.value = value_as(real_type_, metric.value);
        }
        bool const converts = make_convertible(shown.value);
        if (part_ != format::series_part::whole) {
            if (converts) return false;
            series_.for_each(shown, part_, [&](model::metric const& series) { writer_.metric(out, series); });
            return true;
        }
        if (converts) writer_.metric(out, shown);
        return converts;
    }

    // False for a histogram that Prometheus could not convert to one with custom buckets, for which it would drop the
    // whole scrape. One with native buckets loses the classic ones if that helps.
    static bool make_convertible(model::metric_value& value) {
        return std::visit(
            []<class Value>(Value& v) {
                if constexpr (requires { v.buckets; }) {
                    if (format::converts(v)) return true;
                    if (!model::is_native(v)) return false;
                    auto const classic = std::exchange(v.buckets, {});
                    if (format::converts(v)) return true;
                    v.buckets = classic;
                    return false;
                } else {
                    return true;
                }
            },
            value);
    }

    [[nodiscard]] std::uint64_t hash(model::labels labels) const noexcept {
        std::uint64_t sum = 0;
        for (auto const& label : labels) sum += store::label_hash(label, secret_);
        return sum;
    }

    shown_families families_;
    name_escaping escaping_;
    Writer writer_;
    format::escaped_labels labels_;
    hash_key secret_ = hash_key::random();
    std::string buffer_;
    // Of the family that is being shown:
    own_family_metrics const* current_own_ = nullptr;
    std::string name_;
    std::optional<std::string_view> help_;
    std::string_view unit_;
    model::metric_type type_{};       // as which it is shown
    model::metric_type real_type_{};  // in the store
    std::string whole_name_;          // without the suffix of a part
    format::series_part part_ = format::series_part::whole;
    bool irregular_ = false;  // some value is not what its type calls for
    format::plain_series series_;
    std::vector<store::page_view> pages_;
    std::size_t item_ = 0;       // the number of the next page, from 1; 0: a family comes first
    std::size_t page_part_ = 0;  // the number of the next part of that page, from 0
    boost::unordered_flat_set<std::uint64_t> shown_;
};

}  // namespace pushgateway
