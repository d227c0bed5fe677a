#pragma once

/// \file
/// The rendered lines of a page.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>

#include <pushgateway/base/memory.hpp>
#include <pushgateway/store/family_meta.hpp>

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

/// True if a page may be rendered to be kept, of which `estimate` bytes are expected, unless the process would then
/// take more than `most`.
[[nodiscard]] inline bool may_keep_text(std::uint32_t estimate, std::uint64_t most) noexcept {
    // Twice: the text is made first, and then kept in exactly as much memory as it needs.
    return most == UINT64_MAX || memory::fits(2 * std::uint64_t{estimate}, most);
}

}  // namespace pushgateway::store
