#include <chrono>
#include <filesystem>
#include <memory>
#include <string>

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <pushgateway/http/tls/context_cache.hpp>

#include "support/certificates.hpp"
#include "support/comes_true.hpp"
#include "support/scratch_folder.hpp"

namespace pushgateway::http {
namespace {

using namespace std::chrono_literals;
using cache = detail::tls_context_cache;

/// Certificate and key in files.
class tls_cache : public ::testing::Test {
protected:
    void renew(std::string const& name) {
        auto const made = test::make_server_certificate(name);
        put("server.crt", made.pem);
        put("server.key", made.key_pem);
    }
    void put(std::string const& name, std::string const& text) { folder.write(name, text); }

    tls_settings files() const {
        tls_settings out;
        out.certificate_file = folder.path_of("server.crt");
        out.key_file = folder.path_of("server.key");
        return out;
    }
    std::string name_of(cache::context const& context) const {
        if (!context) return context.error().message;
        char text[256] = "";
        X509_NAME_get_text_by_NID(X509_get_subject_name(SSL_CTX_get0_certificate((*context)->native())), NID_commonName,
                                  text, sizeof text);
        return text;
    }

    test::scratch_folder folder;
    std::shared_ptr<tls_settings const> settings = std::make_shared<tls_settings const>(files());
    cache contexts{[this]() -> result<std::shared_ptr<tls_settings const>> { return settings; }};
    cache::steady::time_point start = cache::steady::now();
};

TEST_F(tls_cache, sees_new_files) {
    renew("one");
    EXPECT_EQ(name_of(contexts.current()), "one");
    renew("two");
    EXPECT_EQ(name_of(contexts.current()), "two");
}

TEST_F(tls_cache, sees_every_one_of_quick_changes) {
    // Of the same size, and many in one tick of the clock that file systems go by: before Linux 6.13 their stamps are
    // the same.
    auto const both = [](std::string const& name) {
        auto const made = test::make_server_certificate(name);
        return made.pem + made.key_pem;
    };
    auto const even = both("even");
    auto odd = both("odd.");
    while (odd.size() != even.size()) odd = both("odd.");
    auto changed = files();
    changed.key_file = changed.certificate_file;
    settings = std::make_shared<tls_settings const>(changed);
    for (int i = 0; i < 100; ++i) {
        put("server.crt", i % 2 == 0 ? even : odd);
        ASSERT_EQ(name_of(contexts.current()), i % 2 == 0 ? "even" : "odd.") << i;
    }
}

TEST_F(tls_cache, sees_a_secret_exchanged_by_a_symbolic_link) {
    auto const one = test::make_server_certificate("one");
    auto const two = test::make_server_certificate("two");
    for (auto const* const which : {&one, &two}) {
        std::string const name = which == &one ? "first" : "second";
        std::filesystem::create_directory(folder.path_of(name));
        put(name + "/tls.crt", which->pem);
        put(name + "/tls.key", which->key_pem);
    }
    std::filesystem::create_directory_symlink("first", folder.path_of("data"));
    auto changed = files();
    changed.certificate_file = folder.path_of("data/tls.crt");
    changed.key_file = folder.path_of("data/tls.key");
    settings = std::make_shared<tls_settings const>(changed);
    EXPECT_EQ(name_of(contexts.current()), "one");
    std::filesystem::create_directory_symlink("second", folder.path_of("data.new"));
    std::filesystem::rename(folder.path_of("data.new"), folder.path_of("data"));
    EXPECT_EQ(name_of(contexts.current()), "two");
}

TEST_F(tls_cache, does_not_go_on_with_what_was_there_before) {
    renew("one");
    EXPECT_EQ(name_of(contexts.current()), "one");
    put("server.crt", "nonsense");
    EXPECT_EQ(name_of(contexts.current()),
              "cert_file (" + folder.path_of("server.crt") + "): no certificate in PEM form is there");
    std::filesystem::remove(folder.path_of("server.crt"));
    EXPECT_EQ(name_of(contexts.current()),
              "failed to read cert_file (" + folder.path_of("server.crt") + "): No such file or directory");
    renew("two");
    EXPECT_EQ(name_of(contexts.current()), "two");
}

TEST_F(tls_cache, passes_on_why_there_are_no_settings) {
    renew("one");
    bool broken = false;
    cache other{[&]() -> result<std::shared_ptr<tls_settings const>> {
        if (broken) return fail(errc::syntax, "line 3");
        return settings;
    }};
    EXPECT_EQ(name_of(other.current()), "one");
    broken = true;
    EXPECT_EQ(name_of(other.current()), "line 3");
    broken = false;
    EXPECT_EQ(name_of(other.current()), "one");
}

TEST_F(tls_cache, sees_new_settings) {
    auto one = std::make_shared<tls_settings>();
    auto const made = test::make_server_certificate("one");
    one->certificate = made.pem;
    one->key = made.key_pem;
    settings = one;
    auto const first = contexts.current();
    EXPECT_EQ(name_of(first), "one");
    // Equal ones are no reason to begin anew.
    settings = std::make_shared<tls_settings const>(*one);
    EXPECT_EQ(contexts.current(), first);
    auto other = *one;
    other.lowest = tls_version::tls13;
    settings = std::make_shared<tls_settings const>(other);
    EXPECT_NE(contexts.current(), first);
}

/// Waits until a file is old enough for its stamp to be trusted.
void let_age(std::string const& path) {
    ASSERT_TRUE(test::comes_true([&path] {
        auto const now = std::chrono::system_clock::now().time_since_epoch();
        return file_stamp::of(path).changed + 200'000'000 <=
               std::chrono::duration_cast<std::chrono::nanoseconds>(now).count();
    }));
}

TEST_F(tls_cache, reads_no_file_as_long_as_nothing_changes) {
    renew("one");
    let_age(folder.path_of("server.key"));
    auto const first = contexts.current(start);
    EXPECT_EQ(name_of(first), "one");
    // Reading would tell by the time of the last access, if the file system keeps it; the object tells in any case.
    for (int i = 0; i < 100; ++i) ASSERT_EQ(contexts.current(start + i * 1s), first);
    EXPECT_EQ(contexts.current(start + cache::longest_use - 1s), first);
    EXPECT_NE(contexts.current(start + cache::longest_use), first);
}

TEST_F(tls_cache, tries_again_after_a_failure_that_may_be_a_passing_one) {
    renew("one");
    let_age(folder.path_of("server.key"));
    // As if there were no descriptor left.
    rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
    rlimit none = before;
    none.rlim_cur = 0;
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
    auto const failed = name_of(contexts.current(start));
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
    EXPECT_EQ(failed, "failed to read cert_file (" + folder.path_of("server.crt") + "): Too many open files");
    EXPECT_EQ(name_of(contexts.current(start + 999ms)), failed);
    EXPECT_EQ(name_of(contexts.current(start + 1s)), "one");
}

}  // namespace
}  // namespace pushgateway::http
