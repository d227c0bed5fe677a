#pragma once

/// \file
/// Writes groups into the tables. Within a transaction of its user.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <pushgateway/base/error.hpp>
#include <pushgateway/journal/sqlite/database.hpp>
#include <pushgateway/journal/sqlite/family_blob.hpp>
#include <pushgateway/journal/sqlite/rows.hpp>
#include <pushgateway/store/family_decoder.hpp>
#include <pushgateway/store/group.hpp>

namespace pushgateway::journal::sqlite {

/// The statements that change rows.
class table_writer {
public:
    static result<table_writer> prepare(database const& db) {
        table_writer out;
        // Not one statement with RETURNING: that makes a table for what it returns every time.
        constexpr std::string_view add_group =
            "INSERT INTO groups (labels, push_time, pushed_at, push_failure_time, failed_at, extras, crc32) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)";
        constexpr std::string_view set_group =
            "UPDATE groups SET push_time = ?2, pushed_at = ?3, push_failure_time = ?4, failed_at = ?5, extras = ?6, "
            "crc32 = ?7 WHERE id = ?1";
        constexpr std::string_view put_part =
            "REPLACE INTO families (group_id, name, part, type, help, pushed_at, metrics, crc32) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)";
        constexpr std::string_view texts[] = {
            "SELECT id FROM groups WHERE labels = ?",
            add_group,
            set_group,
            put_part,
            "DELETE FROM families WHERE group_id = ? AND name = ? AND part = ?",
            "DELETE FROM families WHERE group_id = (SELECT id FROM groups WHERE labels = ?)",
            "DELETE FROM groups WHERE labels = ?",
            "DELETE FROM families",
            "DELETE FROM groups"};
        static_assert(std::size(texts) == statements);
        for (std::size_t i = 0; i != statements; ++i) {
            auto made = db.prepare(texts[i]);
            if (!made) return std::unexpected(std::move(made.error()));
            out.statements_[i] = *std::move(made);
        }
        return out;
    }

    /// Makes the rows of a group, `before` (null: none), those that it has now, `after` (null: none).
    result<> change(store::group_content const* before, store::group_content const* after) {
        labels_.clear();
        append_labels(labels_, (after != nullptr ? after : before)->key().pairs());
        if (after == nullptr) {
            for (auto const which : {drop_group_families, drop_group}) {
                statements_[which].bind(0, std::string_view(labels_));
                if (auto done = statements_[which].run(); !done) return done;
            }
            return {};
        }
        auto const id = put_group(*after);
        if (!id) return std::unexpected(id.error());
        compare(before, *after);
        for (auto const* part : gone_) {
            auto& drop = statements_[drop_part];
            drop.bind(0, *id);
            drop.bind(1, std::string_view(part->meta().name));
            drop.bind(2, std::int64_t{part->part()});
            if (auto done = drop.run(); !done) return done;
        }
        for (auto const* part : fresh_) {
            if (auto done = put_part(*id, *part); !done) return done;
        }
        return {};
    }

    /// Drops all rows.
    result<> clear() {
        if (auto done = statements_[drop_families].run(); !done) return done;
        return statements_[drop_groups].run();
    }

    /// Drops the families of a group, if there is one with these labels.
    result<> drop_families_of(std::string_view labels) {
        statements_[drop_group_families].bind(0, labels);
        return statements_[drop_group_families].run();
    }

    /// Adds a group as it is described; for what does not come from a store. The number of the group.
    result<std::int64_t> put_group(group_row const& row) {
        auto& find = statements_[find_group];
        find.bind(0, row.labels);
        auto const there = find.step();
        if (!there) return std::unexpected(there.error());
        auto const id = *there ? find.integer(0) : 0;
        find.reset();
        auto& put = statements_[*there ? update_group : insert_group];
        if (*there) {
            put.bind(0, id);
        } else {
            put.bind(0, row.labels);
        }
        put.bind(1, row.push_time);
        put.bind(2, row.pushed_at);
        put.bind(3, row.push_failure_time);
        put.bind(4, row.failed_at);
        put.bind_blob(5, row.extras);
        put.bind(6, row.checksum());
        if (auto done = put.run(); !done) return std::unexpected(done.error());
        return *there ? id : put.inserted_id();
    }

    result<> put_family(family_row const& row) {
        auto& put = statements_[replace_part];
        put.bind(0, row.group_id);
        put.bind(1, row.name);
        put.bind(2, row.part);
        put.bind(3, row.type);
        if (row.help) {
            put.bind(4, *row.help);
        } else {
            put.bind_null(4);
        }
        put.bind(5, row.pushed_at);
        put.bind_blob(6, row.metrics);
        put.bind(7, row.checksum());
        return put.run();
    }

private:
    enum : std::uint8_t {
        find_group,
        insert_group,
        update_group,
        replace_part,
        drop_part,
        drop_group_families,
        drop_group,
        drop_families,
        drop_groups,
        statements
    };

    result<std::int64_t> put_group(store::group_content const& content) {
        group_row row;
        row.labels = labels_;
        row.take(content.header());
        return put_group(row);
    }

    result<> put_part(std::int64_t id, store::stored_family const& part) {
        blob_.clear();
        if (part.part() == 0) append_traits(blob_, part.meta().unit, part.meta().kind);
        store::for_each_own_metric(part, [this](model::metric const& metric) { append_metric(blob_, metric); });
        auto const& meta = part.meta();
        family_row row{id,           meta.name,
                       part.part(),  type_word(meta.type),
                       std::nullopt, part.pushed_at().time_since_epoch().count(),
                       blob_};
        if (meta.help) row.help = *meta.help;
        return put_family(row);
    }

    /// Finds which parts are new and which are gone. Both lists of slots are sorted by the numbers of the families,
    /// which may have been given to other names in between.
    void compare(store::group_content const* before, store::group_content const& after) {
        gone_.clear();
        fresh_.clear();
        auto const old = before != nullptr ? std::as_const(*before).slots() : std::span<store::slot const>();
        auto const now = after.slots();
        auto const place = [](store::slot const& s) { return std::pair(s.family, s.pushed->part()); };
        std::size_t i = 0;
        std::size_t k = 0;
        while (i != old.size() || k != now.size()) {
            bool const take_old = k == now.size() || (i != old.size() && place(old[i]) <= place(now[k]));
            bool const take_now = i == old.size() || (k != now.size() && place(now[k]) <= place(old[i]));
            if (take_old && take_now && old[i].pushed == now[k].pushed) {
                ++i;
                ++k;
                continue;
            }
            bool const same_row = take_old && take_now && old[i].pushed->meta().name == now[k].pushed->meta().name;
            if (take_old && !same_row) gone_.push_back(old[i].pushed.get());
            if (take_now) fresh_.push_back(now[k].pushed.get());
            i += take_old ? 1 : 0;
            k += take_now ? 1 : 0;
        }
    }

    std::array<statement, statements> statements_;
    std::string labels_;
    std::string blob_;
    std::vector<store::stored_family const*> gone_;
    std::vector<store::stored_family const*> fresh_;
};

}  // namespace pushgateway::journal::sqlite
