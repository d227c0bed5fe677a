#pragma once

/// \file
/// What the lines of OpenMetrics mean, apart from how they are spelled: a parser reports what it reads, in order.

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <span>
#include <string_view>

#include <boost/unordered/unordered_flat_set.hpp>

#include <pushgateway/base/names.hpp>
#include <pushgateway/base/number.hpp>
#include <pushgateway/base/utf8.hpp>
#include <pushgateway/format/decoded_families.hpp>
#include <pushgateway/format/decoded_rows.hpp>
#include <pushgateway/format/detail/ascii_front.hpp>
#include <pushgateway/format/detail/distinct_names.hpp>
#include <pushgateway/format/detail/folding.hpp>
#include <pushgateway/format/detail/metric_parts.hpp>
#include <pushgateway/format/detail/same_text.hpp>
#include <pushgateway/format/detail/text_hash.hpp>
#include <pushgateway/format/metric_set_type.hpp>
#include <pushgateway/format/problem.hpp>
#include <pushgateway/format/seconds.hpp>
#include <pushgateway/format/unit.hpp>
#include <pushgateway/model/exemplar.hpp>
#include <pushgateway/model/label.hpp>

namespace pushgateway::format {

/// A number, and how it is spelled: a moment may have more digits than a double.
struct spelled_number {
    double value = 0;
    std::string_view spelled;
};

/// Fills `decoded_families`. After the first problem it is in no defined state: the parse has failed.
///
/// A counter is kept under the name of its `_total` samples and an info under that of its `_info` samples; the others
/// under the name of their family. Infos and state sets are gauges of a kind, unknown families untyped. A `_created`
/// sample and exemplars become details of their metric.
///
/// Strings given to it are views that live as long as the result: into the body, or into `room`.
// There is one at a time: what belongs together stands together.
// NOLINTNEXTLINE(clang-analyzer-optin.performance.Padding)
class metric_set_builder {
public:
    /// `body` is what the strings are views of, given in its order.
    metric_set_builder(std::string_view body, name_scheme names, exposition_bounds const& bounds, decoded_families& out)
        : rows_(out.rows_),
          names_(names),
          most_labels_(bounds.labels_per_sample),
          most_families_(bounds.families),
          lines_left_(bounds.samples),
          ascii_(body) {
        out.clear();
    }

    /// \name Names
    /// A name is read before it is known what it names: the next report is about it.
    ///@{

    /// A name that stands without quotes: the parser vouches that it is a legacy name.
    void bare_name(std::string_view name) noexcept {
        name_ = name;
        quoted_ = false;
    }

    /// A name in quotes: it may be anything, even empty.
    void quoted_name(std::string_view name) noexcept {
        name_ = name;
        quoted_ = true;
    }
    ///@}

    /// \name Lines that describe a family
    ///@{

    /// A TYPE, HELP or UNIT line for the name read last.
    [[nodiscard]] problem about() {
        if (!is_current(name_)) return open_family();
        return family_.sampled ? with_name(name_, "a line about %n behind its first sample") : nullptr;
    }

    [[nodiscard]] problem type(metric_set_type type) noexcept {
        if (family_.has_type) return with_name(family_.name, "a second TYPE line for %n");
        family_.has_type = true;
        family_.type = type;
        return fault_of_unit();
    }

    [[nodiscard]] problem help(std::string_view text) {
        if (family_.has_help) return with_name(family_.name, "a second HELP line for %n");
        if (!valid(text)) return "a help that is not valid UTF-8";
        family_.has_help = true;
        family_.help = text;
        return nullptr;
    }

    [[nodiscard]] problem unit(std::string_view text) noexcept {
        if (family_.has_unit) return with_name(family_.name, "a second UNIT line for %n");
        family_.has_unit = true;
        family_.unit = text;
        return fault_of_unit();
    }
    ///@}

    /// \name Sample lines
    /// `sample` after the name, `label_value` after the name of each label, `value`, perhaps `timestamp`; then perhaps
    /// `exemplar`, with `label_value` for each of its labels, `exemplar_value` and perhaps `exemplar_time`.
    ///@{

    /// A sample line with the name read last.
    [[nodiscard]] problem sample() {
        line_ = name_.data();
        first_label_ = decoded::size_of(rows_.labels);
        names_given_.clear();
        bound_ = std::numeric_limits<double>::quiet_NaN();
        has_state_ = false;
        in_exemplar_ = false;
        if (!detail::same_text(name_, sample_name_) || !family_.sampled) {
            if (auto const wrong = select()) return wrong;
            sample_name_ = name_;
        }
        return nullptr;
    }

    /// The value of the label with the name read last.
    [[nodiscard]] problem label_value(std::string_view value) {
        if (quoted_ && !is_label_name(name_, names_)) return "an invalid label name";
        if (!valid(value)) return with_name(name_, "a label value that is not valid UTF-8, of the label %n");
        if (in_exemplar_) return add_exemplar_label(value);
        if (name_ == special_) return set_bound(value);
        if (name_ == model::name_label) return "the reserved label name \"__name__\"";
        has_state_ = has_state_ || name_ == family_.name;
        auto const given = std::span(rows_.labels).subspan(first_label_);
        if (given.size() >= most_labels_) return too_many_labels;
        if (names_given_.contains(given, name_)) return with_name(name_, label_given_twice);
        rows_.labels.push_back({name_, value});
        return nullptr;
    }

    [[nodiscard]] problem value(spelled_number const& number) {
        if (auto const wrong = fault_of_labels()) return wrong;
        if (!take_line()) return too_many_samples;
        auto const own = std::span(rows_.labels).subspan(first_label_);
        if (metric_.open() && has_parts(family_.type) && detail::same_label_set(metric_.labels(), own)) {
            rows_.labels.resize(first_label_);
        } else {
            if (auto const wrong = end_metric()) return wrong;
            metric_line_ = line_;
            metric_.begin(family_.type, {first_label_, static_cast<std::uint32_t>(own.size())});
        }
        if (part_ != sample_part::created) return metric_.take(part_, number.value, bound_);
        model::instant time;
        if (!parse_instant(number.spelled, time)) return "a time of creation that is no number of seconds";
        return metric_.take_created(time);
    }

    /// The timestamp of the sample, in milliseconds since the epoch.
    void timestamp(std::int64_t ms) { metric_.set_timestamp(ms); }

    [[nodiscard]] problem exemplar() {
        bool const may_have_one =
            part_ == sample_part::bucket || (part_ == sample_part::value && family_.type == metric_set_type::counter);
        if (!may_have_one) return "an exemplar of what is neither a counter nor a bucket";
        if (!take_line()) return too_many_samples;
        metric_.add_exemplar();
        names_given_.clear();
        in_exemplar_ = true;
        exemplar_size_ = 0;
        return nullptr;
    }

    void exemplar_value(double value) noexcept { rows_.exemplars.back().value = value; }
    void exemplar_time(model::instant const& time) noexcept { rows_.exemplars.back().time = time; }
    ///@}

    /// The end of all.
    [[nodiscard]] problem end() {
        if (auto const wrong = end_metric()) return wrong;
        rows_.connect();
        return nullptr;
    }

    /// Where the problem lies that was reported last, if that is not where it was found. A view of the name there,
    /// which need not be a part of the body.
    [[nodiscard]] char const* place() const noexcept { return place_; }

    /// The name that stands for `%n` in the problem that was reported last.
    [[nodiscard]] std::string_view named() const noexcept { return named_in_problem_; }

    /// \name Storage
    ///@{

    /// Room for a string that differs from the body's bytes; `keep` claims what is used of it.
    [[nodiscard]] char* room(std::size_t size) { return rows_.unescaped.room(size); }
    void keep(std::size_t size) noexcept { rows_.unescaped.take(size); }
    ///@}

private:
    struct family {
        std::string_view name;
        std::string_view help;
        std::string_view unit;
        metric_set_type type = metric_set_type::unknown;
        bool has_type = false;
        bool has_help = false;
        bool has_unit = false;
        bool sampled = false;
    };

    [[nodiscard]] problem with_name(std::string_view name, problem what) noexcept {
        named_in_problem_ = name;
        return what;
    }

    [[nodiscard]] bool valid(std::string_view text) { return ascii_.covers(text) || valid_utf8(text); }

    [[nodiscard]] bool is_current(std::string_view name) const noexcept { return is_open_ && name == family_.name; }

    [[nodiscard]] bool take_line() noexcept {
        if (lines_left_ == 0) return false;
        --lines_left_;
        return true;
    }

    /// False if the name is taken.
    [[nodiscard]] bool claim(std::string_view name) { return taken_.insert(name).second; }

    /// Begins the family that has the name read last.
    [[nodiscard]] problem open_family() {
        if (auto const wrong = end_metric()) return wrong;
        if (quoted_ && !is_metric_name(name_, names_)) return "an invalid metric name";
        if (families_ == most_families_) return too_many_families;
        if (!claim(name_)) {
            return with_name(
                name_,
                "a second family %n, or one that is called like a sample of another: the lines of a family "
                "stand together");
        }
        ++families_;
        is_open_ = true;
        family_ = {};
        family_.name = name_;
        return nullptr;
    }

    [[nodiscard]] problem fault_of_unit() const noexcept {
        auto const unit = family_.unit;
        if (unit.empty()) return nullptr;
        if (family_.type == metric_set_type::info || family_.type == metric_set_type::state_set) {
            return "an info or state set with a unit";
        }
        return ends_in_unit(family_.name, unit) ? nullptr
                                                : "a unit that is not the end of the name, behind an underscore";
    }

    /// Finds the family that the sample belongs to, and what it is there.
    [[nodiscard]] problem select() {
        if (is_open_ && name_.starts_with(family_.name)) {
            auto const suffix = name_.substr(family_.name.size());
            if (auto const part = part_of(family_.type, suffix)) {
                part_ = *part;
                return begin_sample();
            }
            if (suffix.empty()) return with_name(name_, "a sample %n whose name does not fit the type of its family");
        }
        if (auto const wrong = open_family()) return wrong;
        part_ = sample_part::value;
        return begin_sample();
    }

    [[nodiscard]] problem begin_sample() {
        if (!family_.sampled) {
            if (auto const wrong = begin_samples()) return wrong;
        }
        bool const is_bucket = part_ == sample_part::bucket;
        bool const is_summary = family_.type == metric_set_type::summary;
        special_ = has_buckets(family_.type) ? model::bucket_label
                   : is_summary              ? model::quantile_label
                                             : std::string_view();
        needs_bound_ = is_bucket || (is_summary && part_ == sample_part::value);
        bool const named_by_sample = family_.type == metric_set_type::counter || family_.type == metric_set_type::info;
        if (named_by_sample && part_ == sample_part::value) rows_.families.back().name = name_;
        return nullptr;
    }

    /// The first sample of a family makes it one that is kept, and all names that its samples may have its own.
    [[nodiscard]] problem begin_samples() {
        family_.sampled = true;
        for (auto const& suffix : suffixes_of(family_.type)) {
            if (suffix.text.empty()) continue;
            auto const size = family_.name.size() + suffix.text.size();
            char* const text = room(size);
            std::memcpy(text, family_.name.data(), family_.name.size());
            std::memcpy(text + family_.name.size(), suffix.text.data(), suffix.text.size());
            keep(size);
            if (!claim({text, size})) return "a family one of whose samples is called like another family";
        }
        auto& added = rows_.families.emplace_back();
        added.name = family_.name;
        added.type = kept_type(family_.type);
        // An empty help is none.
        added.has_help = !family_.help.empty();
        added.help = family_.help;
        added.unit = family_.unit;
        added.kind = kept_kind(family_.type);
        // A label cannot be called like this family everywhere.
        if (added.kind == model::gauge_kind::state_set && family_.name.contains(':')) added.kind = {};
        added.metrics.first = decoded::size_of(rows_.metrics);
        return nullptr;
    }

    [[nodiscard]] problem set_bound(std::string_view value) noexcept {
        bool const is_bucket = special_ == model::bucket_label;
        if (!needs_bound_) {
            return is_bucket ? "a label \"le\" of what is no bucket" : "a label \"quantile\" of what is no quantile";
        }
        if (!std::isnan(bound_)) return with_name(special_, label_given_twice);
        if (parse_float(value, bound_) && !std::isnan(bound_)) return nullptr;
        return is_bucket ? "a label \"le\" that is no number" : "a label \"quantile\" that is no number";
    }

    [[nodiscard]] problem fault_of_labels() const noexcept {
        if (needs_bound_ && std::isnan(bound_)) {
            return part_ == sample_part::bucket ? "a bucket without the label \"le\""
                                                : "a summary without the label \"quantile\"";
        }
        if (family_.type == metric_set_type::state_set && !has_state_) {
            return "a state without the label that is called like its family";
        }
        return nullptr;
    }

    [[nodiscard]] problem add_exemplar_label(std::string_view value) {
        exemplar_size_ += count_characters(name_) + count_characters(value);
        if (exemplar_size_ > model::longest_exemplar) return "an exemplar whose labels have more than 128 characters";
        auto& labels = rows_.exemplar_labels.back();
        if (names_given_.contains(labels.of(rows_.labels_of_exemplars), name_))
            return with_name(name_, label_given_twice);
        rows_.labels_of_exemplars.push_back({name_, value});
        ++labels.count;
        return nullptr;
    }

    [[nodiscard]] problem end_metric() {
        if (!metric_.open()) return nullptr;
        auto const wrong = metric_.end();
        if (wrong != nullptr) place_ = metric_line_;
        return wrong;
    }

    decoded::rows& rows_;
    name_scheme names_;
    std::size_t most_labels_;
    std::size_t most_families_;
    std::size_t lines_left_;  ///< samples and exemplars
    detail::ascii_front ascii_;
    boost::unordered_flat_set<std::string_view, detail::text_hash> taken_;
    detail::distinct_names names_given_;
    char const* place_ = nullptr;
    std::string_view named_in_problem_;

    std::string_view name_;
    bool quoted_ = false;

    family family_;
    bool is_open_ = false;
    std::size_t families_ = 0;

    detail::metric_parts metric_{rows_};
    char const* metric_line_ = nullptr;

    // Of the sample:
    char const* line_ = nullptr;
    std::string_view sample_name_;
    sample_part part_ = sample_part::value;
    std::string_view special_;  ///< the label that tells buckets or quantiles apart; empty if none does
    bool needs_bound_ = false;
    std::uint32_t first_label_ = 0;
    double bound_ = 0;
    bool has_state_ = false;
    bool in_exemplar_ = false;
    std::size_t exemplar_size_ = 0;
};

}  // namespace pushgateway::format
