#pragma once

/// \file
/// Makes a file of this project out of one of a Prometheus Pushgateway.

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <pushgateway/base/error.hpp>
#include <pushgateway/base/names.hpp>
#include <pushgateway/journal/sqlite/database.hpp>
#include <pushgateway/journal/sqlite/family_blob.hpp>
#include <pushgateway/journal/sqlite/group_importer.hpp>
#include <pushgateway/journal/sqlite/persistence_file.hpp>
#include <pushgateway/journal/sqlite/put_aside.hpp>
#include <pushgateway/journal/sqlite/restorable.hpp>
#include <pushgateway/journal/sqlite/schema.hpp>
#include <pushgateway/journal/upstream_file.hpp>
#include <pushgateway/store/describe.hpp>

namespace pushgateway::journal::sqlite {

namespace detail {

[[nodiscard]] inline result<std::string> read_all(std::string const& path) {
    std::unique_ptr<std::FILE, int (*)(std::FILE*)> const file(std::fopen(path.c_str(), "rb"), &std::fclose);
    if (!file) return fail(errc::unavailable, path + ": " + std::generic_category().message(errno));
    std::string bytes;
    std::vector<char> piece(1 << 20);
    while (auto const size = std::fread(piece.data(), 1, piece.size(), file.get())) bytes.append(piece.data(), size);
    if (std::ferror(file.get()) != 0) return fail(errc::unavailable, path + ": cannot be read");
    return bytes;
}

/// Why a group cannot be taken, or nothing. Adds to `left_out` the families that cannot be: upstream takes some that no
/// exposition can show.
[[nodiscard]] inline result<> add_upstream_group(upstream_group const& group, group_importer& importer,
                                                 family_blob_reader& blobs, std::vector<std::string>& left_out) {
    model::grouping_key key("");
    bool job = false;
    for (auto const& [name, value] : group.labels) {
        key.set(name, value);
        job = job || (name == model::job_label && !value.empty());
    }
    if (!job) return fail(errc::unsupported, "a group has no job");
    std::vector<model::label> labels;
    for (auto const& [name, value] : key.pairs()) labels.push_back({name, value});
    auto const where = " of the " + store::describe_group(labels);
    importer.begin(std::move(key));
    std::vector<model::metric> metrics;
    for (auto const& [name, pushed_at, message] : group.families) {
        model::metric_family family;
        // Without a type a family is one of counters.
        family.type = model::metric_type::counter;
        metrics.clear();
        blobs.clear();
        auto const read = blobs.read(message, family, metrics);
        if (!read || !is_utf8_name(name)) {
            left_out.push_back("the family " + store::describe_name(name) + where + ": " +
                               (read ? "no exposition can show its name" : read.error().message));
            continue;
        }
        family.name = name;
        family.metrics = metrics;
        importer.add(family, pushed_at);
    }
    return importer.end();
}

/// Writes all groups of such a file into a new database.
[[nodiscard]] inline result<import_summary> convert(std::string_view file, std::string const& to,
                                                    std::function<bool()> const& go_on) {
    auto db = database::open(to);
    if (!db) return std::unexpected(std::move(db.error()));
    if (auto made = make_tables(*db); !made) return std::unexpected(std::move(made.error()));
    auto importer = group_importer::prepare(*db);
    if (!importer) return std::unexpected(std::move(importer.error()));
    if (auto begun = db->run("PRAGMA synchronous=FULL;BEGIN"); !begun) return std::unexpected(std::move(begun.error()));
    family_blob_reader blobs;
    std::vector<std::string> left_out;
    result<> problem;
    bool const whole = read_upstream_file(file, [&](upstream_group const& group) {
        problem = go_on && !go_on() ? fail(errc::unavailable, to + ": the import was ended")
                                    : add_upstream_group(group, *importer, blobs, left_out);
        return problem.has_value();
    });
    if (!problem) return std::unexpected(std::move(problem.error()));
    if (!whole) return fail(errc::unsupported, "it does not have the form of one");
    auto summary = importer->summary();
    summary.left_out = std::move(left_out);
    importer = fail(errc::unavailable, "");
    if (auto fine = check_restorable(*db, go_on); !fine) return std::unexpected(std::move(fine.error()));
    if (auto done = db->run("COMMIT"); !done) return std::unexpected(std::move(done.error()));
    return summary;
}

/// Puts aside what another database of the name `path` left beside it: SQLite would apply it to the new one.
[[nodiscard]] inline std::error_code put_logs_aside(std::string const& path, std::string const& original) {
    std::error_code why;
    std::filesystem::remove(path + "-shm", why);
    if (why) return why;
    for (std::string const suffix : {"-wal", "-journal"}) {
        std::filesystem::rename(path + suffix, original + suffix, why);
        if (why && why != std::errc::no_such_file_or_directory) return why;
    }
    return {};
}

/// Removes a database and what belongs to it.
inline void remove_database(std::string const& path) {
    for (auto const* const suffix : {"-journal", "-wal", "-shm", ""}) std::remove((path + suffix).c_str());
}

/// Gives `made` the name `path`, and what had it another: at no time is there no file of that name.
[[nodiscard]] inline result<std::string> exchange(std::string const& made, std::string const& path) {
    auto original = path + ".imported";
    std::error_code why;
    for (int i = 1; std::filesystem::exists(original, why); ++i) original = path + ".imported-" + std::to_string(i);
    std::filesystem::create_hard_link(path, original, why);
    if (why) std::filesystem::copy_file(path, original, why);
    if (!why) why = put_logs_aside(path, original);
    if (!why) std::filesystem::rename(made, path, why);
    if (why) return fail(errc::unavailable, path + ": cannot be kept as " + original + ": " + why.message());
    sync_folder_of(path);
    return original;
}

}  // namespace detail

/// If `path` is the persistence file of a Prometheus Pushgateway, makes a file of this project of it, under the same
/// name, and keeps the original as `<path>.imported`. Nothing if there is no file, or a database. Any other file stays
/// as it is: errc::unsupported. The file must be claimed. `go_on` is asked at every group, and may end it by false:
/// errc::unavailable.
[[nodiscard]] inline result<std::optional<import_summary>> import_upstream_file(
    std::string const& path, std::function<bool()> const& go_on = {}) {
    auto const kind = look_at(path);
    if (!kind) return std::unexpected(kind.error());
    if (*kind != file_kind::foreign) return std::nullopt;
    auto const bytes = detail::read_all(path);
    if (!bytes) return std::unexpected(bytes.error());
    auto const temporary = path + ".importing";
    detail::remove_database(temporary);
    auto summary = detail::convert(*bytes, temporary, go_on);
    if (!summary) {
        detail::remove_database(temporary);
        if (summary.error().code != errc::unsupported) return std::unexpected(std::move(summary.error()));
        return fail(errc::unsupported, path + ": neither a file of this program nor one of a Prometheus Pushgateway: " +
                                           summary.error().message);
    }
    auto original = detail::exchange(temporary, path);
    if (!original) {
        detail::remove_database(temporary);
        return std::unexpected(std::move(original.error()));
    }
    summary->original = *std::move(original);
    return std::optional(*std::move(summary));
}

}  // namespace pushgateway::journal::sqlite
