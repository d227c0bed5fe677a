#pragma once

/// \file
/// Reads the groups of a file, one after the other, and examines them.

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <pushgateway/base/clock.hpp>
#include <pushgateway/base/error.hpp>
#include <pushgateway/journal/sqlite/database.hpp>
#include <pushgateway/journal/sqlite/family_blob.hpp>
#include <pushgateway/journal/sqlite/rows.hpp>
#include <pushgateway/journal/sqlite/schema.hpp>
#include <pushgateway/model/grouping_key.hpp>
#include <pushgateway/model/metric_family.hpp>
#include <pushgateway/store/group_header.hpp>

namespace pushgateway::journal::sqlite {

/// Numbers of groups, from the first to the last one.
struct id_range {
    std::int64_t first = std::numeric_limits<std::int64_t>::min();
    std::int64_t last = std::numeric_limits<std::int64_t>::max();
};

/// Goes through both tables at once. At each group it is a family source for one round, whose families come in pieces.
class table_reader {
public:
    /// `ids`: the groups to read.
    static result<table_reader> prepare(database const& db, id_range ids = {}) {
        auto const version = db.integer("PRAGMA user_version");
        if (!version) return std::unexpected(version.error());
        std::string const later = *version == first_schema_version ? "0, 0, x''" : "lifetime, merge, extras";
        auto groups = db.prepare("SELECT id, labels, push_time, pushed_at, push_failure_time, failed_at, " + later +
                                 ", crc32 FROM groups WHERE id BETWEEN ? AND ? ORDER BY id");
        if (!groups) return std::unexpected(std::move(groups.error()));
        auto pieces = db.prepare(
            "SELECT group_id, name, part, type, help, pushed_at, metrics, crc32 FROM families "
            "WHERE group_id BETWEEN ? AND ? ORDER BY group_id, name, part");
        if (!pieces) return std::unexpected(std::move(pieces.error()));
        for (auto* const query : {&*groups, &*pieces}) {
            query->bind(0, ids.first);
            query->bind(1, ids.last);
        }
        return table_reader(*std::move(groups), *std::move(pieces));
    }

    /// Goes to the next group; false if there is none. Fails with errc::corrupt for what no program of this project
    /// writes, also if it was met in the group before.
    result<bool> next() {
        if (!begun_) {
            begun_ = true;
            advance();
        }
        if (problem_) return std::unexpected(*problem_);
        auto const there = groups_.step();
        if (!there) return std::unexpected(there.error());
        bool const orphan = at_piece_ && (!*there || piece_.group_id < groups_.integer(0));
        if (orphan)
            return damaged("row (" + std::to_string(piece_.group_id) + ", " + std::string(piece_.name) +
                           ") of the table families has no group");
        if (!*there) return false;
        id_ = groups_.integer(0);
        row_ = {groups_.bytes(1),   groups_.real(2),    groups_.integer(3), groups_.real(4),
                groups_.integer(5), groups_.integer(6), groups_.integer(7), groups_.bytes(8)};
        if (row_.checksum() != groups_.integer(9)) {
            return damaged("row " + std::to_string(id_) + " of the table groups has another checksum than it should");
        }
        if (row_.lifetime != 0 || row_.merge != 0) {
            return fail(errc::unsupported, "row " + std::to_string(id_) + " of the table groups has a " +
                                               (row_.lifetime != 0 ? "lifetime" : "way of merging") +
                                               ", which this version of the program does not know: use a later one");
        }
        auto key = read_labels(row_.labels);
        if (!key) return damaged("the labels of group " + std::to_string(id_) + " are not readable");
        key_ = *std::move(key);
        texts_.clear();
        return true;
    }

    [[nodiscard]] model::grouping_key const& key() const noexcept { return key_; }

    [[nodiscard]] store::group_header header() const { return row_.header(); }

    /// Calls `visit` for each piece of its families.
    template <class Visit>
    void for_each_family(Visit&& visit) {
        std::string_view name;
        std::optional<std::string_view> help;
        std::int64_t part = 0;
        while (at_piece_ && piece_.group_id == id_) {
            if (piece_.name == name && !name.empty()) {
                ++part;
            } else {
                name = texts_.emplace_back(piece_.name);
                help = piece_.help ? std::optional<std::string_view>(texts_.emplace_back(*piece_.help)) : std::nullopt;
                part = 0;
            }
            auto const type = examine(part);
            if (!type) return;
            metrics_.clear();
            blobs_.clear();
            model::metric_family family{name, help, *type, {}};
            if (auto read = blobs_.read(piece_.metrics, family, metrics_); !read) {
                problem_ = damage(place() + ": " + read.error().message);
                return;
            }
            family.metrics = metrics_;
            // It must outlive its row.
            if (!family.unit.empty()) family.unit = texts_.emplace_back(family.unit);
            visit(family);
            advance();
        }
    }

    /// When the family was pushed that is being visited.
    [[nodiscard]] timestamp pushed_at() const noexcept { return timestamp(std::chrono::nanoseconds(piece_.pushed_at)); }

private:
    table_reader(statement groups, statement pieces) : groups_(std::move(groups)), pieces_(std::move(pieces)) {}

    static error damage(std::string what) { return {errc::corrupt, std::move(what), 0, 0, {}}; }
    static std::unexpected<error> damaged(std::string what) { return std::unexpected(damage(std::move(what))); }

    [[nodiscard]] std::string place() const {
        return "row (" + std::to_string(piece_.group_id) + ", " + std::string(piece_.name) + ", " +
               std::to_string(piece_.part) + ") of the table families";
    }

    /// The type of the piece at hand, if it is what it should be.
    std::optional<model::metric_type> examine(std::int64_t part) {
        auto const type = type_of(piece_.type);
        if (piece_.checksum() != pieces_.integer(7)) {
            problem_ = damage(place() + " has another checksum than it should");
        } else if (!type) {
            problem_ = damage(place() + " has an unknown type");
        } else if (piece_.part != part) {
            problem_ = damage(place() + " follows on another part than it should");
        }
        return problem_ ? std::nullopt : type;
    }

    void advance() {
        auto const there = pieces_.step();
        if (!there) problem_ = there.error();
        at_piece_ = there && *there;
        if (!at_piece_) return;
        piece_ = {pieces_.integer(0), pieces_.bytes(1),   pieces_.integer(2), pieces_.bytes(3),
                  std::nullopt,       pieces_.integer(5), pieces_.bytes(6)};
        if (pieces_.type(4) != SQLITE_NULL) piece_.help = pieces_.bytes(4);
    }

    statement groups_;
    statement pieces_;
    bool begun_ = false;
    bool at_piece_ = false;
    std::optional<error> problem_;
    std::int64_t id_ = 0;
    group_row row_;
    family_row piece_;
    model::grouping_key key_{""};
    std::deque<std::string> texts_;
    std::vector<model::metric> metrics_;
    family_blob_reader blobs_;
};

}  // namespace pushgateway::journal::sqlite
