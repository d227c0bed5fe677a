#pragma once

/// \file
/// All pages of a family, in the order of the grouping keys.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include <pushgateway/store/accounted.hpp>
#include <pushgateway/store/page.hpp>
#include <pushgateway/store/part_writer.hpp>

namespace pushgateway::store {

struct family;

/// A page that stays where it is while its content changes or is exchanged.
struct page {
    ref<page_content> content;
    family* owner = nullptr;

    static void* operator new(std::size_t size) { return store::allocate(size); }
    static void operator delete(void* block, std::size_t size) noexcept { store::deallocate(block, size); }
};

/// Where an entry is: for its group, which finds it again without a search. The position is a guess.
struct page_place {
    page* at = nullptr;
    std::uint32_t position = 0;
};

/// The pages of one family. Entries with equal keys are ordered by their part. Splits what grows beyond the target and
/// joins what shrinks far below it.
class page_list {
public:
    [[nodiscard]] accounted_vector<std::unique_ptr<page>> const& pages() const noexcept { return pages_; }

    /// Adds an entry. `relocate(stored_family const&, page_place)` hears of every other entry that went to another
    /// page.
    template <class Relocate>
    page_place insert(family* owner, page_content::entry entry, Relocate&& relocate) {
        if (pages_.empty()) pages_.push_back(std::make_unique<page>(page{page_content::make(2), owner}));
        std::size_t const index = page_for(*entry);
        page& target = *pages_[index];
        auto& content = writable(target, true);
        auto const at = position_for(content, *entry);
        content.insert(at, std::move(entry));
        if (content.estimate() <= page_target || content.size() == 1) return {&target, at};

        bool const appended = index + 1 == pages_.size() && at + 1 == content.size();
        if (!appended && content.estimate() <= split_above) return {&target, at};
        auto const cut = appended ? at : content.size() / 2;
        page& right = split(index, cut, relocate);
        return at < cut ? page_place{&target, at} : page_place{&right, at - cut};
    }

    /// Takes an entry out, which must be there.
    template <class Relocate>
    page_content::entry remove(page_place place, Relocate&& relocate) {
        std::size_t index = index_of(*place.at);
        auto& content = writable(*place.at, false);
        auto removed = content.remove(place.position);
        if (content.size() == 0) {
            pages_.erase(pages_.begin() + static_cast<std::ptrdiff_t>(index));
        } else if (content.estimate() < join_below && pages_.size() > 1) {
            if (index == 0) index = 1;
            auto const both = pages_[index - 1]->content->estimate() + pages_[index]->content->estimate();
            if (both <= page_target) join(index - 1, relocate);
        }
        return removed;
    }

    /// Exchanges an entry for one with the same key and part.
    static void replace(page_place place, page_content::entry entry) {
        writable(*place.at, false).replace(place.position, std::move(entry));
    }

    /// Where the entry with this key and part is; it must be there.
    [[nodiscard]] static std::uint32_t position_of(page_content const& content, stored_family const& like) noexcept {
        return position_for(content, like) - 1;
    }

    /// Drops rendered pages that nobody is reading.
    void drop_texts() const noexcept {
        for (auto const& p : pages_) {
            if (p->content->unique()) p->content->drop_texts();
        }
    }

private:
    static constexpr std::uint32_t split_above = page_target + page_target / 2;
    static constexpr std::uint32_t join_below = page_target / 4;

    [[nodiscard]] static bool before(stored_family const& a, stored_family const& b) noexcept {
        if (&a.key() == &b.key()) return a.part() < b.part();
        auto const order = a.key() <=> b.key();
        return order < 0 || (order == 0 && a.part() < b.part());
    }

    /// The number of entries that are not behind `family`.
    [[nodiscard]] static std::uint32_t position_for(page_content const& content, stored_family const& family) noexcept {
        auto const all = content.entries();
        auto const at = std::upper_bound(all.begin(), all.end(), family,
                                         [](stored_family const& f, auto const& e) { return before(f, *e); });
        return static_cast<std::uint32_t>(at - all.begin());
    }

    [[nodiscard]] std::size_t page_for(stored_family const& family) const noexcept {
        if (pages_.size() == 1) return 0;
        auto const at =
            std::upper_bound(pages_.begin(), pages_.end(), family,
                             [](stored_family const& f, auto const& p) { return before(f, *(*p->content)[0]); });
        return at == pages_.begin() ? 0 : static_cast<std::size_t>(at - pages_.begin()) - 1;
    }

    [[nodiscard]] std::size_t index_of(page const& wanted) const noexcept { return page_for(*(*wanted.content)[0]); }

    /// The content of a page, held by nobody else.
    static page_content& writable(page& target, bool for_insertion) {
        auto& content = target.content;
        if (!content->unique()) {
            content = page_content::copy(*content, 0, content->size(), for_insertion ? 1 + content->size() / 8 : 0);
        } else if (for_insertion && content->full()) {
            content = page_content::grown(*content);
        }
        return *content;
    }

    template <class Relocate>
    page& split(std::size_t index, std::uint32_t cut, Relocate&& relocate) {
        page& left = *pages_[index];
        auto const whole = left.content;
        auto added = std::make_unique<page>(
            page{page_content::copy(*whole, cut, whole->size(), 1 + (whole->size() - cut) / 8), left.owner});
        left.content = page_content::copy(*whole, 0, cut, 0);
        page& right = *added;
        pages_.insert(pages_.begin() + static_cast<std::ptrdiff_t>(index) + 1, std::move(added));
        tell(right, 0, relocate);
        return right;
    }

    template <class Relocate>
    void join(std::size_t index, Relocate&& relocate) {
        page& left = *pages_[index];
        auto const right = std::move(pages_[index + 1]);
        pages_.erase(pages_.begin() + static_cast<std::ptrdiff_t>(index) + 1);
        auto const first = left.content->size();
        left.content = page_content::copy(*left.content, 0, first, right->content->size());
        for (auto const& entry : right->content->entries()) left.content->insert(left.content->size(), entry);
        tell(left, first, relocate);
    }

    template <class Relocate>
    static void tell(page& where, std::uint32_t from, Relocate&& relocate) {
        for (auto i = from; i != where.content->size(); ++i) relocate(*(*where.content)[i], page_place{&where, i});
    }

    accounted_vector<std::unique_ptr<page>> pages_;
};

}  // namespace pushgateway::store
