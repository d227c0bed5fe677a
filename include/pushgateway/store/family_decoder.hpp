#pragma once

/// \file
/// From a stored family back to metrics with their full label sets.

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>

#include <boost/container/small_vector.hpp>

#include <pushgateway/model/label.hpp>
#include <pushgateway/model/metric.hpp>
#include <pushgateway/model/metric_family.hpp>
#include <pushgateway/store/label_block.hpp>
#include <pushgateway/store/rich_values.hpp>
#include <pushgateway/store/stored_family.hpp>

namespace pushgateway::store {

/// Joins a series' own labels with those of its group, and with `instance=""` if neither has an `instance`.
class label_merger {
public:
    explicit label_merger(stored_key const& key) noexcept : key_(key) {}

    /// The full label set, sorted by name. `own` is sorted; `renamed` must be true if its names differ from those of
    /// the call before.
    [[nodiscard]] model::labels merge(model::labels own, bool renamed) {
        if (renamed) arrange(own);
        for (std::size_t i = 0; i != own.size(); ++i) all_[places_[i]].value = own[i].value;
        return {all_.data(), all_.size()};
    }

private:
    void arrange(model::labels own) {
        all_.clear();
        places_.clear();
        bool implied = !key_.has_instance();
        for (auto const& label : own) implied = implied && label.name != model::instance_label;

        auto const group = key_.pairs();
        auto from_group = group.begin();
        auto const put_before = [&](std::string_view name, bool last) {
            for (;;) {
                bool const group_next = from_group != group.end() && (last || from_group->name < name);
                bool const instance_next = implied && (last || model::instance_label < name);
                if (instance_next && (!group_next || model::instance_label < from_group->name)) {
                    all_.push_back({model::instance_label, {}});
                    implied = false;
                } else if (group_next) {
                    all_.push_back(*from_group++);
                } else {
                    return;
                }
            }
        };
        for (auto const& label : own) {
            put_before(label.name, false);
            places_.push_back(all_.size());
            all_.push_back(label);
        }
        put_before({}, true);
    }

    stored_key const& key_;
    boost::container::small_vector<model::label, 16> all_;
    boost::container::small_vector<std::size_t, 16> places_;
};

namespace detail {

/// Reads one value of a family of type `type` and moves `at` behind it. Points are not copied.
[[nodiscard]] inline model::metric_value take_value(model::metric_type type, std::uint64_t const*& at) noexcept {
    auto const number = [&at] { return std::bit_cast<double>(*at++); };
    switch (type) {
        case model::metric_type::counter: return model::counter{number()};
        case model::metric_type::gauge: return model::gauge{number()};
        case model::metric_type::untyped: return model::untyped{number()};
        case model::metric_type::summary:
        case model::metric_type::histogram:
        case model::metric_type::gauge_histogram: break;
    }
    auto const head = *at++;
    auto const points = static_cast<std::size_t>(head / 2);
    bool const floats = head % 2 != 0;
    auto const count = *at++;
    double const sum = number();
    auto const* const first = at;
    at += points * 2;
    if (type == model::metric_type::summary) {
        static_assert(sizeof(model::quantile) == 16);
        return model::summary{count, sum, {reinterpret_cast<model::quantile const*>(first), points}};
    }
    static_assert(sizeof(model::bucket) == 16 && sizeof(model::float_bucket) == 16);
    if (floats) {
        return model::float_histogram{
            std::bit_cast<double>(count), sum, {reinterpret_cast<model::float_bucket const*>(first), points}};
    }
    return model::histogram{count, sum, {reinterpret_cast<model::bucket const*>(first), points}};
}

}  // namespace detail

/// Reads the values of a part, metric by metric.
class value_reader {
public:
    explicit value_reader(stored_family const& family) noexcept
        : type_(family.meta().type), at_(family.values()), rich_(family.rich()) {}

    /// The next metric, which must exist, without its labels. It lives until the next call.
    [[nodiscard]] model::metric next() {
        model::metric metric;
        metric.value = detail::take_value(type_, at_);
        if (rich_) rest_.read(at_, metric);
        return metric;
    }

private:
    model::metric_type type_;
    std::uint64_t const* at_;
    bool rich_;
    rich_reader rest_;
};

/// Calls `visit(model::metric const&)` for every metric, in the order pushed, with its full and sorted label set.
/// Strings and points belong to `family`, the label array and the details to the call.
template <class Visit>
void for_each_metric(stored_family const& family, Visit&& visit) {
    label_block_reader reader(family.label_block().data());
    label_merger merger(family.key());
    value_reader values(family);
    for (std::uint32_t i = 0; i != family.metrics(); ++i) {
        bool const renamed = reader.next();
        auto metric = values.next();
        metric.labels = merger.merge(reader.labels(), renamed);
        visit(static_cast<model::metric const&>(metric));
    }
}

/// As above, without the labels of the group and what they imply.
template <class Visit>
void for_each_own_metric(stored_family const& family, Visit&& visit) {
    label_block_reader reader(family.label_block().data());
    value_reader values(family);
    for (std::uint32_t i = 0; i != family.metrics(); ++i) {
        reader.next();
        auto metric = values.next();
        metric.labels = reader.labels();
        visit(static_cast<model::metric const&>(metric));
    }
}

/// Calls `visit(std::uint64_t)` with the series hash of every metric, in order. `name` is the hash of the family's
/// name. The `instance=""` that is implied is a label without a value, which makes no difference.
template <class Visit>
void for_each_series_hash(stored_family const& family, std::uint64_t name, key_hash group, hash_key const& secret,
                          Visit&& visit) {
    label_block_reader reader(family.label_block().data());
    boost::container::small_vector<std::uint64_t, 16> names;
    for (std::uint32_t i = 0; i != family.metrics(); ++i) {
        if (reader.next()) {
            names.clear();
            for (auto const& label : reader.labels()) names.push_back(hash_bytes(label.name, secret));
        }
        std::uint64_t sum = group.labels;
        auto const labels = reader.labels();
        for (std::size_t k = 0; k != labels.size(); ++k) sum += label_hash(names[k], labels[k].value, secret);
        visit(series_hash(name, sum, secret));
    }
}

/// As above, of a family that is in the store.
template <class Visit>
void for_each_series_hash(stored_family const& family, std::uint64_t name, hash_key const& secret, Visit&& visit) {
    for_each_series_hash(family, name, family.key().hash(), secret, visit);
}

}  // namespace pushgateway::store
