#pragma once

/// \file
/// What the lines of a text exposition mean, apart from how they are spelled: a parser reports what it reads, in order.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string_view>

#include <pushgateway/base/limits.hpp>
#include <pushgateway/base/names.hpp>
#include <pushgateway/base/number.hpp>
#include <pushgateway/base/utf8.hpp>
#include <pushgateway/format/detail/ascii_front.hpp>
#include <pushgateway/format/detail/distinct_names.hpp>
#include <pushgateway/format/detail/same_text.hpp>
#include <pushgateway/format/parsed_exposition.hpp>
#include <pushgateway/format/problem.hpp>
#include <pushgateway/format/stray_samples.hpp>
#include <pushgateway/model/label.hpp>

namespace pushgateway::format {

/// Fills a `parsed_exposition`. After the first problem it is in no defined state: the parse has failed.
///
/// Strings given to it are views that live as long as the result: into the body, or into `room`.
class exposition_builder {
public:
    /// `body` is what the strings are views of, given in its order. `ignore_strays`: a sample that is no part of its
    /// summary or histogram is no problem, of two sums or counts the last counts, and one that is missing is 0.
    /// `described_again`: of several HELP or TYPE lines for one name the last counts, as for Prometheus.
    exposition_builder(std::string_view body, name_scheme names, exposition_bounds const& bounds,
                       parsed_exposition& out, bool ignore_strays = false, bool described_again = false)
        : out_(out.flat_),
          names_(names),
          ignore_strays_(ignore_strays),
          most_labels_(std::min(bounds.labels_per_sample, widest_sample)),
          most_families_(bounds.families),
          most_samples_(static_cast<std::uint32_t>(std::min<std::size_t>(bounds.samples, detail::no_row))),
          described_again_(described_again),
          ascii_(body) {
        out.clear();
        out_.as_upstream = ignore_strays;
    }

    /// \name Names
    /// A name is read before it is known what it names: the next report is about it.
    ///@{

    /// A name that stands without quotes: the parser vouches that it is a legacy name.
    void bare_name(std::string_view name) noexcept {
        name_ = name;
        quoted_ = false;
    }

    /// A name with quotes in its spelling: it may be anything, even empty.
    void quoted_name(std::string_view name) noexcept {
        name_ = name;
        quoted_ = true;
        out_.quoted_names = true;
    }
    ///@}

    /// \name Comment lines
    ///@{

    /// A HELP or TYPE line for the name read last, which need not be a family yet.
    [[nodiscard]] problem about() { return select(name_); }

    /// The help of the family that `about` found.
    [[nodiscard]] problem help(std::string_view text) {
        auto& family = current();
        if (family.has_help && !described_again_) return with_name(family.name, "a second HELP line for %n");
        if (!ascii_.covers(text) && !valid_utf8(text)) return "a help that is not valid UTF-8";
        family.help = text;
        family.has_help = true;
        return nullptr;
    }

    /// The type of the family that `about` found.
    [[nodiscard]] problem type(model::metric_type type) {
        auto& family = current();
        if (!described_again_) {
            if (family.samples != 0) return with_name(family.name, "a TYPE line for %n after its first sample");
            if (family.has_type) return with_name(family.name, "a second TYPE line for %n");
        }
        if (family.samples != 0 && family.type != type && (has_parts(family.type) || has_parts(type))) {
            return with_name(family.name, "a TYPE line for %n that makes something else of samples before it");
        }
        if (family.type != type) family.known_suffixes = 0;
        family.type = type;
        family.has_type = true;
        return nullptr;
    }
    ///@}

    /// \name Sample lines
    /// Either `sample` after the name, or `braces` with a `name_in_braces` among the labels; then `label_value` after
    /// the name of each label, `end_of_braces` if there were any, `value`, and perhaps `timestamp`.
    ///@{

    /// A sample line that begins with the name read last.
    [[nodiscard]] problem sample() {
        begin_sample();
        return name_sample();
    }

    /// A sample line that begins with a brace: its name follows inside.
    void braces() noexcept {
        begin_sample();
        special_ = {};
        named_ = false;
    }

    /// The name read last is the metric's, though it stands between labels.
    [[nodiscard]] problem name_in_braces() {
        if (named_) return "a second metric name in the braces";
        if (auto const wrong = name_sample()) return wrong;
        return special_.empty() ? nullptr : take_special_label();
    }

    /// The value of the label with the name read last.
    [[nodiscard]] problem label_value(std::string_view value) {
        if (quoted_ && !is_label_name(name_, names_)) return with_name(name_, "an invalid label name %n");
        if (!ascii_.covers(value) && !valid_utf8(value)) {
            return with_name(name_, "a label value that is not valid UTF-8, of the label %n");
        }
        if (name_ == special_) return set_bound(value);
        if (name_ == model::name_label) return "the reserved label name \"__name__\"";
        return add_label(value);
    }

    /// The closing brace.
    [[nodiscard]] problem end_of_braces() const noexcept { return named_ ? nullptr : "braces without a metric name"; }

    [[nodiscard]] problem value(double value) {
        auto& family = current();
        auto bound = detail::no_row;
        if (!special_.empty()) {
            bool const is_bound = role_ == detail::role::value && !std::isnan(bound_);
            if (model::has_buckets(family.type) && value < 0 && (is_bound || role_ == detail::role::count)) {
                return with_name(family.name, "a negative count in the histogram %n");
            }
            if (!ignore_strays_) {
                if (auto const wrong = stray_sample(family, value)) return with_name(family.name, wrong);
            }
            if (is_bound) {
                bound = static_cast<std::uint32_t>(out_.bounds.size());
                out_.bounds.push_back(bound_);
            }
        }
        auto const row = static_cast<std::uint32_t>(out_.samples.size());
        if (family.samples++ == 0) {
            family.first_sample = row;
            ++out_.families_with_samples;
        } else if (out_.samples.back().family != current_) {
            out_.interleaved = true;
        }
        if (row >= most_samples_) [[unlikely]]
            return too_many_samples;
        share_labels();
        out_.samples.push_back(
            {value, current_, first_before_, bound, static_cast<std::uint16_t>(labels_before_), role_, false});
        return nullptr;
    }

    /// The timestamp of the sample whose value came last, in milliseconds since the epoch.
    void timestamp(std::int64_t ms) {
        out_.samples.back().has_timestamp = true;
        out_.timestamps.push_back({static_cast<std::uint32_t>(out_.samples.size() - 1), ms});
    }
    ///@}

    /// \name Storage
    ///@{

    /// The name that stands for `%n` in the problem that was reported last.
    [[nodiscard]] std::string_view named() const noexcept { return named_in_problem_; }

    /// Room for a string that differs from the body's bytes; `keep` claims what is used of it.
    [[nodiscard]] char* room(std::size_t size) { return out_.unescaped.room(size); }
    void keep(std::size_t size) noexcept { out_.unescaped.take(size); }
    ///@}

private:
    /// True if several samples make a metric of this type.
    [[nodiscard]] static bool has_parts(model::metric_type type) noexcept {
        return type == model::metric_type::summary || model::has_buckets(type);
    }

    static constexpr std::size_t widest_sample = std::numeric_limits<std::uint16_t>::max();

    [[nodiscard]] detail::family_row& current() noexcept { return out_.families[current_]; }

    void begin_sample() noexcept {
        first_label_ = static_cast<std::uint32_t>(out_.labels.size());
        like_before_ = true;
        same_as_before_ = true;
        names_given_.clear();
        bound_ = std::numeric_limits<double>::quiet_NaN();
        has_bound_ = false;
        named_ = true;
    }

    [[nodiscard]] problem with_name(std::string_view name, problem what) noexcept {
        named_in_problem_ = name;
        return what;
    }

    /// What is wrong with the sample whose value this is, if it is no part of its family.
    [[nodiscard]] problem stray_sample(detail::family_row const& family, double value) const noexcept {
        bool const is_summary = family.type == model::metric_type::summary;
        if (role_ == detail::role::value) {
            if (!std::isnan(bound_)) return nullptr;
            if (has_bound_) return is_summary ? stray::no_quantile : stray::no_bound;
            if (is_summary) return stray::in_summary;
            return sample_name_.size() == family.name.size() ? stray::in_histogram : stray::bucket_without_bound;
        }
        if (has_bound_) return is_summary ? stray::quantile_elsewhere : stray::bound_elsewhere;
        bool const is_count = is_summary && role_ == detail::role::count;
        return is_count && !(value >= 0 && value == std::floor(value)) ? stray::count_of_summary : nullptr;
    }

    [[nodiscard]] problem name_sample() {
        if (auto const wrong = select(name_)) return wrong;
        named_ = true;
        sample_name_ = name_;
        auto& family = current();
        family.has_type = true;
        special_ = family.type == model::metric_type::summary ? model::quantile_label
                   : model::has_buckets(family.type)          ? model::bucket_label
                                                              : std::string_view();
        return nullptr;
    }

    [[nodiscard]] problem set_bound(std::string_view value) noexcept {
        if (has_bound_ && !ignore_strays_) return with_name(special_, label_given_twice);
        has_bound_ = true;
        if (parse_float(value, bound_)) return nullptr;
        return special_ == model::bucket_label ? "a label \"le\" that is no number"
                                               : "a label \"quantile\" that is no number";
    }

    [[nodiscard]] problem add_label(std::string_view value) {
        auto const count = out_.labels.size() - first_label_;
        if (count >= most_labels_) [[unlikely]]
            return too_many_labels;
        // Names that stand where they stood in the sample before are as distinct as they were there.
        auto const* const before =
            like_before_ && count < labels_before_ ? &out_.labels[first_before_ + count] : nullptr;
        if (before != nullptr && detail::same_text(before->name, name_)) {
            same_as_before_ = same_as_before_ && detail::same_text(before->value, value);
        } else {
            like_before_ = false;
            same_as_before_ = false;
            if (names_given_.contains(std::span(out_.labels).subspan(first_label_, count), name_)) {
                return with_name(name_, label_given_twice);
            }
        }
        out_.labels.push_back({name_, value});
        return nullptr;
    }

    /// Ends the labels of the sample. The many lines of a histogram keep one set of labels.
    void share_labels() {
        auto const count = static_cast<std::uint32_t>(out_.labels.size()) - first_label_;
        if (same_as_before_ && count == labels_before_) {
            out_.labels.resize(first_label_);
        } else {
            first_before_ = first_label_;
            labels_before_ = count;
        }
    }

    /// Turns a label that came before the name, and only then proved to be a bound, into one.
    [[nodiscard]] problem take_special_label() {
        for (auto i = out_.labels.begin() + first_label_; i != out_.labels.end(); ++i) {
            if (i->name != special_) continue;
            auto const value = i->value;
            out_.labels.erase(i);
            like_before_ = false;
            same_as_before_ = false;
            return set_bound(value);
        }
        return nullptr;
    }

    /// Makes the family that `name` belongs to the current one. A name with the suffix of a summary's or histogram's
    /// sample belongs to that, unless there is a family of the whole name.
    [[nodiscard]] problem select(std::string_view name) {
        if (current_ != detail::no_row) {
            auto const& family = current();
            if (family.name.size() == name.size() && detail::same_text(family.name, name)) {
                role_ = detail::role::value;
                return nullptr;
            }
            if (family.known_suffixes != 0 && name.starts_with(family.name)) {
                auto const s = suffix_of(name.substr(family.name.size()));
                if ((family.known_suffixes & s.bit) != 0) {
                    role_ = s.role;
                    return nullptr;
                }
            }
        }
        return look_up(name);
    }

    struct suffix {
        std::uint8_t bit = 0;
        std::uint8_t length = 0;
        detail::role role = detail::role::value;
    };

    [[nodiscard]] static suffix suffix_of(std::string_view tail) noexcept {
        if (tail == "_bucket") return {detail::bucket_suffix, 7, detail::role::value};
        if (tail == "_count") return {detail::count_suffix, 6, detail::role::count};
        if (tail == "_sum") return {detail::sum_suffix, 4, detail::role::sum};
        return {};
    }

    [[nodiscard]] problem look_up(std::string_view name) {
        role_ = detail::role::value;
        if (auto const exact = out_.index.find(name); exact != out_.index.end()) {
            current_ = exact->second;
            return nullptr;
        }
        if (auto const s = suffix_of(name.substr(std::min(name.rfind('_'), name.size()))); s.bit != 0) {
            auto const base = out_.index.find(name.substr(0, name.size() - s.length));
            if (base != out_.index.end()) {
                auto& family = out_.families[base->second];
                if (model::has_buckets(family.type) ||
                    (family.type == model::metric_type::summary && s.bit != detail::bucket_suffix)) {
                    family.known_suffixes |= s.bit;
                    current_ = base->second;
                    role_ = s.role;
                    return nullptr;
                }
            }
        }
        if (quoted_ && !is_metric_name(name, names_)) return with_name(name, "an invalid metric name %n");
        if (out_.families.size() >= most_families_) return too_many_families;
        current_ = static_cast<std::uint32_t>(out_.families.size());
        out_.families.emplace_back().name = name;
        out_.index.emplace(name, current_);
        return nullptr;
    }

    detail::flat_exposition& out_;
    name_scheme names_;
    bool ignore_strays_;
    std::size_t most_labels_;
    std::size_t most_families_;
    std::uint32_t most_samples_;
    bool described_again_;
    detail::ascii_front ascii_;

    std::uint32_t current_ = detail::no_row;
    detail::role role_ = detail::role::value;
    std::uint32_t first_label_ = 0;
    double bound_ = 0;
    bool has_bound_ = false;  ///< the sample has the label `special_`
    bool named_ = true;
    std::string_view sample_name_;
    std::string_view named_in_problem_;
    std::string_view special_;  ///< the label that is a bound in the current family; empty if none is
    std::string_view name_;
    bool quoted_ = false;
    std::uint32_t first_before_ = 0;  ///< the labels of the sample before
    std::uint32_t labels_before_ = 0;
    bool like_before_ = false;     ///< so far, the labels have the names of those before
    bool same_as_before_ = false;  ///< and their values
    detail::distinct_names names_given_;
};

}  // namespace pushgateway::format
