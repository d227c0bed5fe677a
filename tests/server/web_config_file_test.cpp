#include <atomic>
#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <support/scratch_folder.hpp>
#include <sys/stat.h>

#include <pushgateway/server/web_config_file.hpp>

namespace pushgateway::server {
namespace {

using namespace std::chrono_literals;

std::string const hash = "$2y$10$X0h1gDsPszWURQaxFh.zoubFi6DXncSjhoQNJgRrnGs7EsimhC7zG";

std::string users(std::string const& names) {
    std::string out = "basic_auth_users:\n";
    for (char const name : names) out += std::string("  ") + name + ": " + hash + '\n';
    return out;
}

std::string names_in(web_config_file& file) {
    auto const config = file.current();
    if (!config) return "! " + config.error().message;
    std::string out;
    for (auto const& [name, rule] : (*config)->rules.users) out += name;
    return out;
}

struct web_config_file_test : testing::Test {
    test::scratch_folder folder;
    std::string const path = folder.path_of("web.yml");
    std::vector<std::string> failures;
    int changes = 0;
    std::chrono::steady_clock::time_point now{1s};

    web_config_events events() {
        web_config_events out;
        out.failed = [this](error const& why) { failures.push_back(why.message); };
        out.changed = [this] { ++changes; };
        out.now = [this] { return now; };
        return out;
    }
};

TEST_F(web_config_file_test, follows_the_file) {
    folder.write("web.yml", users("ab"));
    web_config_file file(path, events());
    EXPECT_EQ(names_in(file), "ab");
    EXPECT_EQ(names_in(file), "ab");
    EXPECT_EQ(file.times_parsed(), 1U);
    folder.write("web.yml", users("b"));
    EXPECT_EQ(names_in(file), "b");
    folder.exchange("web.yml", users("bc"));
    EXPECT_EQ(names_in(file), "bc");
    EXPECT_EQ(file.times_parsed(), 3U);
    EXPECT_EQ(changes, 3);
    EXPECT_TRUE(failures.empty());
}

TEST_F(web_config_file_test, sees_changes_that_leave_the_size_and_come_at_once) {
    folder.write("web.yml", users("a"));
    web_config_file file(path, events());
    for (int i = 0; i != 200; ++i) {
        std::string const name(1, static_cast<char>('a' + i % 26));
        folder.write("web.yml", users(name));
        ASSERT_EQ(names_in(file), name);
    }
}

TEST_F(web_config_file_test, hands_out_one_configuration_as_long_as_nothing_changes) {
    folder.write("web.yml", users("a"));
    web_config_file file(path, events());
    auto const first = file.current().value();
    EXPECT_EQ(file.current().value(), first);
    folder.exchange("web.yml", users("a"));
    EXPECT_EQ(file.current().value(), first) << "the same text again";
    EXPECT_TRUE(file.reload());
    EXPECT_EQ(file.current().value(), first);
    folder.exchange("web.yml", users("b"));
    EXPECT_NE(file.current().value(), first);
    EXPECT_EQ(first->rules.users.count("a"), 1U) << "who holds the old one keeps it";
}

TEST_F(web_config_file_test, follows_a_link_as_of_a_mounted_secret) {
    namespace fs = std::filesystem;
    for (auto const* name : {"one", "two"}) {
        fs::create_directory(folder.path_of(name));
        folder.write(std::string(name) + "/web.yml", users(std::string(1, name[0])));
    }
    fs::create_directory_symlink("one", folder.path_of("data"));
    fs::create_symlink("data/web.yml", path);
    web_config_file file(path, events());
    EXPECT_EQ(names_in(file), "o");
    fs::create_directory_symlink("two", folder.path_of("data_tmp"));
    fs::rename(folder.path_of("data_tmp"), folder.path_of("data"));
    EXPECT_EQ(names_in(file), "t");
}

TEST_F(web_config_file_test, is_an_error_when_it_is_broken_or_gone) {
    folder.write("web.yml", users("a"));
    web_config_file file(path, events());
    EXPECT_EQ(names_in(file), "a");
    folder.write("web.yml", "basic_auth_users: {a: b}");
    auto const broken = "! " + path +
                        ": line 1, column 23: basic_auth_users.a is not a bcrypt hash, which begins with "
                        "$2a$, $2b$ or $2y$";
    EXPECT_EQ(names_in(file), broken);
    EXPECT_EQ(names_in(file), broken);
    EXPECT_EQ(file.reload().error().message, broken.substr(2));
    folder.write("web.yml", users("c"));
    EXPECT_EQ(names_in(file), "c");
    std::filesystem::remove(path);
    EXPECT_EQ(names_in(file), "! open " + path + ": No such file or directory");
    EXPECT_EQ(file.current().error().code, errc::unavailable);
    folder.write("web.yml", users("c"));
    EXPECT_EQ(names_in(file), "c");
    EXPECT_EQ(failures.size(), 2U);
}

TEST_F(web_config_file_test, is_refused_when_it_is_no_file) {
    web_config_file of_folder(folder.path_of("."), events());
    EXPECT_EQ(names_in(of_folder), "! open " + folder.path_of(".") + ": it is no regular file");
    ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
    web_config_file of_pipe(path, events());
    EXPECT_EQ(names_in(of_pipe), "! open " + path + ": it is no regular file");
    web_config_file too_large(folder.write("large", std::string(2 << 20, '#')), events());
    EXPECT_EQ(names_in(too_large), "! " + folder.path_of("large") + ": the file is larger than 1048576 bytes");
}

TEST_F(web_config_file_test, is_complained_about_once_a_minute) {
    folder.write("web.yml", "x: 1");
    web_config_file file(path, events());
    auto const ask = [&] {
        for (int i = 0; i != 10; ++i) (void)file.current();
    };
    ask();
    EXPECT_EQ(failures.size(), 1U);
    now += 59s;
    ask();
    EXPECT_EQ(failures.size(), 1U);
    now += 1s;
    ask();
    EXPECT_EQ(failures.size(), 2U);
    folder.write("web.yml", "y: 1");
    ask();
    EXPECT_EQ(failures.size(), 3U) << "another reason";
    folder.write("web.yml", users("a"));
    ask();
    folder.write("web.yml", "y: 1");
    ask();
    EXPECT_EQ(failures.size(), 4U) << "broken again";
}

TEST_F(web_config_file_test, reads_relative_paths_from_its_own_folder) {
    folder.write("web.yml", "tls_server_config: {cert_file: a.pem, key_file: /b.pem}");
    web_config_file file(path, events());
    EXPECT_EQ(file.current().value()->tls->certificate_file, folder.path_of("a.pem"));
    EXPECT_EQ(file.current().value()->tls->key_file, "/b.pem");
}

TEST_F(web_config_file_test, is_asked_by_several_threads_while_it_changes) {
    folder.write("web.yml", users("a"));
    web_config_file file(path, {});
    std::atomic<bool> done = false;
    std::atomic<int> odd = 0;
    std::vector<std::jthread> threads;
    for (int i = 0; i != 3; ++i) {
        threads.emplace_back([&] {
            while (!done) {
                auto const names = names_in(file);
                if (names != "a" && names != "bc") ++odd;
            }
        });
    }
    for (int i = 0; i != 100; ++i) {
        folder.exchange("web.yml", users(i % 2 == 0 ? "bc" : "a"));
        EXPECT_EQ(names_in(file), i % 2 == 0 ? "bc" : "a");
    }
    done = true;
    threads.clear();
    EXPECT_EQ(odd, 0);
}

}  // namespace
}  // namespace pushgateway::server
