#pragma once

/// \file
/// From a function with a completion to one that returns.

#include <condition_variable>
#include <mutex>
#include <optional>
#include <utility>

#include <pushgateway/base/error.hpp>
#include <pushgateway/store/journal_record.hpp>

namespace pushgateway::store::detail {

/// Calls `begin(completion)` and waits for what the completion is told.
template <class Begin>
[[nodiscard]] result<> wait_for(Begin&& begin) {
    std::mutex mutex;
    std::condition_variable told;
    std::optional<result<>> outcome;
    begin([&](result<> what) {
        // Notified under the lock: the one who waits may end all this as soon as it has it.
        std::scoped_lock const lock(mutex);
        outcome = std::move(what);
        told.notify_one();
    });
    std::unique_lock lock(mutex);
    told.wait(lock, [&] { return outcome.has_value(); });
    return *std::move(outcome);
}

}  // namespace pushgateway::store::detail
