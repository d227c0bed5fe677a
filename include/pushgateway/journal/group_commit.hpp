#pragma once

/// \file
/// A journal that keeps all changes waiting at a moment together, on a thread of its own.

#include <algorithm>
#include <atomic>
#include <chrono>
#include <concepts>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

#include <pushgateway/base/error.hpp>
#include <pushgateway/store/journal_record.hpp>
#include <pushgateway/store/policies.hpp>

namespace pushgateway::journal {

/// Where changes are kept. Used by one thread at a time.
/// - `prepare(batch)`: does what can be done beforehand for the records that are there; more may come behind them until
///   `commit` is called with all of them. A failure is told by that.
/// - `commit(batch)`: keeps all of the batch, in order, or nothing of it. Some of its records may change nothing.
/// - `probe()`: finds out whether a commit could succeed, after one has failed.
/// - `upkeep()`: what may be done while nobody waits; called after every batch that is persisted, and after
/// `upkeep_within()`
///   at the latest, if that says anything. After a failure it fails until it has made up for it, and is called every
///   second.
template <class B>
concept keeper = requires(B& kept, store::record_list const& batch) {
    { kept.prepare(batch) } -> std::same_as<void>;
    { kept.commit(batch) } -> std::same_as<result<>>;
    { kept.probe() } -> std::same_as<result<>>;
    { kept.upkeep() } -> std::same_as<result<>>;
    { kept.upkeep_within() } -> std::same_as<std::optional<std::chrono::milliseconds>>;
};

/// The journal policy over a keeper. Copies are handles of one journal. Closed until `open`: then changes are refused.
///
/// If a commit fails, it and what was appended behind it is undone and told so; the next change is tried again. While
/// there is none, the keeper is probed once a second, so that the journal knows by itself when it works again.
template <keeper Keeper>
class group_commit {
public:
    static constexpr bool keeps = true;

    group_commit() : shared_(std::make_shared<shared>()) {}

    /// Opens at once.
    explicit group_commit(std::unique_ptr<Keeper> kept) : group_commit() { shared_->kept = std::move(kept); }

    /// Begins to take changes. After `attach`. Fails with errc::unavailable if there is no thread to be had.
    result<> open(std::unique_ptr<Keeper> kept) { return shared_->open(std::move(kept)); }

    /// Says why no change is taken yet, as a sentence.
    void explain(std::string why) { shared_->explain(std::move(why)); }

    /// Succeeds if changes are taken and were kept the last time; otherwise errc::unavailable and the reason.
    [[nodiscard]] result<> status() const { return shared_->status(); }

    /// Called with every change of `status()`, by any thread.
    void on_change(std::function<void(result<> const&)> listen) { shared_->listen = std::move(listen); }

    [[nodiscard]] result<> admit() const {
        if (shared_->opened.load(std::memory_order_acquire)) return {};
        return shared_->status();
    }
    void attach(store::journaled& memory) {
        shared_->memory = &memory;
        if (shared_->kept) static_cast<void>(shared_->open(std::move(shared_->kept)));
    }
    void detach() { shared_->close(); }
    void append(std::unique_ptr<store::journal_record>&& record) noexcept { shared_->append(std::move(record)); }

private:
    static constexpr std::chrono::seconds probe_interval{1};
    static constexpr std::chrono::milliseconds most_patience{1};

    struct shared {
        std::unique_ptr<Keeper> kept;
        store::journaled* memory = nullptr;
        std::function<void(result<> const&)> listen;
        std::atomic<bool> opened{false};
        std::thread writer;
        mutable std::mutex mutex;
        std::condition_variable changed;
        store::record_list queue;
        std::size_t queued = 0;                ///< in `queue`
        std::size_t wanted = 0;                ///< how many the writer waits for; 0: it does not wait
        std::size_t size = 0;                  ///< of the batch; of the journal's thread, as what follows
        std::size_t usual = 1;                 ///< size of the last batch
        std::chrono::nanoseconds patience{0};  ///< how long to wait for that many
        std::string problem = "the journal is not open yet";
        bool failing = false;
        bool behind = false;  ///< the last upkeep failed; of the journal's thread
        bool stopping = false;

        ~shared() { close(); }

        result<> open(std::unique_ptr<Keeper> k) {
            kept = std::move(k);
            try {
                writer = std::thread([this] { run(); });
            } catch (std::system_error const& e) {
                return fail(errc::unavailable, std::string("cannot start the thread of the journal: ") + e.what());
            }
            {
                std::scoped_lock const lock(mutex);
                problem.clear();
            }
            opened.store(true, std::memory_order_release);
            if (listen) listen({});
            return {};
        }

        void close() {
            {
                std::scoped_lock const lock(mutex);
                stopping = true;
                changed.notify_one();
            }
            if (writer.joinable()) writer.join();
            opened.store(false, std::memory_order_release);
            kept.reset();
        }

        void explain(std::string why) {
            std::scoped_lock const lock(mutex);
            problem = std::move(why);
        }

        result<> status() const {
            std::scoped_lock const lock(mutex);
            if (problem.empty()) return {};
            return fail(errc::unavailable, problem);
        }

        void append(std::unique_ptr<store::journal_record>&& record) noexcept {
            std::scoped_lock const lock(mutex);
            queue.push_back(std::move(record));
            ++queued;
            if (wanted != 0 && queued >= wanted) changed.notify_one();
        }

        store::record_list take() {
            std::scoped_lock const lock(mutex);
            queued = 0;
            return std::move(queue);
        }

        /// For a wait: true if so many records are there, or all is to end.
        auto has(std::size_t records) {
            wanted = records;
            return [this] { return stopping || queued >= wanted; };
        }

        /// Waits for something to do; an empty list: for upkeep. False when all is done.
        bool wait(store::record_list& batch) {
            std::unique_lock lock(mutex);
            auto within = kept->upkeep_within();
            if (failing && (!within || *within > probe_interval)) within = probe_interval;
            if (within) {
                changed.wait_for(lock, *within, has(1));
            } else {
                changed.wait(lock, has(1));
            }
            wanted = 0;
            size = std::exchange(queued, 0);
            batch = std::move(queue);
            return !stopping || !batch.empty();
        }

        /// Waits for those who were answered together the last time: they come again together, one a moment before the
        /// others. Without some patience every other batch would be that one alone. Meanwhile it prepares.
        void gather(store::record_list& batch) {
            auto const until = std::chrono::steady_clock::now() + patience;
            // Few at a time would wake the thread too often.
            auto const piece = std::max<std::size_t>(usual / 4, 1);
            while (size < usual) {
                kept->prepare(batch);
                std::unique_lock lock(mutex);
                bool const came = changed.wait_until(lock, until, has(std::min(piece, usual - size)));
                wanted = 0;
                size += std::exchange(queued, 0);
                batch.append(std::move(queue));
                if (!came || stopping) break;
            }
            usual = size;
        }

        /// Keeps a batch, and notes how long may be waited for the next one: at most as long as this takes.
        result<> commit(store::record_list& batch) {
            if (!failing) gather(batch);
            auto const begin = std::chrono::steady_clock::now();
            auto outcome = kept->commit(batch);
            patience = std::min<std::chrono::nanoseconds>(std::chrono::steady_clock::now() - begin, most_patience);
            return outcome;
        }

        void run() noexcept {
            store::record_list batch;
            while (wait(batch)) {
                if (batch.changes_nothing()) {
                    batch.complete({});
                    auto const works = failing ? kept->probe() : result<>();
                    if (works) {
                        keep_up();
                    } else {
                        tell(works);
                    }
                    continue;
                }
                auto outcome = commit(batch);
                if (!outcome) {
                    memory->roll_back(batch, [this] { return take(); });
                }
                // A commit says nothing about an upkeep that failed.
                if (!outcome || !behind) tell(outcome);
                batch.complete(outcome);
                if (outcome) keep_up();
            }
        }

        void keep_up() {
            auto const done = kept->upkeep();
            behind = !done;
            tell(done);
        }

        /// Notes whether the keeper works.
        void tell(result<> const& outcome) {
            bool const now_failing = !outcome;
            {
                std::scoped_lock const lock(mutex);
                if (!now_failing && !failing) return;
                bool const same = now_failing == failing && problem == outcome.error().message;
                problem = now_failing ? outcome.error().message : std::string();
                failing = now_failing;
                if (same) return;
            }
            if (listen) listen(outcome);
        }
    };

    std::shared_ptr<shared> shared_;
};

}  // namespace pushgateway::journal
