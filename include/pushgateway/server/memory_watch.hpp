#pragma once

/// \file
/// Measures now and then what the process takes, and makes it less when it can.

#include <algorithm>
#include <array>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include <unistd.h>

#include <pushgateway/base/memory.hpp>
#include <pushgateway/base/memory_budget.hpp>
#include <pushgateway/server/freed_memory.hpp>

namespace pushgateway::server {

/// The memory of this process that nothing but itself could read anew, in bytes; 0 if that is not known.
[[nodiscard]] inline std::uint64_t anonymous_memory() noexcept {
    auto* const file = std::fopen("/proc/self/statm", "re");
    if (file == nullptr) return 0;
    std::array<char, 128> text{};
    bool const read = std::fgets(text.data(), text.size(), file) != nullptr;
    std::fclose(file);
    // All pages, those that are in memory, and those of them that are of files.
    char* at = text.data();
    std::strtoul(at, &at, 10);
    auto const resident = std::strtoul(at, &at, 10);
    auto const shared = std::strtoul(at, &at, 10);
    if (!read || resident < shared) return 0;
    return std::uint64_t{resident - shared} * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

/// Decides when memory that is free again goes back to the system: soon when it is needed, and otherwise once it has
/// been free for a while, so that what is needed again at once is not given back and demanded all the time.
class freed_memory_policy {
public:
    /// `limit`: on the memory, in bytes, or 0. A 64th of it is not worth the work, nor is less than 8 MiB without one.
    explicit freed_memory_policy(std::uint64_t limit = 0) noexcept
        : slack_(limit == 0 ? most_slack : std::min(most_slack, limit / 64)) {}

    /// To be asked at every tick. `used`: what is allocated, `beyond`: what the process takes and nobody uses, in
    /// bytes.
    [[nodiscard]] bool gives_back(std::uint64_t used, std::uint64_t beyond, bool short_of_memory) noexcept {
        // Where much was freed since, more of it can be had.
        least_ = std::min(used + slack_ < used_ ? 0 : least_, beyond);
        ticks_ = beyond > least_ + slack_ ? ticks_ + 1 : 0;
        return ticks_ >= (short_of_memory ? 1U : patience);
    }

    /// What of `beyond` cannot be had, as far as is known.
    [[nodiscard]] std::uint64_t least() const noexcept { return least_; }

    /// To be told how much is left after it was given back: that cannot be had.
    void given_back(std::uint64_t used, std::uint64_t beyond) noexcept {
        used_ = used;
        least_ = beyond;
        ticks_ = 0;
    }

private:
    static constexpr std::uint64_t most_slack = std::uint64_t{8} << 20;
    static constexpr unsigned patience = 20;

    std::uint64_t slack_;
    std::uint64_t used_ = 0;
    std::uint64_t least_ = UINT64_MAX / 2;
    unsigned ticks_ = 0;
};

/// A thread that keeps the account of the memory true, gives back what is free, and has others make room when memory is
/// short. Ends with the object.
class memory_watch {
public:
    /// What is done when memory is short. Called by the thread.
    struct relief {
        std::function<void()> drop_texts;         ///< drops what can be made again
        std::function<void()> cut_oldest_answer;  ///< ends the answer that has been unread for longest
        std::function<void(std::uint64_t)> warn;  ///< hears what the process takes if that is more than the limit
    };

    memory_watch(std::uint64_t limit, relief how)
        : budget_{limit}, relief_(std::move(how)), freed_(limit), thread_([this] { run(); }) {}
    memory_watch(memory_watch const&) = delete;
    memory_watch& operator=(memory_watch const&) = delete;
    ~memory_watch() {
        {
            std::scoped_lock const lock(mutex_);
            stopped_ = true;
        }
        changed_.notify_one();
        thread_.join();
    }

private:
    static constexpr std::chrono::milliseconds interval{100};

    void run() {
        std::unique_lock lock(mutex_);
        while (!changed_.wait_for(lock, interval, [this] { return stopped_; })) {
            lock.unlock();
            try {
                look();
            } catch (...) {
                // For want of memory: it may be better the next time.
            }
            lock.lock();
        }
    }

    void look() {
        measure();
        auto const heap = [] { return memory::bytes(memory::kind::heap); };
        if (freed_.gives_back(heap(), memory::beyond_account(), !memory::fits(0, budget_.stored()))) {
            give_back_freed_memory();
            measure();
            freed_.given_back(heap(), memory::beyond_account());
        }
        memory::note_beyond_for_good(freed_.least());
        if (budget_.drops_texts()) relief_.drop_texts();
        // What a push replaces is an old version, too, until it is freed: not at once.
        bool const old = memory::old_versions() > budget_.old_versions();
        if ((std::exchange(old_before_, old) && old) || budget_.held_in_flight()) relief_.cut_oldest_answer();
        if (!memory::fits(0, budget_.most())) relief_.warn(memory::used());
    }

    void measure() noexcept {
        auto const taken = anonymous_memory();
        if (taken == 0) return;
        // What is allocated and not touched yet hides what is taken beyond it: that is never less than at the start.
        auto const heap = memory::bytes(memory::kind::heap);
        if (!base_) base_ = taken > heap ? taken - heap : 0;
        memory::note_measured(std::max(taken, heap + *base_));
    }

    memory_budget budget_;
    relief relief_;
    freed_memory_policy freed_;
    std::optional<std::uint64_t> base_;
    bool old_before_ = false;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool stopped_ = false;
    std::thread thread_;
};

}  // namespace pushgateway::server
