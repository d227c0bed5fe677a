#pragma once

/// \file
/// Puts groups into a file that do not come from a store.

#include <algorithm>
#include <cmath>
#include <cstdint>
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
#include <pushgateway/journal/sqlite/table_writer.hpp>
#include <pushgateway/model/grouping_key.hpp>
#include <pushgateway/model/metric_family.hpp>
#include <pushgateway/store/group_header.hpp>

namespace pushgateway::journal::sqlite {

/// What was put into a file.
struct import_summary {
    std::uint64_t groups = 0;
    std::uint64_t families = 0;
    std::uint64_t metrics = 0;
    std::vector<std::string> left_out;  ///< what was not taken, and why
    std::string original;               ///< where the file is now that this was read from
};

/// Writes group after group, in the one transaction of its user.
class group_importer {
public:
    static result<group_importer> prepare(database const& db) {
        auto writer = table_writer::prepare(db);
        if (!writer) return std::unexpected(std::move(writer.error()));
        return group_importer(*std::move(writer));
    }

    /// Begins a group; one of the same key is replaced. Both times are those that were pushed, see `add`.
    void begin(model::grouping_key key) {
        key_ = std::move(key);
        row_ = {};
        families_.clear();
    }

    /// Adds a family to the group. Labels of the group and an empty `instance` that it implies are taken out. The
    /// families of the group's times give the times.
    void add(model::metric_family const& family, timestamp pushed_at) {
        auto const at = pushed_at.time_since_epoch().count();
        if (auto const which = store::time_series_of(family.name)) {
            double value = 0;
            if (!family.metrics.empty()) {
                if (auto const* gauge = std::get_if<model::gauge>(&family.metrics.front().value)) value = gauge->value;
            }
            // SQLite has no NaN, and no negative zero.
            value = std::isfinite(value) ? value + 0.0 : 0.0;
            bool const push = *which == store::time_series::push;
            (push ? row_.push_time : row_.push_failure_time) = value;
            (push ? row_.pushed_at : row_.failed_at) = at;
            return;
        }
        auto& kept = families_.emplace_back();
        kept.name = family.name;
        if (family.help) kept.help = std::string(*family.help);
        kept.type = family.type;
        kept.at = at;
        append_traits(kept.blob, family.unit, family.kind);
        std::vector<model::label> own;
        for (auto const& metric : family.metrics) {
            own.clear();
            for (auto const& label : metric.labels) {
                bool const implied = label.name == model::instance_label && label.value.empty();
                if (key_.find(label.name) == nullptr && !implied) own.push_back(label);
            }
            std::ranges::sort(own);
            append_metric(kept.blob, {own, metric.value, std::nullopt, metric.details});
        }
        summary_.families += 1;
        summary_.metrics += family.metrics.size();
    }

    /// Writes the group.
    result<> end() {
        labels_.clear();
        append_labels(labels_, key_.pairs());
        row_.labels = labels_;
        if (auto dropped = writer_.drop_families_of(labels_); !dropped) return dropped;
        auto const id = writer_.put_group(row_);
        if (!id) return std::unexpected(id.error());
        for (auto const& family : families_) {
            family_row row{*id, family.name, 0, type_word(family.type), std::nullopt, family.at, family.blob};
            if (family.help) row.help = *family.help;
            if (auto put = writer_.put_family(row); !put) return put;
        }
        summary_.groups += 1;
        return {};
    }

    [[nodiscard]] import_summary const& summary() const noexcept { return summary_; }

private:
    struct kept_family {
        std::string name;
        std::optional<std::string> help;
        model::metric_type type{};
        std::int64_t at = 0;
        std::string blob;
    };

    explicit group_importer(table_writer writer) : writer_(std::move(writer)) {}

    table_writer writer_;
    model::grouping_key key_{""};
    group_row row_;
    std::vector<kept_family> families_;
    std::string labels_;
    import_summary summary_;
};

}  // namespace pushgateway::journal::sqlite
