#pragma once

/// \file
/// What waits for worker threads, and whose turn it is. No threads here.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include <boost/intrusive/list.hpp>

#include <pushgateway/base/limit_usage.hpp>
#include <pushgateway/http/work_class.hpp>

namespace pushgateway::http::detail {

/// How a piece of work ended.
enum class work_result : std::uint8_t {
    done,     ///< it ran
    full,     ///< it did not run: too much of its class waits already
    dropped,  ///< it did not run: nobody waits for it any more
};

/// A piece of work that waits or runs. Its owner keeps it where it is until it has ended.
class work_item : public boost::intrusive::list_base_hook<> {
public:
    /// `continues`: it belongs to a request that has run already, as the next piece of a response does.
    work_item(work_class what, bool continues) noexcept : what_(what), continues_(continues) {}
    work_item(work_item const&) = delete;
    work_item& operator=(work_item const&) = delete;

    [[nodiscard]] work_class what() const noexcept { return what_; }
    [[nodiscard]] bool continues() const noexcept { return continues_; }

    /// False if nobody waits for it any more. Called by a worker before it is run.
    [[nodiscard]] virtual bool wanted() const noexcept { return true; }
    /// Does the work and reports it as done. Called by a worker.
    virtual void run() noexcept = 0;
    /// Reports how it ended; it may be gone after that.
    virtual void end(work_result how) noexcept = 0;

protected:
    ~work_item() = default;

private:
    work_class what_;
    bool continues_;
};

/// A bounded queue for each class of work. Turns are given by weight to the classes, and in a class in alternation to
/// what continues and to what has not run yet: so none waits for ever, and an answer that is being made is not held up
/// by all who come. Of these the first comes first. Not thread-safe.
class work_queue {
public:
    using items = boost::intrusive::list<work_item>;

    /// `workers`: how many take any work; the one that takes scrapes alone is not among them. Bounds are those that
    /// `usage` has for `queue_limit_of` each class.
    work_queue(std::size_t workers, limit_usage& usage) noexcept : usage_(usage) {
        // Lists leave a worker to pushes.
        at(work_class::scrape).most_running = workers;
        at(work_class::push).most_running = workers;
        at(work_class::list).most_running = std::max<std::size_t>(1, workers - 1);
    }

    /// Has `item` wait for its turn. False if too many requests of its class wait; what continues is always accepted.
    [[nodiscard]] bool add(work_item& item) noexcept {
        auto const limit = queue_limit_of(item.what());
        if (!item.continues() && !usage_.take(limit, 1)) {
            usage_.count_rejection(limit);
            return false;
        }
        at(item.what()).of(item).push_back(item);
        return true;
    }

    /// The item whose turn it is, or nullptr if there is nothing to do; `finished` follows when it has run.
    /// `scrapes_only`: for the worker that takes nothing else.
    [[nodiscard]] work_item* next(bool scrapes_only) noexcept {
        if (scrapes_only) return take_first(at(work_class::scrape), true);
        auto* chosen = static_cast<lane*>(nullptr);
        int sum = 0;
        for (auto& l : lanes_) {
            if (!l.ready()) continue;
            // Smooth weighted round robin.
            l.credit += l.weight;
            sum += l.weight;
            if (chosen == nullptr || l.credit > chosen->credit) chosen = &l;
        }
        if (chosen == nullptr) return nullptr;
        chosen->credit -= sum;
        return take_first(*chosen, false);
    }

    /// Tells that an item of this class, which `next(scrapes_only)` gave, has run.
    void finished(work_class what, bool scrapes_only) noexcept {
        if (!scrapes_only) --at(what).running;
    }

    /// Takes out an item that waits.
    void remove(work_item& item) noexcept {
        auto& all = at(item.what()).of(item);
        all.erase(all.iterator_to(item));
        leave(item);
    }

    /// Takes out all that wait.
    [[nodiscard]] items remove_all() noexcept {
        items out;
        for (auto& l : lanes_) {
            for (auto& item : l.fresh) leave(item);
            out.splice(out.end(), l.fresh);
            out.splice(out.end(), l.continuing);
        }
        return out;
    }

    /// How many items of a class wait.
    [[nodiscard]] std::size_t waiting(work_class what) const noexcept { return lanes_[queue_of(what)].waiting(); }

private:
    struct lane {
        int weight;
        int credit = 0;
        std::size_t running = 0;
        std::size_t most_running = 0;
        items fresh{};          ///< what has not run yet
        items continuing{};     ///< pieces of what has
        bool continued = true;  ///< the last one that was taken was one of these

        [[nodiscard]] items& of(work_item const& item) noexcept { return item.continues() ? continuing : fresh; }
        [[nodiscard]] std::size_t waiting() const noexcept { return fresh.size() + continuing.size(); }
        [[nodiscard]] bool ready() const noexcept { return waiting() != 0 && running < most_running; }
    };

    [[nodiscard]] lane& at(work_class what) noexcept { return lanes_[queue_of(what)]; }

    work_item* take_first(lane& from, bool scrapes_only) noexcept {
        if (from.waiting() == 0) return nullptr;
        from.continued = from.fresh.empty() || (!from.continued && !from.continuing.empty());
        auto& all = from.continued ? from.continuing : from.fresh;
        auto& item = all.front();
        all.pop_front();
        if (!scrapes_only) ++from.running;
        leave(item);
        return &item;
    }

    void leave(work_item const& item) noexcept {
        if (!item.continues()) usage_.give_back(queue_limit_of(item.what()), 1);
    }

    limit_usage& usage_;
    std::array<lane, queued_classes> lanes_{{{4}, {2}, {1}}};
};

}  // namespace pushgateway::http::detail
