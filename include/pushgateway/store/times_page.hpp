#pragma once

/// \file
/// A page of the groups' two times: those of neighbouring groups, in the order of their grouping keys, and what they
/// look like in the exposition.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include <pushgateway/base/memory.hpp>
#include <pushgateway/base/ref_counted.hpp>
#include <pushgateway/format/text/write.hpp>
#include <pushgateway/model/metric.hpp>
#include <pushgateway/model/metric_family.hpp>
#include <pushgateway/store/family_decoder.hpp>
#include <pushgateway/store/group_header.hpp>
#include <pushgateway/store/once_published.hpp>
#include <pushgateway/store/page_entries.hpp>
#include <pushgateway/store/page_list.hpp>
#include <pushgateway/store/page_text.hpp>
#include <pushgateway/store/part_writer.hpp>
#include <pushgateway/store/stored_key.hpp>

namespace pushgateway::store {

/// Calls `visit(model::metric const&)` with a group's time as the gauge that shows it, its label set full and sorted.
template <class Visit>
void visit_time(stored_key const& key, double seconds, Visit&& visit) {
    label_merger merger(key);
    model::metric const metric{merger.merge({}, true), model::gauge{seconds}, {}};
    visit(metric);
}

/// What is shown of the header of a group.
struct shown_header {
    ref<stored_key const> key;
    std::array<double, all_time_series.size()> seconds{};  ///< by `time_series`
};

/// The content of a page. Both series are made of the same entries. The lines of one, which are the same in every
/// format of lines, are made on first use and dropped when something of it changes: a push leaves those of the failures
/// alone, also where it changes a copy.
class times_page final : public page_entries<times_page, shown_header> {
public:
    ~times_page() { memory::subtract(memory::kind::parts, cost()); }

    /// What an entry is found by.
    [[nodiscard]] static stored_key const& probe_of(shown_header const& e) noexcept { return *e.key; }
    [[nodiscard]] static bool before(stored_key const& a, stored_key const& b) noexcept { return (a <=> b) < 0; }

    /// The bytes of the longer one of its two lines.
    [[nodiscard]] static std::uint32_t estimate_of(shown_header const& e) noexcept {
        constexpr std::size_t punctuation_and_number = 20;
        auto const instance = e.key->has_instance() ? 0 : model::instance_label.size() + 4;
        auto const labels = part_writer::text_of(e.key->pairs()) + instance;
        return static_cast<std::uint32_t>(push_failure_time_name.size() + labels + punctuation_and_number);
    }

    /// Rendered on first use. Any thread may ask.
    [[nodiscard]] page_text const& text(time_series which) const {
        return texts_[index(which)]
            .get([&] {
                std::string lines;
                lines.reserve(estimate());
                bool const quoted = append_rendered(lines, which);
                return make_ref<shared_text>(page_text(lines, nullptr, quoted, true));
            })
            ->text;
    }

    /// Appends the lines of one series. They are kept for the next time unless the process would then take more than
    /// `most` bytes.
    void append_lines(std::string& out, time_series which, std::uint64_t most) const {
        if (keeps_text(which, most)) {
            out += text(which).lines();
        } else {
            append_rendered(out, which);
        }
    }

    /// True if a label has a name that must be quoted. May render the page to find out, within the same bound.
    [[nodiscard]] bool quoted_labels(time_series which, std::uint64_t most) const {
        if (keeps_text(which, most)) return text(which).quoted_labels();
        std::string lines;
        return append_rendered(lines, which);
    }

    /// Calls `visit(model::metric const&)` with the series of one entry.
    template <class Visit>
    void for_each_metric_of(std::size_t position, time_series which, Visit&& visit) const {
        auto const& e = (*this)[static_cast<std::uint32_t>(position)];
        visit_time(*e.key, e.seconds[index(which)], visit);
    }

    /// Tells pages apart, and the two series on each.
    [[nodiscard]] void const* identity(time_series which) const noexcept { return &texts_[index(which)]; }

    /// Gives an entry another time.
    void set(std::uint32_t position, time_series which, double seconds) noexcept {
        at(position).seconds[index(which)] = seconds;
        texts_[index(which)].reset();
    }

    /// Drops the texts. Only who holds the only reference may do so.
    void drop_texts() noexcept { forget_texts(); }

    /// Where the entry of this key is; near `guess` if nothing was inserted before it meanwhile. It must be there.
    [[nodiscard]] std::uint32_t find(stored_key const* key, std::uint32_t guess) const noexcept {
        if (guess < size() && (*this)[guess].key.get() == key) return guess;
        auto const found = std::ranges::find(entries(), key, [](shown_header const& e) { return e.key.get(); });
        return static_cast<std::uint32_t>(found - entries().begin());
    }

    /// It is shown now, or is not any more: somebody may still read it.
    void enter() const noexcept { memory::add(memory::kind::live, cost()); }
    void leave() const noexcept { memory::subtract(memory::kind::live, cost()); }

private:
    friend page_entries;

    struct shared_text final : ref_counted<shared_text> {
        explicit shared_text(page_text made) noexcept : text(std::move(made)) {}

        page_text const text;
    };

    explicit times_page(std::uint32_t capacity) noexcept : page_entries(capacity) {
        memory::add(memory::kind::parts, cost());
    }

    [[nodiscard]] std::size_t cost() const noexcept { return memory::cost(bytes_of(capacity())); }

    [[nodiscard]] static constexpr std::size_t index(time_series which) noexcept {
        return static_cast<std::size_t>(which);
    }

    void forget_texts() noexcept {
        for (auto& text : texts_) text.reset();
    }
    /// For a copy of all entries.
    void share_texts(times_page const& other) {
        for (std::size_t i = 0; i != texts_.size(); ++i) {
            auto const* const ready = other.texts_[i].peek();
            if (ready != nullptr) static_cast<void>(texts_[i].get([ready] { return *ready; }));
        }
    }

    [[nodiscard]] bool keeps_text(time_series which, std::uint64_t most) const noexcept {
        return texts_[index(which)].ready() || may_keep_text(estimate(), most);
    }

    /// Appends the lines; true if a label has a name that must be quoted.
    bool append_rendered(std::string& out, time_series which) const {
        bool quoted = false;
        for (std::size_t i = 0; i != size(); ++i) {
            for_each_metric_of(i, which, [&](model::metric const& metric) {
                quoted |= format::text::append_metric(out, name_of(which), model::metric_type::gauge, metric);
            });
        }
        return quoted;
    }

    std::array<once_published<ref<shared_text const>>, all_time_series.size()> texts_;
};

using times_list = basic_page_list<times_page>;
using times_place = basic_page_place<times_page>;

}  // namespace pushgateway::store
