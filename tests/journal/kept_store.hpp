#pragma once

/// \file
/// A store over a file on a disk in memory, as a server has it, and what it holds as text.

#include <chrono>
#include <string>
#include <utility>

#include <pushgateway/base/clock.hpp>
#include <pushgateway/base/error.hpp>
#include <pushgateway/journal/sqlite/persistence_file.hpp>
#include <pushgateway/store/policies.hpp>
#include <pushgateway/store/store.hpp>

#include "compiled/store.hpp"
#include "journal/memory_disk.hpp"
#include "store/owned_families.hpp"
#include "support/describe_families.hpp"
#include "support/steered_policies.hpp"

namespace pushgateway::test {

/// All groups of a store, with every bit of what was pushed.
template <class Store>
std::string dump(Store const& store) {
    std::string text;
    auto const snapshot = store.groups();
    for (auto const group : snapshot.groups()) {
        text += "group";
        for (auto const& [name, value] : group.key()) text += ' ' + detail::show(name) + '=' + detail::show(value);
        text += ' ' + detail::show(group.push_time()) + ' ' + detail::show(group.push_failure_time()) + '\n';
        for (auto const& family : group.families()) {
            text += "  " + detail::show(family.name()) + ' ' + std::string(upper_case_name(family.type()));
            text += family.help() ? ' ' + detail::show(*family.help()) : "";
            text += " at " + std::to_string(family.pushed_at().time_since_epoch().count()) + '\n';
            family.for_each_metric([&text](model::metric const& metric) {
                text += "    ";
                for (auto const& [name, value] : metric.labels) {
                    text += detail::show(name) + '=' + detail::show(value) + ',';
                }
                std::visit([&text](auto const& v) { text += detail::show(v); }, metric.value);
                if (metric.details != nullptr) text += detail::show(*metric.details);
                text += '\n';
            });
        }
    }
    return text;
}

using journal_of_file = journal::sqlite::sqlite_journal;

struct kept_policies : steered_policies {
    using journal = journal_of_file;
};

/// A store that is opened on a file, like a server that starts; destroyed, it is closed in order.
class kept_store {
public:
    using store_type = store::basic_store<kept_policies>;

    kept_store(memory_disk& disk, manual_clock clock,
               journal::sqlite::sync_mode sync = journal::sqlite::sync_mode::always, bool check = true);

    /// Reads the file and begins to take changes.
    result<> open();

    store_type& operator*() noexcept { return store_; }
    store_type* operator->() noexcept { return &store_; }

private:
    journal::sqlite::file_options options_;
    journal_of_file journal_;
    store_type store_;
};

/// What a file on the disk holds.
result<std::string> kept_on(memory_disk& disk);

}  // namespace pushgateway::test

extern template class pushgateway::store::basic_store<pushgateway::test::kept_policies>;
