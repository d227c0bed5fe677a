#pragma once

/// \file
/// Reads all groups of a file into a store, by several threads if that is wanted.

#include <algorithm>
#include <cstdint>
#include <exception>
#include <functional>
#include <limits>
#include <mutex>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include <pushgateway/base/error.hpp>
#include <pushgateway/journal/sqlite/database.hpp>
#include <pushgateway/journal/sqlite/table_reader.hpp>

namespace pushgateway::journal::sqlite {

/// How far a restoration has come.
struct restore_progress {
    std::uint64_t groups = 0;
    std::uint64_t all_groups = 0;
};

/// One restoration: each connection reads a part of the groups on a thread of its own, the first one on that of its
/// user.
template <class Store>
class restorer {
public:
    using listener = std::function<bool(restore_progress const&)>;

    /// See `persistence_file::restore`. All must outlive it.
    restorer(Store& target, std::string const& path, listener const& go_on)
        : target_(target), path_(path), go_on_(go_on) {}

    /// `connections`: one at least, which all see the same.
    result<> run(std::vector<database const*> const& connections) {
        auto const count = connections.front()->integer("SELECT count(*) FROM groups");
        if (!count) return std::unexpected(count.error());
        progress_.all_groups = static_cast<std::uint64_t>(*count);
        auto const starts = starts_of(*connections.front(), *count, connections.size());
        if (!starts) return std::unexpected(starts.error());
        std::vector<std::thread> others;
        for (std::size_t i = 1; i != connections.size(); ++i) {
            auto read = [this, db = connections[i], ids = ids_of(*starts, i)] { note(read_safely(*db, ids)); };
            try {
                others.emplace_back(read);
            } catch (std::system_error const&) {
                read();
            }
        }
        note(read_safely(*connections.front(), ids_of(*starts, 0)));
        for (auto& thread : others) thread.join();
        return std::move(outcome_);
    }

private:
    /// The numbers of the groups at which the parts begin.
    static result<std::vector<std::int64_t>> starts_of(database const& db, std::int64_t count, std::size_t parts) {
        std::vector<std::int64_t> starts{std::numeric_limits<std::int64_t>::min()};
        for (std::size_t i = 1; i != parts; ++i) {
            auto const at = count * static_cast<std::int64_t>(i) / static_cast<std::int64_t>(parts);
            auto const id = db.integer("SELECT id FROM groups ORDER BY id LIMIT 1 OFFSET " + std::to_string(at));
            if (!id) return std::unexpected(id.error());
            // Numbers that are out of order are damage, which is for those to find who read.
            starts.push_back(std::max(*id, starts.back() + 1));
        }
        return starts;
    }
    static id_range ids_of(std::vector<std::int64_t> const& starts, std::size_t part) noexcept {
        bool const last = part + 1 == starts.size();
        return {starts[part], last ? std::numeric_limits<std::int64_t>::max() : starts[part + 1] - 1};
    }

    result<> read_safely(database const& db, id_range ids) {
        try {
            return read(db, ids);
        } catch (std::exception const& e) {
            return fail(errc::unavailable, path_ + ": " + e.what());
        }
    }

    result<> read(database const& db, id_range ids) {
        auto reader = table_reader::prepare(db, ids);
        if (!reader) return std::unexpected(std::move(reader.error()));
        for (bool restored_one = false;; restored_one = true) {
            if (!goes_on(restored_one)) return fail(errc::unavailable, path_ + ": the restoration was ended");
            auto const there = reader->next();
            if (!there) return std::unexpected(named(there.error()));
            if (!*there) return {};
            auto restored = target_.restore(reader->key(), reader->header(), *reader,
                                            [&](std::string_view) { return reader->pushed_at(); });
            if (!restored) {
                restored.error().code = errc::corrupt;
                return std::unexpected(named(restored.error()));
            }
        }
    }

    bool goes_on(bool restored_one) {
        std::scoped_lock const lock(mutex_);
        if (!outcome_) return false;
        progress_.groups += restored_one ? 1 : 0;
        return !go_on_ || go_on_(progress_);
    }

    /// The first failure counts: the others end because of it.
    void note(result<> outcome) {
        std::scoped_lock const lock(mutex_);
        if (outcome_) outcome_ = std::move(outcome);
    }

    [[nodiscard]] error named(error why) const {
        if (!why.message.starts_with(path_)) why.message = path_ + ": " + why.message;
        return why;
    }

    Store& target_;
    std::string const& path_;
    listener const& go_on_;
    std::mutex mutex_;
    restore_progress progress_;
    result<> outcome_;
};

}  // namespace pushgateway::journal::sqlite
