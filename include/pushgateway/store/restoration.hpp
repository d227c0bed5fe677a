#pragma once

/// \file
/// A group on its way back from where it was kept.

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <pushgateway/base/clock.hpp>
#include <pushgateway/base/error.hpp>
#include <pushgateway/base/hash.hpp>
#include <pushgateway/base/names.hpp>
#include <pushgateway/base/utf8.hpp>
#include <pushgateway/model/grouping_key.hpp>
#include <pushgateway/store/change.hpp>
#include <pushgateway/store/describe.hpp>
#include <pushgateway/store/family_encoder.hpp>
#include <pushgateway/store/group_header.hpp>
#include <pushgateway/store/repair.hpp>
#include <pushgateway/store/state.hpp>

namespace pushgateway::store {

/// Encodes the families of a kept group and adds them to a state as they were.
class restoration {
public:
    /// `key` and `secret` must outlive it.
    restoration(model::grouping_key const& key, group_header header, hash_key const& secret)
        : key_(key),
          header_(std::move(header)),
          secret_(secret),
          probe_{key, key_hash::of(key, secret)},
          encoder_(key, true) {}

    /// See `basic_store::restore`. The lock is held for the last step only.
    template <class Source, class At, class Mutex>
    result<> restore(Source& source, At&& at, Mutex& mutex, std::unique_ptr<state>& target) {
        push_problem problem;
        source.for_each_family([&](model::metric_family const& family) {
            if ((family.name.empty() || !valid_utf8(family.name)) && !problem.fatal) {
                problem = {"the family " + describe_name(family.name) + " has a name that no exposition can show",
                           true};
            }
            if (time_series_of(family.name) && !problem.fatal) {
                problem = {"the family " + describe_name(family.name) + " is one that shows the times of groups", true};
            }
            if (problem.fatal) return;
            add(repair_(family), at(family.name), problem);
        });
        if (problem.fatal) return fail(errc::invalid, describe() + ": " + problem.text);
        auto const lock = take(mutex);
        bool const added = target->restore(
            probe_, header_, names_beyond_legacy_,
            [this, &target](ref<stored_key const> const& key) { return attached(key, *target); }, left_out_);
        if (!added) return fail(errc::invalid, describe() + " is there twice");
        return {};
    }

    /// What was repaired, for the log.
    [[nodiscard]] std::vector<std::string> const& repaired() const noexcept { return repair_.notes(); }
    /// Why something is left out of the exposition, for the log.
    [[nodiscard]] std::vector<std::string> const& left_out() const noexcept { return left_out_; }

private:
    struct kept_family {
        std::string_view name;
        std::optional<std::string_view> help;
        model::metric_type type;
        std::string_view unit;
        model::gauge_kind kind;
        timestamp at;
        family_parts parts;
    };

    /// Tries it for a while before it sleeps: if another thread restores, too, the lock is free again in less time than
    /// it takes to wake up, at every group.
    template <class Mutex>
    [[nodiscard]] static std::unique_lock<Mutex> take(Mutex& mutex) {
        if constexpr (requires { mutex.try_lock(); }) {
            constexpr int most_tries = 100;
            for (int tries = 0; tries != most_tries; ++tries) {
                if (mutex.try_lock()) return {mutex, std::adopt_lock};
                std::this_thread::yield();
            }
        }
        return std::unique_lock(mutex);
    }

    [[nodiscard]] std::string describe() const {
        std::vector<model::label> labels;
        for (auto const& [name, value] : key_.pairs()) labels.push_back({name, value});
        return describe_group(labels);
    }

    void add(model::metric_family const& family, timestamp at, push_problem& problem) {
        bool const goes_on = !families_.empty() && families_.back().name == family.name;
        auto& kept = goes_on ? families_.back() : families_.emplace_back();
        kept.name = family.name;
        kept.help = family.help;
        kept.type = family.type;
        kept.at = at;
        // Of several pieces the first one brings them.
        if (!goes_on) {
            kept.unit = family.unit;
            kept.kind = family.kind;
        }
        encoder_.encode(family, kept.parts, problem);
        names_beyond_legacy_ = names_beyond_legacy_ || !is_legacy_metric_name(family.name) || encoder_.beyond_legacy();
    }

    [[nodiscard]] state::group_parts attached(ref<stored_key const> const& key, state& target) {
        state::group_parts all;
        for (auto& family : families_) {
            auto const meta = meta_of(family, target);
            for (auto& part : family.parts) {
                part->attach(key, meta, family.at);
                all.push_back(std::move(part));
            }
        }
        return all;
    }

    /// What its series share, shared with the group before if that had the same.
    [[nodiscard]] ref<family_meta const> meta_of(kept_family const& f, state const& target) const {
        auto const* known = target.shown().families().find(f.name, hash_bytes(f.name, secret_));
        bool const same = known != nullptr && known->latest && known->latest->fits(f);
        return same ? known->latest : family_meta::of(f);
    }

    model::grouping_key const& key_;
    group_header header_;
    hash_key const& secret_;
    key_probe probe_;
    family_encoder encoder_;
    repair repair_;
    std::vector<kept_family> families_;
    bool names_beyond_legacy_ = false;
    std::vector<std::string> left_out_;
};

}  // namespace pushgateway::store
