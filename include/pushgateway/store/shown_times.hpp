#pragma once

/// \file
/// The two times of the groups as the exposition shows them: made of the groups' headers. Not locked.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <pushgateway/base/memory.hpp>
#include <pushgateway/store/describe.hpp>
#include <pushgateway/store/family_meta.hpp>
#include <pushgateway/store/group.hpp>
#include <pushgateway/store/identity_index.hpp>
#include <pushgateway/store/stored_key.hpp>
#include <pushgateway/store/times_page.hpp>
#include <pushgateway/store/waiting_series.hpp>

namespace pushgateway::store {

/// Shows and hides the times of groups. Of groups that are the same to Prometheus, those of one are shown, and the
/// others wait.
class shown_times {
public:
    /// `groups` must outlive it.
    explicit shown_times(group_table& groups) noexcept : groups_(groups) {}

    [[nodiscard]] times_list const& list() const noexcept { return list_; }
    [[nodiscard]] ref<family_meta const> const& meta(time_series which) const noexcept {
        return metas_[static_cast<std::size_t>(which)];
    }
    /// The series of the groups whose times are shown, and of those whose times are left out.
    [[nodiscard]] std::uint64_t series() const noexcept { return identities_.size() * all_time_series.size(); }
    [[nodiscard]] std::uint64_t clashing_series() const noexcept { return hidden_ * all_time_series.size(); }

    /// The group whose times are shown under these labels.
    [[nodiscard]] std::optional<std::uint32_t> holder(key_hash const& key) const noexcept {
        return identities_.find(key.labels);
    }

    /// The bytes that it needs to show another group.
    [[nodiscard]] std::uint64_t growth() const noexcept {
        // Pages are split when they are full.
        return identities_.growth(1) + 2 * sizeof(shown_header);
    }

    /// Shows the times of a group, or says why they are left out.
    std::optional<std::string> show(group_content& content) {
        auto const& key = content.key();
        if (key.faulty()) {
            ++hidden_;
            return describe_group(key.pairs()) + " has labels that no scrape may show";
        }
        if (!identities_.insert(key.hash().labels, key.group())) {
            ++hidden_;
            waiting_.add(key.hash().labels, {0, key.group()});
            return describe_group(key.pairs()) +
                   " is left out: " + describe_same_group(groups_[*holder(key.hash())]->key().pairs());
        }
        content.times() = list_.insert(entry_of(content), relocation{groups_});
        return std::nullopt;
    }

    /// Takes them out. Those of a group that is the same to Prometheus are shown by `show_released`.
    void hide(group_content& content) {
        auto const& key = content.key();
        auto const identity = key.hash().labels;
        if (content.times().at != nullptr) {
            list_.remove(place_of(content), relocation{groups_});
            content.times() = {};
            identities_.erase(identity);
            if (!waiting_.empty() && waiting_.first(identity)) released_.push_back(identity);
        } else {
            --hidden_;
            waiting_.remove(identity, {0, key.group()});
        }
    }

    /// Shows what the header of a group says by now.
    void update(group_content& content, time_series which) noexcept {
        if (content.times().at == nullptr) return;
        auto& page = times_list::writable(*content.times().at);
        auto const position = page.find(&content.key(), content.times().position);
        page.set(position, which, content.header().time(which).seconds);
        content.times().position = position;
    }

    /// Shows what was left out because of what was hidden since this was last called, unless that is shown again.
    void show_released() {
        for (auto const identity : std::exchange(released_, {})) {
            auto const next = waiting_.first(identity);
            if (!next || identities_.find(identity)) continue;
            auto& content = *groups_[next->group];
            hide(content);
            show(content);
        }
    }

    /// Asks for the memory of the page that shows a group.
    static void prefetch(group_content const& content) noexcept {
        auto const [at, position] = content.times();
        if (at == nullptr) return;
        auto const* const page = at->content().get();
        __builtin_prefetch(page, 1);
        __builtin_prefetch(reinterpret_cast<shown_header const*>(page + 1) + position, 1);
    }

private:
    /// Tells a group where its times went.
    struct relocation {
        group_table& groups;

        void operator()(stored_key const& key, times_place place) const noexcept {
            groups[key.group()]->times() = place;
        }
    };

    [[nodiscard]] static shown_header entry_of(group_content const& content) noexcept {
        shown_header out{content.shared_key(), {}};
        for (auto const which : all_time_series) {
            out.seconds[static_cast<std::size_t>(which)] = content.header().time(which).seconds;
        }
        return out;
    }

    [[nodiscard]] static times_place place_of(group_content const& content) noexcept {
        auto const [at, position] = content.times();
        return {at, at->content()->find(&content.key(), position)};
    }

    [[nodiscard]] static ref<family_meta const> meta_of(time_series which) {
        return make_ref<family_meta>(name_of(which), model::metric_type::gauge, help_of(which));
    }

    group_table& groups_;
    times_list list_;
    std::array<ref<family_meta const>, all_time_series.size()> metas_{meta_of(time_series::push_failure),
                                                                      meta_of(time_series::push)};
    identity_index identities_;  ///< of what is shown, by the sum of the label hashes
    waiting_series waiting_;     ///< the groups that are the same as one that is shown
    std::vector<std::uint64_t> released_;
    std::uint64_t hidden_ = 0;
};

}  // namespace pushgateway::store
