#pragma once

/// \file
/// All pages of one kind, such as those of a family, in the order of the grouping keys.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include <pushgateway/store/accounted.hpp>
#include <pushgateway/store/page.hpp>
#include <pushgateway/store/part_writer.hpp>

namespace pushgateway::store {

/// A page that stays where it is while its content changes or is exchanged. A content with `enter` and `leave` hears
/// when it becomes the one of a page, and when another one does.
template <class Content>
class basic_page {
public:
    explicit basic_page(ref<Content> content) noexcept : content_(std::move(content)) { enter(); }
    basic_page(basic_page const&) = delete;
    basic_page& operator=(basic_page const&) = delete;
    ~basic_page() { leave(); }

    [[nodiscard]] ref<Content> const& content() const noexcept { return content_; }

    void exchange(ref<Content> content) noexcept {
        leave();
        content_ = std::move(content);
        enter();
    }

    static void* operator new(std::size_t size) { return store::allocate(size); }
    static void operator delete(void* block, std::size_t size) noexcept { store::deallocate(block, size); }

private:
    void enter() const noexcept {
        if constexpr (requires { content_->enter(); }) content_->enter();
    }
    void leave() const noexcept {
        if constexpr (requires { content_->leave(); }) content_->leave();
    }

    ref<Content> content_;
};

/// Where an entry is: for its group, which finds it again without a search. The position is a guess.
template <class Content>
struct basic_page_place {
    basic_page<Content>* at = nullptr;
    std::uint32_t position = 0;
};

/// All pages of a kind, see `page_entries`, in the order that `Content::before` says of what `Content::probe_of` gives.
/// Splits what grows beyond the target and joins what shrinks far below it.
template <class Content>
class basic_page_list {
public:
    using entry = typename Content::entry;
    using page = basic_page<Content>;
    using place = basic_page_place<Content>;

    [[nodiscard]] accounted_vector<std::unique_ptr<page>> const& pages() const noexcept { return pages_; }

    /// Adds an entry. `relocate(probe, place)` hears of every other entry that went to another page.
    template <class Relocate>
    place insert(entry added, Relocate&& relocate) {
        if (pages_.empty()) pages_.push_back(std::make_unique<page>(Content::make(2)));
        std::size_t const index = page_for(Content::probe_of(added));
        page& target = *pages_[index];
        auto& content = writable(target, true);
        auto const at = position_for(content, Content::probe_of(added));
        content.insert(at, std::move(added));
        if (content.estimate() <= page_target || content.size() == 1) return {&target, at};

        bool const appended = index + 1 == pages_.size() && at + 1 == content.size();
        if (!appended && content.estimate() <= split_above) return {&target, at};
        auto const cut = appended ? at : content.size() / 2;
        page& right = split(index, cut, relocate);
        return at < cut ? place{&target, at} : place{&right, at - cut};
    }

    /// Takes an entry out, which must be there.
    template <class Relocate>
    entry remove(place where, Relocate&& relocate) {
        std::size_t index = index_of(*where.at);
        auto& content = writable(*where.at);
        auto removed = content.remove(where.position);
        if (content.size() == 0) {
            pages_.erase(pages_.begin() + static_cast<std::ptrdiff_t>(index));
        } else if (content.estimate() < join_below && pages_.size() > 1) {
            if (index == 0) index = 1;
            auto const both = pages_[index - 1]->content()->estimate() + pages_[index]->content()->estimate();
            if (both <= page_target) join(index - 1, relocate);
        }
        return removed;
    }

    /// Exchanges an entry for one with the same key and part.
    static void replace(place where, entry other) { writable(*where.at).replace(where.position, std::move(other)); }

    /// Where the entry with this probe is; it must be there.
    template <class Probe>
    [[nodiscard]] static std::uint32_t position_of(Content const& content, Probe const& like) noexcept {
        return position_for(content, like) - 1;
    }

    /// The content of a page, held by nobody else; if others have it, a copy takes its place.
    static Content& writable(page& target, bool for_insertion = false) {
        auto const& content = target.content();
        if (!content->unique()) {
            target.exchange(Content::copy(*content, 0, content->size(), for_insertion ? 1 + content->size() / 8 : 0));
        } else if (for_insertion && content->full()) {
            target.exchange(Content::grown(*content));
        }
        return *target.content();
    }

    /// Drops rendered pages that nobody is reading.
    void drop_texts() const noexcept {
        for (auto const& p : pages_) {
            if (p->content()->unique()) p->content()->drop_texts();
        }
    }

private:
    static constexpr std::uint32_t split_above = page_target + page_target / 2;
    static constexpr std::uint32_t join_below = page_target / 4;

    /// The number of entries that are not behind `like`.
    template <class Probe>
    [[nodiscard]] static std::uint32_t position_for(Content const& content, Probe const& like) noexcept {
        auto const all = content.entries();
        auto const at = std::upper_bound(all.begin(), all.end(), like, [](Probe const& p, entry const& e) {
            return Content::before(p, Content::probe_of(e));
        });
        return static_cast<std::uint32_t>(at - all.begin());
    }

    template <class Probe>
    [[nodiscard]] std::size_t page_for(Probe const& like) const noexcept {
        if (pages_.size() == 1) return 0;
        auto const at = std::upper_bound(pages_.begin(), pages_.end(), like, [](Probe const& p, auto const& of) {
            return Content::before(p, Content::probe_of((*of->content())[0]));
        });
        return at == pages_.begin() ? 0 : static_cast<std::size_t>(at - pages_.begin()) - 1;
    }

    [[nodiscard]] std::size_t index_of(page const& wanted) const noexcept {
        return page_for(Content::probe_of((*wanted.content())[0]));
    }

    template <class Relocate>
    page& split(std::size_t index, std::uint32_t cut, Relocate&& relocate) {
        page& left = *pages_[index];
        auto const whole = left.content();
        auto added = std::make_unique<page>(Content::copy(*whole, cut, whole->size(), 1 + (whole->size() - cut) / 8));
        left.exchange(Content::copy(*whole, 0, cut, 0));
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
        auto const first = left.content()->size();
        auto joined = Content::copy(*left.content(), 0, first, right->content()->size());
        for (auto const& added : right->content()->entries()) joined->insert(joined->size(), added);
        left.exchange(std::move(joined));
        tell(left, first, relocate);
    }

    template <class Relocate>
    static void tell(page& where, std::uint32_t from, Relocate&& relocate) {
        auto const& content = *where.content();
        for (auto i = from; i != content.size(); ++i) relocate(Content::probe_of(content[i]), place{&where, i});
    }

    accounted_vector<std::unique_ptr<page>> pages_;
};

/// The pages of one family. Entries with equal keys are ordered by their part.
using page = basic_page<page_content>;
using page_list = basic_page_list<page_content>;
using page_place = basic_page_place<page_content>;

}  // namespace pushgateway::store
