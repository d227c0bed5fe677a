// Random changes, faults and restarts: a store with a file against one without, bit by bit.

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "journal/kept_store.hpp"
#include "journal/memory_disk.hpp"
#include "store/generators.hpp"

namespace pushgateway::test {
namespace {

/// Carries an operation out. False if it could not be kept.
template <class Store>
bool carry_out(Store& store, operation const& op) {
    switch (op.what) {
        case operation::kind::push:
        case operation::kind::repeat: {
            auto const pushed = store.push(op.key, op.mode, owned_source(op.families));
            return pushed || pushed.error().code != errc::unavailable;
        }
        case operation::kind::erase:
            if constexpr (Store::keeps) return store.erase(op.key).has_value();
            store.erase(op.key);
            return true;
        case operation::kind::wipe:
            if constexpr (Store::keeps) return store.wipe().has_value();
            store.wipe();
            return true;
    }
    return true;
}

template <class Store>
std::string shown(Store const& store) {
    std::string text;
    store.scrape().append_to(text);
    return text;
}

void check_against_twin(bool check) {
    memory_disk disk;
    manual_clock clock;
    store::basic_store<steered_policies> twin(clock, {check});
    auto const opened = [&] {
        auto store = std::make_unique<kept_store>(disk, clock, journal::sqlite::sync_mode::always, check);
        RC_ASSERT(store->open().has_value());
        return store;
    };
    auto kept = opened();
    repertoire r;
    for (auto const& op : random_operations(r)) {
        clock.advance(std::chrono::milliseconds(*rc::gen::inRange(1, 2000)));
        switch (*rc::gen::inRange(0, 12)) {
            case 0:
                kept.reset();
                kept = opened();
                RC_ASSERT(dump(**kept) == dump(twin));
                break;
            case 1: disk.fail_after(*rc::gen::inRange<std::uint64_t>(0, 6), *rc::gen::arbitrary<bool>()); break;
            default: break;
        }
        auto const faults = disk.failed();
        auto const before = dump(**kept);
        bool const done = carry_out(**kept, op);
        // A push that is refused for what it says is told that, also if the time of its failure could not be kept.
        if (done && (disk.failed() == faults || dump(**kept) != before)) carry_out(twin, op);
        disk.heal();
        RC_ASSERT(dump(**kept) == dump(twin));
        // Unchecked, which of two clashing series is shown depends on their order, which neither a restart nor an
        // undone change keeps.
        if (check) RC_ASSERT(shown(**kept) == shown(twin));
        RC_ASSERT((*kept)->statistics().series + (*kept)->statistics().clashing_series ==
                  twin.statistics().series + twin.statistics().clashing_series);
        RC_ASSERT((*kept)->statistics().bytes == twin.statistics().bytes);
    }
}

RC_GTEST_PROP(sqlite_model, checked_store_equals_its_twin_through_faults_and_restarts, ()) { check_against_twin(true); }

RC_GTEST_PROP(sqlite_model, unchecked_store_holds_what_its_twin_holds, ()) { check_against_twin(false); }

}  // namespace
}  // namespace pushgateway::test
