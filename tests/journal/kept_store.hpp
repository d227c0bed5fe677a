#pragma once

/// \file
/// A store over a file on a disk in memory, as a server has it, and what it holds as text.

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <pushgateway/base/clock.hpp>
#include <pushgateway/base/error.hpp>
#include <pushgateway/journal/sqlite/persistence_file.hpp>
#include <pushgateway/store/policies.hpp>
#include <pushgateway/store/store.hpp>

#include "journal/memory_disk.hpp"
#include "store/owned_families.hpp"
#include "support/describe_families.hpp"

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
                text += '\n';
            });
        }
    }
    return text;
}

using journal_of_file = journal::sqlite::sqlite_journal;

template <class Consistency>
struct kept_policies : default_policies {
    using clock = manual_clock;
    using consistency = Consistency;
    using journal = journal_of_file;
};

/// A store that is opened on a file, like a server that starts; destroyed, it is closed in order.
template <class Consistency = checked>
class kept_store {
public:
    using store_type = store::basic_store<kept_policies<Consistency>>;

    kept_store(memory_disk& disk, manual_clock clock,
               journal::sqlite::sync_mode sync = journal::sqlite::sync_mode::always)
        : store_(std::move(clock), {}, {}, {}, journal_) {
        options_.path = "kept.db";
        options_.vfs = disk.name();
        options_.lock = false;
        options_.sync = sync;
        options_.checkpoint_pages = 20;
    }

    /// Reads the file and begins to take changes.
    result<> open() {
        auto file = journal::sqlite::persistence_file::claim(options_);
        if (!file) return std::unexpected(file.error());
        if (auto done = file->open(); !done) return done;
        if (auto done = file->examine(); !done) return done;
        if (auto done = file->restore(store_, {}); !done) return done;
        auto keeper = file->make_keeper();
        if (!keeper) return std::unexpected(std::move(keeper.error()));
        return journal_.open(*std::move(keeper));
    }

    store_type& operator*() noexcept { return store_; }
    store_type* operator->() noexcept { return &store_; }

private:
    journal::sqlite::file_options options_;
    journal_of_file journal_;
    store_type store_;
};

/// What a file on the disk holds.
inline result<std::string> kept_on(memory_disk& disk) {
    kept_store<> kept(disk, manual_clock());
    if (auto opened = kept.open(); !opened) return std::unexpected(opened.error());
    return dump(*kept);
}

}  // namespace pushgateway::test
