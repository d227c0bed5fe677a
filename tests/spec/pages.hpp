#pragma once

/// \file
/// The pages of `spec/`, and which kinds of gateway their exchanges need.

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <ostream>
#include <string>
#include <vector>

#include "page.hpp"
#include "runner.hpp"

namespace pushgateway::spec {

/// A way to start a gateway for the exchanges that need it; `default` runs all that need nothing.
inline std::vector<std::string> const modes{"default",    "admin",  "lifecycle", "unchecked",  "telemetry",
                                            "utf8-names", "prefix", "cors",      "openmetrics"};

/// What exchanges may need that no mode has: they are run by a test of what they are about.
inline std::vector<std::string> const tried_elsewhere{"access"};

/// One run: a page on a gateway of a mode.
struct page_run {
    std::string path;
    std::string mode;

    friend std::ostream& operator<<(std::ostream& out, page_run const& r) { return out << r.path << " " << r.mode; }
};

inline result<page> load_page(std::string const& path) {
    std::ifstream in(path, std::ios::binary);
    if (!in.is_open()) return fail(errc::unavailable, path + " cannot be read");
    return parse_page(path, std::string(std::istreambuf_iterator<char>(in), {}));
}

/// The peer to expect when a page is run on our own gateway of that mode.
inline peer peer_for(std::string const& mode) {
    if (mode == "default") return {};
    if (mode == "lifecycle") return {"", {"lifecycle", "quit"}, true};
    return {"", {mode}, true};
}

inline bool runs_in(exchange const& e, std::string const& mode) {
    auto const who = peer_for(mode);
    bool const needed = std::ranges::any_of(e.tags.needs, [&](auto const& n) { return who.flags.contains(n); });
    if (who.only_needed && !needed) return false;
    return std::ranges::all_of(e.tags.needs, [&](std::string const& n) {
        bool const negative = n.starts_with("no-");
        return who.flags.contains(negative ? n.substr(3) : n) != negative;
    });
}

/// All pages of `directory`, each for every mode that one of its exchanges needs. A page that cannot be read is listed.
inline std::vector<page_run> page_runs(std::string const& directory) {
    std::vector<std::string> paths;
    for (auto const& entry : std::filesystem::directory_iterator(directory)) {
        if (entry.path().extension() == ".md") paths.push_back(entry.path().string());
    }
    std::ranges::sort(paths);
    std::vector<page_run> runs;
    for (auto const& path : paths) {
        auto const p = load_page(path);
        for (auto const& mode : modes) {
            if (!p ? mode == "default" : std::ranges::any_of(p->exchanges, [&](auto& e) { return runs_in(e, mode); })) {
                runs.push_back({path, mode});
            }
        }
    }
    return runs;
}

/// A name that GoogleTest takes.
inline std::string run_name(page_run const& r) {
    auto name = std::filesystem::path(r.path).stem().string() + "_" + r.mode;
    std::ranges::replace(name, '-', '_');
    return name;
}

}  // namespace pushgateway::spec
