#pragma once

/// \file
/// A fixed sequence of changes that touches everything a journal writes.

#include <cstddef>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include <pushgateway/base/error.hpp>
#include <pushgateway/model/grouping_key.hpp>
#include <pushgateway/store/change.hpp>

#include "store/owned_families.hpp"

namespace pushgateway::test {

/// Calls every step with a store, until one returns false. A step makes one change and returns what became of it.
template <class Store>
std::vector<std::function<result<>(Store&)>> scenario() {
    using enum model::metric_type;
    using families = std::vector<owned_family>;
    auto const gauge_family = [](std::string name, double value) {
        return owned_family{std::move(name), "help of it", gauge, {{{{"l", "1"}}, value}, {{{"l", "2"}}, value + 1}}};
    };
    auto const push = [](model::grouping_key key, push_mode mode, families pushed) {
        return std::function<result<>(Store&)>(
            [=](Store& store) { return store.push(key, mode, owned_source(pushed)); });
    };
    auto const job = [](int i) { return model::grouping_key("job" + std::to_string(i)).set("l\"\n", "v\\"); };
    auto const wide = [](int n) {
        owned_family family{"wide", std::nullopt, counter, {}};
        for (int i = 0; i != n; ++i) {
            family.metrics.push_back({{{"number", std::to_string(i)}, {"text", std::string(40, 'x')}}, double(i)});
        }
        return family;
    };
    owned_family summary_family{"s", "", summary, {{{}, 2.5, 7, {{0.5, -0.0}, {0.9, 3}}}}};
    owned_family histogram_family{"h", std::nullopt, histogram, {{{}, 2.5, 7, {{1, 3}, {2, 7}}}}};
    owned_family floats{"f", std::nullopt, gauge_histogram, {{{}, 1, 7, {{1, 0.5}}, true}}};
    owned_family odd{"odd", std::nullopt, untyped, {{{}, std::numeric_limits<double>::infinity()}}};

    std::vector<std::function<result<>(Store&)>> steps;
    steps.push_back(push(job(1), push_mode::replace, {gauge_family("a", 1), summary_family}));
    steps.push_back(push(job(2), push_mode::update, {histogram_family, floats, odd}));
    steps.push_back(push(job(1), push_mode::update, {gauge_family("a", 2)}));
    steps.push_back(push(job(1), push_mode::replace, {gauge_family("b", 2)}));
    steps.push_back(push(job(3), push_mode::replace, {wide(900)}));
    steps.push_back(push(job(3), push_mode::replace, {wide(300), gauge_family("a", 9)}));
    // Refused: another type.
    steps.push_back(push(job(2), push_mode::update, {{"a", std::nullopt, counter, {{{}, 1}}}}));
    steps.push_back([job](Store& store) -> result<> {
        auto const erased = store.erase(job(1));
        if (!erased) return std::unexpected(erased.error());
        return {};
    });
    steps.push_back(push(job(1), push_mode::update, {gauge_family("c", 1)}));
    steps.push_back([](Store& store) { return store.wipe(); });
    steps.push_back(push(job(4), push_mode::replace, {gauge_family("a", 4), wide(100)}));
    steps.push_back(push(job(5), push_mode::replace, {}));
    return steps;
}

}  // namespace pushgateway::test
