#pragma once

/// \file
/// A push, prepared as far as that goes without looking at the store.

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/container/small_vector.hpp>

#include <pushgateway/base/hash.hpp>
#include <pushgateway/base/limits.hpp>
#include <pushgateway/base/names.hpp>
#include <pushgateway/base/utf8.hpp>
#include <pushgateway/format/family_source.hpp>
#include <pushgateway/model/grouping_key.hpp>
#include <pushgateway/store/describe.hpp>
#include <pushgateway/store/family_decoder.hpp>
#include <pushgateway/store/family_encoder.hpp>
#include <pushgateway/store/family_index.hpp>
#include <pushgateway/store/group.hpp>
#include <pushgateway/store/group_header.hpp>

namespace pushgateway {

/// What a push does to the families of the group that it does not carry.
enum class push_mode : std::uint8_t {
    replace,  ///< drops them (PUT)
    update,   ///< keeps them (POST)
};

}  // namespace pushgateway

namespace pushgateway::store {

/// What a push may have.
struct push_rules {
    bool timestamps = false;  ///< if not, a series with a timestamp is refused
};

/// One family of a push.
struct family_change {
    std::string_view name;
    std::optional<std::string_view> help;
    model::metric_type type{};
    std::string_view unit;
    model::gauge_kind kind = model::gauge_kind::plain;
    std::uint64_t name_hash = 0;
    family_parts parts;          ///< after the push: what was there before, to be freed without the lock
    std::size_t first_hash = 0;  ///< where its series hashes begin

    // What the store finds out under its lock:
    family* target = nullptr;
    std::uint32_t first_slot = 0;  ///< of the group's slots of this family, or where they would be
    std::uint32_t slots = 0;       ///< how many there are
    bool skipped = false;          ///< not applied: superseded in the same push
    bool steady = false;           ///< the same series as before, all shown: only values change
};

/// A prepared push. Views into what was pushed, which must outlive it.
class change {
    using pushed_families = boost::container::small_vector<family_change, 10>;

public:
    change(model::grouping_key const& key, push_mode mode, hash_key const& secret, push_rules rules = {})
        : key_(key), hash_(key_hash::of(key, secret)), secret_(secret), mode_(mode), encoder_(key, rules.timestamps) {
        if (auto const fault = fault_of_key(key)) {
            problem_.text = "the grouping key ";
            problem_.text += *fault;
        }
    }
    change(change const&) = delete;
    change& operator=(change const&) = delete;

    /// Adds the families of a push.
    template <format::family_source Source>
    void add(Source const& source) {
        bool const known_legacy = format::knows_legacy_names(source);
        source.for_each_family([&](model::metric_family const& family) { add(family, known_legacy); });
    }

    /// Adds a pushed family. The families of the group's own times are examined, but not stored. `known_legacy`: its
    /// name and those of its labels are known to be legacy names.
    void add(model::metric_family const& pushed, bool known_legacy = false) {
        if (problem_.fatal) return;
        if (time_series_of(pushed.name)) {
            for (auto const& metric : pushed.metrics) {
                if (!metric.timestamp_ms) continue;
                family_parts unused;
                encoder_.encode(pushed, unused, problem_);
                return;
            }
            return;
        }
        assert(!known_legacy || is_legacy_metric_name(pushed.name));
        bool const legacy = known_legacy || is_legacy_metric_name(pushed.name);
        if (!legacy && !is_utf8_name(pushed.name)) {
            problem_ = {"the family " + describe_name(pushed.name) + " has a name that no exposition can show", true};
            return;
        }
        if (pushed.name.size() > longest_name) {
            problem_ = {"the name of family " + describe_name(pushed.name) + " is longer than Prometheus can hold",
                        true};
            return;
        }
        if (pushed.help && !valid_utf8(*pushed.help)) {
            problem_ = {"the family " + describe_name(pushed.name) + " has a help that is not valid UTF-8", true};
            return;
        }
        auto& added = families_.emplace_back();
        added.name = pushed.name;
        added.help = pushed.help;
        added.type = pushed.type;
        added.unit = pushed.unit;
        added.kind = pushed.kind;
        added.name_hash = hash_bytes(pushed.name, secret_);
        encoder_.encode(pushed, added.parts, problem_, known_legacy);
        names_beyond_legacy_ = names_beyond_legacy_ || !legacy || encoder_.beyond_legacy();
    }

    /// Turns this into the change that a refused push makes: a new push failure time, nothing else.
    void become_failure() {
        refused_ = std::exchange(families_, {});
        mode_ = push_mode::update;
        outcome_ = time_series::push_failure;
        hashed_ = false;
    }

    /// Computes the series hashes of all families. Reports a series that is pushed twice.
    void hash_series() {
        hashed_ = true;
        hashes_.clear();
        std::vector<std::uint64_t> sorted;
        for (auto& f : families_) {
            f.first_hash = hashes_.size();
            for (auto const& part : f.parts) {
                for_each_series_hash(*part, f.name_hash, hash_, secret_,
                                     [this](std::uint64_t series) { hashes_.push_back(series); });
            }
            if (f.skipped || !problem_.text.empty()) continue;
            sorted.assign(hashes_.begin() + static_cast<std::ptrdiff_t>(f.first_hash), hashes_.end());
            std::ranges::sort(sorted);
            if (auto const twice = std::ranges::adjacent_find(sorted); twice != sorted.end()) {
                problem_.text = describe(f, hash_position(f, *twice)) + " is pushed twice";
            }
        }
    }

    /// A series of a family, with all its labels, in words.
    [[nodiscard]] std::string describe(family_change const& f, std::size_t metric) const {
        for (auto const& part : f.parts) {
            if (metric >= part->metrics()) {
                metric -= part->metrics();
                continue;
            }
            label_block_reader reader(part->label_block().data());
            for (std::size_t i = 0; i <= metric; ++i) reader.next();
            std::vector<model::label> all(reader.labels().begin(), reader.labels().end());
            for (auto const& [name, value] : key_.pairs()) all.push_back({name, value});
            if (std::ranges::find(all, model::instance_label, &model::label::name) == all.end()) {
                all.push_back({model::instance_label, {}});
            }
            std::ranges::sort(all);
            return describe_series(f.name, all);
        }
        return describe_name(f.name);
    }

    [[nodiscard]] key_probe probe() const noexcept { return {key_, hash_}; }
    [[nodiscard]] push_mode mode() const noexcept { return mode_; }
    /// Which time of the group it sets.
    [[nodiscard]] time_series outcome() const noexcept { return outcome_; }
    [[nodiscard]] bool hashed() const noexcept { return hashed_; }
    [[nodiscard]] push_problem& problem() noexcept { return problem_; }
    /// True if a family of the push, or a label of one, has a name beyond the legacy set.
    [[nodiscard]] bool names_beyond_legacy() const noexcept { return names_beyond_legacy_; }
    /// The series that the push brings, or more: of a family that is named twice all count.
    [[nodiscard]] std::uint64_t most_series() const noexcept { return encoder_.series(); }

    /// What was pushed.
    [[nodiscard]] auto& families() noexcept { return families_; }

    /// The series hashes of a family, once they are computed.
    [[nodiscard]] std::span<std::uint64_t const> hashes(family_change const& f) const noexcept {
        std::size_t metrics = 0;
        for (auto const& part : f.parts) metrics += part->metrics();
        return std::span(hashes_).subspan(f.first_hash, metrics);
    }

private:
    [[nodiscard]] std::size_t hash_position(family_change const& f, std::uint64_t hash) const noexcept {
        auto const all = hashes(f);
        return static_cast<std::size_t>(std::ranges::find(all, hash) - all.begin());
    }

    model::grouping_key const& key_;
    key_hash hash_;
    hash_key const& secret_;
    push_mode mode_;
    time_series outcome_ = time_series::push;
    bool hashed_ = false;
    bool names_beyond_legacy_ = false;
    push_problem problem_;
    family_encoder encoder_;
    pushed_families families_;
    std::vector<std::uint64_t> hashes_;
    pushed_families refused_;  // kept to be freed without the lock

public:
    // What the push leaves to be done once the lock is released:
    ref<group_content> discarded;             ///< to be freed
    std::vector<std::string> notes;           ///< to be logged
    std::uint32_t group = group_table::none;  ///< the group found
};

}  // namespace pushgateway::store
