// The names of a file: links to it, another process that has it under another name, and what is put aside.

#include <algorithm>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <pushgateway/journal/sqlite/persistence_file.hpp>
#include <pushgateway/journal/sqlite/upstream_import.hpp>

#include "support/scratch_folder.hpp"

namespace pushgateway::test {
namespace {

namespace fs = std::filesystem;
using journal::sqlite::database;
using journal::sqlite::persistence_file;

class names_of_a_file : public testing::Test {
protected:
    names_of_a_file() {
        fs::create_directory(folder.path_of("real"));
        fs::create_directory(folder.path_of("other"));
    }

    [[nodiscard]] std::string at(std::string const& name) const { return folder.path_of(name); }
    void link(std::string const& to, std::string const& name) const { fs::create_symlink(to, at(name)); }

    /// Files with these names, sorted.
    [[nodiscard]] std::vector<std::string> files(std::string const& of) const {
        std::vector<std::string> out;
        for (auto const& entry : fs::directory_iterator(at(of))) out.push_back(entry.path().filename().string());
        std::ranges::sort(out);
        return out;
    }

    scratch_folder const folder;
};

std::string why(result<persistence_file> const& claimed) { return claimed ? "" : claimed.error().message; }
std::string why(result<> const& done) { return done ? "" : done.error().message; }

TEST_F(names_of_a_file, a_symbolic_link_leads_to_the_file_and_what_belongs_to_it) {
    link("real/kept.db", "link.db");               // to a file that is not there yet
    link(at("link.db"), "other/link_to_link.db");  // absolute, to a link
    for (std::string const name : {"link.db", "other/link_to_link.db", "link.db"}) {
        auto file = persistence_file::claim({.path = at(name)});
        ASSERT_TRUE(file) << why(file);
        EXPECT_EQ(fs::weakly_canonical(file->path()), fs::weakly_canonical(at("real/kept.db")));
        ASSERT_EQ(why(file->open()), "");
        auto kept = file->make_keeper();
        ASSERT_TRUE(kept) << kept.error().message;
        EXPECT_TRUE((*kept)->probe());
        // Nobody gets it by any of its names.
        for (std::string const again : {"link.db", "other/link_to_link.db", "real/kept.db"}) {
            EXPECT_NE(why(persistence_file::claim({.path = at(again)})).find("another process is using this file"),
                      std::string::npos)
                << again;
        }
        EXPECT_EQ(files("real"), (std::vector<std::string>{"kept.db", "kept.db-lock", "kept.db-reserve", "kept.db-shm",
                                                           "kept.db-wal"}));
    }
    EXPECT_EQ(files("other"), std::vector<std::string>{"link_to_link.db"});
    EXPECT_TRUE(journal::sqlite::open_for_reading(at("link.db")));
}

TEST_F(names_of_a_file, a_circle_of_links_is_told) {
    link("b.db", "a.db");
    link("a.db", "b.db");
    EXPECT_NE(why(persistence_file::claim({.path = at("a.db")})).find("too many symbolic links"), std::string::npos);
}

TEST_F(names_of_a_file, a_link_that_is_turned_elsewhere_is_noticed) {
    link("real/kept.db", "link.db");
    auto file = persistence_file::claim({.path = at("link.db")});
    ASSERT_TRUE(file && file->open());
    auto kept = file->make_keeper();
    ASSERT_TRUE(kept && (*kept)->probe());
    fs::remove(at("link.db"));
    EXPECT_NE(why((*kept)->probe()).find("link.db: gone while it is in use"), std::string::npos);
    folder.write("other/kept.db", "");
    link("other/kept.db", "link.db");
    EXPECT_NE(why((*kept)->probe()).find("link.db: replaced by another file"), std::string::npos);
    fs::remove(at("link.db"));
    link("real/kept.db", "link.db");
    EXPECT_EQ(why((*kept)->probe()), "");
}

TEST_F(names_of_a_file, what_was_linked_to_is_imported_beside_itself) {
    fs::copy_file(JOURNAL_TEST_DATA "/pushgateway-1.11.3.gob", at("real/kept"));
    link("real/kept", "link");
    auto file = persistence_file::claim({.path = at("link")});
    ASSERT_TRUE(file);
    auto const imported = journal::sqlite::import_upstream_file(file->path());
    ASSERT_TRUE(imported && *imported);
    EXPECT_EQ(files("real"), (std::vector<std::string>{"kept", "kept-lock", "kept.imported"}));
    EXPECT_TRUE(fs::is_symlink(at("link")));
    EXPECT_EQ(why(file->open()), "");
}

TEST_F(names_of_a_file, a_file_with_two_names_is_refused_under_either) {
    {
        auto file = persistence_file::claim({.path = at("real/a.db")});
        ASSERT_TRUE(file && file->open());
        fs::create_hard_link(at("real/a.db"), at("other/b.db"));
        auto kept = file->make_keeper();
        ASSERT_TRUE(kept && (*kept)->probe()) << "who has it goes on";
        auto second = persistence_file::claim({.path = at("other/b.db")});
        ASSERT_TRUE(second);
        EXPECT_NE(why(second->open()).find("has 2 names (hard links)"), std::string::npos) << why(second->open());
    }
    for (std::string const name : {"real/a.db", "other/b.db"}) {
        auto file = persistence_file::claim({.path = at(name)});
        ASSERT_TRUE(file);
        auto const opened = file->open();
        ASSERT_FALSE(opened);
        EXPECT_EQ(opened.error().code, errc::unavailable);
        EXPECT_NE(why(opened).find("has 2 names (hard links)"), std::string::npos) << why(opened);
        auto const read = journal::sqlite::open_for_reading(at(name));
        EXPECT_FALSE(read) << "without the log of the other name";
    }
    fs::remove(at("other/b.db"));
    auto file = persistence_file::claim({.path = at("real/a.db")});
    EXPECT_TRUE(file && file->open());
}

TEST_F(names_of_a_file, a_file_in_use_that_got_another_name_is_refused) {
    auto file = persistence_file::claim({.path = at("real/a.db")});
    ASSERT_TRUE(file && file->open());
    fs::rename(at("real/a.db"), at("other/b.db"));
    auto second = persistence_file::claim({.path = at("other/b.db")});
    ASSERT_TRUE(second) << "nobody has that name";
    EXPECT_NE(why(second->open()).find("another process is using this file, under another name"), std::string::npos);
    file = fail(errc::unavailable, "closed");
    EXPECT_EQ(why(second->open()), "");
}

TEST_F(names_of_a_file, another_kind_of_file_is_refused) {
    fs::create_directory(at("real/folder.db"));
    ASSERT_EQ(::mkfifo(at("real/pipe.db").c_str(), 0600), 0);
    for (auto const& [name, says] : {std::pair("folder.db", ": a folder, not a file"), {"pipe.db", ": not a file"}}) {
        auto const path = at(std::string("real/") + name);
        EXPECT_TRUE(why(persistence_file::claim({.path = path})).ends_with(says)) << name;
        auto const read = journal::sqlite::open_for_reading(path);
        EXPECT_TRUE(!read && read.error().message.ends_with(says)) << name;
    }
    EXPECT_EQ(files("real"), (std::vector<std::string>{"folder.db", "pipe.db"})) << "nothing is made beside them";
}

struct killed : std::runtime_error {
    killed() : std::runtime_error("killed") {}
};

/// Puts a file and its log aside in a process that is killed after some steps, and once more; false if there were not
/// so many steps.
bool survives_a_kill_after(int steps, bool with_log) {
    scratch_folder const folder;
    auto const path = folder.path_of("kept.db");
    auto const copy = folder.path_of("copy.db");
    constexpr int probes = 7;
    {
        auto file = persistence_file::claim({.path = path});
        EXPECT_TRUE(file && file->open());
        auto kept = file->make_keeper();
        for (int i = 0; i != probes; ++i) EXPECT_TRUE((*kept)->probe());
        // As a process that is killed leaves it.
        for (std::string const suffix : {"", "-wal", "-shm"}) fs::copy_file(path + suffix, copy + suffix);
    }
    auto const log_size = fs::file_size(copy + "-wal");
    EXPECT_GT(log_size, 0u);
    if (!with_log) {
        auto db = database::open(copy);
        EXPECT_TRUE(db && db->run("PRAGMA wal_checkpoint"));
    }
    bool ended = false;
    try {
        int left = steps;
        static_cast<void>(journal::sqlite::put_aside(copy, [&left] {
            if (left-- == 0) throw killed();
        }));
        ended = true;
    } catch (killed const&) {
        // A start finds damage: a file with all of its log, or no file.
        bool const whole =
            fs::exists(copy) && (!with_log || (fs::exists(copy + "-wal") && fs::file_size(copy + "-wal") == log_size));
        EXPECT_TRUE(whole || !fs::exists(copy)) << "after " << steps << " steps an older one is there";
        if (!fs::exists(copy) && fs::exists(copy + "-wal")) {
            auto file = persistence_file::claim({.path = copy});
            auto const opened = file->open();
            EXPECT_TRUE(!opened && opened.error().code == errc::corrupt) << steps;
        }
        if (!fs::exists(copy) && !fs::exists(copy + "-wal")) ended = true;
    }
    if (!ended) {
        EXPECT_TRUE(journal::sqlite::put_aside(copy)) << steps;
    }
    EXPECT_FALSE(fs::exists(copy));
    EXPECT_FALSE(fs::exists(copy + "-wal"));
    int found = 0;
    for (auto const& entry : fs::directory_iterator(folder.path())) {
        auto const name = entry.path().string();
        if (name.find("copy.db.corrupt-") == std::string::npos || name.ends_with("-wal")) continue;
        if (name.ends_with("-shm")) continue;
        ++found;
        auto const db = database::open(name);
        EXPECT_TRUE(db);
        if (db) {
            EXPECT_EQ(db->integer("SELECT number FROM probes").value_or(0), probes) << "after " << steps << " steps";
        }
    }
    EXPECT_EQ(found, 1) << "after " << steps << " steps";
    return !ended || steps == 0;
}

TEST(put_aside, killed_at_any_step_leaves_no_older_whole) {
    for (bool const with_log : {true, false}) {
        int steps = 0;
        while (survives_a_kill_after(steps, with_log) && !testing::Test::HasFailure()) ++steps;
        EXPECT_GE(steps, with_log ? 3 : 1);
    }
}

}  // namespace
}  // namespace pushgateway::test
