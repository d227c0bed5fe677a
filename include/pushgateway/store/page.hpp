#pragma once

/// \file
/// A page: neighbouring stored families of one name, in the order of their grouping keys, and what they look like in
/// the exposition.

#include <algorithm>
#include <cstdint>
#include <string>

#include <pushgateway/base/ref_counted.hpp>
#include <pushgateway/format/line_format.hpp>
#include <pushgateway/format/openmetrics/write.hpp>
#include <pushgateway/format/text/write.hpp>
#include <pushgateway/store/family_decoder.hpp>
#include <pushgateway/store/once_published.hpp>
#include <pushgateway/store/page_entries.hpp>
#include <pushgateway/store/page_text.hpp>
#include <pushgateway/store/stored_family.hpp>

namespace pushgateway::store {

/// The content of a page: parts of stored families.
///
/// What is derived from the content, its text in either format, is made on first use and dropped by every change.
class page_content final : public page_entries<page_content, ref<stored_family const>> {
public:
    /// What an entry is found by: its key and its part.
    [[nodiscard]] static stored_family const& probe_of(entry const& e) noexcept { return *e; }

    /// The order of the entries.
    [[nodiscard]] static bool before(stored_family const& a, stored_family const& b) noexcept {
        if (&a.key() == &b.key()) return a.part() < b.part();
        auto const order = a.key() <=> b.key();
        return order < 0 || (order == 0 && a.part() < b.part());
    }

    [[nodiscard]] static std::uint32_t estimate_of(entry const& e) noexcept { return e->estimate(); }

    /// Rendered on first use. Any thread may ask.
    [[nodiscard]] page_text const& text() const {
        return text_.get([this] {
            return render([](std::string& out, family_meta const& meta, model::metric const& metric) {
                return format::text::append_metric(out, meta.name, meta.type, metric);
            });
        });
    }

    /// The same in OpenMetrics, without times of creation; where the lines are those of the text, they are kept once.
    [[nodiscard]] page_text const& openmetrics_text() const {
        auto const& plain = text();
        if (plain.of_all_formats()) return plain;
        return openmetrics_text_.get([this] {
            return render([](std::string& out, family_meta const& meta, model::metric const& metric) {
                return format::openmetrics::append_metric(out, meta.name, meta.type, metric, false);
            });
        });
    }

    [[nodiscard]] page_text const& text(line_format format) const {
        return format == line_format::text ? text() : openmetrics_text();
    }

    /// What the first entry that has a help is of; null if none has.
    [[nodiscard]] family_meta const* first_help() const noexcept {
        for (auto const& family : entries()) {
            if (family->meta().help) return &family->meta();
        }
        return nullptr;
    }

    /// What the first entry that has a unit is of; null if none has.
    [[nodiscard]] family_meta const* first_unit() const noexcept {
        for (auto const& family : entries()) {
            if (!family->meta().unit.empty()) return &family->meta();
        }
        return nullptr;
    }

    /// Appends the lines of all its series. They are kept for the next time unless the process would then take more
    /// than `most` bytes.
    void append_lines(std::string& out, line_format format, std::uint64_t most) const {
        if (keeps_text(format, most)) {
            out += text(format).lines();
        } else {
            append_rendered(out, format);
        }
    }

    /// True if a label has a name that must be quoted. May render the page to find out, within the same bound.
    [[nodiscard]] bool quoted_labels(line_format format, std::uint64_t most) const {
        if (keeps_text(format, most)) return text(format).quoted_labels();
        std::string lines;
        return append_rendered(lines, format);
    }

    /// Drops the texts. Only who holds the only reference may do so.
    void drop_texts() noexcept { forget_texts(); }

    /// True if the text is at hand.
    [[nodiscard]] bool rendered() const noexcept { return text_.ready(); }

    /// An entry has got other values.
    void revalue() noexcept { forget_texts(); }

    /// Where the entry is; near `guess` if nothing was inserted before it meanwhile. It must be there.
    [[nodiscard]] std::uint32_t find(stored_family const* family, std::uint32_t guess) const noexcept {
        if (guess < size() && (*this)[guess].get() == family) return guess;
        auto const at = std::ranges::find(entries(), family, [](entry const& e) { return e.get(); });
        return static_cast<std::uint32_t>(at - entries().begin());
    }

private:
    friend page_entries;

    explicit page_content(std::uint32_t capacity) noexcept : page_entries(capacity) {}

    void forget_texts() noexcept {
        text_.reset();
        openmetrics_text_.reset();
    }

    /// True if the text is there already, or may be kept.
    [[nodiscard]] bool keeps_text(line_format format, std::uint64_t most) const noexcept {
        auto const& wanted = format == line_format::text ? text_ : openmetrics_text_;
        return wanted.ready() || may_keep_text(estimate(), most);
    }

    /// Appends the lines; true if a label has a name that must be quoted.
    bool append_rendered(std::string& out, line_format format) const {
        bool quoted = false;
        for (auto const& family : entries()) {
            auto const& meta = family->meta();
            for_each_metric(*family, [&](model::metric const& metric) {
                quoted |= format == line_format::text
                              ? format::text::append_metric(out, meta.name, meta.type, metric)
                              : format::openmetrics::append_metric(out, meta.name, meta.type, metric, false);
            });
        }
        return quoted;
    }

    /// `append(out, meta, metric)` appends the lines of a metric, and is true if the name of a label had to be quoted.
    template <class Append>
    [[nodiscard]] page_text render(Append&& append) const {
        std::string lines;
        lines.reserve(estimate() + estimate() / 4);
        bool quoted_labels = false;
        bool of_all_formats = true;
        for (auto const& family : entries()) {
            auto const& meta = family->meta();
            for_each_metric(*family, [&](model::metric const& metric) {
                if (append(lines, meta, metric)) quoted_labels = true;
                of_all_formats = of_all_formats && format::openmetrics::same_as_text(meta.type, metric);
            });
        }
        return {lines, first_help(), quoted_labels, of_all_formats};
    }

    once_published<page_text> text_;
    once_published<page_text> openmetrics_text_;
};

}  // namespace pushgateway::store
