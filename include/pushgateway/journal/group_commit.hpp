#pragma once

/// \file
/// A journal that keeps all changes waiting at a moment together, on a thread of its own.

#include <atomic>
#include <chrono>
#include <concepts>
#include <condition_variable>
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
/// - `commit(batch)`: keeps all of the batch, in order, or nothing of it.
/// - `probe()`: finds out whether a commit could succeed, after one has failed.
/// - `upkeep()`: what may be done while nobody waits; called after every batch, and after `upkeep_within()` at the
///   latest, if that says anything.
template <class B>
concept keeper = requires(B& kept, store::record_list const& batch) {
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

    struct shared {
        std::unique_ptr<Keeper> kept;
        store::journaled* memory = nullptr;
        std::function<void(result<> const&)> listen;
        std::atomic<bool> opened{false};
        std::thread writer;
        mutable std::mutex mutex;
        std::condition_variable changed;
        store::record_list queue;
        std::string problem = "the journal is not open yet";
        bool failing = false;
        bool waiting = false;
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
            if (waiting) changed.notify_one();
        }

        store::record_list take() {
            std::scoped_lock const lock(mutex);
            return std::move(queue);
        }

        /// Waits for something to do; an empty list: for upkeep. False when all is done.
        bool wait(store::record_list& batch) {
            std::unique_lock lock(mutex);
            auto const ready = [this] { return stopping || !queue.empty(); };
            auto within = kept->upkeep_within();
            if (failing && (!within || *within > probe_interval)) within = probe_interval;
            waiting = true;
            if (within) {
                changed.wait_for(lock, *within, ready);
            } else {
                changed.wait(lock, ready);
            }
            waiting = false;
            batch = std::move(queue);
            return !stopping || !batch.empty();
        }

        void run() noexcept {
            store::record_list batch;
            while (wait(batch)) {
                if (batch.empty()) {
                    auto const works = failing ? kept->probe() : result<>();
                    tell(works ? kept->upkeep() : works);
                    continue;
                }
                auto outcome = kept->commit(batch);
                if (!outcome) {
                    memory->roll_back(batch, [this] { return take(); });
                }
                tell(outcome);
                batch.complete(outcome);
                if (outcome) tell(kept->upkeep());
            }
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
