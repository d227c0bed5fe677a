#pragma once

/// \file
/// A store that is easy to believe: everything in one map, every rule checked over all of it after every push.

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <pushgateway/base/clock.hpp>
#include <pushgateway/base/limits.hpp>
#include <pushgateway/base/utf8.hpp>
#include <pushgateway/format/text/write.hpp>
#include <pushgateway/model/grouping_key.hpp>
#include <pushgateway/store/store.hpp>

#include "store/owned_families.hpp"

namespace pushgateway::test {

struct naive_family {
    owned_family content;  ///< labels complete and sorted
    timestamp pushed_at;
};

struct naive_group {
    std::map<std::string, naive_family> families;
    double push_time = 0;
    double failure_time = 0;
};

using naive_groups = std::map<model::grouping_key, naive_group>;

inline bool naive_bad_label(std::string const& name, std::string const& value) {
    return name.empty() || name.substr(0, 2) == "__" || !valid_utf8(name) || !valid_utf8(value);
}

inline bool naive_bad_key(model::grouping_key const& key) {
    return std::ranges::any_of(key.pairs(), [](auto const& p) { return naive_bad_label(p.first, p.second); });
}

/// Labels as the store keeps them. Of a name that stands twice, both remain, unless the key has it.
inline label_pairs naive_merge(model::grouping_key const& key, label_pairs const& pushed) {
    label_pairs all(key.pairs().begin(), key.pairs().end());
    for (auto const& label : pushed) {
        if (key.find(label.first) == nullptr) all.push_back(label);
    }
    if (std::ranges::none_of(all, [](auto const& l) { return l.first == "instance"; }))
        all.emplace_back("instance", "");
    std::ranges::sort(all);
    return all;
}

/// To Prometheus, a label without a value is none.
inline label_pairs naive_without_empty(label_pairs labels) {
    std::erase_if(labels, [](auto const& label) { return label.second.empty(); });
    return labels;
}

/// True if two quantiles or buckets have one bound.
inline bool naive_bad_points(owned_family const& family, owned_metric const& metric) {
    if (family.type != model::metric_type::summary && !model::has_buckets(family.type)) return false;
    std::set<std::string> bounds;
    return !std::ranges::all_of(metric.points, [&](auto const& point) {
        std::string text;
        append_float(text, point.first);
        return bounds.insert(text).second;
    });
}

/// Of equal bounds the first is taken.
inline void naive_drop_points(owned_metric& metric) {
    std::vector<std::pair<double, double>> kept;
    for (auto const& point : metric.points) {
        if (std::ranges::find(kept, point.first, [](auto const& k) { return k.first; }) == kept.end())
            kept.push_back(point);
    }
    metric.points = kept;
}

inline bool naive_bad_series(owned_family const& family, label_pairs const& labels) {
    std::set<std::string> names;
    for (auto const& [name, value] : labels) {
        if (naive_bad_label(name, value) || !names.insert(name).second) return true;
        if (family.type == model::metric_type::summary && name == "quantile") return true;
        if (model::has_buckets(family.type) && name == "le") return true;
    }
    return false;
}

/// The series of some exposition, as far as they can contradict each other.
class naive_exposition {
public:
    void add_family(std::string const& name, model::metric_type type) { types_[name].insert(type); }
    void add_series(std::string const& name, label_pairs const& labels) {
        if (!series_.emplace(name, naive_without_empty(labels)).second) duplicate_ = true;
    }

    [[nodiscard]] bool consistent() const {
        if (duplicate_) return false;
        for (auto const& [name, types] : types_) {
            bool histogram = types.contains(model::metric_type::histogram);
            bool const mixed = histogram && types.contains(model::metric_type::gauge_histogram) && types.size() == 2;
            if (types.size() != 1 && !mixed) return false;
            auto const type = *types.begin();
            histogram = histogram || model::has_buckets(type);
            if (histogram || type == model::metric_type::summary) {
                if (types_.contains(name + "_count") || types_.contains(name + "_sum")) return false;
            }
            if (histogram && types_.contains(name + "_bucket")) return false;
        }
        return true;
    }

private:
    std::map<std::string, std::set<model::metric_type>> types_;
    std::set<std::pair<std::string, label_pairs>> series_;
    bool duplicate_ = false;
};

inline std::size_t naive_lines(owned_family const& family, owned_metric const& metric) {
    std::string text;
    owned_source::with_view({family.name, {}, family.type, {metric}}, [&text](model::metric_family const& f) {
        format::text::append_metric(text, f.name, f.type, f.metrics[0]);
    });
    return static_cast<std::size_t>(std::ranges::count(text, '\n'));
}

class naive_store {
public:
    struct reserved {
        std::string help;
        model::metric_type type;
    };

    enum class verdict { accepted, inconsistent, too_many_groups, too_many_series };

    explicit naive_store(bool check, limits const& bounds = {}) : check_(check), bounds_(bounds) {}

    void reserve(std::string const& name, std::string const& help, model::metric_type type) {
        reserved_[name] = {help, type};
    }

    verdict push(model::grouping_key const& key, push_mode mode, std::vector<owned_family> const& pushed,
                 timestamp now) {
        bool sound = !check_ || !naive_bad_key(key);
        std::map<std::string, owned_family> last;
        for (auto const& family : pushed) {
            for (auto const& metric : family.metrics) sound = sound && !metric.timestamp_ms;
            if (family.name == "push_time_seconds" || family.name == "push_failure_time_seconds") continue;
            auto& merged = last[family.name] = family;
            for (auto& metric : merged.metrics) {
                if (check_ && stands_twice(metric.labels)) sound = false;
                metric.labels = naive_merge(key, metric.labels);
                if (check_ && naive_bad_series(family, metric.labels)) sound = false;
                if (check_ && naive_bad_points(family, metric)) sound = false;
                naive_drop_points(metric);
            }
        }

        auto candidate = groups_;
        auto& group = candidate[key];
        if (mode == push_mode::replace) group.families.clear();
        for (auto const& [name, family] : last) {
            group.families[name] = {family, now};
            if (check_ && has_twins(family)) sound = false;
        }
        auto result = verdict::accepted;
        if (!sound) {
            result = verdict::inconsistent;
        } else if (auto const excess = excess_of(candidate, key); excess != verdict::accepted) {
            result = excess;
        } else if (check_ && !all_of(candidate).consistent()) {
            result = verdict::inconsistent;
        }
        ++verdicts_[result];
        if (result == verdict::accepted) {
            groups_ = std::move(candidate);
            groups_[key].push_time = unix_seconds(now);
            times_[key].first = now;
            if (!times_[key].second) times_[key].second = now;
        } else if (groups_.contains(key) || (result == verdict::inconsistent && has_room_for_failure(key))) {
            groups_[key].failure_time = unix_seconds(now);
            times_[key].second = now;
            if (!times_[key].first) times_[key].first = now;
        }
        return result;
    }

    /// How many pushes came to this end.
    [[nodiscard]] std::size_t count(verdict v) const {
        auto const at = verdicts_.find(v);
        return at == verdicts_.end() ? 0 : at->second;
    }

    /// The sample lines of a group: of what was pushed, and of its two times.
    [[nodiscard]] static std::size_t series_of(naive_group const& group) {
        std::size_t lines = 2;
        for (auto const& [name, family] : group.families) {
            for (auto const& metric : family.content.metrics) lines += naive_lines(family.content, metric);
        }
        return lines;
    }

    [[nodiscard]] static std::size_t series_of(naive_groups const& groups) {
        std::size_t lines = 0;
        for (auto const& [key, group] : groups) lines += series_of(group);
        return lines;
    }

    bool erase(model::grouping_key const& key) {
        times_.erase(key);
        return groups_.erase(key) != 0;
    }

    void wipe() {
        groups_.clear();
        times_.clear();
    }

    [[nodiscard]] naive_groups const& groups() const { return groups_; }
    [[nodiscard]] std::map<std::string, reserved> const& reserved_families() const { return reserved_; }

    /// The families of a group with its two times.
    [[nodiscard]] std::map<std::string, naive_family> families(model::grouping_key const& key) const {
        auto const& group = groups_.at(key);
        auto all = group.families;
        auto const& [pushed, failed] = times_.at(key);
        all["push_time_seconds"] =
            time_family(key, "push_time_seconds", store::push_time_help, group.push_time, *pushed);
        all["push_failure_time_seconds"] =
            time_family(key, "push_failure_time_seconds", store::push_failure_time_help, group.failure_time, *failed);
        return all;
    }

    /// The exposition, if nothing clashes but groups whose key no scrape may show.
    [[nodiscard]] std::string scrape() const {
        std::map<std::string, std::vector<owned_family>> by_name;
        for (auto const& [key, group] : groups_) {
            if (naive_bad_key(key)) continue;
            for (auto const& [name, family] : families(key)) by_name[name].push_back(family.content);
        }
        std::string text;
        for (auto const& [name, families] : by_name) {
            std::optional<std::string> help;
            bool empty = true;
            for (auto const& f : families) {
                if (!help) help = f.help;
                empty = empty && f.metrics.empty();
            }
            if (empty) continue;
            if (auto const own = reserved_.find(name); own != reserved_.end()) help = own->second.help;
            if (name == "push_time_seconds") help = store::push_time_help;
            if (name == "push_failure_time_seconds") help = store::push_failure_time_help;
            std::optional<std::string_view> help_view;
            if (help) help_view = *help;
            format::text::append_header(text, name, help_view, families.front().type);
            for (auto const& family : families) {
                owned_source::with_view(family, [&text](model::metric_family const& f) {
                    for (auto const& metric : f.metrics) format::text::append_metric(text, f.name, f.type, metric);
                });
            }
        }
        return text;
    }

    [[nodiscard]] naive_exposition empty_exposition() const {
        naive_exposition all;
        for (auto const& [name, own] : reserved_) all.add_family(name, own.type);
        return all;
    }

private:
    /// What limit `candidate` breaks, in which only the group `key` differs.
    [[nodiscard]] verdict excess_of(naive_groups const& candidate, model::grouping_key const& key) const {
        if (bounds_.groups != 0 && candidate.size() > groups_.size() && candidate.size() > bounds_.groups) {
            return verdict::too_many_groups;
        }
        auto const before = groups_.find(key);
        bool const grows = before == groups_.end() || series_of(candidate.at(key)) > series_of(before->second);
        if (bounds_.series != 0 && grows && series_of(candidate) > bounds_.series) return verdict::too_many_series;
        return verdict::accepted;
    }

    [[nodiscard]] bool has_room_for_failure(model::grouping_key const& key) const {
        auto candidate = groups_;
        candidate[key] = {};
        return excess_of(candidate, key) == verdict::accepted && (!check_ || all_of(candidate).consistent());
    }

    [[nodiscard]] static bool has_twins(owned_family const& family) {
        std::set<label_pairs> seen;
        return !std::ranges::all_of(family.metrics,
                                    [&](auto const& m) { return seen.insert(naive_without_empty(m.labels)).second; });
    }

    [[nodiscard]] static bool stands_twice(label_pairs const& labels) {
        std::set<std::string> names;
        return !std::ranges::all_of(labels, [&](auto const& l) { return names.insert(l.first).second; });
    }

    [[nodiscard]] naive_exposition all_of(naive_groups const& groups) const {
        auto all = empty_exposition();
        for (auto const& [key, group] : groups) {
            for (auto const* time : {"push_time_seconds", "push_failure_time_seconds"}) {
                if (naive_bad_key(key)) continue;
                all.add_family(time, model::metric_type::gauge);
                all.add_series(time, naive_merge(key, {}));
            }
            for (auto const& [name, family] : group.families) {
                all.add_family(name, family.content.type);
                for (auto const& metric : family.content.metrics) all.add_series(name, metric.labels);
            }
        }
        return all;
    }

    [[nodiscard]] static naive_family time_family(model::grouping_key const& key, std::string const& name,
                                                  std::string_view help, double value, timestamp at) {
        owned_metric metric;
        metric.labels = naive_merge(key, {});
        metric.value = value;
        return {{name, std::string(help), model::metric_type::gauge, {metric}}, at};
    }

    bool check_;
    limits bounds_;
    std::map<verdict, std::size_t> verdicts_;
    naive_groups groups_;
    std::map<model::grouping_key, std::pair<std::optional<timestamp>, std::optional<timestamp>>> times_;
    std::map<std::string, reserved> reserved_;
};

}  // namespace pushgateway::test
