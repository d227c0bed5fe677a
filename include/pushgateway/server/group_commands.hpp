#pragma once

/// \file
/// `pushgateway import` and `pushgateway export`: groups into a persistence file, and out of it.

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <pushgateway/base/error.hpp>
#include <pushgateway/base/quote.hpp>
#include <pushgateway/format/text/write.hpp>
#include <pushgateway/http/push_target.hpp>
#include <pushgateway/journal/sqlite/group_importer.hpp>
#include <pushgateway/journal/sqlite/persistence_file.hpp>
#include <pushgateway/journal/sqlite/table_reader.hpp>
#include <pushgateway/server/api_groups.hpp>
#include <pushgateway/server/plain_get.hpp>

namespace pushgateway::server {

/// What such a command is told.
struct group_command {
    std::string file;
    std::optional<std::string> place;  ///< a URL or a folder
    bool help = false;
};

/// Reads the arguments behind the name of the command. Fails with errc::invalid and a sentence.
[[nodiscard]] inline result<group_command> parse_group_command(std::vector<std::string> const& arguments) {
    constexpr std::string_view flag = "--persistence.file";
    group_command told;
    for (std::size_t i = 0; i != arguments.size(); ++i) {
        auto const& argument = arguments[i];
        if (argument == "-h" || argument == "--help") {
            told.help = true;
        } else if (argument == flag) {
            if (++i == arguments.size()) return fail(errc::invalid, "expected argument for flag '--persistence.file'");
            told.file = arguments[i];
        } else if (argument.starts_with(std::string(flag) + '=')) {
            told.file = argument.substr(flag.size() + 1);
        } else if (argument.starts_with('-')) {
            return fail(errc::invalid, "unknown flag " + in_quotes(argument));
        } else if (told.place) {
            return fail(errc::invalid, "unexpected " + in_quotes(argument));
        } else {
            told.place = argument;
        }
    }
    if (!told.help && told.file.empty()) return fail(errc::invalid, "--persistence.file is missing");
    return told;
}

/// Copies all groups of a running gateway into the file. What was copied, in a sentence.
[[nodiscard]] inline result<std::string> import_groups(group_command const& told) {
    constexpr std::size_t largest_answer = std::size_t{1} << 31;
    if (!told.place) return fail(errc::invalid, "the URL of a gateway is missing");
    auto const url = parse_plain_url(*told.place);
    if (!url) return std::unexpected(url.error());
    auto file = journal::sqlite::persistence_file::claim({.path = told.file});
    if (!file) return std::unexpected(std::move(file.error()));
    auto const kind = journal::sqlite::look_at(told.file);
    if (!kind) return std::unexpected(kind.error());
    if (*kind == journal::sqlite::file_kind::foreign) {
        return fail(errc::unsupported, told.file + ": not a file of this program");
    }
    if (auto opened = file->open(); !opened) return std::unexpected(std::move(opened.error()));
    if (auto fine = file->examine(); !fine) return std::unexpected(std::move(fine.error()));
    auto const document = plain_get(*url, "/api/v1/metrics", largest_answer);
    if (!document) return std::unexpected(document.error());
    api_groups groups;
    auto const summary =
        file->import([&](journal::sqlite::group_importer& importer) { return groups.read(*document, importer); });
    if (!summary) return std::unexpected(summary.error());
    return "copied " + std::to_string(summary->groups) + " groups with " + std::to_string(summary->families) +
           " families and " + std::to_string(summary->metrics) + " metrics into " + told.file + '\n';
}

/// Writes all groups of the file as text: into a file for each in the folder, or to standard output.
[[nodiscard]] inline result<> export_groups(group_command const& told) {
    auto db = journal::sqlite::open_for_reading(told.file);
    if (!db) return std::unexpected(std::move(db.error()));
    auto reader = journal::sqlite::table_reader::prepare(*db);
    if (!reader) return std::unexpected(std::move(reader.error()));
    auto const unwritable = []() -> result<> { return fail(errc::unavailable, "standard output cannot be written"); };
    std::error_code why;
    if (told.place) std::filesystem::create_directories(*told.place, why);
    if (why) return fail(errc::unavailable, *told.place + ": " + why.message());
    for (std::uint64_t number = 1;; ++number) {
        auto const there = reader->next();
        if (!there) return std::unexpected(there.error());
        if (!*there) return std::fflush(stdout) == 0 ? result<>() : unwritable();
        std::string text = "# PUT " + http::push_target(reader->key(), http::value_spelling::base64) + '\n';
        for (auto const time : {store::time_series::push, store::time_series::push_failure}) {
            format::text::append_header(text, store::name_of(time), store::help_of(time), model::metric_type::gauge);
            model::metric const metric{{}, model::gauge{reader->header().time(time).seconds}, {}};
            format::text::append_metric(text, store::name_of(time), model::metric_type::gauge, metric);
        }
        std::string last;
        reader->for_each_family([&](model::metric_family const& family) {
            if (family.metrics.empty()) return;
            if (family.name != last) format::text::append_header(text, family.name, family.help, family.type);
            last = family.name;
            for (auto const& metric : family.metrics) {
                format::text::append_metric(text, family.name, family.type, metric);
            }
        });
        if (told.place) {
            auto const digits = std::to_string(number);
            auto const path =
                std::filesystem::path(*told.place) /
                ("group-" + std::string(digits.size() < 6 ? 6 - digits.size() : 0, '0') + digits + ".prom");
            std::ofstream out(path, std::ios::binary);
            out << text;
            out.close();
            if (!out) return fail(errc::unavailable, path.string() + ": cannot be written");
        } else {
            text += '\n';
            if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size()) return unwritable();
        }
    }
}

/// Carries out a command, if the first argument names one: then the exit status.
[[nodiscard]] inline std::optional<int> run_group_command(std::vector<std::string> const& arguments) {
    if (arguments.empty() || (arguments[0] != "import" && arguments[0] != "export")) return std::nullopt;
    bool const import = arguments[0] == "import";
    auto const failed = [&arguments](error const& why) {
        std::fprintf(stderr, "pushgateway %s: error: %s\n", arguments[0].c_str(), why.message.c_str());
        return 1;
    };
    auto const told = parse_group_command({arguments.begin() + 1, arguments.end()});
    if (!told) return failed(told.error());
    if (told->help) {
        std::fputs(import
                       ? "usage: pushgateway import --persistence.file=FILE URL\n\nCopies the groups of a running "
                         "gateway into the file.\n"
                       : "usage: pushgateway export --persistence.file=FILE [FOLDER]\n\nWrites the groups of the file "
                         "as text.\n",
                   stdout);
        return 0;
    }
    if (import) {
        auto const done = import_groups(*told);
        if (!done) return failed(done.error());
        std::fputs(done->c_str(), stdout);
        return 0;
    }
    auto const done = export_groups(*told);
    return done ? 0 : failed(done.error());
}

}  // namespace pushgateway::server
