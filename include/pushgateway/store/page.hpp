#pragma once

/// \file
/// A page: neighbouring stored families of one name, in the order of their grouping keys, and what they look like in
/// the exposition.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <pushgateway/base/ref_counted.hpp>
#include <pushgateway/format/line_format.hpp>
#include <pushgateway/format/openmetrics/write.hpp>
#include <pushgateway/format/text/write.hpp>
#include <pushgateway/store/accounted.hpp>
#include <pushgateway/store/family_decoder.hpp>
#include <pushgateway/store/once_published.hpp>
#include <pushgateway/store/stored_family.hpp>

namespace pushgateway::store {

/// What a page adds to the exposition. There may be very many, so it takes no more memory than it must.
class page_text {
public:
    /// `help`, `quoted_labels` and `of_all_formats` as below.
    page_text(std::string_view lines, family_meta const* help, bool quoted_labels, bool of_all_formats)
        : bytes_(std::make_unique_for_overwrite<char[]>(lines.size())),
          size_(lines.size()),
          help_(help),
          quoted_labels_(quoted_labels),
          of_all_formats_(of_all_formats) {
        memory::add(memory::kind::texts, taken());
        if (!lines.empty()) std::memcpy(bytes_.get(), lines.data(), lines.size());
    }

    page_text(page_text&&) noexcept = default;
    page_text& operator=(page_text&&) = delete;
    ~page_text() {
        if (bytes_) memory::subtract(memory::kind::texts, taken());
    }

    /// The lines of all its series, without the header of the family.
    [[nodiscard]] std::string_view lines() const noexcept { return {bytes_.get(), size_}; }
    /// What the first entry that has a help is of; null if none has.
    [[nodiscard]] family_meta const* help() const noexcept { return help_; }
    /// True if a label has a name that must be quoted.
    [[nodiscard]] bool quoted_labels() const noexcept { return quoted_labels_; }
    /// True if the lines are the same in every format of lines.
    [[nodiscard]] bool of_all_formats() const noexcept { return of_all_formats_; }

private:
    [[nodiscard]] std::size_t taken() const noexcept { return memory::cost(sizeof(page_text)) + memory::cost(size_); }

    std::unique_ptr<char[]> bytes_;
    std::size_t size_;
    family_meta const* help_;
    bool quoted_labels_;
    bool of_all_formats_;
};

/// The content of a page. Whoever holds the only reference may change it; shared, it is immutable.
///
/// What is derived from the content, its text in either format, is made on first use and dropped by every change.
class page_content final : public ref_counted<page_content> {
public:
    using entry = ref<stored_family const>;

    /// An empty one with room for `capacity` entries.
    [[nodiscard]] static ref<page_content> make(std::uint32_t capacity) {
        void* memory = store::allocate(sizeof(page_content) + capacity * sizeof(entry));
        return ref<page_content>::adopt(new (memory) page_content(capacity));
    }

    /// One with the entries `[from, to)` of `other`, and room for `room` more.
    [[nodiscard]] static ref<page_content> copy(page_content const& other, std::uint32_t from, std::uint32_t to,
                                                std::uint32_t room) {
        auto content = make(to - from + room);
        for (auto i = from; i != to; ++i) content->insert(content->size_, other[i]);
        return content;
    }

    /// One with the entries of `other`, which the caller alone holds, and more room.
    [[nodiscard]] static ref<page_content> grown(page_content& other) {
        auto content = make(other.capacity_ + other.capacity_ / 2 + 1);
        for (std::uint32_t i = 0; i != other.size_; ++i) content->insert(i, std::move(other.first()[i]));
        return content;
    }

    static void destroy(page_content* content) noexcept {
        auto const size = sizeof(page_content) + content->capacity_ * sizeof(entry);
        content->~page_content();
        store::deallocate(content, size);
    }

    ~page_content() { std::destroy_n(first(), size_); }

    [[nodiscard]] std::uint32_t size() const noexcept { return size_; }
    [[nodiscard]] bool full() const noexcept { return size_ == capacity_; }
    [[nodiscard]] std::uint32_t estimate() const noexcept { return estimate_; }
    [[nodiscard]] entry const& operator[](std::uint32_t at) const noexcept { return first()[at]; }
    [[nodiscard]] std::span<entry const> entries() const noexcept { return {first(), size_}; }

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

    /// Must not be full.
    void insert(std::uint32_t at, entry family) {
        forget_texts();
        estimate_ += family->estimate();
        new (first() + size_) entry();
        std::move_backward(first() + at, first() + size_, first() + size_ + 1);
        first()[at] = std::move(family);
        ++size_;
    }

    /// Takes the entry out.
    entry remove(std::uint32_t at) noexcept {
        forget_texts();
        estimate_ -= first()[at]->estimate();
        auto removed = std::move(first()[at]);
        std::move(first() + at + 1, first() + size_, first() + at);
        std::destroy_at(first() + --size_);
        return removed;
    }

    /// Puts `family` into the place of another with the same key.
    void replace(std::uint32_t at, entry family) noexcept {
        forget_texts();
        estimate_ += family->estimate() - first()[at]->estimate();
        first()[at] = std::move(family);
    }

    /// An entry has got other values.
    void revalue() noexcept { forget_texts(); }

    /// Where the entry is; near `guess` if nothing was inserted before it meanwhile. It must be there.
    [[nodiscard]] std::uint32_t find(stored_family const* family, std::uint32_t guess) const noexcept {
        if (guess < size_ && first()[guess].get() == family) return guess;
        auto const at = std::ranges::find(entries(), family, [](entry const& e) { return e.get(); });
        return static_cast<std::uint32_t>(at - entries().begin());
    }

private:
    explicit page_content(std::uint32_t capacity) noexcept : capacity_(capacity) {}

    [[nodiscard]] entry* first() noexcept { return reinterpret_cast<entry*>(this + 1); }
    [[nodiscard]] entry const* first() const noexcept { return reinterpret_cast<entry const*>(this + 1); }

    void forget_texts() noexcept {
        text_.reset();
        openmetrics_text_.reset();
    }

    /// True if the text is there already, or may be kept.
    [[nodiscard]] bool keeps_text(line_format format, std::uint64_t most) const noexcept {
        if (most == UINT64_MAX) return true;
        auto const& wanted = format == line_format::text ? text_ : openmetrics_text_;
        // Twice: the text is made first, and then kept in exactly as much memory as it needs.
        return wanted.ready() || memory::fits(2 * std::uint64_t{estimate_}, most);
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
        lines.reserve(estimate_ + estimate_ / 4);
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

    std::uint32_t size_ = 0;
    std::uint32_t capacity_;
    std::uint32_t estimate_ = 0;
    once_published<page_text> text_;
    once_published<page_text> openmetrics_text_;
};

static_assert(sizeof(page_content) % alignof(page_content::entry) == 0);

}  // namespace pushgateway::store
