#pragma once

/// \file
/// What becomes of a prepared push if something fails before it is applied.

#include <memory>

#include <pushgateway/store/change.hpp>
#include <pushgateway/store/state.hpp>

namespace pushgateway::store {

/// Undoes what is prepared if memory runs out before it is applied.
struct release_on_failure {
    std::unique_ptr<state>& of;  // a wipe may exchange it while the lock is not held
    change& prepared;
    bool done = false;

    ~release_on_failure() {
        if (!done) of->release(prepared);
    }
};

}  // namespace pushgateway::store
