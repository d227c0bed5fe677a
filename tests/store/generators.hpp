#pragma once

/// \file
/// Random operations on a store, from so few names, labels and types that they get into each other's way.

#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

#include <rapidcheck.h>

#include <pushgateway/model/grouping_key.hpp>
#include <pushgateway/store/change.hpp>

#include "store/owned_families.hpp"

namespace pushgateway::test {

struct operation {
    enum class kind : std::uint8_t { push, repeat, erase, wipe } what = kind::push;
    model::grouping_key key{"a"};
    push_mode mode = push_mode::replace;
    std::vector<owned_family> families;
};

inline std::ostream& operator<<(std::ostream& out, operation const& op) {
    static constexpr char const* names[] = {"push", "repeat", "erase", "wipe"};
    out << "\n  " << names[static_cast<int>(op.what)] << (op.mode == push_mode::replace ? " PUT" : " POST");
    for (auto const& [name, value] : op.key.pairs()) out << ' ' << name << '=' << value;
    for (auto const& family : op.families) out << "\n    " << family;
    return out;
}

inline std::vector<std::string> const all_names{"x",
                                                "x_count",
                                                "x_sum",
                                                "x_bucket",
                                                "y",
                                                "y_count",
                                                "gateway_thing",
                                                "push_time_seconds",
                                                "push_failure_time_seconds"};

/// What the random operations may contain.
struct repertoire {
    bool damaged = true;         ///< labels, keys and timestamps that are never acceptable
    bool empty_instance = true;  ///< groups whose own times are the same series as those of another group
    bool empty_families = true;
    bool clashes = true;
    std::vector<std::string> names = all_names;
    int jobs = 2;
};

inline model::grouping_key random_key(repertoire const& r) {
    model::grouping_key key(*rc::gen::inRange(0, r.jobs) == 0 ? "a" : "b");
    switch (*rc::gen::inRange(0, r.empty_instance ? 8 : 6)) {
        case 0: key.set("l", "1"); break;
        case 1: key.set("l", "2"); break;
        case 2: key.set("instance", "i"); break;
        case 3: key.set("l", "1").set("instance", "i"); break;
        case 6: key.set("instance", ""); break;
        case 7: key.set("l", ""); break;
        default: break;
    }
    if (r.damaged && *rc::gen::inRange(0, 30) == 0) key.set("l", "\xff");
    if (r.damaged && *rc::gen::inRange(0, 15) == 0) key.set(*rc::gen::arbitrary<bool>() ? "quantile" : "le", "q");
    return key;
}

inline owned_metric random_metric(model::metric_type type, repertoire const& r) {
    owned_metric metric;
    auto const add = [&](char const* name, std::vector<std::string> const& values) {
        if (*rc::gen::inRange(0, 3) == 0) metric.labels.emplace_back(name, *rc::gen::elementOf(values));
    };
    if (r.clashes) {
        add("l", {"", "1", "2"});
        add("instance", {"", "i"});
        add("job", {"z"});
    }
    add("m", r.clashes ? std::vector<std::string>{"", "1", "2", "3"} : std::vector<std::string>{"1", "2", "3"});
    if (r.damaged) {
        switch (*rc::gen::inRange(0, 100)) {
            case 0: metric.labels.emplace_back("quantile", "1"); break;
            case 1: metric.labels.emplace_back("l", "1"); break;
            case 2: metric.labels.emplace_back("m", "\xc3"); break;
            case 3: metric.labels.emplace_back("__x", "1"); break;
            case 4: metric.labels.emplace_back("job", "y"); break;
            case 5: metric.timestamp_ms = 5; break;
            default: break;
        }
    }
    metric.value = *rc::gen::inRange(0, 4);
    if (type == model::metric_type::summary || model::has_buckets(type)) {
        metric.count = *rc::gen::inRange<std::uint64_t>(0, 9);
        double const last = *rc::gen::element(2.0, std::numeric_limits<double>::infinity());
        if (*rc::gen::inRange(0, 2) == 0) metric.points = {{0.5, 1}, {last, 3}};
        if (r.damaged && *rc::gen::inRange(0, 20) == 0) metric.points = {{1, 1}, {last, 2}, {1, 3}};
        metric.floats = model::has_buckets(type) && *rc::gen::inRange(0, 4) == 0;
    }
    return metric;
}

inline owned_family random_family(repertoire const& r) {
    owned_family family;
    family.name = *rc::gen::elementOf(r.names);
    if (*rc::gen::inRange(0, 2) == 0) family.help = *rc::gen::element<std::string>("", "help", "other help");
    // Mostly one of few types per name, so that enough pushes are accepted.
    auto const sometimes =
        r.clashes && *rc::gen::inRange(0, 3) == 0 ? model::metric_type::histogram : model::metric_type::counter;
    auto const usual = family.name == "x"                ? sometimes
                       : family.name == "y" && r.clashes ? model::metric_type::summary
                                                         : model::metric_type::gauge;
    bool const other = r.clashes && *rc::gen::inRange(0, 6) == 0;
    family.type = other ? static_cast<model::metric_type>(*rc::gen::inRange(0, 6)) : usual;
    auto const metrics = *rc::gen::inRange(r.empty_families ? 0 : 1, 4);
    for (int i = 0; i != metrics; ++i) {
        auto metric = random_metric(family.type, r);
        if (!r.clashes) metric.labels = {{"m", std::to_string(i)}};
        family.metrics.push_back(std::move(metric));
    }
    return family;
}

inline std::vector<owned_family> random_families(repertoire const& r) {
    std::vector<owned_family> families(*rc::gen::inRange<std::size_t>(0, 4));
    for (auto& family : families) family = random_family(r);
    return families;
}

/// A sequence of operations. Some repeat what was pushed before with other values, as batch jobs do.
/// Each sequence draws from fewer names and groups than there are, so that some sequences dwell on a few of them.
inline std::vector<operation> random_operations(repertoire r) {
    r.jobs = *rc::gen::inRange(1, 3);
    auto const offset = *rc::gen::inRange<std::size_t>(0, all_names.size());
    auto const kept = *rc::gen::inRange<std::size_t>(2, all_names.size() + 1);
    r.names.clear();
    for (std::size_t i = 0; i != kept; ++i) r.names.push_back(all_names[(offset + i) % all_names.size()]);
    std::vector<operation> operations;
    auto const count = *rc::gen::inRange(1, 40);
    for (int i = 0; i != count; ++i) {
        operation op;
        auto const dice = *rc::gen::inRange(0, 40);
        if (dice == 0) {
            op.what = operation::kind::wipe;
        } else if (dice < 6) {
            op.what = operation::kind::erase;
        } else if (dice < 16 && !operations.empty()) {
            op = operations[*rc::gen::inRange<std::size_t>(0, operations.size())];
            if (op.what == operation::kind::push) op.what = operation::kind::repeat;
            for (auto& family : op.families) {
                for (auto& metric : family.metrics) metric.value += 1;
            }
            operations.push_back(op);
            continue;
        }
        op.key = random_key(r);
        op.mode = *rc::gen::element(push_mode::replace, push_mode::update);
        if (op.what == operation::kind::push) op.families = random_families(r);
        operations.push_back(op);
    }
    return operations;
}

}  // namespace pushgateway::test
