// The server with --persistence.file whose folder and files are taken from it: permissions, immutable, moved, replaced.

#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "server/persistence_fixture.hpp"
#include "support/child_process.hpp"
#include "support/gateway_process.hpp"
#include "support/http_client.hpp"

namespace pushgateway {
namespace {

using test::scrape;
namespace fs = std::filesystem;

/// Makes a file immutable, or not; false where the file system or the system does not let it be.
bool set_immutable(fs::path const& path, bool on) {
    int const descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    int flags = 0;
    bool done = descriptor >= 0 && ::ioctl(descriptor, FS_IOC_GETFLAGS, &flags) == 0;
    flags = on ? flags | FS_IMMUTABLE_FL : flags & ~FS_IMMUTABLE_FL;
    done = done && ::ioctl(descriptor, FS_IOC_SETFLAGS, &flags) == 0;
    if (descriptor >= 0) ::close(descriptor);
    return done;
}

class persistence_disk : public test::persistence_fixture {
protected:
    ~persistence_disk() override {
        // What a test that failed leaves behind.
        std::error_code ignored;
        fs::permissions(folder, fs::perms::owner_all, ignored);
        set_immutable(log(), false);
        fs::remove_all(folder.string() + "_elsewhere", ignored);
    }

    /// Starts the server without root's right to pass over permissions; nothing if that cannot be.
    [[nodiscard]] std::vector<std::string> ordinary() const {
        auto all = arguments();
        if (::geteuid() != 0) return all;
        std::vector<std::string> bounded{"/usr/bin/setpriv", "--inh-caps=-all",
                                         "--bounding-set=-dac_override,-dac_read_search"};
        auto probe = bounded;
        probe.insert(probe.end(), {"/bin/cat", (folder / "secret").string()});
        std::ofstream(folder / "secret").close();
        fs::permissions(folder / "secret", fs::perms::none);
        auto child = test::child_process::start(probe);
        // 1 is what cat says of a file that it may not read.
        bool const bound = child && child->exit_code(std::chrono::seconds(20)) == 1;
        fs::remove(folder / "secret");
        if (!bound) return {};
        all.insert(all.begin(), bounded.begin(), bounded.end());
        return all;
    }

    /// Takes the disk away from a server that holds a group, and gives it back.
    void survives(std::function<void()> const& take, std::function<void()> const& give, std::string const& why) {
        test::logged_process daemon(arguments());
        test::http_client client("127.0.0.1", daemon.wait_for_port());
        ASSERT_TRUE(daemon.wait_for_line("changes are being kept"));
        ASSERT_EQ(client.send("PUT", "/metrics/job/a", {}, "before 1\n")->status, 200);
        auto const before = scrape(client);
        take();
        for (auto const* const method : {"PUT", "POST", "DELETE"}) {
            std::string const body = *method == 'D' ? "" : "refused 1\n";
            auto const refused = client.send(method, "/metrics/job/a", {}, body);
            ASSERT_TRUE(refused);
            EXPECT_EQ(refused->status, 503) << method;
            EXPECT_TRUE(refused->header("Retry-After"));
            EXPECT_NE(refused->body.find(why), std::string::npos) << refused->body;
            EXPECT_EQ(scrape(client), before);
        }
        auto const ready = client.send("GET", "/-/ready");
        EXPECT_EQ(ready->status, 503);
        EXPECT_NE(ready->body.find(why), std::string::npos) << ready->body;
        EXPECT_EQ(client.send("GET", "/-/healthy")->status, 200);
        auto const line = daemon.wait_for_line("changes cannot be kept");
        ASSERT_TRUE(line);
        EXPECT_NE(line->find(why), std::string::npos) << *line;
        give();
        ASSERT_TRUE(daemon.wait_for_line("changes are being kept"));
        EXPECT_EQ(client.send("GET", "/-/ready")->status, 200);
        EXPECT_EQ(scrape(client), before);
        EXPECT_EQ(client.send("PUT", "/metrics/job/b", {}, "after 1\n")->status, 200);
        auto const after = scrape(client);
        daemon.signal(SIGKILL);
        daemon.exit_code();
        holds(after);
    }

    /// A new server on the file shows this.
    void holds(std::string const& expected) const {
        test::logged_process again(arguments());
        test::http_client client("127.0.0.1", again.wait_for_port());
        ASSERT_TRUE(again.wait_for_line("changes are being kept"));
        EXPECT_EQ(scrape(client), expected);
    }

    [[nodiscard]] fs::path log() const { return file.string() + "-wal"; }
};

/// A command under which another one has a disk of its own in `folder`, of so many bytes; nothing if that cannot be.
std::vector<std::string> on_small_disk(std::string const& folder, std::size_t bytes, std::vector<std::string> command) {
    std::vector<std::string> out{"/usr/bin/unshare", "--mount"};
    if (::geteuid() != 0) out.emplace_back("--map-root-user");
    out.insert(out.end(), {"/bin/sh", "-c",
                           "mount -t tmpfs -o size=" + std::to_string(bytes) + R"( none "$0" && exec "$@")", folder});
    auto probe = out;
    probe.emplace_back("/bin/true");
    auto child = test::child_process::start(probe);
    if (!child || child->exit_code(std::chrono::seconds(20)) != 0) return {};
    out.insert(out.end(), command.begin(), command.end());
    return out;
}

TEST_F(persistence_disk, a_full_one_takes_deletions_and_a_wipe) {
    constexpr std::size_t size = std::size_t{48} << 20;
    auto const command = on_small_disk(folder.string(), size, arguments({"--web.enable-admin-api"}));
    if (command.empty()) GTEST_SKIP() << "no file system can be mounted here";
    test::logged_process daemon(command);
    test::http_client client("127.0.0.1", daemon.wait_for_port());
    ASSERT_TRUE(daemon.wait_for_line("changes are being kept"));
    auto const put = [&](int i) {
        std::string body;
        for (int k = 0; k != 100; ++k) {
            body += "m{number=\"" + std::to_string(k) + "\",text=\"" + std::string(5000, 'x') + "\"} 1\n";
        }
        return client.send("PUT", "/metrics/job/j" + std::to_string(i), {}, body)->status;
    };
    auto const fill = [&](int from = 0) {
        int next = from;
        while (next != from + 1000 && put(next) == 200) ++next;
        return next - from;
    };
    auto const groups = fill();
    ASSERT_GT(groups, 5);
    ASSERT_LT(groups, 1000) << "the disk is not full";
    EXPECT_TRUE(daemon.wait_for_line("changes cannot be kept"));
    EXPECT_EQ(put(groups), 503);
    EXPECT_EQ(client.send("DELETE", "/metrics/job/j0")->status, 202);
    EXPECT_EQ(client.send("DELETE", "/metrics/job/j1")->status, 202);
    fill(groups);  // into what was deleted
    EXPECT_EQ(client.send("PUT", "/api/v1/admin/wipe")->status, 202);
    EXPECT_EQ(scrape(client), "");
    // How much fits in depends on where the log ends when the disk is full.
    EXPECT_GE(fill(), groups / 3) << "the space is there again";
    EXPECT_EQ(client.send("PUT", "/api/v1/admin/wipe")->status, 202);
    daemon.signal(SIGTERM);
    EXPECT_EQ(daemon.exit_code(), 0);
}

TEST_F(persistence_disk, the_file_may_be_a_symbolic_link) {
    auto const real = folder / "elsewhere" / "real.db";
    fs::create_directory(folder / "elsewhere");
    fs::create_symlink(real, file);
    std::string shown;
    for (int i = 0; i != 2; ++i) {
        test::logged_process daemon(arguments());
        test::http_client client("127.0.0.1", daemon.wait_for_port());
        ASSERT_TRUE(daemon.wait_for_line("changes are being kept"));
        EXPECT_EQ(scrape(client), shown);
        ASSERT_EQ(client.send("PUT", "/metrics/job/a" + std::to_string(i), {}, "a 1\n")->status, 200);
        shown = scrape(client);
        daemon.signal(i == 0 ? SIGKILL : SIGTERM);
        daemon.exit_code();
    }
    EXPECT_TRUE(fs::is_symlink(file));
    EXPECT_TRUE(fs::is_regular_file(real));
    holds(shown);
}

TEST_F(persistence_disk, a_read_only_folder_stops_the_start_and_is_told) {
    auto const command = ordinary();
    if (command.empty()) GTEST_SKIP() << "root's rights cannot be given up here";
    for (bool const with_file : {false, true}) {
        if (with_file) {
            test::logged_process daemon(arguments());
            test::http_client client("127.0.0.1", daemon.wait_for_port());
            ASSERT_TRUE(daemon.wait_for_line("changes are being kept"));
            ASSERT_EQ(client.send("PUT", "/metrics/job/a", {}, "before 1\n")->status, 200);
            daemon.signal(SIGTERM);
            ASSERT_EQ(daemon.exit_code(), 0);
        }
        auto const before = bytes();
        fs::permissions(folder, fs::perms::owner_read | fs::perms::owner_exec);
        test::logged_process refused(command);
        auto const line = refused.wait_for_line("cannot use the persistence file");
        ASSERT_TRUE(line);
        EXPECT_NE(line->find(with_file ? "readonly database" : "-lock: Permission denied"), std::string::npos) << *line;
        EXPECT_NE(line->find("kept.db"), std::string::npos) << *line;
        EXPECT_EQ(refused.exit_code(), 1);
        EXPECT_EQ(bytes(), before);
        fs::permissions(folder, fs::perms::owner_all);
    }
}

TEST_F(persistence_disk, permissions_taken_away_later_lose_nothing) {
    auto const command = ordinary();
    if (command.empty()) GTEST_SKIP() << "root's rights cannot be given up here";
    test::logged_process daemon(command);
    test::http_client client("127.0.0.1", daemon.wait_for_port());
    ASSERT_TRUE(daemon.wait_for_line("changes are being kept"));
    for (auto const& path : {file, log()}) fs::permissions(path, fs::perms::none);
    fs::permissions(folder, fs::perms::owner_read | fs::perms::owner_exec);
    // The files are open already; what is kept or not is what the answer says.
    auto const reply = client.send("PUT", "/metrics/job/a", {}, "without_permission 1\n");
    ASSERT_TRUE(reply);
    auto const shown = scrape(client);
    EXPECT_EQ(shown.find("without_permission{") != std::string::npos, reply->status == 200);
    EXPECT_EQ(client.send("GET", "/-/ready")->status, reply->status);
    daemon.signal(SIGKILL);
    daemon.exit_code();
    fs::permissions(folder, fs::perms::owner_all);
    for (auto const& path : {file, log()}) fs::permissions(path, fs::perms::owner_read | fs::perms::owner_write);
    holds(shown);
}

TEST_F(persistence_disk, a_log_that_may_not_be_written_any_more) {
    std::ofstream(folder / "probe").close();
    if (!set_immutable(folder / "probe", true)) GTEST_SKIP() << "no file can be made immutable here";
    bool const works = std::fopen((folder / "probe").c_str(), "a") == nullptr;
    ASSERT_TRUE(set_immutable(folder / "probe", false));
    if (!works) GTEST_SKIP() << "immutable files can be written here";
    survives([this] { ASSERT_TRUE(set_immutable(log(), true)); }, [this] { ASSERT_TRUE(set_immutable(log(), false)); },
             "Operation not permitted");
}

TEST_F(persistence_disk, a_file_that_was_moved_away) {
    survives([this] { fs::rename(file, folder / "elsewhere"); }, [this] { fs::rename(folder / "elsewhere", file); },
             "kept.db: gone while it is in use");
}

TEST_F(persistence_disk, a_log_that_was_moved_away) {
    survives([this] { fs::rename(log(), folder / "elsewhere"); }, [this] { fs::rename(folder / "elsewhere", log()); },
             "kept.db-wal: gone while it is in use");
}

TEST_F(persistence_disk, a_file_that_was_replaced) {
    survives(
        [this] {
            fs::rename(file, folder / "elsewhere");
            fs::copy(folder / "elsewhere", file);
        },
        [this] { fs::rename(folder / "elsewhere", file); }, "kept.db: replaced by another file");
}

TEST_F(persistence_disk, a_folder_that_vanished) {
    auto const elsewhere = folder.string() + "_elsewhere";
    survives([&] { fs::rename(folder, elsewhere); }, [&] { fs::rename(elsewhere, folder); },
             "kept.db: gone while it is in use");
}

TEST_F(persistence_disk, groups_of_a_file_that_was_deleted_can_be_saved_from_memory) {
    test::logged_process daemon(arguments());
    auto const port = daemon.wait_for_port();
    test::http_client client("127.0.0.1", port);
    ASSERT_TRUE(daemon.wait_for_line("changes are being kept"));
    ASSERT_EQ(client.send("PUT", "/metrics/job/a", {}, "before 1\n")->status, 200);
    auto const shown = scrape(client);
    for (auto const* const suffix : {"", "-wal", "-shm", "-lock"}) fs::remove(file.string() + suffix);
    EXPECT_EQ(client.send("PUT", "/metrics/job/a", {}, "refused 1\n")->status, 503);
    auto import = test::child_process::start({PUSHGATEWAY_BINARY, "import", "--persistence.file=" + file.string(),
                                              "http://127.0.0.1:" + std::to_string(port)});
    ASSERT_TRUE(import);
    EXPECT_EQ(import->exit_code(std::chrono::seconds(60)), 0);
    // The new file is not this server's.
    auto const refused = client.send("PUT", "/metrics/job/a", {}, "refused 1\n");
    EXPECT_EQ(refused->status, 503);
    EXPECT_NE(refused->body.find("replaced by another file"), std::string::npos) << refused->body;
    daemon.signal(SIGTERM);
    EXPECT_EQ(daemon.exit_code(), 0);
    holds(shown);
}

TEST_F(persistence_disk, a_lock_that_was_removed_is_taken_again) {
    test::logged_process daemon(arguments());
    test::http_client client("127.0.0.1", daemon.wait_for_port());
    ASSERT_TRUE(daemon.wait_for_line("changes are being kept"));
    fs::remove(file.string() + "-lock");
    EXPECT_EQ(client.send("PUT", "/metrics/job/a", {}, "a 1\n")->status, 200);
    test::logged_process second(arguments());
    EXPECT_TRUE(second.wait_for_line("another process is using this file"));
    EXPECT_EQ(second.exit_code(), 1);
    EXPECT_EQ(client.send("PUT", "/metrics/job/a", {}, "a 2\n")->status, 200);
}

TEST_F(persistence_disk, a_log_without_its_file_is_damage) {
    {
        test::logged_process daemon(arguments());
        test::http_client client("127.0.0.1", daemon.wait_for_port());
        ASSERT_TRUE(daemon.wait_for_line("changes are being kept"));
        ASSERT_EQ(client.send("PUT", "/metrics/job/a", {}, "before 1\n")->status, 200);
        daemon.signal(SIGKILL);
        daemon.exit_code();
    }
    fs::rename(file, folder / "elsewhere");
    {
        test::logged_process refused(arguments());
        auto const line = refused.wait_for_line("cannot use the persistence file");
        ASSERT_TRUE(line);
        EXPECT_NE(line->find("kept.db: the file is gone, and its log"), std::string::npos) << *line;
        EXPECT_EQ(refused.exit_code(), 1);
    }
    EXPECT_FALSE(fs::exists(file));
    fs::rename(folder / "elsewhere", file);
    test::logged_process daemon(arguments());
    test::http_client client("127.0.0.1", daemon.wait_for_port());
    ASSERT_TRUE(daemon.wait_for_line("changes are being kept"));
    EXPECT_NE(scrape(client).find("before{"), std::string::npos);
}

}  // namespace
}  // namespace pushgateway
